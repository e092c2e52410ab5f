/* The directories that were queried last, with what queries find below them. Knows no expressions and no parameters.
 * Called by name resolution. */
#pragma once

#include "fs/inode.h"

G_BEGIN_DECLS

typedef struct _ExpQueries ExpQueries;

ExpQueries *exp_queries_new (void);
void exp_queries_free (ExpQueries *queries);

/* What `name` is among a directory's queries, a reference: what is behind .by, .where and the like, of the directory as
 * it is now. NULL without an error for other names, and within a query, which has its own. */
ExpNode *exp_queries_lookup (ExpMount *mount, ExpInode *directory, const char *name, GError **error);

G_END_DECLS
