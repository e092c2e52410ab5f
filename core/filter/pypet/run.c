/* TRAJ/.run/: one directory for each run, by name or by index.
 * Knows overview/runs only for how many runs there are.
 * Made by trajectory.c. */
#include "expfs/number.h"
#include "pypet.h"
#include <string.h>

typedef struct
{
  ExpNode base;
  ExpPypetTrajectory *trajectory;
} Runs;

static guint64
n_runs (ExpPypetTrajectory *trajectory)
{
  g_autoptr (ExpNode) runs = exp_pypet_overview_table (trajectory, "runs");

  if (runs != NULL)
    return exp_pypet_n_rows (runs);
  g_autoptr (ExpNode) info = exp_pypet_overview_table (trajectory, "info");
  g_autoptr (ExpArray) length = info != NULL ? exp_pypet_table_cell (info, "length", 0, NULL) : NULL;
  gint64 n;
  return length != NULL && exp_array_get_int (length, &n) ? MAX (n, 0) : 0;
}

static gboolean
runs_describe (ExpNode *node, ExpInfo *info, GError **error)
{
  info->kind = EXP_KIND_GROUP;
  info->is_lasting = TRUE;
  return TRUE;
}

static gboolean
runs_list (ExpNode *node, guint64 skip, ExpListFunc func, gpointer data, GError **error)
{
  Runs *self = (Runs *)node;
  guint64 n = n_runs (self->trajectory);

  for (guint64 i = skip; i < n; i++)
    {
      char name[32];
      g_autoptr (ExpNode) run = exp_pypet_trajectory_node_new (self->trajectory, i, TRUE);

      g_snprintf (name, sizeof name, "run_%08" G_GUINT64_FORMAT, i);
      if (!func (name, run, data))
        break;
    }
  return TRUE;
}

static ExpNode *
runs_lookup (ExpNode *node, const char *name, GError **error)
{
  Runs *self = (Runs *)node;
  guint64 n = n_runs (self->trajectory);
  const char *digits = exp_pypet_is_run_name (name) ? name + strlen ("run_") : name;
  gint64 index;

  if (!g_str_has_prefix (name, "run_set_") && exp_int_parse (digits, strlen (digits), &index))
    {
      const gboolean is_from_end = index < 0;
      if (is_from_end)
        index += (gint64)n;
      if (index >= 0 && (guint64)index < n)
        return exp_pypet_trajectory_node_new (self->trajectory, index, !is_from_end);
    }
  g_set_error (error, EXP_ERROR, EXP_ERROR_NOT_FOUND, "no run '%s' among %" G_GUINT64_FORMAT, name, n);
  return NULL;
}

static void
runs_free (ExpNode *node)
{
  exp_pypet_trajectory_unref (((Runs *)node)->trajectory);
  g_free (node);
}

static guint64
runs_part (ExpNode *node)
{
  return EXP_PART_STEADY;
}

static const ExpNodeClass runs_class = {
  .free = runs_free,
  .describe = runs_describe,
  .list = runs_list,
  .lookup = runs_lookup,
  .part = runs_part,
};

ExpNode *
exp_pypet_runs_new (ExpPypetTrajectory *trajectory)
{
  Runs *self = g_new0 (Runs, 1);

  exp_node_init (&self->base, &runs_class);
  self->trajectory = exp_pypet_trajectory_ref (trajectory);
  return &self->base;
}
