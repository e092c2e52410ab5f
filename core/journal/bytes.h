/* Numbers as bytes, little-endian. Used by header.c and records.c. */
#pragma once

#include <glib.h>

static inline void
exp_put (guint8 *to, guint64 value, guint size)
{
  for (guint i = 0; i < size; i++)
    to[i] = value >> 8 * i;
}

static inline guint64
exp_get (const guint8 *from, guint size)
{
  guint64 value = 0;

  for (guint i = size; i-- > 0;)
    value = value << 8 | from[i];
  return value;
}
