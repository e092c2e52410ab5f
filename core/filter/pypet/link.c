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

  exp_pypet_leaf_init (&leaf, leaf_node, scope, name);
  g_autofree char *single = exp_pypet_leaf_single (&leaf, NULL);
  if (*parts != NULL && g_strcmp0 (single, *parts) == 0)
    parts++;
  for (; *parts != NULL; parts++)
    {
      g_autofree char *shown = exp_pypet_item_name (*parts);
      g_string_append_printf (path, "/%s", shown);
    }
}

char *
exp_pypet_link_target (ExpPypetTrajectory *trajectory, const char *target)
{
  g_auto (GStrv) parts = g_strsplit (target, "/", -1);
  g_autoptr (ExpNode) at = exp_node_ref (trajectory->root);
  GString *path = g_string_new (NULL);

  if (*target != '/')
    {
      g_string_append (path, target);
      return g_string_free (path, FALSE);
    }
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
