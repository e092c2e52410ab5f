/* Text of floats that are wider than double. Used by number.c only. */
#pragma once

#include <glib.h>

/* Shortest digits of an x87 extended or a binary128 number, given little-endian in 16 bytes. Layout as Python's repr.
 * Not terminated; returns the length, which is at most the width below: 21 or 36 digits, a sign, a point and e-4932. */
#define EXP_EXTENDED_WIDTH 29
#define EXP_QUAD_WIDTH     44
gsize exp_wide_float_format (const guint8 *bytes, gboolean is_quad, char *text);

/* Digits and point to text, as shortest.c does for doubles: 0.DIGITS * 10^point. */
gsize exp_digits_lay_out (const char *digits, gsize n, int point, char *text);
