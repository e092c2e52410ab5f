/* The class of objects in files open for writing: reading operations wait for changes and have them settled first.
 * Knows when the lock is taken; what is read and written others know.
 * Used by object.c. */
#include "writable.h"
#include "links.h"

static gboolean
writable_describe (ExpNode *self, ExpInfo *info, GError **error)
{
  ExpHdf5Object *object = (ExpHdf5Object *)self;
  g_auto (ExpHdf5Reading) reading = { NULL };

  exp_hdf5_read_begin (&reading, object->file, object->address, EXP_HDF5_ASKS_TRUSTED);
  return exp_hdf5_object_describe (self, info, error);
}

static gboolean
writable_layout (ExpNode *self, ExpLayout *layout, GError **error)
{
  g_auto (ExpHdf5Reading) reading = { NULL };

  exp_hdf5_read_begin (&reading, ((ExpHdf5Object *)self)->file, 0, EXP_HDF5_READS);
  return exp_hdf5_dataset_layout (self, layout, error);
}

/* The children of a small group that need not be settled to be read; NULL when there are too many. They are made here,
 * while nothing can be removed. */
static GPtrArray *
list_unsettled (ExpHdf5Object *object, GArray *links)
{
  g_auto (ExpHdf5Reading) reading = { NULL };

  if (!exp_hdf5_is_unsettled (object->file))
    return NULL;
  exp_hdf5_read_begin (&reading, object->file, object->address, EXP_HDF5_ASKS_MADE);
  return exp_hdf5_group_few (object, links);
}

static gboolean
writable_list (ExpNode *self, guint64 skip, ExpListFunc func, gpointer data, GError **error)
{
  ExpHdf5Object *object = (ExpHdf5Object *)self;
  g_autoptr (GArray) links = exp_hdf5_links_new ();
  g_autoptr (GPtrArray) children = skip == 0 ? list_unsettled (object, links) : NULL;

  for (guint i = 0; children != NULL && i < children->len; i++)
    if (!func (g_array_index (links, ExpHdf5Link, i).name, children->pdata[i], data))
      break;
  if (children != NULL)
    return TRUE;

  g_auto (ExpHdf5Reading) reading = { NULL };

  exp_hdf5_read_begin (&reading, object->file, 0, EXP_HDF5_READS);
  return exp_hdf5_group_list (self, skip, func, data, error);
}

static ExpNode *
lookup_there (ExpHdf5Object *object, const char *name, GError **error)
{
  g_auto (ExpHdf5Reading) reading = { NULL };

  exp_hdf5_read_begin (&reading, object->file, object->address, EXP_HDF5_ASKS_TRUSTED);
  return exp_hdf5_group_lookup (&object->base, name, error);
}

static ExpNode *
writable_lookup (ExpNode *self, const char *name, GError **error)
{
  ExpHdf5Object *object = (ExpHdf5Object *)self;
  g_autoptr (GError) local = NULL;
  ExpNode *child;

  if (*name != '.' && exp_hdf5_absent_has (object->file, object->address, name))
    {
      g_set_error (error, EXP_ERROR, EXP_ERROR_NOT_FOUND, "no '%s' in the group", name);
      return NULL;
    }
  child = lookup_there (object, name, &local);
  if (g_error_matches (local, EXP_ERROR, EXP_ERROR_NOT_FOUND))
    exp_hdf5_absent_note (object->file, object->address);
  if (child == NULL)
    g_propagate_error (error, g_steal_pointer (&local));
  return child;
}

/* Bytes that the library may be asked for while it has what is newest; our own readers take less time for more. */
#define FEW_BYTES (64 * 1024)

/* Cells of variable length lie in heaps, and paths that references lead to are looked for everywhere. */
static gboolean
writable_read (ExpNode *self, const ExpSlab *slab, ExpArray *array, GError **error)
{
  ExpHdf5Object *object = (ExpHdf5Object *)self;
  g_auto (ExpHdf5Reading) reading = { NULL };
  gboolean is_small = array->n_elements <= FEW_BYTES / MAX (array->dtype->size, 1);

  exp_hdf5_read_begin (&reading, object->file, exp_dtype_has_vlen (array->dtype) ? 0 : object->address,
                       is_small ? EXP_HDF5_ASKS_CELLS : EXP_HDF5_READS);
  return exp_hdf5_dataset_read (self, slab, array, error);
}

static gboolean
writable_locate (ExpNode *self, guint64 first, gsize n, ExpRun *run)
{
  g_auto (ExpHdf5Reading) reading = { NULL };

  exp_hdf5_read_begin (&reading, ((ExpHdf5Object *)self)->file, 0, EXP_HDF5_READS);
  return exp_hdf5_dataset_locate (self, first, n, run);
}

static char **
writable_list_attributes (ExpNode *self, GError **error)
{
  ExpHdf5Object *object = (ExpHdf5Object *)self;
  g_auto (ExpHdf5Reading) reading = { NULL };

  exp_hdf5_read_begin (&reading, object->file, object->address, EXP_HDF5_ASKS_MADE);
  return exp_hdf5_list_attributes (self, error);
}

static ExpArray *
read_unsettled_attribute (ExpHdf5Object *object, const char *name, gboolean *is_sure, GError **error)
{
  g_auto (ExpHdf5Reading) reading = { NULL };
  g_autoptr (GError) local = NULL;
  ExpArray *value;

  exp_hdf5_read_begin (&reading, object->file, object->address, EXP_HDF5_ASKS_MADE);
  value = exp_hdf5_read_attribute (&object->base, name, &local);
  *is_sure = !exp_hdf5_is_unsettled (object->file)
             || (value != NULL ? !exp_dtype_has_vlen (value->dtype)
                               : g_error_matches (local, EXP_ERROR, EXP_ERROR_NOT_FOUND));
  if (value == NULL && *is_sure)
    g_propagate_error (error, g_steal_pointer (&local));
  return value;
}

/* That a value reaches beyond the object shows only when it is read: see writable_read. */
static ExpArray *
writable_read_attribute (ExpNode *self, const char *name, GError **error)
{
  ExpHdf5Object *object = (ExpHdf5Object *)self;
  gboolean is_sure;
  ExpArray *value = read_unsettled_attribute (object, name, &is_sure, error);

  if (is_sure)
    return value;
  g_clear_pointer (&value, exp_array_unref);

  g_auto (ExpHdf5Reading) reading = { NULL };
  exp_hdf5_read_begin (&reading, object->file, 0, EXP_HDF5_READS);
  return exp_hdf5_read_attribute (self, name, error);
}

ExpHdf5Object *
exp_hdf5_writable_object (ExpHdf5File *file, ExpNode *node)
{
  ExpNode *own = exp_node_unwrap (node);

  return own->klass == &exp_hdf5_writable_class && ((ExpHdf5Object *)own)->file == file ? (ExpHdf5Object *)own : NULL;
}

const ExpNodeClass exp_hdf5_writable_class = {
  .free = exp_hdf5_object_free,
  .describe = writable_describe,
  .layout = writable_layout,
  .list = writable_list,
  .lookup = writable_lookup,
  .read = writable_read,
  .locate = writable_locate,
  .list_attributes = writable_list_attributes,
  .read_attribute = writable_read_attribute,
  .create_group = exp_hdf5_create_group,
  .create_dataset = exp_hdf5_create_dataset,
  .replace_dataset = exp_hdf5_replace_dataset,
  .write = exp_hdf5_dataset_write,
  .resize = exp_hdf5_dataset_resize,
  .write_attribute = exp_hdf5_write_attribute,
  .remove_attribute = exp_hdf5_remove_attribute,
  .remove = exp_hdf5_remove,
  .remove_tree = exp_hdf5_remove_tree,
  .move = exp_hdf5_move,
  .copy = exp_hdf5_copy,
  .link = exp_hdf5_link,
  .symlink = exp_hdf5_symlink,
  .external_link = exp_hdf5_external_link,
  .takes_any = exp_hdf5_takes_any,
  .commit = exp_hdf5_commit,
  .abandon = exp_hdf5_abandon,
  .journal_size = exp_hdf5_journal_size,
};
