/* Shortest decimal digits of binary floats (Schubfach), laid out as Python's repr does.
 * Knows no types but double, single and half precision; wide_float.c has the wider ones.
 * Called by number.c for every float that is shown. */
#include "shortest.h"
#include "expfs/number.h"
#include "wide_float.h"

/* floor (log10 (3/4 * 2^e)) for |e| < 2000, in fixed point. */
static inline int
floor_log10_three_quarters_pow2 (int e)
{
  return ((gint64)e * G_GINT64_CONSTANT (661971961083) - G_GINT64_CONSTANT (274743187321)) >> 41;
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

ExpScaled
exp_shortest (guint64 c, int q, gboolean is_irregular)
{
  guint64 is_odd = c & 1, cb = c << 2, cbr = cb + 2, cbl = is_irregular ? cb - 1 : cb - 2;
  int k = is_irregular ? floor_log10_three_quarters_pow2 (q) : exp_floor_log10_pow2 (q);
  int h = q + exp_floor_log2_pow10 (-k) + 2;
  const ExpPowerOfTen *g = &exp_powers_of_ten[-k - EXP_POWER_MIN];
  guint64 vb = round_to_odd (g, cb << h), vbl = round_to_odd (g, cbl << h), vbr = round_to_odd (g, cbr << h);
  guint64 s = vb >> 2, t = s + 1;

  if (s >= 10)
    {
      guint64 lower = s / 10 * 10, upper = lower + 10;
      gboolean lower_is_in = vbl + is_odd <= lower << 2, upper_is_in = (upper << 2) + is_odd <= vbr;

      if (lower_is_in != upper_is_in)
        return (ExpScaled){ lower_is_in ? lower : upper, k };
    }

  gboolean s_is_in = vbl + is_odd <= s << 2, t_is_in = (t << 2) + is_odd <= vbr;
  if (s_is_in != t_is_in)
    return (ExpScaled){ s_is_in ? s : t, k };

  gint64 side = (gint64)(vb - ((s + t) << 1));
  return (ExpScaled){ side < 0 || (side == 0 && (s & 1) == 0) ? s : t, k };
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

/* --- what exp_decimal_from_double and its like leave out ---------------------------------------------------- */

void
exp_decimal_set_rare (guint64 fraction, int exponent, guint fraction_bits, ExpDecimal *decimal)
{
  const guint64 hidden = G_GUINT64_CONSTANT (1) << fraction_bits;
  const int max_exponent = fraction_bits == 52 ? 0x7ff : fraction_bits == 23 ? 0xff : 0x1f;
  const int bias = max_exponent / 2 + (int)fraction_bits;

  if (exponent == max_exponent)
    {
      decimal->n_digits = 0;
      decimal->is_negative &= fraction == 0;
      decimal->point = fraction == 0; /* infinite */
    }
  else if (exponent == 0 && fraction == 0)
    exp_decimal_set (0, 0, 1, decimal);
  else
    exp_decimal_set_scaled (exp_shortest (exponent == 0 ? fraction : fraction | hidden, MAX (exponent, 1) - bias,
                                          fraction == 0 && exponent > 1),
                            decimal);
}

gsize
exp_decimal_rare_length (const ExpDecimal *decimal)
{
  if (decimal->n_digits == 0)
    return decimal->is_negative + 3;
  return decimal->is_negative + decimal->n_digits + (decimal->n_digits > 1)
         + (ABS (decimal->point - 1) < 100 ? 4 : 5); /* e+05 */
}

void
exp_decimal_write_rare (const ExpDecimal *decimal, const char *digits, char *text)
{
  if (decimal->is_negative)
    *text++ = '-';
  if (decimal->n_digits == 0)
    memcpy (text, decimal->point ? "inf" : "nan", 3);
  else
    exp_digits_lay_out (digits, decimal->n_digits, decimal->point, text);
}

/* --- one number --------------------------------------------------------------------------------------------- */

/* Within the text's own length, unlike exp_decimal_write. */
static gsize
copy_text (const ExpDecimal *decimal, char *text)
{
  char room[EXP_DECIMAL_ROOM];
  gsize length = exp_decimal_length (decimal);

  exp_decimal_write (decimal, room);
  memcpy (text, room, length);
  return length;
}

gsize
exp_double_format (double value, char *text)
{
  ExpDecimal decimal;
  guint64 bits;

  memcpy (&bits, &value, sizeof bits);
  exp_decimal_from_double (bits, &decimal);
  return copy_text (&decimal, text);
}

gsize
exp_float_format (float value, char *text)
{
  ExpDecimal decimal;
  guint32 bits;

  memcpy (&bits, &value, sizeof bits);
  exp_decimal_from_float (bits, &decimal);
  return copy_text (&decimal, text);
}

gsize
exp_half_format (guint16 bits, char *text)
{
  ExpDecimal decimal = { .is_negative = bits >> 15 };

  exp_decimal_set_rare (bits & 0x3ff, bits >> 10 & 0x1f, 10, &decimal);
  return copy_text (&decimal, text);
}
