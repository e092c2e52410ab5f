/* 126-bit powers of ten: g(k) = floor (10^k * 2^-r) + 1 with r = floor (log2 (10^k)) - 125, after section 9.1 of
 * Giulietti's paper that shortest.c cites. Used by shortest.[ch] only;
 * the table is made by make_powers_of_ten.c. */
#pragma once

#include <glib.h>

#define EXP_POWER_MIN (-292)
#define EXP_POWER_MAX 324

typedef struct
{
  guint64 high, low; /* g = high * 2^63 + low; both below 2^63 */
} ExpPowerOfTen;

#define EXP_N_POWERS (EXP_POWER_MAX - EXP_POWER_MIN + 1)

/* Power k at [k - EXP_POWER_MIN]. */
extern const ExpPowerOfTen exp_powers_of_ten[EXP_N_POWERS];
