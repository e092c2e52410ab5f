/* Makes hard, soft and external links.
 * Knows how a target is to be written: HDF5's paths know no "..".
 * Called through writable.c's class. */
#include "children.h"
#include "reference.h"
#include <string.h>

gboolean
exp_hdf5_link (ExpNode *self, const char *name, ExpNode *target, GError **error)
{
  ExpHdf5Object *group = (ExpHdf5Object *)self;
  ExpHdf5Object *object = exp_hdf5_writable_object (group->file, target);
  g_autoptr (ExpHdf5Change) change = exp_hdf5_change_begin (group->file, error);

  if (change == NULL || !exp_hdf5_check_name (name, error))
    return FALSE;
  if (object == NULL)
    {
      g_set_error (error, EXP_ERROR, EXP_ERROR_UNSUPPORTED, "HDF5 has hard links to objects of the same file only");
      return FALSE;
    }
  if (!exp_hdf5_change_reach (group->file, group->address, error)
      || !exp_hdf5_change_reach (group->file, object->address, error))
    return FALSE;

  g_autoptr (ExpHdf5Locker) locker = exp_hdf5_locker_new ();
  hid_t id = exp_hdf5_open_for_name (group, name, error);
  hid_t object_id = id >= 0 ? exp_hdf5_file_object (group->file, object->address, error) : H5I_INVALID_HID;
  if (object_id < 0)
    return FALSE;
  if (H5Iget_type (object_id) == H5I_GROUP)
    {
      g_set_error (error, EXP_ERROR, EXP_ERROR_IS_A_GROUP, "a group has one name only");
      return FALSE;
    }
  exp_hdf5_changes_object (group->file, group->address);
  exp_hdf5_changes_object (group->file, object->address);
  g_auto (ExpHid) properties = exp_hdf5_link_properties (name);
  if (H5Olink (object_id, id, name, properties, H5P_DEFAULT) >= 0)
    return TRUE;

  exp_hdf5_set_error (error, "cannot make the link '%s'", name);
  return FALSE;
}

/* Appends the parts of `path` to those there, "." and ".." resolved; FALSE when they lead out of the root. */
static gboolean
append_parts (GPtrArray *parts, const char *path)
{
  g_auto (GStrv) split = g_strsplit (path, "/", -1);

  for (char **part = split; *part != NULL; part++)
    if (strcmp (*part, "..") == 0)
      {
        if (parts->len == 0)
          return FALSE;
        g_ptr_array_remove_index (parts, parts->len - 1);
      }
    else if (**part != '\0' && strcmp (*part, ".") != 0)
      g_ptr_array_add (parts, g_strdup (*part));
  return TRUE;
}

static gboolean
has_dots (const char *path)
{
  g_auto (GStrv) split = g_strsplit (path, "/", -1);

  return g_strv_contains ((const char *const *)split, "..");
}

/* The target as HDF5 follows it; NULL with an error. */
static char *
hdf5_target (ExpHdf5Object *group, const char *target, GError **error)
{
  g_autoptr (GPtrArray) parts = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GString) base = g_string_new (NULL);
  GString *path = g_string_new (NULL);
  gboolean is_absolute = *target == '/' || has_dots (target);

  if (is_absolute && *target != '/')
    {
      if (!exp_hdf5_settle (group->file, error))
        return g_string_free (path, TRUE), NULL;
      exp_hdf5_append_path (group->file, group->address, base);
    }
  if (!append_parts (parts, base->str) || !append_parts (parts, target))
    {
      g_string_free (path, TRUE);
      g_set_error (error, EXP_ERROR, EXP_ERROR_UNSUPPORTED, "the target '%s' lies outside the store", target);
      return NULL;
    }
  for (guint i = 0; i < parts->len; i++)
    g_string_append_printf (path, "%s%s", i > 0 || is_absolute ? "/" : "", (char *)g_ptr_array_index (parts, i));
  if (path->len == 0)
    g_string_append (path, is_absolute ? "/" : ".");
  return g_string_free (path, FALSE);
}

/* A soft link to `path`, or one into the file `file`. */
static gboolean
make_link (ExpHdf5Object *group, const char *name, const char *file, const char *path, GError **error)
{
  if (!exp_hdf5_change_reach (group->file, group->address, error))
    return FALSE;

  g_autoptr (ExpHdf5Locker) locker = exp_hdf5_locker_new ();
  hid_t id = exp_hdf5_open_for_name (group, name, error);
  if (id < 0)
    return FALSE;
  exp_hdf5_changes_object (group->file, group->address);
  g_auto (ExpHid) properties = exp_hdf5_link_properties (name);
  if (file != NULL ? H5Lcreate_external (file, path, id, name, properties, H5P_DEFAULT) >= 0
                   : H5Lcreate_soft (path, id, name, properties, H5P_DEFAULT) >= 0)
    return TRUE;

  exp_hdf5_set_error (error, "cannot make the link '%s'", name);
  return FALSE;
}

gboolean
exp_hdf5_symlink (ExpNode *self, const char *name, const char *target, GError **error)
{
  ExpHdf5Object *group = (ExpHdf5Object *)self;
  g_autoptr (ExpHdf5Change) change = exp_hdf5_change_begin (group->file, error);
  g_autofree char *path = NULL;

  return change != NULL && exp_hdf5_check_name (name, error) && (path = hdf5_target (group, target, error)) != NULL
         && make_link (group, name, NULL, path, error);
}

gboolean
exp_hdf5_external_link (ExpNode *self, const char *name, const char *file, const char *path, GError **error)
{
  ExpHdf5Object *group = (ExpHdf5Object *)self;
  g_autoptr (ExpHdf5Change) change = exp_hdf5_change_begin (group->file, error);

  return change != NULL && exp_hdf5_check_name (name, error) && make_link (group, name, file, path, error);
}
