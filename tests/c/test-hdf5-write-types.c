/* What is read as a dtype is written as that dtype: datasets and attributes of every type, copied through nodes, are
 * what h5py says that the originals are. */
#include "written.h"

static gboolean
run_script (const char *verb, const char *path, const char *other)
{
  g_autofree char *script = g_test_build_filename (G_TEST_DIST, "written_types.py", NULL);
  const char *argv[] = { "/usr/bin/python3", script, verb, path, other, NULL };
  g_autofree char *output = NULL;
  g_autofree char *errors = NULL;
  int status = -1;

  g_spawn_sync (NULL, (char **)argv, NULL, G_SPAWN_DEFAULT, NULL, NULL, &output, &errors, &status, NULL);
  g_test_message ("%s%s", output, errors);
  return status == 0;
}

static void
assert_same_type (const ExpDtype *type, const ExpDtype *expected)
{
  g_autofree char *text = exp_dtype_to_text (type);
  g_autofree char *expected_text = exp_dtype_to_text (expected);

  g_assert_cmpstr (text, ==, expected_text);
  g_assert_true (exp_dtype_equal (type, expected));
}

static void
assert_same_array (const ExpArray *array, const ExpArray *expected)
{
  assert_same_type (array->dtype, expected->dtype);
  g_assert_cmpuint (array->n_elements, ==, expected->n_elements);
  if (!exp_dtype_has_vlen (array->dtype) && array->n_elements > 0)
    g_assert_cmpmem (array->data, array->n_elements * array->dtype->size, expected->data,
                     expected->n_elements * expected->dtype->size);
}

typedef struct
{
  ExpNode *to;
  gboolean is_extensible;
} Copy;

static gboolean
copy_dataset (const char *name, ExpNode *from, gpointer data)
{
  Copy *copy = data;
  g_autoptr (GError) error = NULL;
  g_auto (ExpInfo) info = { 0 };
  g_auto (ExpInfo) made_info = { 0 };
  ExpSlab all;

  g_test_message ("%s", name);
  g_assert_true (exp_node_describe (from, &info, NULL));
  g_autoptr (ExpArray) array = exp_node_read_all (from, &error);
  g_assert_no_error (error);
  ExpNewDataset dataset = { .dtype = info.dtype, .is_null = info.is_null, .rank = info.rank };
  memcpy (dataset.shape, info.shape, sizeof info.shape);
  dataset.is_extensible = copy->is_extensible && info.rank > 0;
  g_autoptr (ExpNode) made = exp_node_create_dataset (copy->to, name, &dataset, &error);
  g_assert_no_error (error);
  g_assert_true (exp_node_describe (made, &made_info, NULL));
  assert_same_type (made_info.dtype, info.dtype);
  g_assert_cmpint (made_info.is_null, ==, info.is_null);
  g_autoptr (ExpArray) zeros = exp_node_read_all (made, &error);
  g_assert_no_error (error);
  for (gsize i = 0; !exp_dtype_has_vlen (info.dtype) && i < zeros->n_elements * info.dtype->size; i++)
    g_assert_cmpuint (zeros->data[i], ==, 0);

  exp_slab_init_all (&all, info.rank, info.shape);
  if (!info.is_null)
    exp_node_write (made, &all, array, &error);
  g_assert_no_error (error);
  g_autoptr (ExpArray) written = exp_node_read_all (made, &error);
  g_assert_no_error (error);
  assert_same_array (written, array);

  exp_node_write_attribute (copy->to, name, array, &error);
  g_assert_no_error (error);
  exp_node_write_attribute (copy->to, name, array, &error);
  g_assert_no_error (error);
  g_autoptr (ExpArray) attribute = exp_node_read_attribute (copy->to, name, &error);
  g_assert_no_error (error);
  assert_same_array (attribute, array);
  return TRUE;
}

static void
copy_types (const char *arguments, const ExpStoreOptions *options, gboolean is_extensible)
{
  Written from, to;
  Copy copy = { NULL, is_extensible };
  g_autoptr (GError) error = NULL;

  make_written (&from, arguments, NULL);
  make_written (&to, arguments, NULL);
  g_assert_true (run_script ("make", from.path, arguments));
  open_written (&from, NULL);
  open_written (&to, options);
  copy.to = to.root;
  exp_node_list (from.root, 0, copy_dataset, &copy, &error);
  g_assert_no_error (error);
  close_written (&from);
  close_written (&to);
  g_assert_true (run_script ("compare", from.path, to.path));
  remove_written (&from);
  remove_written (&to);
}

static void
test_types (void)
{
  if (!has_h5py ())
    return g_test_skip ("no h5py");
  for (gsize i = 0; i < G_N_ELEMENTS (written_kinds); i++)
    {
      g_test_message ("a %s file", written_kinds[i].name);
      copy_types (written_kinds[i].arguments, NULL, FALSE);
    }
}

static void
test_packed_types (void)
{
  const ExpStoreOptions options = { .complib = "zlib", .complevel = 5, .shuffle = TRUE, .fletcher32 = TRUE };

  if (!has_h5py ())
    return g_test_skip ("no h5py");
  copy_types ("", &options, FALSE);
  copy_types ("libver='latest'", &options, TRUE);
}

/* --- attributes of other types ------------------------------------------------------------------------------- */

#define N_REPLACED 24

/* So many that they lie in a B-tree where the format has that, each replaced by one of another type, again and again.
 */
static void
test_replaced_in (Written *written)
{
  for (guint round = 0; round < 6; round++)
    for (guint i = 0; i < N_REPLACED; i++)
      {
        g_autofree char *name = g_strdup_printf ("a%u", (i * 7 + round) % N_REPLACED);
        g_autofree char *text = g_strnfill (1 + (i * 13 + round) % 40, 'x');
        g_autoptr (ExpArray) value = (i + round) % 3 == 0   ? exp_array_new_text (text)
                                     : (i + round) % 3 == 1 ? exp_array_new_int (round)
                                                            : exp_array_new_float (round + 0.5);
        g_autoptr (GError) error = NULL;
        exp_node_write_attribute (written->root, name, value, &error);
        g_assert_no_error (error);
      }
}

static void
test_replaced (void)
{
  for_each_kind (test_replaced_in, NULL, "assert len([f.attrs[a] for a in f.attrs]) == 24");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/hdf5-write-types/every-type-is-written-as-it-is-read", test_types);
  g_test_add_func ("/hdf5-write-types/every-type-is-written-packed", test_packed_types);
  g_test_add_func ("/hdf5-write-types/many attributes take values of other types again and again", test_replaced);
  return g_test_run ();
}
