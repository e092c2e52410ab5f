/* Records as bytes.
 * Knows the layout that include/expfs/journal.h gives; not what pages mean.
 * Called by journal.c and recovery.c. */
#include "records.h"
#include "bytes.h"
#include "expfs/error.h"
#include <string.h>
#include <xxhash.h>

#define HASHED 24 /* bytes of a record before its hash */
/* Bytes written at a time, and read: at least a record with all its pages. */
#define BATCH  (2 << 20)
#define WINDOW (4 << 20)

void
exp_records_start (ExpRecords *records, ExpSource *file, guint64 salt)
{
  *records = (ExpRecords){ file, EXP_RECORDS_START, salt };
}

static guint64
hash_of (const guint8 *record, guint n_pages, const guint8 *pages, guint64 seed)
{
  guint64 hash = XXH3_64bits_withSeed (record, HASHED, seed);

  return n_pages > 0 ? XXH3_64bits_withSeed (pages, n_pages * (gsize)EXP_PAGE_SIZE, hash) : hash;
}

/* Fills the 32 bytes of a record; returns its hash. */
static guint64
fill (guint8 *bytes, const ExpRecord *record, const guint8 *pages, guint64 seed)
{
  guint64 hash;

  exp_put (bytes, record->kind, 4);
  exp_put (bytes + 4, record->n_pages, 4);
  exp_put (bytes + 8, record->number, 8);
  exp_put (bytes + 16, record->kept, 8);
  hash = hash_of (bytes, record->n_pages, pages, seed);
  exp_put (bytes + HASHED, hash, 8);
  return hash;
}

/* --- writing ------------------------------------------------------------------------------------------------ */

gboolean
exp_records_add (ExpRecords *records, ExpRecordKind kind, guint64 number, guint64 kept, GError **error)
{
  const ExpRecord record = { .kind = kind, .number = number, .kept = kept };
  guint8 bytes[EXP_RECORD_SIZE];
  guint64 hash = fill (bytes, &record, NULL, records->hash);

  if (!exp_source_pwrite (records->file, records->end, sizeof bytes, bytes, error))
    return FALSE;
  records->hash = hash;
  records->end += sizeof bytes;
  return TRUE;
}

gboolean
exp_records_add_run (ExpRecords *records, guint64 number, guint n_pages, const guint8 *pages, guint64 *data,
                     GError **error)
{
  const ExpRecord record = { .kind = EXP_RECORD_PAGES, .n_pages = n_pages, .number = number };
  const gsize length = n_pages * (gsize)EXP_PAGE_SIZE;
  guint8 bytes[EXP_RECORD_SIZE];
  guint64 hash = fill (bytes, &record, pages, records->hash);

  if (!exp_source_pwrite (records->file, records->end, sizeof bytes, bytes, error)
      || !exp_source_pwrite (records->file, records->end + sizeof bytes, length, pages, error))
    return FALSE;
  *data = records->end + sizeof bytes;
  records->hash = hash;
  records->end += sizeof bytes + length;
  return TRUE;
}

/* How many of the pages, at most one record's, follow each other from the i-th on. */
static guint
count_run (guint n, const guint64 *numbers, guint i)
{
  guint run = 1;

  while (i + run < n && run < EXP_RECORD_MAX_PAGES && numbers[i + run] == numbers[i] + run)
    run++;
  return run;
}

gboolean
exp_records_add_pages (ExpRecords *records, guint n, const guint64 *numbers, guint8 *const *pages, guint64 *data,
                       GError **error)
{
  g_autofree guint8 *batch = n > 0 ? g_try_malloc (MIN (BATCH, n * (gsize)(EXP_RECORD_SIZE + EXP_PAGE_SIZE))) : NULL;
  ExpRecords at = *records;

  if (batch == NULL && n > 0)
    {
      g_set_error (error, EXP_ERROR, EXP_ERROR_NO_MEMORY, "%s: no memory to write", records->file->name);
      return FALSE;
    }
  for (guint i = 0; i < n;)
    {
      gsize used = 0;

      for (guint run; i < n && (run = count_run (n, numbers, i)) > 0; i += run)
        {
          ExpRecord record = { .kind = EXP_RECORD_PAGES, .n_pages = run, .number = numbers[i] };
          guint8 *to = batch + used, *to_pages = to + EXP_RECORD_SIZE;

          if (used + EXP_RECORD_SIZE + run * (gsize)EXP_PAGE_SIZE > BATCH)
            break;
          for (guint k = 0; k < run; k++)
            {
              memcpy (to_pages + k * EXP_PAGE_SIZE, pages[i + k], EXP_PAGE_SIZE);
              data[i + k] = at.end + used + EXP_RECORD_SIZE + k * EXP_PAGE_SIZE;
            }
          at.hash = fill (to, &record, to_pages, at.hash);
          used += EXP_RECORD_SIZE + run * (gsize)EXP_PAGE_SIZE;
        }
      if (!exp_source_pwrite (at.file, at.end, used, batch, error))
        return FALSE;
      at.end += used;
    }
  *records = at;
  return TRUE;
}

/* --- reading ------------------------------------------------------------------------------------------------ */

gboolean
exp_record_reader_init (ExpRecordReader *reader, ExpSource *file, guint64 salt, GError **error)
{
  *reader = (ExpRecordReader){ 0 };
  exp_records_start (&reader->at, file, salt);
  if (!exp_source_size (file, &reader->size, error))
    return FALSE;
  reader->window = g_try_malloc (WINDOW);
  if (reader->window != NULL)
    return TRUE;
  g_set_error (error, EXP_ERROR, EXP_ERROR_NO_MEMORY, "%s: no memory to read", file->name);
  return FALSE;
}

void
exp_record_reader_clear (ExpRecordReader *reader)
{
  g_clear_pointer (&reader->window, g_free);
}

/* `length` bytes at the reader's place, in the window; NULL when the file ends before, or with an error. */
static const guint8 *
look (ExpRecordReader *reader, gsize length, GError **error)
{
  const guint64 from = reader->at.end;

  if (from > reader->size || length > reader->size - from)
    return NULL;
  if (from < reader->start || from + length > reader->start + reader->length)
    {
      reader->length = 0;
      gsize n = MIN (WINDOW, reader->size - from);
      if (!exp_source_pread (reader->at.file, from, n, reader->window, error))
        return NULL;
      reader->start = from;
      reader->length = n;
    }
  return reader->window + (from - reader->start);
}

static gboolean
is_possible (const ExpRecord *record)
{
  const guint64 last_page = G_MAXINT64 / EXP_PAGE_SIZE - EXP_RECORD_MAX_PAGES;

  switch (record->kind)
    {
    case EXP_RECORD_PAGES:
      return record->n_pages > 0 && record->n_pages <= EXP_RECORD_MAX_PAGES && record->number < last_page;
    case EXP_RECORD_COMMIT:
      return record->n_pages == 0 && record->number <= G_MAXINT64 && record->kept <= record->number;
    case EXP_RECORD_CUT:
      return record->n_pages == 0 && record->number <= G_MAXINT64;
    default:
      return FALSE;
    }
}

gboolean
exp_record_reader_next (ExpRecordReader *reader, ExpRecord *record, GError **error)
{
  const guint8 *bytes = look (reader, EXP_RECORD_SIZE, error);

  if (bytes == NULL)
    return FALSE;
  *record = (ExpRecord){ exp_get (bytes, 4), exp_get (bytes + 4, 4), exp_get (bytes + 8, 8), exp_get (bytes + 16, 8),
                         reader->at.end + EXP_RECORD_SIZE };
  if (!is_possible (record))
    return FALSE;

  gsize length = EXP_RECORD_SIZE + record->n_pages * (gsize)EXP_PAGE_SIZE;
  bytes = look (reader, length, error);
  if (bytes == NULL)
    return FALSE;

  guint64 hash = hash_of (bytes, record->n_pages, bytes + EXP_RECORD_SIZE, reader->at.hash);
  if (hash != exp_get (bytes + HASHED, 8))
    return FALSE;
  reader->at.hash = hash;
  reader->at.end += length;
  return TRUE;
}
