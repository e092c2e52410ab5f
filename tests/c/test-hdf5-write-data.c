/* Elements, shapes and attributes of HDF5 datasets change as they are told, and what cannot be is refused and changes
 * nothing. */
#include "written.h"

static ExpNode *
find (ExpNode *root, const char *path)
{
  g_autoptr (GError) error = NULL;
  ExpNode *node = exp_node_resolve (root, path, &error);

  g_assert_no_error (error);
  return node;
}

static ExpNode *
make_ints (ExpNode *parent, const char *name, gboolean is_extensible, guint rank, const guint64 *shape)
{
  g_autoptr (ExpDtype) dtype = exp_dtype_new_number (EXP_TYPE_INT, 4, FALSE);
  g_autoptr (GError) error = NULL;
  ExpNewDataset dataset = { .dtype = dtype, .is_extensible = is_extensible, .rank = rank };

  memcpy (dataset.shape, shape, rank * sizeof *shape);
  ExpNode *made = exp_node_create_dataset (parent, name, &dataset, &error);
  g_assert_no_error (error);
  return made;
}

static ExpArray *
new_ints (guint rank, const guint64 *shape, gint32 first)
{
  g_autoptr (ExpDtype) dtype = exp_dtype_new_number (EXP_TYPE_INT, 4, FALSE);
  ExpArray *array = exp_array_new (dtype, rank, shape, NULL);

  for (gsize i = 0; i < array->n_elements; i++)
    ((gint32 *)array->data)[i] = first + i;
  return array;
}

static gboolean
write_ints (ExpNode *node, const ExpSlab *slab, gint32 first, GError **error)
{
  g_autoptr (ExpArray) array = new_ints (slab->rank, slab->count, first);

  return exp_node_write (node, slab, array, error);
}

static gint64
sum_of (ExpNode *node)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (ExpArray) array = exp_node_read_all (node, &error);
  gint64 sum = 0;

  g_assert_no_error (error);
  for (gsize i = 0; i < array->n_elements; i++)
    sum += exp_cell_int (array->dtype, array->data + i * array->dtype->size);
  return sum;
}

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

/* Space that held something else before is zeros to who only writes a part of it. */
static void
test_reused_space_in (Written *written)
{
  const guint64 large[] = { 30000 }, part[] = { 20000 };
  g_autoptr (GError) error = NULL;
  ExpSlab all;

  for (guint round = 0; round < 4; round++)
    {
      ExpSlab one = { 1, { 100 }, { 1 }, { 1 } };
      g_autofree char *name = g_strdup_printf ("part%u", round);
      g_autoptr (ExpNode) full = make_ints (written->root, "full", FALSE, 1, large);

      exp_slab_init_all (&all, 1, large);
      g_assert_true (write_ints (full, &all, 1, &error));
      g_clear_pointer (&full, exp_node_unref);
      g_assert_true (exp_node_remove (written->root, "full", &error));
      g_autoptr (ExpNode) node = make_ints (written->root, name, FALSE, 1, part);
      g_assert_cmpint (sum_of (node), ==, 0);
      g_assert_true (write_ints (node, &one, 7, &error));
      g_assert_cmpint (sum_of (node), ==, 7);
    }
}

static void
test_reused_space (void)
{
  for_each_kind (test_reused_space_in, NULL, "assert [f['part%d' % i][...].sum() for i in range(4)] == [7] * 4");
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

static void
assert_storage (ExpNode *root, const char *code_shape, const ExpNewDataset *dataset, const char *expected)
{
  g_autoptr (GError) error = NULL;
  g_auto (ExpLayout) layout = { 0 };
  g_autoptr (ExpNode) made = exp_node_create_dataset (root, code_shape, dataset, &error);

  g_assert_no_error (error);
  g_assert_true (exp_node_layout (made, &layout, &error));
  g_autoptr (GString) text = g_string_new (layout.layout);
  for (guint i = 0; i < layout.chunk_rank; i++)
    g_string_append_printf (text, " %" G_GUINT64_FORMAT, layout.chunk[i]);
  g_string_append_printf (text, " %s", layout.filters != NULL ? layout.filters : "plain");
  g_assert_cmpstr (text->str, ==, expected);
}

static void
test_storage (void)
{
  const ExpStoreOptions options = { .complib = "zlib", .complevel = 3, .shuffle = TRUE };
  const ExpPacking blosc = { "blosc:lz4", 7, TRUE, TRUE };
  g_autoptr (ExpDtype) dtype = exp_dtype_new_number (EXP_TYPE_FLOAT, 8, FALSE);
  Written written;

  if (!has_h5py ())
    return g_test_skip ("no h5py");
  make_written (&written, "", NULL);
  open_written (&written, &options);
  ExpNode *root = written.root;
  assert_storage (root, "scalar", &(ExpNewDataset){ .dtype = dtype }, "contiguous plain");
  assert_storage (root, "plain", &(ExpNewDataset){ .dtype = dtype, .rank = 1, .shape = { 10 }, .is_contiguous = TRUE },
                  "contiguous plain");
  assert_storage (root, "small", &(ExpNewDataset){ .dtype = dtype, .rank = 1, .shape = { 10 } },
                  "chunked 10 shuffle,gzip(3)");
  assert_storage (root, "rows", &(ExpNewDataset){ .dtype = dtype, .rank = 2, .shape = { 5, 8 }, .is_extensible = TRUE },
                  "chunked 1024 8 shuffle,gzip(3)");
  assert_storage (root, "large", &(ExpNewDataset){ .dtype = dtype, .rank = 2, .shape = { 100000, 128 } },
                  "chunked 1024 128 shuffle,gzip(3)");
  assert_storage (root, "wide", &(ExpNewDataset){ .dtype = dtype, .rank = 3, .shape = { 10, 1000, 1000 } },
                  "chunked 1 131 1000 shuffle,gzip(3)");
  assert_storage (
      root, "own",
      &(ExpNewDataset){ .dtype = dtype, .rank = 2, .shape = { 10, 3 }, .chunk = { 20, 5 }, .packing = &blosc },
      "chunked 20 5 blosc(7),fletcher32");
  close_written (&written);
  check_python (&written, "assert f['own'].maxshape == (20, 5) and f['rows'].maxshape == (None, 8)");
  remove_written (&written);
}

static void
test_unknown_packing (void)
{
  Written written;
  g_autoptr (GError) error = NULL;
  const ExpStoreOptions options = { .format = "hdf5", .is_writable = TRUE, .complib = "shrink", .complevel = 1 };

  if (!has_h5py ())
    return g_test_skip ("no h5py");
  make_written (&written, "", NULL);
  g_assert_null (exp_store_open (written.path, &options, &error));
  g_assert_error (error, EXP_ERROR, EXP_ERROR_INVALID);
  remove_written (&written);
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

/* --- what others make of it --------------------------------------------------------------------------------- */

/* A checkpoint is a whole file: what is free in it is known to be, and nothing else. */
static void
test_checkpoint_in (Written *written)
{
  static const char code[] = "import sys, h5py, numpy as np\n"
                             "with h5py.File(sys.argv[1], 'r+') as f:\n"
                             "  for i in range(200): f['new/%d' % i] = np.full(300, i)\n"
                             "with h5py.File(sys.argv[1], 'r') as f:\n"
                             "  for i in range(30): assert (f['kept%d' % i][...] == np.arange(1000 + i)).all()\n"
                             "  for i in range(200): assert (f['new/%d' % i][...] == i).all()\n";
  g_autofree char *copy = g_strconcat (written->path, ".copy", NULL);
  g_autofree char *output = NULL;
  g_autofree char *bytes = NULL;
  gsize size;
  ExpSlab all;

  for (guint i = 0; i < 60; i++)
    {
      g_autofree char *name = g_strdup_printf (i % 2 ? "gone%u" : "kept%u", i / 2);
      const guint64 shape[] = { 1000 + i / 2 };
      g_autoptr (ExpNode) node = make_ints (written->root, name, i % 3 == 0, 1, shape);

      exp_slab_init_all (&all, 1, shape);
      g_assert_true (write_ints (node, &all, 0, NULL));
      if (i % 10 == 0)
        g_assert_true (exp_store_commit (written->store, i % 20 == 0, NULL));
    }
  for (guint i = 0; i < 30; i++)
    {
      g_autofree char *name = g_strdup_printf ("gone%u", i);

      g_assert_true (exp_node_remove (written->root, name, NULL));
    }
  g_assert_true (exp_store_commit (written->store, TRUE, NULL));
  g_assert_true (g_file_get_contents (written->path, &bytes, &size, NULL));
  g_assert_true (g_file_set_contents (copy, bytes, size, NULL));
  g_assert_true (run_python (code, copy, &output));
}

static void
test_checkpoint (void)
{
  for_each_kind (test_checkpoint_in, NULL, NULL);
}

static void
test_pytables (void)
{
  static const char *const complibs[]
      = { "zlib", "lzo", "bzip2", "blosc", "blosc:blosclz", "blosc:lz4", "blosc:zlib", "blosc:zstd" };
  static const char code[] = "import sys, tables, numpy as np\n"
                             "with tables.open_file(sys.argv[1]) as f:\n"
                             "  n = f.list_nodes('/')\n"
                             "  assert len(n) == 16\n"
                             "  for a in n:\n"
                             "    assert (a[:] == np.arange(21000).reshape(3000, 7)).all(), a\n"
                             "    assert a.filters.complib == a.name[:-1].replace('_', ':'), a\n"
                             "    assert a.filters.complevel == 5 and a.filters.fletcher32 == (a.name[-1] == '1'), a\n";
  const guint64 shape[] = { 3000, 7 };
  g_autoptr (ExpDtype) dtype = exp_dtype_new_number (EXP_TYPE_INT, 4, FALSE);
  g_autofree char *output = NULL;
  Written written;
  ExpSlab all;

  if (!has_h5py () || !run_python ("import tables", "", &output))
    return g_test_skip ("no PyTables");
  make_written (&written, "", NULL);
  open_written (&written, NULL);
  exp_slab_init_all (&all, 2, shape);
  for (gsize i = 0; i < 2 * G_N_ELEMENTS (complibs); i++)
    {
      const ExpPacking packing = { complibs[i / 2], 5, i % 2, i % 2 };
      const ExpNewDataset dataset
          = { .dtype = dtype, .is_extensible = TRUE, .rank = 2, .shape = { 3000, 7 }, .packing = &packing };
      g_autofree char *name = g_strdup_printf ("%s%d", complibs[i / 2], (int)(i % 2));
      g_autoptr (GError) error = NULL;
      g_autoptr (ExpNode) node
          = exp_node_create_dataset (written.root, g_strdelimit (name, ":", '_'), &dataset, &error);

      g_assert_no_error (error);
      g_assert_true (write_ints (node, &all, 0, &error));
      g_assert_cmpint (sum_of (node), ==, 21000ll * 20999 / 2);
    }
  close_written (&written);
  g_free (g_steal_pointer (&output));
  g_assert_true (run_python (code, written.path, &output));
  remove_written (&written);
}

static void
test_create (void)
{
  Written written = { 0 };
  g_autoptr (GError) error = NULL;

  written.directory = g_dir_make_tmp ("expfs-write-XXXXXX", NULL);
  written.path = g_build_filename (written.directory, "new.h5", NULL);
  exp_store_create (written.path, "hdf5", &(ExpStoreOptions){ 0 }, &error);
  g_assert_no_error (error);
  g_assert_false (exp_store_create (written.path, "hdf5", &(ExpStoreOptions){ 0 }, &error));
  g_assert_error (error, EXP_ERROR, EXP_ERROR_EXISTS);
  open_written (&written, NULL);
  g_autoptr (ExpNode) group = exp_node_create_group (written.root, "g", NULL);
  g_assert_nonnull (group);
  g_clear_pointer (&group, exp_node_unref);
  close_written (&written);
  if (has_h5py ())
    check_python (&written, "assert list(f) == ['g']");
  remove_written (&written);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/hdf5-write-data/slabs-are-written-anywhere", test_slabs);
  g_test_add_func ("/hdf5-write-data/used-space-is-zeros-again", test_reused_space);
  g_test_add_func ("/hdf5-write-data/writes-that-cannot-be-are-refused", test_refused_writes);
  g_test_add_func ("/hdf5-write-data/rows-are-appended-and-cut", test_resize);
  g_test_add_func ("/hdf5-write-data/new-datasets-lie-as-the-options-say", test_storage);
  g_test_add_func ("/hdf5-write-data/unknown-packing-is-refused", test_unknown_packing);
  g_test_add_func ("/hdf5-write-data/replaced-datasets-keep-attributes-and-rows", test_replace);
  g_test_add_func ("/hdf5-write-data/attributes-are-written-and-removed", test_attributes);
  g_test_add_func ("/hdf5-write-data/large-attributes-are-written-where-they-can-be", test_large_attributes);
  g_test_add_func ("/hdf5-write-data/checkpoints-can-be-written-by-others", test_checkpoint);
  g_test_add_func ("/hdf5-write-data/packed-datasets-are-what-pytables-writes", test_pytables);
  g_test_add_func ("/hdf5-write-data/new-stores-are-empty-and-take-no-name-twice", test_create);
  return g_test_run ();
}
