/* The tables of tasks, and what several of them ask.
 * Knows their names, and by which paths a run is reached.
 * Called by trajectory.c, root.c and the tasks. */
#include "tasks.h"
#include "root.h"
#include <string.h>

static const struct
{
  const char *name;
  gboolean (*perform) (ExpPypetTrajectory *trajectory, ExpTask *task, GError **error);
} tasks[] = {
  { "explore", exp_pypet_explore },
  { "prune", exp_pypet_prune },
};

gboolean
exp_pypet_trajectory_perform (ExpPypetTrajectory *trajectory, ExpTask *task, GError **error)
{
  for (guint i = 0; i < G_N_ELEMENTS (tasks); i++)
    if (strcmp (tasks[i].name, task->name) == 0)
      return tasks[i].perform (trajectory, task, error);
  g_set_error (error, EXP_ERROR, EXP_ERROR_UNSUPPORTED, "a trajectory knows no '%s'", task->name);
  return FALSE;
}

/* --- of a store --------------------------------------------------------------------------------------------- */

static ExpPypetTrajectory *
find_trajectory (ExpPypetStore *store, const char *name, GError **error)
{
  g_autoptr (ExpNode) inner = exp_node_lookup (store->root, name, error);
  g_auto (ExpInfo) info = { 0 };

  if (inner == NULL || !exp_node_describe (inner, &info, error))
    return NULL;
  if (info.kind == EXP_KIND_GROUP)
    return exp_pypet_trajectory_new (store, inner, name);
  g_set_error (error, EXP_ERROR, EXP_ERROR_INVALID, "'%s' is no trajectory", name);
  return NULL;
}

typedef struct
{
  char *name;
  guint n;
} Only;

static gboolean
note_only (const char *name, ExpNode *child, gpointer data)
{
  Only *only = data;

  if (exp_pypet_is_hidden_child (name))
    return TRUE;
  if (only->n++ == 0)
    only->name = g_strdup (name);
  return only->n < 2;
}

/* The task's other node: a trajectory, or a store in which there is one only, or one of the same name. */
static ExpPypetTrajectory *
find_other (ExpTask *task, const char *own, GError **error)
{
  ExpNode *node = task->other != NULL ? exp_node_unwrap (task->other) : NULL;
  ExpPypetTrajectory *trajectory = node != NULL ? exp_pypet_trajectory_of (node) : NULL;
  ExpPypetStore *store = node != NULL ? exp_pypet_root_store (node) : NULL;
  Only only = { NULL, 0 };

  if (trajectory != NULL)
    return exp_pypet_trajectory_ref (trajectory);
  if (store == NULL)
    {
      g_set_error (error, EXP_ERROR, EXP_ERROR_INVALID, "the other is no trajectory of a pypet store");
      return NULL;
    }
  exp_node_list (store->root, 0, note_only, &only, NULL);
  g_autofree char *name = g_steal_pointer (&only.name);
  trajectory = find_trajectory (store, only.n == 1 ? name : own, NULL);
  if (trajectory == NULL)
    g_set_error (error, EXP_ERROR, EXP_ERROR_INVALID, "the other store has several trajectories: name one of them");
  return trajectory;
}

static gboolean
merge (ExpPypetStore *store, ExpTask *task, const char *name, GError **error)
{
  g_autoptr (ExpPypetTrajectory) trajectory = find_trajectory (store, name, error);
  g_autoptr (ExpPypetTrajectory) other = trajectory != NULL ? find_other (task, name, error) : NULL;

  return other != NULL && exp_pypet_merge (trajectory, other, task, error);
}

static gboolean
adopt (ExpPypetStore *store, ExpTask *task, const char *name, GError **error)
{
  g_autoptr (ExpPypetTrajectory) other = find_other (task, name, error);

  return other != NULL && exp_pypet_adopt (store, name, other, task, error);
}

static const struct
{
  const char *name;
  gboolean (*perform) (ExpPypetStore *store, ExpTask *task, const char *name, GError **error);
} store_tasks[] = {
  { "adopt", adopt },
  { "delete", exp_pypet_store_delete },
  { "merge", merge },
};

gboolean
exp_pypet_store_perform (ExpPypetStore *store, ExpTask *task, GError **error)
{
  guint n = task->arguments != NULL ? g_strv_length ((char **)task->arguments) : 0;

  for (guint i = 0; i < G_N_ELEMENTS (store_tasks) && n > 0; i++)
    if (strcmp (store_tasks[i].name, task->name) == 0)
      return store_tasks[i].perform (store, task, task->arguments[n - 1], error);
  g_set_error (error, EXP_ERROR, EXP_ERROR_UNSUPPORTED, "a pypet store knows no '%s'", task->name);
  return FALSE;
}

/* --- shared ------------------------------------------------------------------------------------------------- */

/* By any of the names that its directory has. */
static gboolean
check_run (ExpTask *task, guint64 run, guint64 n_runs, const char *up, GError **error)
{
  g_autofree char *named = g_strdup_printf ("%s.run/run_%08" G_GUINT64_FORMAT, up, run);
  g_autofree char *numbered = g_strdup_printf ("%s.run/%" G_GUINT64_FORMAT, up, run);
  g_autofree char *from_end = g_strdup_printf ("%s.run/-%" G_GUINT64_FORMAT, up, n_runs - run);

  return exp_task_check_unwritten (task, named, error) && exp_task_check_unwritten (task, numbered, error)
         && exp_task_check_unwritten (task, from_end, error);
}

gboolean
exp_pypet_check_runs_unwritten (ExpTask *task, ExpPypetTrajectory *trajectory, const char *path, const char *up,
                                GError **error)
{
  g_auto (GStrv) parts = g_strsplit (path, "/", -1);
  gboolean is_of_runs
      = strcmp (path, "results") == 0 || strcmp (path, "derived_parameters") == 0 || g_str_has_suffix (path, "/runs");
  g_autofree char *all = g_strconcat (up, ".run", NULL);
  guint64 n_runs = task->is_written != NULL ? exp_pypet_n_runs (trajectory) : 0;

  for (char **part = parts; *part != NULL && task->is_written != NULL; part++)
    {
      if (!exp_pypet_is_run_name (*part))
        continue;
      guint64 run = g_ascii_strtoull (*part + strlen ("run_"), NULL, 10);
      if (g_str_has_prefix (*part, "run_set_"))
        is_of_runs = TRUE;
      else if (run < n_runs && !check_run (task, run, n_runs, up, error))
        return FALSE;
    }
  return !is_of_runs || exp_task_check_unwritten (task, all, error);
}
