/* Scopes: the indexes of what is below a group, and finding in them.
 * Knows predicates and entries; knows no nodes but to hand them on.
 * Called by the groups that show queries, and by `expfs find`. */
#include "scope.h"
#include <string.h>

struct _ExpQueryScope
{
  gatomicrefcount references;
  ExpNode *group;
  GMutex lock;           /* guards the making of the indexes, which are not changed any more then */
  ExpQueryIndex *own;    /* what formats say that there is to find */
  gboolean own_is_whole; /* which is all that there is */
  ExpQueryIndex *whole;
};

ExpQueryScope *
exp_query_scope_new (ExpNode *group)
{
  ExpQueryScope *self = g_new0 (ExpQueryScope, 1);

  g_atomic_ref_count_init (&self->references);
  g_mutex_init (&self->lock);
  self->group = exp_node_ref (group);
  return self;
}

ExpQueryScope *
exp_query_scope_ref (ExpQueryScope *self)
{
  g_atomic_ref_count_inc (&self->references);
  return self;
}

void
exp_query_scope_unref (ExpQueryScope *self)
{
  if (self == NULL || !g_atomic_ref_count_dec (&self->references))
    return;
  exp_query_index_free (self->own);
  exp_query_index_free (self->whole);
  exp_node_unref (self->group);
  g_mutex_clear (&self->lock);
  g_free (self);
}

ExpQueryIndex *
exp_query_scope_index (ExpQueryScope *self, gboolean is_whole, GError **error)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);
  ExpQueryIndex **index = is_whole && !self->own_is_whole ? &self->whole : &self->own;

  if (*index == NULL)
    {
      g_autoptr (ExpQueryIndex) made = exp_query_index_new ();

      if (!exp_query_gather (made, self->group, &is_whole, error))
        return NULL;
      *index = g_steal_pointer (&made);
      if (index == &self->own)
        self->own_is_whole = is_whole;
    }
  return *index;
}

ExpQueryIndex *
exp_query_scope_index_with (ExpQueryScope *self, const char *name, GError **error)
{
  g_autoptr (GError) local_error = NULL;
  ExpQueryIndex *index = exp_query_scope_index (self, FALSE, error);

  if (index == NULL || exp_query_index_entries (index, name, &local_error) != NULL)
    return index;
  if (g_error_matches (local_error, EXP_ERROR, EXP_ERROR_NOT_FOUND))
    {
      index = exp_query_scope_index (self, TRUE, error);
      return index != NULL && exp_query_index_entries (index, name, error) != NULL ? index : NULL;
    }
  g_propagate_error (error, g_steal_pointer (&local_error));
  return NULL;
}

/* The index in which all parameters of the query are. */
static ExpQueryIndex *
index_for (ExpQueryScope *self, const ExpQuery *query, GError **error)
{
  ExpQueryIndex *index = NULL;

  for (guint i = 0; i < query->predicates->len && (index == NULL || index != self->whole); i++)
    {
      index = exp_query_scope_index_with (self, g_array_index (query->predicates, ExpPredicate, i).name, error);
      if (index == NULL)
        return NULL;
    }
  return index;
}

/* Leaves those of the things that have an entry which fulfils the predicate. */
static gboolean
keep_matching (const ExpQueryIndex *index, const ExpPredicate *predicate, GByteArray *things, GError **error)
{
  const GArray *entries = exp_query_index_entries (index, predicate->name, error);
  guint mark = things->len / 2;
  guint8 *is_in = things->data, *is_matching = things->data + mark;

  if (entries == NULL)
    return FALSE;
  memset (is_matching, 0, mark);
  for (guint i = 0; i < entries->len; i++)
    {
      const ExpIndexEntry *entry = &g_array_index (entries, ExpIndexEntry, i);
      ExpValue value;

      if (!is_in[entry->thing] || is_matching[entry->thing])
        continue;
      exp_index_entry_value (entry, &value);
      is_matching[entry->thing] = exp_predicate_matches (predicate, &value);
    }
  memcpy (is_in, is_matching, mark);
  return TRUE;
}

GArray *
exp_query_scope_select (ExpQueryScope *self, const ExpQuery *query, ExpQueryIndex **index, GError **error)
{
  *index = index_for (self, query, error);
  if (*index == NULL)
    return NULL;
  guint n = exp_query_index_n_things (*index);
  g_autoptr (GByteArray) things = g_byte_array_sized_new (MAX (2 * n, 1));

  g_byte_array_set_size (things, 2 * n);
  memset (things->data, 1, n);
  for (guint i = 0; i < query->predicates->len; i++)
    if (!keep_matching (*index, &g_array_index (query->predicates, ExpPredicate, i), things, error))
      return NULL;

  GArray *found = g_array_new (FALSE, FALSE, sizeof (guint));
  for (guint thing = 0; thing < n; thing++)
    if (things->data[thing])
      g_array_append_val (found, thing);
  return found;
}

GPtrArray *
exp_query_scope_find (ExpQueryScope *self, const ExpQuery *query, GError **error)
{
  ExpQueryIndex *index;
  g_autoptr (GArray) things = exp_query_scope_select (self, query, &index, error);

  if (things == NULL)
    return NULL;
  GPtrArray *paths = g_ptr_array_new_with_free_func (g_free);
  for (guint i = 0; i < things->len; i++)
    g_ptr_array_add (paths, g_strdup (exp_query_index_path (index, g_array_index (things, guint, i))));
  return paths;
}
