/* Runs of elements that stand one after the other in a decoded chunk, lent out of the cache without a copy.
 * Knows when a run is worth it; nothing of hyperslabs.
 * Called by read.c, from several threads. */
#include "chunk_run.h"
#include "chunk_decode.h"
#include "chunk_grid.h"
#include "chunk_prefetch.h"

/* A run shorter than this is better copied together with its neighbours. */
#define SMALL_RUN 16384
/* A chunk is lent out when so many of them fit the cache: a reply holds all of its runs, which may be of as many chunks
 * unless one run is all of it. */
#define MIN_FIT         4
#define MIN_FIT_OF_MANY 16

static void
release_chunk (gconstpointer chunk)
{
  exp_chunk_cache_release (chunk);
}

gboolean
exp_chunk_run_locate (ExpHdf5Object *object, const ExpHdf5Description *description, guint64 first, gsize n, ExpRun *run)
{
  g_autoptr (ExpChunks) chunks = exp_chunks_get_known (object, description);
  guint64 scaled[EXP_MAX_RANK], within, length;

  if (chunks == NULL || chunks->index == NULL)
    return FALSE;

  const ExpChunkLayout *layout = exp_chunk_index_get_layout (chunks->index);
  ExpChunk chunk;
  length = MIN (exp_chunk_grid_run (layout, first, scaled, &within), n);
  if ((length < n && length * chunks->element < SMALL_RUN)
      || layout->chunk_size > exp_chunk_cache_get_limit () / (length < n ? MIN_FIT_OF_MANY : MIN_FIT)
      || !exp_chunk_index_find (chunks->index, scaled, &chunk, NULL) || chunk.address == EXP_CHUNK_UNALLOCATED)
    return FALSE;
  exp_chunk_read_ahead (object->file, chunks, first, length);
  /* What comes next is wanted as well, and two chunks are decoded in the time of one. */
  if (length < n && !exp_chunk_cache_has (object->file, chunk.address, layout->chunk_size))
    {
      guint64 next = exp_chunk_grid_number_at (layout, first + length);

      exp_chunk_prefetch (object->file, chunks, next, next + 1);
    }

  const ExpCachedChunk *decoded = exp_chunk_decode (object->file, chunks, &chunk, NULL);
  if (decoded == NULL)
    return FALSE;
  run->bytes = decoded->bytes + within * chunks->element;
  run->length = length * chunks->element;
  run->owner = decoded;
  run->release = release_chunk;
  return TRUE;
}
