/* What is mounted where, and how to take it away.
 * Knows nothing of stores.
 * Called by the session and the verbs. */
#include "fs/mountinfo.h"
#include "expfs/error.h"
#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

void
exp_mount_entry_free (ExpMountEntry *entry)
{
  if (entry == NULL)
    return;
  g_free (entry->mountpoint);
  g_free (entry->type);
  g_free (entry->source);
  g_free (entry);
}

gboolean
exp_mount_entry_is_ours (const ExpMountEntry *entry)
{
  return strcmp (entry->type, "fuse.expfs") == 0;
}

/* mountinfo writes blanks, newlines and backslashes as octal escapes. */
static char *
unescape (const char *field)
{
  GString *text = g_string_new (NULL);

  for (const char *p = field; *p != '\0'; p++)
    if (*p == '\\' && p[1] >= '0' && p[1] <= '3' && p[2] >= '0' && p[2] <= '7' && p[3] >= '0' && p[3] <= '7')
      {
        g_string_append_c (text, (char)((p[1] - '0') << 6 | (p[2] - '0') << 3 | (p[3] - '0')));
        p += 3;
      }
    else
      g_string_append_c (text, *p);
  return g_string_free (text, FALSE);
}

/* proc_pid_mountinfo(5): id parent dev root MOUNTPOINT options [tags] - TYPE SOURCE superoptions */
static ExpMountEntry *
parse_line (const char *line)
{
  g_auto (GStrv) fields = g_strsplit (line, " ", -1);
  guint n = g_strv_length (fields), dash = 6;

  while (dash < n && strcmp (fields[dash], "-") != 0)
    dash++;
  if (dash + 2 >= n)
    return NULL;

  ExpMountEntry *entry = g_new0 (ExpMountEntry, 1);
  entry->mountpoint = unescape (fields[4]);
  entry->type = unescape (fields[dash + 1]);
  entry->source = unescape (fields[dash + 2]);
  return entry;
}

static gboolean
contains (const char *directory, const char *path)
{
  gsize length = strlen (directory);

  return strcmp (directory, "/") == 0
         || (strncmp (directory, path, length) == 0 && (path[length] == '/' || path[length] == '\0'));
}

/* Of several mounts on one path, the last in the list is on top. */
static ExpMountEntry *
find_entry (const char *path, gboolean is_exact)
{
  g_autoptr (ExpMountEntry) best = NULL;
  g_autofree char *line = NULL;
  size_t size = 0;
  FILE *file = fopen ("/proc/self/mountinfo", "re");

  if (file == NULL)
    return NULL;
  while (getline (&line, &size, file) > 0)
    {
      g_autoptr (ExpMountEntry) entry = parse_line (g_strchomp (line));
      if (entry == NULL || (is_exact ? strcmp (entry->mountpoint, path) != 0 : !contains (entry->mountpoint, path))
          || (best != NULL && strlen (best->mountpoint) > strlen (entry->mountpoint)))
        continue;
      g_clear_pointer (&best, exp_mount_entry_free);
      best = g_steal_pointer (&entry);
    }
  fclose (file);
  return g_steal_pointer (&best);
}

GPtrArray *
exp_mount_entries_ours (void)
{
  GPtrArray *entries = g_ptr_array_new_with_free_func ((GDestroyNotify)exp_mount_entry_free);
  g_autofree char *line = NULL;
  size_t size = 0;
  FILE *file = fopen ("/proc/self/mountinfo", "re");

  while (file != NULL && getline (&line, &size, file) > 0)
    {
      g_autoptr (ExpMountEntry) entry = parse_line (g_strchomp (line));
      if (entry != NULL && exp_mount_entry_is_ours (entry))
        g_ptr_array_add (entries, g_steal_pointer (&entry));
    }
  if (file != NULL)
    fclose (file);
  return entries;
}

ExpMountEntry *
exp_mount_entry_at (const char *path)
{
  return find_entry (path, TRUE);
}

ExpMountEntry *
exp_mount_entry_around (const char *path)
{
  return find_entry (path, FALSE);
}

char *
exp_path_resolve (const char *path)
{
  g_autofree char *absolute = g_canonicalize_filename (path, NULL);
  char *resolved = realpath (absolute, NULL);

  if (resolved != NULL || strcmp (absolute, "/") == 0)
    return resolved != NULL ? resolved : g_strdup (absolute);

  g_autofree char *parent = g_path_get_dirname (absolute);
  g_autofree char *name = g_path_get_basename (absolute);
  g_autofree char *resolved_parent = exp_path_resolve (parent);
  return g_build_filename (resolved_parent, name, NULL);
}

static gboolean
run_fusermount (const char *mountpoint, gboolean is_lazy)
{
  const char *arguments[] = { "fusermount3", "-u", "-q", "--", mountpoint, NULL, NULL };
  posix_spawn_file_actions_t actions;
  pid_t pid;
  int status = -1;

  if (is_lazy)
    {
      arguments[3] = "-z";
      arguments[4] = "--";
      arguments[5] = mountpoint;
    }
  posix_spawn_file_actions_init (&actions);
  posix_spawn_file_actions_addopen (&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_addopen (&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
  posix_spawn_file_actions_addopen (&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
  if (posix_spawnp (&pid, arguments[0], &actions, NULL, (char *const *)arguments, environ) == 0)
    while (waitpid (pid, &status, 0) < 0 && errno == EINTR)
      ;
  posix_spawn_file_actions_destroy (&actions);
  return status == 0;
}

/* A file that was closed a moment ago, or a look at the file systems that there are, keeps a mount busy for as long as
 * the kernel takes to let go of it: what is busy is asked again for half a second. 0 or an errno. */
static int
detach (const char *mountpoint, gboolean is_lazy)
{
  for (guint n_tries = 1;; n_tries++)
    {
      if (umount2 (mountpoint, UMOUNT_NOFOLLOW | (is_lazy ? MNT_DETACH : 0)) == 0)
        return 0;
      if (errno != EBUSY || n_tries == 10)
        return errno;
      g_usleep (50 * 1000);
    }
}

gboolean
exp_mount_detach (const char *mountpoint, gboolean is_lazy, GError **error)
{
  int saved_errno = detach (mountpoint, is_lazy);

  if (saved_errno == 0)
    return TRUE;
  if (saved_errno == EPERM)
    {
      if (run_fusermount (mountpoint, is_lazy))
        return TRUE;
      /* It does not say why; of what can go wrong with a mount of one's own, being busy is the usual one. */
      g_autoptr (ExpMountEntry) entry = exp_mount_entry_at (mountpoint);
      if (entry == NULL)
        saved_errno = EINVAL;
      else
        {
          g_set_error (error, EXP_ERROR, EXP_ERROR_BUSY, "%s: fusermount3 could not unmount it (busy, or not yours)",
                       mountpoint);
          return FALSE;
        }
    }
  g_set_error (error, EXP_ERROR,
               saved_errno == EBUSY                             ? EXP_ERROR_BUSY
               : saved_errno == EINVAL || saved_errno == ENOENT ? EXP_ERROR_NOT_FOUND
                                                                : EXP_ERROR_FAILED,
               "%s: %s", mountpoint,
               saved_errno == EBUSY    ? "files in it are open, or somebody stands in it"
               : saved_errno == EINVAL ? "nothing is mounted there"
                                       : g_strerror (saved_errno));
  return FALSE;
}
