/* Trajectories and scopes: what the nodes of one trajectory share.
 * Knows overview/hdf5_settings.
 * Used by all files of this folder. */
#include "pypet.h"
#include "type.h"
#include <string.h>

ExpPypetTrajectory *
exp_pypet_trajectory_new (ExpNode *root, ExpNode *inner, const char *name)
{
  ExpPypetTrajectory *trajectory = g_new0 (ExpPypetTrajectory, 1);

  g_atomic_ref_count_init (&trajectory->references);
  trajectory->root = exp_node_ref (root);
  trajectory->inner = exp_node_ref (inner);
  trajectory->name = g_strdup (name);
  return trajectory;
}

ExpPypetTrajectory *
exp_pypet_trajectory_ref (ExpPypetTrajectory *trajectory)
{
  g_atomic_ref_count_inc (&trajectory->references);
  return trajectory;
}

void
exp_pypet_trajectory_unref (ExpPypetTrajectory *trajectory)
{
  if (trajectory == NULL || !g_atomic_ref_count_dec (&trajectory->references))
    return;
  exp_node_unref (trajectory->root);
  exp_node_unref (trajectory->inner);
  g_free (trajectory->name);
  g_free (trajectory);
}

ExpNode *
exp_pypet_overview_table (ExpPypetTrajectory *trajectory, const char *name)
{
  g_autoptr (ExpNode) overview = exp_pypet_child (trajectory->inner, "overview");

  return overview != NULL ? exp_pypet_child (overview, name) : NULL;
}

const char *
exp_pypet_encoding (ExpPypetTrajectory *trajectory)
{
  const char *encoding = g_atomic_pointer_get (&trajectory->encoding);

  if (encoding != NULL)
    return encoding;

  g_autoptr (ExpNode) settings = exp_pypet_overview_table (trajectory, "hdf5_settings");
  g_autoptr (ExpArray) value = settings != NULL ? exp_pypet_table_cell (settings, "encoding", 0, NULL) : NULL;
  g_autofree char *text = value != NULL ? exp_array_dup_text (value) : NULL;
  encoding = text != NULL && *text != '\0' && strlen (text) < 32 ? g_intern_string (text) : "utf8";
  g_atomic_pointer_set (&trajectory->encoding, encoding);
  return encoding;
}

ExpPypetBranch
exp_pypet_branch_of (const char *name)
{
  static const char *const names[] = { [EXP_BRANCH_CONFIG] = "config",
                                       [EXP_BRANCH_PARAMETERS] = "parameters",
                                       [EXP_BRANCH_DERIVED] = "derived_parameters",
                                       [EXP_BRANCH_RESULTS] = "results" };

  for (guint i = EXP_BRANCH_CONFIG; i < G_N_ELEMENTS (names); i++)
    if (strcmp (names[i], name) == 0)
      return i;
  return EXP_BRANCH_OTHER;
}

ExpPypetScope *
exp_pypet_scope_new (ExpPypetTrajectory *trajectory, ExpPypetBranch branch, gint64 run)
{
  ExpPypetScope *scope = g_new0 (ExpPypetScope, 1);

  g_atomic_ref_count_init (&scope->references);
  scope->trajectory = exp_pypet_trajectory_ref (trajectory);
  scope->branch = branch;
  scope->run = run;
  return scope;
}

ExpPypetScope *
exp_pypet_scope_ref (ExpPypetScope *scope)
{
  g_atomic_ref_count_inc (&scope->references);
  return scope;
}

void
exp_pypet_scope_unref (ExpPypetScope *scope)
{
  if (scope == NULL || !g_atomic_ref_count_dec (&scope->references))
    return;
  exp_pypet_trajectory_unref (scope->trajectory);
  g_free (scope);
}
