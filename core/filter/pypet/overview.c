/* overview/: pypet's own tables as files.
 * Knows no table in particular.
 * Made by trajectory.c. */
#include "filter/delegate.h"
#include "type.h"
#include "write.h"

typedef struct
{
  ExpDelegate base;
  ExpPypetTrajectory *trajectory; /* of the directory */
  ExpNode *inner;
} Overview;

static const ExpNodeClass overview_class, table_class;

static ExpNode *
new_node (ExpNode *inner, const ExpNodeClass *klass)
{
  Overview *self = g_new0 (Overview, 1);

  exp_node_init (&self->base.base, klass);
  self->inner = exp_node_ref (inner);
  return &self->base.base;
}

static ExpNode *
make_table (ExpDelegate *delegate, GError **error)
{
  return exp_pypet_typed_new (((Overview *)delegate)->inner, NULL, "utf8", error);
}

static ExpNode *
table_new (ExpNode *inner)
{
  ExpNode *node = new_node (inner, &table_class);

  ((ExpDelegate *)node)->make = make_table;
  return node;
}

static gboolean
overview_describe (ExpNode *node, ExpInfo *info, GError **error)
{
  return exp_node_describe (((Overview *)node)->inner, info, error);
}

typedef struct
{
  guint64 skip;
  ExpListFunc func;
  gpointer data;
} Listing;

static gboolean
list_table (const char *name, ExpNode *inner, gpointer data)
{
  Listing *listing = data;

  if (exp_pypet_is_hidden_child (name))
    return TRUE;
  if (listing->skip > 0)
    {
      listing->skip--;
      return TRUE;
    }
  g_autoptr (ExpNode) table = table_new (inner);
  return listing->func (name, table, listing->data);
}

static gboolean
overview_list (ExpNode *node, guint64 skip, ExpListFunc func, gpointer data, GError **error)
{
  Listing listing = { skip, func, data };

  return exp_node_list (((Overview *)node)->inner, 0, list_table, &listing, error);
}

static ExpNode *
overview_lookup (ExpNode *node, const char *name, GError **error)
{
  g_autoptr (ExpNode) inner = exp_node_lookup (((Overview *)node)->inner, name, error);

  return inner != NULL ? table_new (inner) : NULL;
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
  .remove = overview_remove,
};

static const ExpNodeClass table_class = { .free = overview_free, EXP_DELEGATE_MEMBERS };

ExpNode *
exp_pypet_overview_new (ExpPypetTrajectory *trajectory, ExpNode *inner)
{
  ExpNode *node = new_node (inner, &overview_class);

  ((Overview *)node)->trajectory = exp_pypet_trajectory_ref (trajectory);
  return node;
}
