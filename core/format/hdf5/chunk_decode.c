/* One chunk, taken from the cache or read and decoded into it.
 * Knows where a chunk lies by what it is told; finds none, and selects nothing in it.
 * Called by chunk_prefetch.c, chunk_read.c and chunk_run.c, from several threads. */
#include "chunk_decode.h"

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

const ExpCachedChunk *
exp_chunk_decode (ExpHdf5File *file, const ExpChunks *chunks, const ExpChunk *chunk, GError **error)
{
  Make make = { file, chunks, *chunk };

  return exp_chunk_cache_get (file, chunk->address, exp_chunk_index_get_layout (chunks->index)->chunk_size, make_chunk,
                              &make, error);
}
