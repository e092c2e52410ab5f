/* Recovery: reading a journal up to its last commit.
 * Knows when a journal belongs to a store; knows no format.
 * Called by journal.c and path.c when they open. */
#include "recovery.h"
#include "expfs/error.h"

/* Bytes written again at a time. */
#define PIECE (1 << 20)

void
exp_journal_state_clear (ExpJournalState *state)
{
  g_clear_pointer (&state->pages, exp_pages_free);
}

/* What stands after the last commit is put aside until another commit follows. */
static void
accept (ExpJournalState *state, GArray *pending, const ExpRecord *commit)
{
  for (guint i = 0; i < pending->len; i++)
    {
      const ExpRecord *record = &g_array_index (pending, ExpRecord, i);

      if (record->kind == EXP_RECORD_CUT)
        exp_pages_cut (state->pages, record->number);
      else
        exp_pages_set_data (state->pages, record->number, record->n_pages, record->data);
    }
  g_array_set_size (pending, 0);
  state->size = commit->number;
  state->kept = commit->kept;
  exp_pages_cut (state->pages, state->size);
  state->n_commits++;
}

static gboolean
scan (ExpSource *file, ExpJournalState *state, guint64 *n_dropped, GError **error)
{
  g_autoptr (GArray) pending = g_array_new (FALSE, FALSE, sizeof (ExpRecord));
  g_auto (ExpRecordReader) reader = { 0 };
  g_autoptr (GError) local = NULL;
  ExpRecord record;

  if (!exp_record_reader_init (&reader, file, state->header.salt, error))
    return FALSE;
  while (exp_record_reader_next (&reader, &record, &local))
    if (record.kind != EXP_RECORD_COMMIT)
      g_array_append_val (pending, record);
    else
      {
        accept (state, pending, &record);
        state->records = reader.at;
      }
  *n_dropped = pending->len;
  if (local == NULL)
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&local));
  return FALSE;
}

/* Nothing may be moved over what another program has written, or into another file. */
static gboolean
check_store (ExpSource *store, ExpSource *file, const ExpJournalState *state, GError **error)
{
  const ExpIdentity *then = &state->header.store;
  ExpJournalHeader now = { 0 };

  if (!exp_journal_header_identify (store, &now, error))
    return FALSE;
  if (now.store.inode != then->inode)
    {
      g_set_error (error, EXP_ERROR, EXP_ERROR_BUSY,
                   "%s holds changes to another file than %s: move it away to go on without them", file->name,
                   store->name);
      return FALSE;
    }
  if (state->header.is_moving ? now.store.size >= state->kept
                              : now.store.size == then->size && now.store.mtime == then->mtime
                                    && now.start_hash == state->header.start_hash && state->kept <= then->size)
    return TRUE;
  g_set_error (
      error, EXP_ERROR, EXP_ERROR_BUSY,
      "%s was changed by another program after %s was written, which holds changes to what it was before: move "
      "that file away to go on without them",
      store->name, file->name);
  return FALSE;
}

gboolean
exp_journal_load (ExpSource *store, ExpSource *file, ExpJournalState *state, ExpRecovery *recovery, GError **error)
{
  g_autoptr (GError) local = NULL;

  *recovery = (ExpRecovery){ .is_found = TRUE };
  *state = (ExpJournalState){ .pages = exp_pages_new () };
  if (!exp_source_size (store, &state->size, error))
    return FALSE;
  state->kept = state->size;
  if (!exp_journal_header_read (file, &state->header, &local))
    {
      if (local == NULL)
        return TRUE;
      g_propagate_error (error, g_steal_pointer (&local));
      return FALSE;
    }
  if (!scan (file, state, &recovery->n_dropped, error))
    return FALSE;
  recovery->n_commits = state->n_commits;
  recovery->n_pages = exp_pages_count (state->pages);
  return state->n_commits == 0 || check_store (store, file, state, error);
}

/* A journal whose fsync failed may be whole in the memory of the operating system but not on the disk: what is written
 * again must get there, the header before the other one is written over. */
static gboolean
write_again (ExpSource *file, const ExpJournalState *state, GError **error)
{
  const guint64 end = state->n_commits > 0 ? state->records.end : 0;
  g_autofree guint8 *bytes = g_try_malloc (PIECE);

  if (bytes == NULL)
    {
      g_set_error (error, EXP_ERROR, EXP_ERROR_NO_MEMORY, "%s: no memory to read", file->name);
      return FALSE;
    }
  for (guint64 at = EXP_RECORDS_START; at < end; at += PIECE)
    {
      gsize n = MIN (PIECE, end - at);

      if (!exp_source_pread (file, at, n, bytes, error) || !exp_source_pwrite (file, at, n, bytes, error))
        return FALSE;
    }
  return exp_journal_header_write_again (file, &state->header, error) && exp_source_commit (file, error);
}

gboolean
exp_journal_start (ExpSource *store, ExpSource *file, ExpJournalState *state, GError **error)
{
  if (!exp_journal_header_identify (store, &state->header, error))
    return FALSE;
  state->header.is_moving = FALSE;
  exp_journal_header_renew (&state->header);
  exp_records_start (&state->records, file, state->header.salt);
  state->kept = state->size = state->header.store.size;
  state->n_commits = 0;
  return exp_journal_header_write (file, &state->header, error);
}

/* Room for both headers, so that a full disk does not keep a checkpoint from being told of. */
static gboolean
make_room (ExpSource *file, GError **error)
{
  static const guint8 zeros[EXP_RECORDS_START];

  return exp_source_pwrite (file, 0, sizeof zeros, zeros, error);
}

gboolean
exp_journal_adopt (ExpSource *store, ExpSource *file, ExpJournalState *state, GError **error)
{
  if (state->header.generation > 0 ? !write_again (file, state, error) : !make_room (file, error))
    return FALSE;
  exp_journal_header_own (&state->header);
  if (state->n_commits == 0)
    /* What the store holds now is the ground that all stands on. */
    return exp_source_commit (store, error) && exp_journal_start (store, file, state, error)
           && exp_source_truncate (file, EXP_RECORDS_START, error);
  return exp_source_truncate (file, state->records.end, error)
         && exp_journal_header_write (file, &state->header, error);
}
