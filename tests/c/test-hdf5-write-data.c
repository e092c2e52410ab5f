/* Elements, shapes and attributes of HDF5 datasets change as they are told, and what cannot be is refused and changes
 * nothing. */
#include "written.h"

/* --- elements ----------------------------------------------------------------------------------------------- */

static void
write_slabs (Written *written, const char *name, gboolean is_extensible)
{
  const guint64 shape[] = { 60, 50 };
  g_autoptr (ExpNode) node = make_ints (written->root, name, is_extensible, 2, shape);
  g_autofree gint32 *model = g_new0 (gint32, 60 * 50);
  g_autoptr (GError) error = NULL;

  for (guint round = 0; round < 40; round++)
    {
      ExpSlab slab = { .rank = 2 };
      gint32 first = g_test_rand_int_range (0, 1000000);

      for (guint i = 0; i < 2; i++)
        {
          slab.step[i] = g_test_rand_int_range (1, 4);
          slab.start[i] = g_test_rand_int_range (0, shape[i]);
          slab.count[i] = 1 + g_test_rand_int_range (0, (shape[i] - 1 - slab.start[i]) / slab.step[i] + 1);
        }
      write_ints (node, &slab, first, &error);
      g_assert_no_error (error);
      for (guint i = 0, n = 0; i < slab.count[0]; i++)
        for (guint k = 0; k < slab.count[1]; k++)
          model[(slab.start[0] + i * slab.step[0]) * 50 + slab.start[1] + k * slab.step[1]] = first + n++;
      if (round % 4 == 0)
        {
          g_autoptr (ExpArray) array = exp_node_read_all (node, &error);
          g_assert_cmpmem (array->data, 60 * 50 * 4, model, 60 * 50 * 4);
        }
      if (round % 10 == 0)
        g_assert_true (exp_store_commit (written->store, round % 20 == 0, NULL));
    }
}

static void
test_slabs_in (Written *written)
{
  write_slabs (written, "contiguous", FALSE);
  write_slabs (written, "chunked", TRUE);
}

static void
test_slabs (void)
{
  for_each_kind (test_slabs_in, NULL, "assert f['contiguous'].chunks is None and f['chunked'].maxshape == (None, 50)");
}

static void
assert_not_written (ExpNode *root, const char *path, const ExpSlab *slab, const ExpArray *array, int code)
{
  g_autoptr (ExpNode) node = find (root, path);
  g_autoptr (GError) error = NULL;

  g_assert_false (exp_node_write (node, slab, array, &error));
  g_assert_error (error, EXP_ERROR, code);
}

static void
test_refused_writes_in (Written *written)
{
  const guint64 three[] = { 3 };
  const ExpSlab all = { 1, { 0 }, { 3 }, { 1 } }, outside = { 1, { 3 }, { 3 }, { 1 } }, scalar = { 0 };
  g_autoptr (ExpArray) ints = new_ints (1, three, 1);
  g_autoptr (ExpArray) texts = exp_array_new_texts (3, (const char *const[]){ "a", "b", "c" });
  g_autoptr (ExpArray) wide = exp_array_new_float (1.5);
  g_autoptr (ExpArray) number = exp_array_new_int (5);

  assert_not_written (written->root, "ints", &outside, ints, EXP_ERROR_INVALID);
  assert_not_written (written->root, "ints", &scalar, number, EXP_ERROR_INVALID);
  assert_not_written (written->root, "ints", &all, texts, EXP_ERROR_UNSUPPORTED);
  assert_not_written (written->root, "texts", &all, ints, EXP_ERROR_UNSUPPORTED);
  assert_not_written (written->root, "float", &scalar, wide, EXP_ERROR_UNSUPPORTED);
  assert_not_written (written->root, "references", &all, texts, EXP_ERROR_UNSUPPORTED);
  assert_not_written (written->root, "external", &all, ints, EXP_ERROR_UNSUPPORTED);
  ((ExpVlen *)texts->data)[1] = (ExpVlen){ 3, "a\0b" };
  assert_not_written (written->root, "texts", &all, texts, EXP_ERROR_INVALID);
  close_written (written);
  check_python (
      written,
      "assert list(f['ints']) == [0, 1, 2] and f['float'][()] == 2.5 and list(f['texts'].asstr()) == ['x', 'y', 'z']");
}

static void
test_refused_writes (void)
{
  for_each_kind (test_refused_writes_in,
                 "f['ints'] = np.arange(3, dtype='i4'); f['float'] = np.float32(2.5); f['texts'] = ['x', 'y', 'z']; "
                 "f['references'] = np.array([f.ref] * 3, h5py.ref_dtype); f.create_dataset('external', (3,), 'i4', "
                 "external=[('x.raw', 0, 12)])",
                 NULL);
}

/* --- shapes ------------------------------------------------------------------------------------------------- */

static void
test_resize_in (Written *written)
{
  const guint64 start[] = { 0, 3 };
  g_autoptr (ExpNode) node = make_ints (written->root, "rows", TRUE, 2, start);
  g_autoptr (ExpNode) fixed = find (written->root, "fixed");
  g_autoptr (GError) error = NULL;
  gint64 sum = 0;

  for (guint i = 0; i < 300; i++)
    {
      const guint64 shape[] = { i + 1, 3 };
      const ExpSlab row = { 2, { i, 0 }, { 1, 3 }, { 1, 1 } };

      g_assert_true (exp_node_resize (node, 2, shape, &error));
      g_assert_true (write_ints (node, &row, i, &error));
      sum += 3 * i + 3;
      if (i % 50 == 0)
        g_assert_cmpint (sum_of (node), ==, sum);
    }
  g_assert_true (exp_node_resize (node, 2, (const guint64[]){ 100, 3 }, &error));
  g_assert_true (exp_node_resize (node, 2, (const guint64[]){ 200, 3 }, &error));
  g_assert_cmpint (sum_of (node), ==, 3 * 100 * 99 / 2 + 300);
  g_assert_false (exp_node_resize (node, 2, (const guint64[]){ 200, 4 }, &error));
  g_assert_error (error, EXP_ERROR, EXP_ERROR_UNSUPPORTED);
  g_clear_error (&error);
  g_assert_false (exp_node_resize (node, 1, (const guint64[]){ 200 }, &error));
  g_assert_error (error, EXP_ERROR, EXP_ERROR_INVALID);
  g_clear_error (&error);
  g_assert_false (exp_node_resize (node, 2, (const guint64[]){ G_MAXUINT64 / 8, 3 }, &error));
  g_assert_error (error, EXP_ERROR, EXP_ERROR_TOO_LARGE);
  g_clear_error (&error);
  g_assert_true (exp_node_resize (fixed, 1, (const guint64[]){ 4 }, &error));
  g_assert_false (exp_node_resize (fixed, 1, (const guint64[]){ 5 }, &error));
  g_assert_error (error, EXP_ERROR, EXP_ERROR_UNSUPPORTED);
}

static void
test_resize (void)
{
  for_each_kind (test_resize_in, "f['fixed'] = np.arange(4)",
                 "assert f['rows'].shape == (200, 3) and f['rows'][99, 2] == 101 and not f['rows'][100:].any()");
}

/* --- in the place of others --------------------------------------------------------------------------------- */

static void
test_replace_in (Written *written)
{
  g_autoptr (ExpNode) group = find (written->root, "g");
  g_autoptr (ExpDtype) floats = exp_dtype_new_number (EXP_TYPE_FLOAT, 8, FALSE);
  g_autoptr (ExpDtype) ints = exp_dtype_new_number (EXP_TYPE_INT, 8, FALSE);
  g_autoptr (GError) error = NULL;
  ExpNewDataset dataset = { .dtype = floats, .rank = 1, .shape = { 2 } };

  g_autoptr (ExpNode) made = exp_node_replace_dataset (group, "data", &dataset, &error);
  g_assert_no_error (error);
  g_autoptr (ExpArray) unit = exp_node_read_attribute (made, "unit", &error);
  g_assert_no_error (error);
  g_autofree char *text = exp_array_dup_text (unit);
  g_assert_cmpstr (text, ==, "mV");
  g_assert_cmpint (sum_of (made), ==, 0);

  dataset = (ExpNewDataset){ .dtype = ints, .rank = 1, .shape = { 7 }, .is_extensible = TRUE, .keeps_rows = TRUE };
  g_autoptr (ExpNode) longer = exp_node_replace_dataset (group, "rows", &dataset, &error);
  g_assert_no_error (error);
  g_assert_cmpint (sum_of (longer), ==, 10);
  g_assert_null (exp_node_replace_dataset (group, "linked", &dataset, &error));
  g_assert_error (error, EXP_ERROR, EXP_ERROR_UNSUPPORTED);
  g_clear_error (&error);
  g_assert_null (exp_node_replace_dataset (written->root, "g", &dataset, &error));
  g_assert_error (error, EXP_ERROR, EXP_ERROR_IS_A_GROUP);
  g_clear_error (&error);
  g_assert_null (exp_node_replace_dataset (group, "nothing", &dataset, &error));
  g_assert_error (error, EXP_ERROR, EXP_ERROR_NOT_FOUND);
}

static void
test_replace (void)
{
  for_each_kind (test_replace_in,
                 "g = f.create_group('g'); d = g.create_dataset('data', data=np.arange(5)); "
                 "d.attrs['unit'] = 'mV'; d.attrs['n'] = [1, 2, 3]; d.attrs['to'] = g.ref; "
                 "d.attrs['names'] = ['a', 'bb']; g['rows'] = np.arange(5); g['linked'] = [1]; "
                 "f['other'] = g['linked']",
                 NULL);
}

/* --- attributes --------------------------------------------------------------------------------------------- */

static void
test_attributes_in (Written *written)
{
  g_autoptr (ExpNode) data = find (written->root, "data");
  g_autoptr (ExpArray) number = exp_array_new_int (5);
  g_autoptr (ExpArray) text = exp_array_new_text ("d\303\251j\303\240");
  g_autoptr (ExpArray) null = exp_array_new_int (0);
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < 40; i++) /* more than fit into a header */
    {
      g_autofree char *name = g_strdup_printf ("a%u", i);

      exp_node_write_attribute (data, name, i % 2 ? number : text, &error);
      g_assert_no_error (error);
      g_autoptr (ExpArray) read = exp_node_read_attribute (data, name, &error);
      g_assert_no_error (error);
    }
  g_assert_true (exp_node_write_attribute (data, "a0", number, &error));
  g_assert_true (exp_node_write_attribute (data, "old", text, &error));
  null->n_elements = 0;
  g_assert_true (exp_node_write_attribute (data, "null", null, &error));
  g_assert_true (exp_node_remove_attribute (data, "a1", &error));
  g_assert_false (exp_node_remove_attribute (data, "a1", &error));
  g_assert_error (error, EXP_ERROR, EXP_ERROR_NOT_FOUND);
  g_clear_error (&error);
  g_assert_false (exp_node_write_attribute (data, "", number, &error));
  g_assert_error (error, EXP_ERROR, EXP_ERROR_INVALID);
  g_auto (GStrv) names = exp_node_list_attributes (data, NULL);
  g_assert_cmpuint (g_strv_length (names), ==, 41);
}

static void
test_attributes (void)
{
  for_each_kind (test_attributes_in, "f['data'] = 1; f['data'].attrs['old'] = np.arange(100)",
                 "a = f['data'].attrs; assert a['a0'] == 5 and a['old'] == 'd\u00e9j\u00e0' and len(a) == 41 "
                 "and isinstance(a['null'], h5py.Empty) and a['a2'] == 'd\u00e9j\u00e0' and 'a1' not in a");
}

/* As large as the file's format can hold; the old value stays where it cannot. */
static void
test_large_attributes_in (Written *written)
{
  const guint64 shape[] = { 100000 };
  g_autoptr (ExpNode) data = find (written->root, "data");
  g_autoptr (ExpArray) large = new_ints (1, shape, 0);
  g_autoptr (GError) error = NULL;

  if (exp_node_write_attribute (data, "large", large, &error))
    {
      g_autoptr (ExpArray) read = exp_node_read_attribute (data, "large", &error);

      g_assert_no_error (error);
      g_assert_cmpmem (read->data, 400000, large->data, 400000);
      return;
    }
  g_assert_error (error, EXP_ERROR, EXP_ERROR_TOO_LARGE);
  g_assert_nonnull (strstr (error->message, "64 KiB"));
}

static void
test_large_attributes (void)
{
  for_each_kind (test_large_attributes_in, "f['data'] = 1; f['data'].attrs['large'] = 'small'",
                 "a = f['data'].attrs; old = h5py.h5o.get_info(f['data'].id).hdr.version < 2; assert len(a) == 1 and "
                 "(a['large'] == 'small' if old else (a['large'] == np.arange(100000)).all())");
}

/* --- many hands --------------------------------------------------------------------------------------------- */

enum
{
  N_WRITERS = 3,
  N_ROWS = 200
};

typedef struct
{
  ExpNode *own, *shared, *plain;
  guint number;
} Hand;

/* Appends to a dataset of its own, and fills its part of two that all share. */
static gpointer
write_rows (gpointer data)
{
  Hand *hand = data;
  g_autoptr (GError) error = NULL;
  gint64 sum = 0;

  for (guint i = 0; i < N_ROWS; i++)
    {
      const guint64 shape[] = { i + 1, 2 };
      const ExpSlab row = { 2, { i, 0 }, { 1, 2 }, { 1, 1 } };
      const ExpSlab part = { 1, { hand->number * N_ROWS + i }, { 1 }, { 1 } };

      g_assert_true (exp_node_resize (hand->own, 2, shape, &error));
      g_assert_true (write_ints (hand->own, &row, i, &error));
      g_assert_true (write_ints (hand->shared, &part, 1, &error));
      g_assert_true (write_ints (hand->plain, &part, 1, &error));
      sum += 2 * i + 1;
      if (i % 10 == 0)
        g_assert_cmpint (sum_of (hand->own), ==, sum);
    }
  return NULL;
}

static gpointer
read_rows (gpointer data)
{
  Hand *hand = data;
  gint64 before = 0, now;

  while ((now = sum_of (hand->shared)) < N_WRITERS * N_ROWS)
    {
      g_assert_cmpint (now, >=, before);
      g_assert_cmpint (sum_of (hand->plain), >=, MAX (now - N_WRITERS, 0));
      before = now;
    }
  return NULL;
}

static void
test_threads_in (Written *written)
{
  const guint64 shape[] = { N_WRITERS * N_ROWS }, rows[] = { 0, 2 };
  g_autoptr (ExpNode) shared = make_ints (written->root, "shared", TRUE, 1, shape);
  g_autoptr (ExpNode) plain = make_ints (written->root, "plain", FALSE, 1, shape);
  GThread *threads[N_WRITERS + 2];
  Hand hands[N_WRITERS];

  for (guint i = 0; i < N_WRITERS; i++)
    {
      g_autofree char *name = g_strdup_printf ("own%u", i);

      hands[i] = (Hand){ make_ints (written->root, name, TRUE, 2, rows), shared, plain, i };
    }
  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    threads[i] = g_thread_new ("hand", i < N_WRITERS ? write_rows : read_rows, &hands[i % N_WRITERS]);
  for (guint i = 0; i < 20; i++)
    g_assert_true (exp_store_commit (written->store, i % 5 == 0, NULL));
  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    g_thread_join (threads[i]);
  for (guint i = 0; i < N_WRITERS; i++)
    exp_node_unref (hands[i].own);
}

static void
test_threads (void)
{
  for_each_kind (
      test_threads_in, NULL,
      "assert f['shared'][...].all() and f['plain'][...].all() and all((f['own%d' % i][:, 1] == np.arange(1, "
      "201)).all() for i in range(3))");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/hdf5-write-data/slabs-are-written-anywhere", test_slabs);
  g_test_add_func ("/hdf5-write-data/writes-that-cannot-be-are-refused", test_refused_writes);
  g_test_add_func ("/hdf5-write-data/rows-are-appended-and-cut", test_resize);
  g_test_add_func ("/hdf5-write-data/replaced-datasets-keep-attributes-and-rows", test_replace);
  g_test_add_func ("/hdf5-write-data/attributes-are-written-and-removed", test_attributes);
  g_test_add_func ("/hdf5-write-data/large-attributes-are-written-where-they-can-be", test_large_attributes);
  g_test_add_func ("/hdf5-write-data/many-write-and-read-at-once", test_threads);
  return g_test_run ();
}
