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

/* The same of a whole store; the trajectory that it is about is the last argument. */
gboolean exp_pypet_store_perform (ExpPypetStore *store, ExpTask *task, GError **error);

/* adopt.c: a trajectory `name` with the parameters and the configuration of another, as pypet loads one as new, and
 * with the switch `ranges` with what is explored in it. */
gboolean
exp_pypet_adopt (ExpPypetStore *store, const char *name, ExpPypetTrajectory *from, ExpTask *task, GError **error);

/* merge.c: PREPARE_MERGE and MERGE of the task's other trajectory into this one. The two may be of different stores.
 * Switches: move, delete, remove-duplicates, trial=NAME, ignore=GLOB, rename=OLD=NEW, no-config, no-info,
 * no-other-info. */
gboolean exp_pypet_merge (ExpPypetTrajectory *trajectory, ExpPypetTrajectory *other, ExpTask *task, GError **error);

/* delete.c: DELETE, of a child of the place, whose name is the first argument; and of a trajectory, `name`. */
gboolean exp_pypet_place_delete (const ExpPypetPlace *place, ExpTask *task, GError **error);
gboolean exp_pypet_store_delete (ExpPypetStore *store, ExpTask *task, const char *name, GError **error);

/* EXP_ERROR_BUSY while somebody writes, through the tree of a run, what is at a path of the trajectory or below it.
 * `up` leads from the task's node to the trajectory: "", "../", ... */
gboolean exp_pypet_check_runs_unwritten (ExpTask *task, ExpPypetTrajectory *trajectory, const char *path,
                                         const char *up, GError **error);

/* prune.c: DELETE_INCOMPLETE_RUNS. */
gboolean exp_pypet_prune (ExpPypetTrajectory *trajectory, ExpTask *task, GError **error);

G_END_DECLS
