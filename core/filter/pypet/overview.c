/* overview/: pypet's own tables as files. They are kept in step with the trajectory; what a copy of a whole trajectory
 * writes there is passed over, but for what it says of runs.
 * Knows which table is that of the runs.
 * Made by trajectory.c. */
#include "filter/delegate.h"
#include "type.h"
#include "write.h"
#include <string.h>

typedef struct
{
  ExpDelegate base;
  ExpPypetTrajectory *trajectory;
  ExpNode *inner;
} Overview;

static const ExpNodeClass overview_class, table_class, runs_class;

static ExpNode *
new_node (ExpPypetTrajectory *trajectory, ExpNode *inner, const ExpNodeClass *klass)
{
  Overview *self = g_new0 (Overview, 1);

  exp_node_init (&self->base.base, klass);
  self->trajectory = exp_pypet_trajectory_ref (trajectory);
  self->inner = exp_node_ref (inner);
  return &self->base.base;
}

static ExpNode *
make_table (ExpDelegate *delegate, GError **error)
{
  return exp_pypet_typed_new (((Overview *)delegate)->inner, NULL, "utf8", error);
}

static ExpNode *
table_new (ExpNode *overview, const char *name, ExpNode *inner)
{
  ExpNode *node
      = new_node (((Overview *)overview)->trajectory, inner, strcmp (name, "runs") == 0 ? &runs_class : &table_class);

  ((ExpDelegate *)node)->make = make_table;
  return node;
}

static gboolean
overview_describe (ExpNode *node, ExpInfo *info, GError **error)
{
  return exp_node_describe (((Overview *)node)->inner, info, error);
}

static gboolean
overview_list (ExpNode *node, guint64 skip, ExpListFunc func, gpointer data, GError **error)
{
  return exp_pypet_list_wrapped (((Overview *)node)->inner, table_new, node, skip, func, data, error);
}

static ExpNode *
overview_lookup (ExpNode *node, const char *name, GError **error)
{
  g_autoptr (ExpNode) inner = exp_node_lookup (((Overview *)node)->inner, name, error);

  return inner != NULL ? table_new (node, name, inner) : NULL;
}

static char **
overview_list_attributes (ExpNode *node, GError **error)
{
  return exp_pypet_list_attributes (((Overview *)node)->inner, error);
}

static ExpArray *
overview_read_attribute (ExpNode *node, const char *name, GError **error)
{
  return exp_pypet_read_attribute (((Overview *)node)->inner, name, error);
}

static gboolean
overview_remove (ExpNode *node, const char *name, GError **error)
{
  return exp_pypet_remove_overview (((Overview *)node)->trajectory, name, error);
}

/* Of a table that this trajectory does not have: kept nowhere. */
static ExpNode *
overview_create_dataset (ExpNode *node, const char *name, const ExpNewDataset *dataset, GError **error)
{
  g_autoptr (ExpNode) nowhere = exp_memory_store_new ();

  return exp_node_create_dataset (nowhere, name, dataset, error);
}

/* More runs. */
static ExpNode *
overview_replace_dataset (ExpNode *node, const char *name, const ExpNewDataset *dataset, GError **error)
{
  Overview *self = (Overview *)node;

  if (strcmp (name, "runs") != 0 || dataset->rank != 1)
    return overview_create_dataset (node, name, dataset, error);
  return exp_pypet_runs_set_length (self->trajectory, dataset->shape[0], error) ? overview_lookup (node, name, error)
                                                                                : NULL;
}

static gboolean
overview_move (ExpNode *node, const char *name, ExpNode *new_parent, const char *new_name, guint flags, GError **error)
{
  g_autoptr (ExpNode) there = exp_pypet_child (((Overview *)node)->inner, name);

  if (there == NULL && exp_node_unwrap (new_parent) == node)
    return TRUE;
  g_set_error (error, EXP_ERROR, EXP_ERROR_UNSUPPORTED, "the overview keeps its names");
  return FALSE;
}

static gboolean
runs_write (ExpNode *node, const ExpSlab *slab, const ExpArray *array, GError **error)
{
  return exp_pypet_runs_write (((Overview *)node)->trajectory, slab, array, error);
}

static void
overview_free (ExpNode *node)
{
  Overview *self = (Overview *)node;

  exp_pypet_trajectory_unref (self->trajectory);
  exp_delegate_clear (&self->base);
  exp_node_unref (self->inner);
  g_free (self);
}

static const ExpNodeClass overview_class = {
  .free = overview_free,
  .describe = overview_describe,
  .list = overview_list,
  .lookup = overview_lookup,
  .list_attributes = overview_list_attributes,
  .read_attribute = overview_read_attribute,
  .create_dataset = overview_create_dataset,
  .replace_dataset = overview_replace_dataset,
  .remove = overview_remove,
  .move = overview_move,
};

static const ExpNodeClass table_class = { .free = overview_free, EXP_DELEGATE_MEMBERS, .write = exp_node_pass_over };

static const ExpNodeClass runs_class = { .free = overview_free, EXP_DELEGATE_MEMBERS, .write = runs_write };

ExpNode *
exp_pypet_overview_new (ExpPypetTrajectory *trajectory, ExpNode *inner)
{
  return new_node (trajectory, inner, &overview_class);
}
