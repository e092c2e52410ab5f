/* The tables of overview/ as pypet makes them: their names and columns in either generation.
 * Knows nothing of what is in their rows.
 * Called by write_trajectory.c. */
#include "write.h"
#include <string.h>

typedef struct
{
  const char *name;
  char type;  /* S: text, i: i4, f: f8, b: b1 */
  guint size; /* of text */
} Column;

static const Column new_info[]
    = { { "name", 'S', 512 },    { "time", 'S', 20 },    { "length", 'i', 0 },    { "timestamp", 'f', 0 },
        { "comment", 'S', 512 }, { "python", 'S', 128 }, { "version", 'S', 128 }, { NULL, 0, 0 } };

static const Column classic_info[]
    = { { "name", 'S', 256 },    { "time", 'S', 20 },     { "length", 'i', 0 }, { "timestamp", 'f', 0 },
        { "comment", 'S', 512 }, { "version", 'S', 128 }, { NULL, 0, 0 } };

static const Column runs[] = { { "idx", 'i', 0 },
                               { "name", 'S', 128 },
                               { "time", 'S', 20 },
                               { "timestamp", 'f', 0 },
                               { "finish_timestamp", 'f', 0 },
                               { "runtime", 'S', 18 },
                               { "parameter_summary", 'S', 512 },
                               { "short_environment_hexsha", 'S', 7 },
                               { "completed", 'i', 0 },
                               { NULL, 0, 0 } };

static const Column new_settings[] = { { "complib", 'S', 7 },
                                       { "complevel", 'i', 0 },
                                       { "shuffle", 'b', 0 },
                                       { "fletcher32", 'b', 0 },
                                       { "pandas_format", 'S', 7 },
                                       { "encoding", 'S', 11 },
                                       { "config_overview", 'b', 0 },
                                       { "parameters_overview", 'b', 0 },
                                       { "derived_parameters_overview", 'b', 0 },
                                       { "results_overview", 'b', 0 },
                                       { "explored_parameters_overview", 'b', 0 },
                                       { "derived_parameters_summary", 'b', 0 },
                                       { "results_summary", 'b', 0 },
                                       { "purge_duplicate_comments", 'b', 0 },
                                       { "results_per_run", 'i', 0 },
                                       { "derived_parameters_per_run", 'i', 0 },
                                       { NULL, 0, 0 } };

static const Column classic_settings[] = { { "complib", 'S', 7 },
                                           { "complevel", 'i', 0 },
                                           { "shuffle", 'b', 0 },
                                           { "fletcher32", 'b', 0 },
                                           { "pandas_append", 'b', 0 },
                                           { "pandas_format", 'S', 7 },
                                           { "config", 'b', 0 },
                                           { "parameters", 'b', 0 },
                                           { "derived_parameters_trajectory", 'b', 0 },
                                           { "derived_parameters_runs", 'b', 0 },
                                           { "results_trajectory", 'b', 0 },
                                           { "results_runs", 'b', 0 },
                                           { "explored_parameters", 'b', 0 },
                                           { "derived_parameters_runs_summary", 'b', 0 },
                                           { "results_runs_summary", 'b', 0 },
                                           { "explored_parameters_runs", 'b', 0 },
                                           { "purge_duplicate_comments", 'b', 0 },
                                           { "results_per_run", 'i', 0 },
                                           { "derived_parameters_per_run", 'i', 0 },
                                           { NULL, 0, 0 } };

static const Column explorations[] = { { "explorations", 'S', 1 }, { NULL, 0, 0 } };

static const Column new_overview[]
    = { { "location", 'S', 512 }, { "name", 'S', 128 }, { "value", 'S', 64 }, { "comment", 'S', 512 }, { NULL, 0, 0 } };

static const Column new_explored[]
    = { { "location", 'S', 512 }, { "name", 'S', 128 },   { "value", 'S', 64 }, { "comment", 'S', 512 },
        { "length", 'i', 0 },     { "range", 'S', 1024 }, { NULL, 0, 0 } };

static const Column new_summary[] = { { "location", 'S', 512 }, { "name", 'S', 128 },    { "value", 'S', 64 },
                                      { "hexdigest", 'S', 64 }, { "comment", 'S', 512 }, { NULL, 0, 0 } };

static const Column classic_overview[]
    = { { "name", 'S', 128 }, { "location", 'S', 256 }, { "comment", 'S', 512 }, { "value", 'S', 64 }, { NULL, 0, 0 } };

static const Column classic_parameters[] = { { "name", 'S', 128 }, { "location", 'S', 256 }, { "comment", 'S', 512 },
                                             { "length", 'i', 0 }, { "value", 'S', 64 },     { NULL, 0, 0 } };

static const Column classic_explored[] = { { "name", 'S', 128 }, { "location", 'S', 256 }, { "comment", 'S', 512 },
                                           { "length", 'i', 0 }, { "range", 'S', 1024 },   { NULL, 0, 0 } };

static const Column classic_runs[]
    = { { "name", 'S', 128 }, { "location", 'S', 256 }, { "value", 'S', 64 }, { NULL, 0, 0 } };

static const Column classic_derived_summary[] = { { "name", 'S', 128 },
                                                  { "location", 'S', 256 },
                                                  { "example_item_run_name", 'S', 15 },
                                                  { "comment", 'S', 512 },
                                                  { "length", 'i', 0 },
                                                  { "number_of_items", 'i', 0 },
                                                  { "value", 'S', 64 },
                                                  { NULL, 0, 0 } };

static const Column classic_results_summary[]
    = { { "name", 'S', 128 },    { "location", 'S', 256 },      { "example_item_run_name", 'S', 15 },
        { "comment", 'S', 512 }, { "number_of_items", 'i', 0 }, { "value", 'S', 64 },
        { NULL, 0, 0 } };

/* `word` is what pypet calls those that belong together, NULL for a table that every trajectory has. */
typedef struct
{
  const char *name, *word;
  const Column *columns;
} Table;

static const Table new_tables[] = {
  { "info", NULL, new_info },
  { "runs", NULL, runs },
  { "hdf5_settings", NULL, new_settings },
  { "explorations", NULL, explorations },
  { "config_overview", "small", new_overview },
  { "parameters_overview", "small", new_overview },
  { "explored_parameters_overview", "small", new_explored },
  { "derived_parameters_overview", "large", new_overview },
  { "results_overview", "large", new_overview },
  { "derived_parameters_summary", "summary", new_summary },
  { "results_summary", "summary", new_summary },
  { NULL, NULL, NULL },
};

static const Table classic_tables[] = {
  { "info", NULL, classic_info },
  { "runs", NULL, runs },
  { "hdf5_settings", NULL, classic_settings },
  { "config", "small", classic_overview },
  { "parameters", "small", classic_parameters },
  { "explored_parameters", "small", classic_explored },
  { "derived_parameters_trajectory", "small", classic_parameters },
  { "results_trajectory", "small", classic_overview },
  { "derived_parameters_runs", "large", classic_runs },
  { "results_runs", "large", classic_runs },
  { "derived_parameters_runs_summary", "summary", classic_derived_summary },
  { "results_runs_summary", "summary", classic_results_summary },
  { NULL, NULL, NULL },
};

static ExpDtype *
column_type (const Column *column)
{
  switch (column->type)
    {
    case 'S':
      return exp_dtype_new_string (column->size, EXP_PAD_NUL_TERMINATED, FALSE);
    case 'i':
      return exp_dtype_new_number (EXP_TYPE_INT, 4, FALSE);
    case 'f':
      return exp_dtype_new_number (EXP_TYPE_FLOAT, 8, FALSE);
    default:
      return exp_dtype_new_number (EXP_TYPE_BITFIELD, 1, FALSE);
    }
}

ExpNode *
exp_pypet_new_table (ExpPypetChange *change, ExpNode *overview, const char *name, gboolean is_classic, guint64 n,
                     const ExpPacking *packing, GError **error)
{
  const Table *table = is_classic ? classic_tables : new_tables;
  g_autofree ExpMember *members = NULL;
  guint n_columns = 0;
  gsize size = 0;

  while (strcmp (table->name, name) != 0)
    table++;
  while (table->columns[n_columns].name != NULL)
    n_columns++;
  members = g_new0 (ExpMember, n_columns);
  for (guint i = 0; i < n_columns; i++)
    {
      members[i] = (ExpMember){ (char *)table->columns[i].name, column_type (&table->columns[i]), size };
      size += members[i].dtype->size;
    }
  g_autoptr (ExpDtype) row = exp_dtype_new_compound (size, n_columns, members, error);
  const char *title = table->columns == explorations ? "" : name;
  return row != NULL
             ? exp_pytables_dataset (change, overview, name, title, EXP_PYTABLES_TABLE, row, 1, &n, packing, error)
             : NULL;
}

GPtrArray *
exp_pypet_optional_tables (const char *const *wanted, gboolean is_classic)
{
  GPtrArray *names = g_ptr_array_new ();

  for (const Table *table = is_classic ? classic_tables : new_tables; wanted != NULL && table->name != NULL; table++)
    if (table->word != NULL
        && (g_strv_contains (wanted, table->word) || g_strv_contains (wanted, table->name)
            || g_strv_contains (wanted, "all")))
      g_ptr_array_add (names, (gpointer)table->name);
  return names;
}
