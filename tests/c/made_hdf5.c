/* Reading the files that make_hdf5.py writes through a store.
 * Knows the HDF5 format by its name.
 * Called by test-hdf5-*.c. */
#include "made_hdf5.h"
#include "made_files.h"
#include <string.h>

char *made_directory;

void
made_init (int *argc, char ***argv)
{
  g_test_init (argc, argv, NULL);
  made_directory = made_files_new ("make_hdf5.py");
}

int
made_run (void)
{
  int status = g_test_run ();

  made_files_free (made_directory);
  return status;
}

ExpStore *
made_open (const char *name, GError **error)
{
  g_autofree char *path = g_build_filename (made_directory, name, NULL);
  ExpStoreOptions options = { .format = "hdf5" };

  return exp_store_open (path, &options, error);
}

gboolean
made_is_there (void)
{
  if (made_directory == NULL)
    g_test_skip ("python3-h5py is not installed");
  return made_directory != NULL;
}

char *
made_to_json (const ExpArray *array)
{
  GString *json = g_string_new (NULL);

  for (gsize i = 0; i < array->n_elements; i++)
    {
      if (i > 0)
        g_string_append_c (json, ' ');
      exp_cell_to_json (array->dtype, array->data + i * array->dtype->size, json);
    }
  return g_string_free (json, FALSE);
}

void
made_assert_dataset (const char *store_name, const char *path, const char *dtype, const char *cells)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (ExpStore) store = made_open (store_name, &error);
  g_assert_no_error (error);
  g_autoptr (ExpNode) node = exp_node_resolve (exp_store_get_root (store), path, &error);
  g_assert_no_error (error);
  g_autoptr (ExpArray) array = exp_node_read_all (node, &error);
  g_assert_no_error (error);
  g_autofree char *got_dtype = exp_dtype_to_numpy (array->dtype, FALSE);
  g_autofree char *got = made_to_json (array);

  if (dtype != NULL)
    g_assert_cmpstr (got_dtype, ==, dtype);
  g_assert_cmpstr (got, ==, cells);
}

void
made_assert_error (const char *store_name, const char *path, ExpError code, const char *words)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (ExpStore) store = made_open (store_name, &error);
  g_assert_no_error (error);
  g_autoptr (ExpNode) node = exp_node_resolve (exp_store_get_root (store), path, &error);
  g_assert_no_error (error);
  g_autoptr (ExpArray) array = exp_node_read_all (node, &error);

  g_assert_null (array);
  g_assert_error (error, EXP_ERROR, (gint)code);
  g_assert_nonnull (strstr (error->message, words));
}
