/* Groups and links of HDF5 files are made, moved and removed as a user of a file system expects, and seen at once. */
#include "written.h"

static void
make_group (ExpNode *root, const char *parent_path, const char *name)
{
  g_autoptr (ExpNode) parent = find (root, parent_path);
  g_autoptr (GError) error = NULL;
  g_autoptr (ExpNode) made = exp_node_create_group (parent, name, &error);

  g_assert_no_error (error);
  g_assert_nonnull (made);
}

static gboolean
append_name (const char *name, ExpNode *child, gpointer data)
{
  g_auto (ExpInfo) info = { 0 };

  g_assert_true (exp_node_describe (child, &info, NULL));
  g_ptr_array_add (data, g_strdup_printf ("%s%s", name,
                                          info.kind == EXP_KIND_GROUP  ? "/"
                                          : info.kind == EXP_KIND_LINK ? "@"
                                                                       : ""));
  return TRUE;
}

static int
compare_names (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const char *const *)a, *(const char *const *)b);
}

/* Kinds of groups list in orders of their own. */
static void
assert_names (ExpNode *root, const char *path, const char *expected)
{
  g_autoptr (ExpNode) node = find (root, path);
  g_autoptr (GPtrArray) names = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GError) error = NULL;

  exp_node_list (node, 0, append_name, names, &error);
  g_assert_no_error (error);
  g_ptr_array_sort (names, compare_names);
  g_ptr_array_add (names, NULL);
  g_autofree char *joined = g_strjoinv (" ", (char **)names->pdata);
  g_assert_cmpstr (joined, ==, expected);
}

static void
move (ExpNode *root, const char *from, const char *name, const char *to, const char *new_name, guint flags, int code)
{
  g_autoptr (ExpNode) from_node = find (root, from);
  g_autoptr (ExpNode) to_node = find (root, to);
  g_autoptr (GError) error = NULL;
  gboolean is_moved = exp_node_move (from_node, name, to_node, new_name, flags, &error);

  if (code < 0)
    g_assert_no_error (error);
  else
    g_assert_error (error, EXP_ERROR, code);
  g_assert_cmpint (is_moved, ==, code < 0);
}

static void
remove_child (ExpNode *root, const char *parent, const char *name, int code)
{
  g_autoptr (ExpNode) node = find (root, parent);
  g_autoptr (GError) error = NULL;
  gboolean is_removed = exp_node_remove (node, name, &error);

  if (code < 0)
    g_assert_no_error (error);
  else
    g_assert_error (error, EXP_ERROR, code);
  g_assert_cmpint (is_removed, ==, code < 0);
}

/* What the store's file says at this moment: it is closed, and no shorter than it says. */
static void
assert_file_is_closed (Written *written)
{
  g_autofree char *bytes = NULL;
  g_autoptr (GError) error = NULL;
  gsize size, at = 0;
  guint64 end;

  exp_store_commit (written->store, TRUE, &error);
  g_assert_no_error (error);
  g_assert_true (g_file_get_contents (written->path, &bytes, &size, NULL));
  while (memcmp (bytes + at, "\211HDF", 4) != 0)
    at = at == 0 ? 512 : 2 * at;
  if (bytes[at + 8] >= 2)
    g_assert_cmpint (bytes[at + 11], ==, 0);
  memcpy (&end, bytes + at + (bytes[at + 8] >= 2 ? 28 : 40), sizeof end);
  g_assert_cmpuint (GUINT64_FROM_LE (end), <=, size);
}

static void
test_groups_in (Written *written)
{
  ExpNode *root = written->root;
  g_autoptr (GError) error = NULL;

  make_group (root, "", "b");
  make_group (root, "", "a");
  make_group (root, "a", "inner");
  g_assert_null (exp_node_create_group (root, "a", &error));
  g_assert_error (error, EXP_ERROR, EXP_ERROR_EXISTS);
  g_clear_error (&error);
  g_assert_null (exp_node_create_group (root, "x/y", &error));
  g_assert_error (error, EXP_ERROR, EXP_ERROR_INVALID);
  assert_names (root, "a", "inner/");
  remove_child (root, "", "a", EXP_ERROR_NOT_EMPTY);
  remove_child (root, "", "nothing", EXP_ERROR_NOT_FOUND);
  remove_child (root, "", "b", -1);
  assert_names (root, "", "a/ data");
  assert_file_is_closed (written);
  check_python (written, "assert list(f) == ['a', 'data'] and list(f['a']) == ['inner'] or f.id.get_create_plist() and "
                         "set(f) == {'a', 'data'}");
  remove_child (root, "a", "inner", -1);
  remove_child (root, "", "a", -1);
  assert_names (root, "", "data");
  close_written (written);
  check_python (written, "assert list(f) == ['data'] and (f['data'][...] == np.arange(5)).all()");
}

static void
test_groups (void)
{
  for_each_kind (test_groups_in, "f['data'] = np.arange(5)", NULL);
}

/* Enough to split trees and to leave the compact form of groups. */
static void
test_many_groups_in (Written *written)
{
  enum
  {
    N = 500
  };
  g_autoptr (GString) names = g_string_new (NULL);

  for (guint i = 0; i < N; i++)
    {
      g_autofree char *name = g_strdup_printf ("g%04u", (i * 7919) % N);
      g_autoptr (GError) error = NULL;

      g_assert_null (exp_node_lookup (written->root, name, &error));
      g_assert_error (error, EXP_ERROR, EXP_ERROR_NOT_FOUND);
      make_group (written->root, "", name);
      g_autoptr (ExpNode) made = find (written->root, name);
      g_auto (ExpInfo) info = { 0 };
      g_assert_true (exp_node_describe (made, &info, NULL));
      g_assert_cmpint (info.kind, ==, EXP_KIND_GROUP);
      if (i % 100 == 0)
        assert_names (made, "", "");
    }
  for (guint i = 0; i < N; i += 2)
    {
      g_autofree char *name = g_strdup_printf ("g%04u", i);
      remove_child (written->root, "", name, -1);
    }
  assert_file_is_closed (written);
  check_python (written,
                "assert sorted(f) == ['g%04d' % i for i in range(1, 500, 2)] and not any(len(g) for g in f.values())");
  make_group (written->root, "", "last");
  assert_names (written->root, "last", "");
}

static void
test_many_groups (void)
{
  for_each_kind (test_many_groups_in, NULL, NULL);
}

static void
test_moves_in (Written *written)
{
  ExpNode *root = written->root;

  move (root, "", "one", "", "eins", 0, -1);
  move (root, "", "eins", "g", "one", 0, -1);
  assert_names (root, "g", "inner/ one");
  move (root, "g", "one", "", "two", EXP_MOVE_NO_REPLACE, EXP_ERROR_EXISTS);
  move (root, "g", "one", "", "two", EXP_MOVE_EXCHANGE, -1);
  move (root, "g", "two", "", "h", EXP_MOVE_EXCHANGE, EXP_ERROR_NOT_FOUND);
  move (root, "", "two", "", "g", 0, EXP_ERROR_IS_A_GROUP);
  move (root, "", "soft", "g", "soft", 0, -1);
  move (root, "", "external", "g", "one", EXP_MOVE_EXCHANGE, -1);
  assert_names (root, "g", "inner/ one@ soft@");
  move (root, "g", "one", "", "external", EXP_MOVE_EXCHANGE, -1);
  assert_names (root, "g", "inner/ one soft@");
  close_written (written);
  check_python (
      written,
      "assert f['two'][()] == 1 and f['g/one'][()] == 2 and f['g'].get('soft', getlink=True).path == 'x/y' and "
      "f.get('external', getlink=True).filename == 'other.h5' and f.get('external', getlink=True).path == '/z'");
}

/* One name at a time, each as rename(2) has it. */
static void
test_replacing_in (Written *written)
{
  ExpNode *root = written->root;

  move (root, "", "one", "", "g", 0, EXP_ERROR_IS_A_GROUP);
  move (root, "", "g", "", "one", 0, EXP_ERROR_NOT_A_GROUP);
  move (root, "", "empty", "", "g", 0, EXP_ERROR_NOT_EMPTY);
  move (root, "", "g", "", "empty", 0, -1);
  assert_names (root, "empty", "inner/");
  move (root, "", "empty", "empty/inner", "x", 0, EXP_ERROR_INVALID);
  move (root, "", "empty", "empty", "x", 0, EXP_ERROR_INVALID);
  move (root, "empty", "inner", "", "empty", EXP_MOVE_EXCHANGE, EXP_ERROR_INVALID);
  move (root, "", "one", "", "same", 0, -1);
  g_assert_null (exp_node_lookup (root, "x", NULL));
  move (root, "", "one", "", "two", 0, -1);
  move (root, "", "nothing", "", "two", 0, EXP_ERROR_NOT_FOUND);
  move (root, "", "two", "", "x/y", 0, EXP_ERROR_INVALID);
  close_written (written);
  check_python (written, "assert set(f) == {'empty', 'same', 'two'} and f['two'][()] == 1 and f['same'][()] == 1 and "
                         "list(f['empty']) == ['inner']");
}

static void
test_moves (void)
{
  for_each_kind (test_moves_in,
                 "f['one'] = 1; f['two'] = 2; f.create_group('g/inner'); f.create_group('h').create_group('x'); "
                 "f['soft'] = h5py.SoftLink('x/y'); f['external'] = h5py.ExternalLink('other.h5', '/z')",
                 NULL);
}

static void
test_replacing (void)
{
  for_each_kind (test_replacing_in,
                 "f['one'] = 1; f['same'] = f['one']; f['two'] = 2; f.create_group('g/inner'); f.create_group('empty')",
                 NULL);
}

static void
assert_target (ExpNode *root, const char *path, const char *expected)
{
  g_autoptr (ExpNode) node = find (root, path);
  g_auto (ExpInfo) info = { 0 };

  g_assert_true (exp_node_describe (node, &info, NULL));
  g_assert_cmpint (info.kind, ==, EXP_KIND_LINK);
  g_assert_cmpstr (info.target, ==, expected);
}

static void
test_links_in (Written *written)
{
  g_autoptr (ExpNode) inner = find (written->root, "g/inner");
  g_autoptr (ExpNode) data = find (written->root, "data");
  g_autoptr (GError) error = NULL;
  g_auto (ExpInfo) info = { 0 };

  g_assert_true (exp_node_symlink (inner, "up", "../../data", &error));
  g_assert_true (exp_node_symlink (inner, "here", "./x//y", &error));
  g_assert_true (exp_node_symlink (inner, "root", "../..", &error));
  g_assert_true (exp_node_symlink (inner, "absolute", "/g/./inner/../x", &error));
  g_assert_false (exp_node_symlink (inner, "outside", "../../../x", &error));
  g_assert_error (error, EXP_ERROR, EXP_ERROR_UNSUPPORTED);
  g_clear_error (&error);
  g_assert_true (exp_node_link (inner, "hard", data, &error));
  g_assert_false (exp_node_link (inner, "hard", data, &error));
  g_assert_error (error, EXP_ERROR, EXP_ERROR_EXISTS);
  g_clear_error (&error);
  g_assert_false (exp_node_link (inner, "group", inner, &error));
  g_assert_error (error, EXP_ERROR, EXP_ERROR_IS_A_GROUP);
  assert_target (inner, "up", "/data");
  assert_target (inner, "here", "x/y");
  assert_target (inner, "root", "/");
  assert_target (inner, "absolute", "/g/x");
  g_assert_true (exp_node_describe (data, &info, NULL));
  g_assert_cmpuint (info.n_links, ==, 2);
  remove_child (written->root, "", "data", -1);
  exp_info_clear (&info);
  g_assert_true (exp_node_describe (data, &info, NULL));
  g_assert_cmpuint (info.n_links, ==, 1);
  close_written (written);
}

static void
test_links (void)
{
  for_each_kind (test_links_in, "f['data'] = np.arange(5); f.create_group('g/inner')", NULL);
}

/* As with any open file: what was removed can be read by who has it still. */
static void
test_removed_in (Written *written)
{
  g_autoptr (ExpNode) data = find (written->root, "data");
  g_autoptr (GError) error = NULL;

  remove_child (written->root, "", "data", -1);
  for (guint i = 0; i < 20; i++)
    {
      g_autofree char *name = g_strdup_printf ("g%u", i);
      make_group (written->root, "", name);
    }
  g_assert_true (exp_store_commit (written->store, TRUE, &error));
  g_autoptr (ExpArray) array = exp_node_read_all (data, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (array->n_elements, ==, 500);
  for (guint i = 0; i < 500; i++)
    g_assert_cmpint (exp_cell_int (array->dtype, array->data + i * array->dtype->size), ==, i);
}

static void
test_removed (void)
{
  for_each_kind (test_removed_in, "f['data'] = np.arange(500)", NULL);
}

/* One thread adds and removes, others list and look: each listing is one that was there. */
typedef struct
{
  ExpNode *root;
  gint is_done;
} Shared;

static gboolean
check_child (const char *name, ExpNode *child, gpointer data)
{
  g_auto (ExpInfo) info = { 0 };
  g_autoptr (GError) error = NULL;

  exp_node_describe (child, &info, &error);
  g_assert_no_error (error);
  ++*(guint *)data;
  return TRUE;
}

static gpointer
look (gpointer data)
{
  Shared *shared = data;

  while (!g_atomic_int_get (&shared->is_done))
    {
      g_autoptr (GError) error = NULL;
      guint n = 0;

      exp_node_list (shared->root, 0, check_child, &n, &error);
      g_assert_no_error (error);
      g_assert_cmpuint (n, >=, 50);
      g_autoptr (ExpNode) data_node = exp_node_lookup (shared->root, "data", &error);
      g_assert_no_error (error);
      g_autoptr (ExpArray) array = exp_node_read_all (data_node, &error);
      g_assert_no_error (error);
      g_assert_cmpuint (array->n_elements, ==, 100000);
    }
  return NULL;
}

static void
test_threads_in (Written *written)
{
  Shared shared = { written->root, FALSE };
  GThread *threads[3];

  for (guint i = 0; i < 60; i++)
    {
      g_autofree char *name = g_strdup_printf ("first%u", i);
      make_group (written->root, "", name);
    }
  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    threads[i] = g_thread_new ("look", look, &shared);
  for (guint i = 0; i < 300; i++)
    {
      g_autofree char *name = g_strdup_printf ("g%u", i % 10);

      if (i / 10 % 2 == 0)
        make_group (written->root, "", name);
      else
        remove_child (written->root, "", name, -1);
      if (i % 64 == 0)
        g_assert_true (exp_store_commit (written->store, i % 128 == 0, NULL));
    }
  g_atomic_int_set (&shared.is_done, TRUE);
  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    g_thread_join (threads[i]);
}

static void
test_threads (void)
{
  for_each_kind (test_threads_in, "f.create_dataset('data', data=np.arange(100000), chunks=(1000,), compression=1)",
                 NULL);
}

static gboolean
change_within (const char *name, ExpNode *child, gpointer data)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (exp_node_create_group (data, "within", &error));
  g_assert_error (error, EXP_ERROR, EXP_ERROR_FAILED);
  return FALSE;
}

static void
test_change_within (void)
{
  Written written;

  if (!has_h5py ())
    return g_test_skip ("no h5py");
  make_written (&written, "", "f.create_group('g')");
  open_written (&written, NULL);
  g_assert_true (exp_node_list (written.root, 0, change_within, written.root, NULL));
  remove_written (&written);
}

static void
assert_refused (const char *arguments, const char *code, int expected)
{
  Written written;
  g_autoptr (GError) error = NULL;

  make_written (&written, arguments, code);
  g_assert_null (exp_store_open (written.path, &(ExpStoreOptions){ .is_writable = TRUE, .format = "hdf5" }, &error));
  g_assert_error (error, EXP_ERROR, expected);
  remove_written (&written);
}

static void
test_refused (void)
{
  if (!has_h5py ())
    return g_test_skip ("no h5py");
  assert_refused ("libver='latest'", "f.swmr_mode = True; f.flush(); import os; os._exit(0)", EXP_ERROR_BUSY);
  assert_refused ("libver='latest'", "f.flush(); import os; os._exit(0)", EXP_ERROR_BUSY);
}

static void
test_unchanged_in (Written *written)
{
  g_autofree char *before = NULL, *after = NULL;
  gsize size_before, size_after;

  g_assert_true (g_file_get_contents (written->path, &before, &size_before, NULL));
  assert_names (written->root, "", "data");
  g_assert_true (exp_store_commit (written->store, TRUE, NULL));
  close_written (written);
  g_assert_true (g_file_get_contents (written->path, &after, &size_after, NULL));
  /* What a file knew of its free space it knows no longer. */
  if (strstr (written->kind, "free space") == NULL)
    g_assert_cmpmem (after, size_after, before, size_before);
}

static void
test_unchanged (void)
{
  for_each_kind (test_unchanged_in, "f['data'] = 1", "assert f['data'][()] == 1");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/hdf5-write/groups-are-made-and-removed", test_groups);
  g_test_add_func ("/hdf5-write/many-groups-are-made-and-removed", test_many_groups);
  g_test_add_func ("/hdf5-write/nodes-move-and-exchange", test_moves);
  g_test_add_func ("/hdf5-write/nodes-replace-what-rename-lets-them", test_replacing);
  g_test_add_func ("/hdf5-write/links-are-made", test_links);
  g_test_add_func ("/hdf5-write/removed-objects-live-on-in-their-nodes", test_removed);
  g_test_add_func ("/hdf5-write/readers-see-whole-groups-while-others-change-them", test_threads);
  g_test_add_func ("/hdf5-write/a-change-within-a-listing-is-refused", test_change_within);
  g_test_add_func ("/hdf5-write/files-of-other-writers-are-refused", test_refused);
  g_test_add_func ("/hdf5-write/a-file-in-which-nothing-changes-stays-as-it-is", test_unchanged);
  return g_test_run ();
}
