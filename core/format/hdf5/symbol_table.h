/* Groups of the old kind: a version 1 B-tree over symbol table nodes, and the names in a local heap.
 * Knows how links are listed and found in them.
 * Used by links.c. */
#pragma once

#include "links.h"

G_BEGIN_DECLS

/* As exp_hdf5_links_read, until there are `limit` links in all; in the order of names. Going on where one of the latest
 * listings was left costs nothing; elsewhere the nodes before are passed over. EXP_ERROR_VERSION, DAMAGED. */
gboolean exp_symbol_table_read (ExpHdf5File *file, guint64 tree, guint64 heap, guint64 *position, guint limit,
                                GArray *links, gboolean *is_last, GError **error);

/* Leaves `link` as it is when there is none. */
gboolean exp_symbol_table_find (ExpHdf5File *file, guint64 tree, guint64 heap, const char *name, ExpHdf5Link *link,
                                GError **error);

G_END_DECLS
