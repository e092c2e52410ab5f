/* The operations of a node that stands for what is made when somebody asks.
 * Knows no names and no tree.
 * Called through the classes of node.c and items.c. */
#include "live.h"

static gboolean
is_group (ExpNode *node)
{
  node = exp_node_unwrap (node);
  return node->klass->list != NULL && node->klass->read == NULL;
}

/* Of a store that is open for reading: made once. */
static ExpNode *
fixed_target (ExpPypetLive *self, GError **error)
{
  ExpNode *target = g_atomic_pointer_get (&self->target);

  if (target == NULL)
    {
      target = self->make (self, error);
      if (target == NULL)
        return NULL;
      if (!g_atomic_pointer_compare_and_exchange (&self->target, NULL, target))
        {
          exp_node_unref (target);
          target = g_atomic_pointer_get (&self->target);
        }
    }
  return exp_node_ref (target);
}

ExpNode *
exp_pypet_live_target (ExpPypetLive *self, GError **error)
{
  ExpPypetStore *store = self->store;
  ExpNode *target = NULL;

  if (!store->is_writable)
    return fixed_target (self, error);

  guint n_changes = (guint)g_atomic_int_get (&store->n_changes);
  g_mutex_lock (&store->making);
  if (self->target != NULL && self->n_changes == n_changes)
    target = exp_node_ref (self->target);
  g_mutex_unlock (&store->making);
  if (target != NULL)
    return target;

  target = self->make (self, error);
  if (target == NULL)
    return NULL;
  g_mutex_lock (&store->making);
  if (self->target != NULL && is_group (self->target))
    self->old_groups = g_slist_prepend (self->old_groups, g_steal_pointer (&self->target));
  g_clear_pointer (&self->target, exp_node_unref);
  self->target = exp_node_ref (target);
  self->n_changes = n_changes;
  g_mutex_unlock (&store->making);
  return target;
}

void
exp_pypet_live_clear (ExpPypetLive *self)
{
  g_clear_pointer (&self->target, exp_node_unref);
  g_slist_free_full (g_steal_pointer (&self->old_groups), (GDestroyNotify)exp_node_unref);
}

gboolean
exp_pypet_live_read (ExpNode *node, const ExpSlab *slab, ExpArray *array, GError **error)
{
  g_autoptr (ExpNode) target = exp_pypet_live_target ((ExpPypetLive *)node, error);

  if (target == NULL)
    return FALSE;
  if (target->klass->read != NULL)
    return target->klass->read (target, slab, array, error);
  g_set_error (error, EXP_ERROR, EXP_ERROR_IS_A_GROUP, "not a dataset");
  return FALSE;
}

/* Where elements lie holds no longer than the target. */
gboolean
exp_pypet_live_locate (ExpNode *node, guint64 first, gsize n, ExpRun *run)
{
  ExpPypetLive *self = (ExpPypetLive *)node;

  if (self->store->is_writable)
    return FALSE;
  g_autoptr (ExpNode) target = exp_pypet_live_target (self, NULL);
  return target != NULL && exp_node_locate (target, first, n, run);
}

/* One operation each. */
#define LIVE(type, none, name, parameters, arguments)                                                                  \
  type exp_pypet_live_##name parameters                                                                                \
  {                                                                                                                    \
    g_autoptr (ExpNode) target = exp_pypet_live_target ((ExpPypetLive *)node, error);                                  \
                                                                                                                       \
    return target != NULL ? exp_node_##name arguments : none;                                                          \
  }

LIVE (gboolean, FALSE, describe, (ExpNode * node, ExpInfo *info, GError **error), (target, info, error))
LIVE (gboolean, FALSE, layout, (ExpNode * node, ExpLayout *layout, GError **error), (target, layout, error))
LIVE (gboolean, FALSE, list, (ExpNode * node, guint64 skip, ExpListFunc func, gpointer data, GError **error),
      (target, skip, func, data, error))
LIVE (ExpNode *, NULL, lookup, (ExpNode * node, const char *name, GError **error), (target, name, error))
LIVE (char **, NULL, list_attributes, (ExpNode * node, GError **error), (target, error))
LIVE (ExpArray *, NULL, read_attribute, (ExpNode * node, const char *name, GError **error), (target, name, error))
LIVE (ExpNode *, NULL, create_group, (ExpNode * node, const char *name, GError **error), (target, name, error))
LIVE (ExpNode *, NULL, create_dataset, (ExpNode * node, const char *name, const ExpNewDataset *dataset, GError **error),
      (target, name, dataset, error))
LIVE (gboolean, FALSE, check_name, (ExpNode * node, const char *name, GError **error), (target, name, error))
LIVE (ExpNode *, NULL, replace_dataset,
      (ExpNode * node, const char *name, const ExpNewDataset *dataset, GError **error), (target, name, dataset, error))
LIVE (gboolean, FALSE, write, (ExpNode * node, const ExpSlab *slab, const ExpArray *array, GError **error),
      (target, slab, array, error))
LIVE (gboolean, FALSE, resize, (ExpNode * node, guint rank, const guint64 *shape, GError **error),
      (target, rank, shape, error))
LIVE (gboolean, FALSE, write_attribute, (ExpNode * node, const char *name, const ExpArray *value, GError **error),
      (target, name, value, error))
LIVE (gboolean, FALSE, remove_attribute, (ExpNode * node, const char *name, GError **error), (target, name, error))
LIVE (gboolean, FALSE, remove, (ExpNode * node, const char *name, GError **error), (target, name, error))
LIVE (gboolean, FALSE, move,
      (ExpNode * node, const char *name, ExpNode *new_parent, const char *new_name, guint flags, GError **error),
      (target, name, new_parent, new_name, flags, error))
LIVE (gboolean, FALSE, symlink, (ExpNode * node, const char *name, const char *path, GError **error),
      (target, name, path, error))

LIVE (gboolean, FALSE, set_class, (ExpNode * node, const char *class_name, GError **error), (target, class_name, error))
LIVE (gboolean, FALSE, set_note, (ExpNode * node, const char *note, const char *value, GError **error),
      (target, note, value, error))

/* Groups only, which are kept: others may go while they are borrowed. */
ExpNode *
exp_pypet_live_unwrap (ExpNode *node)
{
  g_autoptr (ExpNode) target = exp_pypet_live_target ((ExpPypetLive *)node, NULL);

  return target != NULL && is_group (target) ? target : NULL;
}
