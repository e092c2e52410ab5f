/* Trajectories: begun, renamed, removed, and what overview/info says of them.
 * Knows the tables that pypet writes for a trajectory in which nothing is yet.
 * Called by root.c, trajectory.c and pypet.c. */
#include "expfs/view.h"
#include "type.h"
#include "write.h"
#include <string.h>

/* What a new trajectory says of who wrote it, in a store that has no other: pypet loads what was written with its own
 * version and Python, and others when it is told to. */
#define PYPET_VERSION  "0.7.0"
#define PYTHON_VERSION "3.11.2"

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

/* A table of `n` rows of zeros. */
static ExpNode *
make_table (ExpPypetChange *change, ExpNode *overview, const char *name, const char *title, const Column *columns,
            guint64 n, const ExpPacking *packing, GError **error)
{
  g_autofree ExpMember *members = NULL;
  guint n_columns = 0;
  gsize size = 0;

  while (columns[n_columns].name != NULL)
    n_columns++;
  members = g_new0 (ExpMember, n_columns);
  for (guint i = 0; i < n_columns; i++)
    {
      members[i] = (ExpMember){ (char *)columns[i].name, column_type (&columns[i]), size };
      size += members[i].dtype->size;
    }
  g_autoptr (ExpDtype) row = exp_dtype_new_compound (size, n_columns, members, error);
  return row != NULL
             ? exp_pytables_dataset (change, overview, name, title, EXP_PYTABLES_TABLE, row, 1, &n, packing, error)
             : NULL;
}

/* What the tables of a new trajectory say. */
typedef struct
{
  const char *name;
  char *version, *python;
  gboolean is_classic;
  ExpPypetPacking packing;
} Beginning;

static gboolean
make_info (ExpPypetChange *change, ExpNode *overview, const Beginning *beginning, GError **error)
{
  g_autoptr (ExpNode) table
      = make_table (change, overview, "info", "info", beginning->is_classic ? classic_info : new_info, 1,
                    &beginning->packing.packing, error);
  g_autoptr (ExpArray) row = table != NULL ? exp_pytables_row_new (table, error) : NULL;
  g_autoptr (GDateTime) now = g_date_time_new_now_local ();
  g_autofree char *time = g_date_time_format (now, "%Y_%m_%d_%Hh%Mm%Ss");

  if (row == NULL)
    return FALSE;
  exp_pytables_row_text (row, "name", beginning->name);
  exp_pytables_row_text (row, "time", time);
  exp_pytables_row_number (row, "length", 1);
  exp_pytables_row_number (row, "timestamp", (double)g_get_real_time () / G_USEC_PER_SEC);
  exp_pytables_row_text (row, "python", beginning->python);
  exp_pytables_row_text (row, "version", beginning->version);
  return exp_pypet_change_rows (change, table, 0, row, error);
}

static gboolean
make_settings (ExpPypetChange *change, ExpNode *overview, const Beginning *beginning, GError **error)
{
  const ExpPacking *packing = &beginning->packing.packing;
  g_autoptr (ExpNode) table = make_table (change, overview, "hdf5_settings", "hdf5_settings",
                                          beginning->is_classic ? classic_settings : new_settings, 1, packing, error);
  g_autoptr (ExpArray) row = table != NULL ? exp_pytables_row_new (table, error) : NULL;
  g_autofree char *complib = g_strndup (packing->complib, 7);

  if (row == NULL)
    return FALSE;
  exp_pytables_row_text (row, "complib", complib);
  exp_pytables_row_number (row, "complevel", packing->complevel);
  exp_pytables_row_number (row, "shuffle", packing->shuffle);
  exp_pytables_row_number (row, "fletcher32", packing->fletcher32);
  exp_pytables_row_text (row, "pandas_format", "fixed");
  exp_pytables_row_text (row, "encoding", "utf8");
  return exp_pypet_change_rows (change, table, 0, row, error);
}

static gboolean
make_overview (ExpPypetChange *change, ExpNode *trajectory, const Beginning *beginning, GError **error)
{
  const ExpPacking *packing = &beginning->packing.packing;
  const ExpPacking *of_groups = beginning->is_classic ? NULL : packing;
  g_autoptr (ExpNode) overview = exp_pytables_group (change, trajectory, "overview", "overview", of_groups, error);

  if (overview == NULL || !make_info (change, overview, beginning, error)
      || !make_settings (change, overview, beginning, error))
    return FALSE;
  g_autoptr (ExpNode) table = make_table (change, overview, "runs", "runs", runs, 0, packing, error);
  if (table == NULL || !exp_pypet_runs_append (change, table, 0, 1, beginning->is_classic, error))
    return FALSE;
  g_autoptr (ExpNode) explored
      = beginning->is_classic ? NULL
                              : make_table (change, overview, "explorations", "", explorations, 0, packing, error);
  return beginning->is_classic || explored != NULL;
}

static gboolean
make_branches (ExpPypetChange *change, ExpNode *trajectory, const Beginning *beginning, GError **error)
{
  static const char *const branches[] = { "config", "parameters", "derived_parameters", "results" };

  for (guint i = 0; i < G_N_ELEMENTS (branches); i++)
    {
      g_autoptr (ExpNode) branch = exp_pytables_group (
          change, trajectory, branches[i], "", beginning->is_classic ? NULL : &beginning->packing.packing, error);
      if (branch == NULL)
        return FALSE;
    }
  return TRUE;
}

static gboolean
note_sibling (const char *name, ExpNode *child, gpointer data)
{
  Beginning *beginning = data;
  g_autoptr (ExpNode) overview = exp_pypet_child (child, "overview");
  g_autoptr (ExpNode) info = overview != NULL ? exp_pypet_child (overview, "info") : NULL;
  g_autoptr (ExpArray) version = info != NULL ? exp_pypet_table_cell (info, "version", 0, NULL) : NULL;
  g_autoptr (ExpArray) python = version != NULL ? exp_pypet_table_cell (info, "python", 0, NULL) : NULL;

  if (version == NULL)
    return TRUE;
  beginning->version = exp_array_dup_text (version);
  beginning->python = python != NULL ? exp_array_dup_text (python) : NULL;
  return beginning->version == NULL;
}

/* As another trajectory is, or as those of the store are. */
static void
begin (Beginning *beginning, ExpPypetStore *store, const char *name, ExpPypetTrajectory *like)
{
  *beginning = (Beginning){ .name = name };
  if (like != NULL)
    note_sibling (like->name, like->inner, beginning);
  else
    exp_node_list (store->root, 0, note_sibling, beginning, NULL);
  beginning->is_classic = beginning->version != NULL && g_str_has_prefix (beginning->version, "0.1b");
  if (beginning->version == NULL)
    beginning->version = g_strdup (PYPET_VERSION);
  if (beginning->python == NULL)
    beginning->python = g_strdup (PYTHON_VERSION);

  ExpPypetTrajectory none = { .store = store, .inner = store->root };
  exp_pypet_packing (&none, &beginning->packing);
  g_free (none.packing);
}

gboolean
exp_pypet_trajectory_begin (ExpPypetChange *change, ExpPypetStore *store, const char *name, ExpPypetTrajectory *like,
                            GError **error)
{
  g_autofree char *hidden = exp_pypet_change_name (change);
  g_autoptr (ExpNode) taken = exp_pypet_child (store->root, name);
  Beginning beginning;

  if (!exp_pypet_check_name (name, error))
    return FALSE;
  if (taken != NULL)
    {
      g_set_error (error, EXP_ERROR, EXP_ERROR_EXISTS, "'%s' exists already", name);
      return FALSE;
    }
  begin (&beginning, store, name, like);
  g_autoptr (ExpNode) trajectory = exp_pytables_group (change, store->root, hidden, name,
                                                       beginning.is_classic ? NULL : &beginning.packing.packing, error);
  gboolean is_done = trajectory != NULL && make_overview (change, trajectory, &beginning, error)
                     && make_branches (change, trajectory, &beginning, error)
                     && exp_pypet_change_move (change, store->root, hidden, store->root, name, error);
  g_free (beginning.version);
  g_free (beginning.python);
  return is_done;
}

gboolean
exp_pypet_trajectory_create (ExpPypetStore *store, const char *name, GError **error)
{
  ExpPypetChange *change = exp_pypet_change_begin (store, error);

  return change != NULL && exp_pypet_change_end (change, exp_pypet_trajectory_begin (change, store, name, NULL, error));
}

static gboolean
mark_root (ExpPypetChange *change, ExpPypetStore *store, GError **error)
{
  return exp_pytables_set_text (change, store->root, "CLASS", "GROUP", error)
         && exp_pytables_set_text (change, store->root, "TITLE", EXP_PYPET_TITLE, error)
         && exp_pytables_set_text (change, store->root, "VERSION", "1.0", error)
         && exp_pytables_set_text (change, store->root, "PYTABLES_FORMAT_VERSION", "2.1", error);
}

gboolean
exp_pypet_store_mark (ExpPypetStore *store, GError **error)
{
  ExpPypetChange *change = exp_pypet_change_begin (store, error);

  return change != NULL && exp_pypet_change_end (change, mark_root (change, store, error));
}
