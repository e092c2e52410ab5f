/* Undoes filters on buffers.
 * Knows no datasets; the compressors' framings are codec.c's.
 * Called by chunks.c, from several threads. */
#include "pipeline.h"
#include "codec.h"
#include <libdeflate.h>
#include <string.h>

enum
{
  FILTER_DEFLATE = 1,
  FILTER_SHUFFLE = 2,
  FILTER_FLETCHER32 = 3,
};

/* Checksums that filters inside may have added. */
#define OVERHEAD 64

static guint
u16 (const guint8 *bytes)
{
  return bytes[0] | bytes[1] << 8;
}

static guint32
u32 (const guint8 *bytes)
{
  return bytes[0] | bytes[1] << 8 | bytes[2] << 16 | (guint32)bytes[3] << 24;
}

static const ExpCodec *
find_codec (guint id)
{
  for (const ExpCodec *codec = exp_codecs; codec->name != NULL; codec++)
    if (codec->id == id)
      return codec;
  return NULL;
}

gboolean
exp_pipeline_parse (const guint8 *message, gsize size, ExpPipeline *pipeline)
{
  guint version = size >= 2 ? message[0] : 0;
  gsize at = version == 1 ? 8 : 2;

  memset (pipeline, 0, sizeof *pipeline);
  if ((version != 1 && version != 2) || message[1] > EXP_PIPELINE_MAX)
    return FALSE;
  for (guint i = 0; i < message[1]; i++)
    {
      ExpPipelineFilter *filter = &pipeline->filters[pipeline->n++];
      guint name = 0, n_values;

      if (size < at + 8)
        return FALSE;
      filter->id = u16 (message + at);
      at += 2;
      if (version == 1 || filter->id >= 256)
        {
          name = u16 (message + at);
          at += 2;
        }
      if (size < at + 4)
        return FALSE;
      n_values = u16 (message + at + 2);
      at += 4 + (version == 1 ? (name + 7) / 8 * 8 : name);
      if (size < at + 4 * (gsize)n_values)
        return FALSE;
      filter->parameter = n_values > 0 ? u32 (message + at) : 0;
      at += 4 * (gsize)n_values + (version == 1 && n_values % 2 ? 4 : 0);
      if (filter->id != FILTER_DEFLATE && filter->id != FILTER_SHUFFLE && filter->id != FILTER_FLETCHER32
          && find_codec (filter->id) == NULL)
        return FALSE;
      if (filter->id == FILTER_SHUFFLE && filter->parameter == 0)
        return FALSE;
    }
  return TRUE;
}

/* --- filters ------------------------------------------------------------------------------------------------ */

static gboolean
damaged (const char *filter, GError **error)
{
  g_set_error (error, EXP_ERROR, EXP_ERROR_DAMAGED, "the %s data of a chunk are damaged", filter);
  return FALSE;
}

static gsize
inflate (const guint8 *in, gsize size, guint8 *out, gsize room)
{
  struct libdeflate_decompressor *decompressor = libdeflate_alloc_decompressor ();
  gsize n = 0;

  if (decompressor == NULL)
    return 0;
  if (libdeflate_zlib_decompress (decompressor, in, size, out, room, &n) != LIBDEFLATE_SUCCESS)
    n = 0;
  libdeflate_free_decompressor (decompressor);
  return n;
}

/* As the library computes it: sums of big-endian words, folded often enough not to overflow. */
static guint32
fletcher32 (const guint8 *data, gsize size)
{
  guint32 sum1 = 0, sum2 = 0;

  for (gsize words = size / 2; words > 0;)
    {
      gsize n = MIN (words, 360);

      words -= n;
      for (; n > 0; n--, data += 2)
        {
          sum1 += data[0] << 8 | data[1];
          sum2 += sum1;
        }
      sum1 = (sum1 & 0xffff) + (sum1 >> 16);
      sum2 = (sum2 & 0xffff) + (sum2 >> 16);
    }
  if (size % 2)
    {
      sum1 += data[0] << 8;
      sum2 += sum1;
      sum1 = (sum1 & 0xffff) + (sum1 >> 16);
      sum2 = (sum2 & 0xffff) + (sum2 >> 16);
    }
  sum1 = (sum1 & 0xffff) + (sum1 >> 16);
  sum2 = (sum2 & 0xffff) + (sum2 >> 16);
  return sum2 << 16 | sum1;
}

static gboolean
verify (const guint8 *data, gsize *size, GError **error)
{
  if (*size < 4)
    return damaged ("fletcher32", error);
  *size -= 4;

  guint32 stored = u32 (data + *size), computed = fletcher32 (data, *size);
  /* Releases before 1.6.3 wrote the bytes of each half the other way round on little-endian machines. */
  guint32 swapped = (computed & 0x00ff00ff) << 8 | (computed & 0xff00ff00) >> 8;
  if (stored == computed || stored == swapped)
    return TRUE;
  g_set_error (error, EXP_ERROR, EXP_ERROR_CHECKSUM, "a chunk fails its fletcher32 checksum");
  return FALSE;
}

/* Bytes that were sorted by their place in the element go back; what is left over stands at the end. */
static void
unshuffle (const guint8 *in, gsize size, gsize element, guint8 *out)
{
  gsize n = size / element;

  if (element == 4)
    for (gsize i = 0; i < n; i++)
      {
        guint8 *to = out + 4 * i;

        to[0] = in[i];
        to[1] = in[n + i];
        to[2] = in[2 * n + i];
        to[3] = in[3 * n + i];
      }
  else
    for (gsize block = 0; block < n; block += 1024) /* a block of elements stays in the cache */
      for (gsize k = 0; k < element; k++)
        for (gsize i = block; i < MIN (n, block + 1024); i++)
          out[i * element + k] = in[k * n + i];
  memcpy (out + n * element, in + n * element, size - n * element);
}

/* Undoes one filter: `*bytes` is replaced where it must be. */
static gboolean
undo (const ExpPipelineFilter *filter, guint8 **bytes, gsize *size, gsize chunk_size, GError **error)
{
  const ExpCodec *codec = find_codec (filter->id);
  gsize room = filter->id == FILTER_SHUFFLE ? *size : chunk_size + OVERHEAD, n = *size;

  if (filter->id == FILTER_FLETCHER32)
    return verify (*bytes, size, error);

  guint8 *out = g_try_malloc (MAX (room, 1));
  if (out == NULL)
    {
      g_set_error (error, EXP_ERROR, EXP_ERROR_NO_MEMORY, "no memory for a chunk");
      return FALSE;
    }
  if (filter->id == FILTER_SHUFFLE)
    unshuffle (*bytes, *size, filter->parameter, out);
  else
    n = codec != NULL ? codec->decode (*bytes, *size, out, room) : inflate (*bytes, *size, out, room);
  g_free (*bytes);
  *bytes = out;
  *size = n;
  return (n > 0 && n <= room) || damaged (codec != NULL ? codec->name : "gzip", error);
}

guint8 *
exp_pipeline_decode (const ExpPipeline *pipeline, guint32 skipped, guint8 *stored, gsize size, gsize chunk_size,
                     GError **error)
{
  for (guint i = pipeline->n; i-- > 0;)
    if (!(skipped >> i & 1) && !undo (&pipeline->filters[i], &stored, &size, chunk_size, error))
      {
        g_free (stored);
        return NULL;
      }
  if (size == chunk_size)
    return stored;
  g_free (stored);
  g_set_error (error, EXP_ERROR, EXP_ERROR_DAMAGED,
               "a chunk decodes to %" G_GSIZE_FORMAT " bytes, not %" G_GSIZE_FORMAT, size, chunk_size);
  return NULL;
}
