/* Scopes: the indexes of what is below a group, and finding in them.
 * Knows predicates and entries; knows no nodes but to hand them on.
 * Called by the groups that show queries, and by `expfs find`. */
#include "view.h"
#include <string.h>

struct _ExpQueryScope
{
  gatomicrefcount references;
  ExpNode *group;
  GMutex lock; /* guards the making of the indexes, which are not changed any more then */
  ExpQueryIndex *indexes[EXP_N_INDEX_LEVELS];
  gboolean own_is_whole; /* the first one has all that the second would have */
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
  for (guint level = 0; level < EXP_N_INDEX_LEVELS; level++)
    exp_query_index_free (self->indexes[level]);
  exp_node_unref (self->group);
  g_mutex_clear (&self->lock);
  g_free (self);
}

ExpQueryIndex *
exp_query_scope_index (ExpQueryScope *self, ExpIndexLevel level, GError **error)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);
  ExpQueryIndex **index = &self->indexes[level == EXP_INDEX_WHOLE && self->own_is_whole ? EXP_INDEX_OWN : level];

  if (*index == NULL)
    {
      g_autoptr (ExpQueryIndex) made = exp_query_index_new ();
      gboolean is_whole;

      if (!exp_query_gather (made, self->group, level, &is_whole, error))
        return NULL;
      *index = g_steal_pointer (&made);
      if (level == EXP_INDEX_OWN)
        self->own_is_whole = is_whole;
    }
  return *index;
}

ExpQueryIndex *
exp_query_scope_larger (ExpQueryScope *self, ExpQueryIndex *a, ExpQueryIndex *b)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);

  for (guint level = EXP_N_INDEX_LEVELS; a != NULL && b != NULL && level-- > 0;)
    if (a == self->indexes[level] || b == self->indexes[level])
      return self->indexes[level];
  return a != NULL ? a : b;
}

ExpQueryIndex *
exp_query_scope_index_with (ExpQueryScope *self, const char *name, GError **error)
{
  gboolean is_described = g_str_has_prefix (name, EXP_DESCRIBED_PREFIX);
  ExpQueryIndex *index = NULL;

  for (guint level = EXP_INDEX_OWN; level < EXP_N_INDEX_LEVELS; level++)
    {
      g_autoptr (GError) local_error = NULL;

      /* Others are in no larger one, and these in no smaller one. */
      if (is_described ? level == EXP_INDEX_WHOLE : level == EXP_INDEX_DESCRIBED)
        continue;
      index = exp_query_scope_index (self, level, error);
      if (index == NULL || exp_query_index_find (index, name, &local_error) != NULL)
        return index;
      gboolean is_absent = g_error_matches (local_error, EXP_ERROR, EXP_ERROR_NOT_FOUND);
      if (!is_absent || exp_query_index_rules (index)->is_strict
          || level == (is_described ? EXP_INDEX_DESCRIBED : EXP_INDEX_WHOLE))
        {
          g_propagate_error (error, g_steal_pointer (&local_error));
          return NULL;
        }
    }
  return NULL;
}

ExpQueryIndex *
exp_query_scope_index_for (ExpQueryScope *self, const ExpQuery *query, GError **error)
{
  ExpQueryIndex *index = exp_query_scope_index (self, EXP_INDEX_OWN, error);

  if (index == NULL || exp_query_index_rules (index)->is_strict)
    return index;
  for (guint i = 0; i < query->predicates->len; i++)
    {
      const char *name = g_array_index (query->predicates, ExpPredicate, i).name;
      ExpQueryIndex *has_it = exp_query_scope_index_with (self, name, error);

      if (has_it == NULL)
        return NULL;
      index = exp_query_scope_larger (self, index, has_it);
    }
  return index;
}

guint64
exp_query_scope_size (ExpQueryScope *self)
{
  guint64 size = 0;

  if (!g_mutex_trylock (&self->lock))
    return 0;
  for (guint level = 0; level < EXP_N_INDEX_LEVELS; level++)
    size += self->indexes[level] != NULL ? exp_query_index_size (self->indexes[level]) : 0;
  g_mutex_unlock (&self->lock);
  return size;
}

gboolean
exp_query_scope_is_of_attributes (ExpQueryScope *self)
{
  if (!g_mutex_trylock (&self->lock))
    return FALSE;
  ExpQueryIndex *own = self->indexes[EXP_INDEX_OWN];
  gboolean is_of_attributes = own != NULL && self->own_is_whole && self->indexes[EXP_INDEX_DESCRIBED] == NULL
                              && !exp_query_index_rules (own)->may_follow;
  g_mutex_unlock (&self->lock);
  return is_of_attributes;
}

GPtrArray *
exp_query_scope_find (ExpQueryScope *self, const ExpQuery *query, GError **error)
{
  g_autoptr (ExpQueryView) all = exp_query_view_new (self);
  g_autoptr (ExpQueryView) view = exp_query_view_filter (all, query, error);

  return view != NULL ? exp_query_view_paths (view, error) : NULL;
}
