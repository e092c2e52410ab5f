/* Chunked datasets read without the HDF5 library and its lock: chunks are found by our own reading of the index, read
 * and decoded by the calling thread and by others that help it, and kept in a cache that all share.
 * Used by read.c. */
#pragma once

#include "object.h"

G_BEGIN_DECLS

/* Reads the stored bytes of the slab's `n` elements, from chunks or, where nothing was ever written, the fill value.
 * *is_known becomes FALSE, and nothing is read, for a dataset that only the library can read (a filter, a fill value or
 * an index that is not known here). */
gboolean exp_chunks_read (ExpHdf5Object *object, const ExpHdf5Description *description, const ExpSlab *slab, gsize n,
                          guint8 *stored, gboolean *is_known, GError **error);

G_END_DECLS
