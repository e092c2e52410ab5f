/* Encoders of the filters that h5py and PyTables write.
 * Knows their parameters and framings; the decoders are codec.c's.
 * Called through codec.c's table. */
#include "codec_encode.h"
#include <blosc.h>
#include <bzlib.h>
#include <liblzf/lzf.h>
#include <lz4.h>
#include <lzo/lzo1x.h>
#include <string.h>
#include <zstd.h>

/* Of the lz4 filter: what it takes at once unless told otherwise. */
#define LZ4_BLOCK (1u << 30)

static guint
value_at (const guint *values, gsize n_values, gsize i, guint otherwise)
{
  return i < n_values ? values[i] : otherwise;
}

gsize
exp_bound_lzo (gsize size)
{
  return size + size / 16 + 64 + 3;
}

gsize
exp_encode_lzo (const guint *values, gsize n_values, const guint8 *in, gsize size, guint8 *out, gsize room)
{
  g_autofree guint8 *memory = g_try_malloc (LZO1X_1_MEM_COMPRESS);
  lzo_uint n = room;

  return memory != NULL && lzo1x_1_compress (in, size, out, &n, memory) == LZO_E_OK ? n : 0;
}

gsize
exp_bound_bzip2 (gsize size)
{
  return size > G_MAXINT32 / 2 ? 0 : size + size / 100 + 600;
}

gsize
exp_encode_bzip2 (const guint *values, gsize n_values, const guint8 *in, gsize size, guint8 *out, gsize room)
{
  unsigned n = room;
  int level = CLAMP (value_at (values, n_values, 0, 9), 1, 9);

  return BZ2_bzBuffToBuffCompress ((char *)out, &n, (char *)in, size, level, 0, 0) == BZ_OK ? n : 0;
}

gsize
exp_bound_lzf (gsize size)
{
  return size > G_MAXINT32 ? 0 : size;
}

gsize
exp_encode_lzf (const guint *values, gsize n_values, const guint8 *in, gsize size, guint8 *out, gsize room)
{
  return lzf_compress (in, size, out, room);
}

gsize
exp_bound_blosc (gsize size)
{
  return size > BLOSC_MAX_BUFFERSIZE ? 0 : size + BLOSC_MAX_OVERHEAD;
}

gsize
exp_encode_blosc (const guint *values, gsize n_values, const guint8 *in, gsize size, guint8 *out, gsize room)
{
  const char *compressor = NULL;
  int level = MIN (value_at (values, n_values, 4, 5), 9), shuffle = value_at (values, n_values, 5, 1);
  guint element = value_at (values, n_values, 2, 1);

  if (blosc_compcode_to_compname (value_at (values, n_values, 6, BLOSC_BLOSCLZ), &compressor) < 0)
    return 0;
  int n = blosc_compress_ctx (level, MIN (shuffle, BLOSC_BITSHUFFLE), MAX (element, 1), size, in, out, room, compressor,
                              0, 1);
  return MAX (n, 0);
}

gsize
exp_bound_lz4 (gsize size)
{
  return size > LZ4_MAX_INPUT_SIZE ? 0 : 12 + 4 * (size / 4096 + 1) + size + size / 255 + 16;
}

static guint8 *
put_big_endian (guint8 *to, guint64 value, guint n)
{
  for (guint i = 0; i < n; i++)
    to[i] = value >> 8 * (n - 1 - i);
  return to + n;
}

/* As codec.c's decoder has it. */
gsize
exp_encode_lz4 (const guint *values, gsize n_values, const guint8 *in, gsize size, guint8 *out, gsize room)
{
  gsize block = value_at (values, n_values, 0, 0);
  guint8 *at = put_big_endian (out, size, 8);

  if (block < 4096 || block > LZ4_BLOCK)
    block = LZ4_BLOCK;
  block = MIN (block, size);
  at = put_big_endian (at, block, 4);
  for (gsize done = 0; done < size; done += block)
    {
      gsize wanted = MIN (block, size - done);
      int n = LZ4_compress_default ((const char *)in + done, (char *)at + 4, wanted, out + room - at - 4);

      if (n <= 0 || (gsize)n >= wanted)
        {
          if ((gsize)(out + room - at - 4) < wanted)
            return 0;
          memcpy (at + 4, in + done, wanted);
          n = wanted;
        }
      at = put_big_endian (at, n, 4) + n;
    }
  return at - out;
}

gsize
exp_bound_zstd (gsize size)
{
  return ZSTD_compressBound (size);
}

gsize
exp_encode_zstd (const guint *values, gsize n_values, const guint8 *in, gsize size, guint8 *out, gsize room)
{
  gsize n = ZSTD_compress (out, room, in, size, CLAMP ((int)value_at (values, n_values, 0, 3), 1, 22));

  return ZSTD_isError (n) ? 0 : n;
}
