/* Hyperslabs out of chunks.
 * Knows how chunks tile a dataset; their index is chunk_index.c's, their filters are pipeline.c's.
 * Called by read.c, from several threads. */
#include "chunks.h"
#include "chunk_cache.h"
#include "chunk_index.h"
#include "object_header.h"
#include "pipeline.h"
#include <string.h>

/* Datasets whose index is kept. */
#define MAX_KEPT 64
/* A chunk is decoded whole, so one larger than this is better read by the library, which bounds it by its own rules. */
#define MAX_CHUNK (1u << 30)

/* Immutable once made, shared by reference counting. */
typedef struct
{
  gatomicrefcount references;
  guint64 address; /* of the object */
  gboolean is_known;
  ExpChunkIndex *index; /* NULL: contiguous, and never written */
  ExpPipeline pipeline;
  gsize element; /* stored bytes */
  guint8 *fill;  /* an element; NULL: zeros */
} Chunks;

static void
chunks_unref (Chunks *chunks)
{
  if (chunks == NULL || !g_atomic_ref_count_dec (&chunks->references))
    return;
  exp_chunk_index_free (chunks->index);
  g_free (chunks->fill);
  g_free (chunks);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Chunks, chunks_unref)

/* --- what the header says ----------------------------------------------------------------------------------- */

/* The value that chunks which were never written have. FALSE for what only the library understands. */
static gboolean
read_fill (Chunks *chunks, const ExpHdf5Message *message)
{
  const guint8 *data = message->bytes;
  guint version = message->size >= 2 ? data[0] : 0;
  gsize at, size;

  if (version == 3)
    {
      if (!(data[1] & 0x20))
        return TRUE;
      at = 2;
    }
  else if ((version == 1 || version == 2) && message->size >= 4)
    {
      if (data[3] == 0 && version == 2)
        return TRUE;
      at = 4;
    }
  else
    return FALSE;
  if (message->size < at + 4)
    return FALSE;
  size = exp_hdf5_decode_uint (data + at, 4);
  if (size == 0 || size == G_MAXUINT32)
    return TRUE;
  if (size != chunks->element || size > message->size - at - 4)
    return FALSE;
  chunks->fill = g_memdup2 (data + at + 4, size);
  return TRUE;
}

static gboolean
read_max_shape (const ExpHdf5File *file, const ExpHdf5Message *message, ExpChunkLayout *layout)
{
  const guint width = file->sizeof_size;
  gsize at = message->bytes[0] == 1 ? 8 : 4, rank = message->bytes[1];

  memcpy (layout->max_shape, layout->shape, sizeof layout->shape);
  if (!(message->bytes[2] & 1))
    return TRUE;
  if (message->size < at + 2 * rank * width)
    return FALSE;
  for (gsize i = 0; i < rank; i++)
    {
      guint64 most = exp_hdf5_decode_uint (message->bytes + at + (rank + i) * width, width);

      layout->max_shape[i] = most == exp_hdf5_undefined (width) ? G_MAXUINT64 : most;
    }
  return TRUE;
}

/* FALSE when a message is damaged or says what only the library understands. */
static gboolean
read_messages (ExpHdf5File *file, const ExpObjectHeader *header, Chunks *chunks, ExpChunkLayout *layout)
{
  const ExpHdf5Message *layout_message = NULL;
  gboolean has_fill = FALSE, has_old_fill = FALSE;

  for (guint i = 0; i < header->messages->messages->len; i++)
    {
      const ExpHdf5Message *message = &g_array_index (header->messages->messages, ExpHdf5Message, i);
      gboolean is_good = TRUE;

      if (message->type == EXP_MESSAGE_FILTERS)
        {
          is_good = !message->is_shared && exp_pipeline_parse (message->bytes, message->size, &chunks->pipeline);
          layout->has_filters = chunks->pipeline.n > 0;
        }
      else if (message->type == EXP_MESSAGE_FILL)
        {
          has_fill = TRUE;
          is_good = !message->is_shared && read_fill (chunks, message);
        }
      else if (message->type == EXP_MESSAGE_OLD_FILL)
        has_old_fill = message->size < 4 || exp_hdf5_decode_uint (message->bytes, 4) > 0;
      else if (message->type == EXP_MESSAGE_DATASPACE)
        is_good = read_max_shape (file, message, layout);
      else if (message->type == EXP_MESSAGE_LAYOUT)
        layout_message = message;
      if (!is_good)
        return FALSE;
    }
  return layout_message != NULL && (has_fill || !has_old_fill)
         && (!header->is_chunked || exp_chunk_layout_parse (layout_message->bytes, layout_message->size, layout, NULL));
}

static Chunks *
chunks_new (ExpHdf5Object *object, const ExpHdf5Description *description)
{
  ExpHdf5File *file = object->file;
  g_auto (ExpObjectHeader) header = { EXP_HEADER_UNSURE };
  Chunks *chunks = g_new0 (Chunks, 1);
  ExpChunkLayout layout = {
    .base_address = file->base,
    .size_of_offsets = file->sizeof_address,
    .size_of_lengths = file->sizeof_size,
  };
  gsize size;

  g_atomic_ref_count_init (&chunks->references);
  chunks->address = object->address;
  chunks->element = size = description->type->stored_size;
  memcpy (layout.shape, description->shape, description->rank * sizeof *layout.shape);
  exp_object_header_read (file, object->address, &header);
  if (header.kind != EXP_HEADER_DATASET || !read_messages (file, &header, chunks, &layout))
    return chunks;
  if (!header.is_chunked)
    {
      chunks->is_known = header.data == G_MAXUINT64;
      return chunks;
    }
  if (layout.rank != description->rank || layout.chunk_size > MAX_CHUNK)
    return chunks;
  for (guint i = 0; i < layout.rank; i++)
    if (!g_size_checked_mul (&size, size, layout.chunk[i]))
      return chunks;
  chunks->is_known = size == layout.chunk_size;
  if (chunks->is_known)
    chunks->index = exp_chunk_index_new (file->source, &layout);
  return chunks;
}

/* --- those kept --------------------------------------------------------------------------------------------- */

static Chunks *
find_kept (ExpHdf5File *file, guint64 address)
{
  for (GList *at = file->chunks.head; at != NULL; at = at->next)
    if (((Chunks *)at->data)->address == address)
      {
        g_queue_unlink (&file->chunks, at);
        g_queue_push_head_link (&file->chunks, at);
        return at->data;
      }
  return NULL;
}

static Chunks *
get (ExpHdf5Object *object, const ExpHdf5Description *description)
{
  ExpHdf5File *file = object->file;
  Chunks *chunks;

  g_mutex_lock (&file->chunks_lock);
  chunks = find_kept (file, object->address);
  if (chunks == NULL)
    {
      chunks = chunks_new (object, description);
      g_queue_push_head (&file->chunks, chunks);
      if (file->chunks.length > MAX_KEPT)
        chunks_unref (g_queue_pop_tail (&file->chunks));
    }
  g_atomic_ref_count_inc (&chunks->references);
  g_mutex_unlock (&file->chunks_lock);
  return chunks;
}

void
exp_chunks_forget (ExpHdf5File *file)
{
  g_queue_clear_full (&file->chunks, (GDestroyNotify)chunks_unref);
  exp_chunk_cache_forget (file);
}

/* --- one chunk ---------------------------------------------------------------------------------------------- */

typedef struct
{
  ExpHdf5File *file;
  const Chunks *chunks;
  ExpChunk chunk;
} Make;

static guint8 *
make_chunk (gpointer data, gsize *size, GError **error)
{
  const Make *make = data;
  const ExpChunkLayout *layout = exp_chunk_index_get_layout (make->chunks->index);
  guint64 file_size;

  *size = layout->chunk_size;
  if (!exp_source_size (make->file->source, &file_size, error))
    return NULL;
  if (make->chunk.size > file_size || make->chunk.address > file_size - make->chunk.size)
    {
      g_set_error (error, EXP_ERROR, EXP_ERROR_DAMAGED, "a chunk lies outside the file");
      return NULL;
    }

  guint8 *stored = g_try_malloc (MAX (make->chunk.size, 1));
  if (stored == NULL)
    {
      g_set_error (error, EXP_ERROR, EXP_ERROR_NO_MEMORY, "no memory for a chunk");
      return NULL;
    }
  if (!exp_source_pread (make->file->source, make->chunk.address, make->chunk.size, stored, error))
    {
      g_free (stored);
      return NULL;
    }
  return exp_pipeline_decode (&make->chunks->pipeline, make->chunk.filter_mask, stored, make->chunk.size, *size, error);
}

/* --- hyperslabs --------------------------------------------------------------------------------------------- */

typedef struct
{
  ExpHdf5File *file;
  const Chunks *chunks;
  const ExpChunkLayout *layout;
  const ExpSlab *slab;
  guint64 scaled[EXP_MAX_RANK]; /* the chunk at hand */
  /* Along each axis, the indices into the slab that fall into it: first and count. */
  guint64 first[EXP_MAX_RANK], count[EXP_MAX_RANK];
  gsize to_stride[EXP_MAX_RANK], from_stride[EXP_MAX_RANK]; /* bytes */
} Reader;

static void
fill_row (const Chunks *chunks, guint8 *to, guint64 n)
{
  if (chunks->fill == NULL)
    memset (to, 0, n * chunks->element);
  else
    for (guint64 i = 0; i < n; i++)
      memcpy (to + i * chunks->element, chunks->fill, chunks->element);
}

/* Copies what of the chunk is selected; `chunk` is NULL for one that was never written. */
static void
copy_axis (const Reader *reader, guint axis, const guint8 *chunk, guint8 *to)
{
  const gsize element = reader->chunks->element;
  const guint64 step = reader->slab->step[axis], count = reader->count[axis];
  const guint64 start = reader->slab->start[axis] + reader->first[axis] * step;

  to += reader->first[axis] * reader->to_stride[axis];
  if (chunk != NULL)
    chunk += (start - reader->scaled[axis] * reader->layout->chunk[axis]) * reader->from_stride[axis];
  if (axis + 1 < reader->layout->rank)
    {
      for (guint64 i = 0; i < count; i++)
        copy_axis (reader, axis + 1, chunk != NULL ? chunk + i * step * reader->from_stride[axis] : NULL,
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

static gboolean
read_chunk (Reader *reader, guint8 *stored, GError **error)
{
  Make make = { reader->file, reader->chunks };
  g_autoptr (GBytes) bytes = NULL;

  if (!exp_chunk_index_find (reader->chunks->index, reader->scaled, &make.chunk, error))
    return FALSE;
  if (make.chunk.address != EXP_CHUNK_UNALLOCATED)
    {
      bytes = exp_chunk_cache_get (reader->file, make.chunk.address, make_chunk, &make, error);
      if (bytes == NULL)
        return FALSE;
      if (g_bytes_get_size (bytes) != reader->layout->chunk_size)
        {
          g_set_error (error, EXP_ERROR, EXP_ERROR_DAMAGED, "two datasets claim one chunk");
          return FALSE;
        }
    }
  copy_axis (reader, 0, bytes != NULL ? g_bytes_get_data (bytes, NULL) : NULL, stored);
  return TRUE;
}

/* Goes through the chunks that hold anything selected, axis by axis. */
static gboolean
read_axis (Reader *reader, guint axis, guint8 *stored, GError **error)
{
  if (axis == reader->layout->rank)
    return read_chunk (reader, stored, error);

  const guint64 chunk = reader->layout->chunk[axis];
  const guint64 start = reader->slab->start[axis], step = reader->slab->step[axis];
  for (guint64 i = 0; i < reader->slab->count[axis];)
    {
      guint64 at = start + i * step, left = chunk - at % chunk; /* elements to the chunk's end */

      reader->scaled[axis] = at / chunk;
      reader->first[axis] = i;
      reader->count[axis] = MIN ((left - 1) / step + 1, reader->slab->count[axis] - i);
      if (!read_axis (reader, axis + 1, stored, error))
        return FALSE;
      i += reader->count[axis];
    }
  return TRUE;
}

gboolean
exp_chunks_read (ExpHdf5Object *object, const ExpHdf5Description *description, const ExpSlab *slab, gsize n,
                 guint8 *stored, gboolean *is_known, GError **error)
{
  g_autoptr (Chunks) chunks = NULL;
  Reader reader = { .file = object->file, .slab = slab };
  gsize to, from;

  *is_known = FALSE;
  if ((description->layout != H5D_CHUNKED && description->layout != H5D_CONTIGUOUS) || object->file->is_growing)
    return TRUE;
  chunks = get (object, description);
  if (!chunks->is_known)
    return TRUE;
  *is_known = TRUE;
  if (chunks->index == NULL)
    {
      fill_row (chunks, stored, n);
      return TRUE;
    }
  reader.chunks = chunks;
  reader.layout = exp_chunk_index_get_layout (chunks->index);
  to = from = chunks->element;
  for (guint i = slab->rank; i-- > 0;)
    {
      reader.to_stride[i] = to;
      reader.from_stride[i] = from;
      to *= slab->count[i];
      from *= reader.layout->chunk[i];
    }
  return read_axis (&reader, 0, stored, error);
}
