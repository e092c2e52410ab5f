/* Choosing one trajectory of a store. Knows no format.
 * Used by trajectory.c and by filters that want to know which one it will be. */
#pragma once

#include "expfs/node.h"

G_BEGIN_DECLS

/* The name of the child of `root` that `wanted` means: a name, or an index into the names sorted bytewise, negative
 * from the end. EXP_ERROR_INVALID when there is none. Caller frees. */
char *exp_trajectory_find (ExpNode *root, const char *wanted, GError **error);

G_END_DECLS
