/* Who has locked a file.
 * Knows what the kernel tells of locks.
 * Called by who cannot lock a file. */
#include "holder.h"
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

guint64
exp_lock_holder (int fd)
{
  g_autofree char *locks = NULL;
  struct stat st;

  if (fstat (fd, &st) != 0 || !g_file_get_contents ("/proc/locks", &locks, NULL, NULL))
    return 0;
  g_autofree char *place
      = g_strdup_printf (" %02x:%02x:%" G_GUINT64_FORMAT " ", major (st.st_dev), minor (st.st_dev), (guint64)st.st_ino);
  g_auto (GStrv) lines = g_strsplit (locks, "\n", -1);
  for (char **line = lines; *line != NULL; line++)
    {
      guint64 process;

      if (strstr (*line, place) != NULL && sscanf (*line, "%*s FLOCK %*s %*s %" G_GUINT64_FORMAT, &process) == 1)
        return process;
    }
  return 0;
}
