/* Trees are copied whole, within HDF5 files and from one to another, and what is copied can be damaged. */
#include "expfs/memory_node.h"
#include "written.h"

#define SOURCE                                                                                                         \
  "g = f.create_group('from/inner'); g.attrs['unit'] = 'mV'; f['from'].attrs['n'] = np.arange(3); "                    \
  "g.create_dataset('packed', data=np.arange(30000), chunks=(1000,), compression=4, shuffle=True); "                   \
  "g.create_dataset('text', data=['a', 'bcd'], dtype=h5py.string_dtype()); f['from/plain'] = 2.5; "                    \
  "f['from/same'] = f['from/plain']; f['from/link'] = h5py.SoftLink('/from/plain'); f.create_group('to')"

#define IS_COPY                                                                                                        \
  "assert g['inner'].attrs['unit'] == 'mV' and list(g.attrs['n']) == [0, 1, 2]; "                                      \
  "assert (g['inner/packed'][()] == np.arange(30000)).all() and g['inner/packed'].compression == 'gzip'; "             \
  "assert list(g['inner/text'].asstr()[()]) == ['a', 'bcd'] and g['plain'][()] == 2.5; "                               \
  "assert g['same'] == g['plain'] and g['plain'] != f['from/plain']; "                                                 \
  "assert g.get('link', getlink=True).path == '/from/plain'"

static void
copy (ExpNode *root, const char *to, const char *name, ExpNode *source, int code)
{
  g_autoptr (ExpNode) parent = find (root, to);
  g_autoptr (GError) error = NULL;
  gboolean is_copied = exp_node_copy (parent, name, source, &error);

  if (code < 0)
    g_assert_no_error (error);
  else
    g_assert_error (error, EXP_ERROR, code);
  g_assert_cmpint (is_copied, ==, code < 0);
}

static void
test_within_in (Written *written)
{
  g_autoptr (ExpNode) source = find (written->root, "from");
  g_autoptr (ExpNode) plain = find (written->root, "from/plain");
  g_autoptr (ExpNode) elsewhere = exp_memory_group_new (NULL);

  copy (written->root, "to", "copy", source, -1);
  copy (written->root, "to", "copy", source, EXP_ERROR_EXISTS);
  copy (written->root, "to", "x/y", source, EXP_ERROR_INVALID);
  copy (written->root, "from/plain", "x", source, EXP_ERROR_NOT_A_GROUP);
  copy (written->root, "to", "x", elsewhere, EXP_ERROR_UNSUPPORTED);
  copy (written->root, "to", "value", plain, -1);
  copy (written->root, "from/inner", "deep", source, -1);
}

static void
test_within (void)
{
  for_each_kind (test_within_in, SOURCE,
                 "g = f['to/copy']; " IS_COPY "; assert f['to/value'][()] == 2.5; "
                 "g = f['from/inner/deep']; " IS_COPY "; assert 'deep' not in g['inner']");
}

/* What was written just before is what is copied, as are copies themselves. */
static void
test_changed_in (Written *written)
{
  guint64 n = 5;
  ExpSlab slab = { .rank = 1, .count = { n }, .step = { 1 } };
  g_autoptr (ExpNode) to = find (written->root, "to");
  g_autoptr (ExpNode) source = find (written->root, "from");
  g_autoptr (ExpNode) made = make_ints (source, "made", TRUE, 1, &n);
  g_autoptr (GError) error = NULL;

  g_assert_true (write_ints (made, &slab, 7, &error));
  for (guint i = 0; i < 20; i++)
    {
      g_autofree char *name = g_strdup_printf ("copy%u", i);

      g_assert_true (write_ints (made, &slab, (gint32)i, &error));
      copy (written->root, "to", name, source, -1);
    }
  g_autoptr (ExpNode) last = find (written->root, "to/copy19");
  copy (written->root, "to", "again", last, -1);
  g_assert_true (exp_node_remove (source, "made", &error));
  g_autoptr (ExpNode) value = find (written->root, "to/again/made");
  g_assert_cmpint (sum_of (value), ==, 19 * 5 + 10);
}

static void
test_changed (void)
{
  for_each_kind (test_changed_in, SOURCE,
                 "g = f['to/again']; " IS_COPY "; "
                 "assert all((f[f'to/copy{i}/made'][()] == np.arange(i, i + 5)).all() for i in range(20)); "
                 "assert 'made' not in f['from']");
}

static gboolean
count_child (const char *name, ExpNode *child, gpointer n)
{
  (*(guint *)n)++;
  return TRUE;
}

static guint
n_children (ExpNode *root, const char *path)
{
  g_autoptr (ExpNode) node = find (root, path);
  g_autoptr (GError) error = NULL;
  g_auto (ExpInfo) info = { 0 };
  guint n = 0;

  g_assert_true (exp_node_describe (node, &info, &error));
  g_assert_true (exp_node_list (node, 0, count_child, &n, &error));
  return n;
}

/* A copy can be read and changed at once, and so can what it was made of. */
static void
test_at_once_in (Written *written)
{
  guint64 n = 5;
  ExpSlab slab = { .rank = 1, .count = { n }, .step = { 1 } };
  g_autoptr (ExpNode) to = find (written->root, "to");
  g_autoptr (ExpNode) source = find (written->root, "from");
  g_autoptr (ExpNode) made = make_ints (source, "made", TRUE, 1, &n);
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < 12; i++)
    {
      g_autofree char *name = g_strdup_printf ("copy%u", i), *value = g_strconcat ("to/", name, "/made", NULL);
      g_autofree char *group = g_strconcat ("to/", name, NULL), *plain = g_strconcat (group, "/inner", NULL);

      g_assert_true (write_ints (made, &slab, (gint32)i, &error));
      copy (written->root, "to", name, source, -1);
      g_assert_cmpuint (n_children (written->root, i % 3 == 0 ? group : "to"), ==, i % 3 == 0 ? 5 : i + 1);
      g_assert_cmpuint (n_children (written->root, plain), ==, 2);
      g_autoptr (ExpNode) copied = find (written->root, value);
      g_assert_cmpint (sum_of (i % 2 == 0 ? copied : made), ==, 5 * i + 10);
      g_assert_true (write_ints (copied, &slab, 100, &error));
      g_assert_cmpint (sum_of (made), ==, 5 * i + 10);
      g_assert_cmpint (sum_of (copied), ==, 510);
    }
  g_assert_cmpuint (n_children (written->root, "to"), ==, 12);
}

static void
test_at_once (void)
{
  for_each_kind (test_at_once_in, SOURCE,
                 "assert all((f[f'to/copy{i}/made'][()] == np.arange(100, 105)).all() for i in range(12)); "
                 "g = f['to/copy3']; " IS_COPY);
}

/* A store beside it, open for reading only. */
static ExpStore *
open_other (Written *other, const char *code)
{
  ExpStoreOptions options = { .format = "hdf5" };
  g_autoptr (GError) error = NULL;

  make_written (other, "", code);
  ExpStore *store = exp_store_open (other->path, &options, &error);
  g_assert_no_error (error);
  return store;
}

static void
test_between_in (Written *written)
{
  Written other;
  g_autoptr (ExpStore) store = open_other (&other, SOURCE);
  g_autoptr (ExpNode) source = find (exp_store_get_root (store), "from");

  copy (written->root, "", "copy", source, -1);
  g_autoptr (ExpNode) inside = find (written->root, "copy/inner/packed");
  g_assert_cmpint (sum_of (inside), ==, G_GINT64_CONSTANT (30000) * 29999 / 2);
  remove_written (&other);
}

static void
test_between (void)
{
  for_each_kind (test_between_in, "f['from/plain'] = 1", "g = f['copy']; " IS_COPY);
}

/* A group that lies within itself is not copied for ever, and one whose tree is damaged not at all. */
static void
test_hostile_in (Written *written)
{
  Written other;
  g_autoptr (ExpStore) store
      = open_other (&other, "g = f.create_group('from/inner'); g['again'] = f['from']; "
                            "f['from'].create_dataset('d', data=np.arange(100), chunks=(1,)); f.close(); "
                            "b = open(sys.argv[1], 'r+b'); i = b.read().index(b'TREE\\x01'); b.seek(i + 4); "
                            "b.write(b'\\x00'); b.close()");
  g_autoptr (ExpNode) source = find (exp_store_get_root (store), "from");
  g_autoptr (ExpNode) inner = find (exp_store_get_root (store), "from/inner");

  copy (written->root, "", "copy", source, EXP_ERROR_DAMAGED);
  copy (written->root, "", "copy", inner, EXP_ERROR_DAMAGED);
  g_autoptr (GError) error = NULL;
  g_autoptr (ExpNode) none = exp_node_lookup (written->root, "copy", &error);
  g_assert_error (error, EXP_ERROR, EXP_ERROR_NOT_FOUND);
  remove_written (&other);
}

static void
test_hostile (void)
{
  for_each_kind (test_hostile_in, NULL, "assert list(f) == []");
}

static void
test_circle_in (Written *written)
{
  Written other;
  g_autoptr (ExpStore) store = open_other (&other, "g = f.create_group('from/inner'); g['again'] = f['from']");
  g_autoptr (ExpNode) source = find (exp_store_get_root (store), "from");

  copy (written->root, "", "copy", source, -1);
  remove_written (&other);
}

static void
test_circle (void)
{
  for_each_kind (test_circle_in, NULL, "assert f['copy/inner/again'] == f['copy']");
}

/* H5Ocopy of HDF5 1.10 stumbles over what was deleted before. */
static void
test_deleted_in (Written *written)
{
  g_autoptr (ExpNode) source = find (written->root, "from");
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < 30; i++)
    {
      g_autofree char *first = g_strdup_printf ("first%u", i), *second = g_strdup_printf ("second%u", i);

      copy (written->root, "to", first, source, -1);
      g_autoptr (ExpNode) made = find (written->root, "to");
      g_autoptr (ExpNode) inside = exp_node_lookup (made, first, &error);
      g_assert_no_error (error);
      g_assert_true (exp_node_remove_tree (inside, i % 2 == 0 ? "plain" : "inner", &error));
      copy (written->root, "to", second, source, -1);
    }
  copy (written->root, "", "circle", source, -1);
}

static void
test_deleted (void)
{
  for_each_kind (test_deleted_in, SOURCE,
                 "for g in [f[f'to/second{i}'] for i in range(30)] + [f['circle']]:\n    " IS_COPY);
}

/* What is held of it lives on until it is let go. */
static void
test_removal_in (Written *written)
{
  g_autoptr (ExpNode) packed = find (written->root, "from/inner/packed");
  g_autoptr (ExpNode) inner = find (written->root, "from/inner");
  g_autoptr (ExpNode) to = find (written->root, "to");
  g_autoptr (ExpNode) plain = find (written->root, "from/plain");
  g_autoptr (GError) error = NULL;

  g_assert_true (exp_node_link (to, "kept", plain, &error));
  g_assert_true (exp_node_remove_tree (written->root, "from", &error));
  g_assert_no_error (error);
  g_assert_null (exp_node_lookup (written->root, "from", NULL));
  g_assert_cmpint (sum_of (packed), ==, G_GINT64_CONSTANT (30000) * 29999 / 2);
  g_assert_true (exp_node_remove_tree (to, "kept", &error));
  g_assert_no_error (error);
  g_assert_false (exp_node_remove_tree (to, "kept", &error));
  g_assert_error (error, EXP_ERROR, EXP_ERROR_NOT_FOUND);
}

static void
test_removal (void)
{
  for_each_kind (test_removal_in, SOURCE, "assert list (f) == ['to'] and len (f['to']) == 0");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/hdf5-write-copy/a-tree-is-copied-within-its-file", test_within);
  g_test_add_func ("/hdf5-write-copy/what-was-just-written-is-copied", test_changed);
  g_test_add_func ("/hdf5-write-copy/copies-are-read-and-changed-at-once", test_at_once);
  g_test_add_func ("/hdf5-write-copy/a-tree-is-copied-from-another-file", test_between);
  g_test_add_func ("/hdf5-write-copy/a-damaged-tree-is-not-copied", test_hostile);
  g_test_add_func ("/hdf5-write-copy/a-group-within-itself-is-copied-once", test_circle);
  g_test_add_func ("/hdf5-write-copy/trees-are-copied-where-others-were-deleted", test_deleted);
  g_test_add_func ("/hdf5-write-copy/a-tree-is-removed-at-once", test_removal);
  return g_test_run ();
}
