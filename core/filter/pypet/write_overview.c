/* Rows of the overview tables about one leaf, kept in step with it.
 * Knows which tables each generation has and what is in their columns.
 * Called by the files of this folder that change leaves. */
#include "type.h"
#include "write.h"
#include <string.h>

#define MAX_ROWS 1000 /* of each of the newer generation's tables */

/* What the rows say. */
typedef struct
{
  const ExpPypetLeaf *leaf;
  char *comment;
  char *value;
  char *range;        /* NULL: not explored */
  char *run_location; /* with run_XXXXXXXX in place of the run; NULL: not of a run */
  char *run;          /* its name */
  guint64 length;
} Row;

static void
clear_row (Row *row)
{
  g_free (row->comment);
  g_free (row->value);
  g_free (row->range);
  g_free (row->run_location);
  g_free (row->run);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Row, clear_row)

/* The run that the leaf's full name tells. */
static void
find_run (Row *row, const char *location)
{
  g_auto (GStrv) parts = g_strsplit (location, ".", -1);

  for (char **part = parts; *part != NULL; part++)
    {
      if (!exp_pypet_is_run_name (*part) || g_str_has_prefix (*part, "run_set_"))
        continue;
      row->run = *part;
      *part = g_strdup ("run_XXXXXXXX");
      row->run_location = g_strjoinv (".", parts);
      return;
    }
}

static void
fill_row (Row *row, const ExpPypetLeaf *leaf)
{
  *row = (Row){ .leaf = leaf, .length = 1 };
  row->comment = exp_pypet_text (leaf->inner, "SRVC_INIT_COMMENT");
  row->value = exp_pypet_leaf_text (leaf);
  if (leaf->is_parameter && exp_pypet_is_explored (leaf->inner))
    {
      row->range = exp_pypet_range_text (leaf);
      row->length = exp_pypet_n_runs (leaf->scope->trajectory);
    }
  find_run (row, leaf->location);
}

static void
put_cells (ExpArray *cells, const Row *row)
{
  exp_pytables_row_text (cells, "location", row->leaf->location);
  exp_pytables_row_text (cells, "name", row->leaf->name);
  exp_pytables_row_text (cells, "value", row->value);
  exp_pytables_row_text (cells, "comment", row->comment != NULL ? row->comment : "");
  exp_pytables_row_number (cells, "length", (double)row->length);
  if (row->range != NULL)
    exp_pytables_row_text (cells, "range", row->range);
}

/* TRUE when the text cell of `row` is `text`, or as much of it as fits. */
static gboolean
is_cell (ExpArray *rows, guint64 row, const char *column, const char *text)
{
  for (guint i = 0; i < rows->dtype->n_members; i++)
    {
      const ExpMember *member = &rows->dtype->members[i];
      gsize length, own = strlen (text);

      if (strcmp (member->name, column) != 0)
        continue;
      const char *cell = exp_cell_text (member->dtype, rows->data + row * rows->dtype->size + member->offset, &length);
      if (own > member->dtype->size && member->dtype->size > 3)
        own = length = MIN (length, member->dtype->size - 3);
      return length == own && memcmp (cell, text, own) == 0;
    }
  return FALSE;
}

/* Tables come with their trajectory and stay with it, so that one that was not there is not looked for again. */
static ExpNode *
find_table (ExpPypetTrajectory *trajectory, const char *name)
{
  if (trajectory->absent == NULL)
    trajectory->absent = g_hash_table_new (g_str_hash, g_str_equal);
  if (g_hash_table_contains (trajectory->absent, name))
    return NULL;
  ExpNode *table = exp_pypet_overview_table (trajectory, name);
  if (table == NULL)
    g_hash_table_add (trajectory->absent, (gpointer)name);
  return table;
}

/* The number of the row with these texts in two columns; -1 when there is none. */
static gint64
find_row (ExpNode *table, const char *column, const char *text, const char *other_column, const char *other)
{
  guint64 n = exp_pypet_n_rows (table);
  g_autoptr (ExpArray) rows = n > 0 ? exp_pytables_rows (table, 0, n, NULL) : NULL;

  if (rows == NULL || rows->dtype->type != EXP_TYPE_COMPOUND)
    return -1;
  for (guint64 i = 0; i < n; i++)
    if (is_cell (rows, i, column, text) && (other == NULL || is_cell (rows, i, other_column, other)))
      return (gint64)i;
  return -1;
}

static gint64
find_leaf_row (ExpNode *table, const ExpPypetLeaf *leaf)
{
  return find_row (table, "name", leaf->name, "location", leaf->location);
}

static gboolean
store_row (ExpPypetChange *change, ExpNode *table, gint64 at, const ExpArray *cells, guint64 max_rows, GError **error)
{
  if (at >= 0)
    return exp_pypet_change_rows (change, table, (guint64)at, cells, error);
  return exp_pypet_n_rows (table) >= max_rows || exp_pytables_append (change, table, cells, error);
}

static gboolean
update_table (ExpPypetChange *change, const char *name, const Row *row, GError **error)
{
  ExpPypetTrajectory *trajectory = row->leaf->scope->trajectory;
  g_autoptr (ExpNode) table = find_table (trajectory, name);

  if (table == NULL)
    return TRUE;
  gint64 at = find_leaf_row (table, row->leaf);
  g_autoptr (ExpArray) cells
      = at >= 0 ? exp_pytables_rows (table, (guint64)at, 1, error) : exp_pytables_row_new (table, error);
  if (cells == NULL)
    return FALSE;
  put_cells (cells, row);
  return store_row (change, table, at, cells, exp_pypet_is_classic (trajectory) ? G_MAXUINT64 : MAX_ROWS, error);
}

static gboolean
remove_row (ExpPypetChange *change, const char *name, const ExpPypetLeaf *leaf, GError **error)
{
  g_autoptr (ExpNode) table = find_table (leaf->scope->trajectory, name);
  gint64 at = table != NULL ? find_leaf_row (table, leaf) : -1;

  return at < 0 || exp_pytables_delete_row (change, table, (guint64)at, error);
}

gboolean
exp_pypet_mark_indices (ExpPypetChange *change, ExpPypetTrajectory *trajectory, const char *table, GError **error)
{
  static const char *const columns[] = { "location", "name", "hexdigest" };
  g_autofree char *name = g_strconcat ("_i_", table, NULL);
  g_autoptr (ExpNode) indices = exp_pypet_overview_table (trajectory, name);

  for (guint i = 0; indices != NULL && i < G_N_ELEMENTS (columns); i++)
    {
      g_autoptr (ExpNode) index = exp_pypet_child (indices, columns[i]);

      if (index != NULL && !exp_pytables_set_int (change, index, "DIRTY", 1, 4, error))
        return FALSE;
    }
  return TRUE;
}

/* One row for each comment that occurs. */
static gboolean
summarise_comment (ExpPypetChange *change, const char *name, const Row *row, GError **error)
{
  ExpPypetTrajectory *trajectory = row->leaf->scope->trajectory;
  g_autoptr (ExpNode) table = find_table (trajectory, name);

  if (table == NULL || row->comment == NULL || *row->comment == '\0')
    return TRUE;
  g_autofree char *digest = g_compute_checksum_for_string (G_CHECKSUM_SHA1, row->comment, -1);
  if (find_row (table, "hexdigest", digest, NULL, NULL) >= 0)
    return TRUE;
  g_autoptr (ExpArray) cells = exp_pytables_row_new (table, error);
  if (cells == NULL)
    return FALSE;
  put_cells (cells, row);
  exp_pytables_row_text (cells, "hexdigest", digest);
  return store_row (change, table, -1, cells, MAX_ROWS, error)
         && exp_pypet_mark_indices (change, trajectory, name, error);
}

static gint64
cell_number (ExpNode *table, const char *column, gint64 row)
{
  g_autoptr (ExpArray) cell = exp_pypet_table_cell (table, column, (guint64)row, NULL);
  gint64 number;

  return cell != NULL && exp_array_get_int (cell, &number) ? number : 0;
}

/* Classic: one row for what has the same name in several runs, and how many these are; `step` 1, 0 or -1. */
static gboolean
count_runs (ExpPypetChange *change, const char *name, const Row *row, int step, GError **error)
{
  ExpPypetTrajectory *trajectory = row->leaf->scope->trajectory;
  g_autoptr (ExpNode) table = find_table (trajectory, name);

  if (table == NULL || row->run_location == NULL)
    return TRUE;
  gint64 at = find_row (table, "name", row->leaf->name, "location", row->run_location);
  gint64 n = at >= 0 ? cell_number (table, "number_of_items", at) + step : step;
  if (at >= 0 && step == 0)
    return TRUE;
  if (n <= 0)
    return at < 0
           || (exp_pytables_delete_row (change, table, (guint64)at, error)
               && exp_pypet_mark_indices (change, trajectory, name, error));
  g_autoptr (ExpArray) cells
      = at >= 0 ? exp_pytables_rows (table, (guint64)at, 1, error) : exp_pytables_row_new (table, error);
  if (cells == NULL)
    return FALSE;
  if (at < 0)
    {
      put_cells (cells, row);
      exp_pytables_row_text (cells, "location", row->run_location);
      exp_pytables_row_text (cells, "example_item_run_name", row->run);
    }
  exp_pytables_row_number (cells, "number_of_items", (double)n);
  return store_row (change, table, at, cells, G_MAXUINT64, error)
         && exp_pypet_mark_indices (change, trajectory, name, error);
}

typedef struct
{
  const char *table;
  const char *summary; /* of comments, or classic, of runs; NULL for none */
} Tables;

static Tables
tables_of (const Row *row)
{
  gboolean is_classic = exp_pypet_is_classic (row->leaf->scope->trajectory);
  gboolean is_of_run = row->run != NULL;

  switch (row->leaf->scope->branch)
    {
    case EXP_BRANCH_CONFIG:
      return (Tables){ is_classic ? "config" : "config_overview", NULL };
    case EXP_BRANCH_PARAMETERS:
      return (Tables){ is_classic ? "parameters" : "parameters_overview", NULL };
    case EXP_BRANCH_DERIVED:
      return is_classic ? (Tables){ is_of_run ? "derived_parameters_runs" : "derived_parameters_trajectory",
                                    is_of_run ? "derived_parameters_runs_summary" : NULL }
                        : (Tables){ "derived_parameters_overview", "derived_parameters_summary" };
    case EXP_BRANCH_RESULTS:
      return is_classic ? (Tables){ is_of_run ? "results_runs" : "results_trajectory",
                                    is_of_run ? "results_runs_summary" : NULL }
                        : (Tables){ "results_overview", "results_summary" };
    default:
      return (Tables){ NULL, NULL };
    }
}

static const char *
explored_table (const ExpPypetLeaf *leaf)
{
  return exp_pypet_is_classic (leaf->scope->trajectory) ? "explored_parameters" : "explored_parameters_overview";
}

/* FALSE when the trajectory keeps none of them, so that nothing needs to be told. */
static gboolean
has_tables (const ExpPypetLeaf *leaf, const Tables *tables)
{
  ExpPypetTrajectory *trajectory = leaf->scope->trajectory;
  const char *const names[] = { tables->table, tables->summary, leaf->is_parameter ? explored_table (leaf) : NULL };

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autoptr (ExpNode) table = names[i] != NULL ? find_table (trajectory, names[i]) : NULL;

      if (table != NULL)
        return TRUE;
    }
  return FALSE;
}

gboolean
exp_pypet_overview_update (ExpPypetChange *change, const ExpPypetLeaf *leaf, gboolean is_new, GError **error)
{
  gboolean is_classic = exp_pypet_is_classic (leaf->scope->trajectory);
  g_auto (Row) row = { .leaf = leaf };

  if (exp_pypet_is_hidden_child (leaf->name))
    return TRUE;
  find_run (&row, leaf->location);
  Tables tables = tables_of (&row);
  if (tables.table == NULL || !has_tables (leaf, &tables))
    return TRUE;
  clear_row (&row);
  fill_row (&row, leaf);
  if (!update_table (change, tables.table, &row, error))
    return FALSE;
  if (row.range != NULL && !update_table (change, explored_table (leaf), &row, error))
    return FALSE;
  if (tables.summary == NULL)
    return TRUE;
  return is_classic ? count_runs (change, tables.summary, &row, is_new ? 1 : 0, error)
                    : summarise_comment (change, tables.summary, &row, error);
}

gboolean
exp_pypet_overview_remove (ExpPypetChange *change, const ExpPypetLeaf *leaf, GError **error)
{
  gboolean is_classic = exp_pypet_is_classic (leaf->scope->trajectory);
  g_auto (Row) row = { .leaf = leaf };

  if (exp_pypet_is_hidden_child (leaf->name))
    return TRUE;
  find_run (&row, leaf->location);
  Tables tables = tables_of (&row);
  if (tables.table == NULL)
    return TRUE;
  return remove_row (change, tables.table, leaf, error)
         && (!leaf->is_parameter || remove_row (change, explored_table (leaf), leaf, error))
         && (tables.summary == NULL || !is_classic || count_runs (change, tables.summary, &row, -1, error));
}

gboolean
exp_pypet_overview_remove_range (ExpPypetChange *change, const ExpPypetLeaf *leaf, GError **error)
{
  return remove_row (change, explored_table (leaf), leaf, error);
}
