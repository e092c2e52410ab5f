/* New datasets and stores lie in their files as they are told and as others expect. */
#include "written.h"

/* --- space -------------------------------------------------------------------------------------------------- */

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
  g_test_add_func ("/hdf5-write-storage/used-space-is-zeros-again", test_reused_space);
  g_test_add_func ("/hdf5-write-storage/new-datasets-lie-as-the-options-say", test_storage);
  g_test_add_func ("/hdf5-write-storage/unknown-packing-is-refused", test_unknown_packing);
  g_test_add_func ("/hdf5-write-storage/checkpoints-can-be-written-by-others", test_checkpoint);
  g_test_add_func ("/hdf5-write-storage/packed-datasets-are-what-pytables-writes", test_pytables);
  g_test_add_func ("/hdf5-write-storage/new-stores-are-empty-and-take-no-name-twice", test_create);
  return g_test_run ();
}
