/* The members of an archive as a tree: what stands between slashes in their names are groups.
 * Knows names; array.c knows what members hold.
 * Called by npz.c. */
#include "expfs/memory_node.h"
#include "npz.h"
#include <string.h>

typedef struct
{
  ExpNode *root;
  GHashTable *groups; /* path, with a slash at its end -> the group, borrowed from its parent */
  GHashTable *arrays; /* path of each array: char *, no value */
} Tree;

static char *
array_name (const ExpZipMember *member)
{
  gsize length = strlen (member->name);

  return g_strndup (member->name, g_str_has_suffix (member->name, ".npy") ? length - 4 : length);
}

/* The group of what is at `path`, and the name there. A name that an array has already is no group: what is below it
 * keeps its slash. */
static ExpNode *
group_of (Tree *tree, const char *path, char **name)
{
  ExpNode *group = tree->root;
  const char *start = path, *slash;

  for (guint depth = 0; depth < EXP_NPZ_MAX_DEPTH && (slash = strchr (start, '/')) != NULL; depth++)
    {
      g_autofree char *part = g_strndup (start, slash - start);
      g_autofree char *above = g_strndup (path, slash - path);
      g_autofree char *key = g_strndup (path, slash + 1 - path);
      ExpNode *child = g_hash_table_lookup (tree->groups, key);

      if (g_hash_table_contains (tree->arrays, above))
        break;
      if (child == NULL)
        {
          child = exp_memory_group_new (NULL);
          exp_memory_group_add (group, part, child);
          g_hash_table_insert (tree->groups, g_steal_pointer (&key), child);
          exp_node_unref (child);
        }
      group = child;
      start = slash + 1;
    }
  *name = g_strdup (start);
  return group;
}

static void
add_member (Tree *tree, ExpZip *zip, ExpZipMember *member)
{
  g_autofree char *path = array_name (member), *name = NULL;
  gboolean is_group = member->size == 0 && g_str_has_suffix (member->name, "/");
  ExpNode *group = group_of (tree, path, &name);

  if (is_group && *name == '\0')
    return;
  g_autoptr (ExpNode) array = exp_npz_array_new (zip, member);
  exp_memory_group_add (group, name, array);
}

ExpNode *
exp_npz_tree_new (ExpZip *zip)
{
  Tree tree = { exp_memory_group_new (NULL), g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL),
                g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL) };

  for (guint i = 0; i < zip->members->len; i++)
    {
      ExpZipMember *member = &g_array_index (zip->members, ExpZipMember, i);

      if (!g_str_has_suffix (member->name, "/"))
        g_hash_table_add (tree.arrays, array_name (member));
    }
  for (guint i = 0; i < zip->members->len; i++)
    add_member (&tree, zip, &g_array_index (zip->members, ExpZipMember, i));
  g_hash_table_unref (tree.groups);
  g_hash_table_unref (tree.arrays);
  return tree.root;
}
