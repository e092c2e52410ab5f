/* The table of a trajectory's tasks.
 * Knows their names only.
 * Called by trajectory.c. */
#include "tasks.h"
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
