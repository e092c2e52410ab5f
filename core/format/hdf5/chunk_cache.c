/* A least-recently-used cache of chunks.
 * Knows bytes by owner and address only.
 * Called by chunks.c, from several threads. */
#include "chunk_cache.h"
#include "expfs/stats.h"

typedef struct
{
  gconstpointer owner;
  guint64 address;
  GBytes *bytes; /* NULL while one thread makes it */
  GList link;    /* in `recent` once made */
} Entry;

/* All guarded by `lock`. */
static GMutex lock;
static GCond made;
static GHashTable *entries; /* Entry -> itself */
static GQueue recent;       /* the latest first */
static guint64 held, limit = 256 << 20;

static guint
entry_hash (gconstpointer key)
{
  const Entry *entry = key;

  return g_direct_hash (entry->owner) ^ g_int64_hash (&entry->address);
}

static gboolean
entry_equal (gconstpointer a, gconstpointer b)
{
  const Entry *x = a, *y = b;

  return x->owner == y->owner && x->address == y->address;
}

static void
drop (Entry *entry)
{
  gsize size = g_bytes_get_size (entry->bytes);

  held -= size;
  exp_stat_add (EXP_STAT_CACHE_BYTES, -(gint64)size);
  g_queue_unlink (&recent, &entry->link);
  g_hash_table_remove (entries, entry);
  g_bytes_unref (entry->bytes);
  g_free (entry);
}

static void
shrink (void)
{
  while (held > limit && recent.length > 1)
    drop (recent.tail->data);
}

void
exp_chunk_cache_set_limit (guint64 bytes)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&lock);

  limit = bytes;
  shrink ();
}

static void
keep (Entry *entry, GBytes *bytes)
{
  gsize size = g_bytes_get_size (bytes);

  entry->bytes = g_bytes_ref (bytes);
  entry->link.data = entry;
  g_queue_push_head_link (&recent, &entry->link);
  held += size;
  exp_stat_add (EXP_STAT_CACHE_BYTES, size);
  shrink ();
}

/* The entry when it is made; NULL, with a new one in the table, when this thread is to make it. */
static Entry *
find (gconstpointer owner, guint64 address, Entry **mine)
{
  const Entry key = { owner, address };

  if (entries == NULL)
    entries = g_hash_table_new (entry_hash, entry_equal);
  for (;;)
    {
      Entry *entry = g_hash_table_lookup (entries, &key);

      if (entry == NULL)
        {
          *mine = g_new0 (Entry, 1);
          (*mine)->owner = owner;
          (*mine)->address = address;
          g_hash_table_add (entries, *mine);
          return NULL;
        }
      if (entry->bytes != NULL)
        return entry;
      g_cond_wait (&made, &lock);
    }
}

GBytes *
exp_chunk_cache_get (gconstpointer owner, guint64 address, ExpChunkMakeFunc make, gpointer data, GError **error)
{
  Entry *mine = NULL, *entry;
  GBytes *bytes = NULL;
  gsize size;

  g_mutex_lock (&lock);
  entry = find (owner, address, &mine);
  if (entry != NULL)
    {
      g_queue_unlink (&recent, &entry->link);
      g_queue_push_head_link (&recent, &entry->link);
      bytes = g_bytes_ref (entry->bytes);
      g_mutex_unlock (&lock);
      exp_stat_add (EXP_STAT_CHUNK_HITS, 1);
      return bytes;
    }
  g_mutex_unlock (&lock);

  guint8 *chunk = make (data, &size, error);
  if (chunk != NULL)
    {
      bytes = g_bytes_new_take (chunk, size);
      exp_stat_add (EXP_STAT_CHUNKS_DECODED, 1);
    }

  g_mutex_lock (&lock);
  if (bytes != NULL)
    keep (mine, bytes);
  else
    {
      g_hash_table_remove (entries, mine);
      g_free (mine);
    }
  g_cond_broadcast (&made);
  g_mutex_unlock (&lock);
  return bytes;
}

void
exp_chunk_cache_forget (gconstpointer owner)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&lock);

  for (GList *at = recent.head, *next; at != NULL; at = next)
    {
      Entry *entry = at->data;

      next = at->next;
      if (entry->owner == owner)
        drop (entry);
    }
}
