/* Writes blocks one behind the other.
 * Knows neither what they are nor why.
 * Called by copy_blocks.c. */
#include "copy_blocks_private.h"

#define BUFFER_SIZE (1 << 20)

struct _ExpBlockWriter
{
  ExpSource *target; /* borrowed */
  guint64 at;        /* of the buffer's first byte */
  gsize n;           /* bytes in the buffer */
  guint8 buffer[BUFFER_SIZE];
};

ExpBlockWriter *
exp_block_writer_new (ExpSource *target, guint64 address)
{
  ExpBlockWriter *writer = g_malloc (sizeof *writer);

  writer->target = target;
  writer->at = address;
  writer->n = 0;
  return writer;
}

void
exp_block_writer_free (ExpBlockWriter *writer)
{
  g_free (writer);
}

gboolean
exp_block_writer_flush (ExpBlockWriter *writer, GError **error)
{
  if (writer->n > 0 && !exp_source_pwrite (writer->target, writer->at, writer->n, writer->buffer, error))
    return FALSE;
  writer->at += writer->n;
  writer->n = 0;
  return TRUE;
}

/* What remains of the buffer, if need be after it was written. */
static gsize
make_room (ExpBlockWriter *writer, GError **error)
{
  if (writer->n == BUFFER_SIZE && !exp_block_writer_flush (writer, error))
    return 0;
  return BUFFER_SIZE - writer->n;
}

/* BUFFER_SIZE is a multiple of 8. */
static void
fill_up (ExpBlockWriter *writer)
{
  gsize n = (8 - writer->n % 8) % 8;

  memset (writer->buffer + writer->n, 0, n);
  writer->n += n;
}

gboolean
exp_block_writer_put (ExpBlockWriter *writer, const guint8 *bytes, gsize size, GError **error)
{
  for (gsize done = 0; done < size;)
    {
      gsize n = MIN (make_room (writer, error), size - done);

      if (n == 0)
        return FALSE;
      memcpy (writer->buffer + writer->n, bytes + done, n);
      writer->n += n;
      done += n;
    }
  fill_up (writer);
  return TRUE;
}

gboolean
exp_block_writer_copy (ExpBlockWriter *writer, ExpSource *source, guint64 offset, guint64 size, GError **error)
{
  for (guint64 done = 0; done < size;)
    {
      gsize n = MIN (make_room (writer, error), size - done);

      if (n == 0 || !exp_source_pread (source, offset + done, n, writer->buffer + writer->n, error))
        return FALSE;
      writer->n += n;
      done += n;
    }
  fill_up (writer);
  return TRUE;
}
