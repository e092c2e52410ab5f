/* The class of objects in files open for writing: reading operations wait for changes and have them settled first.
 * Knows when the lock is taken; what is read and written others know.
 * Used by object.c. */
#include "writable.h"

static gboolean
writable_describe (ExpNode *self, ExpInfo *info, GError **error)
{
  ExpHdf5Object *object = (ExpHdf5Object *)self;
  g_auto (ExpHdf5Reading) reading = { NULL };

  exp_hdf5_read_begin (&reading, object->file, object->address);
  return exp_hdf5_object_describe (self, info, error);
}

static gboolean
writable_layout (ExpNode *self, ExpLayout *layout, GError **error)
{
  g_auto (ExpHdf5Reading) reading = { NULL };

  exp_hdf5_read_begin (&reading, ((ExpHdf5Object *)self)->file, 0);
  return exp_hdf5_dataset_layout (self, layout, error);
}

static gboolean
writable_list (ExpNode *self, guint64 skip, ExpListFunc func, gpointer data, GError **error)
{
  g_auto (ExpHdf5Reading) reading = { NULL };

  exp_hdf5_read_begin (&reading, ((ExpHdf5Object *)self)->file, 0);
  return exp_hdf5_group_list (self, skip, func, data, error);
}

static ExpNode *
lookup_there (ExpHdf5Object *object, const char *name, GError **error)
{
  g_auto (ExpHdf5Reading) reading = { NULL };

  exp_hdf5_read_begin (&reading, object->file, object->address);
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

static gboolean
writable_read (ExpNode *self, const ExpSlab *slab, ExpArray *array, GError **error)
{
  g_auto (ExpHdf5Reading) reading = { NULL };

  exp_hdf5_read_begin (&reading, ((ExpHdf5Object *)self)->file, 0);
  return exp_hdf5_dataset_read (self, slab, array, error);
}

static gboolean
writable_locate (ExpNode *self, guint64 first, gsize n, ExpRun *run)
{
  g_auto (ExpHdf5Reading) reading = { NULL };

  exp_hdf5_read_begin (&reading, ((ExpHdf5Object *)self)->file, 0);
  return exp_hdf5_dataset_locate (self, first, n, run);
}

static char **
writable_list_attributes (ExpNode *self, GError **error)
{
  g_auto (ExpHdf5Reading) reading = { NULL };

  exp_hdf5_read_begin (&reading, ((ExpHdf5Object *)self)->file, 0);
  return exp_hdf5_list_attributes (self, error);
}

static ExpArray *
writable_read_attribute (ExpNode *self, const char *name, GError **error)
{
  g_auto (ExpHdf5Reading) reading = { NULL };

  exp_hdf5_read_begin (&reading, ((ExpHdf5Object *)self)->file, 0);
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
