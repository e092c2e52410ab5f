/* Paths of inodes, shown and true, and where symlinks point.
 * Knows how names are encoded; reads nothing but names from the store.
 * Called by entries, xattrs, views and whoever logs. */
#include "fs/driver.h"
#include "fs/names.h"
#include <string.h>

char *
exp_path_shown (ExpInode *inode)
{
  g_autoptr (GPtrArray) line = g_ptr_array_new ();

  for (; inode->parent != NULL; inode = inode->parent)
    g_ptr_array_add (line, inode->name);
  if (line->len == 0)
    return g_strdup ("/");

  GString *path = g_string_new (NULL);
  for (guint i = line->len; i-- > 0;)
    g_string_append_printf (path, "/%s", (const char *)g_ptr_array_index (line, i));
  return g_string_free (path, FALSE);
}

/* The name without the view's suffix, decoded. */
char *
exp_path_true_name (ExpMount *mount, ExpInode *inode)
{
  if (inode->parent == NULL)
    return g_strdup ("/");

  gsize cut = inode->suffix;
  if (inode->type == EXP_INODE_FILE && inode->view > 0)
    cut = strlen (exp_view_classes[inode->view]->suffix);
  g_autofree char *shown = g_strndup (inode->name, strlen (inode->name) - MIN (cut, strlen (inode->name)));

  if (exp_name_looks_cut (shown))
    {
      char *name = exp_long_names_resolve (mount->state->long_names, inode->parent, shown, NULL);
      if (name != NULL)
        return name;
    }

  gsize length;
  char *name = exp_name_decode (shown, &length);
  return name != NULL ? name : g_steal_pointer (&shown);
}

char *
exp_path_true (ExpMount *mount, ExpInode *inode)
{
  g_autoptr (GPtrArray) line = g_ptr_array_new_with_free_func (g_free);

  for (; inode->parent != NULL; inode = inode->parent)
    g_ptr_array_add (line, exp_path_true_name (mount, inode));
  if (line->len == 0)
    return g_strdup ("/");

  GString *path = g_string_new (NULL);
  for (guint i = line->len; i-- > 0;)
    g_string_append_printf (path, "/%s", (const char *)g_ptr_array_index (line, i));
  return g_string_free (path, FALSE);
}

static void
append_up (GString *out, guint64 levels)
{
  for (guint64 i = 0; i < levels; i++)
    g_string_append (out, "../");
}

/* Appends the components of a path of true names as shown ones. "." goes; ".." stays while it does not leave the
 * mount, `depth` being that of the directory where the path starts. */
static void
append_shown_path (GString *out, const char *path, gint64 depth)
{
  g_auto (GStrv) parts = g_strsplit (path, "/", -1);

  for (char **part = parts; *part != NULL; part++)
    {
      gboolean is_up = strcmp (*part, "..") == 0;

      if (**part == '\0' || strcmp (*part, ".") == 0)
        continue;
      g_autofree char *shown = is_up && depth > 0 ? g_strdup ("..") : exp_name_encode (*part, strlen (*part));
      depth += is_up && depth > 0 ? -1 : 1;
      g_string_append (out, shown);
      g_string_append_c (out, '/');
    }
}

char *
exp_path_link_target (const ExpInode *inode, const ExpInfo *info)
{
  GString *out = g_string_new (NULL);
  guint depth = inode->depth > 0 ? inode->depth - 1 : 0;

  if (info == NULL)
    {
      append_up (out, inode->parent->size);
      g_string_append (out, inode->name);
      return g_string_free (out, FALSE);
    }

  const char *target = info->target != NULL ? info->target : "";
  if (info->is_external)
    g_string_append (out, target);
  else if (*target == '/')
    {
      append_up (out, depth);
      append_shown_path (out, target, 0);
    }
  else
    append_shown_path (out, target, depth);
  if (out->len > 0 && out->str[out->len - 1] == '/' && !info->is_external)
    g_string_truncate (out, out->len - 1);
  if (out->len == 0)
    g_string_append (out, *target == '\0' ? "%" : ".");
  if (inode->suffix > 0)
    g_string_append (out, inode->name + strlen (inode->name) - inode->suffix);
  return g_string_free (out, FALSE);
}
