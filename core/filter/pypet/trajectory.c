/* A trajectory's directory, and the tree of one of its runs: the branches, overview/, .run/, and what overview/info and
 * overview/runs say as attributes.
 * Knows the columns of these two tables.
 * Made by root.c and run.c. */
#include "form.h"
#include "tasks.h"
#include "type.h"
#include "write.h"
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
  gint64 run;          /* or -1 */
  gboolean is_lasting; /* as in ExpInfo */
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
  info->is_lasting = self->is_lasting;
  return TRUE;
}

/* The place of a child of that name: its branch follows from it. */
static ExpPypetPlace *
place_for (Trajectory *self, const char *name)
{
  g_autoptr (ExpPypetScope) scope = exp_pypet_scope_new (self->trajectory, exp_pypet_branch_of (name), self->run);
  GRefString *top = g_ref_string_new ("");
  ExpPypetPlace *place = exp_pypet_place_new (self->trajectory->inner, scope, top);

  g_ref_string_release (top);
  return place;
}

static ExpNode *
make_child (Trajectory *self, const char *name, ExpNode *inner)
{
  if (strcmp (name, "overview") == 0)
    return exp_pypet_overview_new (self->trajectory, inner);

  g_autoptr (ExpPypetPlace) place = place_for (self, name);
  return exp_pypet_node_new (inner, place->scope, place->location, name);
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
  ExpNode *overview; /* kept for the end */
  gboolean is_ended;
} Listing;

static gboolean
show_child (Listing *listing, const char *name, ExpNode *inner)
{
  if (listing->skip > 0)
    {
      listing->skip--;
      return TRUE;
    }
  g_autoptr (ExpNode) child = make_child (listing->trajectory, name, inner);
  listing->is_ended = !listing->func (name, child, listing->data);
  return !listing->is_ended;
}

/* Who removes all that is listed may remove the overview when nothing is left that it tells of, so it comes last where
 * anything can be removed. */
static gboolean
list_child (const char *name, ExpNode *inner, gpointer data)
{
  Listing *listing = data;

  if (is_hidden (listing->trajectory, name))
    return TRUE;
  if (strcmp (name, "overview") != 0 || !listing->trajectory->trajectory->store->is_writable)
    return show_child (listing, name, inner);
  g_clear_pointer (&listing->overview, exp_node_unref);
  listing->overview = exp_node_ref (inner);
  return TRUE;
}

static gboolean
trajectory_list (ExpNode *node, guint64 skip, ExpListFunc func, gpointer data, GError **error)
{
  Trajectory *self = (Trajectory *)node;
  Listing listing = { self, skip, func, data, NULL, FALSE };
  gboolean is_listed = exp_node_list (self->trajectory->inner, 0, list_child, &listing, error);
  g_autoptr (ExpNode) overview = listing.overview;

  if (is_listed && overview != NULL && !listing.is_ended)
    show_child (&listing, "overview", overview);
  return is_listed;
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

  if (self->run < 0 && strcmp (name, EXP_ATTRIBUTE_STORED) == 0)
    {
      g_autofree char *form = exp_pypet_form_text (self->trajectory, self->trajectory->inner, NULL, error);
      return form != NULL ? exp_array_new_text (form) : NULL;
    }
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

static gboolean
trajectory_list_parameters (ExpNode *node, ExpParameterRules *rules, ExpParameterFunc func, gpointer data,
                            GError **error)
{
  Trajectory *self = (Trajectory *)node;

  rules->is_named = self->run < 0;
  if (self->run < 0)
    exp_pypet_list_run_parameters (self->trajectory, node, func, data);
  return TRUE;
}

static void
trajectory_free (ExpNode *node)
{
  Trajectory *self = (Trajectory *)node;

  exp_pypet_trajectory_unref (self->trajectory);
  g_free (self);
}

/* Of a run nothing but what lies in its branches can be changed, and the branches themselves begin with the first that
 * is stored in them. */
static gboolean
check_change (const Trajectory *self, const char *name, GError **error)
{
  if (self->run < 0 && strcmp (name, "overview") != 0 && strcmp (name, ".run") != 0)
    return TRUE;
  g_set_error (error, EXP_ERROR, EXP_ERROR_UNSUPPORTED, "'%s' belongs to the trajectory and stays as it is", name);
  return FALSE;
}

static gboolean
is_branch_of_runs (const char *name)
{
  ExpPypetBranch branch = exp_pypet_branch_of (name);

  return branch == EXP_BRANCH_RESULTS || branch == EXP_BRANCH_DERIVED;
}

static ExpNode *
trajectory_create_group (ExpNode *node, const char *name, GError **error)
{
  Trajectory *self = (Trajectory *)node;
  gboolean is_shared = self->run >= 0 && is_branch_of_runs (name);
  g_autoptr (ExpNode) whole
      = is_shared ? exp_pypet_trajectory_node_new (self->trajectory, -1, FALSE) : exp_node_ref (node);
  g_autoptr (ExpPypetPlace) place = place_for ((Trajectory *)whole, name);

  return check_change ((Trajectory *)whole, name, error) && exp_pypet_place_create_group (place, name, error)
             ? trajectory_lookup (node, name, error)
             : NULL;
}

static gboolean
trajectory_check_name (ExpNode *node, const char *name, GError **error)
{
  Trajectory *self = (Trajectory *)node;
  g_autoptr (ExpPypetPlace) place = place_for (self, name);

  if (!check_change (self, name, error))
    return FALSE;
  if (place->scope->branch == EXP_BRANCH_OTHER)
    return exp_pypet_check_place (place, name, error);
  g_set_error (error, EXP_ERROR, EXP_ERROR_INVALID, "'%s' is the name of a directory of pypet's", name);
  return FALSE;
}

static ExpNode *
trajectory_create_dataset (ExpNode *node, const char *name, const ExpNewDataset *dataset, GError **error)
{
  g_autoptr (ExpPypetPlace) place = place_for ((Trajectory *)node, name);

  return trajectory_check_name (node, name, error) && exp_pypet_place_create_dataset (place, name, dataset, error)
             ? trajectory_lookup (node, name, error)
             : NULL;
}

static ExpNode *
trajectory_replace_dataset (ExpNode *node, const char *name, const ExpNewDataset *dataset, GError **error)
{
  Trajectory *self = (Trajectory *)node;
  g_autoptr (ExpPypetPlace) place = place_for (self, name);

  return check_change (self, name, error) && exp_pypet_place_replace_dataset (place, name, dataset, error)
             ? trajectory_lookup (node, name, error)
             : NULL;
}

static gboolean
trajectory_remove (ExpNode *node, const char *name, GError **error)
{
  Trajectory *self = (Trajectory *)node;
  g_autoptr (ExpPypetPlace) place = place_for (self, name);

  if (self->run < 0 && strcmp (name, "overview") == 0)
    return exp_pypet_remove_overview (self->trajectory, NULL, error);
  return check_change (self, name, error) && exp_pypet_place_remove (place, name, error);
}

static gboolean
trajectory_move (ExpNode *node, const char *name, ExpNode *new_parent, const char *new_name, guint flags,
                 GError **error)
{
  Trajectory *self = (Trajectory *)node;
  g_autoptr (ExpPypetPlace) place = place_for (self, name);
  g_autoptr (ExpPypetPlace) new_place
      = check_change (self, name, error) ? exp_pypet_place_of (new_parent, new_name, error) : NULL;

  return new_place != NULL && exp_pypet_place_move (place, name, new_place, new_name, flags, error);
}

static gboolean
trajectory_symlink (ExpNode *node, const char *name, const char *target, GError **error)
{
  Trajectory *self = (Trajectory *)node;
  g_autoptr (ExpPypetPlace) place = place_for (self, name);

  return check_change (self, name, error) && exp_pypet_place_symlink (place, name, target, error);
}

static gboolean
trajectory_write_attribute (ExpNode *node, const char *name, const ExpArray *value, GError **error)
{
  Trajectory *self = (Trajectory *)node;
  g_autoptr (ExpArray) shown
      = g_str_has_prefix (name, "annotation.") ? trajectory_read_attribute (node, name, NULL) : NULL;

  if (shown != NULL && exp_pypet_is_told_alike (self->trajectory, self->trajectory->inner, shown, value))
    return TRUE;
  return check_change (self, "", error) && exp_pypet_trajectory_write_attribute (self->trajectory, name, value, error);
}

static gboolean
trajectory_remove_attribute (ExpNode *node, const char *name, GError **error)
{
  Trajectory *self = (Trajectory *)node;

  return check_change (self, "", error) && exp_pypet_trajectory_remove_attribute (self->trajectory, name, error);
}

/* Of a trajectory only its annotations come along in a form of their own. */
static gboolean
trajectory_set_note (ExpNode *node, const char *note, const char *value, GError **error)
{
  Trajectory *self = (Trajectory *)node;
  g_autoptr (ExpPypetPlace) place = place_for (self, "");

  if (strcmp (note, "stored") == 0)
    return check_change (self, "", error) && exp_pypet_place_set_note (place, note, value, error);
  g_set_error (error, EXP_ERROR, EXP_ERROR_NOT_FOUND, "a trajectory has no '%s'", note);
  return FALSE;
}

static gboolean
trajectory_perform (ExpNode *node, ExpTask *task, GError **error)
{
  Trajectory *self = (Trajectory *)node;

  if (self->run < 0 && strcmp (task->name, "delete") == 0 && task->arguments != NULL && *task->arguments != NULL)
    {
      g_autoptr (ExpPypetPlace) place = place_for (self, *task->arguments);
      return exp_pypet_place_delete (place, task, error);
    }
  if (self->run < 0)
    return exp_pypet_trajectory_perform (self->trajectory, task, error);
  g_set_error (error, EXP_ERROR, EXP_ERROR_UNSUPPORTED, "one run knows no '%s': name its trajectory", task->name);
  return FALSE;
}

static guint64
trajectory_part (ExpNode *node)
{
  Trajectory *self = (Trajectory *)node;

  return exp_pypet_part (self->trajectory, self->run);
}

static const ExpNodeClass trajectory_class = {
  .free = trajectory_free,
  .describe = trajectory_describe,
  .list = trajectory_list,
  .lookup = trajectory_lookup,
  .list_attributes = trajectory_list_attributes,
  .read_attribute = trajectory_read_attribute,
  .list_parameters = trajectory_list_parameters,
  .create_group = trajectory_create_group,
  .create_dataset = trajectory_create_dataset,
  .check_name = trajectory_check_name,
  .replace_dataset = trajectory_replace_dataset,
  .remove = trajectory_remove,
  .move = trajectory_move,
  .symlink = trajectory_symlink,
  .write_attribute = trajectory_write_attribute,
  .remove_attribute = trajectory_remove_attribute,
  .set_note = trajectory_set_note,
  .perform = trajectory_perform,
  .part = trajectory_part,
};

ExpPypetTrajectory *
exp_pypet_trajectory_of (ExpNode *node)
{
  return node->klass == &trajectory_class && ((Trajectory *)node)->run < 0 ? ((Trajectory *)node)->trajectory : NULL;
}

ExpPypetPlace *
exp_pypet_trajectory_place (ExpNode *node, const char *name)
{
  return node->klass == &trajectory_class && ((Trajectory *)node)->run < 0 ? place_for ((Trajectory *)node, name)
                                                                           : NULL;
}

ExpNode *
exp_pypet_trajectory_node_new (ExpPypetTrajectory *trajectory, gint64 run, gboolean is_lasting)
{
  Trajectory *self = g_new0 (Trajectory, 1);

  exp_node_init (&self->base, &trajectory_class);
  self->trajectory = exp_pypet_trajectory_ref (trajectory);
  self->run = run;
  self->is_lasting = is_lasting;
  return &self->base;
}
