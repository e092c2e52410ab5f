/* Nodes of a map: groups, and what is none.
 * Knows the tree; arrays are array.c's.
 * Made by hmf.c and by each other. */
#include "hmf.h"

static const ExpNodeClass group_class, broken_class;

ExpNode *
exp_hmf_node_new (ExpHmfTree *tree, ExpHmfEntry *entry)
{
  ExpHmfNode *self = g_new0 (ExpHmfNode, 1);
  const gboolean is_broken = entry->error != NULL && (entry->header == NULL || entry->header->dtype == NULL);

  exp_node_init (&self->base, is_broken ? &broken_class : entry->header != NULL ? &exp_hmf_array_class : &group_class);
  self->tree = exp_hmf_tree_ref (tree);
  self->entry = entry;
  g_atomic_int_inc (&entry->n_nodes);
  return &self->base;
}

ExpHmfNode *
exp_hmf_node (ExpNode *node)
{
  if (node == NULL
      || (node->klass != &group_class && node->klass != &exp_hmf_array_class && node->klass != &broken_class))
    return NULL;
  return (ExpHmfNode *)node;
}

void
exp_hmf_node_free (ExpNode *node)
{
  const ExpHmfNode *self = (ExpHmfNode *)node;

  if (g_atomic_int_dec_and_test (&self->entry->n_nodes) && g_atomic_pointer_get (&self->entry->kept) != NULL)
    {
      g_rw_lock_writer_lock (&self->tree->folder->lock);
      if (g_atomic_int_get (&self->entry->n_nodes) == 0)
        g_clear_pointer (&self->entry->kept, exp_source_unref);
      g_rw_lock_writer_unlock (&self->tree->folder->lock);
    }
  exp_hmf_tree_unref (self->tree);
  g_free (node);
}

static gboolean
group_describe (ExpNode *node, ExpInfo *info, GError **error)
{
  info->kind = EXP_KIND_GROUP;
  return TRUE;
}

static gboolean
group_list (ExpNode *node, guint64 skip, ExpListFunc func, gpointer data, GError **error)
{
  const ExpHmfNode *self = (ExpHmfNode *)node;
  const GPtrArray *children = self->entry->children;

  for (guint64 i = skip; children != NULL && i < children->len; i++)
    {
      ExpHmfEntry *entry = children->pdata[i];
      g_autoptr (ExpNode) child = exp_hmf_node_new (self->tree, entry);

      if (!func (entry->name, child, data))
        break;
    }
  return TRUE;
}

static ExpNode *
group_lookup (ExpNode *node, const char *name, GError **error)
{
  const ExpHmfNode *self = (ExpHmfNode *)node;
  ExpHmfEntry *entry = exp_hmf_entry_child (self->entry, name);

  if (entry != NULL)
    return exp_hmf_node_new (self->tree, entry);
  g_set_error (error, EXP_ERROR, EXP_ERROR_NOT_FOUND, "no '%s' here", name);
  return NULL;
}

static const ExpNodeClass group_class = {
  .free = exp_hmf_node_free,
  .describe = group_describe,
  .list = group_list,
  .lookup = group_lookup,
  .list_attributes = exp_hmf_list_attributes,
  .read_attribute = exp_hmf_read_attribute,
};

/* --- what cannot be shown ----------------------------------------------------------------------------------- */

static gboolean
broken_describe (ExpNode *node, ExpInfo *info, GError **error)
{
  g_propagate_error (error, g_error_copy (((ExpHmfNode *)node)->entry->error));
  return FALSE;
}

static const ExpNodeClass broken_class = { .free = exp_hmf_node_free, .describe = broken_describe };
