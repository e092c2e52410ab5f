/* The journal as a source: pages in memory, in the journal file and in the store, seen as one file.
 * Knows when what is durable; knows no format.
 * Opened by formats that write, and by path.c. */
#include "expfs/journal.h"
#include "expfs/error.h"
#include "journal_private.h"
#include <string.h>

/* Pages in memory beyond this go to the journal file before the commit. */
#define MAX_DIRTY 2048
/* Whole pages that are written side by side, from this many on, go to the journal file at once. */
#define MIN_DIRECT 8

/* --- reading, with the lock --------------------------------------------------------------------------------- */

/* Bytes that are the store's own, and zeros behind them. */
static gboolean
read_store (ExpJournal *self, guint64 offset, gsize length, guint8 *to, GError **error)
{
  gsize own = offset >= self->state.kept ? 0 : MIN (length, self->state.kept - offset);

  memset (to + own, 0, length - own);
  return exp_source_pread (self->store, offset, own, to, error);
}

static gboolean
read_locked (ExpJournal *self, guint64 offset, gsize length, guint8 *to, GError **error)
{
  if (exp_pages_is_empty (self->state.pages))
    return read_store (self, offset, length, to, error);
  while (length > 0)
    {
      gsize from = offset % EXP_PAGE_SIZE;
      ExpPageRun run = exp_pages_find (self->state.pages, offset / EXP_PAGE_SIZE,
                                       (from + length + EXP_PAGE_SIZE - 1) / EXP_PAGE_SIZE);
      gsize n = MIN (length, run.n * EXP_PAGE_SIZE - from);

      if (run.dirty != NULL)
        memcpy (to, run.dirty + from, n);
      else if (run.data != 0 ? !exp_source_pread (self->file, run.data + from, n, to, error)
                             : !read_store (self, offset, n, to, error))
        return FALSE;
      offset += n;
      to += n;
      length -= n;
    }
  return TRUE;
}

static gboolean
journal_pread (ExpSource *source, guint64 offset, gsize length, void *buffer, GError **error)
{
  ExpJournal *self = (ExpJournal *)source;
  gboolean is_read = FALSE;

  g_rw_lock_reader_lock (&self->lock);
  if (offset > self->state.size || length > self->state.size - offset)
    g_set_error (error, EXP_ERROR, EXP_ERROR_DAMAGED,
                 "%s ends at byte %" G_GUINT64_FORMAT ", before data that it should hold", source->name,
                 self->state.size);
  else
    is_read = read_locked (self, offset, length, buffer, error);
  g_rw_lock_reader_unlock (&self->lock);
  return is_read;
}

static gboolean
journal_size (ExpSource *source, guint64 *size, GError **error)
{
  ExpJournal *self = (ExpJournal *)source;

  g_rw_lock_reader_lock (&self->lock);
  *size = self->state.size;
  g_rw_lock_reader_unlock (&self->lock);
  return TRUE;
}

static gboolean
journal_identify (ExpSource *source, ExpIdentity *identity, GError **error)
{
  ExpJournal *self = (ExpJournal *)source;

  return exp_source_identify (self->store, identity, error) && journal_size (source, &identity->size, error);
}

/* --- writing, with `writing` -------------------------------------------------------------------------------- */

gboolean
exp_journal_may_write (ExpJournal *self, GError **error)
{
  if (self->failure == NULL)
    return TRUE;
  g_set_error (error, EXP_ERROR, EXP_ERROR_READ_ONLY, "nothing is written any more since this failed: %s",
               self->failure->message);
  return FALSE;
}

gboolean
exp_journal_fail (ExpJournal *self, GError *failure, GError **error)
{
  g_rw_lock_writer_lock (&self->lock);
  if (self->failure == NULL)
    self->failure = g_error_copy (failure);
  g_rw_lock_writer_unlock (&self->lock);
  g_propagate_error (error, failure);
  return FALSE;
}

/* The pages in memory go to the journal file, not durable yet. */
static gboolean
write_dirty (ExpJournal *self, GError **error)
{
  g_autoptr (GArray) numbers = exp_pages_list_dirty (self->state.pages);
  g_autofree guint64 *data = g_new (guint64, numbers->len);
  g_autofree guint8 **bytes = g_new (guint8 *, numbers->len);
  ExpRecords next = self->state.records;

  for (guint i = 0; i < numbers->len; i++)
    bytes[i] = exp_pages_get_dirty (self->state.pages, g_array_index (numbers, guint64, i));
  if (!exp_records_add_pages (&next, numbers->len, (const guint64 *)(void *)numbers->data, bytes, data, error))
    return FALSE;
  g_rw_lock_writer_lock (&self->lock);
  for (guint i = 0; i < numbers->len; i++)
    exp_pages_set_data (self->state.pages, g_array_index (numbers, guint64, i), 1, data[i]);
  self->state.records = next;
  g_rw_lock_writer_unlock (&self->lock);
  return TRUE;
}

/* Part of a page, in memory. Readers see it before or after. */
static gboolean
change_page (ExpJournal *self, guint64 number, gsize from, gsize length, const guint8 *bytes, GError **error)
{
  guint8 *page = exp_pages_get_dirty (self->state.pages, number);
  g_autofree guint8 *fresh = page == NULL ? g_malloc (EXP_PAGE_SIZE) : NULL;

  if (fresh != NULL)
    {
      if (length < EXP_PAGE_SIZE && !read_locked (self, number * EXP_PAGE_SIZE, EXP_PAGE_SIZE, fresh, error))
        return FALSE;
      memcpy (fresh + from, bytes, length);
    }
  g_rw_lock_writer_lock (&self->lock);
  if (fresh == NULL)
    memcpy (page + from, bytes, length);
  else
    {
      exp_pages_set_dirty (self->state.pages, number, g_steal_pointer (&fresh));
      self->n_uncommitted++;
    }
  g_rw_lock_writer_unlock (&self->lock);
  return TRUE;
}

static gboolean
write_part (ExpJournal *self, guint64 offset, gsize length, const guint8 *from, GError **error)
{
  if (!change_page (self, offset / EXP_PAGE_SIZE, offset % EXP_PAGE_SIZE, length, from, error))
    return FALSE;
  g_rw_lock_writer_lock (&self->lock);
  self->state.size = MAX (self->state.size, offset + length);
  g_rw_lock_writer_unlock (&self->lock);
  return exp_pages_count_dirty (self->state.pages) < MAX_DIRTY || write_dirty (self, error);
}

static gboolean
write_direct (ExpJournal *self, guint64 offset, guint n_pages, const guint8 *from, GError **error)
{
  ExpRecords next = self->state.records;
  guint64 data;

  if (!exp_records_add_run (&next, offset / EXP_PAGE_SIZE, n_pages, from, &data, error))
    return FALSE;
  g_rw_lock_writer_lock (&self->lock);
  exp_pages_set_data (self->state.pages, offset / EXP_PAGE_SIZE, n_pages, data);
  self->state.records = next;
  self->state.size = MAX (self->state.size, offset + n_pages * (guint64)EXP_PAGE_SIZE);
  self->n_uncommitted += n_pages;
  g_rw_lock_writer_unlock (&self->lock);
  return TRUE;
}

static gboolean
write_all (ExpJournal *self, guint64 offset, gsize length, const guint8 *from, GError **error)
{
  self->is_changed |= length > 0;
  while (length > 0)
    {
      gsize start = offset % EXP_PAGE_SIZE, n = MIN (length, EXP_PAGE_SIZE - start);
      gboolean is_direct = start == 0 && length >= MIN_DIRECT * EXP_PAGE_SIZE;

      if (is_direct)
        n = MIN (length / EXP_PAGE_SIZE, EXP_RECORD_MAX_PAGES) * EXP_PAGE_SIZE;
      if (is_direct ? !write_direct (self, offset, n / EXP_PAGE_SIZE, from, error)
                    : !write_part (self, offset, n, from, error))
        return FALSE;
      offset += n;
      from += n;
      length -= n;
    }
  return TRUE;
}

static gboolean
journal_pwrite (ExpSource *source, guint64 offset, gsize length, const void *buffer, GError **error)
{
  ExpJournal *self = (ExpJournal *)source;
  GError *failure = NULL;
  gboolean is_written = FALSE;

  g_mutex_lock (&self->writing);
  if (offset > (guint64)G_MAXINT64 / 2 - length)
    g_set_error (error, EXP_ERROR, EXP_ERROR_NO_SPACE, "%s: no file can be that long", source->name);
  else if (exp_journal_may_write (self, error))
    is_written = write_all (self, offset, length, buffer, &failure) || exp_journal_fail (self, failure, error);
  g_mutex_unlock (&self->writing);
  return is_written;
}

/* What lies behind the new end must read as zeros if the file grows again. */
static gboolean
cut (ExpJournal *self, guint64 size, GError **error)
{
  static const guint8 zeros[EXP_PAGE_SIZE];
  const gsize used = size % EXP_PAGE_SIZE;
  ExpRecords next = self->state.records;

  if ((used != 0 && !change_page (self, size / EXP_PAGE_SIZE, used, EXP_PAGE_SIZE - used, zeros, error))
      || !exp_records_add (&next, EXP_RECORD_CUT, size, 0, error))
    return FALSE;
  g_rw_lock_writer_lock (&self->lock);
  exp_pages_cut (self->state.pages, size);
  self->state.kept = MIN (self->state.kept, size);
  self->state.records = next;
  g_rw_lock_writer_unlock (&self->lock);
  return TRUE;
}

static gboolean
journal_truncate (ExpSource *source, guint64 size, GError **error)
{
  ExpJournal *self = (ExpJournal *)source;
  GError *failure = NULL;
  gboolean is_done;

  g_mutex_lock (&self->writing);
  is_done = size == self->state.size;
  if (!is_done && size > (guint64)G_MAXINT64 / 2)
    g_set_error (error, EXP_ERROR, EXP_ERROR_NO_SPACE, "%s: no file can be that long", source->name);
  else if (!is_done && exp_journal_may_write (self, error))
    {
      is_done = size > self->state.size || cut (self, size, &failure) || exp_journal_fail (self, failure, error);
      self->is_changed = TRUE;
      g_rw_lock_writer_lock (&self->lock);
      if (is_done)
        self->state.size = size;
      g_rw_lock_writer_unlock (&self->lock);
    }
  g_mutex_unlock (&self->writing);
  return is_done;
}

/* Readers go on meanwhile. */
static gboolean
commit (ExpJournal *self, GError **error)
{
  if (!write_dirty (self, error))
    return FALSE;

  ExpRecords next = self->state.records;
  self->holds_commits = TRUE;
  if (!exp_records_add (&next, EXP_RECORD_COMMIT, self->state.size, self->state.kept, error)
      || !exp_source_commit (self->file, error))
    return FALSE;
  self->is_changed = FALSE;
  g_rw_lock_writer_lock (&self->lock);
  self->state.records = next;
  self->state.n_commits++;
  self->n_uncommitted = 0;
  g_rw_lock_writer_unlock (&self->lock);
  return TRUE;
}

static gboolean
journal_commit (ExpSource *source, GError **error)
{
  ExpJournal *self = (ExpJournal *)source;
  GError *failure = NULL;
  gboolean is_done;

  g_mutex_lock (&self->writing);
  is_done = exp_journal_may_write (self, error)
            && (!self->is_changed || commit (self, &failure) || exp_journal_fail (self, failure, error));
  g_mutex_unlock (&self->writing);
  return is_done;
}

/* --- what is known of it ------------------------------------------------------------------------------------ */

guint64
exp_journal_size (ExpSource *source)
{
  ExpJournal *self = (ExpJournal *)source;

  g_rw_lock_reader_lock (&self->lock);
  guint64 size = self->state.records.end - EXP_RECORDS_START;
  g_rw_lock_reader_unlock (&self->lock);
  return size;
}

guint64
exp_journal_uncommitted (ExpSource *source)
{
  ExpJournal *self = (ExpJournal *)source;

  g_rw_lock_reader_lock (&self->lock);
  guint64 n = self->n_uncommitted;
  g_rw_lock_reader_unlock (&self->lock);
  return n;
}

GError *
exp_journal_get_failure (ExpSource *source)
{
  ExpJournal *self = (ExpJournal *)source;

  g_rw_lock_reader_lock (&self->lock);
  GError *failure = self->failure != NULL ? g_error_copy (self->failure) : NULL;
  g_rw_lock_reader_unlock (&self->lock);
  return failure;
}

/* --- from beginning to end ---------------------------------------------------------------------------------- */

static void
journal_free (ExpSource *source)
{
  ExpJournal *self = (ExpJournal *)source;

  if ((self->flags & EXP_JOURNAL_REMOVES_FILE) != 0 && !self->holds_commits)
    exp_journal_remove_file (self->file);
  exp_journal_state_clear (&self->state);
  g_clear_error (&self->failure);
  g_rw_lock_clear (&self->lock);
  g_mutex_clear (&self->writing);
  exp_source_unref (self->store);
  exp_source_unref (self->file);
  g_free (self);
}

static const ExpSourceClass journal_class = {
  .free = journal_free,
  .size = journal_size,
  .pread = journal_pread,
  .pwrite = journal_pwrite,
  .truncate = journal_truncate,
  .commit = journal_commit,
  .identify = journal_identify,
};

static const ExpSourceClass reading_class = {
  .free = journal_free,
  .size = journal_size,
  .pread = journal_pread,
  .identify = journal_identify,
};

static ExpJournal *
new_journal (const ExpSourceClass *klass, ExpSource *store, ExpSource *file, ExpJournalState *state)
{
  ExpJournal *self = g_new0 (ExpJournal, 1);

  self->base.klass = klass;
  g_atomic_ref_count_init (&self->base.references);
  self->base.name = g_strdup (store->name);
  self->store = exp_source_ref (store);
  self->file = exp_source_ref (file);
  g_mutex_init (&self->writing);
  g_rw_lock_init (&self->lock);
  self->state = *state;
  state->pages = NULL;
  self->holds_commits = self->state.n_commits > 0;
  return self;
}

ExpSource *
exp_journal_new_for_reading (ExpSource *store, ExpSource *file, ExpJournalState *state)
{
  return &new_journal (&reading_class, store, file, state)->base;
}

ExpSource *
exp_journal_open_full (ExpSource *store, ExpSource *file, ExpJournalFlags flags, ExpRecovery *recovery, GError **error)
{
  g_auto (ExpJournalState) state = { 0 };
  ExpRecovery unused;
  ExpIdentity seen;

  if (!exp_journal_load (store, file, &state, recovery != NULL ? recovery : &unused, error)
      || !exp_journal_adopt (store, file, &state, error))
    return NULL;
  seen = state.header.store;
  if (state.header.is_moving && !exp_source_identify (store, &seen, error))
    return NULL;

  ExpJournal *self = new_journal (&journal_class, store, file, &state);
  g_autoptr (ExpSource) source = &self->base;
  self->flags = flags;
  self->seen = seen;
  exp_source_expect_no_change (store); /* by others: it is locked */
  return g_steal_pointer (&source);
}

ExpSource *
exp_journal_open (ExpSource *store, ExpSource *journal, ExpRecovery *recovery, GError **error)
{
  g_autoptr (ExpSource) source = exp_journal_open_full (store, journal, 0, recovery, error);

  return source != NULL && exp_journal_checkpoint (source, error) ? g_steal_pointer (&source) : NULL;
}
