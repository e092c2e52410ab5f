/* Bob Jenkins' lookup3 hash over bytes in little-endian order.
 * Knows bytes only.
 * Called by object_header.c. */
#include "object_checksum.h"

static inline guint32
rotate (guint32 x, guint k)
{
  return x << k | x >> (32 - k);
}

static inline guint32
word (const guint8 *bytes)
{
  return bytes[0] | bytes[1] << 8 | bytes[2] << 16 | (guint32)bytes[3] << 24;
}

static inline void
mix (guint32 *a, guint32 *b, guint32 *c)
{
  static const guint8 turns[6] = { 4, 6, 8, 16, 19, 4 };

  for (guint i = 0; i < 6; i++)
    {
      guint32 old_a = *a;

      /* The three words change places after each of the six steps. */
      old_a -= *c;
      old_a ^= rotate (*c, turns[i]);
      *c += *b;
      *a = *b;
      *b = *c;
      *c = old_a;
    }
}

static inline guint32
last_mix (guint32 a, guint32 b, guint32 c)
{
  c = (c ^ b) - rotate (b, 14);
  a = (a ^ c) - rotate (c, 11);
  b = (b ^ a) - rotate (a, 25);
  c = (c ^ b) - rotate (b, 16);
  a = (a ^ c) - rotate (c, 4);
  b = (b ^ a) - rotate (a, 14);
  return (c ^ b) - rotate (b, 24);
}

guint32
exp_object_checksum (const guint8 *bytes, gsize size)
{
  guint32 a = 0xdeadbeef + (guint32)size, b = a, c = a;
  guint8 tail[12] = { 0 };

  for (; size > 12; size -= 12, bytes += 12)
    {
      a += word (bytes);
      b += word (bytes + 4);
      c += word (bytes + 8);
      mix (&a, &b, &c);
    }
  if (size == 0)
    return c;
  for (gsize i = 0; i < size; i++)
    tail[i] = bytes[i];
  return last_mix (a + word (tail), b + word (tail + 4), c + word (tail + 8));
}
