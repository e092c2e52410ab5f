/* Tasks of a trajectory: what pypet's storage service does at one message and no system call says. Each is one change.
 * Know pypet's layout.
 * Called by the nodes of this folder. */
#pragma once

#include "expfs/task.h"
#include "write.h"

G_BEGIN_DECLS

/* By the task's name; EXP_ERROR_UNSUPPORTED. */
gboolean exp_pypet_trajectory_perform (ExpPypetTrajectory *trajectory, ExpTask *task, GError **error);

/* explore.c: f_explore with pypet's cartesian_product, or side by side. */
gboolean exp_pypet_explore (ExpPypetTrajectory *trajectory, ExpTask *task, GError **error);

/* prune.c: DELETE_INCOMPLETE_RUNS. */
gboolean exp_pypet_prune (ExpPypetTrajectory *trajectory, ExpTask *task, GError **error);

G_END_DECLS
