/* Explored parameters: their range over all runs, and the value in one.
 * Knows the tables and arrays in which each class of parameter keeps it, in both generations.
 * Called by group.c, leaf.c and node.c. */
#include "pypet.h"
#include "stack.h"
#include "type.h"
#include "write_range.h"
#include <string.h>

static const struct
{
  const char *table;
  const char *column;
  ExpPypetRangeKind kind;
} places[] = {
  { "explored_data", "data", EXP_RANGE_VALUES },
  { "explored_data__rr__", "idx", EXP_RANGE_ARRAYS },
  { "explored_data__spsp__", "idx", EXP_RANGE_SPARSE },
  { "explored_data", "idx", EXP_RANGE_PICKLES },
};

static gboolean
has_column (ExpNode *table, const char *name)
{
  g_auto (ExpInfo) info = { 0 };

  if (!exp_node_describe (table, &info, NULL) || info.dtype == NULL)
    return FALSE;
  for (guint i = 0; i < info.dtype->n_members; i++)
    if (strcmp (info.dtype->members[i].name, name) == 0)
      return TRUE;
  return FALSE;
}

gboolean
exp_pypet_is_explored (ExpNode *inner)
{
  for (guint i = 0; i < 3; i++)
    {
      g_autoptr (ExpNode) table = exp_pypet_child (inner, places[i].table);

      if (table != NULL)
        return TRUE;
    }
  return FALSE;
}

ExpNode *
exp_pypet_range_table (ExpNode *inner, ExpPypetRangeKind *kind)
{
  for (guint i = 0; i < G_N_ELEMENTS (places); i++)
    {
      g_autoptr (ExpNode) table = exp_pypet_child (inner, places[i].table);

      *kind = places[i].kind;
      if (table != NULL && has_column (table, places[i].column))
        return g_steal_pointer (&table);
    }
  return NULL;
}

const char *
exp_pypet_range_table_name (ExpPypetRangeKind kind)
{
  for (guint i = 0; i < G_N_ELEMENTS (places); i++)
    if (places[i].kind == kind)
      return places[i].table;
  return NULL;
}

/* Each distinct value is stored once, in sets of 1000 by the newer generation. */
char *
exp_pypet_range_path (ExpPypetRangeKind kind, gboolean is_classic, guint number)
{
  switch (kind)
    {
    case EXP_RANGE_ARRAYS:
      return is_classic ? g_strdup_printf ("xa__rr__%08u", number)
                        : g_strdup_printf ("explored__rr__/set_%05u/xa_%08u", number / 1000, number);
    case EXP_RANGE_SPARSE:
      return g_strdup_printf ("xspm__spsp__%08u", number);
    default:
      return g_strdup_printf ("xp_%08u", number);
    }
}

ExpNode *
exp_pypet_range_numbered (ExpNode *inner, ExpPypetRangeKind kind, gint64 number, GError **error)
{
  for (guint is_classic = 0; is_classic < 2 && number >= 0 && number < G_MAXUINT32; is_classic++)
    {
      g_autofree char *path = exp_pypet_range_path (kind, is_classic, number);
      ExpNode *stored = exp_node_resolve (inner, path, NULL);

      if (stored != NULL)
        return stored;
    }
  g_set_error (error, EXP_ERROR, EXP_ERROR_DAMAGED, "the explored value number %" G_GINT64_FORMAT " is missing",
               number);
  return NULL;
}

/* `name` says beside which name a pickle's bytes are found, NULL for nowhere. */
static ExpNode *
numbered_value (const ExpPypetLeaf *leaf, const char *name, ExpPypetRangeKind kind, gint64 number, GError **error)
{
  g_autoptr (ExpNode) stored = exp_pypet_range_numbered (leaf->inner, kind, number, error);
  g_autofree char *path = exp_pypet_range_path (kind, FALSE, (guint)number);
  ExpPypetLeaf named = *leaf;

  named.name = name;
  return stored != NULL ? exp_pypet_item_new (&named, stored, path, error) : NULL;
}

static gboolean
read_number (ExpNode *table, guint64 row, gint64 *number, GError **error)
{
  g_autoptr (ExpArray) cell = exp_pypet_table_cell (table, "idx", row, error);

  if (cell == NULL)
    return FALSE;
  if (exp_array_get_int (cell, number))
    return TRUE;
  g_set_error (error, EXP_ERROR, EXP_ERROR_DAMAGED, "the explored values are not numbered");
  return FALSE;
}

ExpNode *
exp_pypet_range_value (const ExpPypetLeaf *leaf, guint64 run, GError **error)
{
  ExpPypetRangeKind kind;
  g_autoptr (ExpNode) table = exp_pypet_range_table (leaf->inner, &kind);
  gint64 number;

  if (table == NULL)
    return NULL;
  if (kind == EXP_RANGE_VALUES)
    return exp_pypet_text_new (
        exp_pypet_field_new (table, "data", run, NULL, exp_pypet_encoding (leaf->scope->trajectory), error),
        leaf->scope->trajectory);
  return read_number (table, run, &number, error) ? numbered_value (leaf, leaf->name, kind, number, error) : NULL;
}

ExpNode *
exp_pypet_range_stored (const ExpPypetLeaf *leaf, guint64 run)
{
  ExpPypetRangeKind kind;
  g_autoptr (ExpNode) table = leaf->is_parameter ? exp_pypet_range_table (leaf->inner, &kind) : NULL;
  gint64 number;

  return table != NULL && kind != EXP_RANGE_VALUES && read_number (table, run, &number, NULL)
             ? exp_pypet_range_numbered (leaf->inner, kind, number, NULL)
             : NULL;
}

/* Values that have not all one type and shape: a directory with one for each run. */
static ExpNode *
values_by_run (GPtrArray *values, const gint64 *numbers, gsize n, GHashTable *by_number)
{
  ExpNode *group = exp_memory_group_new (NULL);

  for (gsize i = 0; i < n; i++)
    {
      char name[32];
      guint index = GPOINTER_TO_UINT (g_hash_table_lookup (by_number, &numbers[i]));

      g_snprintf (name, sizeof name, "run_%08" G_GSIZE_FORMAT, i);
      exp_memory_group_add (group, name, values->pdata[index - 1]);
    }
  return group;
}

static ExpNode *
numbered_range (const ExpPypetLeaf *leaf, ExpPypetRangeKind kind, ExpNode *table, GError **error)
{
  g_autoptr (ExpNode) column = exp_pypet_field_new (table, "idx", EXP_ALL_ROWS, "int", "utf8", error);
  g_autoptr (ExpArray) cells = column != NULL ? exp_node_read_all (column, error) : NULL;
  g_autoptr (GPtrArray) values = g_ptr_array_new_with_free_func ((GDestroyNotify)exp_node_unref);
  g_autoptr (GHashTable) by_number = g_hash_table_new (g_int64_hash, g_int64_equal);

  if (cells == NULL)
    return NULL;
  if (cells->dtype->type != EXP_TYPE_INT || cells->dtype->size > 8)
    {
      g_set_error (error, EXP_ERROR, EXP_ERROR_DAMAGED, "the explored values are not numbered");
      return NULL;
    }
  g_autofree gint64 *numbers = g_try_new (gint64, MAX (cells->n_elements, 1));
  g_autofree guint *indices = g_try_new (guint, MAX (cells->n_elements, 1));
  if (numbers == NULL || indices == NULL)
    {
      g_set_error (error, EXP_ERROR, EXP_ERROR_NO_MEMORY, "no memory for the range");
      return NULL;
    }
  for (gsize i = 0; i < cells->n_elements; i++)
    {
      numbers[i] = exp_cell_int (cells->dtype, cells->data + i * cells->dtype->size);
      if (!g_hash_table_contains (by_number, &numbers[i]))
        {
          ExpNode *value = numbered_value (leaf, NULL, kind, numbers[i], error);

          if (value == NULL)
            return NULL;
          g_ptr_array_add (values, value);
          g_hash_table_insert (by_number, &numbers[i], GUINT_TO_POINTER (values->len));
        }
      indices[i] = GPOINTER_TO_UINT (g_hash_table_lookup (by_number, &numbers[i])) - 1;
    }
  ExpNode *stack = kind != EXP_RANGE_SPARSE && !exp_pypet_range_is_directory (leaf)
                       ? exp_pypet_stack_new (values, indices, cells->n_elements)
                       : NULL;
  return stack != NULL ? stack : values_by_run (values, numbers, cells->n_elements, by_number);
}

gboolean
exp_pypet_is_of_range (const char *name)
{
  static const char *const prefixes[] = { "explored", "xa__rr__", "xspm__spsp__", "xp_" };

  for (guint i = 0; i < G_N_ELEMENTS (prefixes); i++)
    if (g_str_has_prefix (name, prefixes[i]))
      return TRUE;
  return FALSE;
}

ExpNode *
exp_pypet_range_new (const ExpPypetLeaf *leaf, GError **error)
{
  if (exp_pypet_range_is_begun (leaf))
    return exp_pypet_range_writable_new (leaf);
  ExpNode *values = exp_pypet_range_values_new (leaf, error);

  if (values == NULL || !leaf->scope->trajectory->store->is_writable)
    return values;
  exp_node_unref (values);
  return exp_pypet_range_writable_new (leaf);
}

ExpNode *
exp_pypet_range_values_new (const ExpPypetLeaf *leaf, GError **error)
{
  ExpPypetRangeKind kind;
  g_autoptr (ExpNode) table = leaf->is_parameter ? exp_pypet_range_table (leaf->inner, &kind) : NULL;

  if (table == NULL)
    {
      g_set_error (error, EXP_ERROR, EXP_ERROR_NOT_FOUND, "'%s' is not explored", leaf->name);
      return NULL;
    }
  if (kind == EXP_RANGE_VALUES)
    return exp_pypet_text_new (
        exp_pypet_field_new (table, "data", EXP_ALL_ROWS, NULL, exp_pypet_encoding (leaf->scope->trajectory), error),
        leaf->scope->trajectory);
  return numbered_range (leaf, kind, table, error);
}
