/* Headers and records as bytes.
 * Knows the layout that include/expfs/journal.h gives.
 * Called by journal.c and recovery.c. */
#include "records.h"
#include "expfs/error.h"
#include <string.h>
#include <xxhash.h>

#define MAGIC       "expfswal"
#define VERSION     1
#define RECORD_SIZE 32
#define HASHED      24 /* bytes of a record before its hash */
/* Pages written at a time. */
#define BATCH 64

static void
put (guint8 *to, guint64 value, guint size)
{
  for (guint i = 0; i < size; i++)
    to[i] = value >> 8 * i;
}

static guint64
get (const guint8 *from, guint size)
{
  guint64 value = 0;

  for (guint i = size; i-- > 0;)
    value = value << 8 | from[i];
  return value;
}

/* --- headers ------------------------------------------------------------------------------------------------ */

static gboolean
parse_header (const guint8 *bytes, ExpJournalHeader *header)
{
  if (memcmp (bytes, MAGIC, 8) != 0 || get (bytes + 4088, 8) != XXH3_64bits (bytes, 4088))
    return FALSE;
  header->generation = get (bytes + 16, 8);
  header->salt = get (bytes + 24, 8);
  header->store.inode = get (bytes + 32, 8);
  header->store.size = get (bytes + 40, 8);
  header->store.mtime = get (bytes + 48, 8);
  header->start_hash = get (bytes + 56, 8);
  return TRUE;
}

gboolean
exp_journal_read_header (ExpSource *file, ExpJournalHeader *header, GError **error)
{
  guint8 bytes[2 * EXP_PAGE_SIZE] = { 0 };
  ExpJournalHeader other;
  guint64 size;

  if (!exp_source_size (file, &size, error) || !exp_source_pread (file, 0, MIN (size, sizeof bytes), bytes, error))
    return FALSE;

  gboolean has_first = parse_header (bytes, header), has_second = parse_header (bytes + EXP_PAGE_SIZE, &other);
  const guint8 *counting = bytes;
  if (has_second && (!has_first || other.generation > header->generation))
    {
      *header = other;
      counting = bytes + EXP_PAGE_SIZE;
    }
  if (has_first || has_second)
    {
      if (get (counting + 8, 4) == VERSION && get (counting + 12, 4) == EXP_PAGE_SIZE)
        return TRUE;
      g_set_error (error, EXP_ERROR, EXP_ERROR_VERSION, "%s: a journal of another version of expfs", file->name);
      return FALSE;
    }
  /* Records are written after a header only, so there are none to lose. */
  if (size > EXP_RECORDS_START)
    g_set_error (error, EXP_ERROR, EXP_ERROR_DAMAGED, "%s: not a journal, or both its headers are damaged", file->name);
  return FALSE;
}

gboolean
exp_journal_write_header (ExpSource *file, const ExpJournalHeader *header, GError **error)
{
  guint8 bytes[EXP_PAGE_SIZE] = MAGIC;

  put (bytes + 8, VERSION, 4);
  put (bytes + 12, EXP_PAGE_SIZE, 4);
  put (bytes + 16, header->generation, 8);
  put (bytes + 24, header->salt, 8);
  put (bytes + 32, header->store.inode, 8);
  put (bytes + 40, header->store.size, 8);
  put (bytes + 48, header->store.mtime, 8);
  put (bytes + 56, header->start_hash, 8);
  put (bytes + 4088, XXH3_64bits (bytes, 4088), 8);
  return exp_source_pwrite (file, header->generation % 2 * EXP_PAGE_SIZE, sizeof bytes, bytes, error)
         && exp_source_commit (file, error);
}

gboolean
exp_journal_identify (ExpSource *store, ExpJournalHeader *header, GError **error)
{
  guint8 bytes[EXP_PAGE_SIZE];

  if (!exp_source_identify (store, &header->store, error))
    return FALSE;

  gsize n = MIN (header->store.size, sizeof bytes);
  if (!exp_source_pread (store, 0, n, bytes, error))
    return FALSE;
  header->start_hash = XXH3_64bits (bytes, n);
  return TRUE;
}

/* --- records ------------------------------------------------------------------------------------------------ */

void
exp_records_start (ExpRecords *records, ExpSource *file, guint64 salt)
{
  *records = (ExpRecords){ file, EXP_RECORDS_START, salt };
}

static guint64
hash_of (const guint8 *record, const guint8 *page, guint64 seed)
{
  guint64 hash = XXH3_64bits_withSeed (record, HASHED, seed);

  return page != NULL ? XXH3_64bits_withSeed (page, EXP_PAGE_SIZE, hash) : hash;
}

gboolean
exp_records_next (ExpRecords *records, ExpRecord *record, GError **error)
{
  guint8 bytes[RECORD_SIZE], page[EXP_PAGE_SIZE];
  guint64 size;

  if (!exp_source_size (records->file, &size, error))
    return FALSE;
  if (size < records->end || size - records->end < RECORD_SIZE)
    return FALSE;
  if (!exp_source_pread (records->file, records->end, RECORD_SIZE, bytes, error))
    return FALSE;
  *record = (ExpRecord){ get (bytes, 4), get (bytes + 8, 8), get (bytes + 16, 8), records->end + RECORD_SIZE };

  gboolean is_page = record->kind == EXP_RECORD_PAGE;
  if (record->kind < EXP_RECORD_PAGE || record->kind > EXP_RECORD_CUT
      || (is_page && size - record->data < EXP_PAGE_SIZE))
    return FALSE;
  if (is_page && !exp_source_pread (records->file, record->data, EXP_PAGE_SIZE, page, error))
    return FALSE;

  guint64 hash = hash_of (bytes, is_page ? page : NULL, records->hash);
  if (hash != get (bytes + HASHED, 8))
    return FALSE;
  records->hash = hash;
  records->end = record->data + (is_page ? EXP_PAGE_SIZE : 0);
  return TRUE;
}

static guint64
fill_record (guint8 *bytes, ExpRecordKind kind, guint64 number, guint64 kept, const guint8 *page, guint64 seed)
{
  guint64 hash;

  put (bytes, kind, 4);
  put (bytes + 4, 0, 4);
  put (bytes + 8, number, 8);
  put (bytes + 16, kept, 8);
  hash = hash_of (bytes, page, seed);
  put (bytes + HASHED, hash, 8);
  return hash;
}

gboolean
exp_records_add_pages (ExpRecords *records, guint n, const guint64 *numbers, const guint8 *const *pages, guint64 *data,
                       GError **error)
{
  const gsize step = RECORD_SIZE + EXP_PAGE_SIZE;
  g_autofree guint8 *bytes = g_try_malloc (MIN (n, BATCH) * step);
  ExpRecords at = *records;

  if (bytes == NULL && n > 0)
    {
      g_set_error (error, EXP_ERROR, EXP_ERROR_NO_MEMORY, "%s: no memory to write", records->file->name);
      return FALSE;
    }
  for (guint done = 0; done < n;)
    {
      guint batch = MIN (n - done, BATCH);

      for (guint i = 0; i < batch; i++, done++)
        {
          at.hash = fill_record (bytes + i * step, EXP_RECORD_PAGE, numbers[done], 0, pages[done], at.hash);
          memcpy (bytes + i * step + RECORD_SIZE, pages[done], EXP_PAGE_SIZE);
          data[done] = at.end + i * step + RECORD_SIZE;
        }
      if (!exp_source_pwrite (at.file, at.end, batch * step, bytes, error))
        return FALSE;
      at.end += batch * step;
    }
  *records = at;
  return TRUE;
}

gboolean
exp_records_add (ExpRecords *records, ExpRecordKind kind, guint64 number, guint64 kept, GError **error)
{
  guint8 bytes[RECORD_SIZE];
  guint64 hash = fill_record (bytes, kind, number, kept, NULL, records->hash);

  if (!exp_source_pwrite (records->file, records->end, sizeof bytes, bytes, error))
    return FALSE;
  records->hash = hash;
  records->end += sizeof bytes;
  return TRUE;
}
