/* Running what writes a test's files.
 * Knows python3-h5py.
 * Called by made_hdf5.c and made_groups.h. */
#include "made_files.h"

int
made_files_run_python (const char *program, const char *directory)
{
  g_autofree char *whole = g_strdup_printf ("import h5py, sys\n%s", program);
  const char *argv[] = { "/usr/bin/python3", "-c", whole, directory, NULL };
  int status = -1;

  g_spawn_sync (NULL, (char **)argv, NULL, G_SPAWN_STDOUT_TO_DEV_NULL | G_SPAWN_STDERR_TO_DEV_NULL, NULL, NULL, NULL,
                NULL, &status, NULL);
  return status;
}

char *
made_files_new (const char *script)
{
  g_autofree char *path = g_test_build_filename (G_TEST_DIST, script, NULL);
  const char *argv[] = { "/usr/bin/python3", path, NULL, NULL };
  int status = -1;

  g_setenv ("HDF5_USE_FILE_LOCKING", "FALSE", TRUE);
  if (made_files_run_python ("", NULL) != 0)
    return NULL;

  g_autofree char *directory = g_dir_make_tmp ("expfs-test-XXXXXX", NULL);
  argv[2] = directory;
  g_spawn_sync (NULL, (char **)argv, NULL, G_SPAWN_DEFAULT, NULL, NULL, NULL, NULL, &status, NULL);
  g_assert_cmpint (status, ==, 0);
  return g_steal_pointer (&directory);
}

void
made_files_free (char *directory)
{
  const char *argv[] = { "rm", "-r", directory, NULL };

  if (directory != NULL)
    g_spawn_sync (NULL, (char **)argv, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, NULL, NULL, NULL, NULL);
  g_free (directory);
}
