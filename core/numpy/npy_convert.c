/* Values from one type to another.
 * Knows neither headers nor files.
 * Called by npy_store.c for files whose type is not the dataset's. */
#include "npy_convert.h"
#include "array/moment.h"
#include "array/read.h"
#include "expfs/error.h"
#include "node/grid.h"
#include <math.h>
#include <string.h>

/* --- kinds -------------------------------------------------------------------------------------------------- */

/* Numbers that hold those of a lower rank. */
static int
number_rank (const ExpDtype *dtype)
{
  switch (dtype->type)
    {
    case EXP_TYPE_BOOL:
      return 1;
    case EXP_TYPE_UINT:
    case EXP_TYPE_INT:
    case EXP_TYPE_ENUM:
    case EXP_TYPE_BITFIELD:
      return 2;
    case EXP_TYPE_FLOAT:
      return 3;
    case EXP_TYPE_COMPLEX:
      return 4;
    default:
      return 0;
    }
}

static gboolean
is_text (const ExpDtype *dtype)
{
  return dtype->type == EXP_TYPE_STRING || dtype->type == EXP_TYPE_VSTRING || dtype->type == EXP_TYPE_REFERENCE;
}

/* Bytes without a meaning of their own, as NPY has them for what NumPy has no type for. */
static gboolean
is_as_bytes (const ExpDtype *from, const ExpDtype *to)
{
  return from->type == EXP_TYPE_OPAQUE && !exp_npy_is_moment (from) && to->size == from->size
         && !exp_dtype_has_vlen (to);
}

static gboolean
is_half_pair (const ExpDtype *from, const ExpDtype *to)
{
  return from->type == EXP_TYPE_COMPOUND && from->n_members == 2 && to->type == EXP_TYPE_COMPLEX
         && number_rank (from->members[0].dtype) == 3 && number_rank (from->members[1].dtype) == 3;
}

static gboolean
can_convert (const ExpDtype *from, const ExpDtype *to)
{
  if (is_half_pair (from, to) || is_as_bytes (from, to))
    return TRUE;
  if (from->type == EXP_TYPE_ARRAY || to->type == EXP_TYPE_ARRAY)
    return from->type == to->type && exp_dtype_array_length (from) == exp_dtype_array_length (to)
           && can_convert (from->base, to->base);
  if (from->type == EXP_TYPE_COMPOUND || to->type == EXP_TYPE_COMPOUND)
    {
      if (from->type != to->type || from->n_members != to->n_members)
        return FALSE;
      for (guint i = 0; i < from->n_members; i++)
        if (!can_convert (from->members[i].dtype, to->members[i].dtype))
          return FALSE;
      return TRUE;
    }
  if (exp_npy_is_moment (from))
    return exp_dtype_is_moment (to);
  if (is_text (from) || is_text (to))
    return is_text (from) && is_text (to);
  /* Counts of one unit are none of another. */
  if (from->tag != NULL && to->tag != NULL && strcmp (from->tag, to->tag) != 0)
    return FALSE;
  return number_rank (from) > 0 && number_rank (from) <= number_rank (to);
}

gboolean
exp_npy_can_convert (const ExpDtype *from, const ExpDtype *to, GError **error)
{
  if (can_convert (from, to))
    return TRUE;
  g_autofree char *one = exp_dtype_to_text (from), *other = exp_dtype_to_text (to);
  g_set_error (error, EXP_ERROR, EXP_ERROR_INVALID, "values of the type '%s' are none of the dataset's, '%s'", one,
               other);
  return FALSE;
}

/* --- values ------------------------------------------------------------------------------------------------- */

static void
store (const guint8 *bytes, gsize size, gboolean big_endian, guint8 *cell)
{
  for (gsize i = 0; i < size; i++)
    cell[big_endian ? size - 1 - i : i] = bytes[i];
}

static gboolean
set_float (const ExpDtype *to, gsize size, double value, guint8 *cell)
{
  guint8 bytes[16] = { 0 };
  guint16 half;
  float single = (float)value;
  long double extended = value;
  _Float128 quad = value;

  switch (size)
    {
    case 2:
      if (!exp_half_round (value, 0, &half))
        return FALSE;
      half = GUINT16_TO_LE (half);
      memcpy (bytes, &half, 2);
      break;
    case 4:
      if (isinf (single) && !isinf (value))
        return FALSE;
      memcpy (bytes, &single, 4);
      break;
    case 8:
      memcpy (bytes, &value, 8);
      break;
    default:
      memcpy (bytes, to->is_quad ? (gpointer)&quad : (gpointer)&extended, to->is_quad ? 16 : 10);
    }
  store (bytes, size, to->big_endian, cell);
  return TRUE;
}

/* The bits of an integer of up to eight bytes into one of any width, when its value is one there. */
static gboolean
set_integer (const ExpDtype *to, guint64 bits, gboolean is_negative, guint8 *cell)
{
  const ExpDtype *number = to->type == EXP_TYPE_ENUM ? to->base : to;
  const guint used = 8 * MIN (number->size, 8);

  if (number->type == EXP_TYPE_BOOL)
    {
      *cell = bits != 0;
      return bits <= 1;
    }
  if (number->type == EXP_TYPE_INT)
    {
      const guint64 most = G_MAXUINT64 >> (65 - used);

      if (is_negative ? ~bits > most : (number->size <= 8 && bits > most))
        return FALSE;
    }
  else if (is_negative || bits > G_MAXUINT64 >> (64 - used))
    return FALSE;
  for (gsize i = 0; i < number->size; i++)
    cell[number->big_endian ? number->size - 1 - i : i] = i < 8 ? bits >> (8 * i) & 0xff : is_negative ? 0xff : 0;
  return TRUE;
}

static gboolean
convert_number (const ExpDtype *from, const guint8 *bytes, const ExpDtype *to, guint8 *cell)
{
  if (from->type == EXP_TYPE_COMPLEX || to->type == EXP_TYPE_COMPLEX)
    {
      const gboolean is_pair = from->type == EXP_TYPE_COMPLEX;
      ExpDtype part = *from, half = *to;

      part.type = is_pair ? EXP_TYPE_FLOAT : part.type;
      part.size = is_pair ? from->size / 2 : from->size;
      half.type = EXP_TYPE_FLOAT;
      half.size = to->size / 2;
      return convert_number (&part, bytes, &half, cell)
             && (is_pair ? convert_number (&part, bytes + part.size, &half, cell + half.size)
                         : set_float (&half, half.size, 0, cell + half.size));
    }
  if (from->type == EXP_TYPE_FLOAT && from->size == to->size && from->is_quad == to->is_quad)
    {
      store (bytes, to->size, from->big_endian != to->big_endian, cell);
      return TRUE;
    }
  if (to->type == EXP_TYPE_FLOAT)
    return set_float (to, to->size, exp_cell_double (from, bytes), cell);
  if (from->size > 8)
    return FALSE;
  const gint64 value = exp_cell_int (from, bytes);
  return set_integer (to, value, from->type == EXP_TYPE_INT && value < 0, cell);
}

/* UTF-8 of UCS-4, without the zeros behind; U+DC80 ... U+DCFF are single bytes. FALSE for what is no character. */
static gboolean
append_ucs4 (const ExpDtype *dtype, const guint8 *bytes, GString *out)
{
  gsize n = dtype->size / 4;
  guint32 code;

  for (; n > 0; n--)
    {
      memcpy (&code, bytes + 4 * (n - 1), 4);
      if (code != 0)
        break;
    }
  for (gsize i = 0; i < n; i++)
    {
      memcpy (&code, bytes + 4 * i, 4);
      code = dtype->big_endian ? GUINT32_FROM_BE (code) : GUINT32_FROM_LE (code);
      if (code >= 0xdc80 && code <= 0xdcff)
        g_string_append_c (out, (char)(code - 0xdc00));
      else if (code == 0 || !g_unichar_validate (code))
        return FALSE;
      else
        g_string_append_unichar (out, code);
    }
  return TRUE;
}

static gboolean
convert_text (const ExpDtype *from, const guint8 *bytes, const ExpDtype *to, guint8 *cell, ExpArray *heap)
{
  g_autoptr (GString) decoded = NULL;
  gsize length;
  const char *text = exp_cell_text (from, bytes, &length);

  if (from->is_ucs4)
    {
      decoded = g_string_new (NULL);
      if (!append_ucs4 (from, bytes, decoded))
        return FALSE;
      text = decoded->str;
      length = decoded->len;
    }
  if (exp_dtype_is_moment (to))
    return exp_moment_take (to, text, length, cell);
  if (to->type == EXP_TYPE_STRING)
    {
      if (length > to->size)
        return FALSE;
      memcpy (cell, text, length);
      memset (cell + length, to->pad == EXP_PAD_SPACE ? ' ' : '\0', to->size - length);
      return TRUE;
    }
  ExpVlen vlen = { length, exp_array_allocate (heap, length) };
  if (vlen.data == NULL || memchr (text, '\0', length) != NULL)
    return FALSE;
  memcpy (vlen.data, text, length);
  memcpy (cell, &vlen, sizeof vlen);
  return TRUE;
}

static gboolean
convert_moment (const ExpDtype *from, const guint8 *bytes, const ExpDtype *to, guint8 *cell)
{
  guint8 text[EXP_MOMENT_LENGTH];

  exp_moment_from_bytes (from, bytes, text);
  if (strcmp (from->tag, to->tag) != 0)
    return exp_moment_take (to, (const char *)text, strnlen ((const char *)text, sizeof text), cell);
  memcpy (cell, text, sizeof text);
  return TRUE;
}

gboolean
exp_npy_convert (const ExpDtype *from, const guint8 *bytes, const ExpDtype *to, guint8 *cell, ExpArray *heap)
{
  if (is_half_pair (from, to))
    {
      ExpDtype half = { .type = EXP_TYPE_FLOAT, .size = to->size / 2, .big_endian = to->big_endian };

      return convert_number (from->members[0].dtype, bytes + from->members[0].offset, &half, cell)
             && convert_number (from->members[1].dtype, bytes + from->members[1].offset, &half, cell + half.size);
    }
  if (exp_npy_is_moment (from))
    return exp_dtype_is_moment (to) && convert_moment (from, bytes, to, cell);
  if (is_as_bytes (from, to))
    {
      memcpy (cell, bytes, to->size);
      return TRUE;
    }
  if (from->type == EXP_TYPE_ARRAY)
    {
      for (guint64 i = 0, n = exp_dtype_array_length (from); i < n; i++)
        if (!exp_npy_convert (from->base, bytes + i * from->base->size, to->base, cell + i * to->base->size, heap))
          return FALSE;
      return TRUE;
    }
  if (from->type == EXP_TYPE_COMPOUND)
    {
      for (guint i = 0; i < from->n_members; i++)
        if (!exp_npy_convert (from->members[i].dtype, bytes + from->members[i].offset, to->members[i].dtype,
                              cell + to->members[i].offset, heap))
          return FALSE;
      return TRUE;
    }
  return is_text (from) ? convert_text (from, bytes, to, cell, heap) : convert_number (from, bytes, to, cell);
}
