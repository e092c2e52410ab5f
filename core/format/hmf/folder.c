/* The directory of a store: which files are the map, how files in it are opened, and who holds it.
 * Knows names; knows nothing of what the files hold.
 * Called by the files of this folder. */
#include "hmf.h"
#include "source/holder.h"
#include "source/system_error.h"
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define SPECIAL "__specialHMF__memmapMap"

const char *const exp_hmf_map_names[EXP_HMF_N_COPIES + 1] = { SPECIAL "0", SPECIAL "1", SPECIAL "2", NULL };
/* Of 0.0.b12 to b15, and of b5 to b11. */
const char *const exp_hmf_old_map_names[] = { SPECIAL, "__HMF__memmapMapName", NULL };

ExpHmfFolder *
exp_hmf_folder_new (const char *path)
{
  ExpHmfFolder *folder = g_new0 (ExpHmfFolder, 1);

  g_atomic_ref_count_init (&folder->references);
  g_rw_lock_init (&folder->lock);
  folder->path = g_strdup (path);
  folder->fd = -1;
  return folder;
}

ExpHmfFolder *
exp_hmf_folder_ref (ExpHmfFolder *folder)
{
  g_atomic_ref_count_inc (&folder->references);
  return folder;
}

void
exp_hmf_folder_unref (ExpHmfFolder *folder)
{
  if (folder == NULL || !g_atomic_ref_count_dec (&folder->references))
    return;
  if (folder->fd >= 0)
    close (folder->fd);
  g_clear_pointer (&folder->pending, g_hash_table_unref);
  g_rw_lock_clear (&folder->lock);
  g_free (folder->path);
  g_free (folder);
}

static gboolean
is_symlink (const char *path)
{
  struct stat st;

  return lstat (path, &st) == 0 && S_ISLNK (st.st_mode);
}

char *
exp_hmf_folder_path (const ExpHmfFolder *folder, const char *name)
{
  return g_build_filename (folder->path, name, NULL);
}

static ExpSource *
open_pending (const ExpHmfFolder *folder, const char *name)
{
  const char *temporary = folder->pending != NULL ? g_hash_table_lookup (folder->pending, name) : NULL;
  g_autofree char *path = temporary != NULL ? exp_hmf_folder_path (folder, temporary) : NULL;

  return path != NULL ? exp_source_open_file_itself (path, NULL) : NULL;
}

ExpSource *
exp_hmf_folder_open (ExpHmfFolder *folder, const char *name, GError **error)
{
  g_autofree char *path = exp_hmf_folder_path (folder, name);
  g_autoptr (GError) local = NULL;
  ExpSource *source = open_pending (folder, name);

  if (source == NULL)
    source = exp_source_open_file_itself (path, &local);
  if (source != NULL)
    return source;
  if (is_symlink (path))
    g_set_error (error, EXP_ERROR, EXP_ERROR_PERMISSION,
                 "%s is a symbolic link, which may lead out of the store: it is not followed", path);
  else
    g_propagate_error (error, g_steal_pointer (&local));
  return NULL;
}

gboolean
exp_hmf_folder_hold (ExpHmfFolder *folder, ExpLockMode lock, GError **error)
{
  int fd = open (folder->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

  if (fd < 0)
    {
      exp_set_system_error (error, folder->path, errno);
      return FALSE;
    }
  if (lock == EXP_LOCK_NO || flock (fd, LOCK_EX | LOCK_NB) == 0)
    {
      folder->fd = fd;
      return TRUE;
    }
  const int saved_errno = errno;
  const guint64 process = exp_lock_holder (fd);
  close (fd);
  if (saved_errno != EWOULDBLOCK)
    g_set_error (error, EXP_ERROR, EXP_ERROR_READ_ONLY,
                 "%s: the file system has no locks (%s); without them it is only read (lock=no writes all the same)",
                 folder->path, g_strerror (saved_errno));
  else if (process != 0)
    g_set_error (error, EXP_ERROR, EXP_ERROR_BUSY, "%s is being written by process %" G_GUINT64_FORMAT, folder->path,
                 process);
  else
    g_set_error (error, EXP_ERROR, EXP_ERROR_BUSY, "%s is being written by another program", folder->path);
  return FALSE;
}

static gboolean
has_file (const char *path, const char *name)
{
  g_autofree char *file = g_build_filename (path, name, NULL);
  struct stat st;

  return lstat (file, &st) == 0 && S_ISREG (st.st_mode);
}

gboolean
exp_hmf_folder_has_map (const char *path)
{
  struct stat st;

  if (stat (path, &st) != 0 || !S_ISDIR (st.st_mode))
    return FALSE;
  for (const char *const *name = exp_hmf_map_names; *name != NULL; name++)
    if (has_file (path, *name))
      return TRUE;
  for (const char *const *name = exp_hmf_old_map_names; *name != NULL; name++)
    if (has_file (path, *name))
      return TRUE;
  return has_file (path, EXP_HMF_RECORD);
}

gboolean
exp_hmf_is_file_name (const char *name)
{
  return *name != '\0' && strcmp (name, ".") != 0 && strcmp (name, "..") != 0 && strchr (name, '/') == NULL
         && strlen (name) <= NAME_MAX && !g_str_has_prefix (name, EXP_HMF_OWN)
         && !g_strv_contains (exp_hmf_map_names, name) && !g_strv_contains (exp_hmf_old_map_names, name);
}
