/* Lookup of chunks: the layout message, the simple index kinds and the numbering of chunks.
 * Knows neither filters nor the library; the structured kinds are in chunk_btree*.c and chunk_arrays.c.
 * Called by the chunk reader. */
#include "chunk_index_private.h"

#define MAX_BLOCK_BYTES (1024 * 1024)

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

  index->layout = *layout;
  index->blocks = exp_metadata_cache_new (source, layout->base_address, layout->size_of_offsets,
                                          layout->size_of_lengths, "chunk index", MAX_BLOCK_BYTES);
  return index;
}

void
exp_chunk_index_free (ExpChunkIndex *index)
{
  if (index == NULL)
    return;
  exp_metadata_cache_free (index->blocks);
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
        return exp_metadata_cache_damaged (index->blocks, "its elements are too small", error);
      chunk->size = exp_cursor_uint (cursor, element_size - offsets - 4);
      chunk->filter_mask = exp_cursor_uint (cursor, 4);
    }
  return !cursor->is_short || exp_metadata_cache_damaged (index->blocks, "an element is cut off", error);
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
    return exp_metadata_cache_damaged (index->blocks, "an address overflows", error);
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
    return exp_metadata_cache_damaged (index->blocks, "its kind does not fit the dataset's maximal shape", error);
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
         || exp_metadata_cache_damaged (index->blocks, "an address overflows", error);
}
