/* Reads, verifies and keeps blocks.
 * Knows no structure.
 * Called by the readers of chunk indices, trees and heaps. */
#include "metadata_cache.h"
#include "object_checksum.h"
#include <string.h>

/* Blocks are read whole to verify them. The library's own have a few MiB at most; a file with holes may claim any size.
 */
#define MAX_BLOCK (64 * 1024 * 1024)

typedef struct
{
  guint64 address;
  GBytes *bytes;
  gsize verified; /* bytes that a checksum at their end was found to fit; 0 for none */
  GList link;     /* in blocks->recent */
} Block;

guint64
exp_cursor_uint (ExpBytesCursor *cursor, guint n_bytes)
{
  guint64 value = 0;

  if (n_bytes > 8 || (gsize)(cursor->end - cursor->at) < n_bytes)
    {
      cursor->is_short = TRUE;
      cursor->at = cursor->end;
      return 0;
    }
  for (guint i = 0; i < n_bytes; i++)
    value |= (guint64)cursor->at[i] << (8 * i);
  cursor->at += n_bytes;
  return value;
}

void
exp_cursor_skip (ExpBytesCursor *cursor, guint64 n_bytes)
{
  if ((guint64)(cursor->end - cursor->at) < n_bytes)
    {
      cursor->is_short = TRUE;
      cursor->at = cursor->end;
    }
  else
    cursor->at += n_bytes;
}

guint64
exp_cursor_address (ExpBytesCursor *cursor, guint n_bytes)
{
  guint64 value = exp_cursor_uint (cursor, n_bytes);

  return n_bytes < 8 && value == (G_GUINT64_CONSTANT (1) << (8 * n_bytes)) - 1 ? EXP_NO_ADDRESS : value;
}

guint
exp_log2 (guint64 n)
{
  return n > 0 ? 63 - __builtin_clzll (n) : 0;
}

static void
block_free (gpointer data)
{
  Block *block = data;

  g_bytes_unref (block->bytes);
  g_free (block);
}

ExpMetadataCache *
exp_metadata_cache_new (ExpSource *source, guint64 base, guint sizeof_address, guint sizeof_size, const char *name,
                        gsize limit)
{
  ExpMetadataCache *blocks = g_new0 (ExpMetadataCache, 1);

  blocks->source = exp_source_ref (source);
  blocks->base = base;
  blocks->sizeof_address = sizeof_address;
  blocks->sizeof_size = sizeof_size;
  blocks->name = name;
  blocks->limit = limit;
  g_mutex_init (&blocks->lock);
  blocks->held = g_hash_table_new_full (g_int64_hash, g_int64_equal, NULL, block_free);
  return blocks;
}

void
exp_metadata_cache_free (ExpMetadataCache *blocks)
{
  if (blocks == NULL)
    return;
  exp_source_unref (blocks->source);
  g_hash_table_unref (blocks->held);
  g_mutex_clear (&blocks->lock);
  g_free (blocks);
}

gboolean
exp_metadata_cache_damaged (const ExpMetadataCache *blocks, const char *what, GError **error)
{
  g_set_error (error, EXP_ERROR, EXP_ERROR_DAMAGED, "the %s is damaged: %s", blocks->name, what);
  return FALSE;
}

/* What is held of the block when that is enough, a new reference. */
static GBytes *
take (ExpMetadataCache *blocks, guint64 address, guint64 size, gsize *verified)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&blocks->lock);
  Block *block = g_hash_table_lookup (blocks->held, &address);

  if (block == NULL || g_bytes_get_size (block->bytes) < size)
    return NULL;
  if (blocks->recent.head != &block->link)
    {
      g_queue_unlink (&blocks->recent, &block->link);
      g_queue_push_head_link (&blocks->recent, &block->link);
    }
  *verified = block->verified;
  return g_bytes_ref (block->bytes);
}

/* With the lock. */
static void
drop (ExpMetadataCache *blocks, Block *block)
{
  g_queue_unlink (&blocks->recent, &block->link);
  blocks->held_bytes -= g_bytes_get_size (block->bytes);
  g_hash_table_remove (blocks->held, &block->address);
}

void
exp_metadata_cache_drop_all (ExpMetadataCache *blocks)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&blocks->lock);

  while (blocks->recent.tail != NULL)
    drop (blocks, blocks->recent.tail->data);
}

static void
keep (ExpMetadataCache *blocks, guint64 address, GBytes *bytes, gsize verified)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&blocks->lock);
  Block *block = g_hash_table_lookup (blocks->held, &address);

  if (block != NULL)
    drop (blocks, block);
  block = g_new0 (Block, 1);
  block->address = address;
  block->bytes = g_bytes_ref (bytes);
  block->verified = verified;
  block->link.data = block;
  g_hash_table_insert (blocks->held, &block->address, block);
  g_queue_push_head_link (&blocks->recent, &block->link);
  blocks->held_bytes += g_bytes_get_size (bytes);
  while (blocks->held_bytes > blocks->limit && blocks->recent.length > 1)
    drop (blocks, blocks->recent.tail->data);
}

/* At least `least` bytes at `address`, `most` if there are as many. */
static GBytes *
read_bytes (const ExpMetadataCache *blocks, guint64 address, guint64 least, guint64 most, GError **error)
{
  guint64 file_size, at;

  if (!exp_source_size (blocks->source, &file_size, error))
    return NULL;
  if (!g_uint64_checked_add (&at, address, blocks->base) || at > file_size || least > file_size - at || least < 8)
    {
      exp_metadata_cache_damaged (blocks, "a block lies outside the file", error);
      return NULL;
    }

  if (least > MAX_BLOCK)
    {
      exp_metadata_cache_damaged (blocks, "a block is too large", error);
      return NULL;
    }

  gsize size = MIN (MAX (least, most), file_size - at);
  g_autofree guint8 *data = g_try_malloc (size);
  if (data == NULL)
    {
      g_set_error (error, EXP_ERROR, EXP_ERROR_NO_MEMORY, "no memory for a block of the %s", blocks->name);
      return NULL;
    }
  /* A file of several members may end the address space of one sooner. */
  if (size > least && !exp_source_pread (blocks->source, at, size, data, NULL))
    size = least;
  else if (size > least)
    return g_bytes_new_take (g_steal_pointer (&data), size);
  return exp_source_pread (blocks->source, at, size, data, error) ? g_bytes_new_take (g_steal_pointer (&data), size)
                                                                  : NULL;
}

/* The checksum at `sum_at` is that of `size` bytes: of those before it when it is the last, else of all with zeros in
 * its place. */
static gboolean
verify (const ExpMetadataCache *blocks, GBytes *block, gsize size, gsize sum_at, GError **error)
{
  const guint8 *data = g_bytes_get_data (block, NULL);
  ExpBytesCursor sum = { data + sum_at, data + size, FALSE };
  g_autofree guint8 *copy = NULL;

  if (sum_at < size - 4)
    {
      copy = g_try_malloc (size);
      if (copy == NULL)
        {
          g_set_error (error, EXP_ERROR, EXP_ERROR_NO_MEMORY, "no memory for a block of the %s", blocks->name);
          return FALSE;
        }
      memcpy (copy, data, size);
      memset (copy + sum_at, 0, 4);
    }
  if (exp_object_checksum (copy != NULL ? copy : data, copy != NULL ? size : size - 4) == exp_cursor_uint (&sum, 4))
    return TRUE;
  g_set_error (error, EXP_ERROR, EXP_ERROR_CHECKSUM, "a block of the %s fails its checksum", blocks->name);
  return FALSE;
}

/* With a `sum_at` that is not 0 the checksum there must fit the first `least` bytes. */
static GBytes *
get (ExpMetadataCache *blocks, guint64 address, guint64 least, guint64 most, const char *signature, gsize sum_at,
     GError **error)
{
  gsize verified = 0;
  g_autoptr (GBytes) held = take (blocks, address, least, &verified);
  g_autoptr (GBytes) block = held != NULL ? g_bytes_ref (held) : read_bytes (blocks, address, least, most, error);
  gboolean is_verified = sum_at == 0 || verified == least;

  if (block == NULL)
    return NULL;
  if (signature != NULL && memcmp (g_bytes_get_data (block, NULL), signature, 4) != 0)
    {
      exp_metadata_cache_damaged (blocks, "a block has the wrong signature", error);
      return NULL;
    }
  if (!is_verified && !verify (blocks, block, least, sum_at, error))
    return NULL;
  if (held == NULL || !is_verified)
    keep (blocks, address, block, sum_at != 0 ? least : 0);
  return g_steal_pointer (&block);
}

GBytes *
exp_metadata_cache_get (ExpMetadataCache *blocks, guint64 address, guint64 size, const char *signature,
                        gboolean has_checksum, GError **error)
{
  return get (blocks, address, size, size, signature, has_checksum ? size - 4 : 0, error);
}

GBytes *
exp_metadata_cache_get_summed (ExpMetadataCache *blocks, guint64 address, guint64 size, const char *signature,
                               gsize sum_at, GError **error)
{
  return get (blocks, address, size, size, signature, sum_at, error);
}

GBytes *
exp_metadata_cache_get_start (ExpMetadataCache *blocks, guint64 address, gsize least, gsize guess,
                              const char *signature, GError **error)
{
  return get (blocks, address, least, guess, signature, 0, error);
}
