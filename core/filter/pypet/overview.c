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

static ExpNode *
show_table (ExpNode *overview, const char *name, ExpNode *inner)
{
  return exp_pypet_is_hidden_child (name) ? NULL : table_new (overview, name, inner);
}

static gboolean
overview_list (ExpNode *node, guint64 skip, ExpListFunc func, gpointer data, GError **error)
{
  return exp_delegate_list_wrapped (((Overview *)node)->inner, show_table, node, skip, func, data, error);
}

/* Where files are kept that programs make beside a table, ".runs.Xy12", to rename them to it: in memory. */
static ExpNode *
aside (Overview *self)
{
  ExpPypetStore *store = self->trajectory->store;

  g_mutex_lock (&store->making);
  ExpNode *node = g_hash_table_lookup (store->aside, self->trajectory->name);
  if (node == NULL)
    {
      node = exp_memory_store_new ();
      g_hash_table_insert (store->aside, g_strdup (self->trajectory->name), node);
    }
  exp_node_ref (node);
  g_mutex_unlock (&store->making);
  return node;
}

static gboolean
is_aside (const char *name)
{
  g_autofree char *stored = exp_pypet_stored_name (name);

  return strcmp (stored, name) != 0;
}

static ExpNode *
overview_lookup (ExpNode *node, const char *name, GError **error)
{
  Overview *self = (Overview *)node;
  g_autoptr (ExpNode) beside = NULL;
  g_autoptr (ExpNode) inner = is_aside (name) ? NULL : exp_node_lookup (self->inner, name, error);

  if (inner != NULL)
    return table_new (node, name, inner);
  if (!self->trajectory->store->is_writable)
    return is_aside (name) ? exp_node_lookup (self->inner, name, error) : NULL;
  beside = aside (self);
  inner = exp_node_lookup (beside, name, is_aside (name) ? error : NULL);
  if (inner == NULL || is_aside (name))
    return g_steal_pointer (&inner);
  g_clear_error (error);
  return table_new (node, name, inner);
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
  g_autoptr (ExpNode) beside = is_aside (name) ? aside ((Overview *)node) : NULL;

  return beside != NULL ? exp_node_remove (beside, name, error)
                        : exp_pypet_remove_overview (((Overview *)node)->trajectory, name, error);
}

/* A table that this trajectory does not have is there, without a row, as long as the store is open. */
static ExpNode *
overview_create_dataset (ExpNode *node, const char *name, const ExpNewDataset *dataset, GError **error)
{
  g_autoptr (ExpNode) beside = aside ((Overview *)node);

  if (is_aside (name))
    return exp_node_create_dataset (beside, name, dataset, error);
  g_autoptr (ExpNode) there = exp_pypet_child (beside, name);
  ExpNewDataset empty = { .dtype = dataset->dtype, .rank = 1 };
  if (there == NULL)
    there = exp_node_create_dataset (beside, name, &empty, error);
  return there != NULL ? table_new (node, name, there) : NULL;
}

/* More runs. */
static ExpNode *
overview_replace_dataset (ExpNode *node, const char *name, const ExpNewDataset *dataset, GError **error)
{
  Overview *self = (Overview *)node;
  g_autoptr (ExpNode) beside = is_aside (name) ? aside (self) : NULL;

  if (beside != NULL)
    return exp_node_replace_dataset (beside, name, dataset, error);
  if (strcmp (name, "runs") != 0 || dataset->rank != 1)
    return overview_create_dataset (node, name, dataset, error);
  return exp_pypet_runs_set_length (self->trajectory, dataset->shape[0], error) ? overview_lookup (node, name, error)
                                                                                : NULL;
}

/* Rows that were made beside the table of runs become what it says of them; those of other tables go. */
static gboolean
take_over (Overview *self, const char *name, const char *new_name, GError **error)
{
  g_autoptr (ExpNode) beside = aside (self);
  g_autoptr (ExpNode) from = exp_node_lookup (beside, name, error);
  g_auto (ExpInfo) info = { 0 };

  if (from == NULL || !exp_node_describe (from, &info, error))
    return FALSE;
  if (is_aside (new_name))
    return exp_node_move (beside, name, beside, new_name, 0, error);
  if (strcmp (new_name, "runs") == 0 && info.rank == 1 && info.dtype->type == EXP_TYPE_COMPOUND)
    {
      ExpSlab all = { .rank = 1, .count = { info.shape[0] }, .step = { 1 } };
      g_autoptr (ExpArray) rows = exp_node_read_all (from, error);

      if (rows == NULL || !exp_pypet_runs_set_length (self->trajectory, info.shape[0], error)
          || !exp_pypet_runs_write (self->trajectory, &all, rows, error))
        return FALSE;
    }
  return exp_node_remove (beside, name, error);
}

static gboolean
overview_move (ExpNode *node, const char *name, ExpNode *new_parent, const char *new_name, guint flags, GError **error)
{
  Overview *self = (Overview *)node;
  g_autoptr (ExpNode) there = exp_pypet_child (self->inner, name);
  ExpNode *to = exp_node_unwrap (new_parent);
  gboolean is_here = to != NULL && to->klass == &overview_class
                     && ((Overview *)to)->trajectory->store == self->trajectory->store
                     && strcmp (((Overview *)to)->trajectory->name, self->trajectory->name) == 0;

  if (there == NULL && is_here)
    return !is_aside (name) || take_over (self, name, new_name, error);
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
