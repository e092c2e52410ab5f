/* Rows of the overview tables about leaves that were taken: as the other trajectory's tables have them, under the new
 * names, where our own trajectory has such a table.
 * Knows the tables of both generations.
 * Called by merge.c, as part of a change. */
#include "merge.h"
#include "type.h"
#include <string.h>

#define MAX_ROWS 1000 /* of each of the newer generation's tables */

static const char *const classic_tables[] = {
  "config", "results_trajectory", "results_runs", "derived_parameters_trajectory", "derived_parameters_runs", NULL
};
static const char *const new_tables[] = { "config_overview", "results_overview", "derived_parameters_overview", NULL };
static const char *const classic_summaries[] = { "results_runs_summary", "derived_parameters_runs_summary", NULL };

/* The text of a cell; NULL without such a column. Caller frees. */
static char *
cell_text (const ExpArray *rows, guint64 row, const char *column)
{
  for (guint i = 0; i < rows->dtype->n_members; i++)
    {
      const ExpMember *member = &rows->dtype->members[i];
      gsize length;

      if (strcmp (member->name, column) != 0 || member->dtype->type != EXP_TYPE_STRING)
        continue;
      const char *text = exp_cell_text (member->dtype, rows->data + row * rows->dtype->size + member->offset, &length);
      return g_strndup (text, length);
    }
  return NULL;
}

static char *
full_name (const ExpArray *rows, guint64 row)
{
  g_autofree char *location = cell_text (rows, row, "location"), *name = cell_text (rows, row, "name");

  return location != NULL && name != NULL ? g_strconcat (location, ".", name, NULL) : NULL;
}

static ExpArray *
read_rows (ExpPypetTrajectory *trajectory, const char *name)
{
  g_autoptr (ExpNode) table = exp_pypet_overview_table (trajectory, name);
  g_autoptr (ExpArray) rows = table != NULL ? exp_node_read_all (table, NULL) : NULL;

  return rows != NULL && rows->rank == 1 && rows->dtype->type == EXP_TYPE_COMPOUND ? g_steal_pointer (&rows) : NULL;
}

/* The row once more, under the leaf's new name. */
static void
append_row (GByteArray *all, ExpArray *row, const ExpArray *from, guint64 index, const char *to)
{
  const char *dot = strrchr (to, '.');
  g_autofree char *location = g_strndup (to, (gsize)(dot - to));

  memset (row->data, 0, row->dtype->size);
  exp_pytables_row_copy (row, from, index);
  exp_pytables_row_text (row, "location", location);
  exp_pytables_row_text (row, "name", dot + 1);
  g_byte_array_append (all, row->data, (guint)row->dtype->size);
}

static gboolean
copy_rows (ExpPypetChange *change, const ExpMerge *merge, const char *name, guint64 max_rows, GError **error)
{
  g_autoptr (ExpNode) table = exp_pypet_overview_table (merge->own.trajectory, name);
  g_autoptr (ExpArray) from = table != NULL ? read_rows (merge->other.trajectory, name) : NULL;
  g_autoptr (ExpArray) row = from != NULL ? exp_pytables_row_new (table, NULL) : NULL;
  g_autoptr (GByteArray) all = g_byte_array_new ();
  guint64 n = 0;

  if (row == NULL)
    return TRUE;
  for (guint64 i = 0; i < from->n_elements && exp_pypet_n_rows (table) + n < max_rows; i++)
    {
      g_autofree char *full = full_name (from, i);
      const char *to = full != NULL ? g_hash_table_lookup (merge->renamed, full) : NULL;

      if (to == NULL)
        continue;
      append_row (all, row, from, i, to);
      n++;
    }
  if (n == 0)
    return TRUE;
  g_autoptr (ExpArray) rows = exp_array_new (row->dtype, 1, &n, error);
  if (rows == NULL)
    return FALSE;
  memcpy (rows->data, all->data, all->len);
  return exp_pytables_append (change, table, rows, error);
}

/* --- classic's summaries ------------------------------------------------------------------------------------ */

/* "results.runs.run_XXXXXXXX.z" of "results.runs.run_00000003.z"; NULL for what is no run's. Caller frees. */
static char *
summary_name (const char *full, char **run)
{
  g_auto (GStrv) parts = g_strsplit (full, ".", -1);

  for (char **part = parts; *part != NULL; part++)
    {
      if (!exp_pypet_is_run_name (*part) || g_str_has_prefix (*part, "run_set_"))
        continue;
      *run = *part;
      *part = g_strdup ("run_XXXXXXXX");
      return g_strjoinv (".", parts);
    }
  return NULL;
}

/* How many leaves were taken of one name in a summary, and the run of the first. */
typedef struct
{
  guint n;
  char *run;
} Count;

static void
count_free (gpointer data)
{
  Count *count = data;

  g_free (count->run);
  g_free (count);
}

static GHashTable *
count_names (const ExpMerge *merge)
{
  GHashTable *counts = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, count_free);

  for (guint i = 0; i < merge->names->len; i++)
    {
      g_autofree char *run = NULL;
      g_autofree char *name = summary_name (((ExpMergeName *)merge->names->pdata[i])->to, &run);
      Count *count = name != NULL ? g_hash_table_lookup (counts, name) : NULL;

      if (name == NULL)
        continue;
      if (count == NULL)
        {
          count = g_new0 (Count, 1);
          count->run = g_steal_pointer (&run);
          g_hash_table_insert (counts, g_steal_pointer (&name), count);
        }
      count->n++;
    }
  return counts;
}

static const Count *
find_count (GHashTable *counts, const ExpArray *rows, guint64 row)
{
  g_autofree char *full = full_name (rows, row);

  return full != NULL ? g_hash_table_lookup (counts, full) : NULL;
}

static gint64
number_of_items (const ExpArray *rows, guint64 row)
{
  for (guint i = 0; i < rows->dtype->n_members; i++)
    if (strcmp (rows->dtype->members[i].name, "number_of_items") == 0)
      return exp_cell_int (rows->dtype->members[i].dtype,
                           rows->data + row * rows->dtype->size + rows->dtype->members[i].offset);
  return 0;
}

static void
add_items (ExpArray *rows, guint64 row, guint n)
{
  const gsize size = rows->dtype->size;
  ExpArray one = *rows;

  one.data = rows->data + row * size;
  exp_pytables_row_number (&one, "number_of_items", (double)(number_of_items (rows, row) + n));
}

/* A row for a name of which there was nothing yet. */
static gboolean
add_row (ExpPypetChange *change, ExpNode *table, const ExpArray *from, guint64 index, const Count *count,
         GError **error)
{
  g_autoptr (ExpArray) row = exp_pytables_row_new (table, error);

  if (row == NULL)
    return FALSE;
  exp_pytables_row_copy (row, from, index);
  exp_pytables_row_number (row, "number_of_items", count->n);
  exp_pytables_row_text (row, "example_item_run_name", count->run);
  return exp_pytables_append (change, table, row, error);
}

/* Rows that are there count more; those of the other's that are not are taken over. */
static gboolean
count_summary (ExpPypetChange *change, const ExpMerge *merge, const char *name, GError **error)
{
  g_autoptr (ExpNode) table = exp_pypet_overview_table (merge->own.trajectory, name);
  g_autoptr (ExpArray) rows = table != NULL ? read_rows (merge->own.trajectory, name) : NULL;
  g_autoptr (ExpArray) others = rows != NULL ? read_rows (merge->other.trajectory, name) : NULL;
  g_autoptr (GHashTable) counts = count_names (merge);

  if (rows == NULL || g_hash_table_size (counts) == 0)
    return TRUE;
  for (guint64 i = 0; i < rows->n_elements; i++)
    {
      const Count *count = find_count (counts, rows, i);

      if (count == NULL)
        continue;
      g_autofree char *full = full_name (rows, i);
      add_items (rows, i, count->n);
      g_hash_table_remove (counts, full);
    }
  if (rows->n_elements > 0 && !exp_pypet_change_rows (change, table, 0, rows, error))
    return FALSE;
  for (guint64 i = 0; others != NULL && i < others->n_elements; i++)
    {
      const Count *count = find_count (counts, others, i);

      if (count != NULL && !add_row (change, table, others, i, count, error))
        return FALSE;
    }
  return exp_pypet_mark_indices (change, merge->own.trajectory, name, error);
}

gboolean
exp_merge_overview (ExpPypetChange *change, const ExpMerge *merge, GError **error)
{
  gboolean is_classic = exp_pypet_is_classic (merge->own.trajectory);
  const char *const *tables = is_classic ? classic_tables : new_tables;

  for (const char *const *name = tables; *name != NULL; name++)
    if (!copy_rows (change, merge, *name, is_classic ? G_MAXUINT64 : MAX_ROWS, error))
      return FALSE;
  for (const char *const *name = classic_summaries; is_classic && *name != NULL; name++)
    if (!count_summary (change, merge, *name, error))
      return FALSE;
  return TRUE;
}
