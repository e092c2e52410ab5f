/* What datasets' headers say of their chunks.
 * Knows messages; finds and reads no chunk.
 * Called by chunk_read.c and chunk_run.c, from several threads. */
#include "chunks.h"
#include "source/chunk_cache.h"
#include "object_header.h"
#include <string.h>

/* Datasets whose index is kept. */
#define MAX_KEPT 64
/* A chunk is decoded whole, so one larger than this is better read by the library, which bounds it by its own rules. */
#define MAX_CHUNK (1u << 30)

void
exp_chunks_unref (ExpChunks *chunks)
{
  if (chunks == NULL || !g_atomic_ref_count_dec (&chunks->references))
    return;
  exp_chunk_index_free (chunks->index);
  g_mutex_clear (&chunks->readahead.lock);
  g_free (chunks->fill);
  g_free (chunks);
}

/* --- what the header says ----------------------------------------------------------------------------------- */

/* The value that chunks which were never written have. FALSE for what only the library understands. */
static gboolean
read_fill (ExpChunks *chunks, const ExpHdf5Message *message)
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
read_messages (ExpHdf5File *file, const ExpObjectHeader *header, ExpChunks *chunks, ExpChunkLayout *layout)
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

static ExpChunks *
chunks_new (ExpHdf5Object *object, const ExpHdf5Description *description)
{
  ExpHdf5File *file = object->file;
  g_auto (ExpObjectHeader) header = { EXP_HEADER_UNSURE };
  ExpChunks *chunks = g_new0 (ExpChunks, 1);
  ExpChunkLayout layout = {
    .base_address = file->base,
    .size_of_offsets = file->sizeof_address,
    .size_of_lengths = file->sizeof_size,
  };
  gsize size;

  g_atomic_ref_count_init (&chunks->references);
  g_mutex_init (&chunks->readahead.lock);
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

static ExpChunks *
find_kept (ExpHdf5File *file, guint64 address)
{
  for (GList *at = file->chunks.head; at != NULL; at = at->next)
    if (((ExpChunks *)at->data)->address == address)
      {
        g_queue_unlink (&file->chunks, at);
        g_queue_push_head_link (&file->chunks, at);
        return at->data;
      }
  return NULL;
}

static ExpChunks *
get_kept (ExpHdf5Object *object, const ExpHdf5Description *description)
{
  ExpHdf5File *file = object->file;
  ExpChunks *chunks;

  g_mutex_lock (&file->chunks_lock);
  chunks = find_kept (file, object->address);
  if (chunks == NULL)
    {
      chunks = chunks_new (object, description);
      g_queue_push_head (&file->chunks, chunks);
      if (file->chunks.length > MAX_KEPT)
        exp_chunks_unref (g_queue_pop_tail (&file->chunks));
    }
  g_atomic_ref_count_inc (&chunks->references);
  g_mutex_unlock (&file->chunks_lock);
  return chunks;
}

ExpChunks *
exp_chunks_get_known (ExpHdf5Object *object, const ExpHdf5Description *description)
{
  g_autoptr (ExpChunks) chunks = NULL;

  if ((description->layout != H5D_CHUNKED && description->layout != H5D_CONTIGUOUS) || object->file->is_growing)
    return NULL;
  chunks = get_kept (object, description);
  return chunks->is_known ? g_steal_pointer (&chunks) : NULL;
}

void
exp_chunks_drop (ExpHdf5File *file)
{
  g_mutex_lock (&file->chunks_lock);
  g_queue_clear_full (&file->chunks, (GDestroyNotify)exp_chunks_unref);
  g_mutex_unlock (&file->chunks_lock);
  exp_chunk_cache_forget (file);
}

void
exp_chunks_forget (ExpHdf5File *file)
{
  exp_readahead_close (&file->readahead);
  exp_chunks_drop (file);
}
