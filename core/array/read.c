/* Numbers out of text, one at a time into cells: the common types.
 * Knows nothing of rarer types, which cell_parse.c has.
 * Called by cell_parse.c and by the parser of texts for every number. */
#include "read.h"
#include "expfs/number.h"
#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

locale_t
exp_c_locale (void)
{
  static gsize locale;

  if (g_once_init_enter (&locale))
    g_once_init_leave (&locale, (gsize)newlocale (LC_ALL_MASK, "C", NULL));
  return (locale_t)locale;
}

/* Digits that fit 63 bits for sure. */
#define SAFE_DIGITS 18

/* Sign and magnitude. */
static inline gboolean
read_magnitude (const char *text, gsize length, guint64 *magnitude, gboolean *is_negative)
{
  guint64 number = 0;

  *is_negative = length > 0 && *text == '-';
  if (length > 0 && (*text == '-' || *text == '+'))
    {
      text++;
      length--;
    }
  if (length == 0)
    return FALSE;
  if (length > SAFE_DIGITS)
    return *text != '+' && exp_uint_parse (text, length, magnitude);
  for (gsize i = 0; i < length; i++)
    {
      guchar digit = text[i] - '0';

      if (digit > 9)
        return FALSE;
      number = 10 * number + digit;
    }
  *magnitude = number;
  return TRUE;
}

static inline gboolean
read_integer (const char *text, gsize length, guint8 *cell, gsize size, gboolean is_signed, gboolean is_big)
{
  const guint64 most = is_signed ? G_MAXUINT64 >> (65 - 8 * size) : G_MAXUINT64 >> (64 - 8 * size);
  guint64 magnitude;
  gboolean is_negative;

  if (!read_magnitude (text, length, &magnitude, &is_negative)
      || magnitude > (is_negative ? (is_signed ? most + 1 : 0) : most))
    return FALSE;
  if (is_negative)
    magnitude = -magnitude;
  magnitude = is_big ? GUINT64_TO_BE (magnitude << (64 - 8 * size)) : GUINT64_TO_LE (magnitude);
  memcpy (cell, &magnitude, size);
  return TRUE;
}

static gboolean
read_double (const char *text, gsize length, guint8 *cell, gboolean is_big)
{
  double value;
  guint64 bits;

  if (!exp_double_read (text, length, &value) && !exp_double_parse (text, length, &value))
    return FALSE;
  memcpy (&bits, &value, sizeof bits);
  bits = is_big ? GUINT64_TO_BE (bits) : GUINT64_TO_LE (bits);
  memcpy (cell, &bits, sizeof bits);
  return TRUE;
}

/* Rounding twice differs from rounding once only where the first lands in the middle between two floats. */
static gboolean
read_float (const char *text, gsize length, guint8 *cell, gboolean is_big)
{
  double value;
  guint64 bits;
  float single;
  guint32 small;

  if (!exp_double_read (text, length, &value) && !exp_double_parse (text, length, &value))
    return FALSE;
  memcpy (&bits, &value, sizeof bits);
  single = (float)value;
  if (isinf (single) && !isinf (value))
    return FALSE;
  if ((bits & 0x1fffffff) == 0x10000000 || (value != 0 && fabs (value) < FLT_MIN))
    {
      g_autofree char *copy = g_strndup (text, length);

      single = strtof_l (copy, NULL, exp_c_locale ());
    }
  memcpy (&small, &single, sizeof small);
  small = is_big ? GUINT32_TO_BE (small) : GUINT32_TO_LE (small);
  memcpy (cell, &small, sizeof small);
  return TRUE;
}

static gboolean
read_bool (const char *text, gsize length, guint8 *cell)
{
  gboolean is_true = (length == 4 && memcmp (text, "true", 4) == 0) || (length == 1 && *text == '1');

  *cell = is_true;
  return is_true || (length == 5 && memcmp (text, "false", 5) == 0) || (length == 1 && *text == '0');
}

#define DEFINE_FUNC(name, call)                                                                                        \
  static gboolean name (const char *text, gsize length, guint8 *cell)                                                  \
  {                                                                                                                    \
    return call;                                                                                                       \
  }
#define DEFINE_INTEGER_FUNCS(bits)                                                                                     \
  DEFINE_FUNC (read_int##bits##_le, read_integer (text, length, cell, bits / 8, TRUE, FALSE))                          \
  DEFINE_FUNC (read_int##bits##_be, read_integer (text, length, cell, bits / 8, TRUE, TRUE))                           \
  DEFINE_FUNC (read_uint##bits##_le, read_integer (text, length, cell, bits / 8, FALSE, FALSE))                        \
  DEFINE_FUNC (read_uint##bits##_be, read_integer (text, length, cell, bits / 8, FALSE, TRUE))

DEFINE_INTEGER_FUNCS (8)
DEFINE_INTEGER_FUNCS (16)
DEFINE_INTEGER_FUNCS (32)
DEFINE_INTEGER_FUNCS (64)
DEFINE_FUNC (read_double_le, read_double (text, length, cell, FALSE))
DEFINE_FUNC (read_double_be, read_double (text, length, cell, TRUE))
DEFINE_FUNC (read_float_le, read_float (text, length, cell, FALSE))
DEFINE_FUNC (read_float_be, read_float (text, length, cell, TRUE))

static const struct
{
  ExpTypeClass type;
  gsize size;
  ExpReadFunc funcs[2]; /* by byte order */
} funcs[] = {
  { EXP_TYPE_FLOAT, 8, { read_double_le, read_double_be } },
  { EXP_TYPE_FLOAT, 4, { read_float_le, read_float_be } },
  { EXP_TYPE_INT, 8, { read_int64_le, read_int64_be } },
  { EXP_TYPE_INT, 4, { read_int32_le, read_int32_be } },
  { EXP_TYPE_INT, 2, { read_int16_le, read_int16_be } },
  { EXP_TYPE_INT, 1, { read_int8_le, read_int8_be } },
  { EXP_TYPE_UINT, 8, { read_uint64_le, read_uint64_be } },
  { EXP_TYPE_UINT, 4, { read_uint32_le, read_uint32_be } },
  { EXP_TYPE_UINT, 2, { read_uint16_le, read_uint16_be } },
  { EXP_TYPE_UINT, 1, { read_uint8_le, read_uint8_be } },
  { EXP_TYPE_BOOL, 1, { read_bool, read_bool } },
};

ExpReadFunc
exp_read_func (const ExpDtype *dtype)
{
  for (guint i = 0; i < G_N_ELEMENTS (funcs); i++)
    if (funcs[i].type == dtype->type && funcs[i].size == dtype->size)
      return funcs[i].funcs[dtype->big_endian != FALSE];
  return NULL;
}

gboolean
exp_text_is_number (const char *text, gsize length)
{
  static const char *const names[] = { "nan", "inf", "infinity" };
  double value;

  if (exp_double_read (text, length, &value))
    return TRUE;
  if (length > 0 && (*text == '-' || *text == '+'))
    {
      text++;
      length--;
    }
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    if (length == strlen (names[i]) && g_ascii_strncasecmp (text, names[i], length) == 0)
      return TRUE;
  /* The library would take hexadecimal ones as well. */
  for (gsize i = 0; i < length; i++)
    if (!g_ascii_isdigit (text[i]) && strchr ("+-.eE", text[i]) == NULL)
      return FALSE;
  return length > 0 && text[0] != '-' && text[0] != '+' && exp_double_parse (text, length, &value);
}
