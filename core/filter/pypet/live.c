/* What a node stands for at the moment, in a store that changes.
 * Knows no names and no tree.
 * Called through the classes of node.c and items.c. */
#include "live.h"

static gboolean
is_group (ExpNode *node)
{
  node = exp_node_unwrap (node);
  return node->klass->list != NULL && node->klass->read == NULL;
}

static ExpNode *
hold_target (ExpDelegate *delegate, GError **error)
{
  ExpPypetLive *self = (ExpPypetLive *)delegate;
  ExpPypetStore *store = self->store;
  ExpNode *target = NULL;

  if (!store->is_writable)
    {
      target = exp_delegate_target (&delegate->base, error);
      return target != NULL ? exp_node_ref (target) : NULL;
    }

  guint n_changes = (guint)g_atomic_int_get (&store->n_changes);
  g_mutex_lock (&store->making);
  if (delegate->target != NULL && self->n_changes == n_changes)
    target = exp_node_ref (delegate->target);
  g_mutex_unlock (&store->making);
  if (target != NULL)
    return target;

  target = delegate->make (delegate, error);
  if (target == NULL)
    return NULL;
  g_mutex_lock (&store->making);
  if (delegate->target != NULL && is_group (delegate->target))
    self->old_groups = g_slist_prepend (self->old_groups, g_steal_pointer (&delegate->target));
  g_clear_pointer (&delegate->target, exp_node_unref);
  delegate->target = exp_node_ref (target);
  self->n_changes = n_changes;
  g_mutex_unlock (&store->making);
  return target;
}

void
exp_pypet_live_init (ExpPypetLive *self, const ExpNodeClass *klass, ExpPypetStore *store,
                     ExpNode *(*make) (ExpDelegate *self, GError **error))
{
  exp_node_init (&self->base.base, klass);
  self->base.make = make;
  self->base.hold = hold_target;
  self->store = store;
}

void
exp_pypet_live_clear (ExpPypetLive *self)
{
  exp_delegate_clear (&self->base);
  g_slist_free_full (g_steal_pointer (&self->old_groups), (GDestroyNotify)exp_node_unref);
}

/* Where elements lie holds no longer than the target. */
gboolean
exp_pypet_live_locate (ExpNode *node, guint64 first, gsize n, ExpRun *run)
{
  return !((ExpPypetLive *)node)->store->is_writable && exp_delegate_locate (node, first, n, run);
}

/* Groups only, which are kept: others may go while they are borrowed. */
ExpNode *
exp_pypet_live_unwrap (ExpNode *node)
{
  g_autoptr (ExpNode) target = hold_target ((ExpDelegate *)node, NULL);

  return target != NULL && is_group (target) ? target : NULL;
}
