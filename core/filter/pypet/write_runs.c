/* How many runs there are and which have been stored: overview/info and overview/runs.
 * Knows what pypet writes for a run that has not run, and after one.
 * Called by write_place.c, write_leaf.c and write_range.c. */
#include "type.h"
#include "write.h"
#include "write_cast.h"
#include <math.h>
#include <string.h>
#include <time.h>

#define NOT_BEGUN 42    /* the timestamp of a run that has not run */
#define JUST_NOW  0.005 /* seconds in which a run is not said to have finished twice */

guint64
exp_pypet_n_runs (ExpPypetTrajectory *trajectory)
{
  g_autoptr (ExpNode) runs = exp_pypet_overview_table (trajectory, "runs");
  g_autoptr (ExpNode) info = runs == NULL ? exp_pypet_overview_table (trajectory, "info") : NULL;
  g_autoptr (ExpArray) length = info != NULL ? exp_pypet_table_cell (info, "length", 0, NULL) : NULL;
  gint64 n;

  if (runs != NULL)
    return exp_pypet_n_rows (runs);
  return length != NULL && exp_array_get_int (length, &n) ? (guint64)MAX (n, 0) : 0;
}

static ExpNode *
find_table (ExpPypetTrajectory *trajectory, const char *name, GError **error)
{
  ExpNode *table = exp_pypet_overview_table (trajectory, name);

  if (table == NULL)
    g_set_error (error, EXP_ERROR, EXP_ERROR_DAMAGED, "the trajectory has no overview/%s", name);
  return table;
}

/* Of a run that has not run. What pypet says of its time and environment differs between its generations. */
static void
fill_run (ExpArray *row, guint64 index, gboolean is_classic)
{
  g_autofree char *name = g_strdup_printf ("run_%08" G_GUINT64_FORMAT, index);

  exp_pytables_row_number (row, "idx", (double)index);
  exp_pytables_row_text (row, "name", name);
  exp_pytables_row_text (row, "time", is_classic ? "~waste ur t1me with " : ">>Maybe time`s gone ");
  exp_pytables_row_number (row, "timestamp", NOT_BEGUN);
  exp_pytables_row_number (row, "finish_timestamp", 1.337);
  exp_pytables_row_text (row, "runtime", "forever and ever");
  exp_pytables_row_text (row, "parameter_summary", "Not yet my friend!");
  exp_pytables_row_text (row, "short_environment_hexsha", is_classic ? "notyet1" : "N/A");
  exp_pytables_row_number (row, "completed", 0);
}

gboolean
exp_pypet_runs_append (ExpPypetChange *change, ExpNode *runs, guint64 first, guint64 n, gboolean is_classic,
                       GError **error)
{
  g_autoptr (ExpArray) row = exp_pytables_row_new (runs, error);
  g_autoptr (ExpArray) rows = row != NULL ? exp_array_new (row->dtype, 1, &n, error) : NULL;

  if (rows == NULL)
    return FALSE;
  for (guint64 i = 0; i < n; i++)
    {
      fill_run (row, first + i, is_classic);
      memcpy (rows->data + i * row->dtype->size, row->data, row->dtype->size);
    }
  return exp_pytables_append (change, runs, rows, error);
}

static gboolean
set_length (ExpPypetChange *change, ExpPypetTrajectory *trajectory, guint64 n, GError **error)
{
  g_autoptr (ExpNode) info = find_table (trajectory, "info", error);
  g_autoptr (ExpArray) row = info != NULL ? exp_pytables_rows (info, 0, 1, error) : NULL;

  if (row == NULL)
    return FALSE;
  exp_pytables_row_number (row, "length", (double)n);
  return exp_pypet_change_rows (change, info, 0, row, error);
}

gboolean
exp_pypet_runs_grow (ExpPypetChange *change, ExpPypetTrajectory *trajectory, guint64 n, GError **error)
{
  g_autoptr (ExpNode) runs = find_table (trajectory, "runs", error);
  guint64 n_before = runs != NULL ? exp_pypet_n_rows (runs) : 0;

  if (runs == NULL)
    return FALSE;
  if (n < n_before)
    {
      g_set_error (error, EXP_ERROR, EXP_ERROR_INVALID,
                   "a range needs one value for each of the trajectory's %" G_GUINT64_FORMAT
                   " runs, and this has %" G_GUINT64_FORMAT,
                   n_before, n);
      return FALSE;
    }
  if (n > G_MAXINT32)
    {
      g_set_error (error, EXP_ERROR, EXP_ERROR_TOO_LARGE, "%" G_GUINT64_FORMAT " runs are too many", n);
      return FALSE;
    }
  if (n == n_before)
    return TRUE;
  return exp_pypet_runs_append (change, runs, n_before, n - n_before, exp_pypet_is_classic (trajectory), error)
         && set_length (change, trajectory, n, error);
}

gboolean
exp_pypet_runs_add (ExpPypetChange *change, ExpPypetTrajectory *trajectory, const ExpArray *rows, GError **error)
{
  g_autoptr (ExpNode) runs = find_table (trajectory, "runs", error);
  guint64 n = runs != NULL ? exp_pypet_n_rows (runs) : 0;

  return runs != NULL && exp_pytables_append (change, runs, rows, error)
         && set_length (change, trajectory, n + rows->n_elements, error);
}

int
exp_pypet_compare_last_names (gconstpointer a, gconstpointer b)
{
  const char *first = *(const char *const *)a, *second = *(const char *const *)b;
  const char *dot = strrchr (first, '.'), *other_dot = strrchr (second, '.');
  int order = strcmp (dot != NULL ? dot : first, other_dot != NULL ? other_dot : second);

  return order != 0 ? order : strcmp (first, second);
}

/* The values of the explored parameters in a run, "x: 0.5,   y: 1". */
static char *
parameter_summary (ExpPypetTrajectory *trajectory, guint64 run)
{
  g_auto (GStrv) names = exp_pypet_explored_names (trajectory);
  g_autoptr (GHashTable) seen = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_autoptr (GString) summary = g_string_new (NULL);
  g_autoptr (ExpPypetScope) scope = exp_pypet_scope_new (trajectory, EXP_BRANCH_PARAMETERS, -1);

  qsort (names, g_strv_length (names), sizeof *names, exp_pypet_compare_last_names);
  for (char **name = names; *name != NULL; name++)
    {
      g_autofree char *path = g_strdelimit (g_strdup (*name), ".", '/');
      g_autoptr (ExpNode) inner = exp_node_resolve (trajectory->inner, path, NULL);
      const char *dot = strrchr (*name, '.');
      const char *shown = dot != NULL ? dot + 1 : *name;
      ExpPypetLeaf leaf;

      if (inner == NULL)
        continue;
      exp_pypet_leaf_init (&leaf, inner, scope, NULL, shown);
      g_autoptr (ExpNode) value = exp_pypet_range_value (&leaf, run, NULL);
      g_autofree char *text = value != NULL ? exp_pypet_value_text (value, FALSE) : g_strdup ("");
      if (!g_hash_table_add (seen, g_strdup (shown)))
        shown = *name;
      g_string_append_printf (summary, "%s%s: %s", summary->len > 0 ? ",   " : "", shown, text);
    }
  return g_string_free (g_steal_pointer (&summary), FALSE);
}

/* As Python prints a span of time: "1 day, 0:00:01.500000". */
static char *
runtime_text (gint64 microseconds)
{
  gint64 seconds = microseconds / G_USEC_PER_SEC, days = seconds / 86400;
  int part = (int)(microseconds % G_USEC_PER_SEC);
  GString *text = g_string_new (NULL);

  if (days > 0)
    g_string_append_printf (text, "%" G_GINT64_FORMAT " day%s, ", days, days > 1 ? "s" : "");
  g_string_append_printf (text, "%d:%02d:%02d", (int)(seconds % 86400 / 3600), (int)(seconds / 60 % 60),
                          (int)(seconds % 60));
  if (part != 0)
    g_string_append_printf (text, ".%06d", part);
  return g_string_free (text, FALSE);
}

/* A run that was begun elsewhere keeps when that was. */
static void
set_times (ExpArray *row, double timestamp)
{
  double finish = (double)g_get_real_time () / G_USEC_PER_SEC;
  time_t seconds = (time_t)finish;
  char time[sizeof "2026_01_31_12h00m00s" + 16] = "";
  struct tm local;

  if (localtime_r (&seconds, &local) != NULL)
    strftime (time, sizeof time, "%Y_%m_%d_%Hh%Mm%Ss", &local);

  if (timestamp == NOT_BEGUN)
    {
      timestamp = finish;
      exp_pytables_row_text (row, "time", time);
      exp_pytables_row_number (row, "timestamp", timestamp);
    }
  g_autofree char *runtime = runtime_text (MAX ((gint64)((finish - timestamp) * G_USEC_PER_SEC), 0));
  exp_pytables_row_number (row, "finish_timestamp", finish);
  exp_pytables_row_text (row, "runtime", runtime);
}

/* A number in a row, or `otherwise` where the table has no such column. */
static double
row_number (const ExpArray *row, const char *column, double otherwise)
{
  for (guint i = 0; i < row->dtype->n_members; i++)
    {
      const ExpMember *member = &row->dtype->members[i];

      if (strcmp (member->name, column) != 0)
        continue;
      switch (member->dtype->type)
        {
        case EXP_TYPE_FLOAT:
        case EXP_TYPE_INT:
        case EXP_TYPE_UINT:
        case EXP_TYPE_BOOL:
        case EXP_TYPE_BITFIELD:
          return member->dtype->size <= 8 ? exp_cell_double (member->dtype, row->data + member->offset) : otherwise;
        default:
          return otherwise;
        }
    }
  return otherwise;
}

/* TRUE when the run has been completed before, and not since the store was opened; or since, but just now, as when a
 * result is made and then written. */
static gboolean
was_completed (ExpPypetTrajectory *trajectory, const ExpArray *row, guint64 run)
{
  ExpPypetStore *store = trajectory->store;
  g_autofree char *name = g_strdup_printf ("%s/%" G_GUINT64_FORMAT, trajectory->name, run);
  gboolean is_completed = row_number (row, "completed", 0) != 0;

  if (store->running == NULL)
    store->running = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  if (g_hash_table_contains (store->running, name))
    {
      double since = (double)g_get_real_time () / G_USEC_PER_SEC - row_number (row, "finish_timestamp", 0);

      return is_completed && since >= 0 && since < JUST_NOW;
    }
  if (is_completed)
    return TRUE;
  g_hash_table_add (store->running, g_steal_pointer (&name));
  return FALSE;
}

gboolean
exp_pypet_runs_complete (ExpPypetChange *change, ExpPypetTrajectory *trajectory, guint64 run, GError **error)
{
  g_autoptr (ExpNode) runs = find_table (trajectory, "runs", error);
  g_autoptr (ExpArray) row = runs != NULL ? exp_pytables_rows (runs, run, 1, error) : NULL;

  if (row == NULL)
    return FALSE;
  if (was_completed (trajectory, row, run))
    return TRUE;

  g_autofree char *summary = parameter_summary (trajectory, run);
  set_times (row, row_number (row, "timestamp", NOT_BEGUN));
  exp_pytables_row_text (row, "parameter_summary", summary);
  exp_pytables_row_number (row, "completed", 1);
  return exp_pypet_change_rows (change, runs, run, row, error);
}

gboolean
exp_pypet_runs_has (ExpPypetTrajectory *trajectory, guint64 run)
{
  g_autoptr (ExpNode) runs = exp_pypet_overview_table (trajectory, "runs");

  return runs != NULL && run < exp_pypet_n_rows (runs);
}

/* idx and name of a run are its own. */
static gboolean
put_row (const ExpArray *given, gsize i, ExpArray *rows, GError **error)
{
  for (guint k = 0; k < rows->dtype->n_members; k++)
    {
      const ExpMember *to = &rows->dtype->members[k];

      for (guint m = 0; m < given->dtype->n_members; m++)
        {
          const ExpMember *from = &given->dtype->members[m];

          if (strcmp (from->name, to->name) != 0 || strcmp (to->name, "idx") == 0 || strcmp (to->name, "name") == 0)
            continue;
          if (!exp_cast_back_cell (from->dtype, given->data + i * given->dtype->size + from->offset, to->dtype,
                                   rows->data + i * rows->dtype->size + to->offset, "utf8", error))
            return FALSE;
        }
    }
  return TRUE;
}

static gboolean
write_rows (ExpPypetChange *change, ExpPypetTrajectory *trajectory, const ExpSlab *slab, const ExpArray *array,
            GError **error)
{
  g_autoptr (ExpNode) runs = find_table (trajectory, "runs", error);
  g_autoptr (ExpArray) rows = runs != NULL ? exp_pytables_rows (runs, slab->start[0], slab->count[0], error) : NULL;

  if (rows == NULL)
    return FALSE;
  if (slab->step[0] != 1 || array->dtype->type != EXP_TYPE_COMPOUND || rows->n_elements != array->n_elements)
    {
      g_set_error (error, EXP_ERROR, EXP_ERROR_INVALID, "these are no rows about runs");
      return FALSE;
    }
  for (gsize i = 0; i < array->n_elements; i++)
    if (!put_row (array, i, rows, error))
      return FALSE;
  return exp_pypet_change_rows (change, runs, slab->start[0], rows, error);
}

gboolean
exp_pypet_runs_write (ExpPypetTrajectory *trajectory, const ExpSlab *slab, const ExpArray *array, GError **error)
{
  ExpPypetChange *change = exp_pypet_change_begin (trajectory->store, error);

  return change != NULL && exp_pypet_change_end (change, write_rows (change, trajectory, slab, array, error));
}

gboolean
exp_pypet_runs_set_length (ExpPypetTrajectory *trajectory, guint64 n, GError **error)
{
  ExpPypetChange *change = exp_pypet_change_begin (trajectory->store, error);

  return change != NULL
         && exp_pypet_change_end (change, exp_pypet_runs_grow (change, trajectory, n, error)
                                              && exp_pypet_ranges_grow (change, trajectory, NULL, n, error));
}
