/* Checkpoints: what is committed goes into the store, and the journal starts anew.
 * Knows the order in which what must be durable; knows no format.
 * Called by formats that write, through expfs/journal.h. */
#include "expfs/error.h"
#include "journal_private.h"
#include "move.h"

/* Between tries of the last checkpoint, microseconds. */
#define WAIT_STEP 100000

static gboolean
is_unchanged (ExpJournal *self, GError **error)
{
  ExpIdentity now;

  if (!exp_source_identify (self->store, &now, error))
    return FALSE;
  if (now.inode == self->seen.inode && now.size == self->seen.size && now.mtime == self->seen.mtime)
    return TRUE;
  g_set_error (error, EXP_ERROR, EXP_ERROR_BUSY,
               "%s was changed by another program: what was written here stays in %s and is not moved over it",
               self->store->name, self->file->name);
  return FALSE;
}

/* A header that says whether pages are being moved, for the same records. The store's time of change, which reserving
 * room may have set, must be no newer in the header than on the disk. */
static gboolean
mark_moving (ExpJournal *self, gboolean is_moving, GError **error)
{
  ExpJournalHeader header = self->state.header;

  header.is_moving = is_moving;
  if (!is_moving
      && (!exp_source_commit (self->store, error) || !exp_journal_header_identify (self->store, &header, error)))
    return FALSE;
  if (!exp_journal_header_write (self->file, &header, error))
    return FALSE;
  g_rw_lock_writer_lock (&self->lock);
  self->state.header = header;
  g_rw_lock_writer_unlock (&self->lock);
  return TRUE;
}

/* What the mark will take the place of is in the journal, before a header says that pages are being moved. */
static gboolean
keep_head (ExpJournal *self, GError **error)
{
  ExpRecords next = self->state.records;
  guint8 page[EXP_PAGE_SIZE] = { 0 };
  guint64 data;

  if (self->state.kept == 0 || exp_pages_find (self->state.pages, 0, 1).data != 0)
    return TRUE;
  if (!exp_source_pread (self->store, 0, MIN (self->state.kept, sizeof page), page, error)
      || !exp_records_add_run (&next, 0, 1, page, &data, error)
      || !exp_records_add (&next, EXP_RECORD_COMMIT, self->state.size, self->state.kept, error)
      || !exp_source_commit (self->file, error))
    return FALSE;
  g_rw_lock_writer_lock (&self->lock);
  exp_pages_set_data (self->state.pages, 0, 1, data);
  self->state.records = next;
  g_rw_lock_writer_unlock (&self->lock);
  return TRUE;
}

/* The store has all: nothing that is read comes from the journal any more. */
static gboolean
start_anew (ExpJournal *self, GError **error)
{
  ExpJournalState next = self->state;

  if (!exp_journal_start (self->store, self->file, &next, error))
    return FALSE;
  g_rw_lock_writer_lock (&self->lock);
  exp_pages_clear (self->state.pages);
  self->state = next;
  self->seen = next.header.store;
  self->holds_commits = FALSE;
  g_rw_lock_writer_unlock (&self->lock);
  return exp_source_truncate (self->file, EXP_RECORDS_START, error);
}

/* Holding the store exclusively. *is_moved when the store may not be what it was. */
static gboolean
checkpoint (ExpJournal *self, gboolean *is_moved, GError **error)
{
  const ExpJournalState *state = &self->state;
  GError *failure = NULL, *other = NULL;
  const gboolean was_moving = state->header.is_moving;

  *is_moved = was_moving;
  if (!is_unchanged (self, &failure))
    return exp_journal_fail (self, failure, error);
  if (!keep_head (self, &failure))
    {
      if (!g_error_matches (failure, EXP_ERROR, EXP_ERROR_NO_SPACE))
        return exp_journal_fail (self, failure, error);
      g_propagate_error (error, failure);
      return FALSE;
    }
  if (!was_moving && !mark_moving (self, TRUE, &failure))
    return exp_journal_fail (self, failure, error);
  if (!exp_pages_reserve (state->pages, self->store, state->size, &failure))
    {
      /* Nothing has been moved, but for its time of change the store is what it was. */
      if (!g_error_matches (failure, EXP_ERROR, EXP_ERROR_NO_SPACE))
        return exp_journal_fail (self, failure, error);
      if (was_moving ? exp_source_identify (self->store, &self->seen, &other) : mark_moving (self, FALSE, &other))
        {
          if (!was_moving)
            self->seen = self->state.header.store;
          g_propagate_error (error, failure);
          return FALSE;
        }
      g_error_free (failure);
      return exp_journal_fail (self, other, error);
    }
  *is_moved = TRUE;
  if (!exp_pages_move (state->pages, self->file, self->store, state->kept, state->size, &failure)
      || !start_anew (self, &failure))
    return exp_journal_fail (self, failure, error);
  *is_moved = FALSE;
  return TRUE;
}

/* Never without a hold: who gets in between may write. */
static gboolean
share_again (ExpJournal *self, GError **error)
{
  GError *failure = NULL;

  return exp_source_hold (self->store, EXP_HOLD_SHARED, &failure) || exp_journal_fail (self, failure, error);
}

static gboolean
hold_and_checkpoint (ExpJournal *self, GError **error)
{
  GError *failure = NULL;
  gboolean is_moved, is_done;

  if ((self->flags & EXP_JOURNAL_HOLDS_STORE) == 0)
    return checkpoint (self, &is_moved, error);
  if (!exp_source_hold (self->store, EXP_HOLD_EXCLUSIVE, &failure))
    {
      if (g_error_matches (failure, EXP_ERROR, EXP_ERROR_BUSY) && share_again (self, NULL))
        {
          g_propagate_error (error, failure);
          return FALSE;
        }
      return exp_journal_fail (self, failure, error);
    }
  is_done = checkpoint (self, &is_moved, error);
  /* Nobody else is let in to see a store that is half moved; the journal has all of it. */
  if (is_moved)
    return is_done;
  return share_again (self, is_done ? error : NULL) && is_done;
}

/* TRUE when the store has all. With `writing`. */
static gboolean
try_checkpoint (ExpJournal *self, gboolean *is_put_off, GError **error)
{
  gboolean is_done = FALSE;

  if (self->is_changed)
    g_set_error (error, EXP_ERROR, EXP_ERROR_INVALID, "%s: not everything is committed", self->base.name);
  else if (exp_journal_may_write (self, error))
    {
      is_done = self->state.records.end == EXP_RECORDS_START || hold_and_checkpoint (self, error);
      *is_put_off = !is_done && self->failure == NULL;
    }
  return is_done;
}

gboolean
exp_journal_checkpoint (ExpSource *source, GError **error)
{
  ExpJournal *self = (ExpJournal *)source;
  g_autoptr (GError) reason = NULL;
  gboolean is_put_off = FALSE, is_done;

  g_mutex_lock (&self->writing);
  is_done = try_checkpoint (self, &is_put_off, &reason);
  if (is_put_off && !self->has_said_why)
    g_message ("%s: what was written stays in its journal for now: %s", source->name, reason->message);
  self->has_said_why = is_put_off;
  g_mutex_unlock (&self->writing);
  if (!is_done && !is_put_off)
    g_propagate_error (error, g_steal_pointer (&reason));
  return is_done || is_put_off;
}

gboolean
exp_journal_finish (ExpSource *source, guint seconds, GError **error)
{
  ExpJournal *self = (ExpJournal *)source;
  const gint64 end = g_get_monotonic_time () + seconds * G_USEC_PER_SEC;

  if (!exp_source_commit (source, error))
    return FALSE;
  while (TRUE)
    {
      g_autoptr (GError) reason = NULL;
      gboolean is_put_off = FALSE;

      g_mutex_lock (&self->writing);
      gboolean is_done = try_checkpoint (self, &is_put_off, &reason);
      g_mutex_unlock (&self->writing);
      if (is_done)
        return TRUE;
      if (!is_put_off || g_get_monotonic_time () >= end)
        {
          g_propagate_error (error, g_steal_pointer (&reason));
          return FALSE;
        }
      g_usleep (WAIT_STEP);
    }
}
