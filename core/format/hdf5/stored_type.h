/* Stored types: an HDF5 datatype as a tree that says how the bytes in a file become the cells of an ExpDtype.
 * Knows HDF5's datatypes; knows neither datasets nor where variable-length data lies.
 * Built here once for each distinct type, used by read.c and attribute.c, followed by decode.c. */
#pragma once

#include "hdf5_lock.h"
#include "stored_number.h"

G_BEGIN_DECLS

typedef enum
{
  EXP_STORED_PLAIN,      /* the bytes are the cell */
  EXP_STORED_NUMBER,     /* decoded by exp_stored_number_decode */
  EXP_STORED_COMPOUND,   /* members at their offsets */
  EXP_STORED_ARRAY,      /* n of base */
  EXP_STORED_VLEN,       /* length, and where n of base lie */
  EXP_STORED_VSTRING,    /* the same, of bytes */
  EXP_STORED_OBJECT_REF, /* an object's address */
  EXP_STORED_REGION_REF, /* where an address and a selection lie */
} ExpStoredKind;

/* How cells of variable length are stored. */
typedef enum
{
  /* As the file has them: a 32-bit length, an address of sizeof_address bytes, a 32-bit index into a global heap. */
  EXP_CELLS_IN_FILE,
  /* As HDF5 hands them out: hvl_t and char *, to be reclaimed with memory_id. For virtual datasets, whose cells come
   * out of other files. */
  EXP_CELLS_IN_MEMORY,
} ExpStoredCells;

typedef struct _ExpStoredType ExpStoredType;

typedef struct
{
  ExpStoredType *type;
  gsize stored_offset, offset; /* in the stored compound, in the cell */
} ExpStoredMember;

/* Immutable once made. */
struct _ExpStoredType
{
  gatomicrefcount references;
  ExpStoredKind kind;
  ExpDtype *dtype;
  gsize stored_size;
  hid_t memory_id; /* what H5Dread and H5Aread are to be asked for so that they deliver stored bytes; the tree's root */
  ExpStoredCells cells; /* VLEN, VSTRING */
  guint64 n;            /* ARRAY */
  ExpStoredType *base;  /* ARRAY, VLEN */
  guint n_members;      /* COMPOUND */
  ExpStoredMember *members;
  ExpStoredNumber number; /* NUMBER */
};

/* The stored type of `id` (of a dataset or attribute), from a cache of equal types; a new reference. Under the HDF5
 * lock. `sizeof_address` is the file's. EXP_ERROR_UNSUPPORTED or EXP_ERROR_DAMAGED. */
ExpStoredType *exp_stored_type_get (hid_t id, guint sizeof_address, ExpStoredCells cells, GError **error);

/* The same for a datatype message, `size` bytes; not under the HDF5 lock. For cells in the file. */
ExpStoredType *exp_stored_type_get_encoded (const guint8 *message, gsize size, guint sizeof_address, GError **error);

ExpStoredType *exp_stored_type_ref (ExpStoredType *type);
/* Not under the HDF5 lock, which it may take. */
void exp_stored_type_unref (ExpStoredType *type);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (ExpStoredType, exp_stored_type_unref)

G_END_DECLS
