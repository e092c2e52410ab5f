/* Shortest decimal digits of binary floats (Schubfach), laid out as Python's repr does.
 * Knows no types but double, single and half precision; wide_float.c has the wider ones.
 * Called by number.c for every float that is shown. */
#include "expfs/number.h"
#include "powers_of_ten.h"
#include "wide_float.h"
#include <string.h>

/* The value digits * 10^exponent. */
typedef struct
{
  guint64 digits;
  int exponent;
} Decimal;

/* floor (log10 (2^e)), floor (log10 (3/4 * 2^e)) and floor (log2 (10^e)) for |e| < 2000, in fixed point. */
static inline int
floor_log10_pow2 (int e)
{
  return (gint64)e * G_GINT64_CONSTANT (661971961083) >> 41;
}

static inline int
floor_log10_three_quarters_pow2 (int e)
{
  return ((gint64)e * G_GINT64_CONSTANT (661971961083) - G_GINT64_CONSTANT (274743187321)) >> 41;
}

static inline int
floor_log2_pow10 (int e)
{
  return (gint64)e * G_GINT64_CONSTANT (913124641741) >> 38;
}

/* cp * g * 2^-127, rounded to odd: the last bit says whether anything was cut off. */
static inline guint64
round_to_odd (const ExpPowerOfTen *g, guint64 cp)
{
  const guint64 mask = (G_GUINT64_CONSTANT (1) << 63) - 1;
  guint64 x1 = (guint64)((unsigned __int128)g->low * cp >> 64);
  unsigned __int128 y = (unsigned __int128)g->high * cp;
  guint64 z = ((guint64)y >> 1) + x1;
  guint64 w = (guint64)(y >> 64) + (z >> 63);

  return w | ((z & mask) + mask) >> 63;
}

/* The shortest decimal that rounds to c * 2^q, the closest of them; `is_irregular` when the neighbour below is only
 * half as far as the one above. */
static Decimal
shortest (guint64 c, int q, gboolean is_irregular)
{
  guint64 is_odd = c & 1, cb = c << 2, cbr = cb + 2, cbl = is_irregular ? cb - 1 : cb - 2;
  int k = is_irregular ? floor_log10_three_quarters_pow2 (q) : floor_log10_pow2 (q);
  int h = q + floor_log2_pow10 (-k) + 2;
  const ExpPowerOfTen *g = &exp_powers_of_ten ()[-k];
  guint64 vb = round_to_odd (g, cb << h), vbl = round_to_odd (g, cbl << h), vbr = round_to_odd (g, cbr << h);
  guint64 s = vb >> 2, t = s + 1;

  if (s >= 10)
    {
      guint64 lower = s / 10 * 10, upper = lower + 10;
      gboolean lower_is_in = vbl + is_odd <= lower << 2, upper_is_in = (upper << 2) + is_odd <= vbr;

      if (lower_is_in != upper_is_in)
        return (Decimal){ lower_is_in ? lower : upper, k };
    }

  gboolean s_is_in = vbl + is_odd <= s << 2, t_is_in = (t << 2) + is_odd <= vbr;
  if (s_is_in != t_is_in)
    return (Decimal){ s_is_in ? s : t, k };

  gint64 side = (gint64)(vb - ((s + t) << 1));
  return (Decimal){ side < 0 || (side == 0 && (s & 1) == 0) ? s : t, k };
}

gsize
exp_digits_lay_out (const char *digits, gsize n, int point, char *text)
{
  char *at = text;

  if (point > 16 || point < -3)
    {
      int exponent = point - 1;

      *at++ = digits[0];
      if (n > 1)
        {
          *at++ = '.';
          memcpy (at, digits + 1, n - 1);
          at += n - 1;
        }
      *at++ = 'e';
      *at++ = exponent < 0 ? '-' : '+';
      exponent = ABS (exponent);
      if (exponent < 10)
        *at++ = '0';
      return at - text + exp_uint_format (exponent, at);
    }
  if (point <= 0)
    {
      memcpy (at, "0.0000", 2 - point);
      memcpy (at + 2 - point, digits, n);
      return 2 - point + n;
    }
  if ((gsize)point >= n)
    {
      memcpy (at, digits, n);
      memset (at + n, '0', point - n);
      memcpy (at + point, ".0", 2);
      return point + 2;
    }
  memcpy (at, digits, point);
  at[point] = '.';
  memcpy (at + point + 1, digits + point, n - point);
  return n + 1;
}

/* A float of `fraction_bits` explicit bits in `fraction`, biased `exponent`, where `bias` includes the fraction's width
 * so that a normal number is (fraction | hidden bit) * 2^(exponent - bias). */
static gsize
format_parts (gboolean is_negative, guint64 fraction, int exponent, guint fraction_bits, int max_exponent, int bias,
              char *text)
{
  guint64 hidden = G_GUINT64_CONSTANT (1) << fraction_bits;
  char digits[20], *at = text;

  if (exponent == max_exponent)
    {
      const char *name = fraction != 0 ? "nan" : is_negative ? "-inf" : "inf";

      memcpy (text, name, strlen (name));
      return strlen (name);
    }
  if (is_negative)
    *at++ = '-';
  if (exponent == 0 && fraction == 0)
    {
      memcpy (at, "0.0", 3);
      return at + 3 - text;
    }

  guint64 mantissa = exponent == 0 ? fraction : fraction | hidden;
  int power = exponent == 0 ? 1 - bias : exponent - bias;
  Decimal decimal;
  /* Among the numbers that lie less than one apart, an integer has no shorter neighbour. */
  if (power <= 0 && power >= -(int)fraction_bits && (mantissa & ((G_GUINT64_CONSTANT (1) << -power) - 1)) == 0)
    decimal = (Decimal){ mantissa >> -power, 0 };
  else
    decimal = shortest (mantissa, power, fraction == 0 && exponent > 1);
  gsize n = exp_uint_format (decimal.digits, digits);
  int point = decimal.exponent + (int)n;
  while (digits[n - 1] == '0')
    n--;
  return at - text + exp_digits_lay_out (digits, n, point, at);
}

gsize
exp_double_format (double value, char *text)
{
  guint64 bits;

  memcpy (&bits, &value, sizeof bits);
  return format_parts (bits >> 63, bits & ((G_GUINT64_CONSTANT (1) << 52) - 1), bits >> 52 & 0x7ff, 52, 0x7ff,
                       1023 + 52, text);
}

gsize
exp_float_format (float value, char *text)
{
  guint32 bits;

  memcpy (&bits, &value, sizeof bits);
  return format_parts (bits >> 31, bits & 0x7fffff, bits >> 23 & 0xff, 23, 0xff, 127 + 23, text);
}

gsize
exp_half_format (guint16 bits, char *text)
{
  return format_parts (bits >> 15, bits & 0x3ff, bits >> 10 & 0x1f, 10, 0x1f, 15 + 10, text);
}
