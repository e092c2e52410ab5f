/* Tasks: what a format does to a node and all that is below it at one request, whole or not at all: a trajectory is
 * explored, pruned, merged. Each format has its own and knows them by name. Knows neither verbs nor mounts.
 * Asked for by fs/, answered by the formats and filters. */
#pragma once

#include "expfs/node.h"

G_BEGIN_DECLS

/* One request, the caller's; zeroed but for what is said. */
struct _ExpTask
{
  const char *name;             /* "explore", "prune", ... */
  const char *const *arguments; /* words, NULL-terminated: "x=1,2,3" */
  const char *const *switches;  /* the same without their dashes: "zip", "rename=a:b" */
  ExpNode *other;               /* another node that it takes from; NULL for none */
  gboolean is_dry_run;          /* says what would be done and changes nothing: the store may be open for reading */
  GString *said;                /* lines for the user, each with its newline */
  /* Of char *: paths of true names from the node, as it shows them, of what is gone; ".." leads upwards. NULL: nobody
   * wants to know. */
  GPtrArray *removed;
  /* Called every now and then with how much is done, from 0 to 1, and what is being done; FALSE ends the task, with
   * nothing changed. NULL: nobody wants to know. */
  gboolean (*progress) (double fraction, const char *text, gpointer data);
  /* TRUE when something at that path, or below it, is being written. NULL: nothing is. */
  gboolean (*is_written) (const char *path, gpointer data);
  gpointer data;
};

/* For those who answer: */

/* A line for the user, without its newline. */
void exp_task_say (ExpTask *task, const char *format, ...) G_GNUC_PRINTF (2, 3);
/* FALSE with EXP_ERROR_INTERRUPTED when the task is to end. */
gboolean exp_task_step (ExpTask *task, double fraction, const char *text, GError **error);
/* FALSE with EXP_ERROR_BUSY when something at the path, or below it, is being written. */
gboolean exp_task_check_unwritten (ExpTask *task, const char *path, GError **error);
void exp_task_note_removed (ExpTask *task, const char *path);
/* Whether a switch is given; and its value, borrowed: "" for one without, NULL for one that is not given. */
gboolean exp_task_has (const ExpTask *task, const char *name);
const char *exp_task_value (const ExpTask *task, const char *name);

G_END_DECLS
