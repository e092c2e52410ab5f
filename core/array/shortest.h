/* Shortest digits of doubles and floats in two steps, the digits and their writing, so that who aligns texts knows a
 * length before a byte is written. Used in core/array only. */
#pragma once

#include "digits.h"
#include "powers_of_ten.h"

/* Bytes that exp_decimal_write may touch from `text` on. */
#define EXP_DECIMAL_ROOM 48

/* A number as at most 17 digits: `eights` holds the first sixteen (exp_eight_digits), then comes `last`. The decimal
 * point stands after the digit number `point`. */
typedef struct
{
  guint64 eights[2];
  guint last;
  guint n_digits; /* without zeros at the end; 1 for zero; 0 for what is not finite */
  int point;
  gboolean is_negative;
} ExpDecimal;

/* digits * 10^exponent. */
typedef struct
{
  guint64 digits;
  int exponent;
} ExpScaled;

/* The shortest decimal that rounds to c * 2^q, the closest of them; `is_irregular` when the neighbour below is only
 * half as far as the one above. Exact for all. */
ExpScaled exp_shortest (guint64 c, int q, gboolean is_irregular);

/* What the steps below leave out: numbers that are not clear, powers of two, subnormal ones, zero, and those that are
 * not finite, by their fields; and texts with an exponent or a name. */
void exp_decimal_set_rare (guint64 fraction, int exponent, guint fraction_bits, ExpDecimal *decimal);
gsize exp_decimal_rare_length (const ExpDecimal *decimal);
void exp_decimal_write_rare (const ExpDecimal *decimal, const char *digits, char *text);

/* floor (log10 (2^e)) and floor (log2 (10^e)) for |e| < 2000, in fixed point. */
static inline int
exp_floor_log10_pow2 (int e)
{
  return (gint64)e * G_GINT64_CONSTANT (661971961083) >> 41;
}

static inline int
exp_floor_log2_pow10 (int e)
{
  return (gint64)e * G_GINT64_CONSTANT (913124641741) >> 38;
}

/* The same as exp_shortest for a regular c * 2^q with c >= 10, as the digits but the last, and the last: in one
 * multiplication instead of three. The value v = c * 2^q * 10^-k is known to 64 bits after its point, and so is the
 * half width h < 5 of the interval that rounds to it; FALSE when a decision hangs on less than their error. Of the
 * decimals in the interval the multiple of ten is the shortest, and there is one at most; else the nearest integer to v
 * is the closest, and it lies inside since h >= 1/2. */
static inline gboolean
exp_shortest_clearly (guint64 c, int q, guint64 *tens, guint *ones, int *exponent)
{
  int k = exp_floor_log10_pow2 (q);
  int shift = q + exp_floor_log2_pow10 (-k) + 2; /* 2 ... 5 */
  const ExpPowerOfTen *g = &exp_powers_of_ten[-k - EXP_POWER_MIN];
  unsigned __int128 v
      = (unsigned __int128)g->high * (c << shift) + (guint64)((unsigned __int128)g->low * (c << (shift + 1)) >> 64);
  guint64 whole = v >> 64, fraction = (guint64)v;
  guint64 ten = whole / 10;
  guint one = whole - 10 * ten;
  /* In units of 2^-60. Each is less than 2 off. */
  guint64 below = (guint64)one << 60 | fraction >> 4, above = (G_GUINT64_CONSTANT (10) << 60) - below;
  guint64 half_width = g->high >> (5 - shift);
  const guint64 half = G_GUINT64_CONSTANT (1) << 63;

  if (below - half_width + 4 <= 8 || above - half_width + 4 <= 8 || fraction - half + 4 <= 8)
    return FALSE;
  guint rounds_up = above < half_width, is_ten = rounds_up | (below < half_width);
  *tens = ten + rounds_up;
  *ones = (one + (fraction >= half)) & (is_ten - 1);
  *exponent = k;
  return TRUE;
}

static inline void
exp_decimal_set (guint64 sixteen, guint last, int point, ExpDecimal *decimal)
{
  guint64 eights[2];

  exp_sixteen_digits (sixteen, eights);
  guint n = G_LIKELY (eights[1] != 0) ? 8 + exp_last_digit (eights[1]) : exp_last_digit (eights[0] | 1);
  decimal->eights[0] = eights[0];
  decimal->eights[1] = eights[1];
  decimal->last = last;
  decimal->point = point;
  decimal->n_digits = n + (17 - n) * (last != 0);
}

/* Any digits but zero. */
static inline void
exp_decimal_set_scaled (ExpScaled scaled, ExpDecimal *decimal)
{
  static const guint64 powers[]
      = { 1e17, 1e16, 1e15, 1e14, 1e13, 1e12, 1e11, 1e10, 1e9, 1e8, 1e7, 1e6, 1e5, 1e4, 1e3, 1e2, 1e1, 1 };
  gsize n = exp_count_digits (scaled.digits);
  guint64 digits = scaled.digits * powers[n];

  exp_decimal_set (digits / 10, digits % 10, scaled.exponent + (int)n, decimal);
}

static inline void
exp_decimal_from_double (guint64 bits, ExpDecimal *decimal)
{
  const guint64 hidden = G_GUINT64_CONSTANT (1) << 52;
  guint64 fraction = bits & (hidden - 1), tens;
  int exponent = bits >> 52 & 0x7ff, power = exponent - (1023 + 52);
  guint ones;

  decimal->is_negative = bits >> 63;
  /* Among the numbers that lie less than one apart, an integer has no shorter neighbour. */
  if (power <= 0 && power >= -52 && ((fraction | hidden) & ((G_GUINT64_CONSTANT (1) << -power) - 1)) == 0)
    exp_decimal_set_scaled ((ExpScaled){ (fraction | hidden) >> -power, 0 }, decimal);
  else if (exponent > 0 && exponent < 0x7ff && fraction != 0
           && exp_shortest_clearly (fraction | hidden, power, &tens, &ones, &power))
    {
      /* Sixteen digits or seventeen, as likely as not: by arithmetic, since a jump would be guessed wrongly. */
      guint is_short = tens < G_GUINT64_CONSTANT (1000000000000000);

      exp_decimal_set (tens + is_short * (9 * tens + ones), ones & (is_short - 1), power + 17 - (int)is_short, decimal);
    }
  else
    exp_decimal_set_rare (fraction, exponent, 52, decimal);
}

static inline void
exp_decimal_from_float (guint32 bits, ExpDecimal *decimal)
{
  const guint32 hidden = 1 << 23;
  guint32 fraction = bits & (hidden - 1);
  int exponent = bits >> 23 & 0xff, power = exponent - (127 + 23);
  guint64 tens;
  guint ones;

  decimal->is_negative = bits >> 31;
  if (power <= 0 && power >= -23 && ((fraction | hidden) & ((1u << -power) - 1)) == 0)
    exp_decimal_set_scaled ((ExpScaled){ (fraction | hidden) >> -power, 0 }, decimal);
  else if (exponent > 0 && exponent < 0xff && fraction != 0
           && exp_shortest_clearly (fraction | hidden, power, &tens, &ones, &power))
    {
      static const guint64 powers[] = { 10000000, 100000000, 1000000000 };
      guint n_missing = (tens < 10000000) + (tens < 1000000); /* of nine digits */
      guint64 eights[2];

      exp_sixteen_digits ((10 * tens + ones) * powers[n_missing], eights);
      guint more = eights[1] != 0; /* the ninth, as likely as not */
      decimal->eights[0] = eights[0];
      decimal->eights[1] = eights[1];
      decimal->last = 0;
      decimal->n_digits = 9 * more + (1 - more) * exp_last_digit (eights[0] | 1);
      decimal->point = power + 9 - (int)n_missing;
    }
  else
    exp_decimal_set_rare (fraction, exponent, 23, decimal);
}

/* Where repr changes to an exponent: from 1e16 on, and below 1e-4. */
static inline gboolean
exp_decimal_is_plain (const ExpDecimal *decimal)
{
  return decimal->n_digits > 0 && decimal->point >= -3 && decimal->point <= 16;
}

/* Zeros before the first digit: 0.00123 has three. */
static inline guint
exp_decimal_lead (const ExpDecimal *decimal)
{
  return decimal->point < 1 ? 1 - decimal->point : 0;
}

/* Bytes of the text. */
static inline gsize
exp_decimal_length (const ExpDecimal *decimal)
{
  if (G_LIKELY (exp_decimal_is_plain (decimal)))
    return decimal->is_negative + exp_decimal_lead (decimal) + MAX ((int)decimal->n_digits, decimal->point + 1) + 1;
  return exp_decimal_rare_length (decimal);
}

/* Writes the text, and beyond it up to EXP_DECIMAL_ROOM bytes in all, in steps of fixed lengths. */
static inline void
exp_decimal_write (const ExpDecimal *decimal, char *text)
{
  char digits[48]; /* eight zeros, seventeen digits, zeros */
  const char *from = digits + 8;
  gsize whole;

  exp_store_word (digits, EXP_EIGHT_ZEROS);
  exp_store_word (digits + 8, decimal->eights[0] | EXP_EIGHT_ZEROS);
  exp_store_word (digits + 16, decimal->eights[1] | EXP_EIGHT_ZEROS);
  exp_store_word (digits + 24, decimal->last | EXP_EIGHT_ZEROS);
  exp_store_word (digits + 32, EXP_EIGHT_ZEROS);
  exp_store_word (digits + 40, EXP_EIGHT_ZEROS);
  if (G_UNLIKELY (!exp_decimal_is_plain (decimal)))
    {
      exp_decimal_write_rare (decimal, from, text);
      return;
    }
  *text = '-';
  text += decimal->is_negative;
  from -= exp_decimal_lead (decimal);
  whole = MAX (decimal->point, 1);
  memcpy (text, from, 16);
  text[whole] = '.';
  memcpy (text + whole + 1, from + whole, 16);
  memcpy (text + whole + 17, from + whole + 16, 8);
}
