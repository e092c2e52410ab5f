/* Decoding: stored bytes into the cells of an array, following variable-length data into the file's heaps.
 * Knows no HDF5 identifiers; the source's bytes are all it reads, so nothing here takes the HDF5 lock.
 * Called by read.c and attribute.c. */
#pragma once

#include "file.h"
#include "stored_type.h"

G_BEGIN_DECLS

/* `n` stored elements at `stored` into the cells at array->data. EXP_ERROR_DAMAGED, EXP_ERROR_NO_MEMORY. */
gboolean exp_hdf5_decode (ExpHdf5File *file, const ExpStoredType *type, const guint8 *stored, gsize n, ExpArray *array,
                          GError **error);

G_END_DECLS
