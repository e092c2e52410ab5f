/* Views: sets of what a scope has, made from each other by expressions.
 * Knows predicates and entries; knows no nodes.
 * Called by the groups that show queries, and by `expfs find`. */
#include "view.h"
#include <string.h>

struct _ExpQueryView
{
  gatomicrefcount references;
  ExpQueryScope *scope;
  ExpQueryIndex *index; /* borrowed from the scope; NULL: not chosen, all that there is */
  GArray *things;       /* guint, ascending; NULL: all of them */
  gint part;
};

static ExpQueryView *
view_new (ExpQueryScope *scope, ExpQueryIndex *index, GArray *things, gint part)
{
  ExpQueryView *self = g_new0 (ExpQueryView, 1);

  g_atomic_ref_count_init (&self->references);
  self->scope = exp_query_scope_ref (scope);
  self->index = index;
  self->things = things;
  self->part = part;
  return self;
}

ExpQueryView *
exp_query_view_new (ExpQueryScope *scope)
{
  return view_new (scope, NULL, NULL, -1);
}

ExpQueryView *
exp_query_view_of (const ExpQueryView *like, ExpQueryIndex *index, GArray *things)
{
  return view_new (like->scope, index, things, like->part);
}

ExpQueryView *
exp_query_view_ref (ExpQueryView *self)
{
  g_atomic_ref_count_inc (&self->references);
  return self;
}

void
exp_query_view_unref (ExpQueryView *self)
{
  if (self == NULL || !g_atomic_ref_count_dec (&self->references))
    return;
  if (self->things != NULL)
    g_array_unref (self->things);
  exp_query_scope_unref (self->scope);
  g_free (self);
}

ExpQueryScope *
exp_query_view_scope (const ExpQueryView *self)
{
  return self->scope;
}

ExpQueryIndex *
exp_query_view_index (ExpQueryView *self, GError **error)
{
  return self->index != NULL ? self->index : exp_query_scope_index (self->scope, EXP_INDEX_OWN, error);
}

gint
exp_query_view_part_number (const ExpQueryView *self)
{
  return self->part;
}

/* --- sets --------------------------------------------------------------------------------------------------- */

static gint
compare_things (gconstpointer a, gconstpointer b)
{
  return (*(const guint *)a > *(const guint *)b) - (*(const guint *)a < *(const guint *)b);
}

GArray *
exp_query_view_things (ExpQueryView *self, ExpQueryIndex *index)
{
  guint n = self->things != NULL ? self->things->len : exp_query_index_n_things (index);
  GArray *things = g_array_sized_new (FALSE, FALSE, sizeof (guint), n);

  if (self->things != NULL && self->index == index)
    return g_array_append_vals (things, self->things->data, n);
  for (guint i = 0; i < n; i++)
    {
      guint thing = i;

      /* Of another index: by their paths. */
      if (self->things == NULL
          || exp_query_index_find_path (
              index, exp_query_index_path (self->index, g_array_index (self->things, guint, i)), &thing))
        g_array_append_val (things, thing);
    }
  if (self->things != NULL)
    g_array_sort (things, compare_things);
  return things;
}

static gboolean
is_listed (const ExpQueryView *self, ExpQueryIndex *index, guint thing)
{
  return self->part >= 0 ? exp_query_index_part_of (index, thing) == self->part
                         : !exp_query_index_is_companion (index, thing);
}

GArray *
exp_query_view_listed (ExpQueryView *self, ExpQueryIndex *index)
{
  GArray *things = exp_query_view_things (self, index);
  guint n = 0;

  for (guint i = 0; i < things->len; i++)
    if (is_listed (self, index, g_array_index (things, guint, i)))
      g_array_index (things, guint, n++) = g_array_index (things, guint, i);
  return g_array_set_size (things, n);
}

gboolean
exp_query_view_lists (const ExpQueryView *self, ExpQueryIndex *index, guint thing)
{
  return is_listed (self, index, thing)
         && (self->things == NULL || g_array_binary_search (self->things, &thing, compare_things, NULL));
}

/* --- filtering ---------------------------------------------------------------------------------------------- */

#define HAS_ONE  1 /* such a parameter */
#define HAS_MEET 2 /* one that fulfils the predicate; of !=, one that does not */
#define PASSES   4

static gboolean
is_kept (const ExpPredicate *predicate, guint8 found)
{
  if ((found & PASSES) != 0 || (found & HAS_ONE) == 0)
    return (found & PASSES) != 0 || predicate->is_optional;
  return ((found & HAS_MEET) != 0) == (predicate->op != EXP_OPERATOR_NOT_EQUAL);
}

/* Leaves those of the things, one byte for each that there is, that fulfil the predicate. */
static gboolean
keep_matching (ExpQueryIndex *index, const ExpPredicate *predicate, guint8 *is_in, guint8 *found, GError **error)
{
  gboolean is_strict = exp_query_index_rules (index)->is_strict;
  const ExpIndexParameter *parameter = exp_query_index_find (index, predicate->name, is_strict ? NULL : error);
  guint n = exp_query_index_n_things (index);

  if (parameter == NULL && !is_strict)
    return FALSE;
  memset (found, 0, n);
  for (guint i = 0; parameter != NULL && i < parameter->entries->len; i++)
    {
      const ExpIndexEntry *entry = &g_array_index (parameter->entries, ExpIndexEntry, i);
      guint8 *state = &found[entry->thing];
      ExpValue value;

      if (!is_in[entry->thing] || (*state & (HAS_MEET | PASSES)) != 0)
        continue;
      exp_index_entry_value (entry, &value);
      *state |= entry->kind == EXP_VALUE_PASSES ? PASSES : HAS_ONE;
      if (entry->kind != EXP_VALUE_PASSES
          && exp_predicate_matches (predicate, &value, is_strict) == (predicate->op != EXP_OPERATOR_NOT_EQUAL))
        *state |= HAS_MEET;
    }
  for (guint thing = 0; thing < n; thing++)
    is_in[thing] &= is_kept (predicate, found[thing]) || exp_query_index_is_companion (index, thing);
  return TRUE;
}

/* The index that has the query's parameters and the view's things. */
static ExpQueryIndex *
index_for (ExpQueryView *self, const ExpQuery *query, GError **error)
{
  ExpQueryIndex *index = exp_query_scope_index_for (self->scope, query, error);

  return index != NULL ? exp_query_scope_larger (self->scope, index, self->index) : NULL;
}

ExpQueryView *
exp_query_view_filter (ExpQueryView *self, const ExpQuery *query, GError **error)
{
  ExpQueryIndex *index = index_for (self, query, error);

  if (index == NULL)
    return NULL;
  guint n = exp_query_index_n_things (index);
  g_autoptr (GArray) things = exp_query_view_things (self, index);
  g_autofree guint8 *is_in = g_malloc0 (MAX (n, 1)), *found = g_malloc (MAX (n, 1));

  for (guint i = 0; i < things->len; i++)
    is_in[g_array_index (things, guint, i)] = 1;
  for (guint i = 0; i < query->predicates->len; i++)
    if (!keep_matching (index, &g_array_index (query->predicates, ExpPredicate, i), is_in, found, error))
      return NULL;
  g_array_set_size (things, 0);
  for (guint thing = 0; thing < n; thing++)
    if (is_in[thing])
      g_array_append_val (things, thing);
  return view_new (self->scope, index, g_steal_pointer (&things), self->part);
}

ExpQueryView *
exp_query_view_join (ExpQueryView *self, ExpQueryView *other)
{
  ExpQueryIndex *index = exp_query_scope_larger (self->scope, self->index, other->index);

  if (self->things == NULL || other->things == NULL)
    return view_new (self->scope, NULL, NULL, self->part);
  g_autoptr (GArray) a = exp_query_view_things (self, index), b = exp_query_view_things (other, index);
  GArray *things = g_array_sized_new (FALSE, FALSE, sizeof (guint), a->len + b->len);

  for (guint i = 0, j = 0; i < a->len || j < b->len;)
    {
      guint x = i < a->len ? g_array_index (a, guint, i) : G_MAXUINT;
      guint y = j < b->len ? g_array_index (b, guint, j) : G_MAXUINT, least = MIN (x, y);

      g_array_append_val (things, least);
      i += x == least;
      j += y == least;
    }
  return view_new (self->scope, index, things, self->part);
}

ExpQueryView *
exp_query_view_part (ExpQueryView *self, const char *name, GError **error)
{
  ExpQueryIndex *index = exp_query_view_index (self, error);

  if (index == NULL)
    return NULL;
  gint part = exp_query_index_find_part (index, name);
  if (part < 0)
    {
      g_set_error (error, EXP_ERROR, EXP_ERROR_NOT_FOUND, "there is no part '%s'", name);
      return NULL;
    }
  return view_new (self->scope, index, exp_query_view_things (self, index), part);
}

/* --- what is in it ------------------------------------------------------------------------------------------ */

GPtrArray *
exp_query_view_paths (ExpQueryView *self, GError **error)
{
  ExpQueryIndex *index = exp_query_view_index (self, error);

  if (index == NULL)
    return NULL;
  g_autoptr (GArray) things = exp_query_view_listed (self, index);
  GPtrArray *paths = g_ptr_array_new_with_free_func (g_free);
  for (guint i = 0; i < things->len; i++)
    g_ptr_array_add (paths, g_strdup (exp_query_index_path (index, g_array_index (things, guint, i))));
  return paths;
}
