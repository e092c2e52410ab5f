/* Where the marks of an axis go, and what they say. Used in this folder and by tests. */
#pragma once

#include <glib.h>

/* Values that are drawn lie within this of 0, so that no difference of two of them overflows. */
#define EXP_TICKS_MAX 1e300

/* Marks at (first + i) * step for 0 <= i < n, `first` a whole number. The axis goes from `low` to `high`. */
typedef struct
{
  double low, high; /* low < high */
  double first, step;
  guint n;
  double offset; /* a multiple of step; labels are the values less this, */
  int exponent;  /* divided by 10^exponent, */
  int decimals;  /* with so many digits behind the point */
} ExpTicks;

/* For finite values from `low` to `high` (low <= high) with at most `most` marks, at steps of 1, 2 or 5 times a power
 * of ten; at whole numbers only when `is_index`. Where low and high are as good as the same, the axis is widened. */
void exp_ticks_init (ExpTicks *ticks, double low, double high, guint most, gboolean is_index);

double exp_ticks_value (const ExpTicks *ticks, guint i);
/* Its label; the caller frees it. */
char *exp_ticks_label (const ExpTicks *ticks, guint i);
