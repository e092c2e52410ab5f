/* The root of a pypet store: one directory for each trajectory.
 * Knows nothing of what is in one.
 * Made by pypet.c. */
#include "root.h"
#include "filter/delegate.h"
#include "tasks.h"
#include "type.h"
#include "write.h"
#include <string.h>

typedef struct
{
  ExpNode base;
  ExpPypetStore *store;
} Root;

static ExpNode *
inner_of (ExpNode *node)
{
  return ((Root *)node)->store->root;
}

static gboolean
root_describe (ExpNode *node, ExpInfo *info, GError **error)
{
  return exp_node_describe (inner_of (node), info, error);
}

/* What lies at the top; a group is taken as a trajectory, as pypet takes it. */
typedef struct
{
  ExpDelegate base;
  ExpPypetStore *store;
  ExpNode *inner;
  char name[];
} Top;

static ExpNode *
make_top (ExpDelegate *delegate, GError **error)
{
  Top *self = (Top *)delegate;
  g_auto (ExpInfo) info = { 0 };

  if (!exp_node_describe (self->inner, &info, error))
    return NULL;
  if (info.kind != EXP_KIND_GROUP)
    return exp_pypet_typed_new (self->inner, NULL, "utf8", error);
  g_autoptr (ExpPypetTrajectory) trajectory = exp_pypet_trajectory_new (self->store, self->inner, self->name);
  return exp_pypet_trajectory_node_new (trajectory, -1, FALSE);
}

static void
top_free (ExpNode *node)
{
  Top *self = (Top *)node;

  exp_delegate_clear (&self->base);
  exp_pypet_store_unref (self->store);
  exp_node_unref (self->inner);
  g_free (self);
}

static const ExpNodeClass top_class = { .free = top_free, EXP_DELEGATE_MEMBERS, EXP_DELEGATE_WRITERS };

static ExpNode *
make_child (ExpNode *root, const char *name, ExpNode *inner)
{
  gsize size = strlen (name) + 1;
  Top *self = g_malloc0 (sizeof *self + size);

  exp_node_init (&self->base.base, &top_class);
  self->base.make = make_top;
  self->store = exp_pypet_store_ref (((Root *)root)->store);
  self->inner = exp_node_ref (inner);
  memcpy (self->name, name, size);
  return &self->base.base;
}

static ExpNode *
show_child (ExpNode *root, const char *name, ExpNode *inner)
{
  return exp_pypet_is_hidden_child (name) ? NULL : make_child (root, name, inner);
}

static gboolean
root_list (ExpNode *node, guint64 skip, ExpListFunc func, gpointer data, GError **error)
{
  return exp_delegate_list_wrapped (inner_of (node), show_child, node, skip, func, data, error);
}

static ExpNode *
root_lookup (ExpNode *node, const char *name, GError **error)
{
  Root *self = (Root *)node;
  g_autoptr (ExpNode) inner = exp_node_lookup (self->store->root, name, error);

  return inner != NULL ? make_child (node, name, inner) : NULL;
}

static char **
root_list_attributes (ExpNode *node, GError **error)
{
  return exp_pypet_list_attributes (inner_of (node), error);
}

static ExpArray *
root_read_attribute (ExpNode *node, const char *name, GError **error)
{
  return exp_pypet_read_attribute (inner_of (node), name, error);
}

static ExpNode *
root_create_group (ExpNode *node, const char *name, GError **error)
{
  return exp_pypet_trajectory_create (((Root *)node)->store, name, error) ? root_lookup (node, name, error) : NULL;
}

static gboolean
root_check_name (ExpNode *node, const char *name, GError **error)
{
  g_set_error (error, EXP_ERROR, EXP_ERROR_UNSUPPORTED, "at the top of a pypet store there are trajectories only");
  return FALSE;
}

static ExpNode *
root_create_dataset (ExpNode *node, const char *name, const ExpNewDataset *dataset, GError **error)
{
  root_check_name (node, name, error);
  return NULL;
}

static gboolean
root_remove (ExpNode *node, const char *name, GError **error)
{
  return exp_pypet_trajectory_remove (((Root *)node)->store, name, error);
}

static gboolean
root_move (ExpNode *node, const char *name, ExpNode *new_parent, const char *new_name, guint flags, GError **error)
{
  if (exp_node_unwrap (new_parent) == node)
    return exp_pypet_trajectory_rename (((Root *)node)->store, name, new_name, flags, error);
  g_set_error (error, EXP_ERROR, EXP_ERROR_UNSUPPORTED, "a trajectory does not lie within another");
  return FALSE;
}

static gboolean
root_write_attribute (ExpNode *node, const char *name, const ExpArray *value, GError **error)
{
  return exp_pypet_write_attribute (((Root *)node)->store, inner_of (node), NULL, name, value, error);
}

static gboolean
root_remove_attribute (ExpNode *node, const char *name, GError **error)
{
  return exp_pypet_remove_attribute (((Root *)node)->store, inner_of (node), NULL, name, error);
}

static gboolean
root_commit (ExpNode *node, gboolean checkpoint, GError **error)
{
  return exp_node_commit (inner_of (node), checkpoint, error);
}

static guint64
root_journal_size (ExpNode *node)
{
  return exp_node_journal_size (inner_of (node));
}

static gboolean
root_perform (ExpNode *node, ExpTask *task, GError **error)
{
  return exp_pypet_store_perform (((Root *)node)->store, task, error);
}

static void
root_free (ExpNode *node)
{
  exp_pypet_store_unref (((Root *)node)->store);
  g_free (node);
}

static const ExpNodeClass root_class = {
  .free = root_free,
  .describe = root_describe,
  .list = root_list,
  .lookup = root_lookup,
  .list_attributes = root_list_attributes,
  .read_attribute = root_read_attribute,
  .create_group = root_create_group,
  .create_dataset = root_create_dataset,
  .check_name = root_check_name,
  .remove = root_remove,
  .move = root_move,
  .write_attribute = root_write_attribute,
  .remove_attribute = root_remove_attribute,
  .commit = root_commit,
  .journal_size = root_journal_size,
  .perform = root_perform,
};

ExpPypetStore *
exp_pypet_root_store (ExpNode *node)
{
  return node->klass == &root_class ? ((Root *)node)->store : NULL;
}

ExpNode *
exp_pypet_root_new (ExpPypetStore *store)
{
  Root *self = g_new0 (Root, 1);

  exp_node_init (&self->base, &root_class);
  self->store = exp_pypet_store_ref (store);
  return &self->base;
}
