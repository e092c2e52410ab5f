/* A trajectory's directory, and the tree of one of its runs: the branches, overview/, .run/, and what overview/info and
 * overview/runs say as attributes.
 * Knows the columns of these two tables.
 * Made by root.c and run.c. */
#include "pypet.h"
#include "type.h"
#include <string.h>

static const char *const info_columns[]
    = { "name", "time", "timestamp", "version", "python", "length", "comment", NULL };
static const char *const run_columns[] = { "idx",
                                           "name",
                                           "time",
                                           "timestamp",
                                           "finish_timestamp",
                                           "runtime",
                                           "parameter_summary",
                                           "completed",
                                           "short_environment_hexsha",
                                           NULL };

typedef struct
{
  ExpNode base;
  ExpPypetTrajectory *trajectory;
  gint64 run; /* or -1 */
} Trajectory;

static gboolean
trajectory_describe (ExpNode *node, ExpInfo *info, GError **error)
{
  Trajectory *self = (Trajectory *)node;

  if (!exp_node_describe (self->trajectory->inner, info, error))
    return FALSE;
  info->role = self->run < 0 ? "trajectory" : "run";
  info->class_name = self->run < 0 ? "Trajectory" : NULL;
  if (self->run >= 0)
    info->identity = info->n_links = 0;
  return TRUE;
}

static ExpNode *
make_child (Trajectory *self, const char *name, ExpNode *inner)
{
  if (strcmp (name, "overview") == 0)
    return exp_pypet_overview_new (inner);

  g_autoptr (ExpPypetScope) scope = exp_pypet_scope_new (self->trajectory, exp_pypet_branch_of (name), self->run);
  return exp_pypet_node_new (inner, scope, name);
}

/* Outside the four branches a whole group may belong to one run. */
static gboolean
is_hidden (const Trajectory *self, const char *name)
{
  return exp_pypet_is_hidden_child (name)
         || (self->run >= 0 && (strcmp (name, "overview") == 0 || exp_pypet_is_run_name (name)));
}

typedef struct
{
  Trajectory *trajectory;
  guint64 skip;
  ExpListFunc func;
  gpointer data;
} Listing;

static gboolean
list_child (const char *name, ExpNode *inner, gpointer data)
{
  Listing *listing = data;

  if (is_hidden (listing->trajectory, name))
    return TRUE;
  if (listing->skip > 0)
    {
      listing->skip--;
      return TRUE;
    }
  g_autoptr (ExpNode) child = make_child (listing->trajectory, name, inner);
  return listing->func (name, child, listing->data);
}

static gboolean
trajectory_list (ExpNode *node, guint64 skip, ExpListFunc func, gpointer data, GError **error)
{
  Trajectory *self = (Trajectory *)node;
  Listing listing = { self, skip, func, data };

  return exp_node_list (self->trajectory->inner, 0, list_child, &listing, error);
}

static ExpNode *
trajectory_lookup (ExpNode *node, const char *name, GError **error)
{
  Trajectory *self = (Trajectory *)node;
  g_autoptr (GError) local = NULL;

  if (!is_hidden (self, name))
    {
      g_autoptr (ExpNode) inner = exp_node_lookup (self->trajectory->inner, name, &local);

      if (inner != NULL)
        return make_child (self, name, inner);
    }
  if (self->run < 0 && strcmp (name, ".run") == 0)
    return exp_pypet_runs_new (self->trajectory);
  if (local != NULL)
    g_propagate_error (error, g_steal_pointer (&local));
  else
    g_set_error (error, EXP_ERROR, EXP_ERROR_NOT_FOUND, "no '%s' here", name);
  return NULL;
}

/* The table whose row describes this node, and the row. */
static ExpNode *
own_table (const Trajectory *self, guint64 *row)
{
  *row = MAX (self->run, 0);
  return exp_pypet_overview_table (self->trajectory, self->run < 0 ? "info" : "runs");
}

static gboolean
has_column (const ExpInfo *info, const char *name)
{
  for (guint i = 0; info->dtype != NULL && i < info->dtype->n_members; i++)
    if (strcmp (info->dtype->members[i].name, name) == 0)
      return TRUE;
  return FALSE;
}

static char **
trajectory_list_attributes (ExpNode *node, GError **error)
{
  Trajectory *self = (Trajectory *)node;
  guint64 row;
  g_autoptr (ExpNode) table = own_table (self, &row);
  g_auto (ExpInfo) info = { 0 };
  GPtrArray *names = g_ptr_array_new ();

  if (table != NULL && !exp_node_describe (table, &info, NULL))
    info.rank = 0;
  if (info.rank == 1 && row < info.shape[0])
    for (const char *const *name = self->run < 0 ? info_columns : run_columns; *name != NULL; name++)
      if (has_column (&info, *name))
        g_ptr_array_add (names, g_strdup (*name));
  g_ptr_array_add (names, NULL);

  g_auto (GStrv) columns = (char **)g_ptr_array_free (names, FALSE);
  if (self->run >= 0)
    return g_steal_pointer (&columns);
  char **own = exp_pypet_list_attributes (self->trajectory->inner, error);
  return own != NULL ? exp_pypet_join_names (own, g_steal_pointer (&columns)) : NULL;
}

/* What pypet loads comes from the table: a comment of any length is cut there, as pypet shows it. */
static ExpArray *
trajectory_read_attribute (ExpNode *node, const char *name, GError **error)
{
  Trajectory *self = (Trajectory *)node;
  gboolean is_column = g_strv_contains (self->run < 0 ? info_columns : run_columns, name);
  guint64 row;
  g_autoptr (ExpNode) table = is_column ? own_table (self, &row) : NULL;
  g_auto (ExpInfo) info = { 0 };
  g_autoptr (GError) local = NULL;

  if (table != NULL && exp_node_describe (table, &info, &local) && has_column (&info, name))
    {
      ExpArray *cell = exp_pypet_table_cell (table, name, row, &local);

      if (cell != NULL)
        return cell;
    }
  ExpArray *own = self->run < 0 ? exp_pypet_read_attribute (self->trajectory->inner, name, NULL) : NULL;
  if (own != NULL)
    return own;
  if (local != NULL)
    g_propagate_error (error, g_steal_pointer (&local));
  else
    g_set_error (error, EXP_ERROR, EXP_ERROR_NOT_FOUND, "no attribute '%s'", name);
  return NULL;
}

static void
trajectory_free (ExpNode *node)
{
  Trajectory *self = (Trajectory *)node;

  exp_pypet_trajectory_unref (self->trajectory);
  g_free (self);
}

static const ExpNodeClass trajectory_class = {
  .free = trajectory_free,
  .describe = trajectory_describe,
  .list = trajectory_list,
  .lookup = trajectory_lookup,
  .list_attributes = trajectory_list_attributes,
  .read_attribute = trajectory_read_attribute,
};

ExpNode *
exp_pypet_trajectory_node_new (ExpPypetTrajectory *trajectory, gint64 run)
{
  Trajectory *self = g_new0 (Trajectory, 1);

  exp_node_init (&self->base, &trajectory_class);
  self->trajectory = exp_pypet_trajectory_ref (trajectory);
  self->run = run;
  return &self->base;
}
