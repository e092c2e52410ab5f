/* Doubles out of decimal digits in one multiplication by a power of ten, after D. Lemire, "Number Parsing at a Gigabyte
 * per Second" (2021); what that cannot decide is left to the C library.
 * Knows nothing of cells.
 * Called by number_parse.c and read.c. */
#include "powers_of_ten.h"
#include "read.h"
#include "shortest.h"
#include <string.h>

#define MAX_DIGITS 19 /* that fit 64 bits */

/* digits * 10^exponent. */
typedef struct
{
  guint64 digits;
  guint n_digits; /* significant ones */
  int exponent;
} Scan;

/* The digits from `at` on. */
static inline const char *
scan_digits (const char *at, const char *end, Scan *scan)
{
  for (; at < end && (guchar)(*at - '0') < 10; at++)
    {
      scan->digits = 10 * scan->digits + (*at - '0');
      scan->n_digits += scan->digits != 0;
    }
  return at;
}

/* FALSE when the text is not all digits, point and exponent, or has more digits than 64 bits. */
static inline gboolean
scan_number (const char *at, const char *end, Scan *scan)
{
  const char *start = at;

  at = scan_digits (at, end, scan);
  gsize n = at - start;
  if (at < end && *at == '.')
    {
      const char *point = ++at;

      at = scan_digits (at, end, scan);
      scan->exponent = -(int)MIN (at - point, 100000);
      n += at - point;
    }
  if (n == 0 || scan->n_digits > MAX_DIGITS)
    return FALSE;
  if (at < end && (*at | 0x20) == 'e')
    {
      gboolean is_negative;
      int exponent = 0;

      at++;
      is_negative = at < end && *at == '-';
      at += at < end && (*at == '-' || *at == '+');
      if (at == end)
        return FALSE;
      for (; at < end && (guchar)(*at - '0') < 10 && exponent < 100000; at++)
        exponent = 10 * exponent + (*at - '0');
      scan->exponent += is_negative ? -exponent : exponent;
    }
  return at == end;
}

/* The product is known to less than three units of its last place. */
static gboolean
scale (guint64 digits, int k, guint64 *bits)
{
  const int zeros = __builtin_clzll (digits);
  const guint64 w = digits << zeros;
  const ExpPowerOfTen *g = &exp_powers_of_ten[k - EXP_POWER_MIN];
  unsigned __int128 product = (unsigned __int128)w * g->high + (guint64)((unsigned __int128)w * (g->low << 1) >> 64);
  const int shift = (product >> 126) != 0 ? 74 : 73;
  const unsigned __int128 half = (unsigned __int128)1 << (shift - 1);
  const unsigned __int128 rest = product & (2 * half - 1);
  guint64 mantissa = (guint64)(product >> shift);

  if (rest + 3 - half <= 6)
    return FALSE;
  mantissa += rest > half;

  int exponent = shift + 63 + exp_floor_log2_pow10 (k) - 125 - zeros + 1075;
  if (mantissa >> 53 != 0)
    {
      mantissa >>= 1;
      exponent++;
    }
  if (exponent <= 0 || exponent >= 2047)
    return FALSE;
  *bits = (mantissa & ((G_GUINT64_CONSTANT (1) << 52) - 1)) | (guint64)exponent << 52;
  return TRUE;
}

gboolean
exp_double_read (const char *text, gsize length, double *value)
{
  static const double powers[] = { 1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8,  1e9,  1e10, 1e11,
                                   1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22 };
  const char *end = text + length;
  const gboolean is_negative = length > 0 && *text == '-';
  Scan scan = { 0 };
  guint64 bits = 0;

  if (!scan_number (text + (length > 0 && (*text == '-' || *text == '+')), end, &scan))
    return FALSE;
  if (scan.digits >> 53 == 0 && scan.exponent >= -22 && scan.exponent <= 22)
    {
      double magnitude = scan.digits;

      magnitude = scan.exponent < 0 ? magnitude / powers[-scan.exponent] : magnitude * powers[scan.exponent];
      *value = is_negative ? -magnitude : magnitude;
      return TRUE;
    }
  if (scan.digits != 0
      && (scan.exponent < EXP_POWER_MIN || scan.exponent > EXP_POWER_MAX || !scale (scan.digits, scan.exponent, &bits)))
    return FALSE;
  bits |= (guint64)is_negative << 63;
  memcpy (value, &bits, sizeof bits);
  return TRUE;
}
