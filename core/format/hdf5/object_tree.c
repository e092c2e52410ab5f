/* What hangs below an object, found by our own readers, for what HDF5 does to all of it at once.
 * Knows that the library recurses: each object is looked at before, and they must not lie too deep.
 * Called by the write_*.c within a change. */
#include "object_tree.h"
#include "children.h"
#include "links.h"

/* Of a group's links, read at a time. */
#define MAX_LINKS 8192

/* Groups within each other. */
#define MAX_DEPTH 1000

typedef struct
{
  guint64 address;
  guint depth;
} Pending;

typedef struct
{
  ExpHdf5File *file;
  GHashTable *seen; /* addresses */
  GArray *pending;  /* of Pending */
} Search;

static void
add_object (Search *search, guint64 address, guint depth)
{
  const Pending pending = { address, depth };

  if (g_hash_table_add (search->seen, GSIZE_TO_POINTER (address)))
    g_array_append_val (search->pending, pending);
}

/* Whatever is no group has none. */
static gboolean
add_children (Search *search, const Pending *parent, GError **error)
{
  guint64 position = 0;
  gboolean is_last = FALSE;
  g_autoptr (GError) local = NULL;

  while (!is_last)
    {
      g_autoptr (GArray) links = exp_hdf5_links_new ();

      if (!exp_hdf5_links_read (search->file, parent->address, &position, MAX_LINKS, links, &is_last, &local))
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
            add_object (search, link->address, parent->depth + 1);
        }
    }
  return TRUE;
}

/* Lets the library near the object. What is written may have to be brought to where our own readers see it; all the
 * others of a large tree are as they were. */
static gboolean
look_at (ExpHdf5File *file, const Pending *object, GError **error)
{
  if (object->depth > MAX_DEPTH)
    {
      g_set_error (error, EXP_ERROR, EXP_ERROR_DAMAGED, "groups lie too deep within each other");
      return FALSE;
    }
  if (exp_hdf5_is_unsettled (file) && !exp_hdf5_changes_is_untouched (file, object->address)
      && !exp_hdf5_settle (file, error))
    return FALSE;

  g_autoptr (ExpHdf5Locker) locker = exp_hdf5_locker_new ();
  return exp_hdf5_file_check (file, object->address, error);
}

GHashTable *
exp_hdf5_tree_check (ExpHdf5File *file, guint64 top, GError **error)
{
  g_autoptr (GHashTable) seen = g_hash_table_new (NULL, NULL);
  g_autoptr (GArray) pending = g_array_new (FALSE, FALSE, sizeof (Pending));
  Search search = { file, seen, pending };

  add_object (&search, top, 0);
  while (pending->len > 0)
    {
      const Pending object = g_array_index (pending, Pending, pending->len - 1);

      g_array_set_size (pending, pending->len - 1);
      if (!look_at (file, &object, error) || !add_children (&search, &object, error))
        return NULL;
    }
  return g_steal_pointer (&seen);
}
