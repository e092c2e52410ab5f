/* Headers as bytes, and what identifies a store.
 * Knows the layout that include/expfs/journal.h gives; not what the records say.
 * Called by journal.c, recovery.c and path.c. */
#include "header.h"
#include "bytes.h"
#include "expfs/error.h"
#include <string.h>
#include <unistd.h>
#include <xxhash.h>

#define MAGIC     "expfswal"
#define VERSION   1
#define HASH_AT   4088
#define HOST_AT   88
#define HOST_SIZE 64

static gboolean
parse (const guint8 *bytes, ExpJournalHeader *header)
{
  if (memcmp (bytes, MAGIC, 8) != 0 || exp_get (bytes + HASH_AT, 8) != XXH3_64bits (bytes, HASH_AT))
    return FALSE;
  header->generation = exp_get (bytes + 16, 8);
  header->salt = exp_get (bytes + 24, 8);
  header->store.inode = exp_get (bytes + 32, 8);
  header->store.size = exp_get (bytes + 40, 8);
  header->store.mtime = exp_get (bytes + 48, 8);
  header->start_hash = exp_get (bytes + 56, 8);
  header->is_moving = exp_get (bytes + 64, 8) != 0;
  header->process = exp_get (bytes + 72, 8);
  header->since = exp_get (bytes + 80, 8);
  memcpy (header->host, bytes + HOST_AT, HOST_SIZE);
  header->host[HOST_SIZE] = '\0';
  return TRUE;
}

gboolean
exp_journal_header_read (ExpSource *file, ExpJournalHeader *header, GError **error)
{
  guint8 bytes[2 * EXP_PAGE_SIZE] = { 0 };
  ExpJournalHeader other;
  guint64 size;

  *header = (ExpJournalHeader){ 0 };
  if (!exp_source_size (file, &size, error) || !exp_source_pread (file, 0, MIN (size, sizeof bytes), bytes, error))
    return FALSE;

  gboolean has_first = parse (bytes, header), has_second = parse (bytes + EXP_PAGE_SIZE, &other);
  const guint8 *counting = bytes;
  if (has_second && (!has_first || other.generation > header->generation))
    {
      *header = other;
      counting = bytes + EXP_PAGE_SIZE;
    }
  if (has_first || has_second)
    {
      if (exp_get (counting + 8, 4) == VERSION && exp_get (counting + 12, 4) == EXP_PAGE_SIZE)
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
exp_journal_header_write_again (ExpSource *file, const ExpJournalHeader *header, GError **error)
{
  guint8 bytes[EXP_PAGE_SIZE] = MAGIC;

  exp_put (bytes + 8, VERSION, 4);
  exp_put (bytes + 12, EXP_PAGE_SIZE, 4);
  exp_put (bytes + 16, header->generation, 8);
  exp_put (bytes + 24, header->salt, 8);
  exp_put (bytes + 32, header->store.inode, 8);
  exp_put (bytes + 40, header->store.size, 8);
  exp_put (bytes + 48, header->store.mtime, 8);
  exp_put (bytes + 56, header->start_hash, 8);
  exp_put (bytes + 64, header->is_moving, 8);
  exp_put (bytes + 72, header->process, 8);
  exp_put (bytes + 80, header->since, 8);
  memcpy (bytes + HOST_AT, header->host, HOST_SIZE);
  exp_put (bytes + HASH_AT, XXH3_64bits (bytes, HASH_AT), 8);
  return exp_source_pwrite (file, header->generation % 2 * EXP_PAGE_SIZE, sizeof bytes, bytes, error);
}

gboolean
exp_journal_header_write (ExpSource *file, ExpJournalHeader *header, GError **error)
{
  header->generation++;
  return exp_journal_header_write_again (file, header, error) && exp_source_commit (file, error);
}

gboolean
exp_journal_header_identify (ExpSource *store, ExpJournalHeader *header, GError **error)
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

void
exp_journal_header_own (ExpJournalHeader *header)
{
  memset (header->host, 0, sizeof header->host);
  if (gethostname (header->host, HOST_SIZE) != 0)
    *header->host = '\0';
  header->process = getpid ();
  header->since = g_get_real_time () / G_USEC_PER_SEC;
}

void
exp_journal_header_renew (ExpJournalHeader *header)
{
  header->salt = (guint64)g_random_int () << 32 | g_random_int ();
}
