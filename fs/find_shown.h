/* Paths as a mount shows them, in a store that need not be mounted. Knows how names are encoded. */
#pragma once

#include "expfs/expfs.h"

G_BEGIN_DECLS

/* The node at `path` below `root`, "" for that itself; a new reference. Follows links, except one in the last place.
 * EXP_ERROR_NOT_FOUND, and the store's errors; messages name the path. */
ExpNode *exp_find_shown (ExpNode *root, const char *path, GError **error);

G_END_DECLS
