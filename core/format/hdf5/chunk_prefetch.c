/* Chunks decoded before they are wanted, and let go once they were read.
 * Knows which chunks come next; that a dataset is read in order chunk_readahead.c notices.
 * Called by chunk_read.c and chunk_run.c, from several threads. */
#include "chunk_prefetch.h"
#include "changes.h"
#include "chunk_decode.h"
#include "chunk_grid.h"

/* Decoded bytes that one task takes at once. */
#define TASK_BYTES (128 * 1024)
/* Decoded bytes to have ready before they are wanted. */
#define WINDOW_BYTES (8 << 20)
/* The kernel asks for several stretches of a file at once, in any order. */
#define SLACK_BYTES (1 << 20)
/* Chunks that are let go at once; those of a longer layer are left to grow old. */
#define MAX_PASSED 65536

typedef struct
{
  ExpHdf5File *file; /* borrowed: it waits for its tasks before it goes */
  ExpChunks *chunks;
  guint64 first, end; /* chunks by number */
  gint generation;    /* of the file, which may change before this is done */
} Fetch;

static void
fetch_free (gpointer data)
{
  Fetch *fetch = data;

  exp_chunks_unref (fetch->chunks);
  g_free (fetch);
}

/* What fails is left to the reader, who will meet the same error where it counts. */
static void
fetch (gpointer data)
{
  const Fetch *self = data;
  g_auto (ExpHdf5Reading) reading = { NULL };
  exp_hdf5_read_begin (&reading, self->file, self->chunks->address, EXP_HDF5_READS);
  if (self->generation != exp_hdf5_generation (self->file))
    return;

  const ExpChunkLayout *layout = exp_chunk_index_get_layout (self->chunks->index);
  const guint64 behind = exp_chunk_grid_count_before (layout, exp_readahead_passed (&self->chunks->readahead));

  for (guint64 number = MAX (self->first, behind); number < self->end; number++)
    {
      guint64 scaled[EXP_MAX_RANK];
      ExpChunk chunk;

      exp_chunk_grid_place (layout, number, scaled);
      if (!exp_chunk_index_find (self->chunks->index, scaled, &chunk, NULL))
        return;
      if (chunk.address == EXP_CHUNK_UNALLOCATED || exp_chunk_cache_has (self->file, chunk.address, layout->chunk_size))
        continue;

      const ExpCachedChunk *decoded = exp_chunk_decode (self->file, self->chunks, &chunk, NULL);
      if (decoded == NULL)
        return;
      exp_chunk_cache_release (decoded);
    }
}

void
exp_chunk_prefetch (ExpHdf5File *file, ExpChunks *chunks, guint64 first, guint64 end)
{
  guint64 per_task = MAX (TASK_BYTES / exp_chunk_index_get_layout (chunks->index)->chunk_size, 1);

  for (; first < end; first += MIN (per_task, end - first))
    {
      Fetch *task = g_new (Fetch, 1);

      g_atomic_ref_count_inc (&chunks->references);
      *task = (Fetch){ file, chunks, first, first + MIN (per_task, end - first), exp_hdf5_generation (file) };
      exp_readahead_later (&file->readahead, fetch, task, fetch_free);
    }
}

static void
pass_range (ExpHdf5File *file, ExpChunks *chunks, guint64 first, guint64 end)
{
  const ExpChunkLayout *layout = exp_chunk_index_get_layout (chunks->index);

  if (end > MAX_PASSED)
    first = MAX (first, end - MAX_PASSED);
  for (guint64 number = first; number < end; number++)
    {
      guint64 scaled[EXP_MAX_RANK];
      ExpChunk chunk;

      exp_chunk_grid_place (layout, number, scaled);
      if (exp_chunk_index_find (chunks->index, scaled, &chunk, NULL) && chunk.address != EXP_CHUNK_UNALLOCATED)
        exp_chunk_cache_pass (file, chunk.address, layout->chunk_size);
    }
}

/* Whoever reads in order comes back to every chunk of a layer until the layer's end. */
static void
warn_of_thrashing (const ExpHdf5File *file, ExpChunks *chunks, guint64 limit)
{
  const ExpChunkLayout *layout = exp_chunk_index_get_layout (chunks->index);
  guint64 needed = layout->chunk_size;

  for (guint i = 1; i < layout->rank; i++)
    if (!g_uint64_checked_mul (&needed, needed, exp_chunk_grid_count (layout, i)))
      return;
  if (needed <= limit || !g_atomic_int_compare_and_exchange (&chunks->has_warned, FALSE, TRUE))
    return;

  /* A quarter more: the library has a share of the cache, and others read as well. */
  g_warning ("%s: the dataset at address %" G_GUINT64_FORMAT " is read in order but stored in chunks that lie across: "
             "with less than cache=%" G_GUINT64_FORMAT "M they are decoded again and again",
             file->path, chunks->address, (needed >> 20) + (needed >> 22) + 1);
}

void
exp_chunk_read_ahead (ExpHdf5File *file, ExpChunks *chunks, guint64 first, guint64 n)
{
  const ExpChunkLayout *layout = exp_chunk_index_get_layout (chunks->index);
  const guint64 limit = exp_chunk_cache_get_limit (), window = MIN (WINDOW_BYTES, limit / 4) / chunks->element;
  const guint64 slack = MIN (SLACK_BYTES, limit / 8) / chunks->element;
  guint64 total = 1;

  for (guint i = 0; i < layout->rank; i++)
    if (!g_uint64_checked_mul (&total, total, layout->shape[i]))
      return;
  if (layout->chunk_size > limit / 4)
    return;

  ExpReadaheadPlan plan = exp_readahead_note (&chunks->readahead, first, first + n, slack, window);
  plan.fetch_end = MIN (plan.fetch_end, total);
  if (plan.fetch < plan.fetch_end)
    {
      warn_of_thrashing (file, chunks, limit);
      exp_chunk_prefetch (file, chunks, exp_chunk_grid_number_at (layout, plan.fetch),
                          exp_chunk_grid_number_at (layout, plan.fetch_end - 1) + 1);
    }
  if (plan.pass < plan.pass_end && total > limit / 2 / chunks->element)
    pass_range (file, chunks, exp_chunk_grid_count_before (layout, plan.pass),
                exp_chunk_grid_count_before (layout, plan.pass_end));
}
