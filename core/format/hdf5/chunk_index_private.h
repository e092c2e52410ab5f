/* What the kinds of chunk index share.
 * Knows no kind's layout.
 * Used by chunk_*.c only. */
#pragma once

#include "chunk_index.h"
#include "metadata_cache.h"

struct _ExpChunkIndex
{
  ExpChunkLayout layout;
  ExpMetadataCache *blocks;
};

gboolean exp_chunk_find_btree1 (ExpChunkIndex *index, const guint64 *scaled, ExpChunk *chunk, GError **error);
gboolean exp_chunk_find_btree2 (ExpChunkIndex *index, const guint64 *scaled, ExpChunk *chunk, GError **error);
/* `n` is the chunk's number along the array; see chunk_index.c. */
gboolean exp_chunk_find_fixed (ExpChunkIndex *index, guint64 n, ExpChunk *chunk, GError **error);
gboolean exp_chunk_find_extensible (ExpChunkIndex *index, guint64 n, ExpChunk *chunk, GError **error);

/* One element of a fixed or extensible array: an address, with filters also a size and a mask. */
gboolean
exp_chunk_element (ExpChunkIndex *index, ExpBytesCursor *cursor, guint element_size, ExpChunk *chunk, GError **error);
