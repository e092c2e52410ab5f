/* The task `adopt`: a new trajectory with the parameters and the configuration of another, none of whose runs is
 * completed; pypet's loading as new, stored.
 * Knows what of a parameter is its range; how trajectories begin is write_trajectory.c's.
 * Called through tasks.c. */
#include "tasks.h"
#include "type.h"
#include <string.h>

/* Deeper trees are damaged ones. */
#define MAX_DEPTH 64

typedef struct
{
  ExpPypetChange *change;
  ExpPypetTrajectory *trajectory, *from;
  gboolean keeps_ranges;
  guint64 n_runs; /* of the ranges that were kept; 0: there are none */
} Adoption;

/* --- ranges ------------------------------------------------------------------------------------------------- */

static gboolean
drop_range (Adoption *self, ExpNode *leaf, GError **error)
{
  return exp_pypet_range_drop (self->change, leaf, error)
         && exp_pypet_change_attribute (self->change, leaf, "SRVC_INIT_LENGTH", NULL, error);
}

static gboolean
settle_leaf (Adoption *self, ExpNode *leaf, const char *full, GError **error)
{
  if (!exp_pypet_is_explored (leaf))
    return TRUE;
  if (!self->keeps_ranges)
    return drop_range (self, leaf, error);
  self->n_runs = exp_pypet_n_runs (self->from);
  return exp_pypet_explorations_add (self->change, self->trajectory, full, error);
}

/* --- links -------------------------------------------------------------------------------------------------- */

/* A link into the other trajectory leads into this one. */
static gboolean
settle_link (Adoption *self, ExpNode *group, const char *name, const char *target, GError **error)
{
  g_autofree char *old = g_strconcat ("/", self->from->name, "/", NULL);

  if (!g_str_has_prefix (target, old))
    return TRUE;
  g_autofree char *path = g_strconcat ("/", self->trajectory->name, "/", target + strlen (old), NULL);
  return exp_pypet_change_remove (self->change, group, name, error)
         && exp_pypet_change_symlink (self->change, group, name, path, error);
}

static gboolean
settle_below (Adoption *self, ExpNode *group, const char *location, guint depth, GError **error)
{
  g_autoptr (GPtrArray) names = exp_node_list_names (group, NULL, error);

  for (guint i = 0; names != NULL && i < names->len; i++)
    {
      const char *name = names->pdata[i];
      g_autoptr (ExpNode) child = exp_node_lookup (group, name, error);
      g_autofree char *full = g_strconcat (location, ".", name, NULL);
      g_auto (ExpInfo) info = { 0 };

      if (child == NULL || !exp_node_describe (child, &info, error))
        return FALSE;
      if (info.kind == EXP_KIND_LINK && !settle_link (self, group, name, info.target, error))
        return FALSE;
      if (info.kind != EXP_KIND_GROUP || depth == 0)
        continue;
      if (exp_pypet_is_leaf (child) ? !settle_leaf (self, child, full, error)
                                    : !settle_below (self, child, full, depth - 1, error))
        return FALSE;
    }
  return names != NULL;
}

/* --- the overview ------------------------------------------------------------------------------------------- */

/* What the overview tables say of the leaves below `group`. */
static gboolean
note_below (Adoption *self, ExpPypetScope *scope, ExpNode *group, const char *location, guint depth, GError **error)
{
  g_autoptr (GPtrArray) names = exp_node_list_names (group, NULL, error);
  gboolean is_done = names != NULL;

  for (guint i = 0; is_done && i < names->len; i++)
    {
      const char *name = names->pdata[i];
      g_autoptr (ExpNode) child = exp_pypet_child (group, name);
      g_autofree char *full = g_strconcat (location, ".", name, NULL);
      g_auto (ExpInfo) info = { 0 };
      GRefString *parent;
      ExpPypetLeaf leaf;

      if (depth == 0 || child == NULL || !exp_node_describe (child, &info, NULL) || info.kind != EXP_KIND_GROUP)
        continue;
      if (!exp_pypet_is_leaf (child))
        {
          is_done = note_below (self, scope, child, full, depth - 1, error);
          continue;
        }
      parent = g_ref_string_new (location);
      exp_pypet_leaf_init (&leaf, child, scope, parent, name);
      is_done = exp_pypet_overview_update (self->change, &leaf, TRUE, error);
      g_ref_string_release (parent);
    }
  return is_done;
}

static gboolean
note_branch (Adoption *self, const char *name, ExpPypetBranch branch, GError **error)
{
  g_autoptr (ExpPypetScope) scope = exp_pypet_scope_new (self->trajectory, branch, -1);
  g_autoptr (ExpNode) group = exp_node_lookup (self->trajectory->inner, name, error);

  return group != NULL && note_below (self, scope, group, name, MAX_DEPTH, error);
}

/* --- all of it ---------------------------------------------------------------------------------------------- */

static gboolean
copy_branch (Adoption *self, const char *branch, ExpTask *task, GError **error)
{
  g_autoptr (ExpNode) from = exp_pypet_child (self->from->inner, branch);
  g_autoptr (ExpNode) to = exp_node_lookup (self->trajectory->inner, branch, error);
  g_autoptr (GPtrArray) names = from != NULL ? exp_node_list_names (from, NULL, error) : NULL;

  if (from == NULL)
    return TRUE;
  for (guint i = 0; to != NULL && names != NULL && i < names->len; i++)
    {
      g_autoptr (ExpNode) source = exp_node_lookup (from, names->pdata[i], error);
      g_auto (ExpInfo) info = { 0 };

      if (source == NULL || !exp_node_describe (source, &info, error)
          || !exp_task_step (task, (double)i / names->len, names->pdata[i], error))
        return FALSE;
      if (info.kind == EXP_KIND_LINK ? !exp_pypet_change_symlink (self->change, to, names->pdata[i], info.target, error)
                                     : !exp_pypet_change_copy (self->change, to, names->pdata[i], source, error))
        return FALSE;
    }
  return to != NULL && names != NULL && settle_below (self, to, branch, MAX_DEPTH, error);
}

static gboolean
adopt (ExpPypetChange *change, ExpPypetStore *store, const char *name, ExpPypetTrajectory *from, ExpTask *task,
       GError **error)
{
  Adoption self = { .change = change, .from = from, .keeps_ranges = exp_task_has (task, "ranges") };

  if (!exp_pypet_trajectory_begin (change, store, name, from, error))
    return FALSE;
  g_autoptr (ExpNode) inner = exp_node_lookup (store->root, name, error);
  g_autoptr (ExpPypetTrajectory) trajectory = inner != NULL ? exp_pypet_trajectory_new (store, inner, name) : NULL;
  self.trajectory = trajectory;
  return trajectory != NULL && copy_branch (&self, "config", task, error)
         && copy_branch (&self, "parameters", task, error)
         && (self.n_runs == 0 || exp_pypet_runs_grow (change, trajectory, self.n_runs, error))
         && (store->overview == NULL
             || (note_branch (&self, "config", EXP_BRANCH_CONFIG, error)
                 && note_branch (&self, "parameters", EXP_BRANCH_PARAMETERS, error)));
}

gboolean
exp_pypet_adopt (ExpPypetStore *store, const char *name, ExpPypetTrajectory *from, ExpTask *task, GError **error)
{
  g_autoptr (ExpNode) taken = exp_pypet_child (store->root, name);

  if (!exp_pypet_check_name (name, error))
    return FALSE;
  if (taken != NULL)
    {
      g_set_error (error, EXP_ERROR, EXP_ERROR_EXISTS, "'%s' exists already", name);
      return FALSE;
    }
  if (task->is_dry_run)
    {
      exp_task_say (task, "would make %s with the parameters of %s", name, from->name);
      return TRUE;
    }
  ExpPypetChange *change = exp_pypet_change_begin (store, error);
  return change != NULL && exp_pypet_change_end (change, adopt (change, store, name, from, task, error));
}
