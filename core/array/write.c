/* Numbers as text, one at a time into a buffer with room to spare.
 * Knows nothing of padding and of rarer types; digits come from integer_text.h and shortest.h.
 * Called by number.c and by views for every number that is not aligned. */
#include "write.h"
#include "integer_text.h"
#include "shortest.h"

static inline void
load_decimal (const guint8 *cell, gsize size, gboolean is_big, ExpDecimal *decimal)
{
  if (size == 8)
    {
      guint64 bits;

      memcpy (&bits, cell, sizeof bits);
      exp_decimal_from_double (is_big ? GUINT64_FROM_BE (bits) : GUINT64_FROM_LE (bits), decimal);
    }
  else
    {
      guint32 bits;

      memcpy (&bits, cell, sizeof bits);
      exp_decimal_from_float (is_big ? GUINT32_FROM_BE (bits) : GUINT32_FROM_LE (bits), decimal);
    }
}

static inline gsize
write_float (const guint8 *cell, gsize size, gboolean is_big, char *text)
{
  ExpDecimal decimal;

  load_decimal (cell, size, is_big, &decimal);
  exp_decimal_write (&decimal, text);
  return exp_decimal_length (&decimal);
}

/* Python's repr of complex drops ".0" and joins the parts with a sign. */
static inline gsize
write_complex (const guint8 *cell, gsize size, gboolean is_big, char *text)
{
  gsize n = 0;

  for (guint part = 0; part < 2; part++)
    {
      ExpDecimal decimal;

      load_decimal (cell + part * (size / 2), size / 2, is_big, &decimal);
      text[n] = '+';
      n += part == 1 && !decimal.is_negative;
      exp_decimal_write (&decimal, text + n);
      n += exp_decimal_length (&decimal);
      if (exp_decimal_is_plain (&decimal) && (int)decimal.n_digits <= decimal.point)
        n -= 2;
    }
  text[n] = 'j';
  return n + 1;
}

static inline gsize
write_integer (const guint8 *cell, gsize size, gboolean is_signed, gboolean is_big, char *text)
{
  ExpIntegerText integer = exp_integer_text (cell, size, is_signed, is_big);
  char characters[48] = { 0 };

  for (guint i = 0; i < 3; i++)
    exp_store_word (characters + 8 * i, integer.words[i]);
  memcpy (text, characters + integer.n_blanks, 24);
  return 24 - integer.n_blanks;
}

static gsize
write_bool (const guint8 *cell, char *text)
{
  memcpy (text, *cell ? "true " : "false", 5);
  return *cell ? 4 : 5;
}

#define DEFINE_FUNC(name, call)                                                                                        \
  static gsize name (const guint8 *cell, char *text)                                                                   \
  {                                                                                                                    \
    return call;                                                                                                       \
  }
#define DEFINE_INTEGER_FUNCS(bits)                                                                                     \
  DEFINE_FUNC (write_int##bits##_le, write_integer (cell, bits / 8, TRUE, FALSE, text))                                \
  DEFINE_FUNC (write_int##bits##_be, write_integer (cell, bits / 8, TRUE, TRUE, text))                                 \
  DEFINE_FUNC (write_uint##bits##_le, write_integer (cell, bits / 8, FALSE, FALSE, text))                              \
  DEFINE_FUNC (write_uint##bits##_be, write_integer (cell, bits / 8, FALSE, TRUE, text))
#define DEFINE_FLOAT_FUNCS(bits)                                                                                       \
  DEFINE_FUNC (write_float##bits##_le, write_float (cell, bits / 8, FALSE, text))                                      \
  DEFINE_FUNC (write_float##bits##_be, write_float (cell, bits / 8, TRUE, text))                                       \
  DEFINE_FUNC (write_pair##bits##_le, write_complex (cell, bits / 4, FALSE, text))                                     \
  DEFINE_FUNC (write_pair##bits##_be, write_complex (cell, bits / 4, TRUE, text))

DEFINE_INTEGER_FUNCS (8)
DEFINE_INTEGER_FUNCS (16)
DEFINE_INTEGER_FUNCS (32)
DEFINE_INTEGER_FUNCS (64)
DEFINE_FLOAT_FUNCS (32)
DEFINE_FLOAT_FUNCS (64)

#define ROW(type, bits, name)                                                                                          \
  {                                                                                                                    \
    type, bits / 8,                                                                                                    \
    {                                                                                                                  \
      name##_le, name##_be                                                                                             \
    }                                                                                                                  \
  }

static const struct
{
  ExpTypeClass type;
  gsize size;
  ExpWriteFunc funcs[2]; /* by byte order */
} funcs[] = {
  ROW (EXP_TYPE_FLOAT, 64, write_float64),
  ROW (EXP_TYPE_FLOAT, 32, write_float32),
  ROW (EXP_TYPE_INT, 64, write_int64),
  ROW (EXP_TYPE_INT, 32, write_int32),
  ROW (EXP_TYPE_INT, 16, write_int16),
  ROW (EXP_TYPE_INT, 8, write_int8),
  ROW (EXP_TYPE_UINT, 64, write_uint64),
  ROW (EXP_TYPE_UINT, 32, write_uint32),
  ROW (EXP_TYPE_UINT, 16, write_uint16),
  ROW (EXP_TYPE_UINT, 8, write_uint8),
  ROW (EXP_TYPE_COMPLEX, 64, write_pair32),
  ROW (EXP_TYPE_COMPLEX, 128, write_pair64),
  { EXP_TYPE_BOOL, 1, { write_bool, write_bool } },
};

ExpWriteFunc
exp_write_func (const ExpDtype *dtype)
{
  for (guint i = 0; i < G_N_ELEMENTS (funcs); i++)
    if (funcs[i].type == dtype->type && funcs[i].size == dtype->size)
      return funcs[i].funcs[dtype->big_endian != FALSE];
  return NULL;
}
