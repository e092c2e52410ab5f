/* Dicts: a table with one row, shown as a directory with a file for each key.
 * Knows columns only; what changing a key does to the table is write_dict.c's.
 * Made by item.c. */
#include "live.h"
#include "table.h"
#include "type.h"
#include "write_dict.h"
#include <string.h>

typedef struct
{
  ExpNode base;
  ExpPypetLeaf leaf; /* held */
  ExpNode *group;    /* the item is a child of */
  char *name;        /* as stored */
  ExpPypetColumns *columns;
} Dict;

typedef struct
{
  ExpPypetLive base;
  Dict *dict; /* a reference */
  char key[];
} Value;

static ExpPypetColumns *
columns_ref (ExpPypetColumns *columns)
{
  g_atomic_ref_count_inc (&columns->references);
  return columns;
}

/* The columns as they are now, a new reference: another table may have come in the place of the one that there was. */
static ExpPypetColumns *
get_columns (Dict *self, GError **error)
{
  ExpPypetTrajectory *trajectory = self->leaf.scope->trajectory;
  g_auto (ExpInfo) info = { 0 };

  if (!trajectory->store->is_writable)
    return columns_ref (self->columns);
  g_autoptr (ExpNode) item = exp_node_lookup (self->group, self->name, error);
  if (item == NULL || !exp_node_describe (item, &info, error))
    return NULL;
  const char *encoding = exp_pypet_encoding (trajectory);
  if (info.kind == EXP_KIND_GROUP)
    return exp_pypet_columns_new_split (item, self->name, encoding, error);
  return info.dtype->type == EXP_TYPE_COMPOUND ? exp_pypet_columns_new (item, encoding, error)
                                               : exp_pypet_columns_new_empty (encoding);
}

/* pypet takes the row apart into Python's numbers, so that NumPy's scalars do not survive in a dict. */
static const char *
python_type (const ExpInfo *info, const char *noted)
{
  if (info->rank > 0 || noted == NULL)
    return noted;
  return info->dtype->type == EXP_TYPE_FLOAT ? "float" : info->dtype->type == EXP_TYPE_COMPLEX ? "complex" : noted;
}

static gboolean
no_key (const char *key, GError **error)
{
  g_set_error (error, EXP_ERROR, EXP_ERROR_NOT_FOUND, "no key '%s'", key);
  return FALSE;
}

static ExpNode *
make_value (ExpDelegate *delegate, GError **error)
{
  Value *self = (Value *)delegate;
  g_autoptr (ExpPypetColumns) columns = get_columns (self->dict, error);
  guint index = columns != NULL ? GPOINTER_TO_UINT (g_hash_table_lookup (columns->by_name, self->key)) : 0;

  if (index == 0)
    {
      if (columns != NULL)
        no_key (self->key, error);
      return NULL;
    }
  const ExpPypetColumn *column = &g_array_index (columns->columns, ExpPypetColumn, index - 1);
  ExpNode *table = columns->tables->pdata[column->table];
  g_autofree char *own = column->noted == NULL ? exp_pypet_column_type (table, column->name) : NULL;
  const char *noted = column->noted != NULL ? column->noted : own;
  g_autoptr (ExpNode) value = exp_pypet_field_new (table, column->name, 0, noted, columns->encoding, error);
  g_auto (ExpInfo) info = { 0 };

  if (value == NULL || !exp_node_describe (value, &info, error))
    return NULL;
  const char *type = python_type (&info, noted);
  if (type != noted)
    {
      exp_node_unref (value);
      value = exp_pypet_field_new (table, column->name, 0, type, columns->encoding, error);
    }
  return exp_pypet_text_new (g_steal_pointer (&value), self->dict->leaf.scope->trajectory);
}

static gboolean
value_write (ExpNode *node, const ExpSlab *slab, const ExpArray *array, GError **error)
{
  Value *self = (Value *)node;
  Dict *dict = self->dict;

  return exp_pypet_dict_write (&dict->leaf, dict->group, dict->name, self->key, slab, array, error);
}

static gboolean
value_layout (ExpNode *node, ExpLayout *layout, GError **error)
{
  Value *self = (Value *)node;
  g_autoptr (ExpPypetColumns) columns = get_columns (self->dict, error);
  guint index = columns != NULL ? GPOINTER_TO_UINT (g_hash_table_lookup (columns->by_name, self->key)) : 0;

  if (index > 0)
    layout->python = exp_pypet_python_of_column (
        columns->tables->pdata[g_array_index (columns->columns, ExpPypetColumn, index - 1).table], self->key);
  return columns != NULL;
}

static gboolean
value_set_note (ExpNode *node, const char *note, const char *value, GError **error)
{
  Dict *dict = ((Value *)node)->dict;

  return strcmp (note, "python") != 0
         || exp_pypet_dict_set_python (&dict->leaf, dict->group, dict->name, ((Value *)node)->key, value, error);
}

static void
value_free (ExpNode *node)
{
  Value *self = (Value *)node;

  exp_pypet_live_clear (&self->base);
  exp_node_unref (&self->dict->base);
  g_free (self);
}

static const ExpNodeClass value_class = {
  .free = value_free,
  .describe = exp_delegate_describe,
  .layout = value_layout,
  .set_note = value_set_note,
  .read = exp_delegate_read,
  .write = value_write,
};

static ExpNode *
value_new (Dict *dict, const char *key)
{
  gsize size = strlen (key) + 1;
  Value *self = g_malloc0 (sizeof *self + size);

  exp_pypet_live_init (&self->base, &value_class, dict->leaf.scope->trajectory->store, make_value);
  exp_node_ref (&dict->base);
  self->dict = dict;
  memcpy (self->key, key, size);
  return &self->base.base.base;
}

static gboolean
dict_describe (ExpNode *node, ExpInfo *info, GError **error)
{
  info->kind = EXP_KIND_GROUP;
  return TRUE;
}

static gboolean
dict_list (ExpNode *node, guint64 skip, ExpListFunc func, gpointer data, GError **error)
{
  Dict *self = (Dict *)node;
  g_autoptr (ExpPypetColumns) columns = get_columns (self, error);

  for (guint64 i = skip; columns != NULL && i < columns->columns->len; i++)
    {
      const char *key = g_array_index (columns->columns, ExpPypetColumn, i).name;
      g_autoptr (ExpNode) value = value_new (self, key);

      if (!func (key, value, data))
        break;
    }
  return columns != NULL;
}

static ExpNode *
dict_lookup (ExpNode *node, const char *name, GError **error)
{
  Dict *self = (Dict *)node;
  g_autoptr (ExpPypetColumns) columns = get_columns (self, error);

  if (columns == NULL)
    return NULL;
  if (g_hash_table_contains (columns->by_name, name))
    return value_new (self, name);
  no_key (name, error);
  return NULL;
}

/* New, or of another type. */
static ExpNode *
dict_create_dataset (ExpNode *node, const char *name, const ExpNewDataset *dataset, GError **error)
{
  Dict *self = (Dict *)node;

  return exp_pypet_dict_create (&self->leaf, self->group, self->name, name, dataset, error) ? value_new (self, name)
                                                                                            : NULL;
}

static ExpNode *
dict_create_group (ExpNode *node, const char *name, GError **error)
{
  g_set_error (error, EXP_ERROR, EXP_ERROR_UNSUPPORTED,
               "pypet holds no dict in a dict: make it an item of its own, or pickle both as NAME.pickle");
  return NULL;
}

static gboolean
dict_remove (ExpNode *node, const char *name, GError **error)
{
  Dict *self = (Dict *)node;

  return exp_pypet_dict_remove (&self->leaf, self->group, self->name, name, error);
}

static const ExpNodeClass dict_class;

static gboolean
dict_move (ExpNode *node, const char *name, ExpNode *new_parent, const char *new_name, guint flags, GError **error)
{
  Dict *self = (Dict *)node;
  Dict *to = (Dict *)exp_node_unwrap (new_parent);

  if (to->base.klass == &dict_class && to->group == self->group && strcmp (to->name, self->name) == 0)
    return exp_pypet_dict_rename (&self->leaf, self->group, self->name, name, new_name, flags, error);
  g_set_error (error, EXP_ERROR, EXP_ERROR_UNSUPPORTED, "a key moves within its dict only: copy it");
  return FALSE;
}

static void
dict_free (ExpNode *node)
{
  Dict *self = (Dict *)node;

  exp_pypet_columns_unref (self->columns);
  exp_pypet_leaf_release (&self->leaf);
  exp_node_unref (self->group);
  g_free (self->name);
  g_free (self);
}

static const ExpNodeClass dict_class = {
  .free = dict_free,
  .describe = dict_describe,
  .list = dict_list,
  .lookup = dict_lookup,
  .create_group = dict_create_group,
  .create_dataset = dict_create_dataset,
  .replace_dataset = dict_create_dataset,
  .remove = dict_remove,
  .move = dict_move,
};

ExpNode *
exp_pypet_dict_new (const ExpPypetLeaf *leaf, const char *name, ExpPypetColumns *columns)
{
  Dict *self = g_new0 (Dict, 1);

  exp_node_init (&self->base, &dict_class);
  exp_pypet_leaf_hold (&self->leaf, leaf);
  self->group = exp_node_ref (leaf->group != NULL ? leaf->group : leaf->inner);
  self->name = g_strdup (name);
  self->columns = columns_ref (columns);
  return &self->base;
}
