/* Makes groups, and removes what groups hold.
 * Knows how a new group is to be, and what may go.
 * Called through writable.c's class. */
#include "children.h"
#include "object_tree.h"

/* A group keeps the order in which its links are made where its parent does. */
static hid_t
group_properties (hid_t parent)
{
  g_auto (ExpHid) of_parent = H5Gget_create_plist (parent);
  ExpHid properties = H5Pcreate (H5P_GROUP_CREATE);
  unsigned links = 0, attributes = 0;

  if (of_parent >= 0 && properties >= 0 && H5Pget_link_creation_order (of_parent, &links) >= 0
      && (links == 0 || H5Pset_link_creation_order (properties, links) >= 0)
      && H5Pget_attr_creation_order (of_parent, &attributes) >= 0
      && (attributes == 0 || H5Pset_attr_creation_order (properties, attributes) >= 0))
    return properties;
  exp_hid_release (properties);
  return H5I_INVALID_HID;
}

static ExpNode *
make_group (ExpHdf5Object *parent, const char *name, GError **error)
{
  g_autoptr (ExpHdf5Locker) locker = exp_hdf5_locker_new ();
  hid_t parent_id = exp_hdf5_open_for_name (parent, name, error);

  if (parent_id < 0)
    return NULL;
  exp_hdf5_changes_object (parent->file, parent->address);

  g_auto (ExpHid) link = exp_hdf5_link_properties (name);
  g_auto (ExpHid) properties = group_properties (parent_id);
  g_auto (ExpHid) id = properties >= 0 ? H5Gcreate2 (parent_id, name, link, properties, H5P_DEFAULT) : H5I_INVALID_HID;
  if (id < 0)
    {
      exp_hdf5_set_error (error, "cannot make the group '%s'", name);
      return NULL;
    }
  ExpNode *node = exp_hdf5_made_node (parent->file, &id, error);
  if (node != NULL)
    exp_hdf5_absent_start (parent->file, ((ExpHdf5Object *)node)->address);
  return node;
}

ExpNode *
exp_hdf5_create_group (ExpNode *self, const char *name, GError **error)
{
  ExpHdf5Object *parent = (ExpHdf5Object *)self;
  g_autoptr (ExpHdf5Change) change = exp_hdf5_change_begin (parent->file, error);

  if (change == NULL || !exp_hdf5_check_name (name, error)
      || !exp_hdf5_change_reach (parent->file, parent->address, error))
    return NULL;
  return make_group (parent, name, error);
}

gboolean
exp_hdf5_remove (ExpNode *self, const char *name, GError **error)
{
  ExpHdf5Object *parent = (ExpHdf5Object *)self;
  g_autoptr (ExpHdf5Change) change = exp_hdf5_change_begin (parent->file, error);
  ExpHdf5Child child;

  if (change == NULL || !exp_hdf5_child_find (parent, name, &child, error))
    return FALSE;
  if (child.n_children > 0)
    {
      g_set_error (error, EXP_ERROR, EXP_ERROR_NOT_EMPTY, "the group '%s' is not empty", name);
      return FALSE;
    }

  g_autoptr (ExpHdf5Locker) locker = exp_hdf5_locker_new ();
  hid_t id = exp_hdf5_file_object (parent->file, parent->address, error);
  if (id < 0)
    return FALSE;
  exp_hdf5_changes_object (parent->file, parent->address);
  return exp_hdf5_delete_link (parent->file, id, name, &child, error);
}

/* The library takes all of it apart; what is known of the objects goes, and those of which there are nodes stay what
 * they were until these go. */
static void
let_go (ExpHdf5File *file, GHashTable *addresses)
{
  GHashTableIter iter;
  gpointer key;

  g_hash_table_iter_init (&iter, addresses);
  while (g_hash_table_iter_next (&iter, &key, NULL))
    {
      guint64 address = GPOINTER_TO_SIZE (key);

      exp_hdf5_changes_chunks (file, address);
      exp_hdf5_changes_keep_object (file, address);
      exp_hdf5_changes_drop_encodable (file, address);
      exp_hdf5_file_close_object (file, address);
    }
}

gboolean
exp_hdf5_remove_tree (ExpNode *self, const char *name, GError **error)
{
  ExpHdf5Object *parent = (ExpHdf5Object *)self;
  ExpHdf5File *file = parent->file;
  g_autoptr (ExpHdf5Change) change = exp_hdf5_change_begin (file, error);
  g_autoptr (GHashTable) addresses = NULL;
  ExpHdf5Child child;

  if (change == NULL || !exp_hdf5_child_find (parent, name, &child, error))
    return FALSE;
  if (child.n_children > 0)
    {
      addresses = exp_hdf5_tree_check (file, child.address, error);
      if (addresses == NULL)
        return FALSE;
    }

  g_autoptr (ExpHdf5Locker) locker = exp_hdf5_locker_new ();
  hid_t id = exp_hdf5_file_object (file, parent->address, error);
  if (id < 0)
    return FALSE;
  exp_hdf5_changes_object (file, parent->address);
  if (addresses != NULL && child.n_links <= 1)
    {
      g_hash_table_remove (addresses, GSIZE_TO_POINTER (parent->address));
      g_hash_table_remove (addresses, GSIZE_TO_POINTER (file->root));
      let_go (file, addresses);
    }
  return exp_hdf5_delete_link (file, id, name, &child, error);
}
