/* Global heaps: where a file keeps variable-length cells and region references.
 * Knows the heap's own bytes (HDF5 File Format Specification 3.0, section III.E); knows no types.
 * Called by decode.c and object_check.c; HDF5's own reader trusts lengths that a file gives, this one does not. */
#pragma once

#include "file.h"

G_BEGIN_DECLS

/* Collections read so far, a bounded number of bytes of them. Not thread-safe: one for each call that decodes. */
typedef struct _ExpHdf5Heap ExpHdf5Heap;

ExpHdf5Heap *exp_hdf5_heap_new (ExpHdf5File *file);
void exp_hdf5_heap_free (ExpHdf5Heap *heap);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (ExpHdf5Heap, exp_hdf5_heap_free)

/* A file's table of small collections that were read of late: many datasets share one. */
ExpRecent *exp_hdf5_heap_collections_new (void);

/* Object `index` of the collection at `address`: its bytes, borrowed while `*keep` (a new reference) lives. */
const guint8 *
exp_hdf5_heap_get (ExpHdf5Heap *heap, guint64 address, guint32 index, gsize *size, GBytes **keep, GError **error);

/* FALSE when there is a collection at `address` that HDF5's own reader would not come to the end of, or when its object
 * `index` has more than `most` bytes, for which HDF5 would have no room. TRUE when there is none. */
gboolean exp_hdf5_heap_is_sound (ExpHdf5File *file, guint64 address, guint32 index, guint64 most);

G_END_DECLS
