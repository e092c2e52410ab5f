/* Groups that are opened when somebody looks into them.
 * Knows no format.
 * Made by formats whose store is many files. */
#include "lazy.h"

typedef struct
{
  ExpNode base;
  ExpLazyOpenFunc open;
  gpointer data;
  GDestroyNotify free_data;
  GMutex lock;   /* held while it is being opened, so that this is done once; outside of the list's */
  ExpNode *root; /* a reference; NULL: closed. Under the list's lock, set with this one's as well */
  GList link;    /* in the list while it is open */
} LazyGroup;

static const ExpNodeClass lazy_class;

static GMutex list_lock;
static GQueue open_groups = G_QUEUE_INIT; /* of LazyGroup, the last used one first; under list_lock */

/* The root, a new reference, when it is open. */
static ExpNode *
get_open (LazyGroup *self)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&list_lock);

  if (self->root == NULL)
    return NULL;
  g_queue_unlink (&open_groups, &self->link);
  g_queue_push_head_link (&open_groups, &self->link);
  return exp_node_ref (self->root);
}

/* What is closed for it, a reference of the caller's; NULL: nothing. */
static ExpNode *
keep_open (LazyGroup *self, ExpNode *root)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&list_lock);

  self->root = exp_node_ref (root);
  self->link.data = self;
  g_queue_push_head_link (&open_groups, &self->link);
  if (open_groups.length <= EXP_LAZY_MAX_OPEN)
    return NULL;
  LazyGroup *last = open_groups.tail->data;
  g_queue_unlink (&open_groups, &last->link);
  return g_steal_pointer (&last->root);
}

ExpNode *
exp_lazy_group_open (ExpNode *node, GError **error)
{
  LazyGroup *self = (LazyGroup *)node;
  ExpNode *root = get_open (self);

  if (root != NULL)
    return root;
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);
  root = get_open (self);
  if (root != NULL)
    return root;
  root = self->open (self->data, error);
  g_autoptr (ExpNode) closed = root != NULL ? keep_open (self, root) : NULL;
  return root;
}

gpointer
exp_lazy_group_data (ExpNode *node, ExpLazyOpenFunc open)
{
  LazyGroup *self = (LazyGroup *)node;

  return node != NULL && node->klass == &lazy_class && self->open == open ? self->data : NULL;
}

static void
lazy_free (ExpNode *node)
{
  LazyGroup *self = (LazyGroup *)node;

  g_mutex_lock (&list_lock);
  if (self->root != NULL)
    g_queue_unlink (&open_groups, &self->link);
  g_mutex_unlock (&list_lock);
  exp_node_unref (self->root);
  if (self->free_data != NULL)
    self->free_data (self->data);
  g_mutex_clear (&self->lock);
  g_free (self);
}

/* Not opened for this: who lists a folder of stores opens none of them. */
static gboolean
lazy_describe (ExpNode *node, ExpInfo *info, GError **error)
{
  info->kind = EXP_KIND_GROUP;
  return TRUE;
}

static gboolean
lazy_list (ExpNode *node, guint64 skip, ExpListFunc func, gpointer data, GError **error)
{
  g_autoptr (ExpNode) root = exp_lazy_group_open (node, error);

  return root != NULL && exp_node_list (root, skip, func, data, error);
}

static ExpNode *
lazy_lookup (ExpNode *node, const char *name, GError **error)
{
  g_autoptr (ExpNode) root = exp_lazy_group_open (node, error);

  return root != NULL ? exp_node_lookup (root, name, error) : NULL;
}

static char **
lazy_list_attributes (ExpNode *node, GError **error)
{
  g_autoptr (ExpNode) root = exp_lazy_group_open (node, error);

  return root != NULL ? exp_node_list_attributes (root, error) : NULL;
}

static ExpArray *
lazy_read_attribute (ExpNode *node, const char *name, GError **error)
{
  g_autoptr (ExpNode) root = exp_lazy_group_open (node, error);

  return root != NULL ? exp_node_read_attribute (root, name, error) : NULL;
}

static gboolean
lazy_list_parameters (ExpNode *node, ExpParameterRules *rules, ExpParameterFunc func, gpointer data, GError **error)
{
  g_autoptr (ExpNode) root = exp_lazy_group_open (node, error);

  return root != NULL && exp_node_list_parameters (root, rules, func, data, error);
}

static const ExpNodeClass lazy_class = {
  .free = lazy_free,
  .describe = lazy_describe,
  .list = lazy_list,
  .lookup = lazy_lookup,
  .list_attributes = lazy_list_attributes,
  .read_attribute = lazy_read_attribute,
  .list_parameters = lazy_list_parameters,
};

ExpNode *
exp_lazy_group_new (ExpLazyOpenFunc open, gpointer data, GDestroyNotify free_data)
{
  LazyGroup *self = g_new0 (LazyGroup, 1);

  exp_node_init (&self->base, &lazy_class);
  self->open = open;
  self->data = data;
  self->free_data = free_data;
  g_mutex_init (&self->lock);
  return &self->base;
}
