/* The files that make_groups.py writes.
 * Knows where they are, and their groups' addresses as the HDF5 library has them.
 * Used by test-groups.c and test-group-damage.c. */
#pragma once

#include "core/format/hdf5/links.h"
#include "expfs/error.h"
#include <string.h>

/* A directory with the files; NULL when there is no h5py. */
static char *
make_groups (void)
{
  g_autofree char *made = g_dir_make_tmp ("expfs-groups-XXXXXX", NULL);
  g_autofree char *script = g_test_build_filename (G_TEST_DIST, "make_groups.py", NULL);
  const char *has_h5py[] = { "/usr/bin/python3", "-c", "import h5py", NULL };
  const char *argv[] = { "/usr/bin/python3", script, made, NULL };
  int status = -1;

  g_setenv ("HDF5_USE_FILE_LOCKING", "FALSE", TRUE);
  if (!g_spawn_sync (NULL, (char **)has_h5py, NULL, G_SPAWN_STDERR_TO_DEV_NULL, NULL, NULL, NULL, NULL, &status, NULL)
      || status != 0)
    return NULL;
  g_spawn_sync (NULL, (char **)argv, NULL, G_SPAWN_DEFAULT, NULL, NULL, NULL, NULL, &status, NULL);
  g_assert_cmpint (status, ==, 0);
  return g_steal_pointer (&made);
}

static void
remove_groups (char *directory)
{
  const char *remove[] = { "rm", "-r", directory, NULL };

  if (directory != NULL)
    g_spawn_sync (NULL, (char **)remove, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, NULL, NULL, NULL, NULL);
  g_free (directory);
}

static ExpHdf5File *
open_made (const char *directory, const char *name)
{
  g_autofree char *path = g_build_filename (directory, name, NULL);
  g_autoptr (GError) error = NULL;
  ExpHdf5File *file = exp_hdf5_file_open (path, "", &(ExpStoreOptions){ 0 }, &error);

  g_assert_no_error (error);
  return file;
}

static herr_t
add_group (hid_t file, const char *name, const H5O_info_t *info, void *addresses)
{
  guint64 address = info->addr;

  if (info->type == H5O_TYPE_GROUP)
    g_array_append_val ((GArray *)addresses, address);
  return 0;
}

/* The addresses of all groups. */
static GArray *
group_addresses (ExpHdf5File *file)
{
  GArray *addresses = g_array_new (FALSE, FALSE, sizeof (guint64));

  exp_hdf5_lock ();
  H5Ovisit2 (file->id, H5_INDEX_NAME, H5_ITER_NATIVE, add_group, addresses, H5O_INFO_BASIC);
  exp_hdf5_unlock ();
  return addresses;
}

/* All links of a group, so many at a time. */
static gboolean
read_all (ExpHdf5File *file, guint64 address, guint at_once, GArray *links, GError **error)
{
  guint64 position = 0;
  gboolean is_last = FALSE;

  while (!is_last)
    if (!exp_hdf5_links_read (file, address, &position, at_once, links, &is_last, error))
      return FALSE;
  return TRUE;
}
