/* Recovery: reading a journal up to its last commit, and moving that into the store.
 * Knows when a journal belongs to a store; knows no format.
 * Called by journal.c when it opens. */
#include "recovery.h"
#include "expfs/error.h"

/* What the records up to the last commit say. */
typedef struct
{
  GHashTable *pages;
  guint64 kept, size;
  gboolean is_moving; /* a checkpoint had begun */
  guint64 n_commits, n_dropped;
  ExpRecords records; /* behind the last whole one */
} Found;

/* What stands after the last commit is put aside until another commit follows. */
static void
accept (Found *found, GArray *pending, const ExpRecord *commit)
{
  for (guint i = 0; i < pending->len; i++)
    {
      const ExpRecord *record = &g_array_index (pending, ExpRecord, i);

      if (record->kind == EXP_RECORD_CUT)
        exp_pages_cut (found->pages, record->number);
      else
        exp_pages_add (found->pages, record->number)->data = record->data;
    }
  g_array_set_size (pending, 0);
  found->size = commit->number;
  found->kept = commit->kept;
  exp_pages_cut (found->pages, found->size);
  found->n_commits++;
}

static gboolean
scan (ExpSource *file, guint64 salt, Found *found, GError **error)
{
  g_autoptr (GArray) pending = g_array_new (FALSE, FALSE, sizeof (ExpRecord));
  g_autoptr (GError) local = NULL;
  ExpRecord record;

  exp_records_start (&found->records, file, salt);
  while (exp_records_next (&found->records, &record, &local))
    {
      if (record.kind == EXP_RECORD_COMMIT)
        accept (found, pending, &record);
      else if (record.kind == EXP_RECORD_CHECKPOINT)
        found->is_moving = TRUE;
      else
        g_array_append_val (pending, record);
    }
  found->n_dropped = pending->len;
  if (local == NULL)
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&local));
  return FALSE;
}

/* Nothing may be moved over what another program has written, or into another file. */
static gboolean
check_store (ExpSource *store, ExpSource *file, const ExpJournalHeader *header, const Found *found, GError **error)
{
  ExpJournalHeader now = { 0 };

  if (!exp_journal_identify (store, &now, error))
    return FALSE;
  if (now.store.inode != header->store.inode)
    {
      g_set_error (error, EXP_ERROR, EXP_ERROR_BUSY, "%s belongs to another file than %s", file->name, store->name);
      return FALSE;
    }
  if (found->is_moving
      || (now.store.size == header->store.size && now.store.mtime == header->store.mtime
          && now.start_hash == header->start_hash))
    return TRUE;
  g_set_error (error, EXP_ERROR, EXP_ERROR_BUSY, "%s was changed by another program after %s was written", store->name,
               file->name);
  return FALSE;
}

gboolean
exp_journal_renew (ExpSource *store, ExpSource *file, ExpJournalHeader *header, GError **error)
{
  ExpJournalHeader next = { .generation = header->generation + 1 };

  next.salt = (guint64)g_random_int () << 32 | g_random_int ();
  if (!exp_journal_identify (store, &next, error) || !exp_journal_write_header (file, &next, error))
    return FALSE;
  *header = next;
  return exp_source_truncate (file, EXP_RECORDS_START, error);
}

gboolean
exp_journal_recover (ExpSource *store, ExpSource *file, ExpJournalHeader *header, ExpRecovery *recovery, GError **error)
{
  g_autoptr (GHashTable) pages = exp_pages_new ();
  g_autoptr (GError) local = NULL;
  Found found = { .pages = pages };

  *recovery = (ExpRecovery){ 0 };
  *header = (ExpJournalHeader){ 0 };
  if (!exp_journal_read_header (file, header, &local))
    {
      if (local == NULL)
        return exp_journal_renew (store, file, header, error);
      g_propagate_error (error, g_steal_pointer (&local));
      return FALSE;
    }
  if (!scan (file, header->salt, &found, error))
    return FALSE;
  recovery->n_commits = found.n_commits;
  recovery->n_pages = g_hash_table_size (pages);
  recovery->n_dropped = found.n_dropped;
  if (found.n_commits > 0
      && (!check_store (store, file, header, &found, error)
          || !exp_records_add (&found.records, EXP_RECORD_CHECKPOINT, 0, 0, error) || !exp_source_commit (file, error)
          || !exp_pages_move (pages, file, store, found.kept, found.size, error)))
    return FALSE;
  return exp_journal_renew (store, file, header, error);
}
