/* Text of number-like cells, each type's greatest width, and integers.
 * Knows nothing of rows, padding or arrays; floats' digits come from shortest.c and wide_float.c.
 * Called by views for every number that is shown. */
#include "expfs/number.h"
#include "digits.h"
#include "expfs/array.h"
#include "wide_float.h"
#include "write.h"
#include <string.h>

static const char two_digits[] = "00010203040506070809101112131415161718192021222324252627282930313233343536373839"
                                 "40414243444546474849505152535455565758596061626364656667686970717273747576777879"
                                 "8081828384858687888990919293949596979899";

/* `n` digits that end before `end`; 32-bit arithmetic where it does. */
static inline void
write_small (guint32 value, gsize n, char *end)
{
  for (; n >= 2; n -= 2, value /= 100)
    memcpy (end -= 2, two_digits + 2 * (value % 100), 2);
  if (n > 0)
    *--end = '0' + value;
}

gsize
exp_uint_format (guint64 value, char *text)
{
  gsize n_digits = exp_count_digits (value), n = n_digits;

  for (; value > G_MAXUINT32; value /= 100000000, n -= 8)
    write_small (value % 100000000, 8, text + n);
  write_small (value, n, text + n);
  return n_digits;
}

gsize
exp_int_format (gint64 value, char *text)
{
  if (value >= 0)
    return exp_uint_format (value, text);
  *text = '-';
  return 1 + exp_uint_format (-(guint64)value, text + 1);
}

static void
load_little_endian (const guint8 *from, gsize n, gboolean big_endian, guint8 *to)
{
  for (gsize i = 0; i < n; i++)
    to[i] = from[big_endian ? n - 1 - i : i];
}

/* Half precision, and what is wider than double. */
static gsize
float_format (const guint8 *cell, gsize size, gboolean big_endian, gboolean is_quad, char *text)
{
  guint8 bytes[16];

  load_little_endian (cell, size, big_endian, bytes);
  return size == 2 ? exp_half_format (bytes[0] | bytes[1] << 8, text) : exp_wide_float_format (bytes, is_quad, text);
}

/* Python's repr of complex drops ".0" and joins the parts with a sign. */
static gsize
complex_format (const ExpDtype *dtype, const guint8 *cell, char *text)
{
  gsize half = dtype->size / 2, n, imaginary;

  n = float_format (cell, half, dtype->big_endian, dtype->is_quad, text);
  if (n > 2 && memcmp (text + n - 2, ".0", 2) == 0)
    n -= 2;
  imaginary = float_format (cell + half, half, dtype->big_endian, dtype->is_quad, text + n + 1);
  if (imaginary > 2 && memcmp (text + n + 1 + imaginary - 2, ".0", 2) == 0)
    imaginary -= 2;
  if (text[n + 1] == '-')
    memmove (text + n, text + n + 1, imaginary);
  else
    {
      text[n] = '+';
      imaginary++;
    }
  n += imaginary;
  text[n++] = 'j';
  return n;
}

/* Decimal digits of an integer of more than 8 bytes, by dividing its 32-bit words by 10^9. */
static gsize
wide_int_format (const ExpDtype *dtype, const guint8 *cell, char *text)
{
  gsize n_words = (dtype->size + 3) / 4, n_groups = 0, n = 0;
  gboolean is_negative = dtype->type == EXP_TYPE_INT && cell[dtype->big_endian ? 0 : dtype->size - 1] >> 7;
  g_autofree guint32 *words = g_try_new0 (guint32, n_words);
  g_autofree guint32 *groups = g_try_new0 (guint32, n_words + n_words / 8 + 2); /* 10^9 has more than 29 bits */
  guint64 carry = is_negative;

  if (words == NULL || groups == NULL)
    return 0;
  for (gsize i = 0; i < 4 * n_words; i++)
    {
      guint8 byte = i < dtype->size ? cell[dtype->big_endian ? dtype->size - 1 - i : i] : is_negative ? 0xff : 0;

      words[i / 4] |= (guint32)byte << (8 * (i % 4));
    }
  for (gsize i = 0; is_negative && i < n_words; i++)
    {
      carry += (guint32)~words[i];
      words[i] = (guint32)carry;
      carry >>= 32;
    }
  while (n_words > 0)
    {
      guint64 rest = 0;

      for (gsize i = n_words; i-- > 0;)
        {
          rest = rest << 32 | words[i];
          words[i] = rest / 1000000000;
          rest %= 1000000000;
        }
      groups[n_groups++] = rest;
      while (n_words > 0 && words[n_words - 1] == 0)
        n_words--;
    }
  if (is_negative)
    text[n++] = '-';
  n += exp_uint_format (groups[--n_groups], text + n);
  while (n_groups > 0)
    {
      guint32 group = groups[--n_groups];

      for (int i = 8; i >= 0; i--, group /= 10)
        text[n + i] = '0' + group % 10;
      n += 9;
    }
  return n;
}

static gsize
hex_format (const guint8 *cell, gsize size, gboolean from_the_end, char *text)
{
  static const char digits[] = "0123456789abcdef";

  for (gsize i = 0; i < size; i++)
    {
      guint8 byte = cell[from_the_end ? size - 1 - i : i];

      text[2 * i] = digits[byte >> 4];
      text[2 * i + 1] = digits[byte & 15];
    }
  return 2 * size;
}

static gsize
escape (const char *name, char *text)
{
  gsize n = 0;

  for (; *name != '\0'; name++)
    {
      const char *special = strchr ("\\\\\tt\nn\rr", *name);

      if (special != NULL && (*name == '\\' || !g_ascii_isalpha (*name)))
        {
          if (text != NULL)
            text[n] = '\\';
          n++;
        }
      if (text != NULL)
        text[n] = *name == '\t' ? 't' : *name == '\n' ? 'n' : *name == '\r' ? 'r' : *name;
      n++;
    }
  return n;
}

/* NULL when no member has the cell's value. */
static const char *
find_enum_name (const ExpDtype *dtype, const guint8 *cell)
{
  gint64 value = exp_cell_int (dtype->base, cell);

  for (guint i = 0; i < dtype->n_enum_members; i++)
    if (dtype->enum_members[i].value == value)
      return dtype->enum_members[i].name;
  return NULL;
}

static gsize
enum_format (const ExpDtype *dtype, const guint8 *cell, char *text)
{
  const char *name = find_enum_name (dtype, cell);

  return name != NULL ? escape (name, text) : exp_cell_format_to (dtype->base, cell, text);
}

gsize
exp_cell_format_to (const ExpDtype *dtype, const guint8 *cell, char *text)
{
  ExpWriteFunc write = exp_write_func (dtype);

  if (write != NULL)
    {
      char room[EXP_WRITE_ROOM];
      gsize length = write (cell, room);

      memcpy (text, room, length);
      return length;
    }
  switch (dtype->type)
    {
    case EXP_TYPE_INT:
      return dtype->size > 8 ? wide_int_format (dtype, cell, text) : exp_int_format (exp_cell_int (dtype, cell), text);
    case EXP_TYPE_UINT:
      return dtype->size > 8 ? wide_int_format (dtype, cell, text) : exp_uint_format (exp_cell_int (dtype, cell), text);
    case EXP_TYPE_FLOAT:
      return float_format (cell, dtype->size, dtype->big_endian, dtype->is_quad, text);
    case EXP_TYPE_COMPLEX:
      return complex_format (dtype, cell, text);
    case EXP_TYPE_ENUM:
      return enum_format (dtype, cell, text);
    case EXP_TYPE_BITFIELD:
      memcpy (text, "0x", 2);
      return 2 + hex_format (cell, dtype->size, !dtype->big_endian, text + 2);
    case EXP_TYPE_OPAQUE:
      return hex_format (cell, dtype->size, FALSE, text);
    default:
      return 0;
    }
}

void
exp_cell_format (const ExpDtype *dtype, const guint8 *cell, GString *out)
{
  gsize length = out->len;
  ExpWriteFunc write = exp_write_func (dtype);
  const char *name = dtype->type == EXP_TYPE_ENUM ? find_enum_name (dtype, cell) : NULL;

  if (dtype->type == EXP_TYPE_ENUM && name == NULL)
    exp_cell_format (dtype->base, cell, out);
  else if (name != NULL)
    {
      g_string_set_size (out, length + 2 * strlen (name));
      g_string_set_size (out, length + escape (name, out->str + length));
    }
  else if (write != NULL)
    {
      g_string_set_size (out, length + EXP_WRITE_ROOM);
      g_string_set_size (out, length + write (cell, out->str + length));
    }
  else
    {
      g_string_set_size (out, length + exp_cell_max_width (dtype));
      g_string_set_size (out, length + exp_cell_format_to (dtype, cell, out->str + length));
    }
}

static gsize
float_max_width (gsize size, gboolean is_quad)
{
  switch (size)
    {
    case 2:
      return 11; /* -6.1035e-05 */
    case 4:
      return 19; /* -1234567900000000.0 */
    case 8:
      return 24; /* -2.2250738585072014e-308 */
    default:
      return is_quad ? EXP_QUAD_WIDTH : EXP_EXTENDED_WIDTH;
    }
}

static gsize
enum_max_width (const ExpDtype *dtype)
{
  gsize width = exp_cell_max_width (dtype->base);

  for (guint i = 0; i < dtype->n_enum_members; i++)
    width = MAX (width, escape (dtype->enum_members[i].name, NULL));
  return width;
}

/* Decimal digits of 2^bits - 1, and of 2^bits too: no power of two is one of ten. */
static gsize
max_digits (gsize bits)
{
  return 1 + (gsize)((unsigned __int128)bits * G_GUINT64_CONSTANT (661971961083) >> 41);
}

gsize
exp_cell_max_width (const ExpDtype *dtype)
{
  switch (dtype->type)
    {
    case EXP_TYPE_BOOL:
      return 5;
    case EXP_TYPE_INT:
      return 1 + max_digits (8 * dtype->size - 1);
    case EXP_TYPE_UINT:
      return max_digits (8 * dtype->size);
    case EXP_TYPE_FLOAT:
      return float_max_width (dtype->size, dtype->is_quad);
    case EXP_TYPE_COMPLEX:
      return 2 * float_max_width (dtype->size / 2, dtype->is_quad) + 2;
    case EXP_TYPE_ENUM:
      return enum_max_width (dtype);
    case EXP_TYPE_BITFIELD:
      return 2 + 2 * dtype->size;
    case EXP_TYPE_OPAQUE:
      return 2 * dtype->size;
    default:
      return 0;
    }
}
