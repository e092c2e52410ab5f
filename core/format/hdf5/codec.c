/* All codecs, and their decoders, each bounded by the room that it is given.
 * Knows each filter's framing; knows no chunk and no library but the compressors'.
 * Called by codec_filters.c. */
#include "codec_encode.h"
#include <blosc.h>
#include <bzlib.h>
#include <errno.h>
#include <liblzf/lzf.h>
#include <lz4.h>
#include <lzo/lzo1x.h>
#include <string.h>
#include <zstd.h>

#define NEEDS_ROOM G_MAXSIZE

static gsize
decode_lzo (const guint8 *in, gsize size, guint8 *out, gsize room)
{
  lzo_uint n = room;
  int result = lzo1x_decompress_safe (in, size, out, &n, NULL);

  /* PyTables may have written a checksum behind the data. */
  if (result == LZO_E_INPUT_NOT_CONSUMED)
    return n;
  return result == LZO_E_OK ? n : result == LZO_E_OUTPUT_OVERRUN ? NEEDS_ROOM : 0;
}

static gsize
decode_bzip2 (const guint8 *in, gsize size, guint8 *out, gsize room)
{
  unsigned n = MIN (room, G_MAXUINT32);

  if (size > G_MAXUINT32)
    return 0;
  int result = BZ2_bzBuffToBuffDecompress ((char *)out, &n, (char *)in, size, 0, 0);
  return result == BZ_OK ? n : result == BZ_OUTBUFF_FULL ? NEEDS_ROOM : 0;
}

static gsize
decode_lzf (const guint8 *in, gsize size, guint8 *out, gsize room)
{
  if (size > G_MAXUINT32)
    return 0;
  errno = 0;
  unsigned n = lzf_decompress (in, size, out, MIN (room, G_MAXUINT32));
  return n > 0 ? n : errno == E2BIG ? NEEDS_ROOM : 0;
}

static gsize
blosc_size (const guint8 *in, gsize size)
{
  gsize decoded = 0;

  return blosc_cbuffer_validate (in, size, &decoded) == 0 ? decoded : 0;
}

static gsize
decode_blosc (const guint8 *in, gsize size, guint8 *out, gsize room)
{
  gsize decoded = blosc_size (in, size);

  if (decoded == 0)
    return 0;
  if (decoded > room)
    return NEEDS_ROOM;
  int n = blosc_decompress_ctx (in, out, room, 1);
  return n > 0 ? n : 0;
}

static guint64
big_endian (const guint8 *bytes, guint n)
{
  guint64 value = 0;

  for (guint i = 0; i < n; i++)
    value = value << 8 | bytes[i];
  return value;
}

static gsize
lz4_size (const guint8 *in, gsize size)
{
  return size >= 12 ? big_endian (in, 8) : 0;
}

/* The size of all, the size of a block, then each block's compressed size and bytes; a block that did not become
 * smaller is stored as it is. */
static gsize
decode_lz4 (const guint8 *in, gsize size, guint8 *out, gsize room)
{
  gsize decoded = lz4_size (in, size), done = 0, at = 12;
  guint64 block;

  if (decoded == 0)
    return 0;
  if (decoded > room)
    return NEEDS_ROOM;
  block = MIN (big_endian (in + 8, 4), decoded);
  while (done < decoded)
    {
      gsize wanted = MIN (block, decoded - done), stored;

      if (block == 0 || block > G_MAXINT32 || size - at < 4)
        return 0;
      stored = big_endian (in + at, 4);
      at += 4;
      if (stored > size - at || stored > G_MAXINT32)
        return 0;
      if (stored == wanted)
        memcpy (out + done, in + at, wanted);
      else if (LZ4_decompress_safe ((const char *)in + at, (char *)out + done, stored, wanted) != (int)wanted)
        return 0;
      at += stored;
      done += wanted;
    }
  return done;
}

static gsize
zstd_size (const guint8 *in, gsize size)
{
  unsigned long long decoded = ZSTD_getFrameContentSize (in, size);

  return decoded == ZSTD_CONTENTSIZE_ERROR || decoded == ZSTD_CONTENTSIZE_UNKNOWN ? 0 : decoded;
}

static gsize
decode_zstd (const guint8 *in, gsize size, guint8 *out, gsize room)
{
  gsize n = ZSTD_decompress (out, room, in, size);

  if (!ZSTD_isError (n))
    return n;
  return zstd_size (in, size) > room ? NEEDS_ROOM : 0;
}

const ExpCodec exp_codecs[] = {
  { EXP_CODEC_LZO, "lzo", decode_lzo, NULL, exp_encode_lzo, exp_bound_lzo },
  { EXP_CODEC_BZIP2, "bzip2", decode_bzip2, NULL, exp_encode_bzip2, exp_bound_bzip2 },
  { EXP_CODEC_LZF, "lzf", decode_lzf, NULL, exp_encode_lzf, exp_bound_lzf },
  { EXP_CODEC_BLOSC, "blosc", decode_blosc, blosc_size, exp_encode_blosc, exp_bound_blosc },
  { EXP_CODEC_LZ4, "lz4", decode_lz4, lz4_size, exp_encode_lz4, exp_bound_lz4 },
  { EXP_CODEC_ZSTD, "zstd", decode_zstd, zstd_size, exp_encode_zstd, exp_bound_zstd },
  { 0 },
};
