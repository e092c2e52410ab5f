/* Groups that are opened when somebody looks into them, and closed again when many others are open. Used by formats
 * whose store is many files. */
#pragma once

#include "expfs/node.h"

/* The root of what the group shows, a new reference. May be called again after it was closed. */
typedef ExpNode *(*ExpLazyOpenFunc) (gpointer data, GError **error);

/* Owns `data`. */
ExpNode *exp_lazy_group_new (ExpLazyOpenFunc open, gpointer data, GDestroyNotify free_data);
/* The root behind it, a new reference. */
ExpNode *exp_lazy_group_open (ExpNode *group, GError **error);
/* The data that it was made with, borrowed; NULL when it is none of this `open`. */
gpointer exp_lazy_group_data (ExpNode *group, ExpLazyOpenFunc open);

/* Groups that are open at the same time, of the whole process; who still has a node of one that was closed goes on
 * reading it. */
#define EXP_LAZY_MAX_OPEN 64
