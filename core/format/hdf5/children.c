/* Finds, checks and removes the names of a group that is being changed.
 * Knows no bytes of a group.
 * Called by the write_*.c within a change. */
#include "children.h"
#include "links.h"
#include <string.h>

gboolean
exp_hdf5_change_reach (ExpHdf5File *file, guint64 address, GError **error)
{
  gboolean is_trusted;

  if (!exp_hdf5_is_ahead (file, address))
    return TRUE;
  exp_hdf5_lock ();
  is_trusted = exp_hdf5_file_is_trusted (file, address);
  exp_hdf5_unlock ();
  return is_trusted || exp_hdf5_settle (file, error);
}

static gboolean
describe_child (ExpHdf5File *file, ExpHdf5Child *child, GError **error)
{
  g_autoptr (ExpHdf5Locker) locker = exp_hdf5_locker_new ();
  hid_t id = exp_hdf5_file_object (file, child->address, error);
  H5O_info_t object;
  H5G_info_t group;

  if (id < 0)
    return FALSE;
  if (H5Oget_info2 (id, &object, H5O_INFO_BASIC) < 0 || (object.type == H5O_TYPE_GROUP && H5Gget_info (id, &group) < 0))
    {
      exp_hdf5_set_error (error, "cannot look at the object");
      return FALSE;
    }
  child->kind = object.type == H5O_TYPE_GROUP     ? EXP_KIND_GROUP
                : object.type == H5O_TYPE_DATASET ? EXP_KIND_DATASET
                                                  : EXP_KIND_DATATYPE;
  child->n_links = object.rc;
  child->n_children = object.type == H5O_TYPE_GROUP ? group.nlinks : 0;
  return TRUE;
}

gboolean
exp_hdf5_child_find (ExpHdf5Object *group, const char *name, ExpHdf5Child *child, GError **error)
{
  g_auto (ExpHdf5Link) link = { NULL };

  memset (child, 0, sizeof *child);
  if (exp_hdf5_name_is_path (name))
    {
      g_set_error (error, EXP_ERROR, EXP_ERROR_UNSUPPORTED, "HDF5 cannot change a name like '%s'", name);
      return FALSE;
    }
  if (!exp_hdf5_change_reach (group->file, group->address, error)
      || !exp_hdf5_links_find (group->file, group->address, name, &link, error))
    return FALSE;
  child->kind = EXP_KIND_LINK;
  child->is_hard = link.type == H5L_TYPE_HARD;
  child->address = link.address;
  return !child->is_hard
         || (exp_hdf5_change_reach (group->file, child->address, error) && describe_child (group->file, child, error));
}

gboolean
exp_hdf5_check_name (const char *name, GError **error)
{
  if (!exp_hdf5_name_is_path (name))
    return TRUE;
  g_set_error (error, EXP_ERROR, EXP_ERROR_INVALID, "HDF5 has no name like '%s'", name);
  return FALSE;
}

hid_t
exp_hdf5_open_for_name (ExpHdf5Object *group, const char *name, GError **error)
{
  hid_t id = exp_hdf5_file_object (group->file, group->address, error);
  htri_t exists;

  if (id < 0)
    return H5I_INVALID_HID;
  if (H5Iget_type (id) != H5I_GROUP)
    {
      g_set_error (error, EXP_ERROR, EXP_ERROR_NOT_A_GROUP, "not a group");
      return H5I_INVALID_HID;
    }
  exists = exp_hdf5_absent_has (group->file, group->address, name) ? 0 : H5Lexists (id, name, H5P_DEFAULT);
  if (exists == 0)
    {
      exp_hdf5_absent_remove (group->file, group->address, name);
      return id;
    }
  if (exists > 0)
    g_set_error (error, EXP_ERROR, EXP_ERROR_EXISTS, "'%s' is there already", name);
  else
    exp_hdf5_set_error (error, "cannot look into the group");
  return H5I_INVALID_HID;
}

/* As h5py has it: a name in UTF-8 turns a group of the old kind into one of the new kind. */
hid_t
exp_hdf5_link_properties (const char *name)
{
  hid_t properties;

  if (g_str_is_ascii (name) || !g_utf8_validate (name, -1, NULL))
    return H5P_DEFAULT;
  properties = H5Pcreate (H5P_LINK_CREATE);
  H5Pset_char_encoding (properties, H5T_CSET_UTF8);
  return properties;
}

gboolean
exp_hdf5_delete_link (ExpHdf5File *file, hid_t group, const char *name, const ExpHdf5Child *child, GError **error)
{
  if (child->is_hard)
    {
      if (child->kind == EXP_KIND_DATASET)
        exp_hdf5_changes_chunks (file, child->address);
      else
        exp_hdf5_changes_object (file, child->address);
      if (child->n_links <= 1)
        {
          exp_hdf5_changes_removal (file);
          exp_hdf5_absent_forget (file, child->address);
          exp_hdf5_changes_keep_object (file, child->address);
          exp_hdf5_changes_drop_encodable (file, child->address);
          exp_hdf5_file_close_object (file, child->address);
        }
    }
  exp_hdf5_changes_paths (file);
  if (H5Ldelete (group, name, H5P_DEFAULT) >= 0)
    return TRUE;

  exp_hdf5_set_error (error, "cannot remove '%s'", name);
  return FALSE;
}

ExpNode *
exp_hdf5_made_node (ExpHdf5File *file, hid_t *id, GError **error)
{
  H5O_info_t info;

  if (H5Oget_info2 (*id, &info, H5O_INFO_BASIC) < 0)
    {
      exp_hdf5_set_error (error, "cannot look at what was made");
      return NULL;
    }
  exp_hdf5_changes_object (file, info.addr);
  exp_hdf5_changes_made (file, info.addr);
  exp_hdf5_file_hold (file, info.addr, *id);
  *id = H5I_INVALID_HID;
  return exp_hdf5_object_new (file, info.addr);
}
