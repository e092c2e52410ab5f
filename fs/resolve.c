/* What a name in a directory stands for: a child of the node, or a virtual name built on one.
 * Knows the spelling of virtual names; knows no inodes but as directories, no stat, no FUSE.
 * Called by entries. */
#include "fs/driver.h"
#include "fs/names.h"
#include <string.h>

#define MAX_SUFFIXES 8 /* x.range[0:3].npy needs two beyond the child's own */

static gboolean
is_not_found (const GError *error)
{
  return g_error_matches (error, EXP_ERROR, EXP_ERROR_NOT_FOUND)
         || g_error_matches (error, EXP_ERROR, EXP_ERROR_NOT_A_GROUP);
}

static gboolean
fail_not_found (GError **error)
{
  g_set_error (error, EXP_ERROR, EXP_ERROR_NOT_FOUND, "no such name");
  return FALSE;
}

/* The child that is shown under this name. */
static ExpNode *
find_child (ExpMount *mount, ExpInode *directory, const char *shown, GError **error)
{
  g_autoptr (GError) local_error = NULL;
  gsize length;
  g_autofree char *name = exp_name_decode (shown, &length);

  if (name != NULL && strlen (name) == length)
    {
      ExpNode *child = exp_node_lookup (directory->node, name, &local_error);
      if (child != NULL)
        return child;
      if (!is_not_found (local_error))
        {
          g_propagate_error (error, g_steal_pointer (&local_error));
          return NULL;
        }
      g_clear_error (&local_error);
    }
  if (exp_name_looks_cut (shown))
    {
      g_autofree char *whole = exp_long_names_resolve (mount->state->long_names, directory, shown, error);
      return whole != NULL ? exp_node_lookup (directory->node, whole, error) : NULL;
    }
  fail_not_found (error);
  return NULL;
}

static gboolean
resolve (ExpMount *mount, ExpInode *directory, const char *name, guint depth, ExpFound *found, GError **error);

/* Resolves the first `stem_length` bytes of `name`; none stand for the directory itself. FALSE without an error when
 * they are there, but are a view, or a link: then `found` is that link with the rest as its suffix, and TRUE is
 * returned with found->suffix set. */
static gboolean
resolve_stem (ExpMount *mount, ExpInode *directory, const char *name, gsize stem_length, guint depth, ExpFound *found,
              ExpInfo *info, GError **error)
{
  if (stem_length == 0)
    {
      found->node = exp_node_ref (directory->node);
      return exp_node_describe (found->node, info, error);
    }

  g_autofree char *stem = g_strndup (name, stem_length);
  if (!resolve (mount, directory, stem, depth + 1, found, error))
    return FALSE;
  if (found->view != 0)
    return fail_not_found (error);
  if (!exp_node_describe (found->node, info, error))
    return FALSE;
  if (info->kind == EXP_KIND_LINK)
    found->suffix += strlen (name) - stem_length;
  return TRUE;
}

static gboolean
resolve_view (ExpMount *mount, ExpInode *directory, const char *name, const ExpViewClass *klass, gsize stem_length,
              guint depth, ExpFound *found, GError **error)
{
  g_auto (ExpInfo) info = { 0 };

  if (!resolve_stem (mount, directory, name, stem_length, depth, found, &info, error))
    return FALSE;
  if (found->suffix > 0)
    return TRUE;
  if (!klass->applies (&info))
    {
      if (info.kind != EXP_KIND_DATASET)
        return fail_not_found (error);
      g_set_error (error, EXP_ERROR, EXP_ERROR_UNSUPPORTED, "no %s view of this type", klass->name);
      return FALSE;
    }
  for (found->view = 0; exp_view_classes[found->view] != klass;)
    found->view++;
  return TRUE;
}

typedef ExpNode *(*NewNodeFunc) (ExpNode *node, GError **error);

static gboolean
resolve_group (ExpMount *mount, ExpInode *directory, const char *name, const char *suffix, NewNodeFunc new_node,
               guint depth, ExpFound *found, GError **error)
{
  g_auto (ExpInfo) info = { 0 };
  gsize stem_length = strlen (name) - strlen (suffix);

  if (!resolve_stem (mount, directory, name, stem_length, depth, found, &info, error))
    return FALSE;
  if (found->suffix > 0)
    return TRUE;

  g_autoptr (ExpNode) stem = g_steal_pointer (&found->node);
  found->node = new_node (stem, error);
  if (found->node == NULL && error != NULL && g_error_matches (*error, EXP_ERROR, EXP_ERROR_UNSUPPORTED))
    {
      g_clear_error (error);
      return fail_not_found (error);
    }
  return found->node != NULL;
}

static gboolean
resolve_slice (ExpMount *mount, ExpInode *directory, const char *name, guint depth, ExpFound *found, GError **error)
{
  g_auto (ExpInfo) info = { 0 };
  const char *bracket = strrchr (name, '[');

  if (bracket == NULL || bracket == name)
    return fail_not_found (error);
  if (!resolve_stem (mount, directory, name, bracket - name, depth, found, &info, error))
    return FALSE;
  if (found->suffix > 0)
    return TRUE;
  if (info.kind != EXP_KIND_DATASET)
    return fail_not_found (error);

  g_autoptr (ExpNode) whole = g_steal_pointer (&found->node);
  g_autofree char *slice = g_strndup (bracket + 1, strlen (bracket + 1) - 1);
  found->node = exp_slice_new (whole, slice, error);
  return found->node != NULL;
}

static gboolean
resolve_virtual (ExpMount *mount, ExpInode *directory, const char *name, guint depth, ExpFound *found, GError **error)
{
  gsize stem_length = 0;
  const ExpViewClass *klass = exp_view_class_for_name (name, &stem_length);

  if (klass == NULL && depth == 0 && *name == '.')
    {
      g_autoptr (GError) local_error = NULL;

      found->node = exp_queries_lookup (mount, directory, name, &local_error);
      if (found->node != NULL)
        return TRUE;
      if (local_error != NULL)
        {
          g_propagate_error (error, g_steal_pointer (&local_error));
          return FALSE;
        }
    }
  if (klass == NULL && *name == '.') /* ".json" is the directory's own, as ".attrs" is */
    klass = exp_view_class_by_name (name + 1);
  if (klass != NULL)
    return resolve_view (mount, directory, name, klass, stem_length, depth, found, error);
  if (g_str_has_suffix (name, "]"))
    return resolve_slice (mount, directory, name, depth, found, error);
  if (g_str_has_suffix (name, ".attrs"))
    return resolve_group (mount, directory, name, ".attrs", exp_attributes_new, depth, found, error);
  if (g_str_has_suffix (name, ".cols"))
    return resolve_group (mount, directory, name, ".cols", exp_columns_new, depth, found, error);
  return fail_not_found (error);
}

gboolean
exp_name_may_be_virtual (const char *name)
{
  gsize stem_length;

  return *name == '.' || g_str_has_suffix (name, "]") || g_str_has_suffix (name, ".attrs")
         || g_str_has_suffix (name, ".cols") || exp_name_looks_cut (name)
         || exp_view_class_for_name (name, &stem_length) != NULL;
}

static gboolean
resolve (ExpMount *mount, ExpInode *directory, const char *name, guint depth, ExpFound *found, GError **error)
{
  g_autoptr (GError) local_error = NULL;

  if (depth > MAX_SUFFIXES)
    return fail_not_found (error);
  found->node = find_child (mount, directory, name, &local_error);
  if (found->node != NULL)
    {
      /* What a format has hidden there is another way to what has a name of its own. */
      found->is_virtual |= *name == '.';
      found->is_child = depth == 0;
      return TRUE;
    }
  if (!is_not_found (local_error))
    {
      g_propagate_error (error, g_steal_pointer (&local_error));
      return FALSE;
    }
  found->is_virtual = TRUE;
  return resolve_virtual (mount, directory, name, depth, found, error);
}

gboolean
exp_resolve (ExpMount *mount, ExpInode *directory, const char *name, ExpFound *found, GError **error)
{
  *found = (ExpFound){ .n_changes = exp_changes_count (mount) };
  if (resolve (mount, directory, name, 0, found, error))
    return TRUE;
  g_clear_pointer (&found->node, exp_node_unref);
  return FALSE;
}
