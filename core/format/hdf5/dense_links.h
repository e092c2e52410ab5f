/* Groups of the new kind with many links: link messages in a fractal heap, found by a version 2 B-tree over the hashes
 * of their names (record type 5).
 * Knows how the two belong together; each has a file of its own. Used by links.c. */
#pragma once

#include "links.h"

G_BEGIN_DECLS

/* As exp_hdf5_links_read, until there are `limit` links in all; in the order of the hashes, which is HDF5's own.
 * EXP_ERROR_UNSUPPORTED: ask the library. */
gboolean exp_dense_links_read (ExpHdf5File *file, guint64 heap, guint64 tree, guint64 *position, guint limit,
                               GArray *links, gboolean *is_last, GError **error);

/* Leaves `link` as it is when there is none. */
gboolean exp_dense_links_find (ExpHdf5File *file, guint64 heap, guint64 tree, const char *name, ExpHdf5Link *link,
                               GError **error);

G_END_DECLS
