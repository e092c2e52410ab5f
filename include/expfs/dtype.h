/* Types of array elements: what one element of a dataset or attribute is, and how its bytes lie in memory.
 * Format-neutral: formats map their own types onto these, views print them. Knows no file format. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

#define EXP_MAX_RANK 32

/* h5py reads opaque elements with a tag only when it is one of its own, of NumPy's type behind "NUMPY:" (h5py's
 * opaque_dtype), and writes this one for nobody who does not ask for it. */
#define EXP_FILE_BYTE_TAG "NUMPY:|V1"

typedef enum
{
  EXP_TYPE_BOOL,      /* one byte, 0 is false */
  EXP_TYPE_INT,       /* two's complement of `size` bytes: 1, 2, 4, 8, or more for very wide integers */
  EXP_TYPE_UINT,      /* the same, unsigned */
  EXP_TYPE_FLOAT,     /* IEEE 754 binary16, 32, 64 by size 2, 4, 8; size 16: see `is_quad` */
  EXP_TYPE_COMPLEX,   /* real and imaginary part, each a FLOAT of size / 2 */
  EXP_TYPE_STRING,    /* `size` bytes, padded as `pad` says */
  EXP_TYPE_VSTRING,   /* an ExpVlen of bytes: length and data, no terminator counted */
  EXP_TYPE_ENUM,      /* `base` is an INT or UINT; members name values */
  EXP_TYPE_BITFIELD,  /* `size` bytes, an unsigned number shown in hexadecimal */
  EXP_TYPE_OPAQUE,    /* `size` bytes without meaning */
  EXP_TYPE_REFERENCE, /* an ExpVlen of bytes: the path that it points to, empty for a null reference */
  EXP_TYPE_COMPOUND,  /* members at their offsets; gaps are padding */
  EXP_TYPE_ARRAY,     /* a fixed array of `base`, `dims`, C order */
  EXP_TYPE_VLEN,      /* an ExpVlen of `length` elements of `base`, C order */
} ExpTypeClass;

typedef enum
{
  EXP_PAD_NUL_TERMINATED, /* ends at the first NUL, if any */
  EXP_PAD_NUL,            /* trailing NULs are padding */
  EXP_PAD_SPACE,          /* trailing spaces are padding */
} ExpStringPad;

/* A cell of variable length inside an ExpArray's data, native byte order of this machine; `data` lives in the
 * array's heap (exp_array_allocate) and dies with the array. `length` counts elements of the type's base, bytes
 * for VSTRING and REFERENCE; `data` may be NULL when it is 0. */
typedef struct
{
  gsize length;
  gpointer data;
} ExpVlen;

typedef struct _ExpDtype ExpDtype;

typedef struct
{
  char *name;      /* bytes as stored, UTF-8 as a rule */
  ExpDtype *dtype; /* owned */
  gsize offset;    /* bytes from the start of the compound */
} ExpMember;

typedef struct
{
  char *name;
  gint64 value; /* for an unsigned base, the same bits */
} ExpEnumMember;

/* Immutable once made; shared between threads by reference counting. Fields may be read, never written. */
struct _ExpDtype
{
  gatomicrefcount references;
  ExpTypeClass type;
  gsize size;          /* bytes of one element in an ExpArray, never 0 but for an empty compound or STRING */
  gboolean big_endian; /* INT, UINT, FLOAT, COMPLEX, BITFIELD; an ENUM's order is its base's */
  gboolean is_quad;    /* FLOAT of 16, COMPLEX of 32: IEEE binary128 when TRUE, else x87 80-bit extended in 16 bytes */
  ExpStringPad pad;    /* STRING */
  gboolean is_utf8;    /* STRING, VSTRING: declared UTF-8; else ASCII or unknown bytes */
  gboolean is_ucs4; /* STRING of `size` / 4 little-endian code points, as NumPy's U: only in the type of an NPY file */
  guint n_characters; /* VSTRING: NPY files of it have room for at least that many; weighs nothing in comparisons */
  gboolean is_region; /* REFERENCE: to elements of a dataset, "/path[0:2,3]"; else to an object */
  ExpDtype *base;     /* ENUM, ARRAY, VLEN */
  guint n_dims;       /* ARRAY */
  guint64 dims[EXP_MAX_RANK];
  guint n_members; /* COMPOUND */
  ExpMember *members;
  guint n_enum_members; /* ENUM */
  ExpEnumMember *enum_members;
  char *tag; /* OPAQUE; of exp_dtype_new_moment NumPy's name behind the order, "M8[ns]"; may be NULL */
};

/* Constructors return a new reference. Those that take an ExpDtype take over its reference; names are copied. */
ExpDtype *
exp_dtype_new_number (ExpTypeClass type, gsize size, gboolean big_endian); /* BOOL INT UINT FLOAT COMPLEX BITFIELD */
ExpDtype *exp_dtype_new_quad (gboolean is_complex, gboolean big_endian);
ExpDtype *exp_dtype_new_string (gsize size, ExpStringPad pad, gboolean is_utf8);
ExpDtype *exp_dtype_new_vstring (gboolean is_utf8);
ExpDtype *exp_dtype_new_reference (gboolean is_region);
ExpDtype *exp_dtype_new_opaque (gsize size, const char *tag);
/* NumPy's moments and spans of time: `tag` is "M8[ns]", "m8[25s]", "M8" and their like. Moments of the calendar are
 * STRINGs of ISO 8601, which NPY files and x.raw have as NumPy does, in the given order; spans, and counts of shorter
 * units and of none, are INTs of 8 bytes. NULL for what NumPy has no unit for. */
ExpDtype *exp_dtype_new_moment (const char *tag, gboolean big_endian);
/* TRUE for STRINGs of exp_dtype_new_moment. */
gboolean exp_dtype_is_moment (const ExpDtype *dtype);
/* A byte of a file that is kept in a store as it is: OPAQUE of one byte whose tag is EXP_FILE_BYTE_TAG. A row of them
 * is shown as the file (ExpInfo.is_bytes). */
ExpDtype *exp_dtype_new_file_byte (void);
gboolean exp_dtype_is_file_byte (const ExpDtype *dtype);
/* The type that NumPy names with a letter of "biufcSV" and a size, which may be 0 for "S"; NULL for none. */
ExpDtype *exp_dtype_new_numpy (char letter, guint64 size, gboolean big_endian);
ExpDtype *exp_dtype_new_enum (ExpDtype *base, guint n_members, const ExpEnumMember *members);
ExpDtype *exp_dtype_new_vlen (ExpDtype *base);
/* NULL and EXP_ERROR_DAMAGED when the product of dims and size overflows; base is released then. */
ExpDtype *exp_dtype_new_array (ExpDtype *base, guint n_dims, const guint64 *dims, GError **error);
/* A compound of `size` bytes; the members' names are copied, their dtypes' references taken over. NULL and
 * EXP_ERROR_DAMAGED when a member does not lie inside; the members' dtypes are released then. */
ExpDtype *exp_dtype_new_compound (gsize size, guint n_members, const ExpMember *members, GError **error);

ExpDtype *exp_dtype_ref (ExpDtype *dtype);
void exp_dtype_unref (ExpDtype *dtype);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (ExpDtype, exp_dtype_unref)

gboolean exp_dtype_equal (const ExpDtype *a, const ExpDtype *b);

/* TRUE when a cell anywhere inside is an ExpVlen, so that elements own heap memory and have no bytes of their own. */
gboolean exp_dtype_has_vlen (const ExpDtype *dtype);

/* TRUE when two members of a compound share bytes, at any depth: no text can say what such elements are. */
gboolean exp_dtype_has_overlaps (const ExpDtype *dtype);

/* TRUE when every leaf prints in a width that the type bounds: no STRING, VSTRING, REFERENCE or VLEN inside. */
gboolean exp_dtype_is_numeric (const ExpDtype *dtype);

/* The type in NumPy's form, as user.expfs.dtype says it and an NPY header's descr holds it: "<f8", "|b1",
 * "[('a', '<i4'), ('b', '<f8', (3,))]", "<M8[ns]". An ENUM or BITFIELD is its integer, wide integers and OPAQUE "|V16",
 * VSTRING with n_characters "<U5", others, VLEN and REFERENCE "|O". A compound is written packed as `packed` says or with offsets as NumPy does
 * for padded ones ({'names': ...}) when it is FALSE and there are gaps. Caller frees. */
char *exp_dtype_to_numpy (const ExpDtype *dtype, gboolean packed);

/* One line that describes the type to a person, with enum members, string padding, tags and nested members: the
 * text of a named datatype. Caller frees. */
char *exp_dtype_to_text (const ExpDtype *dtype);

/* Bytes of one element without padding between compound members, at any depth. */
gsize exp_dtype_packed_size (const ExpDtype *dtype);

typedef ExpDtype *(*ExpDtypeFunc) (ExpDtype *dtype, gpointer data);

/* The type with `func (cell, data)`, a new reference, in place of each type that is no compound and no array, at any
 * depth and in order, and without padding between members. A new reference. */
ExpDtype *exp_dtype_map_cells (ExpDtype *dtype, ExpDtypeFunc func, gpointer data);

G_END_DECLS
