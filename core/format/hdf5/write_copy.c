/* Copies of objects with all that is below them, within a file and from one file to another.
 * Knows that HDF5 copies by itself what it is pointed at, so all of that is looked at first.
 * Called through writable.c's class. */
#include "children.h"
#include "copy_blocks.h"
#include "copy_object.h"
#include "object_tree.h"

/* Links the object, which was made without the library, to the group. */
static gboolean
link_blocks (ExpHdf5Object *group, const char *name, guint64 address, GError **error)
{
  g_autoptr (ExpHdf5Locker) locker = exp_hdf5_locker_new ();
  hid_t to = exp_hdf5_open_for_name (group, name, error);

  if (to < 0)
    return FALSE;
  exp_hdf5_changes_object (group->file, group->address);
  exp_hdf5_changes_copies (group->file);
  g_auto (ExpHid) link = exp_hdf5_link_properties (name);
  g_auto (ExpHid) object = H5Oopen_by_addr (group->file->id, address);
  if (object >= 0 && H5Olink (object, to, name, link, H5P_DEFAULT) >= 0)
    return TRUE;
  exp_hdf5_set_error (error, "cannot copy to '%s'", name);
  return FALSE;
}

/* Objects that are looked for in a copy; after larger ones the file is settled. */
#define MAX_NOTED 1000

typedef struct
{
  ExpHdf5File *file;
  guint n;
} Notes;

static herr_t
note_copy (hid_t top, const char *path, const H5O_info_t *info, void *data)
{
  Notes *notes = data;

  exp_hdf5_changes_copied (notes->file, info->addr);
  return ++notes->n > MAX_NOTED;
}

/* What the library has just copied has changed, and nothing else. */
static void
note_copies (ExpHdf5File *file, hid_t group, const char *name)
{
  Notes notes = { .file = file };

  if (H5Ovisit_by_name2 (group, name, H5_INDEX_NAME, H5_ITER_NATIVE, note_copy, &notes, H5O_INFO_BASIC, H5P_DEFAULT)
      != 0)
    exp_hdf5_changes_copies (file);
  H5Eclear2 (H5E_DEFAULT);
}

static gboolean
copy_object (ExpHdf5Object *group, const char *name, ExpHdf5Object *source, GError **error)
{
  g_autoptr (ExpHdf5Locker) locker = exp_hdf5_locker_new ();
  hid_t from, to = exp_hdf5_open_for_name (group, name, error);

  if (to < 0)
    return FALSE;
  exp_hdf5_changes_object (group->file, group->address);
  g_auto (ExpHid) link = exp_hdf5_link_properties (name);
  /* Opening it may close the group, one of the many that are held open: that is what the reference is for. */
  H5Iinc_ref (to);
  g_auto (ExpHid) held = to;
  from = exp_hdf5_file_object (source->file, source->address, error);
  if (from < 0)
    return FALSE;
  /* Where objects were deleted, H5Ocopy of HDF5 1.10 may make one at an address that the library's cache still knows
   * ("can't insert duplicate key"), and leaves the cache unfit for use. */
  if (group->file->changes->has_deleted)
    {
      exp_hdf5_changes_copies (group->file);
      return exp_hdf5_copy_object (from, held, name, source->file == group->file, error);
    }
  if (H5Ocopy (from, ".", held, name, H5P_DEFAULT, link) >= 0)
    {
      note_copies (group->file, held, name);
      return TRUE;
    }
  exp_hdf5_changes_copies (group->file);
  exp_hdf5_set_error (error, "cannot copy to '%s'", name);
  return FALSE;
}

/* The node as an object of any open file. */
static ExpHdf5Object *
object_of (ExpNode *node)
{
  ExpNode *own = exp_node_unwrap (node);

  return own->klass->free == exp_hdf5_object_free ? (ExpHdf5Object *)own : NULL;
}

gboolean
exp_hdf5_copy (ExpNode *self, const char *name, ExpNode *source, GError **error)
{
  ExpHdf5Object *group = (ExpHdf5Object *)self, *object = object_of (source);
  g_autoptr (ExpHdf5Change) change = exp_hdf5_change_begin (group->file, error);
  g_auto (ExpHdf5Reading) reading = { NULL };

  if (change == NULL || !exp_hdf5_check_name (name, error))
    return FALSE;
  if (object == NULL)
    {
      g_set_error (error, EXP_ERROR, EXP_ERROR_UNSUPPORTED, "only what lies in HDF5 files can be copied there");
      return FALSE;
    }
  if (object->file != group->file)
    exp_hdf5_read_begin (&reading, object->file, 0, EXP_HDF5_READS);
  if (!exp_hdf5_change_reach (group->file, group->address, error))
    return FALSE;
  if (object->file != group->file && !group->file->has_journal)
    {
      guint64 address;

      if (!exp_hdf5_copy_blocks (object->file, object->address, group->file, &address, error))
        return FALSE;
      if (address != 0)
        return link_blocks (group, name, address, error);
    }
  g_autoptr (GHashTable) checked = exp_hdf5_tree_check (object->file, object->address, error);
  return checked != NULL && copy_object (group, name, object, error);
}
