/* Conversion of cells from the shown types to the stored ones, with nothing lost on the way.
 * Knows no names and no tree.
 * Called by field.c, typed.c and the files of this folder that write. */
#include "write_cast.h"
#include "type.h"
#include <math.h>
#include <string.h>

static gboolean
is_text (const ExpDtype *dtype)
{
  return dtype->type == EXP_TYPE_STRING || dtype->type == EXP_TYPE_VSTRING;
}

/* The bytes of a text as they are stored; *owned is to be freed. */
static const char *
encode (const ExpDtype *from, const guint8 *cell, const char *encoding, gsize *length, char **owned)
{
  const char *text = exp_cell_text (from, cell, length);

  *owned = NULL;
  if (from->type != EXP_TYPE_VSTRING || encoding == NULL || g_ascii_strncasecmp (encoding, "utf", 3) == 0)
    return text;
  *owned = g_convert (text, *length, encoding, "UTF-8", NULL, length, NULL);
  return *owned;
}

static gboolean
does_not_fit (const char *what, GError **error)
{
  g_set_error (error, EXP_ERROR, EXP_ERROR_INVALID, "%s does not fit the type in the store", what);
  return FALSE;
}

static gboolean
put_text (const ExpDtype *from, const guint8 *cell, const ExpDtype *to, guint8 *out, const char *encoding,
          GError **error)
{
  g_autofree char *owned = NULL;
  gsize length;
  const char *text = encode (from, cell, encoding, &length, &owned);

  if (text == NULL && length > 0)
    return does_not_fit ("a text that its encoding has no letters for", error);
  if (to->type != EXP_TYPE_STRING || length > to->size)
    return does_not_fit ("a text", error);
  memset (out, 0, to->size);
  if (length > 0)
    memcpy (out, text, length);
  return TRUE;
}

/* As text shows it. */
static gboolean
put_truth (const ExpDtype *from, const guint8 *cell, guint8 *out, GError **error)
{
  gsize length;
  const char *text = exp_cell_text (from, cell, &length);
  gboolean is_true = length == 4 && memcmp (text, "true", 4) == 0;

  if (!is_true && (length != 5 || memcmp (text, "false", 5) != 0))
    return does_not_fit ("a text that is neither true nor false", error);
  *out = is_true ? 1 : 0;
  return TRUE;
}

static gboolean
is_whole (const ExpDtype *dtype)
{
  return dtype->type == EXP_TYPE_INT || dtype->type == EXP_TYPE_UINT || dtype->type == EXP_TYPE_BOOL
         || dtype->type == EXP_TYPE_BITFIELD;
}

static void
put_bytes (guint64 value, const ExpDtype *to, guint8 *out)
{
  for (gsize i = 0; i < to->size; i++)
    out[to->big_endian ? to->size - 1 - i : i] = i < 8 ? (guint8)(value >> 8 * i) : 0;
}

static gboolean
put_whole (const ExpDtype *from, const guint8 *cell, const ExpDtype *to, guint8 *out, GError **error)
{
  gint64 value;

  if (from->type == EXP_TYPE_FLOAT)
    {
      double number = exp_cell_double (from, cell);

      if (!(number >= -9223372036854775808.0 && number < 9223372036854775808.0) || number != floor (number))
        return does_not_fit ("a number", error);
      value = (gint64)number;
    }
  else
    value = exp_cell_int (from, cell);

  gboolean is_large = from->type == EXP_TYPE_UINT && value < 0;
  guint bits = (guint)MIN (to->size, 8) * 8;
  if (to->type == EXP_TYPE_BITFIELD || to->type == EXP_TYPE_BOOL)
    {
      if (value != 0 && value != 1)
        return does_not_fit ("a number that is neither true nor false", error);
    }
  else if (to->type == EXP_TYPE_UINT)
    {
      if ((value < 0 && !is_large) || (bits < 64 && ((guint64)value >> bits) != 0))
        return does_not_fit ("a number", error);
    }
  else if (is_large
           || (bits < 64
               && (value < -(G_GINT64_CONSTANT (1) << (bits - 1)) || value >= (G_GINT64_CONSTANT (1) << (bits - 1)))))
    return does_not_fit ("a number", error);
  put_bytes ((guint64)value, to, out);
  return TRUE;
}

static void
put_float (double value, const ExpDtype *to, gsize size, guint8 *out)
{
  ExpDtype part = { .type = EXP_TYPE_FLOAT, .size = size, .big_endian = to->big_endian };
  guint64 bits = 0;
  float single = (float)value;

  if (size == 8)
    memcpy (&bits, &value, 8);
  else
    memcpy (&bits, &single, 4);
  put_bytes (bits, &part, out);
}

static gboolean
put_real (const ExpDtype *from, const guint8 *cell, const ExpDtype *to, guint8 *out, GError **error)
{
  double value;

  if (to->size != 4 && to->size != 8)
    return does_not_fit ("a number", error);
  if (from->type == EXP_TYPE_FLOAT)
    value = exp_cell_double (from, cell);
  else
    value
        = from->type == EXP_TYPE_UINT ? (double)(guint64)exp_cell_int (from, cell) : (double)exp_cell_int (from, cell);
  put_float (value, to, to->size, out);
  return TRUE;
}

static void
put_complex (const ExpDtype *from, const guint8 *cell, const ExpDtype *to, guint8 *out)
{
  ExpDtype part = { .type = EXP_TYPE_FLOAT, .size = from->size / 2, .big_endian = from->big_endian };
  gboolean is_complex = from->type == EXP_TYPE_COMPLEX;
  gsize half = to->size / 2;

  put_float (exp_cell_double (is_complex ? &part : from, cell), to, half, out);
  put_float (is_complex ? exp_cell_double (&part, cell + part.size) : 0, to, half, out + half);
}

static gboolean
put_compound (const ExpDtype *from, const guint8 *cell, const ExpDtype *to, guint8 *out, const char *encoding,
              GError **error)
{
  if (from->n_members != to->n_members)
    return does_not_fit ("a row with other columns", error);
  for (guint i = 0; i < to->n_members; i++)
    if (!exp_cast_back_cell (from->members[i].dtype, cell + from->members[i].offset, to->members[i].dtype,
                             out + to->members[i].offset, encoding, error))
      return FALSE;
  return TRUE;
}

static gboolean
put_array (const ExpDtype *from, const guint8 *cell, const ExpDtype *to, guint8 *out, const char *encoding,
           GError **error)
{
  gsize n = from->size / MAX (from->base->size, 1);

  if (to->size / MAX (to->base->size, 1) != n)
    return does_not_fit ("an array of another shape", error);
  for (gsize i = 0; i < n; i++)
    if (!exp_cast_back_cell (from->base, cell + i * from->base->size, to->base, out + i * to->base->size, encoding,
                             error))
      return FALSE;
  return TRUE;
}

gboolean
exp_cast_back_cell (const ExpDtype *from, const guint8 *cell, const ExpDtype *to, guint8 *out, const char *encoding,
                    GError **error)
{
  gboolean is_number = is_whole (from) || from->type == EXP_TYPE_FLOAT;

  if (is_text (from) && is_text (to))
    return put_text (from, cell, to, out, encoding, error);
  if (exp_dtype_equal (from, to))
    {
      memcpy (out, cell, from->size);
      return TRUE;
    }
  if (is_text (from) && (to->type == EXP_TYPE_BOOL || (to->type == EXP_TYPE_BITFIELD && to->size == 1)))
    return put_truth (from, cell, out, error);
  if (from->type == EXP_TYPE_COMPOUND && to->type == EXP_TYPE_COMPOUND)
    return put_compound (from, cell, to, out, encoding, error);
  if (from->type == EXP_TYPE_ARRAY && to->type == EXP_TYPE_ARRAY)
    return put_array (from, cell, to, out, encoding, error);
  if (is_number && is_whole (to))
    return put_whole (from, cell, to, out, error);
  if (is_number && to->type == EXP_TYPE_FLOAT)
    return put_real (from, cell, to, out, error);
  if (to->type == EXP_TYPE_COMPLEX && to->size <= 16 && (is_number || from->type == EXP_TYPE_COMPLEX))
    {
      put_complex (from, cell, to, out);
      return TRUE;
    }
  return does_not_fit ("a value", error);
}

/* Cells that differ in what their types are called only, and not in their bytes. */
static gboolean
has_same_bytes (const ExpDtype *from, const ExpDtype *to)
{
  if (exp_dtype_equal (from, to))
    return TRUE;
  return from->size == to->size
         && ((from->type == EXP_TYPE_BOOL && to->type == EXP_TYPE_BITFIELD)
             || (from->type == EXP_TYPE_STRING && to->type == EXP_TYPE_STRING && from->pad != EXP_PAD_SPACE));
}

ExpArray *
exp_cast_back (const ExpArray *array, ExpDtype *to, const char *encoding, GError **error)
{
  if (exp_dtype_equal (array->dtype, to))
    return exp_array_ref ((ExpArray *)array);

  g_autoptr (ExpArray) stored = exp_array_new (to, array->rank, array->shape, error);
  if (stored == NULL)
    return NULL;
  if (has_same_bytes (array->dtype, to))
    {
      if (array->n_elements > 0)
        memcpy (stored->data, array->data, array->n_elements * to->size);
      return g_steal_pointer (&stored);
    }
  for (gsize i = 0; i < array->n_elements; i++)
    if (!exp_cast_back_cell (array->dtype, array->data + i * array->dtype->size, to, stored->data + i * to->size,
                             encoding, error))
      return NULL;
  return g_steal_pointer (&stored);
}

gboolean
exp_cast_write (ExpNode *inner, ExpDtype *to, const ExpSlab *slab, const ExpArray *array, const char *encoding,
                GError **error)
{
  g_autoptr (ExpArray) stored = exp_cast_back (array, to, encoding, error);

  return stored != NULL && exp_node_write (inner, slab, stored, error);
}

gsize
exp_cast_longest_text (const ExpArray *array, const char *encoding)
{
  gsize longest = 0;

  if (!is_text (array->dtype))
    return 0;
  for (gsize i = 0; i < array->n_elements; i++)
    {
      g_autofree char *owned = NULL;
      gsize length = 0;

      encode (array->dtype, array->data + i * array->dtype->size, encoding, &length, &owned);
      longest = MAX (longest, length);
    }
  return longest;
}

gboolean
exp_cast_is_ascii (const ExpArray *array)
{
  for (gsize i = 0; i < array->n_elements && is_text (array->dtype); i++)
    {
      gsize length;
      const char *text = exp_cell_text (array->dtype, array->data + i * array->dtype->size, &length);

      for (gsize k = 0; k < length; k++)
        if ((guint8)text[k] > 127)
          return FALSE;
    }
  return TRUE;
}
