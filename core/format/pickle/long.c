/* Integers of any length.
 * Knows two's complement and decimal digits.
 * Called by opcodes.c. */
#include "machine.h"
#include <string.h>

/* Python prints no longer ones in decimal either: the work grows with the square of the length. */
#define MAX_DECIMAL_BYTES 1785
#define BASE              1000000000u

/* Decimal digits of a magnitude of 32-bit words, which becomes 0. */
static void
append_decimal (GString *text, guint32 *words, gsize n)
{
  g_autofree guint32 *parts = g_new (guint32, n * 2 + 1);
  gsize n_parts = 0;

  while (n > 0)
    {
      guint64 remainder = 0;

      for (gsize i = n; i > 0; i--)
        {
          remainder = remainder << 32 | words[i - 1];
          words[i - 1] = (guint32)(remainder / BASE);
          remainder %= BASE;
        }
      parts[n_parts++] = (guint32)remainder;
      while (n > 0 && words[n - 1] == 0)
        n--;
    }
  for (gsize i = n_parts; i > 0; i--)
    g_string_append_printf (text, i == n_parts ? "%u" : "%09u", parts[i - 1]);
  if (n_parts == 0)
    g_string_append_c (text, '0');
}

/* A long magnitude, in hexadecimal. */
static void
append_hex (GString *text, const guint8 *magnitude, gsize length)
{
  static const char digits[] = "0123456789abcdef";

  g_string_append (text, "0x");
  while (length > 1 && magnitude[length - 1] == 0)
    length--;
  for (gsize i = length; i > 0; i--)
    {
      if (i < length || magnitude[i - 1] >> 4 != 0)
        g_string_append_c (text, digits[magnitude[i - 1] >> 4]);
      g_string_append_c (text, digits[magnitude[i - 1] & 15]);
    }
}

static ExpPickleValue *
short_long (ExpPickleMachine *machine, gsize length)
{
  ExpPickleValue *value = exp_pickle_value_new (machine->pickle, EXP_PICKLE_INT);
  const guint8 *bytes = exp_pickle_take (machine, length);
  guint64 number;

  if (bytes == NULL)
    return NULL;
  number = length > 0 && (bytes[length - 1] & 0x80) != 0 ? G_MAXUINT64 : 0;
  for (gsize i = length; i > 0; i--)
    number = number << 8 | bytes[i - 1];
  value->integer = (gint64)number;
  return value;
}

/* TRUE when all of it is the sign but the first eight bytes, which have the same. */
static gboolean
fits_64_bits (const guint8 *bytes, gsize length)
{
  guint8 sign = (bytes[length - 1] & 0x80) != 0 ? 0xff : 0;

  for (gsize i = 8; i < length; i++)
    if (bytes[i] != sign)
      return FALSE;
  return (bytes[7] & 0x80) == (sign & 0x80);
}

ExpPickleValue *
exp_pickle_take_long (ExpPickleMachine *machine, gsize length)
{
  if (length <= 8)
    return short_long (machine, length);
  if (length > machine->size - machine->at
      || (machine->at < machine->frame_end && length > machine->frame_end - machine->at))
    {
      exp_pickle_fail (machine, "it ends too early");
      return NULL;
    }

  g_autofree guint8 *magnitude = g_try_malloc0 ((length + 3) & ~(gsize)3);
  g_autoptr (GString) text = g_string_new (NULL);
  if (magnitude == NULL || !exp_source_pread (machine->pickle->source, machine->at, length, magnitude, &machine->error))
    return NULL;
  machine->at += length;
  if (fits_64_bits (magnitude, length))
    {
      machine->at -= length;
      ExpPickleValue *value = short_long (machine, 8);
      machine->at += length - 8;
      return value;
    }
  if ((magnitude[length - 1] & 0x80) != 0)
    {
      guint carry = 1;

      for (gsize i = 0; i < length; i++)
        {
          carry += (guint8)~magnitude[i];
          magnitude[i] = (guint8)carry;
          carry >>= 8;
        }
      g_string_append_c (text, '-');
    }
  if (length <= MAX_DECIMAL_BYTES)
    {
      gsize n = (length + 3) / 4;
      g_autofree guint32 *words = g_new (guint32, n);

      for (gsize i = 0; i < n; i++)
        words[i] = magnitude[4 * i] | (guint32)magnitude[4 * i + 1] << 8 | (guint32)magnitude[4 * i + 2] << 16
                   | (guint32)magnitude[4 * i + 3] << 24;
      while (n > 0 && words[n - 1] == 0)
        n--;
      append_decimal (text, words, n);
    }
  else
    append_hex (text, magnitude, length);
  return exp_pickle_text_new (machine->pickle, EXP_PICKLE_BIG_INT, text->str, text->len);
}
