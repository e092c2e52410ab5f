/* Arrays in memory, their heap, and hyperslabs.
 * Knows neither how cells print nor where they come from.
 * Called by formats that fill arrays and by everybody who reads them. */
#include "expfs/array.h"
#include "expfs/error.h"
#include <math.h>
#include <string.h>

void
exp_slab_init_all (ExpSlab *slab, guint rank, const guint64 *shape)
{
  slab->rank = rank;
  for (guint i = 0; i < rank; i++)
    {
      slab->start[i] = 0;
      slab->count[i] = shape[i];
      slab->step[i] = 1;
    }
}

gboolean
exp_slab_count (const ExpSlab *slab, gsize *n_elements)
{
  gsize n = 1;

  for (guint i = 0; i < slab->rank; i++)
    if (!g_size_checked_mul (&n, n, slab->count[i]))
      return FALSE;
  *n_elements = n;
  return TRUE;
}

gboolean
exp_slab_check (const ExpSlab *slab, guint rank, const guint64 *shape, GError **error)
{
  gboolean is_inside = slab->rank == rank;

  for (guint i = 0; is_inside && i < rank; i++)
    {
      guint64 last;

      if (slab->count[i] == 0)
        continue;
      is_inside = slab->step[i] >= 1 && g_uint64_checked_mul (&last, slab->count[i] - 1, slab->step[i])
                  && g_uint64_checked_add (&last, last, slab->start[i]) && last < shape[i];
    }
  if (!is_inside)
    g_set_error (error, EXP_ERROR, EXP_ERROR_INVALID, "the selection lies outside the dataset");
  return is_inside;
}

ExpArray *
exp_array_new (ExpDtype *dtype, guint rank, const guint64 *shape, GError **error)
{
  gsize n = 1, size;
  gboolean fits = rank <= EXP_MAX_RANK;

  for (guint i = 0; fits && i < rank; i++)
    fits = g_size_checked_mul (&n, n, shape[i]);
  if (!fits || !g_size_checked_mul (&size, n, dtype->size))
    {
      g_set_error (error, EXP_ERROR, EXP_ERROR_TOO_LARGE, "the array is larger than memory can address");
      return NULL;
    }

  guint8 *data = size > 0 ? g_try_malloc0 (size) : NULL;
  if (data == NULL && size > 0)
    {
      g_set_error (error, EXP_ERROR, EXP_ERROR_NO_MEMORY, "no memory for %" G_GSIZE_FORMAT " bytes", size);
      return NULL;
    }

  ExpArray *array = g_new0 (ExpArray, 1);
  g_atomic_ref_count_init (&array->references);
  array->dtype = exp_dtype_ref (dtype);
  array->rank = rank;
  if (rank > 0) /* shape may be NULL else */
    memcpy (array->shape, shape, rank * sizeof *shape);
  array->n_elements = n;
  array->data = data;
  return array;
}

ExpArray *
exp_array_new_for_slab (ExpDtype *dtype, const ExpSlab *slab, GError **error)
{
  return exp_array_new (dtype, slab->rank, slab->count, error);
}

ExpArray *
exp_array_new_texts (gsize n, const char *const *texts)
{
  g_autoptr (ExpDtype) dtype = exp_dtype_new_vstring (TRUE);
  ExpArray *array = exp_array_new (dtype, 1, &(guint64){ n }, NULL);
  ExpVlen *cells = (ExpVlen *)array->data;

  for (gsize i = 0; i < n; i++)
    {
      cells[i].length = strlen (texts[i]);
      cells[i].data = exp_array_allocate (array, cells[i].length + 1);
      memcpy (cells[i].data, texts[i], cells[i].length);
    }
  return array;
}

ExpArray *
exp_array_new_text (const char *text)
{
  ExpArray *array = exp_array_new_texts (1, &text);

  array->rank = 0;
  return array;
}

static ExpArray *
new_scalar (ExpTypeClass type, gsize size, const void *value)
{
  g_autoptr (ExpDtype) dtype = exp_dtype_new_number (type, size, G_BYTE_ORDER == G_BIG_ENDIAN);
  ExpArray *array = exp_array_new (dtype, 0, NULL, NULL);

  memcpy (array->data, value, size);
  return array;
}

ExpArray *
exp_array_new_int (gint64 value)
{
  return new_scalar (EXP_TYPE_INT, sizeof value, &value);
}

ExpArray *
exp_array_new_float (double value)
{
  return new_scalar (EXP_TYPE_FLOAT, sizeof value, &value);
}

ExpArray *
exp_array_new_bool (gboolean value)
{
  guint8 byte = value != FALSE;

  return new_scalar (EXP_TYPE_BOOL, 1, &byte);
}

ExpArray *
exp_array_ref (ExpArray *array)
{
  g_atomic_ref_count_inc (&array->references);
  return array;
}

void
exp_array_unref (ExpArray *array)
{
  if (array == NULL || !g_atomic_ref_count_dec (&array->references))
    return;
  exp_dtype_unref (array->dtype);
  g_free (array->data);
  g_clear_pointer (&array->heap, g_ptr_array_unref);
  g_free (array);
}

gpointer
exp_array_allocate (ExpArray *array, gsize size)
{
  const gsize block_size = 16 * 1024;
  gsize rounded;

  if (!g_size_checked_add (&rounded, size, 15))
    return NULL;
  rounded &= ~(gsize)15;
  if (array->heap == NULL)
    array->heap = g_ptr_array_new_with_free_func (g_free);
  if (array->heap_size - array->heap_used < rounded || array->heap->len == 0)
    {
      gsize block = MAX (rounded, array->n_elements > 16 ? block_size : 256);
      gpointer data = g_try_malloc0 (block);

      if (data == NULL)
        return NULL;
      g_ptr_array_add (array->heap, data);
      array->heap_used = 0;
      array->heap_size = block;
    }

  guint8 *last = g_ptr_array_index (array->heap, array->heap->len - 1);
  array->heap_used += rounded;
  return last + array->heap_used - rounded;
}

/* Gives the cells of `array` heap memory of their own. */
static gboolean
own_cells (const ExpDtype *dtype, guint8 *cell, gsize n, ExpArray *array)
{
  for (gsize i = 0; i < n; i++, cell += dtype->size)
    switch (dtype->type)
      {
      case EXP_TYPE_COMPOUND:
        for (guint m = 0; m < dtype->n_members; m++)
          if (exp_dtype_has_vlen (dtype->members[m].dtype)
              && !own_cells (dtype->members[m].dtype, cell + dtype->members[m].offset, 1, array))
            return FALSE;
        break;
      case EXP_TYPE_ARRAY:
        if (dtype->base->size > 0 && !own_cells (dtype->base, cell, dtype->size / dtype->base->size, array))
          return FALSE;
        break;
      case EXP_TYPE_VSTRING:
      case EXP_TYPE_REFERENCE:
      case EXP_TYPE_VLEN:
        {
          ExpVlen vlen;
          gsize element = dtype->type == EXP_TYPE_VLEN ? dtype->base->size : 1, size;

          memcpy (&vlen, cell, sizeof vlen);
          if (!g_size_checked_mul (&size, vlen.length, element))
            return FALSE;
          gpointer copy = exp_array_allocate (array, size);
          if (copy == NULL)
            return FALSE;
          if (size > 0)
            memcpy (copy, vlen.data, size);
          vlen.data = copy;
          memcpy (cell, &vlen, sizeof vlen);
          if (dtype->type == EXP_TYPE_VLEN && exp_dtype_has_vlen (dtype->base)
              && !own_cells (dtype->base, copy, vlen.length, array))
            return FALSE;
          break;
        }
      default:
        return TRUE;
      }
  return TRUE;
}

gboolean
exp_array_own_cells (ExpArray *array, GError **error)
{
  if (!exp_dtype_has_vlen (array->dtype) || own_cells (array->dtype, array->data, array->n_elements, array))
    return TRUE;
  g_set_error (error, EXP_ERROR, EXP_ERROR_NO_MEMORY, "no memory for variable-length cells");
  return FALSE;
}

const char *
exp_cell_text (const ExpDtype *dtype, const guint8 *cell, gsize *length)
{
  if (dtype->type == EXP_TYPE_VSTRING || dtype->type == EXP_TYPE_REFERENCE)
    {
      ExpVlen vlen;

      memcpy (&vlen, cell, sizeof vlen);
      *length = vlen.length;
      return vlen.data != NULL ? vlen.data : "";
    }

  gsize n = dtype->size;
  if (dtype->pad == EXP_PAD_NUL_TERMINATED)
    n = strnlen ((const char *)cell, n);
  else
    while (n > 0 && cell[n - 1] == (dtype->pad == EXP_PAD_SPACE ? ' ' : '\0'))
      n--;
  *length = n;
  return (const char *)cell;
}

/* Bytes of the cell, least significant first, in `bytes`. */
static void
load_little_endian (const ExpDtype *dtype, const guint8 *cell, guint8 *bytes)
{
  for (gsize i = 0; i < dtype->size; i++)
    bytes[i] = cell[dtype->big_endian ? dtype->size - 1 - i : i];
}

gint64
exp_cell_int (const ExpDtype *dtype, const guint8 *cell)
{
  guint8 bytes[8] = { 0 };
  guint64 value = 0;

  if (dtype->type == EXP_TYPE_ENUM)
    dtype = dtype->base;
  if (dtype->size > 8)
    return 0;
  load_little_endian (dtype, cell, bytes);
  for (gsize i = dtype->size; i-- > 0;)
    value = value << 8 | bytes[i];
  if (dtype->type == EXP_TYPE_INT && dtype->size < 8 && dtype->size > 0)
    {
      guint shift = 64 - 8 * dtype->size;

      return (gint64)(value << shift) >> shift;
    }
  return (gint64)value;
}

static double
half_to_double (guint16 bits)
{
  int exponent = bits >> 10 & 31;
  double mantissa = bits & 1023;
  double magnitude = exponent == 0    ? ldexp (mantissa, -24)
                     : exponent == 31 ? (mantissa == 0 ? INFINITY : NAN)
                                      : ldexp (mantissa + 1024, exponent - 25);

  return bits & 0x8000 ? -magnitude : magnitude;
}

double
exp_cell_double (const ExpDtype *dtype, const guint8 *cell)
{
  guint8 bytes[16] = { 0 };

  if (dtype->type != EXP_TYPE_FLOAT)
    {
      const ExpDtype *number = dtype->type == EXP_TYPE_ENUM ? dtype->base : dtype;
      gint64 value = exp_cell_int (dtype, cell);

      return number->type == EXP_TYPE_INT ? (double)value : (double)(guint64)value;
    }
  if (dtype->size > 16)
    return NAN;
  load_little_endian (dtype, cell, bytes);
  switch (dtype->size)
    {
    case 2:
      return half_to_double (bytes[0] | bytes[1] << 8);
    case 4:
      {
        float value;
        memcpy (&value, bytes, 4);
        return value;
      }
    case 8:
      {
        double value;
        memcpy (&value, bytes, 8);
        return value;
      }
    case 16:
      if (dtype->is_quad)
        {
          _Float128 value;
          memcpy (&value, bytes, 16);
          return (double)value;
        }
      else
        {
          long double value;
          memcpy (&value, bytes, 16);
          return (double)value;
        }
    default:
      return NAN;
    }
}

char *
exp_array_dup_text (const ExpArray *array)
{
  ExpTypeClass type = array->dtype->type;
  gsize length;

  if (array->n_elements != 1 || (type != EXP_TYPE_STRING && type != EXP_TYPE_VSTRING && type != EXP_TYPE_REFERENCE))
    return NULL;

  const char *text = exp_cell_text (array->dtype, array->data, &length);
  return g_strndup (text, length);
}

gboolean
exp_array_get_int (const ExpArray *array, gint64 *value)
{
  switch (array->dtype->type)
    {
    case EXP_TYPE_BOOL:
    case EXP_TYPE_INT:
    case EXP_TYPE_UINT:
    case EXP_TYPE_ENUM:
    case EXP_TYPE_BITFIELD:
      break;
    default:
      return FALSE;
    }
  if (array->n_elements != 1 || array->dtype->size > 8)
    return FALSE;
  *value = exp_cell_int (array->dtype, array->data);
  return TRUE;
}
