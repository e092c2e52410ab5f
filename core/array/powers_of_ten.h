/* 126-bit powers of ten: g(k) = floor (10^k * 2^-r) + 1 with r = floor (log2 (10^k)) - 125, after section 9.1 of
 * Giulietti's paper that shortest.c cites. Used by shortest.c only. */
#pragma once

#include <glib.h>

#define EXP_POWER_MIN (-292)
#define EXP_POWER_MAX 324

typedef struct
{
  guint64 high, low; /* g = high * 2^63 + low; both below 2^63 */
} ExpPowerOfTen;

/* The table, so that [k] is the power k for EXP_POWER_MIN <= k <= EXP_POWER_MAX. Made on the first call. */
const ExpPowerOfTen *exp_powers_of_ten (void);
