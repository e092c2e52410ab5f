/* Pickled values as nodes: a directory for a dict and for an object that a dict describes, a dataset for all else.
 * Knows no store.
 * Made by filters. */
#include "expfs/memory_node.h"
#include "pickle.h"
#include <string.h>

/* Values may contain themselves; nobody looks deeper than this. */
#define MAX_DEPTH 64

typedef struct
{
  ExpNode base;
  ExpPickle *pickle;
  const ExpPickleValue *value;
  guint depth;
  ExpNode *dataset; /* atomic: made when somebody asks; not for directories */
} PickleNode;

static const ExpNodeClass pickle_class;

/* The dict that is a directory; NULL for what is a dataset. */
static const ExpPickleValue *
directory (const PickleNode *self)
{
  const ExpPickleValue *value = self->value;

  if (self->depth >= MAX_DEPTH)
    return NULL;
  if (value->kind == EXP_PICKLE_OBJECT && value->state != NULL && value->state->kind == EXP_PICKLE_DICT)
    return value->state;
  return value->kind == EXP_PICKLE_DICT ? value : NULL;
}

static ExpNode *
get_dataset (PickleNode *self, GError **error)
{
  ExpNode *dataset = g_atomic_pointer_get (&self->dataset);

  if (dataset != NULL)
    return dataset;
  g_autoptr (ExpArray) array = exp_pickle_to_array (self->value, error);
  if (array == NULL)
    return NULL;
  dataset = exp_memory_dataset_new (array, NULL);
  if (g_atomic_pointer_compare_and_exchange (&self->dataset, NULL, dataset))
    return dataset;
  exp_node_unref (dataset);
  return g_atomic_pointer_get (&self->dataset);
}

static ExpNode *
node_new (ExpPickle *pickle, const ExpPickleValue *value, guint depth)
{
  PickleNode *self = g_new0 (PickleNode, 1);

  exp_node_init (&self->base, &pickle_class);
  self->pickle = exp_pickle_ref (pickle);
  self->value = value;
  self->depth = depth;
  return &self->base;
}

static gboolean
pickle_describe (ExpNode *node, ExpInfo *info, GError **error)
{
  PickleNode *self = (PickleNode *)node;

  if (directory (self) != NULL)
    info->kind = EXP_KIND_GROUP;
  else
    {
      ExpNode *dataset = get_dataset (self, error);

      if (dataset == NULL || !exp_node_describe (dataset, info, error))
        return FALSE;
    }
  if (self->value->kind == EXP_PICKLE_OBJECT)
    {
      g_autofree char *name = g_strndup (self->value->text, self->value->length);
      info->class_name = exp_class_name_intern (name);
    }
  return TRUE;
}

static char *
key_name (const ExpPickleValue *key)
{
  GString *name = g_string_new (NULL);

  exp_pickle_append_text (key, name);
  if (memchr (name->str, '\0', name->len) != NULL)
    g_string_truncate (name, strlen (name->str));
  return g_string_free (name, FALSE);
}

static gboolean
pickle_list (ExpNode *node, guint64 skip, ExpListFunc func, gpointer data, GError **error)
{
  PickleNode *self = (PickleNode *)node;
  const ExpPickleValue *dict = directory (self);
  g_autoptr (GHashTable) seen = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);

  if (dict == NULL)
    {
      g_set_error (error, EXP_ERROR, EXP_ERROR_NOT_A_GROUP, "not a group");
      return FALSE;
    }
  for (guint i = 0; i + 1 < exp_pickle_n_items (dict); i += 2)
    {
      char *name = key_name (exp_pickle_item (dict, i));

      if (!g_hash_table_add (seen, name))
        continue;
      if (skip > 0)
        {
          skip--;
          continue;
        }
      g_autoptr (ExpNode) child = node_new (self->pickle, exp_pickle_item (dict, i + 1), self->depth + 1);
      if (!func (name, child, data))
        break;
    }
  return TRUE;
}

static ExpNode *
pickle_lookup (ExpNode *node, const char *name, GError **error)
{
  PickleNode *self = (PickleNode *)node;
  const ExpPickleValue *dict = directory (self);

  for (guint i = 0; dict != NULL && i + 1 < exp_pickle_n_items (dict); i += 2)
    {
      g_autofree char *key = key_name (exp_pickle_item (dict, i));

      if (strcmp (key, name) == 0)
        return node_new (self->pickle, exp_pickle_item (dict, i + 1), self->depth + 1);
    }
  g_set_error (error, EXP_ERROR, dict != NULL ? EXP_ERROR_NOT_FOUND : EXP_ERROR_NOT_A_GROUP, "no '%s' here", name);
  return NULL;
}

static gboolean
pickle_read (ExpNode *node, const ExpSlab *slab, ExpArray *array, GError **error)
{
  ExpNode *dataset = get_dataset ((PickleNode *)node, error);

  return dataset != NULL && dataset->klass->read (dataset, slab, array, error);
}

static void
pickle_free (ExpNode *node)
{
  PickleNode *self = (PickleNode *)node;

  exp_node_unref (self->dataset);
  exp_pickle_unref (self->pickle);
  g_free (self);
}

static const ExpNodeClass pickle_class = {
  .free = pickle_free,
  .describe = pickle_describe,
  .list = pickle_list,
  .lookup = pickle_lookup,
  .read = pickle_read,
};

ExpNode *
exp_pickle_node_new (ExpPickle *pickle, const ExpPickleValue *value)
{
  return node_new (pickle, value, 0);
}
