/* Stores and their journals by name: which file is the journal, who may have it, and when it is made and removed.
 * Knows names and locks; what a journal holds is recovery.c's.
 * Called by formats that write, and by who opens what they wrote. */
#include "expfs/error.h"
#include "journal_private.h"
#include "source/folder.h"
#include "source/system_error.h"
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define SUFFIX ".expfs-wal"
/* A journal that is removed while it is being opened is made anew, this often. */
#define MAX_TRIES 100
/* For a writer that is moving pages: milliseconds between looks, and looks. */
#define WAIT_STEP  20
#define WAIT_TIMES 250

typedef struct
{
  char *store, *journal; /* paths */
} Names;

static void
names_clear (Names *names)
{
  g_free (names->store);
  g_free (names->journal);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Names, names_clear)

/* The journal lies beside the file itself, whatever link it was found by: one store has one journal. */
static void
names_init (Names *names, const char *path)
{
  char *real = realpath (path, NULL);

  names->store = g_strdup (real != NULL ? real : path);
  names->journal = g_strconcat (names->store, SUFFIX, NULL);
  free (real);
}

/* --- the file ----------------------------------------------------------------------------------------------- */

/* Whether its name is still its name; a journal is removed by whoever is done with it. */
static gboolean
is_named (ExpSource *file)
{
  struct stat named, open;

  return stat (file->name, &named) == 0 && fstat (exp_source_fd (file), &open) == 0 && named.st_dev == open.st_dev
         && named.st_ino == open.st_ino;
}

void
exp_journal_remove_file (ExpSource *file)
{
  g_autoptr (GError) error = NULL;

  if (!is_named (file))
    return;
  if (unlink (file->name) != 0)
    g_warning ("%s: cannot be removed: %s", file->name, g_strerror (errno));
  else if (!exp_folder_sync (file->name, &error))
    g_warning ("%s", error->message);
}

/* Whoever may write the store may write its journal. */
static void
give_to_owner (ExpSource *store, ExpSource *file)
{
  struct stat st;
  int fd = exp_source_fd (file);

  if (fstat (exp_source_fd (store), &st) != 0)
    return;
  if (fchown (fd, st.st_uid, st.st_gid) != 0)
    g_debug ("%s: stays this user's: %s", file->name, g_strerror (errno));
  if (fchmod (fd, st.st_mode & 0666) != 0)
    g_debug ("%s: %s", file->name, g_strerror (errno));
}

/* --- who has it --------------------------------------------------------------------------------------------- */

/* Why the journal cannot be had exclusively. */
static void
set_busy (const char *store, ExpSource *file, GError **error)
{
  ExpJournalHeader header;

  if (exp_source_hold (file, EXP_HOLD_SHARED, NULL))
    {
      exp_source_hold (file, EXP_HOLD_NOTHING, NULL);
      g_set_error (error, EXP_ERROR, EXP_ERROR_BUSY,
                   "%s is being read through the journal of a writer that died: unmount it there first", store);
      return;
    }
  if (!exp_journal_header_read (file, &header, NULL) || header.process == 0)
    {
      g_set_error (error, EXP_ERROR, EXP_ERROR_BUSY, "%s is being written by another program", store);
      return;
    }

  g_autoptr (GDateTime) since = g_date_time_new_from_unix_local (header.since);
  g_autofree char *time = since != NULL ? g_date_time_format (since, " since %Y-%m-%d %H:%M:%S") : NULL;
  g_autofree char *host = g_str_to_ascii (header.host, "C");
  g_set_error (error, EXP_ERROR, EXP_ERROR_BUSY, "%s is mounted read-write by process %" G_GUINT64_FORMAT " on %s%s",
               store, header.process, host, time != NULL ? time : "");
}

/* TRUE when `file` is held. */
static gboolean
hold_journal (const char *store, ExpSource *file, GError **error)
{
  g_autoptr (GError) local = NULL;

  if (exp_source_hold (file, EXP_HOLD_EXCLUSIVE, &local))
    return TRUE;
  if (g_error_matches (local, EXP_ERROR, EXP_ERROR_BUSY))
    set_busy (store, file, error);
  else
    g_set_error (error, EXP_ERROR, EXP_ERROR_READ_ONLY,
                 "%s; without them it is only read (lock=no writes all the same)", local->message);
  return FALSE;
}

static gboolean
hold_store (ExpSource *store, GError **error)
{
  g_autoptr (GError) local = NULL;

  if (exp_source_hold (store, EXP_HOLD_SHARED, &local))
    return TRUE;
  g_set_error (error, EXP_ERROR,
               g_error_matches (local, EXP_ERROR, EXP_ERROR_BUSY) ? EXP_ERROR_BUSY : EXP_ERROR_READ_ONLY,
               "%s is open for writing in another program", store->name);
  return FALSE;
}

/* --- writing ------------------------------------------------------------------------------------------------ */

/* The journal file, made if need be, and held. */
static ExpSource *
open_journal (const Names *names, ExpSource *store, ExpLockMode lock, GError **error)
{
  for (guint i = 0; i < MAX_TRIES; i++)
    {
      g_autoptr (ExpSource) file = exp_source_open_file_writable (names->journal, 0600, error);
      guint64 size;

      if (file == NULL || (lock != EXP_LOCK_NO && !hold_journal (store->name, file, error))
          || !exp_source_size (file, &size, error))
        return NULL;
      if (!is_named (file))
        continue;
      if (size > 0)
        return g_steal_pointer (&file);
      give_to_owner (store, file);
      return exp_folder_sync (names->journal, error) ? g_steal_pointer (&file) : NULL;
    }
  g_set_error (error, EXP_ERROR, EXP_ERROR_BUSY, "%s: other programs keep opening and closing it", store->name);
  return NULL;
}

static ExpSource *
open_for_writing (const Names *names, ExpLockMode lock, ExpRecovery *recovery, GError **error)
{
  const ExpJournalFlags flags = EXP_JOURNAL_REMOVES_FILE | (lock != EXP_LOCK_NO ? EXP_JOURNAL_HOLDS_STORE : 0);
  g_autoptr (ExpSource) store = exp_source_open_file_writable (names->store, 0, error);
  g_autoptr (ExpSource) file = store != NULL ? open_journal (names, store, lock, error) : NULL;
  ExpSource *source = NULL;
  guint64 size;

  if (file == NULL)
    return NULL;
  if (lock == EXP_LOCK_NO || hold_store (store, error))
    source = exp_journal_open_full (store, file, flags, recovery, error);
  if (source == NULL && exp_source_size (file, &size, NULL) && size == 0)
    exp_journal_remove_file (file);
  return source;
}

ExpSource *
exp_journal_open_path (const char *path, ExpLockMode lock, ExpRecovery *recovery, GError **error)
{
  g_auto (Names) names = { 0 };

  names_init (&names, path);
  g_autoptr (ExpSource) source = open_for_writing (&names, lock, recovery, error);
  return source != NULL && exp_journal_checkpoint (source, error) ? g_steal_pointer (&source) : NULL;
}

/* Why it stays as it is, and what helps. */
static void
say_what_helps (const Names *names, ExpSource *source, GError **error)
{
  g_autoptr (GError) failure = exp_journal_get_failure (source);
  const gboolean is_busy = g_error_matches (*error, EXP_ERROR, EXP_ERROR_BUSY);

  if (failure != NULL)
    return;
  g_clear_error (error);
  if (is_busy)
    g_set_error (error, EXP_ERROR, EXP_ERROR_BUSY,
                 "%s cannot be recovered while other programs have it open: end them and try again", names->store);
  else
    g_set_error (error, EXP_ERROR, EXP_ERROR_NO_SPACE,
                 "%s cannot be recovered for want of room: make some and try again", names->store);
}

gboolean
exp_journal_recover_path (const char *path, ExpRecovery *recovery, GError **error)
{
  g_auto (Names) names = { 0 };
  g_autoptr (GError) local = NULL;
  struct stat st;

  *recovery = (ExpRecovery){ 0 };
  names_init (&names, path);
  if (stat (names.journal, &st) != 0 && errno == ENOENT)
    {
      if (stat (names.store, &st) == 0)
        return TRUE;
      exp_set_system_error (error, names.store, errno);
      return FALSE;
    }

  g_autoptr (ExpSource) source = open_for_writing (&names, EXP_LOCK_AUTO, recovery, error);
  if (source == NULL || exp_journal_finish (source, 0, &local))
    return source != NULL;
  say_what_helps (&names, source, &local);
  g_propagate_error (error, g_steal_pointer (&local));
  return FALSE;
}

/* --- reading ------------------------------------------------------------------------------------------------ */

/* The store beside a writer that lives: held, so that it stays as it is. A writer that moves pages is waited for. */
static gboolean
hold_beside_writer (ExpSource *store, GError **error)
{
  for (guint i = 0; i < WAIT_TIMES; i++)
    {
      if (exp_source_hold (store, EXP_HOLD_SHARED, NULL))
        return TRUE;
      g_usleep (WAIT_STEP * 1000);
    }
  return hold_store (store, error);
}

/* Whether a recovery that failed so leaves a store that can be read through its journal. */
static gboolean
is_in_the_way (const GError *error)
{
  return error->domain == EXP_ERROR
         && (error->code == EXP_ERROR_PERMISSION || error->code == EXP_ERROR_READ_ONLY || error->code == EXP_ERROR_BUSY
             || error->code == EXP_ERROR_NO_SPACE);
}

/* With the journal held shared, or without locks: the store as the journal has it, the store itself when that holds
 * nothing for it, or NULL with an error. */
static ExpSource *
open_through (ExpSource *store, ExpSource *file, gboolean *has_commits, GError **error)
{
  g_auto (ExpJournalState) state = { 0 };
  g_autoptr (GError) local = NULL;
  ExpRecovery recovery;

  *has_commits = FALSE;
  if (!exp_journal_load (store, file, &state, &recovery, &local))
    {
      if (!g_error_matches (local, EXP_ERROR, EXP_ERROR_BUSY))
        {
          g_propagate_error (error, g_steal_pointer (&local));
          return NULL;
        }
      g_warning ("%s", local->message);
    }
  else if (state.n_commits > 0)
    {
      *has_commits = TRUE;
      return exp_journal_new_for_reading (store, file, &state);
    }
  return exp_source_ref (store);
}

/* Beside a journal. NULL without an error when it has gone, and all is to be looked at again. */
static ExpSource *
open_beside (const Names *names, ExpSource *store, ExpSource *file, ExpLockMode lock, gboolean may_recover,
             GError **error)
{
  g_autoptr (GError) local = NULL;
  gboolean has_locks = exp_source_hold (file, EXP_HOLD_SHARED, &local), has_commits;

  if (g_error_matches (local, EXP_ERROR, EXP_ERROR_BUSY))
    {
      g_message ("%s is being written: what is shown is its last checkpoint", store->name);
      return lock == EXP_LOCK_NO || hold_beside_writer (store, error) ? exp_source_ref (store) : NULL;
    }
  if (!is_named (file))
    return NULL;
  if (lock == EXP_LOCK_NO)
    exp_source_hold (file, EXP_HOLD_NOTHING, NULL);

  g_autoptr (ExpSource) source = NULL;
  if (lock == EXP_LOCK_NO || !has_locks || hold_store (store, error))
    source = open_through (store, file, &has_commits, error);
  if (source == NULL || !has_commits || !may_recover || lock == EXP_LOCK_NO || !has_locks)
    return g_steal_pointer (&source);

  /* Whoever recovers wants it alone. */
  g_clear_pointer (&source, exp_source_unref);
  exp_source_hold (store, EXP_HOLD_NOTHING, NULL);
  exp_source_hold (file, EXP_HOLD_NOTHING, NULL);
  ExpRecovery recovery;
  g_clear_error (&local);
  if (!exp_journal_recover_path (names->store, &recovery, &local))
    {
      if (!is_in_the_way (local))
        {
          g_propagate_error (error, g_steal_pointer (&local));
          return NULL;
        }
      g_message ("%s: read through its journal, which cannot be moved into it: %s", store->name, local->message);
      return open_beside (names, store, file, lock, FALSE, error);
    }
  g_message ("%s: what a writer that died had committed has been recovered", store->name);
  return NULL;
}

ExpSource *
exp_journal_open_path_for_reading (const char *path, ExpLockMode lock, GError **error)
{
  g_auto (Names) names = { 0 };

  names_init (&names, path);
  for (guint i = 0; i < MAX_TRIES; i++)
    {
      g_autoptr (ExpSource) store = exp_source_open_file (names.store, error);
      g_autoptr (GError) local = NULL;
      g_autoptr (ExpSource) file = store != NULL ? exp_source_open_file (names.journal, &local) : NULL;

      if (store == NULL)
        return NULL;
      if (g_error_matches (local, EXP_ERROR, EXP_ERROR_NOT_FOUND))
        return g_steal_pointer (&store);
      if (file == NULL)
        {
          g_propagate_error (error, g_steal_pointer (&local));
          return NULL;
        }

      ExpSource *source = open_beside (&names, store, file, lock, TRUE, &local);
      if (source == store && lock == EXP_LOCK_BRIEF)
        exp_source_hold (store, EXP_HOLD_NOTHING, NULL);
      if (source != NULL)
        return source;
      if (local != NULL)
        {
          g_propagate_error (error, g_steal_pointer (&local));
          return NULL;
        }
    }
  g_set_error (error, EXP_ERROR, EXP_ERROR_BUSY, "%s: other programs keep opening and closing it", names.store);
  return NULL;
}
