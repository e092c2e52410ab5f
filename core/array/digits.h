/* Decimal digits of integers, eight at a time within a 64-bit word. Used in core/array only. */
#pragma once

#include <glib.h>
#include <string.h>
#ifdef __SSE2__
#include <emmintrin.h>
#endif

/* The number of decimal digits; 1 for 0. */
static inline gsize
exp_count_digits (guint64 value)
{
  static const guint64 powers[]
      = { 0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19 };
  guint floor_log10 = (64 - __builtin_clzll (value | 1)) * 1233 >> 12;

  return floor_log10 + (value >= powers[floor_log10]);
}

/* The eight digits of value < 10^8 as numbers 0 ... 9, one a byte, the first in the lowest byte. The word is halved
 * three times: into fours, twos and single digits, all fields divided at once by multiplying. */
static inline guint64
exp_eight_digits (guint32 value)
{
  guint64 fours = value / 10000 | (guint64)(value % 10000) << 32;
  guint64 hundreds = (fours * 10486 >> 20) & G_GUINT64_CONSTANT (0x7f0000007f);
  guint64 twos = hundreds | (fours - 100 * hundreds) << 16;
  guint64 tens = (twos * 103 >> 10) & G_GUINT64_CONSTANT (0x000f000f000f000f);

  return tens | (twos - 10 * tens) << 8;
}

/* The number, from 1, of the last digit that is not zero; there must be one. */
static inline guint
exp_last_digit (guint64 eight)
{
  return (63u - __builtin_clzll (eight)) / 8 + 1;
}

/* The same for the halves of value < 10^16. */
static inline void
exp_sixteen_digits (guint64 value, guint64 eights[2])
{
  const guint32 first = value / 100000000, second = value % 100000000;

#ifdef __SSE2__
  /* Both words at a time; products of 16-bit fields keep their upper half, so that no field runs into the next. */
  const __m128i both = _mm_set_epi64x (second, first);
  __m128i upper = _mm_srli_epi64 (_mm_mul_epu32 (both, _mm_set1_epi32 (0xd1b71759)), 45); /* / 10^4 */
  __m128i fours
      = _mm_add_epi64 (_mm_slli_epi64 (both, 32),
                       _mm_sub_epi64 (upper, _mm_slli_epi64 (_mm_mul_epu32 (upper, _mm_set1_epi32 (10000)), 32)));
  upper = _mm_srli_epi16 (_mm_mulhi_epu16 (fours, _mm_set1_epi16 (5243)), 3); /* / 100 */
  __m128i twos = _mm_add_epi32 (
      upper, _mm_slli_epi32 (_mm_sub_epi16 (fours, _mm_mullo_epi16 (upper, _mm_set1_epi16 (100))), 16));
  upper = _mm_mulhi_epu16 (twos, _mm_set1_epi16 (6554)); /* / 10 */
  __m128i ones
      = _mm_add_epi16 (upper, _mm_slli_epi16 (_mm_sub_epi16 (twos, _mm_mullo_epi16 (upper, _mm_set1_epi16 (10))), 8));
  _mm_storeu_si128 ((__m128i *)eights, ones);
#else
  eights[0] = exp_eight_digits (first);
  eights[1] = exp_eight_digits (second);
#endif
}

#define EXP_EIGHT_ZEROS G_GUINT64_CONSTANT (0x3030303030303030)

/* Stores a word so that its lowest byte comes first. */
static inline void
exp_store_word (char *to, guint64 word)
{
  word = GUINT64_TO_LE (word);
  memcpy (to, &word, sizeof word);
}
