/* Copies of objects with all that is below them, within a file and from one file to another.
 * Knows that HDF5 copies by itself what it is pointed at, so all of that is looked at first.
 * Called through writable.c's class. */
#include "children.h"
#include "links.h"

/* Of a group's links, read at a time. */
#define MAX_LINKS 8192

typedef struct
{
  ExpHdf5File *file;
  GHashTable *seen; /* addresses */
  GArray *pending;  /* of addresses */
} Search;

static void
search_clear (Search *search)
{
  g_clear_pointer (&search->seen, g_hash_table_unref);
  g_clear_pointer (&search->pending, g_array_unref);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Search, search_clear)

static void
add_object (Search *search, guint64 address)
{
  if (g_hash_table_add (search->seen, GSIZE_TO_POINTER (address)))
    g_array_append_val (search->pending, address);
}

/* Whatever is no group has none. */
static gboolean
add_children (Search *search, guint64 address, GError **error)
{
  guint64 position = 0;
  gboolean is_last = FALSE;
  g_autoptr (GError) local = NULL;

  while (!is_last)
    {
      g_autoptr (GArray) links = exp_hdf5_links_new ();

      if (!exp_hdf5_links_read (search->file, address, &position, MAX_LINKS, links, &is_last, &local))
        {
          if (g_error_matches (local, EXP_ERROR, EXP_ERROR_NOT_A_GROUP))
            return TRUE;
          g_propagate_error (error, g_steal_pointer (&local));
          return FALSE;
        }
      for (guint i = 0; i < links->len; i++)
        {
          const ExpHdf5Link *link = &g_array_index (links, ExpHdf5Link, i);

          if (link->type == H5L_TYPE_HARD)
            add_object (search, link->address);
        }
    }
  return TRUE;
}

/* Lets the library near the object. What is written may have to be brought to where our own readers see it; all the
 * others of a large copy are as they were. */
static gboolean
look_at (ExpHdf5File *file, guint64 address, GError **error)
{
  if (exp_hdf5_is_unsettled (file) && !exp_hdf5_changes_is_untouched (file, address) && !exp_hdf5_settle (file, error))
    return FALSE;

  g_autoptr (ExpHdf5Locker) locker = exp_hdf5_locker_new ();
  return exp_hdf5_file_check (file, address, error);
}

/* Damage that the library does not survive is found before it copies. */
static gboolean
check_tree (ExpHdf5File *file, guint64 top, GError **error)
{
  g_auto (Search) search = { file, g_hash_table_new (NULL, NULL), g_array_new (FALSE, FALSE, sizeof (guint64)) };

  add_object (&search, top);
  while (search.pending->len > 0)
    {
      guint64 address = g_array_index (search.pending, guint64, search.pending->len - 1);

      g_array_set_size (search.pending, search.pending->len - 1);
      if (!look_at (file, address, error) || !add_children (&search, address, error))
        return FALSE;
    }
  return TRUE;
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
  if (H5Ocopy (from, ".", held, name, H5P_DEFAULT, link) >= 0)
    return TRUE;
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
    exp_hdf5_read_begin (&reading, object->file, 0);
  return exp_hdf5_change_reach (group->file, group->address, error) && check_tree (object->file, object->address, error)
         && copy_object (group, name, object, error);
}
