/* Hyperslabs out of chunks, and the chunks after them before they are wanted.
 * Knows how chunks tile a dataset; their index is chunk_index.c's, their filters are pipeline.c's.
 * Called by read.c, from several threads. */
#include "chunk_read.h"
#include "chunk_cache.h"
#include "chunks.h"
#include "parallel.h"
#include <string.h>

/* Decoded bytes from which on chunks are worth the cost of a second thread, and those that one thread takes at once. */
#define PARALLEL_BYTES (512 * 1024)
#define PART_BYTES     (128 * 1024)
/* Decoded bytes to have ready before they are wanted. */
#define WINDOW_BYTES (8 << 20)
/* The kernel asks for several stretches of a file at once, in any order. */
#define SLACK_BYTES (1 << 20)
/* A run shorter than this is better copied together with its neighbours. */
#define SMALL_RUN 16384

/* --- one chunk ---------------------------------------------------------------------------------------------- */

typedef struct
{
  ExpHdf5File *file;
  const ExpChunks *chunks;
  ExpChunk chunk;
} Make;

static gboolean
make_chunk (gpointer data, guint8 *to, GError **error)
{
  const Make *make = data;
  const ExpPipeline *pipeline = &make->chunks->pipeline;
  const gsize size = make->chunk.size, chunk_size = exp_chunk_index_get_layout (make->chunks->index)->chunk_size;
  gboolean is_plain = size == chunk_size && (pipeline->n == 0 || make->chunk.filter_mask == G_MAXUINT32);
  guint64 file_size;

  if (!exp_source_size (make->file->source, &file_size, error))
    return FALSE;
  if (size > file_size || make->chunk.address > file_size - size)
    {
      g_set_error (error, EXP_ERROR, EXP_ERROR_DAMAGED, "a chunk lies outside the file");
      return FALSE;
    }
  if (is_plain)
    return exp_source_pread (make->file->source, make->chunk.address, size, to, error);

  guint8 *stored = exp_pipeline_scratch (EXP_SCRATCH_STORED, size);
  if (stored == NULL)
    {
      g_set_error (error, EXP_ERROR, EXP_ERROR_NO_MEMORY, "no memory for a chunk");
      return FALSE;
    }
  gboolean is_made = exp_source_pread (make->file->source, make->chunk.address, size, stored, error)
                     && exp_pipeline_decode (pipeline, make->chunk.filter_mask, stored, size, to, chunk_size, error);
  exp_pipeline_scratch_done ();
  return is_made;
}

/* --- chunks by number --------------------------------------------------------------------------------------- */

/* Chunks are numbered in C order; those of the edge count whole. */
static guint64
count_along (const ExpChunkLayout *layout, guint axis)
{
  return layout->shape[axis] / layout->chunk[axis] + (layout->shape[axis] % layout->chunk[axis] != 0);
}

static void
place_of (const ExpChunkLayout *layout, guint64 number, guint64 *scaled)
{
  for (guint i = layout->rank; i-- > 0;)
    {
      guint64 n = count_along (layout, i);

      scaled[i] = number % n;
      number /= n;
    }
}

/* Of the chunk that holds element `at` in C order. */
static guint64
number_at (const ExpChunkLayout *layout, guint64 at)
{
  guint64 place[EXP_MAX_RANK], number = 0;

  for (guint i = layout->rank; i-- > 0;)
    {
      place[i] = at % layout->shape[i] / layout->chunk[i];
      at /= layout->shape[i];
    }
  for (guint i = 0; i < layout->rank; i++)
    number = number * count_along (layout, i) + place[i];
  return number;
}

/* The number of chunks all of whose elements stand before element `at`: whole layers of chunks along the slowest axis.
 */
static guint64
count_before (const ExpChunkLayout *layout, guint64 at)
{
  guint64 layer = layout->chunk[0], n_chunks = 1;

  for (guint i = 1; i < layout->rank; i++)
    {
      if (!g_uint64_checked_mul (&layer, layer, layout->shape[i]))
        return 0;
      n_chunks *= count_along (layout, i);
    }
  return at / layer * n_chunks;
}

/* --- reading ahead ------------------------------------------------------------------------------------------ */

typedef struct
{
  ExpHdf5File *file; /* borrowed: it waits for its tasks before it goes */
  ExpChunks *chunks;
  guint64 first, end; /* chunks by number */
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
  const ExpChunkLayout *layout = exp_chunk_index_get_layout (self->chunks->index);
  const guint64 behind = count_before (layout, exp_readahead_passed (&self->chunks->readahead));

  for (guint64 number = MAX (self->first, behind); number < self->end; number++)
    {
      Make make = { self->file, self->chunks };
      guint64 scaled[EXP_MAX_RANK];

      place_of (layout, number, scaled);
      if (!exp_chunk_index_find (self->chunks->index, scaled, &make.chunk, NULL))
        return;
      if (make.chunk.address == EXP_CHUNK_UNALLOCATED
          || exp_chunk_cache_has (self->file, make.chunk.address, layout->chunk_size))
        continue;

      const ExpCachedChunk *chunk
          = exp_chunk_cache_get (self->file, make.chunk.address, layout->chunk_size, make_chunk, &make, NULL);
      if (chunk == NULL)
        return;
      exp_chunk_cache_release (chunk);
    }
}

static void
fetch_range (ExpHdf5File *file, ExpChunks *chunks, guint64 first, guint64 end)
{
  guint64 per_task = MAX (PART_BYTES / exp_chunk_index_get_layout (chunks->index)->chunk_size, 1);

  for (; first < end; first += MIN (per_task, end - first))
    {
      Fetch *task = g_new (Fetch, 1);

      g_atomic_ref_count_inc (&chunks->references);
      *task = (Fetch){ file, chunks, first, first + MIN (per_task, end - first) };
      exp_readahead_later (&file->readahead, fetch, task, fetch_free);
    }
}

static void
pass_range (ExpHdf5File *file, ExpChunks *chunks, guint64 first, guint64 end)
{
  const ExpChunkLayout *layout = exp_chunk_index_get_layout (chunks->index);

  for (guint64 number = first; number < end; number++)
    {
      guint64 scaled[EXP_MAX_RANK];
      ExpChunk chunk;

      place_of (layout, number, scaled);
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
    if (!g_uint64_checked_mul (&needed, needed, count_along (layout, i)))
      return;
  if (needed <= limit || !g_atomic_int_compare_and_exchange (&chunks->has_warned, FALSE, TRUE))
    return;

  g_autofree char *size = g_format_size_full (needed + needed / 4, G_FORMAT_SIZE_IEC_UNITS);
  g_warning ("%s: the dataset at address %" G_GUINT64_FORMAT " is read in order but stored in chunks that lie across: "
             "with less than cache=%s they are decoded again and again",
             file->path, chunks->address, size);
}

/* After a note that `n` elements in C order from `first` on are being read. */
static void
read_ahead (ExpHdf5File *file, ExpChunks *chunks, guint64 first, guint64 n)
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
      fetch_range (file, chunks, number_at (layout, plan.fetch), number_at (layout, plan.fetch_end - 1) + 1);
    }
  if (plan.pass < plan.pass_end && total > limit / 2 / chunks->element)
    pass_range (file, chunks, count_before (layout, plan.pass), count_before (layout, plan.pass_end));
}

/* The same by a slab; not when there are gaps between its elements in C order, since what lies in the gaps may never be
 * wanted. */
static void
read_ahead_of_slab (ExpHdf5File *file, ExpChunks *chunks, const ExpSlab *slab, guint64 n)
{
  const ExpChunkLayout *layout = exp_chunk_index_get_layout (chunks->index);
  guint64 first = 0, last = 0;

  for (guint i = 0; i < layout->rank; i++)
    {
      first = first * layout->shape[i] + slab->start[i];
      last = last * layout->shape[i] + slab->start[i] + (slab->count[i] - 1) * slab->step[i];
    }
  if (last - first + 1 == n)
    read_ahead (file, chunks, first, n);
}

/* --- hyperslabs --------------------------------------------------------------------------------------------- */

typedef struct
{
  ExpHdf5File *file;
  const ExpChunks *chunks;
  const ExpChunkLayout *layout;
  const ExpSlab *slab;
  guint8 *stored;
  gsize to_stride[EXP_MAX_RANK], from_stride[EXP_MAX_RANK]; /* bytes */
  /* Along each axis, the chunks that hold anything selected: one after the other, or, when the steps are longer than a
   * chunk, one for each index. */
  guint64 first_chunk[EXP_MAX_RANK], n_chunks[EXP_MAX_RANK];
  guint64 n, per_part; /* chunks in all, and those that one thread takes at once */

  GMutex lock; /* guards what follows */
  GError *error;
} Reader;

/* A chunk and what of it is selected. */
typedef struct
{
  guint64 scaled[EXP_MAX_RANK];
  guint64 first[EXP_MAX_RANK], count[EXP_MAX_RANK]; /* along each axis, the indices into the slab that fall into it */
} Part;

static void
fill_row (const ExpChunks *chunks, guint8 *to, guint64 n)
{
  if (chunks->fill == NULL)
    memset (to, 0, n * chunks->element);
  else
    for (guint64 i = 0; i < n; i++)
      memcpy (to + i * chunks->element, chunks->fill, chunks->element);
}

/* Copies what of the chunk is selected; `chunk` is NULL for one that was never written. */
static void
copy_axis (const Reader *reader, const Part *part, guint axis, const guint8 *chunk, guint8 *to)
{
  const gsize element = reader->chunks->element;
  const guint64 step = reader->slab->step[axis], count = part->count[axis];
  const guint64 start = reader->slab->start[axis] + part->first[axis] * step;

  to += part->first[axis] * reader->to_stride[axis];
  if (chunk != NULL)
    chunk += (start - part->scaled[axis] * reader->layout->chunk[axis]) * reader->from_stride[axis];
  if (axis + 1 < reader->layout->rank)
    {
      for (guint64 i = 0; i < count; i++)
        copy_axis (reader, part, axis + 1, chunk != NULL ? chunk + i * step * reader->from_stride[axis] : NULL,
                   to + i * reader->to_stride[axis]);
      return;
    }
  if (chunk == NULL)
    fill_row (reader->chunks, to, count);
  else if (step == 1)
    memcpy (to, chunk, count * element);
  else
    for (guint64 i = 0; i < count; i++)
      memcpy (to + i * element, chunk + i * step * element, element);
}

static void
select_part (const Reader *reader, guint64 number, Part *part)
{
  for (guint i = reader->layout->rank; i-- > 0;)
    {
      const guint64 chunk = reader->layout->chunk[i], start = reader->slab->start[i], step = reader->slab->step[i];
      guint64 first = number % reader->n_chunks[i];

      number /= reader->n_chunks[i];
      if (step < chunk) /* the first index that falls into the chunk */
        first = first == 0 ? 0 : ((reader->first_chunk[i] + first) * chunk - start + step - 1) / step;

      const guint64 at = start + first * step, left = chunk - at % chunk; /* elements to the chunk's end */
      part->scaled[i] = at / chunk;
      part->first[i] = first;
      part->count[i] = MIN ((left - 1) / step + 1, reader->slab->count[i] - first);
    }
}

static gboolean
read_chunk (const Reader *reader, guint64 number, GError **error)
{
  Make make = { reader->file, reader->chunks };
  const ExpCachedChunk *chunk = NULL;
  Part part;

  select_part (reader, number, &part);
  if (!exp_chunk_index_find (reader->chunks->index, part.scaled, &make.chunk, error))
    return FALSE;
  if (make.chunk.address != EXP_CHUNK_UNALLOCATED)
    {
      chunk = exp_chunk_cache_get (reader->file, make.chunk.address, reader->layout->chunk_size, make_chunk, &make,
                                   error);
      if (chunk == NULL)
        return FALSE;
    }
  copy_axis (reader, &part, 0, chunk != NULL ? chunk->bytes : NULL, reader->stored);
  if (chunk != NULL)
    exp_chunk_cache_release (chunk);
  return TRUE;
}

static void
read_part (guint index, gpointer data)
{
  Reader *reader = data;
  guint64 first = index * reader->per_part, end = MIN (first + reader->per_part, reader->n);
  g_autoptr (GError) error = NULL;

  for (guint64 number = first; number < end; number++)
    if (!read_chunk (reader, number, &error))
      {
        g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&reader->lock);

        if (reader->error == NULL)
          reader->error = g_steal_pointer (&error);
        return;
      }
}

static void
measure (Reader *reader)
{
  const ExpSlab *slab = reader->slab;
  gsize to = reader->chunks->element, from = to;

  reader->n = 1;
  for (guint i = slab->rank; i-- > 0;)
    {
      const guint64 chunk = reader->layout->chunk[i];

      reader->to_stride[i] = to;
      reader->from_stride[i] = from;
      to *= slab->count[i];
      from *= chunk;
      reader->first_chunk[i] = slab->start[i] / chunk;
      reader->n_chunks[i] = slab->count[i];
      if (slab->step[i] < chunk)
        reader->n_chunks[i]
            = (slab->start[i] + (slab->count[i] - 1) * slab->step[i]) / chunk - reader->first_chunk[i] + 1;
      reader->n *= reader->n_chunks[i];
    }
}

static gboolean
read_slab (Reader *reader, GError **error)
{
  const gsize chunk_size = reader->layout->chunk_size;

  measure (reader);
  reader->per_part = reader->n;
  if (reader->n >= 2 && reader->n >= PARALLEL_BYTES / chunk_size)
    reader->per_part = MAX (MAX (PART_BYTES / chunk_size, 1), reader->n / G_MAXUINT16);
  g_mutex_init (&reader->lock);
  exp_parallel_for ((reader->n + reader->per_part - 1) / reader->per_part, read_part, reader);
  g_mutex_clear (&reader->lock);
  if (reader->error == NULL)
    return TRUE;
  g_propagate_error (error, reader->error);
  return FALSE;
}

/* NULL, or a reference on what is known of a dataset that can be read here. */
static ExpChunks *
get_known (ExpHdf5Object *object, const ExpHdf5Description *description)
{
  g_autoptr (ExpChunks) chunks = NULL;

  if ((description->layout != H5D_CHUNKED && description->layout != H5D_CONTIGUOUS) || object->file->is_growing)
    return NULL;
  chunks = exp_chunks_get (object, description);
  return chunks->is_known ? g_steal_pointer (&chunks) : NULL;
}

gboolean
exp_chunks_read (ExpHdf5Object *object, const ExpHdf5Description *description, const ExpSlab *slab, gsize n,
                 guint8 *stored, gboolean *is_known, GError **error)
{
  g_autoptr (ExpChunks) chunks = get_known (object, description);

  *is_known = chunks != NULL;
  if (chunks == NULL)
    return TRUE;
  if (chunks->index == NULL)
    {
      fill_row (chunks, stored, n);
      return TRUE;
    }

  Reader reader = {
    .file = object->file,
    .chunks = chunks,
    .layout = exp_chunk_index_get_layout (chunks->index),
    .slab = slab,
    .stored = stored,
  };
  read_ahead_of_slab (object->file, chunks, slab, n);
  return read_slab (&reader, error);
}

/* --- runs --------------------------------------------------------------------------------------------------- */

/* The chunk of element `first`, where in it that stands, and how many of those after it in C order follow it there. */
static guint64
find_run (const ExpChunkLayout *layout, guint64 first, guint64 *scaled, guint64 *within)
{
  guint64 place[EXP_MAX_RANK], inner = 1, inside = 0;
  guint axis = layout->rank - 1;

  *within = 0;
  for (guint i = layout->rank; i-- > 0; first /= layout->shape[i])
    {
      place[i] = first % layout->shape[i];
      scaled[i] = place[i] / layout->chunk[i];
    }
  for (guint i = 0; i < layout->rank; i++)
    *within = *within * layout->chunk[i] + place[i] % layout->chunk[i];
  /* Axes that one chunk holds just whole run on into the next slower one. */
  for (; axis > 0 && layout->chunk[axis] == layout->shape[axis]; axis--)
    {
      inside += place[axis] * inner;
      inner *= layout->shape[axis];
    }
  return MIN (layout->chunk[axis] - place[axis] % layout->chunk[axis], layout->shape[axis] - place[axis]) * inner
         - inside;
}

static void
release_chunk (gconstpointer chunk)
{
  exp_chunk_cache_release (chunk);
}

gboolean
exp_chunks_locate (ExpHdf5Object *object, const ExpHdf5Description *description, guint64 first, gsize n, ExpRun *run)
{
  g_autoptr (ExpChunks) chunks = get_known (object, description);
  guint64 scaled[EXP_MAX_RANK], within, length;

  if (chunks == NULL || chunks->index == NULL)
    return FALSE;

  const ExpChunkLayout *layout = exp_chunk_index_get_layout (chunks->index);
  Make make = { object->file, chunks };
  length = MIN (find_run (layout, first, scaled, &within), n);
  if ((length < n && length * chunks->element < SMALL_RUN)
      || !exp_chunk_index_find (chunks->index, scaled, &make.chunk, NULL)
      || make.chunk.address == EXP_CHUNK_UNALLOCATED)
    return FALSE;
  read_ahead (object->file, chunks, first, length);
  /* What comes next is wanted as well, and two chunks are decoded in the time of one. */
  if (length < n && !exp_chunk_cache_has (object->file, make.chunk.address, layout->chunk_size))
    {
      guint64 next = number_at (layout, first + length);

      fetch_range (object->file, chunks, next, next + 1);
    }

  const ExpCachedChunk *chunk
      = exp_chunk_cache_get (object->file, make.chunk.address, layout->chunk_size, make_chunk, &make, NULL);
  if (chunk == NULL)
    return FALSE;
  run->bytes = chunk->bytes + within * chunks->element;
  run->length = length * chunks->element;
  run->owner = chunk;
  run->release = release_chunk;
  return TRUE;
}
