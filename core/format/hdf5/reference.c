/* Paths of addresses, found by walking the groups breadth first as far as needed.
 * Knows links, not what they lead to; how a region reads is region.c's.
 * Called by decode.c and region.c. */
#include "reference.h"
#include "changes.h"
#include "links.h"
#include <string.h>

/* Objects whose paths are kept; what lies further is shown by its address. */
#define MAX_PATHS 2000000
#define BATCH     8192

typedef struct
{
  guint64 address;
  guint64 parent; /* address of the group, and the name there */
  char name[];
} Step;

struct _ExpHdf5Paths
{
  GMutex lock;
  GHashTable *steps; /* address -> Step */
  GQueue pending;    /* guint64 *, addresses not looked into yet */
  gint generation;   /* of the file when the walk began: names may have come since, none has gone */
};

static void
start_walk (ExpHdf5File *file, ExpHdf5Paths *paths)
{
  g_hash_table_remove_all (paths->steps);
  g_queue_clear_full (&paths->pending, g_free);
  g_queue_push_tail (&paths->pending, g_memdup2 (&file->root, sizeof file->root));
  paths->generation = exp_hdf5_generation (file);
}

static ExpHdf5Paths *
paths_get (ExpHdf5File *file)
{
  ExpHdf5Paths *paths = g_atomic_pointer_get (&file->paths);

  if (paths != NULL)
    return paths;
  paths = g_new0 (ExpHdf5Paths, 1);
  g_mutex_init (&paths->lock);
  paths->steps = g_hash_table_new_full (g_int64_hash, g_int64_equal, NULL, g_free);
  start_walk (file, paths);
  if (!g_atomic_pointer_compare_and_exchange (&file->paths, NULL, paths))
    {
      exp_hdf5_paths_free (paths);
      paths = g_atomic_pointer_get (&file->paths);
    }
  return paths;
}

void
exp_hdf5_paths_free (ExpHdf5Paths *paths)
{
  g_hash_table_unref (paths->steps);
  g_queue_clear_full (&paths->pending, g_free);
  g_mutex_clear (&paths->lock);
  g_free (paths);
}

static void
add_step (ExpHdf5File *file, ExpHdf5Paths *paths, guint64 parent, const ExpHdf5Link *link)
{
  gsize size = strlen (link->name) + 1;

  if (link->type != H5L_TYPE_HARD || link->address == file->root || g_hash_table_contains (paths->steps, &link->address)
      || g_hash_table_size (paths->steps) >= MAX_PATHS)
    return;

  Step *step = g_malloc (sizeof *step + size);
  step->address = link->address;
  step->parent = parent;
  memcpy (step->name, link->name, size);
  g_hash_table_insert (paths->steps, &step->address, step);
  g_queue_push_tail (&paths->pending, g_memdup2 (&link->address, sizeof link->address));
}

/* Looks into the next object; what is no group or cannot be read has no children. */
static void
walk (ExpHdf5File *file, ExpHdf5Paths *paths)
{
  g_autofree guint64 *address = g_queue_pop_head (&paths->pending);
  guint64 position = 0;
  gboolean is_last = FALSE;

  while (!is_last)
    {
      g_autoptr (GArray) links = exp_hdf5_links_new ();

      gboolean is_read = exp_hdf5_links_read (file, *address, &position, BATCH, links, &is_last, NULL);
      for (guint i = 0; i < links->len; i++)
        add_step (file, paths, *address, &g_array_index (links, ExpHdf5Link, i));
      if (!is_read)
        return;
    }
}

static const Step *
find_step (ExpHdf5File *file, ExpHdf5Paths *paths, guint64 address)
{
  while (!g_hash_table_contains (paths->steps, &address) && paths->pending.length > 0)
    walk (file, paths);
  return g_hash_table_lookup (paths->steps, &address);
}

void
exp_hdf5_append_path (ExpHdf5File *file, guint64 address, GString *text)
{
  ExpHdf5Paths *paths = paths_get (file);
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&paths->lock);
  gsize start = text->len;

  if (address == file->root)
    {
      g_string_append_c (text, '/');
      return;
    }
  const Step *step = find_step (file, paths, address);
  if (step == NULL && paths->generation != exp_hdf5_generation (file))
    {
      start_walk (file, paths);
      step = find_step (file, paths, address);
    }
  if (step == NULL)
    g_string_append_printf (text, "<address %" G_GUINT64_FORMAT ">", address);
  for (; step != NULL; step = g_hash_table_lookup (paths->steps, &step->parent))
    {
      g_string_insert (text, start, step->name);
      g_string_insert_c (text, start, '/');
    }
}
