/* Links as they are in the mount: a target inside a leaf names the file that shows it.
 * Knows how leaves with one item lose their own level.
 * Called by node.c. */
#include "pypet.h"
#include <string.h>

static gboolean
is_leaf_at (ExpNode *node)
{
  g_auto (ExpInfo) info = { 0 };

  return exp_node_describe (node, &info, NULL) && info.kind == EXP_KIND_GROUP && exp_pypet_is_leaf (node);
}

/* The rest of a path below a leaf, as it is shown. */
static void
append_below_leaf (GString *path, ExpPypetTrajectory *trajectory, ExpNode *leaf_node, const char *name, char **parts)
{
  g_autoptr (ExpPypetScope) scope = exp_pypet_scope_new (trajectory, EXP_BRANCH_OTHER, -1);
  ExpPypetLeaf leaf;

  exp_pypet_leaf_init (&leaf, leaf_node, scope, NULL, name);
  g_autofree char *single = exp_pypet_leaf_single (&leaf, NULL);
  if (*parts != NULL && g_strcmp0 (single, *parts) == 0)
    parts++;
  for (; *parts != NULL; parts++)
    {
      g_autofree char *shown = exp_pypet_item_name (*parts);
      g_string_append_printf (path, "/%s", shown);
    }
}

static char *
target_in_tree (ExpPypetTrajectory *trajectory, const char *target)
{
  g_auto (GStrv) parts = g_strsplit (target, "/", -1);
  g_autoptr (ExpNode) at = exp_node_ref (trajectory->store->root);
  GString *path = g_string_new (NULL);

  for (char **part = parts; *part != NULL; part++)
    {
      ExpNode *child;

      if (**part == '\0')
        continue;
      g_string_append_printf (path, "/%s", *part);
      child = at != NULL ? exp_pypet_child (at, *part) : NULL;
      g_clear_pointer (&at, exp_node_unref);
      at = child;
      if (at != NULL && is_leaf_at (at))
        {
          append_below_leaf (path, trajectory, at, *part, part + 1);
          break;
        }
    }
  if (path->len == 0)
    g_string_append_c (path, '/');
  return g_string_free (path, FALSE);
}

/* The same place in the tree of a run, where what the run stored has lost the levels that name it. NULL for what that
 * tree has not: other trajectories, other runs, overview/. */
static char *
target_in_run (const ExpPypetScope *scope, const char *target)
{
  g_auto (GStrv) parts = g_strsplit (target, "/", -1);
  g_autofree char *run = g_strdup_printf ("run_%08" G_GINT64_FORMAT, scope->run);
  g_autofree char *set = g_strdup_printf ("run_set_%05" G_GINT64_FORMAT, scope->run / 1000);
  g_autoptr (GString) path = g_string_new (NULL);

  if (g_strv_length (parts) < 2 || strcmp (parts[1], scope->trajectory->name) != 0)
    return NULL;
  g_string_append_printf (path, "/%s/.run/%s", parts[1], run);
  for (char **part = parts + 2; *part != NULL; part++)
    {
      gboolean is_default = strcmp (*part, "runs") == 0 && part == parts + 3;

      if (strcmp (*part, run) == 0 || strcmp (*part, set) == 0 || is_default)
        continue;
      if (exp_pypet_is_run_name (*part) || (part == parts + 2 && strcmp (*part, "overview") == 0))
        return NULL;
      g_string_append_printf (path, "/%s", *part);
    }
  return g_string_free (g_steal_pointer (&path), FALSE);
}

char *
exp_pypet_link_target (const ExpPypetScope *scope, const char *target)
{
  if (*target != '/')
    return g_strdup (target);

  g_autofree char *shown = target_in_tree (scope->trajectory, target);
  char *in_run = scope->run >= 0 ? target_in_run (scope, shown) : NULL;
  return in_run != NULL ? in_run : g_steal_pointer (&shown);
}
