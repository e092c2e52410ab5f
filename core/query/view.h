/* Views as sets of an index's things. Used in this folder only. */
#pragma once

#include "scope.h"

/* A set of what a scope has. What has no parameters (ExpParameter) goes along with every filter and is listed in its
 * part only. Views do not change; they keep their scope. */
typedef struct _ExpQueryView ExpQueryView;

/* Everything. Nothing is read yet. */
ExpQueryView *exp_query_view_new (ExpQueryScope *scope);
ExpQueryView *exp_query_view_ref (ExpQueryView *view);
void exp_query_view_unref (ExpQueryView *view);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (ExpQueryView, exp_query_view_unref)

/* What of the view the query finds; errors as exp_query_scope_find. */
ExpQueryView *exp_query_view_filter (ExpQueryView *view, const ExpQuery *query, GError **error);
/* What is in either; both of one scope. */
ExpQueryView *exp_query_view_join (ExpQueryView *view, ExpQueryView *other);
/* The same view, of which only the things of this part are listed (ExpParameterPart); what is made of it is so too. The
 * others go along. EXP_ERROR_NOT_FOUND where there is no such part. */
ExpQueryView *exp_query_view_part (ExpQueryView *view, const char *name, GError **error);

/* The paths of what it lists, in the store's order; an array that owns its strings. */
GPtrArray *exp_query_view_paths (ExpQueryView *view, GError **error);

/* One of the sets that a view is divided in. */
typedef struct
{
  char *name;
  ExpQueryView *view;
} ExpQuerySet;

/* partition.c: the sets (ExpQuerySet) that `text` divides it in, as query.h says of .by. */
GPtrArray *exp_query_view_divide (ExpQueryView *view, const char *text, GError **error);

/* likeness.c: what .same and .varying say; caller frees the names with g_strfreev. */
gboolean
exp_query_view_is_same (ExpQueryView *view, const char *text, gboolean passes_none, gboolean *is_true, GError **error);
char **exp_query_view_varying (ExpQueryView *view, GError **error);

/* What a view is of; a reference of its own for as long as the view lives. */
ExpQueryScope *exp_query_view_scope (const ExpQueryView *view);
/* The index that its things are of; borrowed. Of a view of everything the smaller one. */
ExpQueryIndex *exp_query_view_index (ExpQueryView *view, GError **error);
/* The part that it is limited to, -1 for none. */
gint exp_query_view_part_number (const ExpQueryView *view);

/* The things (guint, ascending) that it has in one of the scope's indexes; or only those that are listed: of its part,
 * or all but companions. The caller's. */
GArray *exp_query_view_things (ExpQueryView *view, ExpQueryIndex *index);
GArray *exp_query_view_listed (ExpQueryView *view, ExpQueryIndex *index);
gboolean exp_query_view_lists (const ExpQueryView *view, ExpQueryIndex *index, guint thing);

/* A view of these, limited to the same part. Takes over the array, which is sorted. */
ExpQueryView *exp_query_view_of (const ExpQueryView *like, ExpQueryIndex *index, GArray *things);

/* likeness.c: the listed things that have one value of a parameter. */
typedef struct
{
  const ExpIndexEntry *first; /* borrowed */
  char *name;                 /* the value, as .by/ shows it */
  GArray *things;             /* guint, ascending */
} ExpValueSet;

/* One for each value that occurs, in the order of values; and the index that they are of. */
GPtrArray *exp_query_view_value_sets (ExpQueryView *view, const char *name, ExpQueryIndex **index, GError **error);
