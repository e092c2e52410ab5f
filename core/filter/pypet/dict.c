/* Dicts: a table with one row, shown as a directory with a file for each key.
 * Knows columns only.
 * Made by item.c. */
#include "filter/delegate.h"
#include "pypet.h"
#include "table.h"
#include "type.h"

typedef struct
{
  ExpNode base;
  ExpPypetColumns *columns;
} Dict;

typedef struct
{
  ExpDelegate base;
  ExpPypetColumns *columns;
  guint index;
} Value;

static ExpPypetColumns *
columns_ref (ExpPypetColumns *columns)
{
  g_atomic_ref_count_inc (&columns->references);
  return columns;
}

/* pypet takes the row apart into Python's numbers, so that NumPy's scalars do not survive in a dict. */
static const char *
python_type (const ExpInfo *info, const char *noted)
{
  if (info->rank > 0 || noted == NULL)
    return noted;
  return info->dtype->type == EXP_TYPE_FLOAT ? "float" : info->dtype->type == EXP_TYPE_COMPLEX ? "complex" : noted;
}

static ExpNode *
make_value (ExpDelegate *delegate, GError **error)
{
  Value *self = (Value *)delegate;
  const ExpPypetColumn *column = &g_array_index (self->columns->columns, ExpPypetColumn, self->index);
  ExpNode *table = self->columns->tables->pdata[column->table];
  g_autofree char *own = column->noted == NULL ? exp_pypet_column_type (table, column->name) : NULL;
  const char *noted = column->noted != NULL ? column->noted : own;
  g_autoptr (ExpNode) value = exp_pypet_field_new (table, column->name, 0, noted, self->columns->encoding, error);
  g_auto (ExpInfo) info = { 0 };

  if (value == NULL || !exp_node_describe (value, &info, error))
    return NULL;
  const char *type = python_type (&info, noted);
  return type == noted ? g_steal_pointer (&value)
                       : exp_pypet_field_new (table, column->name, 0, type, self->columns->encoding, error);
}

static void
value_free (ExpNode *node)
{
  Value *self = (Value *)node;

  exp_delegate_clear (&self->base);
  exp_pypet_columns_unref (self->columns);
  g_free (self);
}

static const ExpNodeClass value_class = { .free = value_free, EXP_DELEGATE_MEMBERS };

static ExpNode *
value_new (ExpPypetColumns *columns, guint index)
{
  Value *self = g_new0 (Value, 1);

  exp_node_init (&self->base.base, &value_class);
  self->base.make = make_value;
  self->columns = columns_ref (columns);
  self->index = index;
  return &self->base.base;
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

  for (guint64 i = skip; i < self->columns->columns->len; i++)
    {
      g_autoptr (ExpNode) value = value_new (self->columns, i);

      if (!func (g_array_index (self->columns->columns, ExpPypetColumn, i).name, value, data))
        break;
    }
  return TRUE;
}

static ExpNode *
dict_lookup (ExpNode *node, const char *name, GError **error)
{
  Dict *self = (Dict *)node;
  guint index = GPOINTER_TO_UINT (g_hash_table_lookup (self->columns->by_name, name));

  if (index > 0)
    return value_new (self->columns, index - 1);
  g_set_error (error, EXP_ERROR, EXP_ERROR_NOT_FOUND, "no key '%s'", name);
  return NULL;
}

static void
dict_free (ExpNode *node)
{
  exp_pypet_columns_unref (((Dict *)node)->columns);
  g_free (node);
}

static const ExpNodeClass dict_class
    = { .free = dict_free, .describe = dict_describe, .list = dict_list, .lookup = dict_lookup };

ExpNode *
exp_pypet_dict_new (ExpPypetColumns *columns)
{
  Dict *self = g_new0 (Dict, 1);

  exp_node_init (&self->base, &dict_class);
  self->columns = columns_ref (columns);
  return &self->base;
}
