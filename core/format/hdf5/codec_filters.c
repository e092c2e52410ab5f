/* Hands our codecs to the HDF5 library.
 * Knows no framing; all is called by the library, under the HDF5 lock.
 * Registered by file.c when the first file is opened. */
#include "codec_filters.h"
#include "codec.h"
#include <hdf5.h>

/* HDF5 itself cannot have larger chunks. */
#define MAX_CHUNK ((gsize)G_MAXUINT32)
/* Checksums and headers that filters inside may have added to a chunk. */
#define OVERHEAD 64

static gsize expected; /* bytes of a decoded chunk, or 0; under the HDF5 lock */

void
exp_codec_expect (gsize chunk_size)
{
  expected = chunk_size;
}

/* Decodes into memory that is at least a whole chunk, zeros behind what there was: the library trusts its size. */
static guint8 *
decode (const ExpCodec *codec, const guint8 *in, gsize size, gsize *n_decoded, gsize *room)
{
  gsize most = expected > 0 && expected < MAX_CHUNK - OVERHEAD ? expected + OVERHEAD : MAX_CHUNK;
  gsize said = codec->decoded_size != NULL ? codec->decoded_size (in, size) : 0;
  gsize guess = expected > 0 ? most : said > 0 ? said + OVERHEAD : MAX (4 * size, 4096);

  if (said > most)
    return NULL;
  for (;;)
    {
      guess = MIN (guess, most);

      guint8 *out = H5allocate_memory (guess, TRUE);
      if (out == NULL)
        return NULL;
      gsize n = codec->decode (in, size, out, guess);
      if (n > 0 && n <= guess)
        {
          *n_decoded = n;
          *room = guess;
          return out;
        }
      H5free_memory (out);
      if (n != G_MAXSIZE || guess == most)
        return NULL;
      guess *= 2;
    }
}

/* 0 for a filter that may be left out and makes the chunk no smaller: the library stores it without. */
static size_t
encode (const ExpCodec *codec, unsigned flags, size_t n_values, const unsigned *values, size_t size, size_t *room,
        void **buffer)
{
  gsize bound = codec->bound (size);
  guint8 *out = bound > 0 ? H5allocate_memory (bound, FALSE) : NULL;
  gsize n = out != NULL ? codec->encode (values, n_values, *buffer, size, out, bound) : 0;

  if (n == 0 || (n >= size && (flags & H5Z_FLAG_OPTIONAL)))
    {
      H5free_memory (out);
      return 0;
    }
  H5free_memory (*buffer);
  *buffer = out;
  *room = bound;
  return n;
}

static size_t
filter (const ExpCodec *codec, unsigned flags, size_t n_values, const unsigned *values, size_t size, size_t *room,
        void **buffer)
{
  gsize n, out_room;

  if (!(flags & H5Z_FLAG_REVERSE))
    return encode (codec, flags, n_values, values, size, room, buffer);

  guint8 *out = decode (codec, *buffer, size, &n, &out_room);
  if (out == NULL)
    {
      H5Epush2 (H5E_DEFAULT, __FILE__, __func__, __LINE__, H5E_ERR_CLS, H5E_PLINE, H5E_READERROR,
                "the %s data of a chunk are damaged", codec->name);
      return 0;
    }
  H5free_memory (*buffer);
  *buffer = out;
  *room = out_room;
  return n;
}

/* The library does not tell a filter its own number, so each has a function of its own. */
#define FILTER(index)                                                                                                  \
  static size_t filter_##index (unsigned flags, size_t n_values, const unsigned values[], size_t size, size_t *room,   \
                                void **buffer)                                                                         \
  {                                                                                                                    \
    return filter (&exp_codecs[index], flags, n_values, values, size, room, buffer);                                   \
  }
FILTER (0)
FILTER (1)
FILTER (2)
FILTER (3)
FILTER (4)
FILTER (5)

gboolean
exp_codec_register_filters (void)
{
  static const H5Z_func_t functions[] = { filter_0, filter_1, filter_2, filter_3, filter_4, filter_5 };
  static gboolean is_registered;

  for (guint i = 0; !is_registered && exp_codecs[i].name != NULL; i++)
    {
      const H5Z_class2_t filter_class = {
        .version = H5Z_CLASS_T_VERS,
        .id = exp_codecs[i].id,
        .encoder_present = 1,
        .decoder_present = 1,
        .name = exp_codecs[i].name,
        .filter = functions[i],
      };

      if (H5Zregister (&filter_class) < 0)
        return FALSE;
    }
  is_registered = TRUE;
  return TRUE;
}
