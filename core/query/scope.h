/* Scopes' indexes. Used in this folder only. */
#pragma once

#include "index.h"

/* The first index of that level; borrowed. NULL and an error. */
ExpQueryIndex *exp_query_scope_index (ExpQueryScope *scope, ExpIndexLevel level, GError **error);
/* The one of two that has more; either may be NULL. */
ExpQueryIndex *exp_query_scope_larger (ExpQueryScope *scope, ExpQueryIndex *a, ExpQueryIndex *b);
/* The smallest one that has the parameter. */
ExpQueryIndex *exp_query_scope_index_with (ExpQueryScope *scope, const char *name, GError **error);
/* The smallest one that has all parameters of the query; where a format's rules are strict there is but one, and it
 * need not have them. */
ExpQueryIndex *exp_query_scope_index_for (ExpQueryScope *scope, const ExpQuery *query, GError **error);
