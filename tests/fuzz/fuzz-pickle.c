/* Any bytes as a pickle: parsed, and what they show looked at: directories, links, attributes, the beginnings of
 * datasets, a few of them as one of the views, which one the bytes decide. So does how lists are shown.
 * Holds that names in a directory differ and are found, and that links lead to directories. */
#include "core/format/pickle/pickle.h"
#include "expfs/expfs.h"
#include "expfs/view.h"
#include "fuzz.h"
#include <string.h>

/* Nodes and elements that are looked at; there may be more of them than bytes. */
#define MAX_NODES    200
#define MAX_ELEMENTS 64
#define MAX_VIEWED   16 /* elements of a dataset that is viewed */
#define MAX_VIEWS    6  /* of all */

typedef struct
{
  GQueue nodes; /* of directories yet to be listed, with their paths */
  ExpNode *root;
  guint n_nodes, n_views;
  guint choice; /* of views */
} Walk;

typedef struct
{
  ExpNode *node;
  char *path; /* of names parted by a byte that keys in the corpus hardly have */
} Visit;

typedef struct
{
  Walk *walk;
  const Visit *visit;
  GHashTable *names;
} Listing;

static void
look_at_attributes (ExpNode *node)
{
  g_auto (GStrv) names = exp_node_list_attributes (node, NULL);

  for (guint i = 0; names != NULL && names[i] != NULL && i < 16; i++)
    {
      g_autoptr (ExpArray) value = exp_node_read_attribute (node, names[i], NULL);
    }
}

/* The beginning of one view. */
static void
look_at_view (ExpNode *node, guint choice)
{
  const ExpViewOptions options = { 0 };
  char buffer[4096];
  guint n_views = 0;
  guint64 size;
  gsize n_read;

  while (exp_view_classes[n_views] != NULL)
    n_views++;
  g_autoptr (ExpView) view = exp_view_open (exp_view_classes[choice % n_views], node, &options, NULL);
  if (view != NULL && exp_view_size (view, &size, NULL))
    exp_view_pread (view, 0, sizeof buffer, buffer, &n_read, NULL);
}

/* The beginning and the last element, and a view of it. */
static void
look_at_dataset (Walk *walk, ExpNode *node, const ExpInfo *info)
{
  guint64 n = exp_info_n_elements (info);

  if (n > 0)
    {
      g_autoptr (ExpArray) first = exp_node_read_flat (node, info, 0, MIN (n, MAX_ELEMENTS), NULL);
      g_autoptr (ExpArray) last = exp_node_read_flat (node, info, n - 1, 1, NULL);
      ExpRun run = { 0 };
      if (exp_node_locate (node, 0, MIN (n, MAX_ELEMENTS), &run))
        exp_run_release (&run);
    }
  if (n <= MAX_VIEWED && walk->n_views++ < MAX_VIEWS)
    look_at_view (node, walk->choice++);
}

/* Where a link leads, from the directory that it lies in. */
static void
look_at_link (const Walk *walk, const Visit *visit, const ExpInfo *info)
{
  const char parts[] = { info->separator != '\0' ? info->separator : '/', '\0' };
  g_auto (GStrv) steps = g_strsplit (info->target, parts, -1);
  g_autoptr (GPtrArray) line = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (ExpNode) at = exp_node_ref (walk->root);
  g_auto (ExpInfo) there = { 0 };
  gboolean is_above = TRUE;

  g_auto (GStrv) own = g_strsplit (visit->path, "\x01\x02", -1);
  for (char **name = own; *name != NULL && name[1] != NULL; name++)
    g_ptr_array_add (line, g_strdup (*name));
  for (char **step = steps; *step != NULL; step++)
    {
      is_above = is_above && strcmp (*step, "..") == 0;
      if (is_above)
        {
          g_assert_cmpuint (line->len, >, 0);
          g_ptr_array_remove_index (line, line->len - 1);
        }
      else if (strcmp (*step, ".") != 0 || info->separator != '\0')
        g_ptr_array_add (line, g_strdup (*step));
    }
  for (guint i = 0; i < line->len; i++)
    {
      ExpNode *next = exp_node_lookup (at, line->pdata[i], NULL);

      if (next == NULL && strstr (visit->path, "\x01\x02\x01") != NULL)
        return;
      g_assert_nonnull (next);
      exp_node_unref (at);
      at = next;
    }
  g_assert_true (exp_node_describe (at, &there, NULL));
  g_assert_cmpint (there.kind, ==, EXP_KIND_GROUP);
}

static gboolean
look_at (const char *name, ExpNode *child, gpointer data)
{
  Listing *listing = data;
  g_auto (ExpInfo) info = { 0 };

  g_assert_true (g_hash_table_add (listing->names, g_strdup (name)));
  g_autoptr (ExpNode) found = exp_node_lookup (listing->visit->node, name, NULL);
  g_assert_nonnull (found);
  look_at_attributes (child);
  if (!exp_node_describe (child, &info, NULL))
    return TRUE;
  if (info.kind == EXP_KIND_LINK)
    look_at_link (listing->walk, listing->visit, &info);
  else if (info.kind == EXP_KIND_DATASET)
    look_at_dataset (listing->walk, child, &info);
  else
    {
      Visit *next = g_new (Visit, 1);

      *next = (Visit){ exp_node_ref (child), g_strconcat (listing->visit->path, name, "\x01\x02", NULL) };
      g_queue_push_tail (&listing->walk->nodes, next);
    }
  return ++listing->walk->n_nodes < MAX_NODES;
}

static void
visit_free (gpointer data)
{
  Visit *visit = data;

  exp_node_unref (visit->node);
  g_free (visit->path);
  g_free (visit);
}

static void
walk_all (ExpNode *root, guint choice)
{
  Walk walk = { G_QUEUE_INIT, root, 0, 0, choice };
  Visit *first = g_new (Visit, 1), *visit;
  g_auto (ExpInfo) info = { 0 };

  if (!exp_node_describe (root, &info, NULL) || info.kind != EXP_KIND_GROUP)
    {
      if (info.kind == EXP_KIND_DATASET)
        look_at_dataset (&walk, root, &info);
      g_free (first);
      return;
    }
  *first = (Visit){ exp_node_ref (root), g_strdup ("") };
  g_queue_push_tail (&walk.nodes, first);
  while (walk.n_nodes < MAX_NODES && (visit = g_queue_pop_head (&walk.nodes)) != NULL)
    {
      g_autoptr (GHashTable) names = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
      Listing listing = { &walk, visit, names };

      exp_node_list (visit->node, 0, look_at, &listing, NULL);
      visit_free (visit);
    }
  g_queue_clear_full (&walk.nodes, visit_free);
}

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  g_autoptr (GBytes) bytes = g_bytes_new_static (data, size);
  g_autoptr (GError) error = NULL;
  g_autoptr (ExpPickle) pickle = exp_pickle_parse (bytes, &error);
  guint choice = (guint)size;

  g_assert_true ((pickle == NULL) == (error != NULL));
  if (pickle == NULL)
    return 0;
  for (gsize i = 0; i < size; i++)
    choice = choice * 31 + data[i];
  g_autoptr (ExpNode) root = exp_pickle_node_new (pickle, exp_pickle_record (pickle), (choice & 1) != 0);
  walk_all (root, choice >> 1);
  if ((choice & 6) == 0)
    {
      g_autoptr (GString) text = g_string_new (NULL);

      exp_pickle_append_text (exp_pickle_root (pickle), text);
    }
  return 0;
}
