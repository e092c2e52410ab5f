/* What a file holds is read right after changes to other objects and to the same one, whether or not the library has
 * brought its changes to where our own readers look. */
#include "core/format/hdf5/changes.h"
#include "core/format/hdf5/object.h"
#include "written.h"

#define N_ROUNDS  200
#define N_READERS 3

static void
put_value (ExpNode *node, const char *name, ExpArray *value)
{
  g_autoptr (ExpArray) owned = value;
  g_autoptr (GError) error = NULL;

  g_assert_true (exp_node_write_attribute (node, name, owned, &error));
  g_assert_no_error (error);
}

static gint64
number_of (ExpNode *node, const char *name)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (ExpArray) array = exp_node_read_attribute (node, name, &error);
  gint64 value = -1;

  g_assert_no_error (error);
  g_assert_true (exp_array_get_int (array, &value));
  return value;
}

static void
assert_text (ExpNode *node, const char *name, const char *expected)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (ExpArray) array = exp_node_read_attribute (node, name, &error);

  g_assert_no_error (error);
  g_autofree char *text = exp_array_dup_text (array);
  g_assert_cmpstr (text, ==, expected);
}

static gboolean
count_child (const char *name, ExpNode *child, gpointer data)
{
  ++*(guint *)data;
  return TRUE;
}

static guint
count (ExpNode *group)
{
  g_autoptr (GError) error = NULL;
  guint n = 0;

  g_assert_true (exp_node_list (group, 0, count_child, &n, &error));
  g_assert_no_error (error);
  return n;
}

static ExpNode *
make_group (ExpNode *parent, const char *name)
{
  g_autoptr (GError) error = NULL;
  ExpNode *made = exp_node_create_group (parent, name, &error);

  g_assert_no_error (error);
  return made;
}

static gint
n_settled (ExpNode *node)
{
  return exp_hdf5_generation (((ExpHdf5Object *)exp_node_unwrap (node))->file);
}

static void
assert_missing (ExpNode *node, const char *name)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (ExpArray) none = exp_node_read_attribute (node, name, &error);

  g_assert_error (error, EXP_ERROR, EXP_ERROR_NOT_FOUND);
}

/* --- one hand ----------------------------------------------------------------------------------------------- */

/* As a run of a sweep has it: what was there is read, and what was just made is looked at and gets attributes. */
static void
test_sweep_in (Written *written)
{
  g_autoptr (ExpNode) table = find (written->root, "table");
  g_autoptr (ExpNode) there = find (written->root, "there");
  g_autoptr (ExpNode) results = make_group (written->root, "results");
  g_autoptr (GError) error = NULL;
  gint settled = n_settled (written->root);

  for (gint i = 0; i < 50; i++)
    {
      g_autofree char *name = g_strdup_printf ("run%d", i);
      g_autoptr (ExpNode) run = make_group (results, name);
      g_autoptr (ExpNode) value = make_ints (run, "z", FALSE, 0, NULL);
      ExpSlab all = { .rank = 0 }, row = { .rank = 1, .start = { i }, .count = { 1 }, .step = { 1 } };

      put_value (run, "n", exp_array_new_int (i));
      put_value (value, "kind", exp_array_new_text ("ARRAY"));
      g_assert_true (write_ints (value, &all, i, &error));
      g_assert_true (write_ints (table, &row, 1000 + i, &error));
      g_assert_cmpint (number_of (run, "n"), ==, i);
      assert_missing (run, "m");
      g_assert_cmpint (number_of (table, "n"), ==, 7);
      g_assert_cmpint (number_of (there, "n"), ==, 8);
      g_assert_cmpint (sum_of (value), ==, i);
      g_assert_cmpuint (count (run), ==, 1);
      g_assert_cmpuint (count (there), ==, 2);
    }
  g_assert_cmpint (n_settled (written->root), ==, settled);
  g_assert_cmpint (sum_of (table), ==, 50 * 1000 + 49 * 50 / 2);
  g_assert_cmpuint (count (results), ==, 50);
}

static void
test_sweep (void)
{
  for_each_kind (test_sweep_in,
                 "t = f.create_dataset('table', (50,), 'i4', chunks=(16,)); t.attrs['n'] = 7; t[:] = 0; "
                 "g = f.create_group('there'); g.attrs['n'] = 8; g['a'] = 1; g['b'] = 2",
                 "assert len(f['results']) == 50 and all(f[f'results/run{i}/z'][()] == i for i in range(50)) and "
                 "(f['table'][:] == np.arange(1000, 1050)).all() and f['table'].attrs['n'] == 7");
}

/* Attributes that outgrow their header, one after the other, beside ones that stay as they are. */
static void
test_headers_in (Written *written)
{
  g_autoptr (ExpNode) a = find (written->root, "a");
  g_autoptr (ExpNode) b = find (written->root, "b");
  g_autoptr (ExpNode) text = find (written->root, "text");

  for (gint i = 0; i < 40; i++)
    {
      g_autofree char *name = g_strdup_printf ("x%d", i), *long_text = g_strnfill (i * 40, 'x');
      ExpNode *changed = i % 3 == 0 ? a : b, *other = i % 3 == 0 ? b : a;

      put_value (changed, name, exp_array_new_text (long_text));
      if (i % 5 == 0)
        assert_text (changed, name, long_text);
      g_assert_cmpint (number_of (other, "n"), ==, other == a ? 1 : 2);
      assert_missing (other, name);
      assert_text (text, "words", "of variable length");
      g_assert_cmpint (number_of (changed, "n"), ==, changed == a ? 1 : 2);
    }
}

static void
test_headers (void)
{
  for_each_kind (test_headers_in,
                 "f['a'] = 1; f['a'].attrs['n'] = 1; f.create_group('b').attrs['n'] = 2; "
                 "f.create_group('text').attrs['words'] = 'of variable length'",
                 "assert len(f['a'].attrs) == 15 and len(f['b'].attrs) == 27");
}

/* The cells of variable length, and what references lead to, lie outside of what was changed or was not. */
static void
test_cells_beyond_in (Written *written)
{
  g_autoptr (ExpNode) words = find (written->root, "words");
  g_autoptr (ExpNode) reference = find (written->root, "reference");
  g_autoptr (ExpNode) target = find (written->root, "group/target");
  g_autoptr (ExpNode) group = find (written->root, "group");
  g_autoptr (GError) error = NULL;

  put_value (target, "n", exp_array_new_int (3));
  g_assert_true (exp_node_move (group, "target", written->root, "moved", 0, &error));
  g_assert_cmpint (number_of (target, "n"), ==, 3);
  assert_missing (target, "m");
  g_autoptr (ExpArray) path = exp_node_read_all (reference, &error);
  g_assert_no_error (error);
  g_autofree char *shown = exp_array_dup_text (path);
  g_assert_cmpstr (shown, ==, "/moved");

  const ExpSlab second = { .rank = 1, .start = { 1 }, .count = { 1 }, .step = { 1 } };
  const char *text = "longer than it was";
  g_autoptr (ExpArray) one = exp_array_new_texts (1, &text);
  g_assert_true (exp_node_write (words, &second, one, &error));
  g_assert_no_error (error);
  g_autoptr (ExpArray) all = exp_node_read_all (words, &error);
  g_assert_no_error (error);
  const ExpVlen *cells = (const ExpVlen *)(const void *)all->data;
  g_assert_cmpmem (cells[0].data, cells[0].length, "one", 3);
  g_assert_cmpmem (cells[1].data, cells[1].length, text, strlen (text));
  g_assert_cmpmem (cells[2].data, cells[2].length, "three", 5);
}

static void
test_cells_beyond (void)
{
  for_each_kind (test_cells_beyond_in,
                 "f['words'] = ['one', 'two', 'three']; f['group/target'] = 1; "
                 "f['reference'] = f['group/target'].ref",
                 "assert f['words'].asstr()[1] == 'longer than it was' and f[f['reference'][()]].name == '/moved'");
}

/* --- several hands ------------------------------------------------------------------------------------------ */

typedef struct
{
  ExpNode *root;
  gint has_ended; /* atomic */
} Readers;

/* A number that only grows is never read as one that it was before, nor as none. */
static gpointer
read_on (gpointer data)
{
  Readers *self = data;
  g_autoptr (ExpNode) changing = find (self->root, "changing");
  g_autoptr (ExpNode) still = find (self->root, "still");
  gint64 seen = 0;

  while (!g_atomic_int_get (&self->has_ended))
    {
      gint64 now = number_of (changing, "n");
      g_auto (ExpInfo) info = { 0 };

      g_assert_cmpint (now, >=, seen);
      seen = now;
      g_assert_cmpint (number_of (still, "n"), ==, 8);
      g_assert_cmpint (sum_of (still), ==, 45);
      g_assert_true (exp_node_describe (changing, &info, NULL));
      g_assert_cmpuint (count (changing), >=, seen);
      g_usleep (100); /* or changes would hardly get their turn */
    }
  return NULL;
}

static void
test_readers_in (Written *written)
{
  g_autoptr (ExpNode) changing = find (written->root, "changing");
  Readers readers = { .root = written->root };
  GThread *threads[N_READERS];
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < N_READERS; i++)
    threads[i] = g_thread_new ("reader", read_on, &readers);
  for (gint i = 1; i <= N_ROUNDS; i++)
    {
      g_autofree char *name = g_strdup_printf ("g%d", i);
      g_autoptr (ExpNode) made = make_group (changing, name);

      put_value (changing, "n", exp_array_new_int (i));
      if (i % 50 == 0)
        g_assert_true (exp_store_commit (written->store, FALSE, &error));
      g_assert_no_error (error);
    }
  g_atomic_int_set (&readers.has_ended, TRUE);
  for (guint i = 0; i < N_READERS; i++)
    g_thread_join (threads[i]);
}

static void
test_readers (void)
{
  for_each_kind (test_readers_in,
                 "f.create_group('changing').attrs['n'] = np.int64(0); "
                 "f.create_dataset('still', data=np.arange(10, dtype='i4'), chunks=(3,)).attrs['n'] = 8",
                 "assert len(f['changing']) == 200 and f['changing'].attrs['n'] == 200");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/hdf5-unsettled/a-sweep-reads-what-it-made-without-having-it-settled", test_sweep);
  g_test_add_func ("/hdf5-unsettled/headers-that-grow-and-those-beside-them-are-read", test_headers);
  g_test_add_func ("/hdf5-unsettled/cells-and-names-beyond-an-object-are-the-newest", test_cells_beyond);
  g_test_add_func ("/hdf5-unsettled/readers-beside-changes-see-nothing-old", test_readers);
  return g_test_run ();
}
