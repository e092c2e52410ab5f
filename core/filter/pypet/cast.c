/* Conversion of cells between the stored type and the one that is shown.
 * Knows no names and no tree.
 * Called by typed.c, field.c and table.c. */
#include "type.h"
#include <math.h>
#include <string.h>

gboolean
exp_cast_is_identity (const ExpDtype *from, const ExpDtype *to)
{
  if (from->size != to->size)
    return FALSE;
  if (from->type == EXP_TYPE_BITFIELD && to->type == EXP_TYPE_BOOL)
    return TRUE;
  if (from->type != to->type)
    return FALSE;
  switch (from->type)
    {
    case EXP_TYPE_STRING:
    case EXP_TYPE_VSTRING:
      return TRUE;
    case EXP_TYPE_ARRAY:
      return exp_cast_is_identity (from->base, to->base);
    case EXP_TYPE_COMPOUND:
      if (from->n_members != to->n_members)
        return FALSE;
      for (guint i = 0; i < from->n_members; i++)
        if (from->members[i].offset != to->members[i].offset
            || !exp_cast_is_identity (from->members[i].dtype, to->members[i].dtype))
          return FALSE;
      return TRUE;
    default:
      return exp_dtype_equal (from, to);
    }
}

static gboolean
decode_text (const ExpDtype *from, const guint8 *cell, guint8 *out, const char *encoding, ExpArray *array,
             GError **error)
{
  gsize length, written;
  const char *text = exp_cell_text (from, cell, &length);
  while (length > 0 && text[length - 1] == '\0')
    length--;

  g_autofree char *utf8 = length > 0 ? g_convert (text, length, "UTF-8", encoding, NULL, &written, NULL) : NULL;
  if (utf8 == NULL) /* not in that encoding: its bytes are still the best there is */
    written = length;

  ExpVlen value = { written, exp_array_allocate (array, written) };
  if (value.data == NULL && written > 0)
    {
      g_set_error (error, EXP_ERROR, EXP_ERROR_NO_MEMORY, "no memory for a text of %" G_GSIZE_FORMAT " bytes", written);
      return FALSE;
    }
  if (written > 0)
    memcpy (value.data, utf8 != NULL ? utf8 : text, written);
  memcpy (out, &value, sizeof value);
  return TRUE;
}

static gboolean
is_floating (const ExpDtype *dtype)
{
  return dtype->type == EXP_TYPE_FLOAT;
}

static double
as_double (const ExpDtype *from, const guint8 *cell)
{
  if (is_floating (from))
    return exp_cell_double (from, cell);
  gint64 value = exp_cell_int (from, cell);
  return from->type == EXP_TYPE_UINT ? (double)(guint64)value : (double)value;
}

static gboolean
to_int (const ExpDtype *from, const guint8 *cell, guint8 *out, GError **error)
{
  gint64 value;

  if (is_floating (from))
    {
      double number = exp_cell_double (from, cell);

      if (!(number > -9.3e18 && number < 9.2e18))
        {
          g_set_error (error, EXP_ERROR, EXP_ERROR_DAMAGED, "%g cannot be the int that it is noted to be", number);
          return FALSE;
        }
      value = (gint64)number;
    }
  else
    value = exp_cell_int (from, cell);
  memcpy (out, &value, sizeof value);
  return TRUE;
}

static void
put_double (double value, gsize size, guint8 *out)
{
  float single = (float)value;

  memcpy (out, size == 8 ? (void *)&value : (void *)&single, size);
}

static void
to_complex (const ExpDtype *from, const guint8 *cell, const ExpDtype *to, guint8 *out)
{
  gsize half = to->size / 2;

  if (from->type == EXP_TYPE_COMPLEX)
    {
      g_autoptr (ExpDtype) part = exp_dtype_new_number (EXP_TYPE_FLOAT, from->size / 2, from->big_endian);

      put_double (exp_cell_double (part, cell), half, out);
      put_double (exp_cell_double (part, cell + part->size), half, out + half);
      return;
    }
  put_double (as_double (from, cell), half, out);
  put_double (0, half, out + half);
}

static gboolean
cast_array (const ExpDtype *from, const guint8 *cell, const ExpDtype *to, guint8 *out, const char *encoding,
            ExpArray *array, GError **error)
{
  for (gsize i = 0; i < from->size / MAX (from->base->size, 1); i++)
    if (!exp_cast_cell (from->base, cell + i * from->base->size, to->base, out + i * to->base->size, encoding, array,
                        error))
      return FALSE;
  return TRUE;
}

gboolean
exp_cast_cell (const ExpDtype *from, const guint8 *cell, const ExpDtype *to, guint8 *out, const char *encoding,
               ExpArray *array, GError **error)
{
  if (exp_cast_is_identity (from, to))
    {
      memcpy (out, cell, from->size);
      return TRUE;
    }
  switch (to->type)
    {
    case EXP_TYPE_ARRAY:
      return cast_array (from, cell, to, out, encoding, array, error);
    case EXP_TYPE_COMPOUND:
      for (guint i = 0; i < to->n_members; i++)
        if (!exp_cast_cell (from->members[i].dtype, cell + from->members[i].offset, to->members[i].dtype,
                            out + to->members[i].offset, encoding, array, error))
          return FALSE;
      return TRUE;
    case EXP_TYPE_VSTRING:
      return decode_text (from, cell, out, encoding, array, error);
    case EXP_TYPE_BOOL:
      *out = as_double (from, cell) != 0;
      return TRUE;
    case EXP_TYPE_INT:
      return to_int (from, cell, out, error);
    case EXP_TYPE_FLOAT:
      put_double (as_double (from, cell), to->size, out);
      return TRUE;
    case EXP_TYPE_COMPLEX:
      to_complex (from, cell, to, out);
      return TRUE;
    default:
      g_set_error (error, EXP_ERROR, EXP_ERROR_UNSUPPORTED, "no conversion between these types");
      return FALSE;
    }
}

/* The stored cells land in the caller's array as they are: it only calls their type another name. */
static gboolean
read_in_place (ExpNode *inner, const ExpDtype *from, const ExpSlab *slab, ExpArray *array, GError **error)
{
  ExpArray stored = *array;

  if (inner->klass->read == NULL)
    {
      g_set_error (error, EXP_ERROR, EXP_ERROR_IS_A_GROUP, "not a dataset");
      return FALSE;
    }
  stored.dtype = (ExpDtype *)from;
  gboolean is_read = inner->klass->read (inner, slab, &stored, error);
  array->heap = stored.heap;
  array->heap_used = stored.heap_used;
  array->heap_size = stored.heap_size;
  return is_read;
}

gboolean
exp_cast_read (ExpNode *inner, const ExpDtype *from, const ExpSlab *slab, ExpArray *array, const char *encoding,
               GError **error)
{
  if (exp_cast_is_identity (from, array->dtype))
    return read_in_place (inner, from, slab, array, error);

  g_autoptr (ExpArray) stored = exp_array_new_for_slab ((ExpDtype *)from, slab, error);
  if (stored == NULL)
    return FALSE;
  if (stored->n_elements > 0 && !read_in_place (inner, from, slab, stored, error))
    return FALSE;
  for (gsize i = 0; i < stored->n_elements; i++)
    if (!exp_cast_cell (from, stored->data + i * from->size, array->dtype, array->data + i * array->dtype->size,
                        encoding, array, error))
      return FALSE;
  return !exp_dtype_has_vlen (from) || exp_array_own_cells (array, error);
}
