/* CRC-64: fast, and of pieces by several threads.
 * Does not know what the bytes are.
 * Called by block.c. */
#include "crc.h"
#include "expfs/error.h"
#include "parallel.h"
#include "processors.h"
#include <lzma.h>
#include <string.h>

/* Polynomials modulo the CRC's own, bits reflected: the highest bit is that of x^0. */
#define POLYNOMIAL G_GUINT64_CONSTANT (0xC96C5795D7870F42)
#define ONE        ((guint64)1 << 63)

/* A buffer larger than this is not had several times. */
#define MAX_PIECE (16 << 20)

static guint64
multiply (guint64 a, guint64 b)
{
  guint64 product = 0;

  for (; a != 0; a <<= 1)
    {
      if ((a & ONE) != 0)
        product ^= b;
      b = (b >> 1) ^ ((b & 1) != 0 ? POLYNOMIAL : 0);
    }
  return product;
}

/* x^n */
static guint64
power (guint64 n)
{
  guint64 result = ONE, square = ONE >> 1;

  for (; n > 0; n >>= 1, square = multiply (square, square))
    if ((n & 1) != 0)
      result = multiply (result, square);
  return result;
}

guint64
exp_gio_crc_join (guint64 first, guint64 second, guint64 n)
{
  return multiply (power (8 * n), first) ^ second;
}

/* --- several at a time -------------------------------------------------------------------------------------- */

#if defined(__x86_64__)
#include <immintrin.h>

/* Bytes that are folded together. */
#define FOLD 64

typedef struct
{
  guint64 far[2], near[2]; /* over FOLD bytes, and over 16; for the first and the second half of 16 bytes */
} Factors;

static const Factors *
get_factors (void)
{
  static Factors factors;
  static gsize is_made;

  if (g_once_init_enter (&is_made))
    {
      /* A product of reflected numbers lacks a factor of x. */
      factors = (Factors){ { power (8 * FOLD + 63), power (8 * FOLD - 1) }, { power (128 + 63), power (128 - 1) } };
      g_once_init_leave (&is_made, 1);
    }
  return &factors;
}

__attribute__ ((target ("pclmul,sse2"))) static inline __m128i
fold (__m128i value, __m128i factors, __m128i next)
{
  return _mm_xor_si128 (
      next, _mm_xor_si128 (_mm_clmulepi64_si128 (value, factors, 0x00), _mm_clmulepi64_si128 (value, factors, 0x11)));
}

/* n is a multiple of FOLD, and not 0. After V. Gopal et al., "Fast CRC computation for generic polynomials using
 * PCLMULQDQ instruction", 2009; what is left is 16 bytes that have the same CRC. */
__attribute__ ((target ("pclmul,sse2"))) static guint64
crc_folded (const guint8 *bytes, gsize n, guint64 crc)
{
  const Factors *factors = get_factors ();
  const __m128i far = _mm_loadu_si128 ((const __m128i *)factors->far);
  const __m128i near = _mm_loadu_si128 ((const __m128i *)factors->near);
  __m128i lanes[FOLD / 16];
  guint8 rest[16];

  for (guint i = 0; i < G_N_ELEMENTS (lanes); i++)
    lanes[i] = _mm_loadu_si128 ((const __m128i *)bytes + i);
  lanes[0] = _mm_xor_si128 (lanes[0], _mm_cvtsi64_si128 ((gint64)~crc));
  for (gsize at = FOLD; at < n; at += FOLD)
    for (guint i = 0; i < G_N_ELEMENTS (lanes); i++)
      lanes[i] = fold (lanes[i], far, _mm_loadu_si128 ((const __m128i *)(bytes + at) + i));
  for (guint i = 1; i < G_N_ELEMENTS (lanes); i++)
    lanes[i] = fold (lanes[i - 1], near, lanes[i]);
  _mm_storeu_si128 ((__m128i *)rest, lanes[G_N_ELEMENTS (lanes) - 1]);
  return lzma_crc64 (rest, sizeof rest, G_MAXUINT64);
}

guint64
exp_gio_crc (gconstpointer bytes, gsize n, guint64 crc)
{
  const gsize n_folded = __builtin_cpu_supports ("pclmul") ? n / FOLD * FOLD : 0;

  if (n_folded > 0)
    crc = crc_folded (bytes, n_folded, crc);
  return lzma_crc64 ((const guint8 *)bytes + n_folded, n - n_folded, crc);
}
#else
guint64
exp_gio_crc (gconstpointer bytes, gsize n, guint64 crc)
{
  return lzma_crc64 (bytes, n, crc);
}
#endif

/* --- pieces ------------------------------------------------------------------------------------------------- */

typedef struct
{
  guint64 length, n_pieces;
  gsize size;
  ExpGioFetchFunc fetch;
  gpointer data;
  ExpSource *file;
  guint64 *crcs; /* of each piece */
  guint64 next;  /* piece; atomic */
  GMutex lock;   /* guards the error */
  GError *error;
} Pieces;

/* Takes over `error`; nobody need go on. */
static void
fail (Pieces *self, GError *error)
{
  g_mutex_lock (&self->lock);
  if (self->error == NULL)
    self->error = g_steal_pointer (&error);
  g_mutex_unlock (&self->lock);
  g_clear_error (&error);
  __atomic_store_n (&self->next, self->n_pieces, __ATOMIC_RELAXED);
}

static void
take_pieces (guint index, gpointer data)
{
  Pieces *self = data;
  g_autofree guint8 *piece = g_try_malloc (MIN (self->size, self->length));
  GError *error = NULL;
  guint64 i;

  if (piece == NULL)
    {
      fail (self, g_error_new_literal (EXP_ERROR, EXP_ERROR_NO_MEMORY, "no memory for the data of a variable"));
      return;
    }
  while ((i = __atomic_fetch_add (&self->next, 1, __ATOMIC_RELAXED)) < self->n_pieces)
    {
      const guint64 at = i * self->size;
      const gsize n = MIN (self->size, self->length - at);

      if (!self->fetch (self->data, at, n, piece, &error)
          || (self->file != NULL && !exp_source_pwrite (self->file, at, n, piece, &error)))
        {
          fail (self, error);
          return;
        }
      self->crcs[i] = exp_gio_crc (piece, n, 0);
    }
}

gboolean
exp_gio_crc_pieces (guint64 length, gsize size, ExpGioFetchFunc fetch, gpointer data, ExpSource *file, guint64 *crc,
                    GError **error)
{
  Pieces self = { .length = length, .size = size, .fetch = fetch, .data = data, .file = file };

  *crc = 0;
  if (length == 0)
    return TRUE;
  self.n_pieces = (length - 1) / size + 1;
  g_autofree guint64 *crcs = self.crcs = self.n_pieces < G_MAXSIZE ? g_try_new (guint64, self.n_pieces) : NULL;
  if (crcs == NULL)
    {
      g_set_error (error, EXP_ERROR, EXP_ERROR_NO_MEMORY, "no memory for the data of a variable");
      return FALSE;
    }
  g_mutex_init (&self.lock);
  exp_parallel_for (size > MAX_PIECE ? 1 : MIN (self.n_pieces, exp_n_processors ()), take_pieces, &self);
  g_mutex_clear (&self.lock);
  if (self.error != NULL)
    {
      g_propagate_error (error, self.error);
      return FALSE;
    }
  const guint64 over = power (8 * (guint64)size);
  for (guint64 i = 0; i + 1 < self.n_pieces; i++)
    *crc = multiply (over, *crc) ^ crcs[i];
  *crc = exp_gio_crc_join (*crc, crcs[self.n_pieces - 1], length - (self.n_pieces - 1) * size);
  return TRUE;
}
