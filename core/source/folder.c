/* The folders that files lie in.
 * Knows errno; knows nothing of what the files hold.
 * Called by who makes, renames and removes files. */
#include "folder.h"
#include "system_error.h"
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

gboolean
exp_folder_sync (const char *path, GError **error)
{
  g_autofree char *folder = g_path_get_dirname (path);
  int fd = open (folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  gboolean is_done = fd >= 0 && fsync (fd) == 0;

  if (!is_done)
    exp_set_system_error (error, folder, errno);
  if (fd >= 0)
    close (fd);
  return is_done;
}
