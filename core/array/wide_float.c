/* Shortest digits of extended and quadruple precision, by trying precisions until one reads back the same.
 * Knows nothing of doubles; such numbers are rare enough for the C library's own exact conversions.
 * Called by number.c. */
#include "wide_float.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Scientific form with `precision` digits; TRUE when it reads back to the same number. */
static gboolean
try_precision (const guint8 *bytes, gboolean is_quad, int precision, char *text, gsize size)
{
  if (is_quad)
    {
      _Float128 value, back;
      char format[16];

      memcpy (&value, bytes, 16);
      g_snprintf (format, sizeof format, "%%.%de", precision - 1);
      strfromf128 (text, size, format, value);
      back = strtof128 (text, NULL);
      return memcmp (&back, &value, 16) == 0;
    }

  long double value, back;
  memcpy (&value, bytes, sizeof value);
  snprintf (text, size, "%.*Le", precision - 1, value);
  back = strtold (text, NULL);
  return back == value;
}

static gsize
copy (char *text, const char *from)
{
  memcpy (text, from, strlen (from));
  return strlen (from);
}

gsize
exp_wide_float_format (const guint8 *bytes, gboolean is_quad, char *text)
{
  const int most = is_quad ? 36 : 21;
  guint exponent = (bytes[is_quad ? 15 : 9] & 0x7f) << 8 | bytes[is_quad ? 14 : 8];
  gboolean is_negative = bytes[is_quad ? 15 : 9] >> 7;
  gboolean is_whole = TRUE; /* no fraction bits */
  char scientific[64], digits[64], *at = text;
  int low = 1, high = most;
  gsize n = 0;

  for (int i = 0; i < (is_quad ? 14 : 8); i++)
    is_whole = is_whole && (bytes[i] == 0 || (!is_quad && i == 7 && bytes[i] == 0x80));
  if (exponent == 0x7fff)
    return copy (text, !is_whole ? "nan" : is_negative ? "-inf" : "inf");
  /* The more digits, the closer: the least number of digits that reads back is found by halving. */
  while (low < high)
    {
      int middle = (low + high) / 2;

      if (try_precision (bytes, is_quad, middle, scientific, sizeof scientific))
        high = middle;
      else
        low = middle + 1;
    }
  try_precision (bytes, is_quad, low, scientific, sizeof scientific);

  char *mantissa = scientific + (scientific[0] == '-'), *e = strchr (mantissa, 'e');
  if (e == NULL) /* an encoding that the x87 itself rejects */
    return copy (text, "nan");
  for (char *c = mantissa; c < e; c++)
    if (g_ascii_isdigit (*c))
      digits[n++] = *c;
  while (n > 1 && digits[n - 1] == '0')
    n--;
  if (is_negative)
    *at++ = '-';
  if (n == 1 && digits[0] == '0')
    return at - text + copy (at, "0.0");
  return at - text + exp_digits_lay_out (digits, n, atoi (e + 1) + 1, at);
}
