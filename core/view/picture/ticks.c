/* Where the marks of an axis go, and what they say.
 * Knows numbers only.
 * Called by what draws axes. */
#include "ticks.h"
#include <math.h>

/* A range of less than this part of its values is none: a double has no room for marks in it. */
#define LEAST_PART 1e-11

#define LEAST 1e-300

/* From this part on, labels are what is added to a number at the axis. */
#define SMALL_PART 1e-4

/* Labels have their power of ten at the axis from here on. */
#define LARGE 1e6
#define SMALL 1e-4

static void
widen (double *low, double *high)
{
  double size = MAX (fabs (*low), fabs (*high));

  if (*high - *low > MAX (size * LEAST_PART, LEAST))
    return;

  double middle = *low / 2 + *high / 2, by = size > LEAST ? size * 0.1 : 1;
  *low = middle - by;
  *high = middle + by;
}

/* The least 1, 2 or 5 times a power of ten that is `least` or more; *power is the power. */
static double
nice_step (double least, int *power)
{
  static const double factors[] = { 1, 2, 5 };

  for (*power = (int)floor (log10 (least)) - 1;; (*power)++)
    for (guint i = 0; i < G_N_ELEMENTS (factors); i++)
      {
        double step = factors[i] * pow (10, *power);
        if (step >= least * (1 - 1e-9))
          return step;
      }
}

void
exp_ticks_init (ExpTicks *ticks, double low, double high, guint most, gboolean is_index)
{
  int power;

  low = CLAMP (low, -EXP_TICKS_MAX, EXP_TICKS_MAX);
  high = CLAMP (high, -EXP_TICKS_MAX, EXP_TICKS_MAX);
  widen (&low, &high);

  double step = nice_step ((high - low) / MAX (most, 1), &power);
  if (is_index && step < 1)
    step = 1, power = 0;

  double last = floor (high / step + 1e-9), size = MAX (fabs (low), fabs (high)), offset = 0;
  if (high - low < size * SMALL_PART)
    {
      double unit = pow (10, ceil (log10 (high - low)));
      offset = floor (low / unit) * unit;
      size = MAX (fabs (low - offset), fabs (high - offset));
    }
  *ticks = (ExpTicks){ .low = low, .high = high, .first = ceil (low / step - 1e-9), .step = step, .offset = offset };
  ticks->n = last >= ticks->first ? MIN ((guint)(last - ticks->first) + 1, most + 1) : 0;
  if (size >= LARGE || size < SMALL)
    ticks->exponent = (int)floor (log10 (size));
  ticks->decimals = CLAMP (ticks->exponent - power, 0, 14);
}

double
exp_ticks_value (const ExpTicks *ticks, guint i)
{
  return (ticks->first + i) * ticks->step;
}

char *
exp_ticks_label (const ExpTicks *ticks, guint i)
{
  char format[16], text[G_ASCII_DTOSTR_BUF_SIZE + 32];
  double index = ticks->first + i - rint (ticks->offset / ticks->step);

  /* In two steps, for powers that a double does not have. */
  double value
      = index * (ticks->step / pow (10, ticks->exponent / 2)) / pow (10, ticks->exponent - ticks->exponent / 2);
  g_snprintf (format, sizeof format, "%%.%df", ticks->decimals);
  return g_strdup (g_ascii_formatd (text, sizeof text, format, index == 0 ? 0 : value));
}
