/* Cells out of their text: the inverse of exp_cell_format for every type that it prints.
 * Knows nothing of strings, lists and lines.
 * Called by the parser of texts, and for attributes. */
#include "expfs/array.h"
#include "expfs/number.h"
#include "read.h"
#include <errno.h>
#include <fenv.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static void
store_little_endian (const guint8 *bytes, gsize n, gboolean big_endian, guint8 *cell)
{
  for (gsize i = 0; i < n; i++)
    cell[big_endian ? n - 1 - i : i] = bytes[i];
}

/* --- floats ------------------------------------------------------------------------------------------------- */

/* Where the number that rounds to `nearest` lies: below it, at it, above it. */
static int
side_of (const char *text, double nearest)
{
  const int mode = fegetround ();
  double below, above;

  fesetround (FE_DOWNWARD);
  below = strtod_l (text, NULL, exp_c_locale ());
  fesetround (FE_UPWARD);
  above = strtod_l (text, NULL, exp_c_locale ());
  fesetround (mode);
  return below == above ? 0 : below < nearest ? -1 : 1;
}

/* Units of the last place are whole numbers below 2048 here, and the doubles between them exact. */
gboolean
exp_half_round (double value, int side, guint16 *bits)
{
  const double magnitude = fabs (value);
  const guint16 sign = signbit (value) ? 0x8000 : 0;
  int exponent;

  if (isnan (value) || isinf (value) || magnitude == 0)
    {
      *bits = isnan (value) ? 0x7e00 : isinf (value) ? sign | 0x7c00 : sign;
      return TRUE;
    }
  frexp (magnitude, &exponent);
  exponent = MAX (exponent - 1, -14);

  const double units = ldexp (magnitude, 10 - exponent), whole = floor (units), rest = units - whole;
  const gboolean rounds_up = rest != 0.5 ? rest > 0.5 : side != 0 ? side > 0 : fmod (whole, 2) != 0;
  /* A carry runs from the fraction into the exponent. */
  *bits = (guint16)MIN (whole + rounds_up + (exponent + 14) * 1024.0, 0x7c00);
  if (*bits >= 0x7c00)
    return FALSE;
  *bits |= sign;
  return TRUE;
}

static gboolean
parse_half (const char *text, gsize length, guint8 bytes[2])
{
  double value;
  guint16 bits;

  if (!exp_double_parse (text, length, &value))
    return FALSE;
  /* In the middle between two of them by its first 53 bits only? */
  g_autofree char *copy = isfinite (value) ? g_strndup (text, length) : NULL;
  if (!exp_half_round (value, copy != NULL ? side_of (copy, value) * (value < 0 ? -1 : 1) : 0, &bits))
    return FALSE;
  bytes[0] = bits & 0xff;
  bytes[1] = bits >> 8;
  return TRUE;
}

static gboolean
parse_wide_float (const char *text, gsize length, gboolean is_quad, guint8 bytes[16])
{
  g_autofree char *copy = g_strndup (text, length);
  char *end;

  if (length == 0 || g_ascii_isspace (*text) || strlen (copy) != length)
    return FALSE;
  memset (bytes, 0, 16);
  errno = 0;
  if (is_quad)
    {
      _Float128 value = strtof128_l (copy, &end, exp_c_locale ());

      if (errno == ERANGE && (value > 1 || value < -1))
        return FALSE;
      memcpy (bytes, &value, 16);
    }
  else
    {
      long double value = strtold_l (copy, &end, exp_c_locale ());

      if (errno == ERANGE && (value > 1 || value < -1))
        return FALSE;
      memcpy (bytes, &value, MIN (sizeof value, 10));
    }
  return end == copy + length;
}

static gboolean
parse_float (const ExpDtype *dtype, gsize size, const char *text, gsize length, guint8 *cell)
{
  guint8 bytes[16];

  if (size == 4 || size == 8)
    {
      ExpDtype number = { .type = EXP_TYPE_FLOAT, .size = size, .big_endian = dtype->big_endian };

      return exp_read_func (&number) (text, length, cell);
    }
  if (size != 2 && size != 16)
    return FALSE;
  if (!(size == 2 ? parse_half (text, length, bytes) : parse_wide_float (text, length, dtype->is_quad, bytes)))
    return FALSE;
  store_little_endian (bytes, size, dtype->big_endian, cell);
  return TRUE;
}

/* 1+2j; also one part alone, and parentheses around both. */
static gboolean
parse_complex (const ExpDtype *dtype, const char *text, gsize length, guint8 *cell)
{
  const gsize half = dtype->size / 2;
  gsize split = 0;

  if (length > 2 && text[0] == '(' && text[length - 1] == ')')
    {
      text++;
      length -= 2;
    }
  if (length == 0)
    return FALSE;
  if (text[length - 1] != 'j' && text[length - 1] != 'J')
    return parse_float (dtype, half, text, length, cell) && parse_float (dtype, half, "0", 1, cell + half);
  length--;
  for (gsize i = length; i-- > 1 && split == 0;)
    if ((text[i] == '+' || text[i] == '-') && (text[i - 1] | 0x20) != 'e')
      split = i;
  if (split == 0)
    return parse_float (dtype, half, "0", 1, cell) && parse_float (dtype, half, text, length, cell + half);
  return parse_float (dtype, half, text, split, cell)
         && parse_float (dtype, half, text + split, length - split, cell + half);
}

/* --- integers ----------------------------------------------------------------------------------------------- */

/* Any width: base 256 digits, ten times and one more for each decimal. */
static gboolean
parse_integer (const ExpDtype *dtype, const char *text, gsize length, guint8 *cell)
{
  const gsize size = dtype->size;
  const gboolean is_signed = dtype->type == EXP_TYPE_INT, is_negative = length > 0 && *text == '-';
  g_autofree guint8 *bytes = g_try_malloc0 (MAX (size, 1));

  if (length > 0 && (*text == '-' || *text == '+'))
    {
      text++;
      length--;
    }
  if (length == 0 || bytes == NULL || length > 8 + 3 * size)
    return FALSE;
  for (gsize i = 0; i < length; i++)
    {
      guint carry = (guchar)(text[i] - '0');

      if (carry > 9)
        return FALSE;
      for (gsize k = 0; k < size; k++)
        {
          carry += 10u * bytes[k];
          bytes[k] = carry & 0xff;
          carry >>= 8;
        }
      if (carry != 0)
        return FALSE;
    }

  gboolean is_zero = TRUE, is_least = bytes[size - 1] == 0x80; /* -2^(bits - 1) has no positive counterpart */
  for (gsize k = 0; k < size; k++)
    {
      is_zero = is_zero && bytes[k] == 0;
      is_least = is_least && (k == size - 1 || bytes[k] == 0);
    }
  if ((is_negative && !is_signed && !is_zero) || (is_signed && bytes[size - 1] >> 7 && !(is_negative && is_least)))
    return FALSE;
  for (gsize k = 0, carry = 1; is_negative && k < size; k++)
    {
      carry += (guint8)~bytes[k];
      bytes[k] = carry & 0xff;
      carry >>= 8;
    }
  store_little_endian (bytes, size, dtype->big_endian, cell);
  return TRUE;
}

/* Two digits a byte, exactly. */
static gboolean
parse_hex (const char *text, gsize size, gboolean from_the_end, guint8 *cell)
{
  for (gsize i = 0; i < size; i++)
    {
      int high = g_ascii_xdigit_value (text[2 * i]), low = g_ascii_xdigit_value (text[2 * i + 1]);

      if (high < 0 || low < 0)
        return FALSE;
      cell[from_the_end ? size - 1 - i : i] = high << 4 | low;
    }
  return TRUE;
}

/* 0x and at most two digits a byte; or decimal. */
static gboolean
parse_bits (const ExpDtype *dtype, const char *text, gsize length, guint8 *cell)
{
  if (length < 3 || text[0] != '0' || (text[1] | 0x20) != 'x')
    return parse_integer (dtype, text, length, cell);
  if (length - 2 > 2 * dtype->size)
    return FALSE;

  g_autofree char *digits = g_try_malloc (2 * dtype->size);
  if (digits == NULL)
    return FALSE;
  memset (digits, '0', 2 * dtype->size);
  memcpy (digits + 2 * dtype->size - (length - 2), text + 2, length - 2);
  return parse_hex (digits, dtype->size, !dtype->big_endian, cell);
}

/* --- names -------------------------------------------------------------------------------------------------- */

/* TRUE when `text` is the name with \\ \t \n \r escaped, and in a list blanks. */
static gboolean
is_name (const char *name, const char *text, gsize length)
{
  const char *end = text + length;

  for (; *name != '\0' && text < end; name++, text++)
    {
      const char *special = strchr ("\\\\\tt\nn\rr", *name);

      if (special != NULL && (*name == '\\' || !g_ascii_isalpha (*name)))
        {
          if (*text != '\\' || ++text == end || *text != special[1])
            return FALSE;
        }
      else if (*name == ' ' && *text == '\\')
        {
          if (++text == end || *text != ' ')
            return FALSE;
        }
      else if (*text != *name)
        return FALSE;
    }
  return *name == '\0' && text == end;
}

static gboolean
parse_enum (const ExpDtype *dtype, const char *text, gsize length, guint8 *cell)
{
  for (guint i = 0; i < dtype->n_enum_members; i++)
    if (is_name (dtype->enum_members[i].name, text, length))
      {
        guint64 value = GUINT64_TO_LE ((guint64)dtype->enum_members[i].value);

        if (dtype->base->size > 8)
          return FALSE;
        store_little_endian ((const guint8 *)&value, dtype->base->size, dtype->base->big_endian, cell);
        return TRUE;
      }
  /* A value that has no name prints as its number. */
  return exp_cell_parse (dtype->base, text, length, cell);
}

gboolean
exp_cell_parse (const ExpDtype *dtype, const char *text, gsize length, guint8 *cell)
{
  ExpReadFunc read = exp_read_func (dtype);

  if (read != NULL)
    return read (text, length, cell);
  switch (dtype->type)
    {
    case EXP_TYPE_INT:
    case EXP_TYPE_UINT:
      return dtype->size > 0 && parse_integer (dtype, text, length, cell);
    case EXP_TYPE_FLOAT:
      return parse_float (dtype, dtype->size, text, length, cell);
    case EXP_TYPE_COMPLEX:
      return parse_complex (dtype, text, length, cell);
    case EXP_TYPE_ENUM:
      return parse_enum (dtype, text, length, cell);
    case EXP_TYPE_BITFIELD:
      return dtype->size > 0 && parse_bits (dtype, text, length, cell);
    case EXP_TYPE_OPAQUE:
      return length == 2 * dtype->size && parse_hex (text, dtype->size, FALSE, cell);
    default:
      return FALSE;
    }
}
