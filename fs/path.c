/* Paths of inodes, shown and true, and where symlinks point.
 * Knows how names are encoded; reads nothing but names from the store.
 * Called by entries, xattrs, views and whoever logs. */
#include "fs/driver.h"
#include "fs/links.h"
#include "fs/names.h"
#include "fs/outside.h"
#include <string.h>

/* Before a path that is one from the root in the store, although it does not go upwards. */
#define FROM_ROOT ".//"

static char *
join (GPtrArray *line)
{
  if (line->len == 0)
    return g_strdup ("/");

  GString *path = g_string_new (NULL);
  for (guint i = line->len; i-- > 0;)
    g_string_append_printf (path, "/%s", (const char *)g_ptr_array_index (line, i));
  return g_string_free (path, FALSE);
}

char *
exp_path_shown (ExpInode *inode)
{
  g_autoptr (GPtrArray) line = g_ptr_array_new_with_free_func (g_free);

  exp_inode_names_lock ();
  for (; inode->parent != NULL; inode = inode->parent)
    g_ptr_array_add (line, g_strdup (exp_inode_name (inode)));
  exp_inode_names_unlock ();
  return join (line);
}

char *
exp_path_stem (const ExpInode *inode)
{
  gsize cut = inode->suffix, length = strlen (exp_inode_name (inode));

  if (inode->type == EXP_INODE_FILE && inode->view > 0)
    cut = strlen (exp_view_classes[inode->view]->suffix);
  return g_strndup (exp_inode_name (inode), length - MIN (cut, length));
}

/* With the lock on names. */
static char *
true_name (ExpMount *mount, ExpInode *inode)
{
  if (inode->parent == NULL)
    return g_strdup ("/");

  g_autofree char *shown = exp_path_stem (inode);
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
exp_path_true_name (ExpMount *mount, ExpInode *inode)
{
  exp_inode_names_lock ();
  char *name = true_name (mount, inode);
  exp_inode_names_unlock ();
  return name;
}

char *
exp_path_true (ExpMount *mount, ExpInode *inode)
{
  g_autoptr (GPtrArray) line = g_ptr_array_new_with_free_func (g_free);

  exp_inode_names_lock ();
  for (; inode->parent != NULL; inode = inode->parent)
    g_ptr_array_add (line, true_name (mount, inode));
  exp_inode_names_unlock ();
  return join (line);
}

/* The components of a path of true names, as shown and without "."; caller frees. */
static GPtrArray *
shown_parts (const char *path)
{
  g_auto (GStrv) parts = g_strsplit (path, "/", -1);
  GPtrArray *shown = g_ptr_array_new_with_free_func (g_free);

  for (char **part = parts; *part != NULL; part++)
    if (**part != '\0' && strcmp (*part, ".") != 0)
      g_ptr_array_add (shown, exp_name_encode (*part, strlen (*part)));
  return shown;
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

/* The same of names that the store parts by another byte, since they may have slashes in them. */
static void
append_shown_names (GString *out, const char *path, char separator)
{
  const char delimiter[] = { separator, '\0' };
  g_auto (GStrv) parts = g_strsplit (path, delimiter, -1);
  gboolean is_above = TRUE;

  for (char **part = parts; *part != NULL; part++)
    {
      is_above = is_above && strcmp (*part, "..") == 0;
      g_autofree char *shown = is_above ? g_strdup ("..") : exp_name_encode (*part, strlen (*part));
      g_string_append_printf (out, "%s/", shown);
    }
}

/* A path from the root as it is from the link's directory, by the shortest way. With the lock on names. */
static void
append_from_root (GString *out, const ExpInode *inode, const char *target)
{
  g_autoptr (GPtrArray) parts = shown_parts (target), above = g_ptr_array_new ();
  guint n_common = 0;

  for (inode = inode->parent; inode != NULL && !exp_outside_is_root (inode); inode = inode->parent)
    g_ptr_array_insert (above, 0, (gpointer)exp_inode_name (inode));
  while (n_common < above->len && n_common < parts->len && strcmp (above->pdata[n_common], parts->pdata[n_common]) == 0)
    n_common++;
  append_up (out, above->len - n_common);
  for (guint i = n_common; i < parts->len; i++)
    g_string_append_printf (out, "%s/", (const char *)parts->pdata[i]);
}

/* Levels of the directory that the inode lies in, below the root of its store. */
static guint
depth_of_directory (const ExpInode *inode)
{
  guint depth = 0;

  for (inode = inode->parent; inode != NULL && !exp_outside_is_root (inode); inode = inode->parent)
    depth++;
  return depth;
}

/* With the lock on names. */
static char *
link_target (const ExpInode *inode, const ExpInfo *info)
{
  GString *out = g_string_new (NULL);
  const char *name = exp_inode_name (inode);
  guint depth = depth_of_directory (inode);

  if (info == NULL)
    {
      append_up (out, inode->parent->size);
      g_string_append (out, name);
      return g_string_free (out, FALSE);
    }

  const char *target = info->target != NULL ? info->target : "";
  if (info->file != NULL)
    {
      g_string_free (out, TRUE);
      return exp_link_external_text (info, depth);
    }
  if (info->is_external)
    g_string_append (out, target);
  else if (info->separator != '\0')
    append_shown_names (out, target, info->separator);
  else if (*target == '/')
    append_from_root (out, inode, target);
  else
    append_shown_path (out, target, depth);
  if (out->len > 0 && out->str[out->len - 1] == '/' && !info->is_external)
    g_string_truncate (out, out->len - 1);
  if (out->len == 0)
    g_string_append (out, *target == '\0' ? "%" : ".");
  /* What is told from the root without going up there, and what reads like a link into another file. */
  if (!info->is_external && *target == '/' && !g_str_has_prefix (out->str, ".."))
    g_string_prepend (out, FROM_ROOT);
  else if (!info->is_external && exp_link_looks_external (out->str))
    g_string_prepend (out, "./");
  if (inode->suffix > 0)
    g_string_append (out, name + strlen (name) - inode->suffix);
  return g_string_free (out, FALSE);
}

char *
exp_path_link_target (const ExpInode *inode, const ExpInfo *info)
{
  exp_inode_names_lock ();
  char *target = link_target (inode, info);
  exp_inode_names_unlock ();
  return target;
}

/* Appends the true names of a path's components to `out`; ".." takes one away. FALSE when it leaves the root. */
static gboolean
append_true_path (GPtrArray *out, const char *path)
{
  g_auto (GStrv) parts = g_strsplit (path, "/", -1);
  gsize length;

  for (char **part = parts; *part != NULL; part++)
    {
      if (**part == '\0' || strcmp (*part, ".") == 0)
        continue;
      if (strcmp (*part, "..") == 0)
        {
          if (out->len == 0)
            return FALSE;
          g_ptr_array_remove_index (out, out->len - 1);
          continue;
        }
      char *name = exp_name_decode (*part, &length);
      g_ptr_array_add (out, name != NULL ? name : g_strdup (*part));
    }
  return TRUE;
}

/* Where the path starts that an absolute target has below the mountpoint; NULL when it is not below. */
static const char *
below_mountpoint (const ExpMount *mount, const char *target)
{
  gsize length = strlen (mount->options->mountpoint);

  if (strncmp (target, mount->options->mountpoint, length) != 0 || (target[length] != '/' && target[length] != '\0'))
    return NULL;
  return target + length;
}

gboolean
exp_path_is_below_mountpoint (const ExpMount *mount, const char *target)
{
  return *target == '/' && below_mountpoint (mount, target) != NULL;
}

char *
exp_path_store_target (ExpMount *mount, ExpInode *directory, const char *target, GError **error)
{
  gboolean is_absolute = *target == '/',
           has_up = g_str_has_prefix (target, FROM_ROOT) || g_regex_match_simple ("(^|/)\\.\\.(/|$)", target, 0, 0);
  const char *below = is_absolute ? below_mountpoint (mount, target) : target;
  g_autoptr (GPtrArray) parts = g_ptr_array_new_with_free_func (g_free);
  g_autofree char *start = exp_path_shown (directory);

  /* Libraries take ".." for a name: what goes upwards is told from the root. */
  if (below == NULL || ((is_absolute || has_up) && !append_true_path (parts, is_absolute ? "" : start))
      || !append_true_path (parts, below))
    {
      g_set_error (error, EXP_ERROR, EXP_ERROR_UNSUPPORTED, "a link to '%s' would leave the store", target);
      return NULL;
    }
  g_ptr_array_add (parts, NULL);
  g_autofree char *path = g_strjoinv ("/", (char **)parts->pdata);
  if (is_absolute || has_up)
    return g_strconcat ("/", path, NULL);
  return *path != '\0' ? g_steal_pointer (&path) : g_strdup (".");
}
