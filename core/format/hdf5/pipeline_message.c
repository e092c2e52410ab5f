/* Walks the filters of a pipeline message.
 * Knows no HDF5 identifiers.
 * Called by object_check.c. */
#include "pipeline_message.h"

enum
{
  SZIP = 4,
  FIRST_NAMED = 256, /* version 2 names only filters from here on */
};

static guint
u16 (const guint8 *bytes)
{
  return bytes[0] | bytes[1] << 8;
}

static guint32
u32 (const guint8 *bytes)
{
  return u16 (bytes) | (guint32)u16 (bytes + 2) << 16;
}

/* Option mask, pixels in a block, bits in a pixel, pixels in a scan line: libaec divides by them. */
static gboolean
is_valid_szip (const guint8 *values, guint n)
{
  if (n < 4)
    return FALSE;

  guint32 block = u32 (values + 4), bits = u32 (values + 8), line = u32 (values + 12);
  return block >= 2 && block <= 32 && block % 2 == 0 && bits >= 1 && bits <= 64 && line >= 1 && line <= 4096;
}

gboolean
exp_pipeline_message_is_valid (const guint8 *bytes, gsize size)
{
  guint version = size >= 2 ? bytes[0] : 0;
  gsize at = version == 1 ? 8 : 2;

  if (version != 1 && version != 2)
    return FALSE;
  for (guint i = 0; i < bytes[1]; i++)
    {
      gsize head = version == 1 ? 8 : 6, name_size = 0;

      if (at + head > size)
        return FALSE;
      guint id = u16 (bytes + at);
      if (version == 1 || id >= FIRST_NAMED)
        {
          head = 8;
          if (at + head > size)
            return FALSE;
          name_size = u16 (bytes + at + 2);
        }
      guint n = u16 (bytes + at + head - 2);
      if (version == 1)
        name_size = (name_size + 7) / 8 * 8;
      at += head + name_size;
      if (at > size || n > (size - at) / 4 || (id == SZIP && !is_valid_szip (bytes + at, n)))
        return FALSE;
      at += n * 4 + (version == 1 && n % 2 == 1 ? 4 : 0);
    }
  return at <= size;
}
