/* NumPy's arrays, scalars and element types as pickles hold them.
 * Knows what numpy.ndarray.__reduce__ and numpy.dtype.__reduce__ give; makes arrays of numbers and of fixed text.
 * Called by object.c. */
#include "machine.h"
#include <stdlib.h>
#include <string.h>

gboolean
exp_pickle_is_ndarray (const ExpPickleValue *object)
{
  return exp_pickle_is_text (object, "numpy.core.multiarray._reconstruct")
         || exp_pickle_is_text (object, "numpy._core.multiarray._reconstruct");
}

/* "f8", "i4", "b1", "c16", "S5", "U3", "O8". */
static ExpDtype *
parse_code (const char *code, gsize length, gboolean big_endian, gboolean *is_object)
{
  g_autofree char *digits = length > 1 ? g_strndup (code + 1, length - 1) : g_strdup ("0");
  guint64 size = g_ascii_strtoull (digits, NULL, 10);
  gboolean is_power = size == 1 || size == 2 || size == 4 || size == 8;

  *is_object = length > 0 && code[0] == 'O';
  switch (length > 0 ? code[0] : 0)
    {
    case 'b':
      return size == 1 ? exp_dtype_new_number (EXP_TYPE_BOOL, 1, FALSE) : NULL;
    case 'i':
      return is_power ? exp_dtype_new_number (EXP_TYPE_INT, size, big_endian) : NULL;
    case 'u':
      return is_power ? exp_dtype_new_number (EXP_TYPE_UINT, size, big_endian) : NULL;
    case 'f':
      return is_power && size > 1 ? exp_dtype_new_number (EXP_TYPE_FLOAT, size, big_endian) : NULL;
    case 'c':
      return size == 8 || size == 16 ? exp_dtype_new_number (EXP_TYPE_COMPLEX, size, big_endian) : NULL;
    case 'S':
      return size > 0 && size <= G_MAXINT32 ? exp_dtype_new_string (size, EXP_PAD_NUL, FALSE) : NULL;
    default:
      return NULL;
    }
}

/* numpy.dtype('f8', False, True) with the state (3, '<', ...). */
ExpDtype *
exp_pickle_dtype (const ExpPickleValue *object, gboolean *is_object)
{
  const ExpPickleValue *code = object != NULL ? exp_pickle_item (object, 0) : NULL;

  *is_object = FALSE;
  if (object == NULL || object->kind != EXP_PICKLE_OBJECT || !exp_pickle_is_text (object, "numpy.dtype") || code == NULL
      || (code->kind != EXP_PICKLE_TEXT && code->kind != EXP_PICKLE_BYTES))
    return NULL;

  const ExpPickleValue *order = object->state != NULL ? exp_pickle_item (object->state, 1) : NULL;
  return parse_code (code->text, code->length, exp_pickle_is_text (order, ">"), is_object);
}

static gboolean
read_shape (const ExpPickleValue *tuple, ExpPickleValue *to, gsize *n)
{
  gint64 length;

  *n = 1;
  to->rank = tuple != NULL ? exp_pickle_n_items (tuple) : 0;
  if (tuple == NULL || tuple->kind != EXP_PICKLE_TUPLE || to->rank > EXP_MAX_RANK)
    return FALSE;
  for (guint i = 0; i < to->rank; i++)
    {
      if (!exp_pickle_get_int (exp_pickle_item (tuple, i), &length) || length < 0
          || !g_size_checked_mul (n, *n, (gsize)length))
        return FALSE;
      to->shape[i] = length;
    }
  return TRUE;
}

/* Fortran order: the last axis of the bytes is the first of the array. */
static void
copy_transposed (const ExpPickleValue *shape, const guint8 *from, gsize size, ExpArray *array)
{
  for (gsize i = 0; i < array->n_elements; i++)
    {
      gsize rest = i, offset = 0, stride = 1;
      gsize index[EXP_MAX_RANK];

      for (guint axis = shape->rank; axis > 0; axis--)
        {
          index[axis - 1] = rest % shape->shape[axis - 1];
          rest /= shape->shape[axis - 1];
        }
      for (guint axis = 0; axis < shape->rank; axis++)
        {
          offset += index[axis] * stride;
          stride *= shape->shape[axis];
        }
      memcpy (array->data + i * size, from + offset * size, size);
    }
}

/* Text of fixed width, four bytes a character. */
static ExpArray *
new_texts (const ExpPickleValue *shape, const guint8 *data, gsize n_characters, gboolean big_endian)
{
  g_autoptr (ExpDtype) dtype = exp_dtype_new_vstring (TRUE);
  g_autoptr (ExpArray) array = exp_array_new (dtype, shape->rank, shape->shape, NULL);
  g_autoptr (GString) text = g_string_new (NULL);

  for (gsize i = 0; array != NULL && i < array->n_elements; i++)
    {
      ExpVlen *cell = (ExpVlen *)array->data + i;

      g_string_truncate (text, 0);
      for (gsize k = 0; k < n_characters; k++)
        {
          guint32 code;

          memcpy (&code, data + (i * n_characters + k) * 4, sizeof code);
          code = big_endian ? GUINT32_FROM_BE (code) : GUINT32_FROM_LE (code);
          if (code == 0)
            break;
          g_string_append_unichar (text, g_unichar_validate (code) ? code : 0xfffd);
        }
      cell->data = exp_array_allocate (array, text->len);
      if (cell->data == NULL && text->len > 0)
        return NULL;
      if (text->len > 0)
        memcpy (cell->data, text->str, text->len);
      cell->length = text->len;
    }
  return g_steal_pointer (&array);
}

/* FALSE when the elements are no text of fixed width. */
static gboolean
build_texts (ExpPickleValue *object, const ExpPickleValue *dtype, const ExpPickleValue *data, gsize n)
{
  const ExpPickleValue *code = dtype != NULL ? exp_pickle_item (dtype, 0) : NULL;
  gsize size;

  if (code == NULL || !exp_pickle_is_text (dtype, "numpy.dtype") || code->text == NULL || code->length < 2
      || code->text[0] != 'U' || data->text == NULL)
    return FALSE;

  g_autofree char *digits = g_strndup (code->text + 1, code->length - 1);
  guint64 width = g_ascii_strtoull (digits, NULL, 10);
  const ExpPickleValue *order = dtype->state != NULL ? exp_pickle_item (dtype->state, 1) : NULL;
  if (width == 0 || width > G_MAXINT32 || !g_size_checked_mul (&size, n, width * 4) || data->length < size)
    return FALSE;
  object->array = new_texts (object, (const guint8 *)data->text, width, exp_pickle_is_text (order, ">"));
  return object->array != NULL;
}

/* The state is (version, shape, dtype, is_fortran, bytes or list). */
void
exp_pickle_build_ndarray (ExpPickle *pickle, ExpPickleValue *object, const ExpPickleValue *state)
{
  const ExpPickleValue *data = exp_pickle_item (state, 4);
  gint64 is_fortran = 0;
  gboolean is_object;
  gsize n, size;

  if (state->kind != EXP_PICKLE_TUPLE || data == NULL || !read_shape (exp_pickle_item (state, 1), object, &n))
    return;
  exp_pickle_get_int (exp_pickle_item (state, 3), &is_fortran);

  g_autoptr (ExpDtype) dtype = exp_pickle_dtype (exp_pickle_item (state, 2), &is_object);
  if (is_object && data->kind == EXP_PICKLE_LIST && exp_pickle_n_items (data) == n)
    {
      g_clear_pointer (&object->items, g_ptr_array_unref);
      object->items = data->items != NULL ? g_ptr_array_ref (data->items) : NULL;
      object->kind = EXP_PICKLE_ARRAY;
      return;
    }
  if (is_fortran == 0 && build_texts (object, exp_pickle_item (state, 2), data, n))
    {
      object->kind = EXP_PICKLE_ARRAY;
      return;
    }
  if (dtype == NULL || data->text == NULL || !g_size_checked_mul (&size, n, dtype->size) || data->length < size)
    return;

  object->array = exp_array_new (dtype, object->rank, object->shape, NULL);
  if (object->array == NULL)
    return;
  if (is_fortran != 0 && object->rank > 1)
    copy_transposed (object, (const guint8 *)data->text, dtype->size, object->array);
  else if (size > 0)
    memcpy (object->array->data, data->text, size);
  object->kind = EXP_PICKLE_ARRAY;
}

ExpPickleValue *
exp_pickle_scalar (ExpPickle *pickle, const ExpPickleValue *dtype, const ExpPickleValue *bytes)
{
  gboolean is_object;
  g_autoptr (ExpDtype) type = exp_pickle_dtype (dtype, &is_object);

  if (type == NULL || bytes->text == NULL || bytes->length < type->size)
    return NULL;
  ExpArray *array = exp_array_new (type, 0, NULL, NULL);
  if (array == NULL)
    return NULL;
  memcpy (array->data, bytes->text, type->size);
  ExpPickleValue *value = exp_pickle_value_new (pickle, EXP_PICKLE_ARRAY);
  value->array = array;
  return value;
}
