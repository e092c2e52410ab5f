/* Makes datasets, and puts new ones in the place of old ones.
 * Knows what a new dataset is; how it lies is storage.c's, its type form_type.c's.
 * Called through writable.c's class. */
#include "children.h"
#include "form.h"
#include "links.h"
#include "storage.h"
#include <string.h>

static hid_t
make_space (const ExpNewDataset *dataset, GError **error)
{
  hsize_t dims[EXP_MAX_RANK], most[EXP_MAX_RANK];
  hid_t id;

  for (guint i = 0; i < dataset->rank; i++)
    {
      dims[i] = dataset->shape[i];
      most[i] = i == 0 && dataset->is_extensible ? H5S_UNLIMITED : MAX (dims[i], dataset->chunk[i]);
    }
  id = dataset->is_null     ? H5Screate (H5S_NULL)
       : dataset->rank == 0 ? H5Screate (H5S_SCALAR)
                            : H5Screate_simple (dataset->rank, dims, most);
  if (id < 0)
    exp_hdf5_set_error (error, "not a shape that HDF5 has");
  return id;
}

/* FALSE with an error for what cannot be. */
static gboolean
check_new (const ExpNewDataset *dataset, GError **error)
{
  guint64 size = dataset->dtype->size;

  if (dataset->rank > EXP_MAX_RANK || (dataset->is_null && dataset->rank > 0)
      || (dataset->is_extensible && dataset->rank == 0))
    {
      g_set_error (error, EXP_ERROR, EXP_ERROR_INVALID, "a dataset of an impossible shape");
      return FALSE;
    }
  for (guint i = 0; i < dataset->rank; i++)
    if (!g_uint64_checked_mul (&size, size, MAX (dataset->shape[i], 1)) || size > G_MAXINT64)
      {
        g_set_error (error, EXP_ERROR, EXP_ERROR_TOO_LARGE, "a dataset that is larger than any file");
        return FALSE;
      }
  return TRUE;
}

/* What is known of a dataset that was made without asking for it. */
static ExpHdf5Description *
describe_made (ExpHdf5File *file, const ExpNewDataset *dataset, hid_t type, hid_t properties)
{
  ExpStoredType *stored = exp_stored_type_get (type, file->sizeof_address, EXP_CELLS_IN_FILE, NULL);
  ExpHdf5Description *description;

  if (stored == NULL)
    return NULL;
  description = exp_hdf5_description_new (EXP_KIND_DATASET, dataset->rank);
  description->is_null = dataset->is_null;
  description->layout = H5Pget_layout (properties);
  description->n_links = 1;
  description->type = stored;
  memcpy (description->shape, dataset->shape, dataset->rank * sizeof *dataset->shape);
  return description;
}

/* A dataset that no group knows yet. Under the HDF5 lock. */
static hid_t
make_dataset (ExpHdf5Object *parent, hid_t parent_id, const char *name, const ExpNewDataset *dataset,
              unsigned attribute_order, ExpHdf5Description **description, GError **error)
{
  ExpHdf5File *file = parent->file;
  g_autoptr (ExpHdf5Form) form = exp_hdf5_form_new (dataset->dtype);
  g_auto (ExpHid) type = exp_hdf5_form_type (form, error);
  g_auto (ExpHid) space = type >= 0 ? make_space (dataset, error) : H5I_INVALID_HID;
  g_auto (ExpHid) properties
      = space >= 0 ? exp_hdf5_storage_properties (dataset, dataset->dtype->size, &file->changes->packing, error)
                   : H5I_INVALID_HID;

  if (properties < 0)
    return H5I_INVALID_HID;
  if (attribute_order != 0)
    {
      hid_t copy = H5Pcopy (properties);

      exp_hid_release (properties);
      properties = copy;
      H5Pset_attr_creation_order (properties, attribute_order);
    }
  hid_t id = H5Dcreate_anon (parent_id, type, space, properties, H5P_DEFAULT);
  if (id < 0)
    {
      exp_hdf5_set_error (error, "cannot make the dataset '%s'", name);
    }
  else
    *description = describe_made (file, dataset, type, properties);
  return id;
}

/* The node of the dataset *id, of which `description` may be known. */
static ExpNode *
make_node (ExpHdf5File *file, hid_t *id, ExpHdf5Description *description, GError **error)
{
  ExpNode *node = exp_hdf5_made_node (file, id, error);

  if (node != NULL && description != NULL)
    exp_recent_keep (file->descriptions, ((ExpHdf5Object *)node)->address, description);
  return node;
}

static gboolean
link_dataset (hid_t id, hid_t parent_id, const char *name, GError **error)
{
  g_auto (ExpHid) properties = exp_hdf5_link_properties (name);

  if (H5Olink (id, parent_id, name, properties, H5P_DEFAULT) >= 0)
    return TRUE;
  exp_hdf5_set_error (error, "cannot make the dataset '%s'", name);
  return FALSE;
}

ExpNode *
exp_hdf5_create_dataset (ExpNode *self, const char *name, const ExpNewDataset *dataset, GError **error)
{
  ExpHdf5Object *parent = (ExpHdf5Object *)self;
  g_autoptr (ExpHdf5Change) change = exp_hdf5_change_begin (parent->file, error);
  g_autoptr (ExpHdf5Description) description = NULL;

  if (change == NULL || !exp_hdf5_check_name (name, error) || !check_new (dataset, error)
      || !exp_hdf5_change_reach (parent->file, parent->address, error))
    return NULL;

  g_autoptr (ExpHdf5Locker) locker = exp_hdf5_locker_new ();
  hid_t parent_id = exp_hdf5_open_for_name (parent, name, error);
  if (parent_id < 0)
    return NULL;
  exp_hdf5_changes_object (parent->file, parent->address);
  g_auto (ExpHid) id = make_dataset (parent, parent_id, name, dataset, 0, &description, error);
  if (id < 0 || !link_dataset (id, parent_id, name, error))
    return NULL;
  return make_node (parent->file, &id, description, error);
}

gboolean
exp_hdf5_takes_any (ExpNode *self, const char *name)
{
  return !exp_hdf5_name_is_path (name) && !g_atomic_int_get (&((ExpHdf5Object *)self)->file->changes->has_failed);
}

/* --- in the place of another -------------------------------------------------------------------------------- */

/* The dataset `name`, when it can be replaced. */
static gboolean
find_replaced (ExpHdf5Object *parent, const char *name, ExpHdf5Child *old, GError **error)
{
  if (!exp_hdf5_child_find (parent, name, old, error))
    return FALSE;
  if (old->kind != EXP_KIND_DATASET)
    g_set_error (error, EXP_ERROR, old->kind == EXP_KIND_GROUP ? EXP_ERROR_IS_A_GROUP : EXP_ERROR_UNSUPPORTED,
                 "'%s' is no dataset", name);
  else if (old->n_links > 1)
    g_set_error (error, EXP_ERROR, EXP_ERROR_UNSUPPORTED,
                 "'%s' has other names too: a dataset cannot change its type or shape for all of them", name);
  else
    return TRUE;
  return FALSE;
}

static unsigned
attribute_order (hid_t dataset)
{
  g_auto (ExpHid) properties = H5Dget_create_plist (dataset);
  unsigned order = 0;

  if (properties >= 0)
    H5Pget_attr_creation_order (properties, &order);
  return order;
}

/* The new dataset, without a name: it is there for as long as its node. */
static ExpNode *
make_nameless (ExpHdf5Object *parent, const char *name, const ExpNewDataset *dataset, ExpHdf5Child *old, GError **error)
{
  g_autoptr (ExpHdf5Change) change = exp_hdf5_change_begin (parent->file, error);
  g_autoptr (ExpHdf5Description) description = NULL;

  if (change == NULL || !check_new (dataset, error) || !find_replaced (parent, name, old, error))
    return NULL;

  g_autoptr (ExpHdf5Locker) locker = exp_hdf5_locker_new ();
  hid_t parent_id = exp_hdf5_file_object (parent->file, parent->address, error);
  hid_t old_id = parent_id >= 0 ? exp_hdf5_file_object (parent->file, old->address, error) : H5I_INVALID_HID;
  if (old_id < 0)
    return NULL;
  exp_hdf5_changes_object (parent->file, parent->address);
  g_auto (ExpHid) id = make_dataset (parent, parent_id, name, dataset, attribute_order (old_id), &description, error);
  ExpNode *node = id >= 0 ? make_node (parent->file, &id, description, error) : NULL;
  if (node != NULL)
    exp_hdf5_changes_keep_object (parent->file, ((ExpHdf5Object *)node)->address);
  return node;
}

/* Under the HDF5 lock. */
static gboolean
swap (ExpHdf5Object *parent, const char *name, const ExpHdf5Child *old, ExpHdf5Object *made, GError **error)
{
  ExpHdf5File *file = parent->file;
  hid_t parent_id = exp_hdf5_file_object (file, parent->address, error);
  g_auto (ExpHid) old_id = parent_id >= 0 ? H5Oopen_by_addr (file->id, old->address) : H5I_INVALID_HID;
  g_auto (ExpHid) id = old_id >= 0 ? H5Oopen_by_addr (file->id, made->address) : H5I_INVALID_HID;

  if (id < 0)
    {
      exp_hdf5_set_error (error, "cannot open the dataset that is replaced");
      return FALSE;
    }
  exp_hdf5_changes_object (file, parent->address);
  exp_hdf5_changes_object (file, made->address);
  if (!exp_hdf5_copy_attributes (old_id, id, error) || !exp_hdf5_delete_link (file, parent_id, name, old, error))
    return FALSE;
  if (link_dataset (id, parent_id, name, error))
    return TRUE;
  link_dataset (old_id, parent_id, name, NULL);
  return FALSE;
}

static gboolean
put_in_place (ExpHdf5Object *parent, const char *name, const ExpHdf5Child *old, ExpHdf5Object *made, GError **error)
{
  g_autoptr (ExpHdf5Change) change = exp_hdf5_change_begin (parent->file, error);
  ExpHdf5Child now;

  if (change == NULL || !find_replaced (parent, name, &now, error))
    return FALSE;
  if (now.address != old->address)
    {
      g_set_error (error, EXP_ERROR, EXP_ERROR_NOT_FOUND, "'%s' was replaced meanwhile", name);
      return FALSE;
    }
  if (!exp_hdf5_change_reach (parent->file, parent->address, error))
    return FALSE;

  g_autoptr (ExpHdf5Locker) locker = exp_hdf5_locker_new ();
  if (!swap (parent, name, &now, made, error))
    return FALSE;
  exp_hdf5_changes_release_object (parent->file, made->address);
  return TRUE;
}

ExpNode *
exp_hdf5_replace_dataset (ExpNode *self, const char *name, const ExpNewDataset *dataset, GError **error)
{
  ExpHdf5Object *parent = (ExpHdf5Object *)self;
  ExpHdf5Child old;
  g_autoptr (ExpNode) made = make_nameless (parent, name, dataset, &old, error);

  if (made == NULL)
    return NULL;
  if (dataset->keeps_rows)
    {
      g_autoptr (ExpNode) from = exp_hdf5_object_new (parent->file, old.address);

      if (!exp_node_copy_rows (from, made, error))
        return NULL;
    }
  return put_in_place (parent, name, &old, (ExpHdf5Object *)made, error) ? g_steal_pointer (&made) : NULL;
}
