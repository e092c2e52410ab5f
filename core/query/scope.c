/* Scopes: the indexes of what is below a group, and finding in them.
 * Knows predicates and entries; knows no nodes but to hand them on.
 * Called by the groups that show queries, and by `expfs find`. */
#include "view.h"
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

  if (index == NULL || exp_query_index_find (index, name, &local_error) != NULL)
    return index;
  if (g_error_matches (local_error, EXP_ERROR, EXP_ERROR_NOT_FOUND) && !exp_query_index_rules (index)->is_strict)
    {
      index = exp_query_scope_index (self, TRUE, error);
      return index != NULL && exp_query_index_find (index, name, error) != NULL ? index : NULL;
    }
  g_propagate_error (error, g_steal_pointer (&local_error));
  return NULL;
}

ExpQueryIndex *
exp_query_scope_index_for (ExpQueryScope *self, const ExpQuery *query, GError **error)
{
  ExpQueryIndex *index = exp_query_scope_index (self, FALSE, error);

  if (index == NULL || exp_query_index_rules (index)->is_strict)
    return index;
  for (guint i = 0; i < query->predicates->len && index != self->whole; i++)
    {
      index = exp_query_scope_index_with (self, g_array_index (query->predicates, ExpPredicate, i).name, error);
      if (index == NULL)
        return NULL;
    }
  return index;
}

guint64
exp_query_scope_size (ExpQueryScope *self)
{
  guint64 size = 0;

  if (!g_mutex_trylock (&self->lock))
    return 0;
  size += self->own != NULL ? exp_query_index_size (self->own) : 0;
  size += self->whole != NULL ? exp_query_index_size (self->whole) : 0;
  g_mutex_unlock (&self->lock);
  return size;
}

gboolean
exp_query_scope_is_of_attributes (ExpQueryScope *self)
{
  if (!g_mutex_trylock (&self->lock))
    return FALSE;
  gboolean is_of_attributes = self->own != NULL && self->own_is_whole;
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
