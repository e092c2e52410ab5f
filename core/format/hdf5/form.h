/* Forms: how the cells of a dtype lie where the library takes them from, and the HDF5 type that says so.
 * Knows the types as h5py makes them, so that what is written as a dtype is read as that dtype; knows no dataset.
 * Used by the write_*.c. */
#pragma once

#include "expfs/array.h"
#include "file.h"

G_BEGIN_DECLS

typedef struct _ExpHdf5Form ExpHdf5Form;

/* Immutable once made. */
struct _ExpHdf5Form
{
  const ExpDtype *dtype; /* borrowed */
  gsize size;            /* bytes of a cell there: other than the dtype's where there are ExpVlen cells inside */
  gboolean is_plain;     /* the bytes are the cell's own */
  gboolean has_references;
  guint n_parts; /* members of a COMPOUND, the base of an ARRAY or VLEN */
  ExpHdf5Form **parts;
  gsize *offsets; /* of the members */
};

ExpHdf5Form *exp_hdf5_form_new (const ExpDtype *dtype);
void exp_hdf5_form_free (ExpHdf5Form *form);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (ExpHdf5Form, exp_hdf5_form_free)

/* The HDF5 type, for a dataset as for memory; under the HDF5 lock. EXP_ERROR_UNSUPPORTED for what HDF5 has no type
 * for. */
hid_t exp_hdf5_form_type (const ExpHdf5Form *form, GError **error);

/* `n` cells as the library takes them; what they point to is in `blocks`, which frees it. Within a change, not under
 * the HDF5 lock. EXP_ERROR_INVALID for a text with a NUL in it, and for a reference to nothing. */
guint8 *exp_hdf5_form_encode (const ExpHdf5Form *form, ExpHdf5File *file, const guint8 *cells, gsize n,
                              GPtrArray *blocks, GError **error);

/* TRUE when cells of `from` can be written where cells of `to` are kept, without loss: the same kinds of types, numbers
 * that are no wider. */
gboolean exp_hdf5_is_convertible (const ExpDtype *from, const ExpDtype *to);

G_END_DECLS
