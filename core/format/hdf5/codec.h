/* Compressors as buffers in, buffers out: what HDF5 filters of registered numbers do to a chunk.
 * Knows the numbers and framings of the filters that h5py, PyTables and pypet write; knows no HDF5 library.
 * Used by codec_filters.c, which hands them to the library. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

#define EXP_CODEC_LZO   305
#define EXP_CODEC_BZIP2 307
#define EXP_CODEC_LZF   32000
#define EXP_CODEC_BLOSC 32001
#define EXP_CODEC_LZ4   32004
#define EXP_CODEC_ZSTD  32015

typedef struct
{
  guint id;
  const char *name;
  /* Decodes `in` into `out`, which has room for `room` bytes. The number of bytes decoded; 0 when the data are damaged;
   * G_MAXSIZE when they need more room. */
  gsize (*decode) (const guint8 *in, gsize size, guint8 *out, gsize room);
  /* The size that the data say they decode to, or 0 when they say nothing; not to be trusted. */
  gsize (*decoded_size) (const guint8 *in, gsize size);
  /* Encodes `in` as the filter's parameters say, into `out`, which has room for what bound says that `size` bytes may
   * become. The number of bytes; 0 when it cannot make them fewer, and the filter is to be left out. */
  gsize (*encode) (const guint *values, gsize n_values, const guint8 *in, gsize size, guint8 *out, gsize room);
  gsize (*bound) (gsize size);
} ExpCodec;

/* All of them, ended by one without a name. */
extern const ExpCodec exp_codecs[];

G_END_DECLS
