/* Pickled values that are no directories, as datasets: scalars, bytes, lists of one kind of thing, arrays, ranges.
 * Knows how each is read, a slab at a time and where it lies.
 * Made by node.c. */
#include "meaning.h"
#include <string.h>

typedef struct
{
  ExpNode base;
  ExpPickle *pickle;
  const ExpPickleValue *record, *value; /* what it stands for */
  GMutex lock;
  GBytes *decoded; /* under lock: of bytes that are held as text */
} Dataset;

static const ExpNodeClass dataset_class;

static gboolean
is_latin (const ExpPickleValue *data)
{
  return (data->flags & EXP_PICKLE_IS_LATIN) != 0;
}

static gboolean
is_bytes (const ExpPickleValue *value)
{
  return value->kind == EXP_PICKLE_BYTES || value->kind == EXP_PICKLE_BYTEARRAY;
}

/* What the class says that the kind of file does not. */
const char *
exp_pickle_class_name (const ExpPickleValue *record)
{
  const char *name = record->kind == EXP_PICKLE_CALL ? record->call->class_name : NULL;

  if (name != NULL)
    return exp_class_name_intern (name);
  switch (exp_pickle_meaning (record)->kind)
    {
    case EXP_PICKLE_NONE:
      return "NoneType";
    case EXP_PICKLE_TUPLE:
      return record->kind == EXP_PICKLE_CALL ? NULL : "tuple";
    case EXP_PICKLE_SET:
      return "set";
    case EXP_PICKLE_FROZENSET:
      return "frozenset";
    case EXP_PICKLE_BYTES:
      return "bytes";
    case EXP_PICKLE_BYTEARRAY:
      return "bytearray";
    case EXP_PICKLE_BIG_INT:
      return "int";
    case EXP_PICKLE_GLOBAL:
      return "type";
    default:
      return NULL;
    }
}

char **
exp_pickle_list_attributes (const ExpPickleValue *record)
{
  const ExpPickleValue *attributes = record->kind == EXP_PICKLE_CALL ? record->call->attributes : NULL;
  guint n = attributes != NULL ? attributes->n_items / 2 : 0;
  char **names = g_new0 (char *, n + 1);

  for (guint i = 0; i < n; i++)
    names[i] = g_strdup (attributes->items[2 * i]->text);
  return names;
}

ExpArray *
exp_pickle_read_attribute (const ExpPickleValue *record, const char *name, GError **error)
{
  const ExpPickleValue *attributes = record->kind == EXP_PICKLE_CALL ? record->call->attributes : NULL;
  const ExpPickleValue *value = attributes != NULL ? exp_pickle_get (attributes, name) : NULL;

  if (value != NULL)
    return exp_pickle_to_array (value, error);
  g_set_error (error, EXP_ERROR, EXP_ERROR_NOT_FOUND, "no attribute '%s'", name);
  return NULL;
}

static void
set_vector (ExpInfo *info, ExpDtype *dtype, guint64 length)
{
  info->dtype = dtype;
  info->rank = 1;
  info->shape[0] = length;
}

/* A list of mixed things that is a dataset all the same. */
static gboolean
is_text_list (const ExpPickleValue *value)
{
  return (value->flags & EXP_PICKLE_IS_MIXED) != 0;
}

static void
describe_items (const ExpPickleValue *value, ExpInfo *info)
{
  const ExpPickleValue *first = exp_pickle_item (value, 0);

  set_vector (info, NULL, value->n_items);
  if (is_text_list (value))
    info->dtype = exp_dtype_new_vstring (TRUE);
  else if (first != NULL && first->kind == EXP_PICKLE_ARRAY)
    info->dtype = exp_dtype_ref (first->array->dtype);
  else
    info->dtype = exp_pickle_element_dtype (first != NULL ? (ExpPickleKind)first->kind : EXP_PICKLE_FLOAT);
  if (value->kind == EXP_PICKLE_ARRAY)
    {
      info->rank = value->array->rank;
      memcpy (info->shape, value->array->shape, info->rank * sizeof *info->shape);
    }
}

static guint64
bytes_length (const ExpPickleValue *value)
{
  return is_latin (value) ? value->located->n_decoded : value->length;
}

static gboolean
dataset_describe (ExpNode *node, ExpInfo *info, GError **error)
{
  const Dataset *self = (Dataset *)node;
  const ExpPickleValue *value = self->value;
  const char *refusal = exp_pickle_refusal (value);

  if (value->kind == EXP_PICKLE_CALL)
    {
      g_set_error (error, EXP_ERROR, EXP_ERROR_DAMAGED, "the pickle has %s",
                   refusal != NULL ? refusal : "a value that cannot be");
      return FALSE;
    }
  info->kind = EXP_KIND_DATASET;
  info->class_name = exp_pickle_class_name (self->record);
  if (is_bytes (value))
    {
      set_vector (info, exp_dtype_new_number (EXP_TYPE_UINT, 1, FALSE), bytes_length (value));
      info->is_bytes = TRUE;
    }
  else if (value->kind == EXP_PICKLE_RANGE)
    set_vector (info, exp_pickle_element_dtype (EXP_PICKLE_INT), value->range->count);
  else if (value->kind == EXP_PICKLE_ARRAY && value->array->type != NULL)
    {
      info->dtype = exp_dtype_ref (value->array->dtype);
      info->rank = value->array->rank;
      memcpy (info->shape, value->array->shape, info->rank * sizeof *info->shape);
    }
  else if (value->kind >= EXP_PICKLE_LIST && value->kind != EXP_PICKLE_GLOBAL)
    describe_items (value, info);
  else
    info->dtype = exp_pickle_element_dtype (value->kind);
  info->is_at_hand = info->rank == 0 && (value->flags & EXP_PICKLE_IS_LOCATED) == 0;
  return TRUE;
}

/* The bytes that a text stands for, made once. */
static GBytes *
get_decoded (Dataset *self, const ExpPickleValue *data, GError **error)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);

  if (self->decoded == NULL)
    self->decoded = exp_pickle_load (data, G_MAXUINT64, FALSE, error);
  return self->decoded;
}

static gboolean
read_bytes (Dataset *self, const ExpSlab *slab, ExpArray *array, GError **error)
{
  guint64 shape[] = { bytes_length (self->value) };
  ExpPickleType type = { EXP_PICKLE_TYPE_PLAIN, TRUE, FALSE, 1, array->dtype };
  ExpPickleArray bytes = { &type, array->dtype, 1, shape, shape[0], FALSE, self->value };
  GBytes *decoded = is_latin (self->value) ? get_decoded (self, self->value, error) : NULL;

  return (decoded != NULL || !is_latin (self->value)) && exp_pickle_array_read (&bytes, decoded, slab, array, error);
}

/* One number or text into its cell. */
static gboolean
put_value (ExpPickleTexts *texts, gsize index, const ExpPickleValue *value, GError **error)
{
  ExpArray *array = texts->array;
  guint8 *cell = array->data + index * array->dtype->size;
  ExpSlab all = { 0 };
  g_autoptr (ExpArray) one = NULL;

  switch (value->kind)
    {
    case EXP_PICKLE_BOOL:
    case EXP_PICKLE_INT:
    case EXP_PICKLE_FLOAT:
    case EXP_PICKLE_COMPLEX:
      exp_pickle_put_number (cell, value);
      return TRUE;
    case EXP_PICKLE_ARRAY:
      one = exp_array_new (array->dtype, 0, NULL, error);
      if (one == NULL || !exp_pickle_array_read (value->array, NULL, &all, one, error))
        return FALSE;
      memcpy (cell, one->data, array->dtype->size);
      return TRUE;
    default:
      return exp_pickle_texts_put (texts, index, value, error);
    }
}

/* Elements one after another, wherever the slab has them. */
static gboolean
read_items (const Dataset *self, const ExpSlab *slab, ExpArray *array, GError **error)
{
  const ExpPickleValue *value = self->value;
  const guint64 *shape = value->kind == EXP_PICKLE_ARRAY ? value->array->shape : NULL;
  gboolean (*put) (ExpPickleTexts *, gsize, const ExpPickleValue *, GError **)
      = is_text_list (value) ? exp_pickle_texts_put : put_value;
  g_auto (ExpPickleTexts) texts = { 0 };

  exp_pickle_texts_init (&texts, array, value->n_items);
  for (gsize i = 0; i < array->n_elements; i++)
    {
      guint64 rest = i, index = 0, stride = 1;

      for (guint axis = slab->rank; axis > 0; axis--)
        {
          index += (slab->start[axis - 1] + rest % slab->count[axis - 1] * slab->step[axis - 1]) * stride;
          rest /= slab->count[axis - 1];
          stride *= shape != NULL ? shape[axis - 1] : 1;
        }
      if (!put (&texts, i, exp_pickle_item (value, (guint)index), error))
        return FALSE;
    }
  return TRUE;
}

static gboolean
dataset_read (ExpNode *node, const ExpSlab *slab, ExpArray *array, GError **error)
{
  Dataset *self = (Dataset *)node;
  const ExpPickleValue *value = self->value;
  g_auto (ExpPickleTexts) texts = { 0 };
  GBytes *decoded = NULL;

  if (value->kind == EXP_PICKLE_CALL)
    {
      ExpInfo info = { 0 };
      return dataset_describe (node, &info, error);
    }
  if (is_bytes (value))
    return read_bytes (self, slab, array, error);
  if (value->kind == EXP_PICKLE_RANGE)
    {
      for (gsize i = 0; i < array->n_elements; i++)
        ((gint64 *)array->data)[i]
            = value->range->start + (gint64)(slab->start[0] + i * slab->step[0]) * value->range->step;
      return TRUE;
    }
  if (value->kind == EXP_PICKLE_ARRAY && value->array->type != NULL)
    {
      if (is_latin (value->array->data) && (decoded = get_decoded (self, value->array->data, error)) == NULL)
        return FALSE;
      return exp_pickle_array_read (value->array, decoded, slab, array, error);
    }
  if (value->kind >= EXP_PICKLE_LIST && value->kind != EXP_PICKLE_GLOBAL)
    return read_items (self, slab, array, error);
  exp_pickle_texts_init (&texts, array, 1);
  return put_value (&texts, 0, value, error);
}

static void
release_pickle (gconstpointer owner)
{
  exp_pickle_unref ((ExpPickle *)owner);
}

/* Bytes and arrays that lie as they are shown. */
static gboolean
dataset_locate (ExpNode *node, guint64 first, gsize n, ExpRun *run)
{
  const Dataset *self = (Dataset *)node;
  const ExpPickleValue *value = self->value, *data = value;
  guint64 size = 1, n_elements;

  if (value->kind == EXP_PICKLE_ARRAY)
    {
      if (value->array->type == NULL || !value->array->type->is_plain || value->array->is_fortran)
        return FALSE;
      data = value->array->data;
      size = value->array->type->size;
    }
  else if (!is_bytes (value))
    return FALSE;
  if (is_latin (data) || size == 0)
    return FALSE;
  n_elements = data->length / size;
  if (first >= n_elements)
    return FALSE;
  *run = (ExpRun){ .length = MIN (n, n_elements - first) * size, .fd = -1 };
  if ((data->flags & EXP_PICKLE_IS_LOCATED) != 0)
    {
      run->fd = exp_source_fd (self->pickle->source);
      run->position = data->located->offset + first * size;
      return run->fd >= 0;
    }
  run->bytes = (const guint8 *)data->text + first * size;
  run->release = release_pickle;
  run->owner = exp_pickle_ref (self->pickle);
  return TRUE;
}

static char **
dataset_list_attributes (ExpNode *node, GError **error)
{
  return exp_pickle_list_attributes (((Dataset *)node)->record);
}

static ExpArray *
dataset_read_attribute (ExpNode *node, const char *name, GError **error)
{
  return exp_pickle_read_attribute (((Dataset *)node)->record, name, error);
}

static void
dataset_free (ExpNode *node)
{
  Dataset *self = (Dataset *)node;

  g_clear_pointer (&self->decoded, g_bytes_unref);
  g_mutex_clear (&self->lock);
  exp_pickle_unref (self->pickle);
  g_free (self);
}

static const ExpNodeClass dataset_class = {
  .free = dataset_free,
  .describe = dataset_describe,
  .read = dataset_read,
  .locate = dataset_locate,
  .list_attributes = dataset_list_attributes,
  .read_attribute = dataset_read_attribute,
};

ExpNode *
exp_pickle_dataset_new (ExpPickle *pickle, const ExpPickleValue *record)
{
  Dataset *self = g_new0 (Dataset, 1);

  exp_node_init (&self->base, &dataset_class);
  g_mutex_init (&self->lock);
  self->pickle = exp_pickle_ref (pickle);
  self->record = record;
  self->value = exp_pickle_meaning (record);
  return &self->base;
}
