/* Scopes' indexes. Used in this folder only. */
#pragma once

#include "index.h"

/* What the format says that there is to find; or `is_whole`, all objects too. Borrowed; NULL and an error. */
ExpQueryIndex *exp_query_scope_index (ExpQueryScope *scope, gboolean is_whole, GError **error);
/* The smaller one of these that has the parameter. */
ExpQueryIndex *exp_query_scope_index_with (ExpQueryScope *scope, const char *name, GError **error);
/* The smallest one that has all parameters of the query; where a format's rules are strict there is but one, and it
 * need not have them. */
ExpQueryIndex *exp_query_scope_index_for (ExpQueryScope *scope, const ExpQuery *query, GError **error);
