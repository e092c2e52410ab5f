/* Links as HDF5 reads them.
 * Knows no structure of a group.
 * Called by links.c for groups that are rare or still growing. */
#pragma once

#include "links.h"

G_BEGIN_DECLS

/* As in links.h, but that at most so many links are appended that there are `limit` in all, and that `link` is left
 * as it is when there is none. Take the HDF5 lock. */
gboolean exp_hdf5_library_read_links (ExpHdf5File *file, guint64 address, guint64 *position, guint limit, GArray *links,
                                      gboolean *is_last, GError **error);
gboolean
exp_hdf5_library_find_link (ExpHdf5File *file, guint64 address, const char *name, ExpHdf5Link *link, GError **error);

G_END_DECLS
