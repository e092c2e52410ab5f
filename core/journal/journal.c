/* The journal as a source: pages in memory, in the journal file and in the store, seen as one file.
 * Knows when what is durable; knows no format.
 * Opened by formats that write. */
#include "expfs/journal.h"
#include "expfs/error.h"
#include "recovery.h"
#include <string.h>

/* Pages in memory beyond this go to the journal file before the commit. */
#define MAX_DIRTY 2048

typedef struct
{
  ExpSource base;
  ExpSource *store, *file;

  GRWLock lock; /* guards the rest */
  ExpJournalHeader header;
  ExpRecords records;
  GHashTable *pages;
  guint n_dirty;
  guint64 size;        /* of what is seen */
  guint64 kept;        /* bytes of the store that are its own; those behind are zeros where no page says otherwise */
  gboolean is_changed; /* since the last commit */
  guint64 n_uncommitted;
  GError *failure;
} Journal;

static void
journal_free (ExpSource *source)
{
  Journal *self = (Journal *)source;

  g_hash_table_unref (self->pages);
  g_clear_error (&self->failure);
  g_rw_lock_clear (&self->lock);
  exp_source_unref (self->store);
  exp_source_unref (self->file);
  g_free (self);
}

/* --- reading, with the lock --------------------------------------------------------------------------------- */

/* Bytes that are the store's own, and zeros behind them. */
static gboolean
read_store (Journal *self, guint64 offset, gsize length, guint8 *to, GError **error)
{
  gsize own = offset >= self->kept ? 0 : MIN (length, self->kept - offset);

  memset (to + own, 0, length - own);
  return exp_source_pread (self->store, offset, own, to, error);
}

static gboolean
read_page (Journal *self, const ExpPage *page, gsize from, gsize length, guint8 *to, GError **error)
{
  if (page->dirty == NULL)
    return exp_source_pread (self->file, page->data + from, length, to, error);
  memcpy (to, page->dirty + from, length);
  return TRUE;
}

/* The bytes from `offset` on that no page has an answer for, at most `length`. */
static gsize
count_without_page (Journal *self, guint64 offset, gsize length)
{
  gsize n = 0;

  while (n < length && exp_pages_find (self->pages, (offset + n) / EXP_PAGE_SIZE) == NULL)
    n += EXP_PAGE_SIZE - (offset + n) % EXP_PAGE_SIZE;
  return MIN (n, length);
}

static gboolean
read_locked (Journal *self, guint64 offset, gsize length, guint8 *to, GError **error)
{
  if (g_hash_table_size (self->pages) == 0)
    return read_store (self, offset, length, to, error);
  while (length > 0)
    {
      gsize n = count_without_page (self, offset, length);

      if (n > 0)
        {
          if (!read_store (self, offset, n, to, error))
            return FALSE;
        }
      else
        {
          gsize from = offset % EXP_PAGE_SIZE;

          n = MIN (length, EXP_PAGE_SIZE - from);
          if (!read_page (self, exp_pages_find (self->pages, offset / EXP_PAGE_SIZE), from, n, to, error))
            return FALSE;
        }
      offset += n;
      to += n;
      length -= n;
    }
  return TRUE;
}

static gboolean
journal_pread (ExpSource *source, guint64 offset, gsize length, void *buffer, GError **error)
{
  Journal *self = (Journal *)source;
  gboolean is_read = FALSE;

  g_rw_lock_reader_lock (&self->lock);
  if (offset > self->size || length > self->size - offset)
    g_set_error (error, EXP_ERROR, EXP_ERROR_DAMAGED,
                 "%s ends at byte %" G_GUINT64_FORMAT ", before data that it should hold", source->name, self->size);
  else
    is_read = read_locked (self, offset, length, buffer, error);
  g_rw_lock_reader_unlock (&self->lock);
  return is_read;
}

static gboolean
journal_size (ExpSource *source, guint64 *size, GError **error)
{
  Journal *self = (Journal *)source;

  g_rw_lock_reader_lock (&self->lock);
  *size = self->size;
  g_rw_lock_reader_unlock (&self->lock);
  return TRUE;
}

static gboolean
journal_identify (ExpSource *source, ExpIdentity *identity, GError **error)
{
  Journal *self = (Journal *)source;

  return exp_source_identify (self->store, identity, error) && journal_size (source, &identity->size, error);
}

/* --- writing, with the lock --------------------------------------------------------------------------------- */

/* FALSE with the reason, once something has failed. */
static gboolean
may_write (Journal *self, GError **error)
{
  if (self->failure == NULL)
    return TRUE;
  g_set_error (error, EXP_ERROR, EXP_ERROR_READ_ONLY, "nothing is written any more since this failed: %s",
               self->failure->message);
  return FALSE;
}

/* Keeps the reason and hands it on. */
static gboolean
fail (Journal *self, GError *failure, GError **error)
{
  if (self->failure == NULL)
    self->failure = g_error_copy (failure);
  g_propagate_error (error, failure);
  return FALSE;
}

/* The pages in memory go to the journal file, not durable yet. */
static gboolean
write_dirty (Journal *self, GError **error)
{
  g_autoptr (GPtrArray) sorted = exp_pages_sorted (self->pages, TRUE);
  g_autofree guint64 *numbers = g_new (guint64, sorted->len), *data = g_new (guint64, sorted->len);
  g_autofree const guint8 **bytes = g_new (const guint8 *, sorted->len);

  for (guint i = 0; i < sorted->len; i++)
    {
      const ExpPage *page = g_ptr_array_index (sorted, i);

      numbers[i] = page->number;
      bytes[i] = page->dirty;
    }
  if (!exp_records_add_pages (&self->records, sorted->len, numbers, bytes, data, error))
    return FALSE;
  for (guint i = 0; i < sorted->len; i++)
    {
      ExpPage *page = g_ptr_array_index (sorted, i);

      page->data = data[i];
      g_clear_pointer (&page->dirty, g_free);
    }
  self->n_dirty = 0;
  return TRUE;
}

/* The page with its bytes in memory; NULL with an error. A page that is written whole need not be read first. */
static ExpPage *
get_dirty (Journal *self, guint64 number, gboolean is_whole, GError **error)
{
  ExpPage *page = exp_pages_find (self->pages, number);

  if (page != NULL && page->dirty != NULL)
    return page;

  g_autofree guint8 *bytes = g_malloc (EXP_PAGE_SIZE);
  if (!is_whole && !read_locked (self, number * EXP_PAGE_SIZE, EXP_PAGE_SIZE, bytes, error))
    return NULL;
  page = exp_pages_add (self->pages, number);
  page->dirty = g_steal_pointer (&bytes);
  self->n_dirty++;
  self->n_uncommitted++;
  return page;
}

static gboolean
write_locked (Journal *self, guint64 offset, gsize length, const guint8 *from, GError **error)
{
  self->is_changed = TRUE;
  while (length > 0)
    {
      gsize start = offset % EXP_PAGE_SIZE, n = MIN (length, EXP_PAGE_SIZE - start);
      ExpPage *page = get_dirty (self, offset / EXP_PAGE_SIZE, n == EXP_PAGE_SIZE, error);

      if (page == NULL)
        return FALSE;
      memcpy (page->dirty + start, from, n);
      offset += n;
      from += n;
      length -= n;
      self->size = MAX (self->size, offset);
      if (self->n_dirty >= MAX_DIRTY && !write_dirty (self, error))
        return FALSE;
    }
  return TRUE;
}

static gboolean
journal_pwrite (ExpSource *source, guint64 offset, gsize length, const void *buffer, GError **error)
{
  Journal *self = (Journal *)source;
  GError *failure = NULL;
  gboolean is_written = FALSE;

  g_rw_lock_writer_lock (&self->lock);
  if (offset > (guint64)G_MAXINT64 - length)
    g_set_error (error, EXP_ERROR, EXP_ERROR_NO_SPACE, "%s: no file can be that long", source->name);
  else if (may_write (self, error))
    is_written = write_locked (self, offset, length, buffer, &failure) || fail (self, failure, error);
  g_rw_lock_writer_unlock (&self->lock);
  return is_written;
}

/* What lies behind the new end must read as zeros if the file grows again. */
static gboolean
cut_locked (Journal *self, guint64 size, GError **error)
{
  if (size % EXP_PAGE_SIZE != 0)
    {
      ExpPage *page = get_dirty (self, size / EXP_PAGE_SIZE, FALSE, error);

      if (page == NULL)
        return FALSE;
      memset (page->dirty + size % EXP_PAGE_SIZE, 0, EXP_PAGE_SIZE - size % EXP_PAGE_SIZE);
    }
  exp_pages_cut (self->pages, size);
  self->kept = MIN (self->kept, size);

  g_autoptr (GPtrArray) dirty = exp_pages_sorted (self->pages, TRUE);
  self->n_dirty = dirty->len;
  return exp_records_add (&self->records, EXP_RECORD_CUT, size, 0, error);
}

static gboolean
journal_truncate (ExpSource *source, guint64 size, GError **error)
{
  Journal *self = (Journal *)source;
  GError *failure = NULL;
  gboolean is_done;

  g_rw_lock_writer_lock (&self->lock);
  is_done = size == self->size || may_write (self, error);
  if (is_done && size != self->size)
    {
      is_done = size > self->size || cut_locked (self, size, &failure) || fail (self, failure, error);
      self->is_changed = TRUE;
      if (is_done)
        self->size = size;
    }
  g_rw_lock_writer_unlock (&self->lock);
  return is_done;
}

static gboolean
commit_locked (Journal *self, GError **error)
{
  if (!write_dirty (self, error) || !exp_records_add (&self->records, EXP_RECORD_COMMIT, self->size, self->kept, error)
      || !exp_source_commit (self->file, error))
    return FALSE;
  self->is_changed = FALSE;
  self->n_uncommitted = 0;
  return TRUE;
}

static gboolean
journal_commit (ExpSource *source, GError **error)
{
  Journal *self = (Journal *)source;
  GError *failure = NULL;
  gboolean is_done;

  g_rw_lock_writer_lock (&self->lock);
  is_done
      = may_write (self, error) && (!self->is_changed || commit_locked (self, &failure) || fail (self, failure, error));
  g_rw_lock_writer_unlock (&self->lock);
  return is_done;
}

/* --- checkpoints -------------------------------------------------------------------------------------------- */

static gboolean
is_unchanged (Journal *self, GError **error)
{
  ExpIdentity now;

  if (!exp_source_identify (self->store, &now, error))
    return FALSE;
  if (now.inode == self->header.store.inode && now.size == self->header.store.size
      && now.mtime == self->header.store.mtime)
    return TRUE;
  g_set_error (error, EXP_ERROR, EXP_ERROR_BUSY,
               "%s was changed by another program: what was written here stays in %s and is not moved over it",
               self->store->name, self->file->name);
  return FALSE;
}

static gboolean
checkpoint_locked (Journal *self, GError **error)
{
  if (!is_unchanged (self, error) || !exp_records_add (&self->records, EXP_RECORD_CHECKPOINT, 0, 0, error)
      || !exp_source_commit (self->file, error)
      || !exp_pages_move (self->pages, self->file, self->store, self->kept, self->size, error)
      || !exp_journal_renew (self->store, self->file, &self->header, error))
    return FALSE;
  g_hash_table_remove_all (self->pages);
  exp_records_start (&self->records, self->file, self->header.salt);
  self->kept = self->size;
  return TRUE;
}

gboolean
exp_journal_checkpoint (ExpSource *source, GError **error)
{
  Journal *self = (Journal *)source;
  GError *failure = NULL;
  gboolean is_done = FALSE;

  g_rw_lock_writer_lock (&self->lock);
  if (self->is_changed)
    g_set_error (error, EXP_ERROR, EXP_ERROR_INVALID, "%s: not everything is committed", source->name);
  else if (may_write (self, error))
    is_done
        = self->records.end == EXP_RECORDS_START || checkpoint_locked (self, &failure) || fail (self, failure, error);
  g_rw_lock_writer_unlock (&self->lock);
  return is_done;
}

guint64
exp_journal_size (ExpSource *source)
{
  Journal *self = (Journal *)source;

  g_rw_lock_reader_lock (&self->lock);
  guint64 size = self->records.end;
  g_rw_lock_reader_unlock (&self->lock);
  return size;
}

guint64
exp_journal_uncommitted (ExpSource *source)
{
  Journal *self = (Journal *)source;

  g_rw_lock_reader_lock (&self->lock);
  guint64 n = self->n_uncommitted;
  g_rw_lock_reader_unlock (&self->lock);
  return n;
}

GError *
exp_journal_get_failure (ExpSource *source)
{
  Journal *self = (Journal *)source;

  g_rw_lock_reader_lock (&self->lock);
  GError *failure = self->failure != NULL ? g_error_copy (self->failure) : NULL;
  g_rw_lock_reader_unlock (&self->lock);
  return failure;
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

ExpSource *
exp_journal_open (ExpSource *store, ExpSource *journal, ExpRecovery *recovery, GError **error)
{
  ExpJournalHeader header;
  ExpRecovery unused;

  if (!exp_journal_recover (store, journal, &header, recovery != NULL ? recovery : &unused, error))
    return NULL;

  Journal *self = g_new0 (Journal, 1);
  self->base.klass = &journal_class;
  g_atomic_ref_count_init (&self->base.references);
  self->base.name = g_strdup (store->name);
  self->store = exp_source_ref (store);
  self->file = exp_source_ref (journal);
  g_rw_lock_init (&self->lock);
  self->header = header;
  self->pages = exp_pages_new ();
  self->size = self->kept = header.store.size;
  exp_records_start (&self->records, journal, header.salt);
  return &self->base;
}
