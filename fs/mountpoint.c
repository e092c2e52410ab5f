/* The mountpoint: made if missing, checked, removed.
 * Knows nothing of the mount itself.
 * Called by the session. */
#include "fs/mountpoint.h"
#include "expfs/error.h"
#include "fs/mountinfo.h"
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

/* Mounts that end at the place and take its directory with them, while another one begins. */
#define ATTEMPTS 10

static gboolean
make_missing (ExpMountpoint *mountpoint, const char *path, GError **error)
{
  struct stat st;

  /* ENOTCONN is the mount of a process that died; check_unused says it better. */
  if (stat (path, &st) == 0 || errno == ENOTCONN)
    return TRUE;
  if (errno == ENOENT && lstat (path, &st) < 0 && errno == ENOENT)
    {
      g_autofree char *parent = g_path_get_dirname (path);
      if (!make_missing (mountpoint, parent, error))
        return FALSE;
      if (mkdir (path, 0777) == 0)
        {
          g_ptr_array_add (mountpoint->made, g_strdup (path));
          return TRUE;
        }
      if (errno == EEXIST)
        return TRUE;
    }
  g_set_error (error, EXP_ERROR, EXP_ERROR_PERMISSION, "%s: %s", path, g_strerror (errno));
  return FALSE;
}

static gboolean
check_unused (const char *path, GError **error)
{
  g_autoptr (ExpMountEntry) entry = exp_mount_entry_at (path);
  struct statvfs st;
  gboolean is_dead;

  if (entry == NULL)
    return TRUE;
  /* Attributes may still be cached; this is not. */
  is_dead = g_str_has_prefix (entry->type, "fuse") && statvfs (path, &st) < 0 && errno == ENOTCONN;
  if (is_dead)
    g_set_error (error, EXP_ERROR, EXP_ERROR_BUSY, "%s: what was mounted there (%s) has died; run: expfs unmount %s",
                 path, entry->source, path);
  else
    g_set_error (error, EXP_ERROR, EXP_ERROR_BUSY, "%s: already in use: %s is mounted there (%s)", path, entry->source,
                 entry->type);
  return FALSE;
}

static gboolean
check (const char *path, const char *store_path, GError **error)
{
  g_autofree char *store = exp_path_resolve (store_path != NULL ? store_path : "/");
  gsize length = strlen (path);
  struct stat st;

  if (!check_unused (path, error))
    return FALSE;
  if (stat (path, &st) < 0 || !S_ISDIR (st.st_mode))
    {
      g_set_error (error, EXP_ERROR, EXP_ERROR_NOT_A_GROUP, "%s: %s", path,
                   g_strerror (access (path, F_OK) == 0 ? ENOTDIR : errno));
      return FALSE;
    }
  if (store_path != NULL && strncmp (store, path, length) == 0
      && (store[length] == '/' || store[length] == '\0' || length == 1))
    {
      g_set_error (error, EXP_ERROR, EXP_ERROR_INVALID, "%s: a mount there would hide the store itself", path);
      return FALSE;
    }
  return TRUE;
}

/* A directory that we may not read is mounted on without. */
static gboolean
lock (ExpMountpoint *mountpoint, GError **error)
{
  mountpoint->lock = open (mountpoint->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (mountpoint->lock < 0 || flock (mountpoint->lock, LOCK_EX | LOCK_NB) == 0 || errno != EWOULDBLOCK)
    return TRUE;
  g_set_error (error, EXP_ERROR, EXP_ERROR_BUSY, "%s: already in use: another process is mounting there",
               mountpoint->path);
  return FALSE;
}

void
exp_mountpoint_unlock (ExpMountpoint *mountpoint)
{
  if (mountpoint->lock >= 0)
    close (mountpoint->lock);
  mountpoint->lock = -1;
}

/* FALSE when another process, whose mount has just ended there, has removed the directory that we have locked. */
static gboolean
is_there (const ExpMountpoint *mountpoint)
{
  struct stat locked, named;

  return mountpoint->lock < 0
         || (fstat (mountpoint->lock, &locked) == 0 && stat (mountpoint->path, &named) == 0
             && locked.st_dev == named.st_dev && locked.st_ino == named.st_ino);
}

/* Makes and locks the directory, again when it goes meanwhile. */
static gboolean
take (ExpMountpoint *mountpoint, const char *path, GError **error)
{
  for (guint attempt = 0; attempt < ATTEMPTS; attempt++)
    {
      if (!make_missing (mountpoint, path, error))
        return FALSE;
      g_free (mountpoint->path);
      mountpoint->path = exp_path_resolve (path);
      if (!check_unused (mountpoint->path, error) || !lock (mountpoint, error))
        return FALSE;
      if (is_there (mountpoint))
        return TRUE;
      exp_mountpoint_unlock (mountpoint);
    }
  return TRUE;
}

gboolean
exp_mountpoint_prepare (ExpMountpoint *mountpoint, const char *path, const char *store_path, GError **error)
{
  mountpoint->lock = -1;
  mountpoint->made = g_ptr_array_new_with_free_func (g_free);
  if (take (mountpoint, path, error) && check (mountpoint->path, store_path, error))
    return TRUE;
  exp_mountpoint_unlock (mountpoint);
  exp_mountpoint_remove (mountpoint);
  exp_mountpoint_clear (mountpoint);
  return FALSE;
}

/* Not while another process is about to mount there. */
static void
remove_unlocked (const char *path)
{
  g_autoptr (ExpMountEntry) entry = exp_mount_entry_at (path);
  int fd;

  if (entry != NULL)
    return;
  fd = open (path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0 || flock (fd, LOCK_EX | LOCK_NB) == 0 || errno != EWOULDBLOCK)
    rmdir (path);
  if (fd >= 0)
    close (fd);
}

void
exp_mountpoint_remove (ExpMountpoint *mountpoint)
{
  while (mountpoint->made != NULL && mountpoint->made->len > 0)
    {
      guint last = mountpoint->made->len - 1;
      remove_unlocked (g_ptr_array_index (mountpoint->made, last));
      g_ptr_array_remove_index (mountpoint->made, last);
    }
}

void
exp_mountpoint_clear (ExpMountpoint *mountpoint)
{
  g_clear_pointer (&mountpoint->path, g_free);
  g_clear_pointer (&mountpoint->made, g_ptr_array_unref);
}
