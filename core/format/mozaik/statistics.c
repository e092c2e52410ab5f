/* Sums, means and deviations to the bit as NumPy has them, and what is derived from spike times with them.
 * Knows numbers only.
 * Called by data.c and tests. */
#include "mozaik.h"
#include <math.h>

#define BLOCK 128
#define LANES 8
#define CHUNK 8192 /* NumPy's buffer, that many of which are added one after the other */

/* In which order the sums are taken matters: pairs of halves down to blocks, which are summed in eight lanes. */
static double
sum_in_pairs (const double *values, gsize n)
{
  double sum = 0, lanes[LANES];
  gsize i, half;

  if (n < LANES)
    {
      for (i = 0; i < n; i++)
        sum += values[i];
      return sum;
    }
  if (n > BLOCK)
    {
      half = n / 2;
      half -= half % LANES;
      return sum_in_pairs (values, half) + sum_in_pairs (values + half, n - half);
    }
  for (i = 0; i < LANES; i++)
    lanes[i] = values[i];
  for (; i < n - n % LANES; i += LANES)
    for (guint k = 0; k < LANES; k++)
      lanes[k] += values[i + k];
  sum = ((lanes[0] + lanes[1]) + (lanes[2] + lanes[3])) + ((lanes[4] + lanes[5]) + (lanes[6] + lanes[7]));
  for (; i < n; i++)
    sum += values[i];
  return sum;
}

double
exp_mozaik_sum (const double *values, gsize n)
{
  double sum = 0;

  for (gsize i = 0; i < n; i += CHUNK)
    sum += sum_in_pairs (values + i, MIN (n - i, CHUNK));
  return sum;
}

double
exp_mozaik_mean (const double *values, gsize n)
{
  return exp_mozaik_sum (values, n) / (double)n;
}

double
exp_mozaik_deviation (const double *values, gsize n)
{
  const double mean = exp_mozaik_mean (values, n);
  g_autofree double *squares = g_try_new (double, MAX (n, 1));

  if (squares == NULL)
    return NAN;
  for (gsize i = 0; i < n; i++)
    squares[i] = (values[i] - mean) * (values[i] - mean);
  return sqrt (exp_mozaik_mean (squares, n));
}

double
exp_mozaik_variation (const double *times, gsize n)
{
  g_autofree double *intervals = n > 5 ? g_try_new (double, n - 1) : NULL;

  if (intervals == NULL)
    return NAN;
  for (gsize i = 0; i + 1 < n; i++)
    intervals[i] = times[i + 1] - times[i];
  return exp_mozaik_deviation (intervals, n - 1) / exp_mozaik_mean (intervals, n - 1);
}
