/* x.attrs/ and DIR/.attrs/: the attributes of a node as datasets, whatever their length.
 * Knows no format and no view.
 * Made by name resolution in fs/. */
#include "expfs/memory_node.h"
#include "expfs/select.h"
#include <string.h>

typedef struct
{
  ExpNode base;
  ExpNode *inner;
  char *name;
} AttributeNode;

typedef struct
{
  ExpNode base;
  ExpNode *inner;
} AttributesNode;

/* --- one attribute ------------------------------------------------------------------------------------------ */

static void
attribute_free (ExpNode *node)
{
  AttributeNode *self = (AttributeNode *)node;

  exp_node_unref (self->inner);
  g_free (self->name);
  g_free (self);
}

static gboolean
attribute_describe (ExpNode *node, ExpInfo *info, GError **error)
{
  AttributeNode *self = (AttributeNode *)node;
  g_autoptr (ExpArray) value = exp_node_read_attribute (self->inner, self->name, error);

  if (value == NULL)
    return FALSE;
  info->kind = EXP_KIND_DATASET;
  info->role = "attribute";
  info->dtype = exp_dtype_ref (value->dtype);
  info->rank = value->rank;
  info->is_null = value->rank == 0 && value->n_elements == 0;
  memcpy (info->shape, value->shape, value->rank * sizeof *value->shape);
  return TRUE;
}

/* The value is read again each time: attributes are short, and a mount may hold many of these nodes. */
static gboolean
attribute_read (ExpNode *node, const ExpSlab *slab, ExpArray *array, GError **error)
{
  AttributeNode *self = (AttributeNode *)node;
  g_autoptr (ExpArray) value = exp_node_read_attribute (self->inner, self->name, error);

  if (value == NULL)
    return FALSE;
  if (!exp_slab_check (slab, value->rank, value->shape, error) || !exp_dtype_equal (value->dtype, array->dtype))
    {
      g_clear_error (error);
      g_set_error (error, EXP_ERROR, EXP_ERROR_FAILED, "attribute '%s' changed while it was read", self->name);
      return FALSE;
    }

  g_autoptr (ExpNode) dataset = exp_memory_dataset_new (value, NULL);
  return dataset->klass->read (dataset, slab, array, error);
}

static const ExpNodeClass attribute_class = {
  .free = attribute_free,
  .describe = attribute_describe,
  .read = attribute_read,
};

static ExpNode *
attribute_new (ExpNode *inner, const char *name)
{
  AttributeNode *self = g_new0 (AttributeNode, 1);

  exp_node_init (&self->base, &attribute_class);
  self->inner = exp_node_ref (inner);
  self->name = g_strdup (name);
  return &self->base;
}

/* --- the group of attributes -------------------------------------------------------------------------------- */

static void
attributes_free (ExpNode *node)
{
  exp_node_unref (((AttributesNode *)node)->inner);
  g_free (node);
}

static gboolean
attributes_describe (ExpNode *node, ExpInfo *info, GError **error)
{
  info->kind = EXP_KIND_GROUP;
  return TRUE;
}

static gboolean
attributes_list (ExpNode *node, guint64 skip, ExpListFunc func, gpointer data, GError **error)
{
  AttributesNode *self = (AttributesNode *)node;
  g_auto (GStrv) names = exp_node_list_attributes (self->inner, error);

  if (names == NULL)
    return FALSE;
  for (char **name = names; *name != NULL; name++)
    {
      g_autoptr (ExpNode) attribute = NULL;

      if (skip > 0)
        {
          skip--;
          continue;
        }
      attribute = attribute_new (self->inner, *name);
      if (!func (*name, attribute, data))
        break;
    }
  return TRUE;
}

static ExpNode *
attributes_lookup (ExpNode *node, const char *name, GError **error)
{
  AttributesNode *self = (AttributesNode *)node;
  g_auto (GStrv) names = exp_node_list_attributes (self->inner, error);

  if (names == NULL)
    return NULL;
  if (g_strv_contains ((const char *const *)names, name))
    return attribute_new (self->inner, name);
  g_set_error (error, EXP_ERROR, EXP_ERROR_NOT_FOUND, "no attribute '%s'", name);
  return NULL;
}

static const ExpNodeClass attributes_class = {
  .free = attributes_free,
  .describe = attributes_describe,
  .list = attributes_list,
  .lookup = attributes_lookup,
};

ExpNode *
exp_attributes_new (ExpNode *node, GError **error)
{
  AttributesNode *self = g_new0 (AttributesNode, 1);

  exp_node_init (&self->base, &attributes_class);
  self->inner = exp_node_ref (node);
  return &self->base;
}
