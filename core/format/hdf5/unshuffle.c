/* Bytes back from planes into elements.
 * Knows the sizes of numbers, which are done sixteen elements at a time where the processor can (SSE2, which every
 * x86-64 has); others go byte by byte. Called by pipeline.c. */
#include "unshuffle.h"
#include <string.h>
#ifdef __SSE2__
#include <emmintrin.h>
#endif

/* Elements `first` to `n`. A block of them stays in the processor's cache. */
static void
unshuffle_any (const guint8 *in, gsize first, gsize n, gsize element, guint8 *out)
{
  for (gsize block = first; block < n; block += 1024)
    for (gsize k = 0; k < element; k++)
      for (gsize i = block; i < MIN (n, block + 1024); i++)
        out[i * element + k] = in[k * n + i];
}

#ifdef __SSE2__
static inline __m128i
load (const guint8 *from)
{
  return _mm_loadu_si128 ((const __m128i *)from);
}

static inline void
store (guint8 *to, __m128i value)
{
  _mm_storeu_si128 ((__m128i *)to, value);
}

static void
unshuffle_2 (const guint8 *in, gsize n, gsize i, guint8 *out)
{
  __m128i a = load (in + i), b = load (in + n + i);

  store (out + 2 * i, _mm_unpacklo_epi8 (a, b));
  store (out + 2 * i + 16, _mm_unpackhi_epi8 (a, b));
}

static void
unshuffle_4 (const guint8 *in, gsize n, gsize i, guint8 *out)
{
  __m128i a = load (in + i), b = load (in + n + i), c = load (in + 2 * n + i), d = load (in + 3 * n + i);
  __m128i low_ab = _mm_unpacklo_epi8 (a, b), high_ab = _mm_unpackhi_epi8 (a, b);
  __m128i low_cd = _mm_unpacklo_epi8 (c, d), high_cd = _mm_unpackhi_epi8 (c, d);

  out += 4 * i;
  store (out, _mm_unpacklo_epi16 (low_ab, low_cd));
  store (out + 16, _mm_unpackhi_epi16 (low_ab, low_cd));
  store (out + 32, _mm_unpacklo_epi16 (high_ab, high_cd));
  store (out + 48, _mm_unpackhi_epi16 (high_ab, high_cd));
}

/* Eight bytes of each of the planes `k` and `k` + 1 of sixteen elements, then of pairs of planes, then of all four. */
static void
unshuffle_8 (const guint8 *in, gsize n, gsize i, guint8 *out)
{
  __m128i pairs[2][4], fours[2][4];

  for (guint k = 0; k < 4; k++)
    {
      __m128i a = load (in + 2 * k * n + i), b = load (in + (2 * k + 1) * n + i);

      pairs[0][k] = _mm_unpacklo_epi8 (a, b);
      pairs[1][k] = _mm_unpackhi_epi8 (a, b);
    }
  out += 8 * i;
  for (guint half = 0; half < 2; half++)
    {
      __m128i *pair = pairs[half], *four = fours[half];

      four[0] = _mm_unpacklo_epi16 (pair[0], pair[1]);
      four[1] = _mm_unpackhi_epi16 (pair[0], pair[1]);
      four[2] = _mm_unpacklo_epi16 (pair[2], pair[3]);
      four[3] = _mm_unpackhi_epi16 (pair[2], pair[3]);
      store (out + 64 * half, _mm_unpacklo_epi32 (four[0], four[2]));
      store (out + 64 * half + 16, _mm_unpackhi_epi32 (four[0], four[2]));
      store (out + 64 * half + 32, _mm_unpacklo_epi32 (four[1], four[3]));
      store (out + 64 * half + 48, _mm_unpackhi_epi32 (four[1], four[3]));
    }
}

/* The number of elements done. */
static gsize
unshuffle_vectors (const guint8 *in, gsize n, gsize element, guint8 *out)
{
  gsize whole = n & ~(gsize)15, i;

  switch (element)
    {
    case 2:
      for (i = 0; i < whole; i += 16)
        unshuffle_2 (in, n, i, out);
      return whole;
    case 4:
      for (i = 0; i < whole; i += 16)
        unshuffle_4 (in, n, i, out);
      return whole;
    case 8:
      for (i = 0; i < whole; i += 16)
        unshuffle_8 (in, n, i, out);
      return whole;
    default:
      return 0;
    }
}
#else
static gsize
unshuffle_vectors (const guint8 *in, gsize n, gsize element, guint8 *out)
{
  return 0;
}
#endif

void
exp_unshuffle (const guint8 *in, gsize size, gsize element, guint8 *out)
{
  gsize n = size / element;

  unshuffle_any (in, unshuffle_vectors (in, n, element, out), n, element, out);
  memcpy (out + n * element, in + n * element, size - n * element);
}
