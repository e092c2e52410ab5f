/* A least-recently-used cache of chunks.
 * Knows bytes by owner, address and size only.
 * Called by the other chunk_*.c, from several threads. */
#include "chunk_cache.h"
#include "expfs/stats.h"

/* Chunks that were passed: kept for readers that come a little later, together at most this many bytes. */
#define MAX_PASSED (16 << 20)
/* Buffers of dropped chunks that wait to be used again. */
#define MAX_SPARE 8

typedef struct
{
  ExpCachedChunk base; /* bytes: NULL while one thread makes it */
  gconstpointer owner;
  guint64 address;
  guint8 *buffer;
  guint references; /* readers, and the table */
  guint waiters;
  gboolean has_failed; /* those who wait are to try themselves */
  GQueue *queue;       /* the one that holds it; NULL while it is made and when it was dropped */
  GList link;
} Entry;

typedef struct
{
  guint8 *buffer;
  gsize size;
} Spare;

/* All guarded by `lock`. */
static GMutex lock;
static GCond made;
static GHashTable *entries;   /* Entry -> itself */
static GQueue recent, passed; /* the latest first */
static Spare spares[MAX_SPARE];
static guint next_spare;
static guint64 held, held_passed, limit = 256 << 20; /* held: entries and spares */

static guint
entry_hash (gconstpointer key)
{
  const Entry *entry = key;

  return g_direct_hash (entry->owner) ^ (guint)(entry->address * G_GUINT64_CONSTANT (0x9e3779b97f4a7c15) >> 32);
}

static gboolean
entry_equal (gconstpointer a, gconstpointer b)
{
  const Entry *x = a, *y = b;

  return x->owner == y->owner && x->address == y->address && x->base.size == y->base.size;
}

static void
hold (gint64 bytes)
{
  held += bytes;
  exp_stat_add (EXP_STAT_CACHE_BYTES, bytes);
}

/* --- entries, all with the lock ----------------------------------------------------------------------------- */

static void
drop_spare (Spare *spare)
{
  if (spare->buffer == NULL)
    return;
  hold (-(gint64)spare->size);
  g_clear_pointer (&spare->buffer, g_free);
}

static gboolean
drop_spares (void)
{
  gboolean has_any = FALSE;

  for (guint i = 0; i < MAX_SPARE; i++)
    {
      has_any |= spares[i].buffer != NULL;
      drop_spare (&spares[i]);
    }
  return has_any;
}

static void
unref (Entry *entry)
{
  if (--entry->references > 0)
    return;
  if (entry->buffer != NULL)
    {
      Spare *spare = &spares[next_spare++ % MAX_SPARE];

      drop_spare (spare);
      *spare = (Spare){ entry->buffer, entry->base.size };
    }
  hold (-EXP_CHUNK_CACHE_ENTRY);
  g_free (entry);
}

/* Moves the entry to the head of another queue, or out of all. */
static void
enqueue (Entry *entry, GQueue *queue)
{
  if (entry->queue == &passed)
    held_passed -= entry->base.size;
  if (entry->queue != NULL)
    g_queue_unlink (entry->queue, &entry->link);
  if (queue == &passed)
    held_passed += entry->base.size;
  if (queue != NULL)
    g_queue_push_head_link (queue, &entry->link);
  entry->queue = queue;
}

/* FALSE when there is none. */
static gboolean
drop_oldest (void)
{
  GList *oldest = passed.tail != NULL ? passed.tail : recent.tail;

  if (oldest == NULL)
    return FALSE;

  Entry *entry = oldest->data;
  enqueue (entry, NULL);
  g_hash_table_remove (entries, entry);
  unref (entry);
  return TRUE;
}

/* Memory for a chunk: that of one which has to go, where there is no room for both. */
static guint8 *
take_buffer (gsize size)
{
  do
    for (guint i = 0; i < MAX_SPARE; i++)
      if (spares[i].buffer != NULL && spares[i].size == size)
        return g_steal_pointer (&spares[i].buffer);
  while (held + size > limit && (drop_spares () || drop_oldest ()));

  guint8 *buffer = g_try_malloc (MAX (size, 1));
  if (buffer != NULL)
    hold (size);
  return buffer;
}

static Entry *
find (gconstpointer owner, guint64 address, gsize size)
{
  const Entry key = { .base = { NULL, size }, .owner = owner, .address = address };

  return entries != NULL ? g_hash_table_lookup (entries, &key) : NULL;
}

/* An entry that others wait for until this thread has made it: the reference is the table's. */
static Entry *
add (gconstpointer owner, guint64 address, gsize size)
{
  Entry *entry = g_new0 (Entry, 1);

  if (entries == NULL)
    entries = g_hash_table_new (entry_hash, entry_equal);
  entry->base.size = size;
  entry->owner = owner;
  entry->address = address;
  entry->references = 1;
  entry->link.data = entry;
  hold (EXP_CHUNK_CACHE_ENTRY);
  entry->buffer = take_buffer (size);
  g_hash_table_add (entries, entry);
  return entry;
}

/* --- what others call --------------------------------------------------------------------------------------- */

void
exp_chunk_cache_set_limit (guint64 bytes)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&lock);

  limit = bytes;
  while (held > limit && (drop_spares () || drop_oldest ()))
    ;
}

guint64
exp_chunk_cache_get_limit (void)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&lock);

  return limit;
}

/* The entry once somebody else has made it, with a reference; NULL when that failed. */
static Entry *
wait_for (Entry *entry)
{
  entry->references++;
  entry->waiters++;
  while (entry->base.bytes == NULL && !entry->has_failed)
    g_cond_wait (&made, &lock);
  entry->waiters--;
  if (!entry->has_failed)
    return entry;
  unref (entry);
  return NULL;
}

static const ExpCachedChunk *
make_entry (Entry *entry, ExpChunkMakeFunc make, gpointer data, GError **error)
{
  gboolean is_made = entry->buffer != NULL;

  if (is_made)
    is_made = make (data, entry->buffer, error);
  else
    g_set_error (error, EXP_ERROR, EXP_ERROR_NO_MEMORY, "no memory for a chunk");

  g_mutex_lock (&lock);
  if (is_made)
    {
      entry->base.bytes = entry->buffer;
      entry->references++;
      enqueue (entry, &recent);
      exp_stat_add (EXP_STAT_CHUNKS_DECODED, 1);
    }
  else
    {
      entry->has_failed = TRUE;
      g_hash_table_remove (entries, entry);
    }
  if (entry->waiters > 0)
    g_cond_broadcast (&made);
  if (!is_made)
    unref (entry);
  g_mutex_unlock (&lock);
  return is_made ? &entry->base : NULL;
}

const ExpCachedChunk *
exp_chunk_cache_get (gconstpointer owner, guint64 address, gsize size, ExpChunkMakeFunc make, gpointer data,
                     GError **error)
{
  Entry *entry;

  g_mutex_lock (&lock);
  while ((entry = find (owner, address, size)) != NULL)
    {
      entry = wait_for (entry);
      if (entry == NULL)
        continue;
      if (entry->queue != NULL)
        enqueue (entry, &recent);
      g_mutex_unlock (&lock);
      exp_stat_add (EXP_STAT_CHUNK_HITS, 1);
      return &entry->base;
    }
  entry = add (owner, address, size);
  g_mutex_unlock (&lock);
  return make_entry (entry, make, data, error);
}

void
exp_chunk_cache_release (const ExpCachedChunk *chunk)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&lock);

  unref ((Entry *)chunk);
}

gboolean
exp_chunk_cache_has (gconstpointer owner, guint64 address, gsize size)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&lock);

  return find (owner, address, size) != NULL;
}

void
exp_chunk_cache_pass (gconstpointer owner, guint64 address, gsize size)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&lock);
  Entry *entry = find (owner, address, size);

  if (entry == NULL || entry->queue != &recent)
    return;
  enqueue (entry, &passed);
  while (held_passed > MIN (MAX_PASSED, limit / 4) && passed.length > 1)
    drop_oldest ();
}

void
exp_chunk_cache_forget (gconstpointer owner)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&lock);
  GQueue *const queues[] = { &recent, &passed };

  for (gsize i = 0; i < G_N_ELEMENTS (queues); i++)
    for (GList *at = queues[i]->head, *next; at != NULL; at = next)
      {
        Entry *entry = at->data;

        next = at->next;
        if (entry->owner != owner)
          continue;
        enqueue (entry, NULL);
        g_hash_table_remove (entries, entry);
        unref (entry);
      }
  drop_spares ();
}
