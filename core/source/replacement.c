/* Files that one program writes, by replacing them.
 * Knows locks, names and durability; knows nothing of what the files hold.
 * Called by formats that are saved whole. */
#include "expfs/draft.h"
#include "expfs/error.h"
#include "folder.h"
#include "holder.h"
#include "system_error.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* A file that is replaced while it is being opened is opened again, this often. */
#define MAX_TRIES 100

struct _ExpReplacement
{
  ExpSource *file; /* held */
  ExpLockMode lock;
  ExpIdentity identity; /* what it was when it was opened or replaced last */
};

static gboolean
hold (ExpSource *file, const char *path, ExpLockMode lock, GError **error)
{
  g_autoptr (GError) local = NULL;

  if (lock == EXP_LOCK_NO || exp_source_hold (file, EXP_HOLD_EXCLUSIVE, &local))
    return TRUE;
  if (!g_error_matches (local, EXP_ERROR, EXP_ERROR_BUSY))
    {
      g_set_error (error, EXP_ERROR, EXP_ERROR_READ_ONLY,
                   "%s; without them it is only read (lock=no writes all the same)", local->message);
      return FALSE;
    }
  guint64 process = exp_lock_holder (exp_source_fd (file));
  if (process != 0)
    g_set_error (error, EXP_ERROR, EXP_ERROR_BUSY, "%s is being written by process %" G_GUINT64_FORMAT, path, process);
  else
    g_set_error (error, EXP_ERROR, EXP_ERROR_BUSY, "%s is being written by another program", path);
  return FALSE;
}

static gboolean
is_named (ExpSource *file)
{
  struct stat named, open;

  return stat (file->name, &named) == 0 && fstat (exp_source_fd (file), &open) == 0 && named.st_dev == open.st_dev
         && named.st_ino == open.st_ino;
}

ExpReplacement *
exp_replacement_open (const char *path, ExpLockMode lock, GError **error)
{
  char *found = realpath (path, NULL);
  g_autofree char *real = g_strdup (found != NULL ? found : path);

  free (found);
  for (guint i = 0; i < MAX_TRIES; i++)
    {
      g_autoptr (ExpSource) file = exp_source_open_file_writable (real, 0, error);

      if (file == NULL || !hold (file, path, lock, error))
        return NULL;
      if (!is_named (file))
        continue;
      ExpReplacement *self = g_new0 (ExpReplacement, 1);
      self->lock = lock;
      self->file = g_steal_pointer (&file);
      if (exp_source_identify (self->file, &self->identity, error))
        return self;
      exp_replacement_free (self);
      return NULL;
    }
  g_set_error (error, EXP_ERROR, EXP_ERROR_BUSY, "%s is replaced again and again", path);
  return NULL;
}

void
exp_replacement_free (ExpReplacement *replacement)
{
  if (replacement == NULL)
    return;
  exp_source_unref (replacement->file);
  g_free (replacement);
}

/* Nobody else's changes are written over. */
static gboolean
check_unchanged (ExpReplacement *self, GError **error)
{
  ExpIdentity now;

  if (!exp_source_identify (self->file, &now, error))
    return FALSE;
  if (is_named (self->file) && memcmp (&now, &self->identity, sizeof now) == 0)
    return TRUE;
  g_set_error (error, EXP_ERROR, EXP_ERROR_BUSY,
               "%s was changed by another program since it was opened: nothing is written over that; copy what you "
               "have changed out of the mount, then mount it again",
               self->file->name);
  return FALSE;
}

/* As the old one: who may read and write it, whose it is. */
static void
give_to_owner (ExpSource *from, ExpSource *to)
{
  struct stat st;
  int fd = exp_source_fd (to);

  if (fstat (exp_source_fd (from), &st) != 0)
    return;
  if (fchown (fd, st.st_uid, st.st_gid) != 0)
    g_debug ("%s: stays this user's: %s", to->name, g_strerror (errno));
  if (fchmod (fd, st.st_mode & 07777) != 0)
    g_debug ("%s: %s", to->name, g_strerror (errno));
}

static gboolean
publish (ExpReplacement *self, ExpSource *new, const char *path, GError **error)
{
  if (rename (new->name, path) == 0)
    return exp_folder_sync (path, error);
  exp_set_system_error (error, path, errno);
  return FALSE;
}

gboolean
exp_replacement_write (ExpReplacement *self, ExpSourceWriteFunc write, gpointer data, GError **error)
{
  g_autofree char *path = g_strdup (self->file->name);
  g_autofree char *temporary = g_strdup_printf ("%s.new-%d", path, (int)getpid ());
  g_autoptr (ExpSource) new = NULL;
  ExpIdentity identity;

  if (!check_unchanged (self, error))
    return FALSE;
  unlink (temporary);
  new = exp_source_open_file_writable (temporary, 0600, error);
  if (new == NULL)
    return FALSE;
  give_to_owner (self->file, new);
  if (!write (new, data, error) || !exp_source_commit (new, error) || !hold (new, path, self->lock, error)
      || !exp_source_identify (new, &identity, error) || !check_unchanged (self, error)
      || !publish (self, new, path, error))
    {
      unlink (temporary);
      return FALSE;
    }
  exp_source_unref (self->file);
  g_free (new->name);
  new->name = g_steal_pointer (&path);
  self->file = g_steal_pointer (&new);
  self->identity = identity;
  return TRUE;
}
