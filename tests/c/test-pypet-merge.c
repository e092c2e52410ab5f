/* A merge is whole or none: told to stop at each of its steps in turn it leaves the store as it was; and what it says
 * beforehand is what it does. On the stores of stores/pypet in the folder that EXPFS_SHARED names (../shared as a
 * rule). */
#include "expfs/expfs.h"
#include <string.h>
#include <sys/stat.h>

static char *directory;

/* A copy of one of the stores; NULL where there is none. Caller frees. */
static char *
copy_store (const char *name)
{
  const char *shared = g_getenv ("EXPFS_SHARED");
  g_autofree char *beside = g_build_filename (g_test_get_dir (G_TEST_DIST), "../../../shared", NULL);
  g_autofree char *from = g_build_filename (shared != NULL ? shared : beside, "stores", "pypet", name, NULL);
  char *to = g_build_filename (directory, name, NULL);
  g_autofree char *bytes = NULL;
  gsize size;

  if (g_file_get_contents (from, &bytes, &size, NULL) && g_file_set_contents (to, bytes, (gssize)size, NULL))
    return to;
  g_free (to);
  return NULL;
}

static ExpStore *
open_store (const char *path)
{
  const ExpStoreOptions options = { .is_writable = TRUE };
  g_autoptr (GError) error = NULL;
  ExpStore *store = exp_store_open (path, &options, &error);

  g_assert_no_error (error);
  return store;
}

/* --- all that is shown -------------------------------------------------------------------------------------- */

static void
append_array (GString *text, const ExpArray *array)
{
  for (gsize i = 0; array != NULL && i < array->n_elements; i++)
    {
      g_string_append_c (text, ' ');
      exp_cell_to_json (array->dtype, array->data + i * array->dtype->size, text);
    }
  g_string_append_c (text, '\n');
}

static gboolean
append_node (const char *name, ExpNode *node, gpointer data)
{
  GString *text = data;
  g_auto (ExpInfo) info = { 0 };
  g_auto (GStrv) attributes = exp_node_list_attributes (node, NULL);

  g_assert_true (exp_node_describe (node, &info, NULL));
  g_string_append_printf (text, "%s %d %s:", name, info.kind, info.target != NULL ? info.target : "");
  for (char **attribute = attributes; attribute != NULL && *attribute != NULL; attribute++)
    {
      g_autoptr (ExpArray) value = exp_node_read_attribute (node, *attribute, NULL);

      g_string_append_printf (text, " @%s", *attribute);
      append_array (text, value);
    }
  g_autoptr (ExpArray) value = info.kind == EXP_KIND_DATASET ? exp_node_read_all (node, NULL) : NULL;
  append_array (text, value);
  if (info.kind == EXP_KIND_GROUP)
    {
      exp_node_list (node, 0, append_node, text, NULL);
      g_string_append (text, "end\n");
    }
  return TRUE;
}

static char *
dump (ExpStore *store)
{
  GString *text = g_string_new (NULL);

  append_node ("", exp_store_get_root (store), text);
  return g_string_free (text, FALSE);
}

/* --- merging ------------------------------------------------------------------------------------------------ */

typedef struct
{
  int n_left; /* steps until it is to stop; -1: never */
  int n_steps;
} Patience;

static gboolean
count_step (double fraction, const char *text, gpointer data)
{
  Patience *patience = data;

  g_assert_cmpfloat (fraction, >=, 0);
  g_assert_cmpfloat (fraction, <=, 1);
  return patience->n_left < 0 || patience->n_steps++ < patience->n_left;
}

static gboolean
merge (ExpStore *store, const char *into, const char *from, const char *const *switches, gboolean is_dry_run,
       Patience *patience, GString *said, GError **error)
{
  const char *arguments[] = { into, NULL };
  g_autoptr (ExpNode) other = exp_node_lookup (exp_store_get_root (store), from, error);
  ExpTask task = { .name = "merge",
                   .arguments = arguments,
                   .switches = switches,
                   .other = other,
                   .is_dry_run = is_dry_run,
                   .said = said,
                   .progress = count_step,
                   .data = patience };

  g_assert_nonnull (other);
  g_assert_true (exp_store_begin (store, error));
  gboolean is_done = exp_node_perform (exp_store_get_root (store), &task, error);
  exp_store_end (store);
  return is_done;
}

static void
stop_each (const char *name, const char *into, const char *from, const char *const *switches)
{
  g_autofree char *path = copy_store (name);
  gboolean is_done = FALSE;

  if (path == NULL)
    {
      g_test_skip ("no stores of pypet's");
      return;
    }
  g_autoptr (ExpStore) store = open_store (path);
  g_autofree char *before = dump (store);
  for (int n = 0; !is_done; n++)
    {
      Patience patience = { n, 0 };
      g_autoptr (GError) error = NULL;

      is_done = merge (store, into, from, switches, FALSE, &patience, NULL, &error);
      g_autofree char *after = dump (store);
      if (is_done)
        {
          g_assert_cmpint (n, >, 5);
          g_assert_cmpstr (after, !=, before);
          break;
        }
      g_assert_error (error, EXP_ERROR, EXP_ERROR_INTERRUPTED);
      g_assert_cmpstr (after, ==, before);
    }
}

static void
test_stopped (void)
{
  static const char *const copied[] = { NULL }, *const moved[] = { "move", NULL },
                           *const deleted[] = { "delete", "remove-duplicates", NULL };

  stop_each ("multi_1_two.hdf5", "beta", "alpha", copied);
  stop_each ("multi_1_two.hdf5", "beta", "alpha", moved);
  stop_each ("multi_1_two.hdf5", "beta", "alpha", deleted);
  stop_each ("classic_two.hdf5", "first", "second", copied);
}

/* Each line of a dry run, "old -> new". */
static void
assert_moved (ExpStore *store, const char *into, const char *from, const char *said)
{
  g_auto (GStrv) lines = g_strsplit (said, "\n", -1);
  guint n = 0;

  for (char **line = lines; *line != NULL; line++)
    {
      char *arrow = strstr (*line, " -> ");

      if (arrow == NULL || g_str_has_prefix (*line, "config."))
        continue;
      *arrow = '\0';
      g_autofree char *old = g_strconcat (from, ".", *line, NULL), *new = g_strconcat (into, ".", arrow + 4, NULL);
      g_autoptr (ExpNode) gone = exp_node_resolve (exp_store_get_root (store), g_strdelimit (old, ".", '/'), NULL);
      g_autoptr (ExpNode) there = exp_node_resolve (exp_store_get_root (store), g_strdelimit (new, ".", '/'), NULL);
      g_assert_null (gone);
      g_assert_nonnull (there);
      n++;
    }
  g_assert_cmpint (n, ==, 6);
}

static void
test_dry_run (void)
{
  static const char *const moved[] = { "move", NULL };
  g_autofree char *path = copy_store ("multi_1_two.hdf5");
  g_autoptr (GString) said = g_string_new (NULL);
  g_autoptr (GError) error = NULL;
  Patience patience = { -1, 0 };

  if (path == NULL)
    {
      g_test_skip ("no stores of pypet's");
      return;
    }
  g_autoptr (ExpStore) store = open_store (path);
  g_autofree char *before = dump (store);
  g_assert_true (merge (store, "beta", "alpha", moved, TRUE, &patience, said, &error));
  g_autofree char *after = dump (store);
  g_assert_cmpstr (after, ==, before);
  g_assert_true (merge (store, "beta", "alpha", moved, FALSE, &patience, NULL, &error));
  g_assert_no_error (error);
  assert_moved (store, "beta", "alpha", said->str);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  directory = g_dir_make_tmp ("expfs-merge-XXXXXX", NULL);
  g_test_add_func ("/pypet-merge/stopped-at-any-step-it-changes-nothing", test_stopped);
  g_test_add_func ("/pypet-merge/what-a-dry-run-says-is-what-is-done", test_dry_run);
  int status = g_test_run ();
  const char *remove[] = { "rm", "-r", directory, NULL };
  g_spawn_sync (NULL, (char **)remove, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, NULL, NULL, NULL, NULL);
  return status;
}
