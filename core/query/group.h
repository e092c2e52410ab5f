/* Queries as groups: one kind of node for each of their directories. Used in this folder only. */
#pragma once

#include "view.h"

/* What all of them have: a view, and how deep they lie below the scope's group, for the links. */
typedef struct
{
  ExpNode base;
  ExpQueryView *view; /* owned */
  guint depth;        /* levels below the scope's group */
} ExpQueryGroup;

/* Their descriptions are alike; `size` is that of the class's own structure, which begins with an ExpQueryGroup. Takes
 * a reference on the view. */
gpointer exp_query_group_new (const ExpNodeClass *klass, gsize size, ExpQueryView *view, guint depth);
void exp_query_group_clear (ExpQueryGroup *group);
void exp_query_group_free (ExpNode *node);
gboolean exp_query_group_describe (ExpNode *node, ExpInfo *info, GError **error);
/* EXP_ERROR_NOT_FOUND. */
ExpNode *exp_query_group_fail (const char *name, GError **error);

/* groups.c: the view's matches, and the directory `name` of its queries (".by"); NULL and an error when there is no
 * such. */
ExpNode *exp_query_matches_new (ExpQueryView *view, guint depth);
/* What of these the query finds, when somebody looks. Takes over the query. */
ExpNode *exp_query_matches_filtered_new (ExpQueryView *view, guint depth, ExpQuery *query);
ExpNode *exp_query_group_named (ExpQueryView *view, guint depth, const char *name, GError **error);
/* by.c: its parameters, with their values and the sets that it is divided in. */
ExpNode *exp_query_by_new (ExpQueryView *view, guint depth);
