/* Prints every single-precision float and holds its text against exact bounds: it reads back to the same float, no
 * decimal with fewer digits does, and of those with as many it is the closest. Knows nothing of exp_float_format but
 * its promise. Run by scripts/check-all-floats; exit status 1 when a float fails, each of the first few named on
 * stderr. */
#include "expfs/number.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define INFINITY_BITS 0x7f800000u
#define BLOCK         (1u << 20)
#define MAX_NAMED     10

static gint next_block, n_failed;

/* The parts of a printed number: digits * 10^exponent, without zeros at the end. */
typedef struct
{
  guint64 digits;
  guint n_digits;
  int exponent;
} Decimal;

static gboolean
parse (const char *text, Decimal *decimal)
{
  gboolean is_fraction = FALSE;
  int zeros = 0;

  *decimal = (Decimal){ 0 };
  for (; *text != '\0' && *text != 'e'; text++)
    {
      if (*text == '.' && !is_fraction)
        {
          is_fraction = TRUE;
          continue;
        }
      if (!g_ascii_isdigit (*text))
        return FALSE;
      decimal->exponent -= is_fraction;
      if (*text == '0')
        {
          zeros++;
          continue;
        }
      for (; zeros > 0; zeros--)
        {
          decimal->digits *= 10;
          decimal->n_digits += decimal->n_digits > 0;
        }
      decimal->digits = decimal->digits * 10 + (*text - '0');
      decimal->n_digits++;
    }
  decimal->exponent += zeros;
  if (*text == 'e')
    decimal->exponent += atoi (text + 1);
  return decimal->n_digits > 0;
}

/* By the C library's exact conversions; slow. */
static gboolean
is_right_exactly (const char *text, const Decimal *decimal, float value)
{
  char other[40];

  if (strtof (text, NULL) != value)
    return FALSE;
  if (decimal->n_digits > 1)
    {
      snprintf (other, sizeof other, "%.*e", (int)decimal->n_digits - 2, value);
      if (strtof (other, NULL) == value)
        return FALSE;
    }
  snprintf (other, sizeof other, "%.*e", (int)decimal->n_digits - 1, value);
  return strtof (other, NULL) != value || strtod (other, NULL) == strtod (text, NULL);
}

/* In doubles, which hold the bounds exactly and the rest to 1e-15: TRUE only when that leaves no doubt. */
static gboolean
is_right_clearly (const Decimal *decimal, float value, const double *powers)
{
  const double slack = 1e-14;
  double below = nextafterf (value, 0), above = nextafterf (value, INFINITY);
  double lower = ((double)value + below) / 2;
  double upper = isinf (above) ? value + (value - below) / 2 : ((double)value + above) / 2;
  double unit = powers[decimal->exponent], printed = decimal->digits * unit;

  if (!(printed > lower * (1 + slack) && printed < upper * (1 - slack)))
    return FALSE;
  if (!(fabs (printed - value) < unit * 0.499))
    return FALSE;
  if (decimal->n_digits == 1)
    return TRUE;
  /* One digit fewer: a multiple of ten units between the bounds. */
  return floor (upper / (10 * unit) * (1 + slack)) < ceil (lower / (10 * unit) * (1 - slack));
}

static gboolean
is_right (guint32 bits, const double *powers)
{
  char text[33], negative[33];
  Decimal decimal;
  float value;

  memcpy (&value, &bits, sizeof value);
  gsize length = exp_float_format (value, text), negative_length = exp_float_format (-value, negative);
  text[length] = negative[negative_length] = '\0';
  if (bits > INFINITY_BITS)
    return strcmp (text, "nan") == 0 && strcmp (negative, "nan") == 0;
  if (length > 18 || negative_length != length + 1 || *negative != '-' || memcmp (negative + 1, text, length) != 0)
    return FALSE;
  if (bits == INFINITY_BITS)
    return strcmp (text, "inf") == 0;
  if (bits == 0)
    return strcmp (text, "0.0") == 0;
  return parse (text, &decimal) && decimal.exponent >= -60 && decimal.exponent <= 60
         && (is_right_clearly (&decimal, value, powers) || is_right_exactly (text, &decimal, value));
}

static gpointer
check_blocks (gpointer data)
{
  double powers[121];
  guint block;

  for (int i = -60; i <= 60; i++)
    {
      char text[8];

      snprintf (text, sizeof text, "1e%d", i);
      powers[i + 60] = strtod (text, NULL);
    }
  while ((block = g_atomic_int_add (&next_block, 1)) < (1u << 31) / BLOCK)
    for (guint32 i = 0; i < BLOCK; i++)
      if (!is_right (block * BLOCK + i, powers + 60) && g_atomic_int_add (&n_failed, 1) < MAX_NAMED)
        fprintf (stderr, "wrong: float of bits 0x%08x\n", block * BLOCK + i);
  return NULL;
}

int
main (void)
{
  guint n_threads = g_get_num_processors ();
  g_autofree GThread **threads = g_new (GThread *, n_threads);
  gint64 start = g_get_monotonic_time ();

  for (guint i = 0; i < n_threads; i++)
    threads[i] = g_thread_new ("check", check_blocks, NULL);
  for (guint i = 0; i < n_threads; i++)
    g_thread_join (threads[i]);
  printf ("4294967296 floats, %d magnitudes wrong, %.0f s\n", n_failed, (g_get_monotonic_time () - start) / 1e6);
  return n_failed > 0;
}
