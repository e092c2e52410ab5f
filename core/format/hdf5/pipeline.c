/* Undoes filters on buffers.
 * Knows no datasets; the compressors' framings are codec.c's.
 * Called by chunk_decode.c and chunks.c, from several threads. */
#include "pipeline.h"
#include "codec.h"
#include "unshuffle.h"
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
/* Scratch memory larger than this is given back after each chunk. */
#define MAX_KEPT (2 << 20)

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

/* What a thread keeps from chunk to chunk. */
typedef struct
{
  struct libdeflate_decompressor *decompressor;
  guint8 *scratch[EXP_N_SCRATCHES];
  gsize room[EXP_N_SCRATCHES];
} Workplace;

static void
workplace_free (gpointer data)
{
  Workplace *workplace = data;

  if (workplace->decompressor != NULL)
    libdeflate_free_decompressor (workplace->decompressor);
  for (guint i = 0; i < EXP_N_SCRATCHES; i++)
    g_free (workplace->scratch[i]);
  g_free (workplace);
}

static Workplace *
get_workplace (void)
{
  static GPrivate own = G_PRIVATE_INIT (workplace_free);
  Workplace *workplace = g_private_get (&own);

  if (workplace == NULL)
    g_private_set (&own, workplace = g_new0 (Workplace, 1));
  return workplace;
}

guint8 *
exp_pipeline_scratch (ExpScratch which, gsize size)
{
  Workplace *workplace = get_workplace ();

  if (workplace->scratch[which] == NULL || workplace->room[which] < size)
    {
      g_free (workplace->scratch[which]);
      workplace->room[which] = MAX (size, 4096);
      workplace->scratch[which] = g_try_malloc (workplace->room[which]);
    }
  return workplace->scratch[which];
}

void
exp_pipeline_scratch_done (void)
{
  Workplace *workplace = get_workplace ();

  for (guint i = 0; i < EXP_N_SCRATCHES; i++)
    if (workplace->room[i] > MAX_KEPT)
      {
        g_clear_pointer (&workplace->scratch[i], g_free);
        workplace->room[i] = 0;
      }
}

static gsize
inflate (const guint8 *in, gsize size, guint8 *out, gsize room)
{
  Workplace *workplace = get_workplace ();
  gsize n = 0;

  if (workplace->decompressor == NULL)
    workplace->decompressor = libdeflate_alloc_decompressor ();
  if (workplace->decompressor == NULL
      || libdeflate_zlib_decompress (workplace->decompressor, in, size, out, room, &n) != LIBDEFLATE_SUCCESS)
    n = 0;
  return n;
}

/* Modulo 65535, but nothing other than 0 becomes 0: what the library's folding of the upper half comes to. */
static guint32
fold (guint64 sum)
{
  return sum == 0 ? 0 : (sum - 1) % 65535 + 1;
}

/* As the library computes it: sums of big-endian words modulo 65535, and the sums of those sums. A block's part of the
 * second sum is that of its words, each times the number of words from it to the block's end, which compilers turn into
 * vectors; a block is so short that neither sum overflows. */
static guint32
fletcher32 (const guint8 *data, gsize size)
{
  guint32 sum1 = 0, sum2 = 0;

  for (gsize words = size / 2; words > 0;)
    {
      const guint32 n = MIN (words, 256);
      guint32 block1 = 0, block2 = 0;

      for (guint32 i = 0; i < n; i++)
        {
          guint32 word = data[2 * i] << 8 | data[2 * i + 1];

          block1 += word;
          block2 += word * (n - i);
        }
      sum2 = fold (sum2 + (guint64)n * sum1 + block2);
      sum1 = fold (sum1 + block1);
      data += 2 * n;
      words -= n;
    }
  if (size % 2)
    {
      sum1 = fold (sum1 + (data[0] << 8));
      sum2 = fold (sum2 + sum1);
    }
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

/* What is left to undo, and where it is now. */
typedef struct
{
  const guint8 *bytes;
  gsize size;
} Stage;

/* Undoes one filter into `out`. */
static gboolean
undo (const ExpPipelineFilter *filter, Stage *stage, guint8 *out, gsize room, GError **error)
{
  const ExpCodec *codec = find_codec (filter->id);
  gsize n = stage->size;

  if (filter->id != FILTER_SHUFFLE)
    n = codec != NULL ? codec->decode (stage->bytes, stage->size, out, room)
                      : inflate (stage->bytes, stage->size, out, room);
  else if (n <= room)
    exp_unshuffle (stage->bytes, n, filter->parameter, out);
  if (n == 0 || n > room)
    return damaged (filter->id == FILTER_SHUFFLE ? "shuffle" : codec != NULL ? codec->name : "gzip", error);
  *stage = (Stage){ out, n };
  return TRUE;
}

/* The filters that are left to undo, the innermost first. */
static guint
collect (const ExpPipeline *pipeline, guint32 skipped, const ExpPipelineFilter **filters)
{
  guint n = 0;

  for (guint i = 0; i < pipeline->n; i++)
    if (!(skipped >> i & 1))
      filters[n++] = &pipeline->filters[i];
  return n;
}

gboolean
exp_pipeline_decode (const ExpPipeline *pipeline, guint32 skipped, const guint8 *stored, gsize size, guint8 *to,
                     gsize chunk_size, GError **error)
{
  const ExpPipelineFilter *filters[EXP_PIPELINE_MAX];
  Stage stage = { stored, size };
  ExpScratch scratch = EXP_SCRATCH_A;

  for (guint n = collect (pipeline, skipped, filters); n-- > 0;)
    {
      gsize room = chunk_size;
      guint8 *out = to;

      if (filters[n]->id == FILTER_FLETCHER32)
        {
          if (!verify (stage.bytes, &stage.size, error))
            return FALSE;
          continue;
        }
      if (n > 0)
        {
          room = chunk_size + OVERHEAD;
          out = exp_pipeline_scratch (scratch, room);
          scratch = scratch == EXP_SCRATCH_A ? EXP_SCRATCH_B : EXP_SCRATCH_A;
        }
      if (out == NULL)
        {
          g_set_error (error, EXP_ERROR, EXP_ERROR_NO_MEMORY, "no memory for a chunk");
          return FALSE;
        }
      if (!undo (filters[n], &stage, out, room, error))
        return FALSE;
    }
  if (stage.size != chunk_size)
    {
      g_set_error (error, EXP_ERROR, EXP_ERROR_DAMAGED,
                   "a chunk decodes to %" G_GSIZE_FORMAT " bytes, not %" G_GSIZE_FORMAT, stage.size, chunk_size);
      return FALSE;
    }
  if (stage.bytes != to)
    memcpy (to, stage.bytes, chunk_size);
  return TRUE;
}
