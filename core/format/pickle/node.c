/* Pickled values as nodes: directories, and links to those that are met again.
 * Knows no class; datasets are dataset.c's.
 * Made by store.c of this folder and by filters. */
#include "meaning.h"
#include <string.h>

typedef struct
{
  ExpNode base;
  ExpPickleTree *tree;
  const ExpPickleValue *record; /* a directory; for a link the one that it lies in */
  guint index;                  /* of a link */
} PickleNode;

static const ExpNodeClass group_class, link_class;

static ExpNode *
node_new (ExpPickleTree *tree, const ExpNodeClass *klass, const ExpPickleValue *record, guint index)
{
  PickleNode *self = g_new0 (PickleNode, 1);

  exp_node_init (&self->base, klass);
  self->tree = exp_pickle_tree_ref (tree);
  self->record = record;
  self->index = index;
  return &self->base;
}

static ExpNode *
child_new (const PickleNode *self, guint index)
{
  const ExpPickleValue *child = exp_pickle_child (self->record, index);

  if (exp_pickle_tree_is_link (self->tree, self->record, index))
    return node_new (self->tree, &link_class, self->record, index);
  if (exp_pickle_is_group (child))
    return node_new (self->tree, &group_class, child, 0);
  return exp_pickle_dataset_new (exp_pickle_tree_pickle (self->tree), child);
}

static void
node_free (ExpNode *node)
{
  exp_pickle_tree_unref (((PickleNode *)node)->tree);
  g_free (node);
}

static gboolean
group_describe (ExpNode *node, ExpInfo *info, GError **error)
{
  info->kind = EXP_KIND_GROUP;
  info->class_name = exp_pickle_class_name (((PickleNode *)node)->record);
  return TRUE;
}

static gboolean
group_list (ExpNode *node, guint64 skip, ExpListFunc func, gpointer data, GError **error)
{
  const PickleNode *self = (PickleNode *)node;
  guint n = exp_pickle_n_children (self->record);

  for (guint i = (guint)MIN (skip, n); i < n; i++)
    {
      g_autofree char *name = exp_pickle_tree_name (self->tree, self->record, i);
      g_autoptr (ExpNode) child = child_new (self, i);

      if (!func (name, child, data))
        break;
    }
  return TRUE;
}

static ExpNode *
group_lookup (ExpNode *node, const char *name, GError **error)
{
  const PickleNode *self = (PickleNode *)node;
  guint index;

  if (exp_pickle_tree_find (self->tree, self->record, name, &index))
    return child_new (self, index);
  g_set_error (error, EXP_ERROR, EXP_ERROR_NOT_FOUND, "no '%s' here", name);
  return NULL;
}

static char **
group_list_attributes (ExpNode *node, GError **error)
{
  return exp_pickle_list_attributes (((PickleNode *)node)->record);
}

static ExpArray *
group_read_attribute (ExpNode *node, const char *name, GError **error)
{
  return exp_pickle_read_attribute (((PickleNode *)node)->record, name, error);
}

static const ExpNodeClass group_class = {
  .free = node_free,
  .describe = group_describe,
  .list = group_list,
  .lookup = group_lookup,
  .list_attributes = group_list_attributes,
  .read_attribute = group_read_attribute,
};

static gboolean
link_describe (ExpNode *node, ExpInfo *info, GError **error)
{
  const PickleNode *self = (PickleNode *)node;

  info->kind = EXP_KIND_LINK;
  info->target = exp_pickle_tree_target (self->tree, self->record, self->index, &info->separator);
  return TRUE;
}

static const ExpNodeClass link_class = { .free = node_free, .describe = link_describe };

ExpNode *
exp_pickle_node_new (ExpPickle *pickle, const ExpPickleValue *value, gboolean has_flat_lists)
{
  ExpPickleTree *tree = exp_pickle_tree_new (pickle, value, has_flat_lists);
  ExpNode *node
      = exp_pickle_is_group (value) ? node_new (tree, &group_class, value, 0) : exp_pickle_dataset_new (pickle, value);

  exp_pickle_tree_unref (tree);
  return node;
}
