/* The columns of a stored table, or of one that pypet split into tables of 512 columns: shown as one table or, with one
 * row, as a dict.
 * Knows SPLIT_TABLE groups and the table of attributes in them.
 * Called by item.c. */
#include "pypet.h"
#include "table.h"
#include "type.h"
#include <string.h>

/* Rows of NAME__SRVC_STORE that are believed; pypet writes two for each column. */
#define MAX_NOTES (1 << 22)

static void
clear_column (gpointer data)
{
  ExpPypetColumn *column = data;

  g_free (column->name);
  g_free (column->noted);
}

static ExpPypetColumns *
columns_new (const char *encoding)
{
  ExpPypetColumns *columns = g_new0 (ExpPypetColumns, 1);

  g_atomic_ref_count_init (&columns->references);
  columns->tables = g_ptr_array_new_with_free_func ((GDestroyNotify)exp_node_unref);
  columns->columns = g_array_new (FALSE, FALSE, sizeof (ExpPypetColumn));
  g_array_set_clear_func (columns->columns, clear_column);
  columns->by_name = g_hash_table_new (g_str_hash, g_str_equal);
  columns->encoding = encoding;
  return columns;
}

void
exp_pypet_columns_unref (ExpPypetColumns *columns)
{
  if (columns == NULL || !g_atomic_ref_count_dec (&columns->references))
    return;
  g_hash_table_unref (columns->by_name);
  g_array_unref (columns->columns);
  g_ptr_array_unref (columns->tables);
  g_free (columns);
}

/* Each name once: a table cannot have it twice, and of several the first wins. */
static gboolean
add_table (ExpPypetColumns *columns, ExpNode *table, GHashTable *notes, GError **error)
{
  g_auto (ExpInfo) info = { 0 };

  if (!exp_node_describe (table, &info, error))
    return FALSE;
  if (info.dtype == NULL || info.dtype->type != EXP_TYPE_COMPOUND || info.rank != 1)
    {
      g_set_error (error, EXP_ERROR, EXP_ERROR_DAMAGED, "a part of the table is no table");
      return FALSE;
    }
  g_ptr_array_add (columns->tables, exp_node_ref (table));
  for (guint i = 0; i < info.dtype->n_members; i++)
    {
      const char *name = info.dtype->members[i].name;
      const char *noted = notes != NULL ? g_hash_table_lookup (notes, name) : NULL;
      ExpPypetColumn column = { NULL, columns->tables->len - 1, g_strdup (noted) };

      if (g_hash_table_contains (columns->by_name, name))
        continue;
      column.name = g_strdup (name);
      g_array_append_val (columns->columns, column);
      g_hash_table_insert (columns->by_name, column.name, GUINT_TO_POINTER (columns->columns->len));
    }
  return TRUE;
}

ExpPypetColumns *
exp_pypet_columns_new (ExpNode *table, const char *encoding, GError **error)
{
  g_autoptr (ExpPypetColumns) columns = columns_new (encoding);

  return add_table (columns, table, NULL, error) ? g_steal_pointer (&columns) : NULL;
}

ExpPypetColumns *
exp_pypet_columns_new_empty (const char *encoding)
{
  return columns_new (encoding);
}

static char *
cell_text (const ExpArray *texts, gsize index)
{
  gsize length;
  const char *text = exp_cell_text (texts->dtype, texts->data + index * texts->dtype->size, &length);

  return g_strndup (text, length);
}

/* Column name -> noted scalar type, from rows such as SRVC_COLUMN_k000_SCALAR_TYPE, float. */
static GHashTable *
read_notes (ExpNode *table)
{
  static const char prefix[] = "SRVC_COLUMN_", suffix[] = "_SCALAR_TYPE";
  GHashTable *notes = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  g_autoptr (ExpNode) names = NULL;
  g_autoptr (ExpNode) types = NULL;

  if (table == NULL || exp_pypet_n_rows (table) > MAX_NOTES)
    return notes;
  names = exp_pypet_field_new (table, "field_name", EXP_ALL_ROWS, NULL, "utf8", NULL);
  types = exp_pypet_field_new (table, "data_type", EXP_ALL_ROWS, NULL, "utf8", NULL);
  g_autoptr (ExpArray) name_cells = names != NULL ? exp_node_read_all (names, NULL) : NULL;
  g_autoptr (ExpArray) type_cells = types != NULL ? exp_node_read_all (types, NULL) : NULL;
  if (name_cells == NULL || type_cells == NULL || name_cells->dtype->type != EXP_TYPE_STRING
      || type_cells->dtype->type != EXP_TYPE_STRING)
    return notes;

  for (gsize i = 0; i < MIN (name_cells->n_elements, type_cells->n_elements); i++)
    {
      g_autofree char *name = cell_text (name_cells, i);

      if (g_str_has_prefix (name, prefix) && g_str_has_suffix (name, suffix)
          && strlen (name) > strlen (prefix) + strlen (suffix))
        g_hash_table_insert (notes,
                             g_strndup (name + strlen (prefix), strlen (name) - strlen (prefix) - strlen (suffix)),
                             cell_text (type_cells, i));
    }
  return notes;
}

ExpPypetColumns *
exp_pypet_columns_new_split (ExpNode *group, const char *name, const char *encoding, GError **error)
{
  g_autoptr (ExpPypetColumns) columns = columns_new (encoding);
  g_autofree char *notes_name = g_strconcat (name, "__SRVC_STORE", NULL);
  g_autoptr (ExpNode) notes_table = exp_pypet_child (group, notes_name);
  g_autoptr (GHashTable) notes = read_notes (notes_table);

  for (guint i = 0;; i++)
    {
      g_autofree char *part = i == 0 ? g_strdup (name) : g_strdup_printf ("%s_%u", name, i);
      g_autoptr (ExpNode) table = exp_node_lookup (group, part, i == 0 ? error : NULL);

      if (table == NULL)
        return i == 0 ? NULL : g_steal_pointer (&columns);
      if (!add_table (columns, table, notes, error))
        return NULL;
    }
}

ExpNode *
exp_pypet_joined_new (ExpPypetColumns *columns, GError **error)
{
  guint64 n_rows = exp_pypet_n_rows (columns->tables->pdata[0]);
  g_autoptr (ExpTable) table = exp_table_new (n_rows, columns->encoding);

  for (guint t = 0; t < columns->tables->len; t++)
    if (exp_table_add_source (table, columns->tables->pdata[t], FALSE, error) < 0)
      return NULL;
  for (guint i = 0; i < columns->columns->len; i++)
    {
      const ExpPypetColumn *column = &g_array_index (columns->columns, ExpPypetColumn, i);
      const ExpDtype *row = exp_table_source_info (table, column->table)->dtype;
      guint k = 0;

      while (k < row->n_members && strcmp (row->members[k].name, column->name) != 0)
        k++;
      if (k == row->n_members)
        continue;
      g_autofree char *own
          = column->noted == NULL ? exp_pypet_column_type (columns->tables->pdata[column->table], column->name) : NULL;
      g_autoptr (ExpDtype) to
          = exp_pypet_type_new (row->members[k].dtype, column->noted != NULL ? column->noted : own, columns->encoding);
      exp_table_add_column (table, column->name, column->table, row->members[k].offset, row->members[k].dtype, to,
                            EXP_CELL_CAST, NULL);
    }
  return exp_table_finish (g_steal_pointer (&table), error);
}
