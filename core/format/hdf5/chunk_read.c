/* Hyperslabs out of chunks.
 * Knows which chunks hold what is selected, and where in them; their bytes are chunk_decode.c's.
 * Called by read.c, from several threads. */
#include "chunk_read.h"
#include "chunk_decode.h"
#include "chunk_prefetch.h"
#include "parallel.h"
#include <string.h>

/* Decoded bytes from which on chunks are worth the cost of a second thread, and those that one thread takes at once. */
#define PARALLEL_BYTES (512 * 1024)
#define PART_BYTES     (128 * 1024)

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
  const ExpCachedChunk *decoded = NULL;
  ExpChunk chunk;
  Part part;

  select_part (reader, number, &part);
  if (!exp_chunk_index_find (reader->chunks->index, part.scaled, &chunk, error))
    return FALSE;
  if (chunk.address != EXP_CHUNK_UNALLOCATED)
    {
      decoded = exp_chunk_decode (reader->file, reader->chunks, &chunk, error);
      if (decoded == NULL)
        return FALSE;
    }
  copy_axis (reader, &part, 0, decoded != NULL ? decoded->bytes : NULL, reader->stored);
  if (decoded != NULL)
    exp_chunk_cache_release (decoded);
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

/* Not when there are gaps between its elements in C order, since what lies in the gaps may never be
 * wanted. */
static void
read_ahead (ExpHdf5File *file, ExpChunks *chunks, const ExpSlab *slab, guint64 n)
{
  const ExpChunkLayout *layout = exp_chunk_index_get_layout (chunks->index);
  guint64 first = 0, last = 0;

  for (guint i = 0; i < layout->rank; i++)
    {
      first = first * layout->shape[i] + slab->start[i];
      last = last * layout->shape[i] + slab->start[i] + (slab->count[i] - 1) * slab->step[i];
    }
  if (last - first + 1 == n)
    exp_chunk_read_ahead (file, chunks, first, n);
}

gboolean
exp_chunks_read (ExpHdf5Object *object, const ExpHdf5Description *description, const ExpSlab *slab, gsize n,
                 guint8 *stored, gboolean *is_known, GError **error)
{
  g_autoptr (ExpChunks) chunks = exp_chunks_get_known (object, description);

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
  read_ahead (object->file, chunks, slab, n);
  return read_slab (&reader, error);
}
