/* Lookup of chunks: the layout message, the simple index kinds, the numbering of chunks and the cache of blocks.
 * Knows neither filters nor the library; the structured kinds are in chunk_btree*.c and chunk_arrays.c.
 * Called by the chunk reader. */
#include "chunk_index_private.h"
#include "object_checksum.h"
#include <string.h>

#define MAX_BLOCK_BYTES (1024 * 1024)

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

  return n_bytes < 8 && value == (G_GUINT64_CONSTANT (1) << (8 * n_bytes)) - 1 ? EXP_CHUNK_UNALLOCATED : value;
}

guint
exp_log2 (guint64 n)
{
  return n > 0 ? 63 - __builtin_clzll (n) : 0;
}

gboolean
exp_chunk_index_damaged (ExpChunkIndex *index, const char *what, GError **error)
{
  g_set_error (error, EXP_ERROR, EXP_ERROR_DAMAGED, "the chunk index is damaged: %s", what);
  return FALSE;
}

static GBytes *
take_from_cache (ExpChunkIndex *index, guint64 address, guint64 size)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&index->lock);
  GBytes *block = g_hash_table_lookup (index->blocks, &address);

  return block != NULL && g_bytes_get_size (block) >= size ? g_bytes_ref (block) : NULL;
}

static void
put_into_cache (ExpChunkIndex *index, guint64 address, GBytes *block)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&index->lock);
  GBytes *old = g_hash_table_lookup (index->blocks, &address);

  if (old != NULL)
    index->block_bytes -= g_bytes_get_size (old);
  else
    g_queue_push_head (&index->recent, g_memdup2 (&address, sizeof address));
  g_hash_table_replace (index->blocks, g_memdup2 (&address, sizeof address), g_bytes_ref (block));
  index->block_bytes += g_bytes_get_size (block);
  while (index->block_bytes > MAX_BLOCK_BYTES && index->recent.length > 1)
    {
      g_autofree guint64 *oldest = g_queue_pop_tail (&index->recent);

      index->block_bytes -= g_bytes_get_size (g_hash_table_lookup (index->blocks, oldest));
      g_hash_table_remove (index->blocks, oldest);
    }
}

GBytes *
exp_chunk_index_block (ExpChunkIndex *index, guint64 address, guint64 size, const char *signature,
                       gboolean has_checksum, GError **error)
{
  guint64 at, end, source_size;
  GBytes *cached = take_from_cache (index, address, size);

  if (cached != NULL)
    return cached;
  if (!exp_source_size (index->source, &source_size, error))
    return NULL;
  if (!g_uint64_checked_add (&at, address, index->layout.base_address) || !g_uint64_checked_add (&end, at, size)
      || end > source_size || size < 8)
    {
      exp_chunk_index_damaged (index, "a block lies outside the file", error);
      return NULL;
    }

  guint8 *data = g_try_malloc (size);
  if (data == NULL)
    {
      g_set_error (error, EXP_ERROR, EXP_ERROR_NO_MEMORY, "no memory for a block of the chunk index");
      return NULL;
    }
  g_autoptr (GBytes) block = g_bytes_new_take (data, size);
  if (!exp_source_pread (index->source, at, size, data, error))
    return NULL;
  if (signature != NULL && memcmp (data, signature, 4) != 0)
    {
      exp_chunk_index_damaged (index, "a block has the wrong signature", error);
      return NULL;
    }
  if (has_checksum)
    {
      ExpBytesCursor tail = { data + size - 4, data + size, FALSE };

      if (exp_object_checksum (data, size - 4) != exp_cursor_uint (&tail, 4))
        {
          g_set_error (error, EXP_ERROR, EXP_ERROR_CHECKSUM, "a block of the chunk index fails its checksum");
          return NULL;
        }
    }
  put_into_cache (index, address, block);
  return g_steal_pointer (&block);
}

/* --- the layout message ------------------------------------------------------------------------------------- */

/* The dimensions of a chunk, the last of them the size of an element. */
static gboolean
parse_dims (ExpBytesCursor *cursor, guint n_dims, guint n_bytes, ExpChunkLayout *layout)
{
  guint64 size = 1;

  if (n_dims < 2 || n_dims > EXP_MAX_RANK + 1)
    return FALSE;
  layout->rank = n_dims - 1;
  for (guint i = 0; i < n_dims; i++)
    {
      guint64 dim = exp_cursor_uint (cursor, n_bytes);

      if (dim == 0 || !g_uint64_checked_mul (&size, size, dim))
        return FALSE;
      if (i < layout->rank)
        layout->chunk[i] = dim;
    }
  layout->chunk_size = size;
  return !cursor->is_short;
}

static gboolean
parse_version_4 (ExpBytesCursor *cursor, ExpChunkLayout *layout)
{
  guint flags = exp_cursor_uint (cursor, 1);
  guint n_dims = exp_cursor_uint (cursor, 1);
  guint n_bytes = exp_cursor_uint (cursor, 1);

  layout->edges_are_unfiltered = (flags & 1) != 0;
  if (!parse_dims (cursor, n_dims, n_bytes, layout))
    return FALSE;
  switch (exp_cursor_uint (cursor, 1))
    {
    case 1:
      layout->kind = EXP_CHUNKS_SINGLE;
      layout->single_size = layout->chunk_size;
      if (flags & 2)
        {
          layout->single_size = exp_cursor_uint (cursor, layout->size_of_lengths);
          layout->single_filter_mask = exp_cursor_uint (cursor, 4);
        }
      break;
    case 2:
      layout->kind = EXP_CHUNKS_IMPLICIT;
      break;
    case 3:
      layout->kind = EXP_CHUNKS_FIXED_ARRAY;
      exp_cursor_skip (cursor, 1);
      break;
    case 4:
      layout->kind = EXP_CHUNKS_EXTENSIBLE_ARRAY;
      exp_cursor_skip (cursor, 5);
      break;
    case 5:
      layout->kind = EXP_CHUNKS_BTREE2;
      exp_cursor_skip (cursor, 6);
      break;
    default:
      return FALSE;
    }
  layout->address = exp_cursor_address (cursor, layout->size_of_offsets);
  return !cursor->is_short;
}

gboolean
exp_chunk_layout_parse (const guint8 *message, gsize length, ExpChunkLayout *layout, GError **error)
{
  ExpBytesCursor cursor = { message, message + length, FALSE };
  guint version = exp_cursor_uint (&cursor, 1), n_dims;
  gboolean is_known = TRUE, is_chunked = TRUE, is_good;

  layout->kind = EXP_CHUNKS_BTREE1;
  switch (version)
    {
    case 1:
    case 2:
      n_dims = exp_cursor_uint (&cursor, 1);
      is_chunked = exp_cursor_uint (&cursor, 1) == 2;
      exp_cursor_skip (&cursor, 5);
      layout->address = exp_cursor_address (&cursor, layout->size_of_offsets);
      is_good = parse_dims (&cursor, n_dims, 4, layout);
      break;
    case 3:
      is_chunked = exp_cursor_uint (&cursor, 1) == 2;
      n_dims = exp_cursor_uint (&cursor, 1);
      layout->address = exp_cursor_address (&cursor, layout->size_of_offsets);
      is_good = parse_dims (&cursor, n_dims, 4, layout);
      break;
    case 4:
      is_chunked = exp_cursor_uint (&cursor, 1) == 2;
      is_good = is_chunked && parse_version_4 (&cursor, layout);
      break;
    default:
      is_known = is_good = FALSE;
    }
  if (is_good && is_chunked)
    return TRUE;
  g_set_error (error, EXP_ERROR, is_known ? EXP_ERROR_DAMAGED : EXP_ERROR_VERSION,
               is_known ? "the layout message is damaged" : "layout message of unknown version %u", version);
  return FALSE;
}

/* --- lookup ------------------------------------------------------------------------------------------------- */

ExpChunkIndex *
exp_chunk_index_new (ExpSource *source, const ExpChunkLayout *layout)
{
  ExpChunkIndex *index = g_new0 (ExpChunkIndex, 1);

  index->source = exp_source_ref (source);
  index->layout = *layout;
  g_mutex_init (&index->lock);
  index->blocks = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, (GDestroyNotify)g_bytes_unref);
  g_queue_init (&index->recent);
  return index;
}

void
exp_chunk_index_free (ExpChunkIndex *index)
{
  if (index == NULL)
    return;
  exp_source_unref (index->source);
  g_hash_table_unref (index->blocks);
  g_queue_clear_full (&index->recent, g_free);
  g_mutex_clear (&index->lock);
  g_free (index);
}

const ExpChunkLayout *
exp_chunk_index_get_layout (ExpChunkIndex *index)
{
  return &index->layout;
}

gboolean
exp_chunk_element (ExpChunkIndex *index, ExpBytesCursor *cursor, guint element_size, ExpChunk *chunk, GError **error)
{
  guint offsets = index->layout.size_of_offsets;

  chunk->address = exp_cursor_address (cursor, offsets);
  chunk->size = index->layout.chunk_size;
  chunk->filter_mask = 0;
  if (index->layout.has_filters)
    {
      if (element_size < offsets + 5)
        return exp_chunk_index_damaged (index, "its elements are too small", error);
      chunk->size = exp_cursor_uint (cursor, element_size - offsets - 4);
      chunk->filter_mask = exp_cursor_uint (cursor, 4);
    }
  return !cursor->is_short || exp_chunk_index_damaged (index, "an element is cut off", error);
}

/* The chunk's number when all chunks that max_shape allows are counted in C order; in an extensible array the one
 * unlimited axis goes slowest, whichever it is. */
static gboolean
number_of (const ExpChunkLayout *layout, const guint64 *scaled, guint64 *n)
{
  guint first = 0;
  guint64 number;

  if (layout->kind == EXP_CHUNKS_EXTENSIBLE_ARRAY)
    for (guint i = 0; i < layout->rank; i++)
      if (layout->max_shape[i] == G_MAXUINT64)
        first = i;
  number = scaled[first];
  for (guint i = 0; i < layout->rank; i++)
    {
      guint64 n_chunks;

      if (i == first)
        continue;
      if (layout->max_shape[i] == G_MAXUINT64)
        return FALSE;
      n_chunks = layout->max_shape[i] / layout->chunk[i] + (layout->max_shape[i] % layout->chunk[i] != 0);
      if (!g_uint64_checked_mul (&number, number, n_chunks) || !g_uint64_checked_add (&number, number, scaled[i]))
        return FALSE;
    }
  *n = number;
  return TRUE;
}

static gboolean
find_simple (ExpChunkIndex *index, guint64 n, ExpChunk *chunk, GError **error)
{
  const ExpChunkLayout *layout = &index->layout;
  guint64 offset = 0;

  *chunk = (ExpChunk){ layout->address, layout->chunk_size, 0 };
  if (layout->kind == EXP_CHUNKS_SINGLE)
    {
      chunk->size = layout->single_size;
      chunk->filter_mask = layout->single_filter_mask;
    }
  else if (!g_uint64_checked_mul (&offset, n, layout->chunk_size)
           || !g_uint64_checked_add (&chunk->address, layout->address, offset))
    return exp_chunk_index_damaged (index, "an address overflows", error);
  return TRUE;
}

static gboolean
find (ExpChunkIndex *index, const guint64 *scaled, ExpChunk *chunk, GError **error)
{
  guint64 n;

  if (index->layout.kind == EXP_CHUNKS_BTREE1)
    return exp_chunk_find_btree1 (index, scaled, chunk, error);
  if (index->layout.kind == EXP_CHUNKS_BTREE2)
    return exp_chunk_find_btree2 (index, scaled, chunk, error);
  if (!number_of (&index->layout, scaled, &n))
    return exp_chunk_index_damaged (index, "its kind does not fit the dataset's maximal shape", error);
  if (index->layout.kind == EXP_CHUNKS_FIXED_ARRAY)
    return exp_chunk_find_fixed (index, n, chunk, error);
  if (index->layout.kind == EXP_CHUNKS_EXTENSIBLE_ARRAY)
    return exp_chunk_find_extensible (index, n, chunk, error);
  return find_simple (index, n, chunk, error);
}

/* Some kinds of index do not say that edge chunks are unfiltered; the layout's flag does. */
static void
unfilter_edge (const ExpChunkLayout *layout, const guint64 *scaled, ExpChunk *chunk)
{
  for (guint i = 0; i < layout->rank; i++)
    if (layout->shape[i] / layout->chunk[i] == scaled[i])
      {
        chunk->filter_mask = G_MAXUINT32;
        return;
      }
}

gboolean
exp_chunk_index_find (ExpChunkIndex *index, const guint64 *scaled, ExpChunk *chunk, GError **error)
{
  *chunk = (ExpChunk){ EXP_CHUNK_UNALLOCATED, 0, 0 };
  if (index->layout.address == EXP_CHUNK_UNALLOCATED)
    return TRUE;
  if (!find (index, scaled, chunk, error))
    return FALSE;
  if (chunk->address == EXP_CHUNK_UNALLOCATED)
    return TRUE;
  if (index->layout.edges_are_unfiltered)
    unfilter_edge (&index->layout, scaled, chunk);
  return g_uint64_checked_add (&chunk->address, chunk->address, index->layout.base_address)
         || exp_chunk_index_damaged (index, "an address overflows", error);
}
