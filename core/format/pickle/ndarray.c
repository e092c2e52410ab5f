/* NumPy's arrays as pickles hold them: checked, and read where they lie.
 * Knows shapes, orders and bytes; not what elements look like.
 * Called by known_numpy.c, known_pandas.c and dataset.c. */
#include "meaning.h"
#include <string.h>

/* Elements without bytes, of which any number would be cheap to claim. */
#define MAX_EMPTY 65536

/* Bytes that are read at a time for elements that lie apart. */
#define WINDOW 65536

static ExpPickleValue *
refuse (const char **refusal, const char *reason)
{
  *refusal = reason;
  return NULL;
}

/* Lengths and their product, in which an axis without any does not hide the others. */
static gboolean
read_shape (ExpPickle *pickle, const ExpPickleValue *shape, ExpPickleArray *array, const char **refusal)
{
  guint64 product = 1;
  gint64 length;

  if (shape->kind != EXP_PICKLE_TUPLE)
    return refuse (refusal, "an array without a shape") != NULL;
  if (shape->n_items > EXP_MAX_RANK)
    return refuse (refusal, "an array of more dimensions than can be shown") != NULL;
  array->rank = shape->n_items;
  array->shape = exp_pickle_allocate (pickle, MAX (array->rank, 1) * sizeof *array->shape);
  array->n_elements = 1;
  for (guint i = 0; array->shape != NULL && i < array->rank; i++)
    {
      if (!exp_pickle_get_int (exp_pickle_item (shape, i), &length) || length < 0)
        return refuse (refusal, "an array with a length that is none") != NULL;
      if (!g_uint64_checked_mul (&product, product, (guint64)MAX (length, 1)) || product > G_MAXINT64)
        return refuse (refusal, "an array of more elements than can be") != NULL;
      array->shape[i] = (guint64)length;
      array->n_elements *= (guint64)length;
    }
  return array->shape != NULL;
}

static guint64
data_length (const ExpPickleValue *data)
{
  return (data->flags & (EXP_PICKLE_IS_LOCATED | EXP_PICKLE_IS_LATIN)) == (EXP_PICKLE_IS_LOCATED | EXP_PICKLE_IS_LATIN)
             ? data->located->n_decoded
             : data->length;
}

static gboolean
set_data (ExpPickleArray *array, const ExpPickleValue *data, const char **refusal)
{
  guint64 size;

  if (data->kind != EXP_PICKLE_BYTES && data->kind != EXP_PICKLE_BYTEARRAY && data->kind != EXP_PICKLE_STR8)
    return refuse (refusal, "an array without its bytes") != NULL;
  if (!g_uint64_checked_mul (&size, array->n_elements, array->type->size) || data_length (data) != size)
    return refuse (refusal, "an array with more or fewer bytes than its shape and type take") != NULL;
  if (array->type->size == 0 && array->n_elements > MAX_EMPTY)
    return refuse (refusal, "an array of very many elements that take no bytes") != NULL;
  array->data = data;
  array->dtype = array->type->dtype;
  return TRUE;
}

ExpPickleValue *
exp_pickle_ndarray (const ExpPickleReading *reading, const ExpPickleValue *shape, const ExpPickleValue *dtype,
                    gboolean is_fortran, ExpPickleValue *data, const char **refusal)
{
  ExpPickle *pickle = reading->pickle;
  ExpPickleValue *value = exp_pickle_value_new (pickle, EXP_PICKLE_ARRAY);
  ExpPickleArray *array = exp_pickle_allocate (pickle, sizeof *array);

  value->array = array;
  if (array == NULL || !read_shape (pickle, shape, array, refusal))
    return NULL;
  array->type = exp_pickle_type (pickle, dtype, reading->depth);
  if (array->type == NULL)
    return refuse (refusal, "an array of a type that is not understood");
  data = exp_pickle_resolve (pickle, data, reading->depth + 1);
  if (array->type->klass == EXP_PICKLE_TYPE_OBJECT)
    {
      if (data == NULL || data->kind != EXP_PICKLE_LIST || data->n_items != array->n_elements)
        return refuse (refusal, "an array of objects without its objects");
      array->type = NULL;
      value->items = data->items;
      value->n_items = value->n_room = data->n_items;
      return value;
    }
  array->is_fortran = is_fortran && array->rank > 1;
  if (data == NULL)
    return refuse (refusal, "an array without its bytes");
  return set_data (array, data, refusal) ? value : NULL;
}

/* --- reading ------------------------------------------------------------------------------------------------ */

/* The array's bytes, a window of them at a time when they are in the source. */
typedef struct
{
  const ExpPickleArray *array;
  const guint8 *bytes; /* all of them, or NULL */
  guint64 size;
  guint8 *window;
  guint64 window_start;
  gsize window_length;
} Bytes;

static gboolean
fetch_direct (const Bytes *self, guint64 offset, gsize length, guint8 *to, GError **error)
{
  const ExpPickleLocated *located = self->array->data->located;

  return exp_source_pread (located->pickle->source, located->offset + offset, length, to, error);
}

static gboolean
fetch (Bytes *self, guint64 offset, gsize length, guint8 *to, GError **error)
{
  if (offset > self->size || length > self->size - offset)
    {
      g_set_error (error, EXP_ERROR, EXP_ERROR_DAMAGED, "an array is shorter than it was");
      return FALSE;
    }
  if (self->bytes != NULL)
    {
      memcpy (to, self->bytes + offset, length);
      return TRUE;
    }
  if (length > WINDOW / 2)
    return fetch_direct (self, offset, length, to, error);
  if (offset < self->window_start || offset + length > self->window_start + self->window_length)
    {
      gsize n = MIN (self->size - offset, WINDOW);

      if (self->window == NULL)
        self->window = g_malloc (WINDOW);
      self->window_length = 0;
      if (!fetch_direct (self, offset, n, self->window, error))
        return FALSE;
      self->window_start = offset;
      self->window_length = n;
    }
  memcpy (to, self->window + (offset - self->window_start), length);
  return TRUE;
}

/* Where the elements of a slab are: in the order of the array that is filled, each axis with the bytes between its
 * neighbours. Axes that are whole are taken together with the one before. */
typedef struct
{
  guint rank;
  guint64 count[EXP_MAX_RANK];
  guint64 stride[EXP_MAX_RANK];
  guint64 start; /* bytes */
} Walk;

static void
walk_init (Walk *walk, const ExpPickleArray *array, const ExpSlab *slab)
{
  guint64 strides[EXP_MAX_RANK], size = array->type->size;

  for (guint i = 0; i < array->rank; i++)
    {
      guint axis = array->is_fortran ? i : array->rank - 1 - i;

      strides[axis] = size;
      size *= array->shape[axis];
    }
  *walk = (Walk){ 0 };
  for (guint axis = 0; axis < array->rank; axis++)
    {
      guint64 stride = strides[axis] * slab->step[axis];

      walk->start += strides[axis] * slab->start[axis];
      if (walk->rank > 0 && walk->stride[walk->rank - 1] == stride * slab->count[axis])
        {
          walk->count[walk->rank - 1] *= slab->count[axis];
          walk->stride[walk->rank - 1] = stride;
          continue;
        }
      walk->count[walk->rank] = slab->count[axis];
      walk->stride[walk->rank++] = stride;
    }
  if (walk->rank == 0)
    {
      walk->count[walk->rank] = 1;
      walk->stride[walk->rank++] = array->type->size;
    }
}

/* The last axis from `offset` on. */
static gboolean
read_run (Bytes *bytes, const Walk *walk, guint64 offset, ExpArray *array, guint8 **to, GError **error)
{
  const ExpPickleType *type = bytes->array->type;
  guint64 count = walk->count[walk->rank - 1], stride = walk->stride[walk->rank - 1];
  g_autofree guint8 *element = NULL;

  if (type->is_plain && stride == type->size)
    {
      if (!fetch (bytes, offset, count * type->size, *to, error))
        return FALSE;
      *to += count * type->size;
      return TRUE;
    }
  element = g_try_malloc (MAX (type->size, 1));
  if (element == NULL)
    {
      g_set_error (error, EXP_ERROR, EXP_ERROR_NO_MEMORY, "no memory for an element of %" G_GSIZE_FORMAT " bytes",
                   type->size);
      return FALSE;
    }
  for (guint64 i = 0; i < count; i++, *to += array->dtype->size)
    {
      if (!fetch (bytes, offset + i * stride, type->size, element, error))
        return FALSE;
      if (!exp_pickle_convert (type, element, *to, array))
        {
          g_set_error (error, EXP_ERROR, EXP_ERROR_NO_MEMORY, "no memory for the texts of an array");
          return FALSE;
        }
    }
  return TRUE;
}

static gboolean
read_all (Bytes *bytes, const Walk *walk, ExpArray *array, GError **error)
{
  guint64 index[EXP_MAX_RANK] = { 0 }, offset = walk->start;
  guint8 *to = array->data;

  for (;;)
    {
      guint axis = walk->rank - 1;

      if (!read_run (bytes, walk, offset, array, &to, error))
        return FALSE;
      while (axis > 0)
        {
          axis--;
          offset += walk->stride[axis];
          if (++index[axis] < walk->count[axis])
            break;
          offset -= walk->stride[axis] * walk->count[axis];
          index[axis] = 0;
          if (axis == 0)
            return TRUE;
        }
      if (walk->rank == 1)
        return TRUE;
    }
}

gboolean
exp_pickle_array_read (const ExpPickleArray *self, GBytes *decoded, const ExpSlab *slab, ExpArray *array,
                       GError **error)
{
  Bytes bytes = { self };
  gsize size = 0;
  gboolean is_done;
  Walk walk;

  if (array->n_elements == 0)
    return TRUE;
  bytes.size = data_length (self->data);
  if (decoded != NULL)
    {
      bytes.bytes = g_bytes_get_data (decoded, &size);
      bytes.size = size;
    }
  else if ((self->data->flags & EXP_PICKLE_IS_LOCATED) == 0)
    bytes.bytes = (const guint8 *)self->data->text;
  walk_init (&walk, self, slab);
  is_done = read_all (&bytes, &walk, array, error);
  g_free (bytes.window);
  return is_done;
}
