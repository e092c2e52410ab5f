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

/* What the tables of a new trajectory say. */
typedef struct
{
  const char *name;
  char *version, *python;
  gboolean is_classic;
  const char *pandas_format;
  GPtrArray *tables; /* of the overview, those that pypet need not have: their names, static */
  ExpPypetPacking packing;
} Beginning;

static void
beginning_clear (Beginning *beginning)
{
  g_free (beginning->version);
  g_free (beginning->python);
  g_clear_pointer (&beginning->tables, g_ptr_array_unref);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Beginning, beginning_clear)

static gboolean
make_info (ExpPypetChange *change, ExpNode *overview, const Beginning *beginning, GError **error)
{
  g_autoptr (ExpNode) table
      = exp_pypet_new_table (change, overview, "info", beginning->is_classic, 1, &beginning->packing.packing, error);
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
  g_autoptr (ExpNode) table
      = exp_pypet_new_table (change, overview, "hdf5_settings", beginning->is_classic, 1, packing, error);
  g_autoptr (ExpArray) row = table != NULL ? exp_pytables_row_new (table, error) : NULL;
  g_autofree char *complib = g_strndup (packing->complib, 7);

  if (row == NULL)
    return FALSE;
  exp_pytables_row_text (row, "complib", complib);
  exp_pytables_row_number (row, "complevel", packing->complevel);
  exp_pytables_row_number (row, "shuffle", packing->shuffle);
  exp_pytables_row_number (row, "fletcher32", packing->fletcher32);
  exp_pytables_row_text (row, "pandas_format", beginning->pandas_format);
  exp_pytables_row_text (row, "encoding", "utf8");
  for (guint i = 0; i < beginning->tables->len; i++)
    exp_pytables_row_number (row, beginning->tables->pdata[i], 1);
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
  g_autoptr (ExpNode) table = exp_pypet_new_table (change, overview, "runs", beginning->is_classic, 0, packing, error);
  if (table == NULL || !exp_pypet_runs_append (change, table, 0, 1, beginning->is_classic, error))
    return FALSE;
  g_autoptr (ExpNode) explored
      = beginning->is_classic ? NULL : exp_pypet_new_table (change, overview, "explorations", FALSE, 0, packing, error);
  if (!beginning->is_classic && explored == NULL)
    return FALSE;
  for (guint i = 0; i < beginning->tables->len; i++)
    {
      g_autoptr (ExpNode) optional = exp_pypet_new_table (change, overview, beginning->tables->pdata[i],
                                                          beginning->is_classic, 0, packing, error);
      if (optional == NULL)
        return FALSE;
    }
  return TRUE;
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

  beginning->pandas_format = store->pandas_format != NULL ? store->pandas_format : "fixed";
  beginning->tables = exp_pypet_optional_tables ((const char *const *)store->overview, beginning->is_classic);
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
  g_auto (Beginning) beginning = { NULL };

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
  return trajectory != NULL && make_overview (change, trajectory, &beginning, error)
         && make_branches (change, trajectory, &beginning, error)
         && exp_pypet_change_move (change, store->root, hidden, store->root, name, error);
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
