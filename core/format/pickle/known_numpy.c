/* NumPy's arrays, scalars, types and masked arrays as pickles have them.
 * Knows what their __reduce__ gives, of NumPy 1 and 2.
 * Called by meaning.c. */
#include "meaning.h"

ExpPickleValue *
exp_pickle_array_of_state (const ExpPickleReading *reading, const ExpPickleValue *state, const char **refusal)
{
  gint64 version, is_fortran;

  if (state == NULL || state->kind != EXP_PICKLE_TUPLE || state->n_items < 5)
    {
      *refusal = "an array without its state";
      return NULL;
    }
  if (!exp_pickle_get_int (exp_pickle_item (state, 0), &version) || version != 1)
    {
      *refusal = "an array whose state is of another version than 1";
      return NULL;
    }
  if (!exp_pickle_get_int (exp_pickle_item (state, 3), &is_fortran))
    {
      *refusal = "an array without an order";
      return NULL;
    }
  return exp_pickle_ndarray (reading, state->items[1], state->items[2], is_fortran != 0, state->items[4], refusal);
}

/* The unit of time spans, for who has their count. */
static void
tell_unit (const ExpPickleReading *reading, const ExpPickleValue *array)
{
  const ExpPickleType *type = array->array->type;

  if (type != NULL && type->klass == EXP_PICKLE_TYPE_PLAIN && type->unit != NULL)
    exp_pickle_set_attribute (reading, "unit",
                              type->n_units == 1 ? exp_pickle_new_text (reading->pickle, "%s", type->unit)
                                                 : exp_pickle_new_text (reading->pickle, "%" G_GINT64_FORMAT "%s",
                                                                        type->n_units, type->unit));
}

/* The array, or why there is none. */
static ExpPickleValue *
settle (const ExpPickleReading *reading, ExpPickleValue *array, const char *refusal)
{
  if (array == NULL)
    reading->call->refusal = refusal;
  else
    tell_unit (reading, array);
  return array;
}

static ExpPickleValue *
known_reconstruct (const ExpPickleReading *reading)
{
  ExpPickleCall *call = reading->call;
  const ExpPickleValue *klass = exp_pickle_n_arguments (reading) > 0 ? reading->arguments->items[0] : NULL;
  const ExpPickleValue *state = exp_pickle_state (reading);
  const char *refusal = NULL;
  ExpPickleValue *array;
  gboolean is_plain;

  if (klass == NULL || klass->kind != EXP_PICKLE_GLOBAL || reading->items != NULL || reading->pairs != NULL)
    return NULL;
  is_plain = exp_pickle_is_named (klass, "numpy.ndarray");
  call->class_name = is_plain ? NULL : klass->text;
  /* Subclasses have states of their own. */
  if (!is_plain && state != NULL && state->kind == EXP_PICKLE_TUPLE && state->n_items != 5)
    return NULL;
  array = exp_pickle_array_of_state (reading, state, &refusal);
  return settle (reading, array, refusal);
}

/* An array of bytes in the pickle, of protocol 5. */
static ExpPickleValue *
known_frombuffer (const ExpPickleReading *reading)
{
  const ExpPickleValue *order = exp_pickle_argument (reading, 3);
  ExpPickleValue *array, **items = reading->arguments->items;
  gboolean is_fortran = exp_pickle_is_text (order, "F");
  const char *refusal = NULL;

  if (exp_pickle_n_arguments (reading) < 4 || !exp_pickle_is_bare (reading))
    return NULL;
  reading->call->class_name = NULL;
  if (!is_fortran && !exp_pickle_is_text (order, "C"))
    {
      reading->call->refusal = "an array in an order that is neither C nor F";
      return NULL;
    }
  array = exp_pickle_ndarray (reading, items[2], items[1], is_fortran, items[0], &refusal);
  return settle (reading, array, refusal);
}

static ExpPickleValue *
known_scalar (const ExpPickleReading *reading)
{
  ExpPickleValue *empty = exp_pickle_value_new (reading->pickle, EXP_PICKLE_TUPLE), *array;
  const ExpPickleType *type;
  const char *refusal = NULL;

  if (exp_pickle_n_arguments (reading) != 2 || !exp_pickle_is_bare (reading))
    return NULL;
  reading->call->class_name = NULL;
  type = exp_pickle_type (reading->pickle, reading->arguments->items[0], reading->depth);
  if (type != NULL && type->klass == EXP_PICKLE_TYPE_OBJECT)
    return exp_pickle_argument (reading, 1);
  array = exp_pickle_ndarray (reading, empty, reading->arguments->items[0], FALSE, reading->arguments->items[1],
                              &refusal);
  return settle (reading, array, refusal);
}

/* The type itself as text; one that is not understood is an object like any other. */
static ExpPickleValue *
known_dtype (const ExpPickleReading *reading)
{
  const ExpPickleType *type = exp_pickle_type (reading->pickle, reading->call->self, reading->depth);
  g_autoptr (GString) text = g_string_new (NULL);

  if (type == NULL || reading->call->self->call->callable != reading->klass)
    return NULL;
  exp_pickle_type_append (type, text);
  if (text->str[0] == '\'' && text->str[text->len - 1] == '\'')
    return exp_pickle_text_new (reading->pickle, EXP_PICKLE_TEXT, text->str + 1, text->len - 2);
  return exp_pickle_text_new (reading->pickle, EXP_PICKLE_TEXT, text->str, text->len);
}

/* One byte an element, of what shape the array has. */
static ExpPickleValue *
mask_of (const ExpPickleReading *reading, const ExpPickleValue *array, ExpPickleValue *data)
{
  ExpPickleValue *mask = exp_pickle_value_new (reading->pickle, EXP_PICKLE_ARRAY);
  ExpPickleType *type = exp_pickle_allocate (reading->pickle, sizeof *type);

  data = exp_pickle_resolve (reading->pickle, data, reading->depth + 1);
  mask->array = exp_pickle_allocate (reading->pickle, sizeof *mask->array);
  if (type == NULL || mask->array == NULL || array->array->type == NULL || data == NULL
      || (data->flags & EXP_PICKLE_IS_LATIN) != 0 || data->length != array->array->n_elements
      || (data->kind != EXP_PICKLE_BYTES && data->kind != EXP_PICKLE_STR8 && data->kind != EXP_PICKLE_BYTEARRAY))
    return data;
  type->klass = EXP_PICKLE_TYPE_PLAIN;
  type->is_plain = TRUE;
  type->size = 1;
  type->n_leaves = 1;
  type->n_cells = 1;
  type->dtype = exp_pickle_keep_dtype (reading->pickle, exp_dtype_new_number (EXP_TYPE_BOOL, 1, FALSE));
  *mask->array = *array->array;
  mask->array->type = type;
  mask->array->dtype = type->dtype;
  mask->array->data = data;
  return mask;
}

/* An array, its mask and what stands for masked elements. */
static ExpPickleValue *
known_masked (const ExpPickleReading *reading)
{
  const ExpPickleValue *state = exp_pickle_state (reading);
  const char *refusal = NULL;
  ExpPickleValue *array, *mask, *parts;

  if (state == NULL || state->kind != EXP_PICKLE_TUPLE || state->n_items != 7 || exp_pickle_n_arguments (reading) == 0)
    return NULL;
  if (reading->arguments->items[0]->kind == EXP_PICKLE_GLOBAL)
    reading->call->class_name = reading->arguments->items[0]->text;
  array = exp_pickle_array_of_state (reading, state, &refusal);
  mask = array != NULL ? mask_of (reading, array, state->items[5]) : NULL;
  if (mask == NULL)
    {
      reading->call->refusal = refusal != NULL ? refusal : "a masked array without a mask";
      return NULL;
    }
  parts = exp_pickle_value_new (reading->pickle, EXP_PICKLE_DICT);
  parts->flags |= EXP_PICKLE_IS_OBJECT;
  parts->call = reading->call;
  exp_pickle_add_pair (reading->pickle, parts, "data", array);
  exp_pickle_add_pair (reading->pickle, parts, "mask", mask);
  exp_pickle_add_pair (reading->pickle, parts, "fill_value", state->items[6]);
  return parts;
}

/* A generator of random numbers, which was made by a function for the purpose. */
static ExpPickleValue *
known_random (const ExpPickleReading *reading)
{
  ExpPickleValue *state = exp_pickle_state (reading), *parts;

  if (state == NULL || state->kind != EXP_PICKLE_DICT || reading->items != NULL || reading->pairs != NULL)
    return NULL;
  reading->call->class_name = "numpy.random.RandomState";
  parts = exp_pickle_share (reading->pickle, EXP_PICKLE_DICT, state);
  parts->flags |= EXP_PICKLE_IS_OBJECT;
  parts->call = reading->call;
  return parts;
}

const ExpPickleKnown exp_pickle_known_numpy[] = {
  { "numpy.core.multiarray._reconstruct", known_reconstruct },
  { "numpy.core.multiarray.scalar", known_scalar },
  { "numpy.core.numeric._frombuffer", known_frombuffer },
  { "numpy.dtype", known_dtype },
  { "numpy.ma.core._mareconstruct", known_masked },
  { "numpy.random._pickle.__randomstate_ctor", known_random },
  { "numpy.random.__RandomState_ctor", known_random },
  { NULL, NULL },
};
