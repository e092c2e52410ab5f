/* What several targets do with bytes: be a file, and have all that they show looked at.
 * Knows no format.
 * Called by targets. */
#include "look.h"
#include "expfs/view.h"
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#define MAX_NODES    60
#define MAX_ELEMENTS 64
#define MAX_VIEWED   4096 /* bytes of a dataset that is viewed */
#define MAX_VIEWS    4

typedef struct
{
  GQueue nodes; /* directories yet to be listed */
  guint n_nodes, n_views, choice;
} Walk;

typedef struct
{
  Walk *walk;
  ExpNode *group;
  GHashTable *names;
} Listing;

/* --- files -------------------------------------------------------------------------------------------------- */

static char *file_path;

static void
remove_file (void)
{
  unlink (file_path);
}

const char *
exp_fuzz_file (gconstpointer data, gsize size)
{
  if (file_path == NULL)
    {
      const char *folder = access ("/dev/shm", W_OK) == 0 ? "/dev/shm" : g_get_tmp_dir ();
      file_path = g_strdup_printf ("%s/expfs-fuzz-%d", folder, getpid ());
      atexit (remove_file);
    }

  int fd = open (file_path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  g_assert_cmpint (fd, >=, 0);
  g_assert_cmpint (write (fd, data, size), ==, size);
  close (fd);
  return file_path;
}

/* --- looking ------------------------------------------------------------------------------------------------ */

static void
look_at_view (ExpNode *node, guint choice)
{
  const ExpViewOptions options = { .is_compact = choice & 1, .path = "/x" };
  guint n_views = 0;
  char buffer[4096];
  guint64 size;
  gsize n;

  while (exp_view_classes[n_views] != NULL)
    n_views++;
  const ExpViewClass *klass = exp_view_classes[choice % n_views];
  /* A picture takes as long as a thousand other inputs. */
  if (klass->is_costly && choice / n_views % 32 != 0)
    return;
  g_autoptr (ExpView) view = exp_view_open (klass, node, &options, NULL);
  if (view == NULL || !exp_view_size (view, &size, NULL))
    return;
  if (exp_view_pread (view, 0, sizeof buffer, buffer, &n, NULL))
    g_assert_cmpuint (n, ==, MIN (size, sizeof buffer));
}

static void
look_at_dataset (Walk *walk, ExpNode *node, const ExpInfo *info)
{
  guint64 n = exp_info_n_elements (info), size;
  ExpRun run = { 0 };

  if (n == 0)
    return;
  if (!g_uint64_checked_mul (&size, MIN (n, MAX_ELEMENTS), info->dtype->size) || size > 1024 * 1024)
    return;
  g_autoptr (ExpArray) first = exp_node_read_flat (node, info, 0, MIN (n, MAX_ELEMENTS), NULL);
  g_autoptr (ExpArray) last = exp_node_read_flat (node, info, n - 1, 1, NULL);
  if (exp_node_locate (node, 0, MIN (n, MAX_ELEMENTS), &run))
    exp_run_release (&run);
  if (n <= MAX_VIEWED / MAX (info->dtype->size, 1) && walk->n_views++ < MAX_VIEWS)
    look_at_view (node, walk->choice++);
}

static gboolean
look_at (const char *name, ExpNode *child, gpointer data)
{
  Listing *listing = data;
  g_auto (ExpInfo) info = { 0 };

  g_assert_true (g_hash_table_add (listing->names, g_strdup (name)));
  g_autoptr (ExpNode) found = exp_node_lookup (listing->group, name, NULL);
  g_assert_nonnull (found);
  g_auto (GStrv) attributes = exp_node_list_attributes (child, NULL);
  for (guint i = 0; attributes != NULL && attributes[i] != NULL && i < 16; i++)
    {
      g_autoptr (ExpArray) value = exp_node_read_attribute (child, attributes[i], NULL);
    }
  if (exp_node_describe (child, &info, NULL))
    {
      if (info.kind == EXP_KIND_DATASET)
        look_at_dataset (listing->walk, child, &info);
      else if (info.kind == EXP_KIND_GROUP)
        g_queue_push_tail (&listing->walk->nodes, exp_node_ref (child));
    }
  return ++listing->walk->n_nodes < MAX_NODES;
}

static void
unref_node (gpointer node)
{
  exp_node_unref (node);
}

static void
walk_all (ExpNode *root, guint choice)
{
  Walk walk = { G_QUEUE_INIT, 0, 0, choice };
  ExpNode *group;

  g_queue_push_tail (&walk.nodes, exp_node_ref (root));
  while (walk.n_nodes < MAX_NODES && (group = g_queue_pop_head (&walk.nodes)) != NULL)
    {
      g_autoptr (GHashTable) names = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
      Listing listing = { &walk, group, names };

      exp_node_list (group, 0, look_at, &listing, NULL);
      exp_node_unref (group);
    }
  g_queue_clear_full (&walk.nodes, unref_node);
}

void
exp_fuzz_store (const char *path, const char *format, gconstpointer data, gsize size)
{
  const ExpStoreOptions options = { .format = format, .lock = EXP_LOCK_NO };
  g_autoptr (GError) error = NULL;
  g_autoptr (ExpStore) store = exp_store_open (path, &options, &error);
  guint choice = (guint)size;

  g_assert_true ((store == NULL) == (error != NULL));
  for (gsize i = 0; i < size; i++)
    choice = choice * 31 + ((const guint8 *)data)[i];
  if (store != NULL)
    walk_all (exp_store_get_root (store), choice);
}
