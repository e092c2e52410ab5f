/* The task `prune`: what runs that were not completed have stored goes, pypet's DELETE_INCOMPLETE_RUNS.
 * Knows where runs store; the tables stay as they are, as pypet leaves them.
 * Called through tasks.c. */
#include "tasks.h"
#include "type.h"
#include <string.h>

/* Deeper trees are damaged ones. */
#define MAX_DEPTH 64

typedef struct
{
  guint64 n_runs;
  gboolean *is_completed; /* by run */
  gboolean is_deep;       /* runs are looked for anywhere below a branch, not only directly below it */
  GPtrArray *paths;       /* of char *, below the trajectory: groups of runs that are to go */
  const char *path;       /* of the group that is being looked through */
  guint depth;
  gboolean is_kept_some; /* there are some that only a deep look would find */
} Search;

/* The run that a group is of; -1 when it is none's, or of one that is not in the table. */
static gint64
run_of (const Search *search, const char *name)
{
  guint64 run;

  if (!exp_pypet_is_run_name (name) || g_str_has_prefix (name, "run_set_"))
    return -1;
  run = g_ascii_strtoull (name + strlen ("run_"), NULL, 10);
  return run < search->n_runs ? (gint64)run : -1;
}

static gboolean look_at (const char *name, ExpNode *child, gpointer data);

static void
look_below (Search *search, ExpNode *group, const char *path)
{
  Search below = *search;

  below.path = path;
  below.depth = search->depth + 1;
  exp_node_list (group, 0, look_at, &below, NULL);
  search->is_kept_some |= below.is_kept_some;
}

static gboolean
look_at (const char *name, ExpNode *child, gpointer data)
{
  Search *search = data;
  gint64 run = run_of (search, name);
  g_auto (ExpInfo) info = { 0 };
  g_autofree char *path = g_strconcat (search->path, "/", name, NULL);

  if (exp_pypet_is_hidden_child (name) || search->depth > MAX_DEPTH || !exp_node_describe (child, &info, NULL)
      || info.kind != EXP_KIND_GROUP)
    return TRUE;
  if (run >= 0 && !search->is_completed[run])
    {
      if (search->depth == 0 || search->is_deep)
        g_ptr_array_add (search->paths, g_steal_pointer (&path));
      else
        search->is_kept_some = TRUE;
    }
  else if (run < 0 && !exp_pypet_is_leaf (child))
    look_below (search, child, path);
  return TRUE;
}

static gboolean
read_completed (ExpPypetTrajectory *trajectory, Search *search, GError **error)
{
  g_autoptr (ExpNode) runs = exp_pypet_overview_table (trajectory, "runs");
  g_autoptr (ExpNode) column
      = runs != NULL ? exp_pypet_field_new (runs, "completed", EXP_ALL_ROWS, NULL, "utf8", error) : NULL;
  g_autoptr (ExpArray) cells = column != NULL ? exp_node_read_all (column, error) : NULL;

  if (runs == NULL)
    g_set_error (error, EXP_ERROR, EXP_ERROR_DAMAGED, "the trajectory has no overview/runs");
  if (cells == NULL)
    return FALSE;
  if (cells->dtype->type != EXP_TYPE_INT && cells->dtype->type != EXP_TYPE_BOOL)
    {
      g_set_error (error, EXP_ERROR, EXP_ERROR_DAMAGED, "overview/runs does not say which runs are completed");
      return FALSE;
    }
  search->n_runs = cells->n_elements;
  search->is_completed = g_try_new0 (gboolean, MAX (cells->n_elements, 1));
  if (search->is_completed == NULL)
    {
      g_set_error (error, EXP_ERROR, EXP_ERROR_NO_MEMORY, "no memory for the runs");
      return FALSE;
    }
  for (gsize i = 0; i < cells->n_elements; i++)
    for (gsize k = 0; k < cells->dtype->size; k++)
      search->is_completed[i] |= cells->data[i * cells->dtype->size + k] != 0;
  return TRUE;
}

/* Runs that are being written for the first time have nothing yet. */
static gboolean
check_unwritten (const Search *search, ExpPypetTrajectory *trajectory, ExpTask *task, GError **error)
{
  for (guint64 i = 0; i < search->n_runs; i++)
    {
      g_autofree char *name = g_strdup_printf ("run_%08" G_GUINT64_FORMAT, i);

      if (!search->is_completed[i] && !exp_pypet_check_runs_unwritten (task, trajectory, name, "", error))
        return FALSE;
    }
  for (guint i = 0; i < search->paths->len; i++)
    if (!exp_task_check_unwritten (task, search->paths->pdata[i], error))
      return FALSE;
  return TRUE;
}

static gboolean
remove_all (ExpPypetChange *change, ExpPypetTrajectory *trajectory, GPtrArray *paths, ExpTask *task, GError **error)
{
  for (guint i = 0; i < paths->len; i++)
    {
      const char *path = paths->pdata[i];
      g_autofree char *parent = g_path_get_dirname (path), *name = g_path_get_basename (path);
      g_autoptr (ExpNode) group = exp_node_resolve (trajectory->inner, parent, error);

      if (group == NULL || !exp_task_step (task, (double)i / paths->len, path, error)
          || !exp_pypet_change_remove (change, group, name, error))
        return FALSE;
      exp_task_note_removed (task, path);
    }
  return exp_task_step (task, 1, "done", error);
}

static void
say (const Search *search, ExpTask *task)
{
  for (guint i = 0; i < search->paths->len; i++)
    exp_task_say (task, "%s %s", task->is_dry_run ? "would remove" : "removed", (char *)search->paths->pdata[i]);
  if (search->is_kept_some)
    exp_task_say (task, "kept runs below runs/, as the release of pypet that began this trajectory keeps them: "
                        "--everywhere removes them too");
  else if (search->paths->len == 0)
    exp_task_say (task, "nothing to remove: no run that was not completed has stored anything");
}

gboolean
exp_pypet_prune (ExpPypetTrajectory *trajectory, ExpTask *task, GError **error)
{
  static const char *const branches[] = { "results", "derived_parameters" };
  g_autoptr (GPtrArray) paths = g_ptr_array_new_with_free_func (g_free);
  Search search = { .paths = paths };
  gboolean is_done;

  search.is_deep = !exp_pypet_is_classic (trajectory) || exp_task_has (task, "everywhere");
  if (!read_completed (trajectory, &search, error))
    return FALSE;
  for (guint i = 0; i < G_N_ELEMENTS (branches); i++)
    {
      g_autoptr (ExpNode) branch = exp_pypet_child (trajectory->inner, branches[i]);

      search.path = branches[i];
      if (branch != NULL)
        exp_node_list (branch, 0, look_at, &search, NULL);
    }
  is_done = task->is_written == NULL || check_unwritten (&search, trajectory, task, error);
  if (is_done && !task->is_dry_run && paths->len > 0)
    {
      ExpPypetChange *change = exp_pypet_change_begin (trajectory->store, error);
      is_done = change != NULL && exp_pypet_change_end (change, remove_all (change, trajectory, paths, task, error));
    }
  if (is_done)
    say (&search, task);
  g_free (search.is_completed);
  return is_done;
}
