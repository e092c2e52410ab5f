/* Integers as text at the end of 24 characters, in words of eight. Used in core/array only. */
#pragma once

#include "digits.h"

#define EXP_EIGHT_BLANKS G_GUINT64_CONSTANT (0x2020202020202020)

/* Eight digits as characters, the leading zeros blank and their number in *n_blanks; where `is_last`, the last digit
 * stays even so. */
static inline guint64
exp_blank_zeros (guint64 digits, gboolean is_last, guint *n_blanks)
{
  guint64 significant = is_last ? digits | G_GUINT64_CONSTANT (1) << 56 : digits;
  guint n = significant == 0 ? 8 : __builtin_ctzll (significant) / 8;

  *n_blanks = n;
  /* A blank is 0x20, a digit 0x30 more than its value. */
  return digits | EXP_EIGHT_BLANKS | (n == 8 ? 0 : G_GUINT64_CONSTANT (0x1010101010101010) << (8 * n));
}

typedef struct
{
  guint64 words[3]; /* 24 characters */
  guint n_blanks;
} ExpIntegerText;

/* The text of an INT or UINT cell of at most eight bytes, at the end of blanks. */
static inline ExpIntegerText
exp_integer_text (const guint8 *cell, gsize size, gboolean is_signed, gboolean is_big)
{
  const guint64 eighth = 100000000, sixteenth = eighth * eighth;
  guint64 magnitude = 0;

  memcpy (&magnitude, cell, size);
  magnitude = is_big ? GUINT64_FROM_BE (magnitude) >> (64 - 8 * size) : GUINT64_FROM_LE (magnitude);
  if (is_signed)
    magnitude = (gint64)(magnitude << (64 - 8 * size)) >> (64 - 8 * size);
  const guint is_negative = is_signed && (gint64)magnitude < 0;
  magnitude = (magnitude ^ -(guint64)is_negative) + is_negative;
  ExpIntegerText integer = { { EXP_EIGHT_BLANKS, EXP_EIGHT_BLANKS, 0 }, 0 };
  guint n;

  if (size < 4 || magnitude < eighth)
    {
      integer.words[2] = exp_blank_zeros (exp_eight_digits (magnitude), TRUE, &n);
      integer.n_blanks = 16 + n;
    }
  else
    {
      guint64 upper = magnitude / sixteenth, eights[2];

      exp_sixteen_digits (magnitude % sixteenth, eights);
      integer.words[2] = eights[1] | EXP_EIGHT_ZEROS;
      if (upper == 0)
        {
          integer.words[1] = exp_blank_zeros (eights[0], FALSE, &n);
          integer.n_blanks = 8 + n;
        }
      else
        {
          integer.words[1] = eights[0] | EXP_EIGHT_ZEROS;
          integer.words[0] = exp_blank_zeros (exp_eight_digits (upper), FALSE, &integer.n_blanks);
        }
    }
  /* A blank becomes a minus, without a jump that would be guessed wrongly every other time. */
  integer.n_blanks -= is_negative;
  integer.words[integer.n_blanks / 8] ^= (guint64)((' ' ^ '-') & -is_negative) << (8 * (integer.n_blanks % 8));
  return integer;
}
