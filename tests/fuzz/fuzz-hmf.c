/* Any bytes as the map of an HMF store, beside a few data files.
 * Holds what look.h says. */
#include "fuzz.h"
#include "look.h"
#include <fcntl.h>
#include <glib/gstdio.h>
#include <stdlib.h>
#include <unistd.h>

static char *folder;

static void
remove_folder (void)
{
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = g_build_filename (folder, name, NULL);
      unlink (path);
    }
  rmdir (folder);
}

static void
put (const char *name, gconstpointer bytes, gsize size)
{
  g_autofree char *path = g_build_filename (folder, name, NULL);
  int fd = g_creat (path, 0600);

  g_assert_cmpint (fd, >=, 0);
  g_assert_cmpint (write (fd, bytes, size), ==, size);
  close (fd);
}

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  static const guint8 zeros[4096];

  if (folder == NULL)
    {
      folder = g_strdup_printf ("%s/expfs-fuzz-%d", access ("/dev/shm", W_OK) == 0 ? "/dev/shm" : g_get_tmp_dir (),
                                getpid ());
      g_assert_cmpint (g_mkdir (folder, 0700), ==, 0);
      atexit (remove_folder);
      put ("x", zeros, sizeof zeros);
      put ("one", zeros, 8);
      put ("group__x", zeros, 100);
    }
  put ("__specialHMF__memmapMap0", data, size);
  exp_fuzz_store (folder, "hmf", data, size);
  return 0;
}
