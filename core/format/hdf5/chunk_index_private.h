/* What the kinds of chunk index share: blocks of the index, read once and kept within a bound, and a cursor over their
 * bytes. Knows no kind's layout. Used by chunk_*.c only. */
#pragma once

#include "chunk_index.h"
#include "expfs/error.h"

struct _ExpChunkIndex
{
  ExpSource *source;
  ExpChunkLayout layout;
  GMutex lock;        /* guards the three below */
  GHashTable *blocks; /* address -> GBytes */
  GQueue recent;      /* addresses, the latest first */
  gsize block_bytes;
};

/* Little-endian bytes of the store, read forwards. Reading past the end sets `is_short` and gives 0. */
typedef struct
{
  const guint8 *at, *end;
  gboolean is_short;
} ExpBytesCursor;

guint64 exp_cursor_uint (ExpBytesCursor *cursor, guint n_bytes);
void exp_cursor_skip (ExpBytesCursor *cursor, guint64 n_bytes);
/* An address: all ones become EXP_CHUNK_UNALLOCATED. */
guint64 exp_cursor_address (ExpBytesCursor *cursor, guint n_bytes);

/* `size` bytes at `address` (relative to the base address), from the cache or the source; a new reference. With a
 * signature the block must start with those four bytes; with `has_checksum` its last four must be its checksum. */
GBytes *exp_chunk_index_block (ExpChunkIndex *index, guint64 address, guint64 size, const char *signature,
                               gboolean has_checksum, GError **error);

gboolean exp_chunk_index_damaged (ExpChunkIndex *index, const char *what, GError **error);

/* Number of bits below the highest one set: floor (log2 (n)), 0 for 0. */
guint exp_log2 (guint64 n);

gboolean exp_chunk_find_btree1 (ExpChunkIndex *index, const guint64 *scaled, ExpChunk *chunk, GError **error);
gboolean exp_chunk_find_btree2 (ExpChunkIndex *index, const guint64 *scaled, ExpChunk *chunk, GError **error);
/* `n` is the chunk's number along the array; see chunk_index.c. */
gboolean exp_chunk_find_fixed (ExpChunkIndex *index, guint64 n, ExpChunk *chunk, GError **error);
gboolean exp_chunk_find_extensible (ExpChunkIndex *index, guint64 n, ExpChunk *chunk, GError **error);

/* One element of a fixed or extensible array: an address, with filters also a size and a mask. */
gboolean
exp_chunk_element (ExpChunkIndex *index, ExpBytesCursor *cursor, guint element_size, ExpChunk *chunk, GError **error);
