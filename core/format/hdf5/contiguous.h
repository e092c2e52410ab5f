/* Reads slabs of an array that lies in one stretch of a source, C order.
 * Knows neither HDF5 nor types.
 * Called by read.c without any lock. */
#pragma once

#include "expfs/array.h"
#include "expfs/source.h"

G_BEGIN_DECLS

/* The slab's elements of `size` bytes each, packed, to `to`. The array of `shape` starts at `address`. */
gboolean exp_contiguous_read (ExpSource *source, guint64 address, gsize size, const guint64 *shape, const ExpSlab *slab,
                              guint8 *to, GError **error);

/* The other way: `from` into the slab. */
gboolean exp_contiguous_write (ExpSource *source, guint64 address, gsize size, const guint64 *shape,
                               const ExpSlab *slab, const guint8 *from, GError **error);

G_END_DECLS
