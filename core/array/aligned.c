/* Numbers as right-aligned text, many at once.
 * Knows nothing of rows and of where the numbers come from; digits come from integer_text.h and shortest.h.
 * Called by the text view. */
#include "aligned.h"
#include "expfs/number.h"
#include "integer_text.h"
#include "shortest.h"
#include "write.h"

/* --- floats ------------------------------------------------------------------------------------------------- */

static inline gboolean
write_decimal (const ExpDecimal *decimal, gsize width, char *to)
{
  gsize length = exp_decimal_length (decimal);

  if (G_UNLIKELY (length > width))
    return FALSE;
  exp_store_word (to, EXP_EIGHT_BLANKS);
  exp_store_word (to + 8, EXP_EIGHT_BLANKS);
  exp_store_word (to + 16, EXP_EIGHT_BLANKS); /* no float is wider than 24 */
  exp_decimal_write (decimal, to + width - length);
  return TRUE;
}

static inline gboolean
align_doubles (const ExpAligned *aligned, gboolean is_big)
{
  const guint8 *cell = aligned->cells;
  gsize width = aligned->width;
  char *to = aligned->text;

  for (gsize i = 0; i < aligned->n; i++, cell += aligned->step, to += width + 1)
    {
      ExpDecimal decimal;
      guint64 bits;

      memcpy (&bits, cell, sizeof bits);
      exp_decimal_from_double (is_big ? GUINT64_FROM_BE (bits) : GUINT64_FROM_LE (bits), &decimal);
      if (!write_decimal (&decimal, width, to))
        return FALSE;
      to[width] = aligned->separator;
    }
  return TRUE;
}

static inline gboolean
align_floats (const ExpAligned *aligned, gboolean is_big)
{
  const guint8 *cell = aligned->cells;
  gsize width = aligned->width;
  char *to = aligned->text;

  for (gsize i = 0; i < aligned->n; i++, cell += aligned->step, to += width + 1)
    {
      ExpDecimal decimal;
      guint32 bits;

      memcpy (&bits, cell, sizeof bits);
      exp_decimal_from_float (is_big ? GUINT32_FROM_BE (bits) : GUINT32_FROM_LE (bits), &decimal);
      if (!write_decimal (&decimal, width, to))
        return FALSE;
      to[width] = aligned->separator;
    }
  return TRUE;
}

/* --- integers ----------------------------------------------------------------------------------------------- */

/* The last `width` of the 24 characters, and up to seven bytes behind them. */
static inline void
write_integer (const ExpIntegerText *integer, gsize width, char *to)
{
  guint n_words = (width + 7) / 8;
  guint shift = 8 * (8 * n_words - width);

  exp_store_word (to, integer->words[3 - n_words] >> shift);
  if (n_words == 3)
    exp_store_word (to + width - 16, integer->words[1]);
  if (n_words > 1)
    exp_store_word (to + width - 8, integer->words[2]);
}

static inline gboolean
align_integers (const ExpAligned *aligned, gsize size, gboolean is_signed, gboolean is_big)
{
  const guint8 *cell = aligned->cells;
  gsize width = aligned->width;
  char *to = aligned->text;

  for (gsize i = 0; i < aligned->n; i++, cell += aligned->step, to += width + 1)
    {
      ExpIntegerText integer = exp_integer_text (cell, size, is_signed, is_big);

      if (G_UNLIKELY (24 - integer.n_blanks > width))
        return FALSE;
      write_integer (&integer, width, to);
      to[width] = aligned->separator;
    }
  return TRUE;
}

/* --- the rest ----------------------------------------------------------------------------------------------- */

static gboolean
align_booleans (const ExpAligned *aligned)
{
  const guint8 *cell = aligned->cells;
  gsize width = aligned->width;
  char *to = aligned->text;

  for (gsize i = 0; i < aligned->n; i++, cell += aligned->step, to += width + 1)
    {
      gsize length = *cell ? 4 : 5;

      if (length > width)
        return FALSE;
      *to = ' ';
      memcpy (to + width - length, *cell ? "true " : "false", 5);
      to[width] = aligned->separator;
    }
  return TRUE;
}

/* Types whose text may be long are written where they stand when their field is as wide as they can be. */
static gboolean
align_any (const ExpAligned *aligned)
{
  const guint8 *cell = aligned->cells;
  const ExpWriteFunc write = exp_write_func (aligned->dtype);
  const gsize width = aligned->width, most = write != NULL ? 0 : exp_cell_max_width (aligned->dtype);
  char small[MAX (EXP_NUMBER_MAX_TEXT, EXP_WRITE_ROOM)];
  g_autofree char *large = most > MAX (sizeof small, width) ? g_try_malloc (most) : NULL;
  char *to = aligned->text;

  for (gsize i = 0; i < aligned->n; i++, cell += aligned->step, to += width + 1)
    {
      char *text = most <= sizeof small ? small : most <= width ? to : large;
      gsize length = write != NULL  ? write (cell, text)
                     : text != NULL ? exp_cell_format_to (aligned->dtype, cell, text)
                                    : most + width;

      if (length > width)
        return FALSE;
      memmove (to + width - length, text, length);
      memset (to, ' ', width - length);
      to[width] = aligned->separator;
    }
  return TRUE;
}

/* --- the table ---------------------------------------------------------------------------------------------- */

/* A loop of its own for each kind and byte order. */
#define DEFINE_LOOP(name, call)                                                                                        \
  static gboolean name (const ExpAligned *aligned)                                                                     \
  {                                                                                                                    \
    return call;                                                                                                       \
  }
#define DEFINE_INTEGER_LOOPS(bits)                                                                                     \
  DEFINE_LOOP (align_int##bits##_le, align_integers (aligned, bits / 8, TRUE, FALSE))                                  \
  DEFINE_LOOP (align_int##bits##_be, align_integers (aligned, bits / 8, TRUE, TRUE))                                   \
  DEFINE_LOOP (align_uint##bits##_le, align_integers (aligned, bits / 8, FALSE, FALSE))                                \
  DEFINE_LOOP (align_uint##bits##_be, align_integers (aligned, bits / 8, FALSE, TRUE))

DEFINE_LOOP (align_float64_le, align_doubles (aligned, FALSE))
DEFINE_LOOP (align_float64_be, align_doubles (aligned, TRUE))
DEFINE_LOOP (align_float32_le, align_floats (aligned, FALSE))
DEFINE_LOOP (align_float32_be, align_floats (aligned, TRUE))
DEFINE_INTEGER_LOOPS (8)
DEFINE_INTEGER_LOOPS (16)
DEFINE_INTEGER_LOOPS (32)
DEFINE_INTEGER_LOOPS (64)

#define INTEGER_ROWS(bits)                                                                                             \
  { EXP_TYPE_INT, bits / 8, { align_int##bits##_le, align_int##bits##_be } },                                          \
  {                                                                                                                    \
    EXP_TYPE_UINT, bits / 8,                                                                                           \
    {                                                                                                                  \
      align_uint##bits##_le, align_uint##bits##_be                                                                     \
    }                                                                                                                  \
  }

static const struct
{
  ExpTypeClass type;
  gsize size;
  ExpAlignFunc loops[2]; /* by byte order */
} loops[] = {
  { EXP_TYPE_FLOAT, 8, { align_float64_le, align_float64_be } },
  { EXP_TYPE_FLOAT, 4, { align_float32_le, align_float32_be } },
  INTEGER_ROWS (8),
  INTEGER_ROWS (16),
  INTEGER_ROWS (32),
  INTEGER_ROWS (64),
  { EXP_TYPE_BOOL, 1, { align_booleans, align_booleans } },
};

ExpAlignFunc
exp_align_func (const ExpDtype *dtype)
{
  for (guint i = 0; i < G_N_ELEMENTS (loops); i++)
    if (loops[i].type == dtype->type && loops[i].size == dtype->size)
      return loops[i].loops[dtype->big_endian != FALSE];
  return align_any;
}
