/* Nodes whose values and children are held in memory.
 * Knows no format and no filter.
 * Made by filters and formats for values that no single stored object has, and by tests. */
#include "expfs/memory_node.h"
#include <string.h>

typedef struct
{
  char *name;
  ExpNode *node;
  gboolean is_hidden;
} Child;

typedef struct
{
  char *name;
  ExpArray *value;
} Attribute;

typedef struct
{
  ExpNode base;
  ExpKind kind;
  const char *role;
  ExpArray *value;     /* DATASET */
  char *target;        /* LINK */
  GArray *children;    /* GROUP: of Child, in the order of adding */
  GHashTable *by_name; /* GROUP: name (borrowed) -> index + 1 */
  GArray *attributes;  /* of Attribute, or NULL */
} MemoryNode;

static void
clear_child (gpointer data)
{
  Child *child = data;

  g_free (child->name);
  exp_node_unref (child->node);
}

static void
clear_attribute (gpointer data)
{
  Attribute *attribute = data;

  g_free (attribute->name);
  exp_array_unref (attribute->value);
}

static void
memory_free (ExpNode *node)
{
  MemoryNode *self = (MemoryNode *)node;

  exp_array_unref (self->value);
  g_free (self->target);
  g_clear_pointer (&self->by_name, g_hash_table_unref);
  g_clear_pointer (&self->children, g_array_unref);
  g_clear_pointer (&self->attributes, g_array_unref);
  g_free (self);
}

static gboolean
memory_describe (ExpNode *node, ExpInfo *info, GError **error)
{
  MemoryNode *self = (MemoryNode *)node;

  info->kind = self->kind;
  info->role = self->role;
  info->target = g_strdup (self->target);
  if (self->value != NULL)
    {
      info->dtype = exp_dtype_ref (self->value->dtype);
      info->rank = self->value->rank;
      info->is_null = self->value->rank == 0 && self->value->n_elements == 0;
      memcpy (info->shape, self->value->shape, sizeof info->shape);
    }
  return TRUE;
}

static gboolean
memory_list (ExpNode *node, guint64 skip, ExpListFunc func, gpointer data, GError **error)
{
  MemoryNode *self = (MemoryNode *)node;

  for (guint i = 0; i < self->children->len; i++)
    {
      Child *child = &g_array_index (self->children, Child, i);

      if (child->is_hidden)
        continue;
      if (skip > 0)
        skip--;
      else if (!func (child->name, child->node, data))
        break;
    }
  return TRUE;
}

static ExpNode *
memory_lookup (ExpNode *node, const char *name, GError **error)
{
  MemoryNode *self = (MemoryNode *)node;
  guint index = GPOINTER_TO_UINT (g_hash_table_lookup (self->by_name, name));

  if (index > 0)
    return exp_node_ref (g_array_index (self->children, Child, index - 1).node);
  g_set_error (error, EXP_ERROR, EXP_ERROR_NOT_FOUND, "no '%s' here", name);
  return NULL;
}

static void
copy_row (const MemoryNode *self, const ExpSlab *slab, guint64 offset, guint8 **to)
{
  gsize size = self->value->dtype->size;
  guint last = slab->rank - 1;

  for (guint64 i = 0; i < slab->count[last]; i++, *to += size)
    memcpy (*to, self->value->data + (offset + slab->start[last] + i * slab->step[last]) * size, size);
}

static void
copy_axis (const MemoryNode *self, const ExpSlab *slab, guint axis, guint64 offset, guint8 **to)
{
  if (axis + 1 == slab->rank)
    {
      copy_row (self, slab, offset, to);
      return;
    }
  for (guint64 i = 0; i < slab->count[axis]; i++)
    {
      guint64 index = slab->start[axis] + i * slab->step[axis];
      guint64 inner = offset + index;

      inner *= self->value->shape[axis + 1];
      copy_axis (self, slab, axis + 1, inner, to);
    }
}

static gboolean
memory_read (ExpNode *node, const ExpSlab *slab, ExpArray *array, GError **error)
{
  MemoryNode *self = (MemoryNode *)node;
  guint8 *to = array->data;

  if (slab->rank == 0)
    memcpy (to, self->value->data, self->value->dtype->size);
  else
    copy_axis (self, slab, 0, 0, &to);
  return exp_array_own_cells (array, error);
}

static char **
memory_list_attributes (ExpNode *node, GError **error)
{
  MemoryNode *self = (MemoryNode *)node;
  GPtrArray *names = g_ptr_array_new ();

  for (guint i = 0; self->attributes != NULL && i < self->attributes->len; i++)
    g_ptr_array_add (names, g_strdup (g_array_index (self->attributes, Attribute, i).name));
  g_ptr_array_add (names, NULL);
  return (char **)g_ptr_array_free (names, FALSE);
}

static ExpArray *
memory_read_attribute (ExpNode *node, const char *name, GError **error)
{
  MemoryNode *self = (MemoryNode *)node;

  for (guint i = 0; self->attributes != NULL && i < self->attributes->len; i++)
    {
      Attribute *attribute = &g_array_index (self->attributes, Attribute, i);

      if (strcmp (attribute->name, name) == 0)
        return exp_array_ref (attribute->value);
    }
  g_set_error (error, EXP_ERROR, EXP_ERROR_NOT_FOUND, "no attribute '%s'", name);
  return NULL;
}

static const ExpNodeClass group_class = {
  .free = memory_free,
  .describe = memory_describe,
  .list = memory_list,
  .lookup = memory_lookup,
  .list_attributes = memory_list_attributes,
  .read_attribute = memory_read_attribute,
};

static const ExpNodeClass dataset_class = {
  .free = memory_free,
  .describe = memory_describe,
  .read = memory_read,
  .list_attributes = memory_list_attributes,
  .read_attribute = memory_read_attribute,
};

static MemoryNode *
memory_new (const ExpNodeClass *klass, ExpKind kind, const char *role)
{
  MemoryNode *self = g_new0 (MemoryNode, 1);

  exp_node_init (&self->base, klass);
  self->kind = kind;
  self->role = role;
  return self;
}

ExpNode *
exp_memory_dataset_new (ExpArray *value, const char *role)
{
  MemoryNode *self = memory_new (&dataset_class, EXP_KIND_DATASET, role);

  self->value = exp_array_ref (value);
  return &self->base;
}

ExpNode *
exp_memory_group_new (const char *role)
{
  MemoryNode *self = memory_new (&group_class, EXP_KIND_GROUP, role);

  self->children = g_array_new (FALSE, FALSE, sizeof (Child));
  g_array_set_clear_func (self->children, clear_child);
  self->by_name = g_hash_table_new (g_str_hash, g_str_equal);
  return &self->base;
}

ExpNode *
exp_memory_link_new (const char *target)
{
  MemoryNode *self = memory_new (&dataset_class, EXP_KIND_LINK, NULL);

  self->target = g_strdup (target);
  return &self->base;
}

static void
add_child (ExpNode *group, const char *name, ExpNode *node, gboolean is_hidden)
{
  MemoryNode *self = (MemoryNode *)group;
  guint index = GPOINTER_TO_UINT (g_hash_table_lookup (self->by_name, name));

  if (index > 0)
    {
      Child *child = &g_array_index (self->children, Child, index - 1);

      exp_node_ref (node);
      exp_node_unref (child->node);
      child->node = node;
      child->is_hidden = is_hidden;
      return;
    }

  Child child = { g_strdup (name), exp_node_ref (node), is_hidden };
  g_array_append_val (self->children, child);
  g_hash_table_insert (self->by_name, child.name, GUINT_TO_POINTER (self->children->len));
}

void
exp_memory_group_add (ExpNode *group, const char *name, ExpNode *child)
{
  add_child (group, name, child, FALSE);
}

void
exp_memory_group_add_hidden (ExpNode *group, const char *name, ExpNode *child)
{
  add_child (group, name, child, TRUE);
}

void
exp_memory_node_set_attribute (ExpNode *node, const char *name, ExpArray *value)
{
  MemoryNode *self = (MemoryNode *)node;
  Attribute attribute = { g_strdup (name), exp_array_ref (value) };

  if (self->attributes == NULL)
    {
      self->attributes = g_array_new (FALSE, FALSE, sizeof (Attribute));
      g_array_set_clear_func (self->attributes, clear_attribute);
    }
  g_array_append_val (self->attributes, attribute);
}
