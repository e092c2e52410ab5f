/* pandas' own arrays, of which its indexes are made, as pickles have them: dates, time spans, periods, categories.
 * Knows what they keep beside NumPy's arrays.
 * Called by meaning.c and known_pandas.c. */
#include "meaning.h"
#include <string.h>

/* Periods whose number counts a unit of NumPy's since 1970, by the class of their frequency. */
static const struct
{
  const char *offset, *unit;
} frequencies[] = {
  { "MonthEnd", "M" }, { "Day", "D" },    { "Hour", "h" },   { "Minute", "m" },
  { "Second", "s" },   { "Milli", "ms" }, { "Micro", "us" }, { "Nano", "ns" },
};

#define OFFSETS "pandas._libs.tslibs.offsets."

/* The unit that periods of this frequency count, MonthEnd (1, ...); NULL for none. */
static const char *
period_unit (const ExpPickleValue *frequency)
{
  const ExpPickleCall *call = frequency->kind == EXP_PICKLE_CALL ? frequency->call : NULL;
  gint64 n;

  if (call == NULL || call->callable->kind != EXP_PICKLE_GLOBAL || !g_str_has_prefix (call->callable->text, OFFSETS)
      || !exp_pickle_get_int (exp_pickle_item (call->arguments, 0), &n) || n != 1)
    return NULL;
  for (guint i = 0; i < G_N_ELEMENTS (frequencies); i++)
    if (strcmp (call->callable->text + strlen (OFFSETS), frequencies[i].offset) == 0)
      return frequencies[i].unit;
  return NULL;
}

/* 64-bit numbers of periods as the dates at which these are. */
static ExpPickleValue *
periods (const ExpPickleReading *reading, ExpPickleValue *numbers, const char *unit)
{
  const ExpPickleType *stored = numbers->array->type;
  ExpPickleType *type = exp_pickle_allocate (reading->pickle, sizeof *type);
  ExpPickleValue *value = exp_pickle_value_new (reading->pickle, EXP_PICKLE_ARRAY);
  ExpPickleArray *array = exp_pickle_allocate (reading->pickle, sizeof *array);

  if (type == NULL || array == NULL || stored == NULL || !stored->is_plain || stored->dtype->type != EXP_TYPE_INT
      || stored->size != 8)
    return numbers;
  *type = *stored;
  type->klass = EXP_PICKLE_TYPE_MOMENT;
  type->is_plain = FALSE;
  type->big_endian = stored->dtype->big_endian;
  type->unit = unit;
  type->n_units = 1;
  type->dtype = exp_pickle_keep_dtype (reading->pickle, exp_dtype_new_string (EXP_MOMENT_LENGTH, EXP_PAD_NUL, FALSE));
  *array = *numbers->array;
  array->type = type;
  array->dtype = type->dtype;
  value->array = array;
  return value;
}

/* PeriodDtype (frequency): dates where these have numbers of NumPy's, else the numbers. */
static ExpPickleValue *
period_array (const ExpPickleReading *reading, ExpPickleValue *dtype, ExpPickleValue *numbers)
{
  const ExpPickleCall *call = dtype->kind == EXP_PICKLE_CALL ? dtype->call : NULL;
  ExpPickleValue *frequency = call != NULL && call->arguments->n_items > 0 ? call->arguments->items[0] : NULL;
  const char *unit = frequency != NULL ? period_unit (frequency) : NULL;

  if (unit != NULL)
    return periods (reading, numbers, unit);
  if (frequency != NULL)
    exp_pickle_set_attribute (reading, "freq", frequency);
  return numbers;
}

/* CategoricalDtype with its categories, and the number of the category of each element. */
static ExpPickleValue *
categorical (const ExpPickleReading *reading, ExpPickleValue *dtype, ExpPickleValue *codes)
{
  const ExpPickleValue *states = dtype->kind == EXP_PICKLE_CALL ? dtype->call->states : NULL;
  const ExpPickleValue *state = states != NULL && states->n_items == 1 ? states->items[0] : NULL;
  ExpPickleValue *parts;

  if (state == NULL || state->kind != EXP_PICKLE_DICT)
    return NULL;
  parts = exp_pickle_share (reading->pickle, EXP_PICKLE_DICT, state);
  parts->flags |= EXP_PICKLE_IS_OBJECT;
  parts->call = reading->call;
  exp_pickle_add_pair (reading->pickle, parts, "codes", codes);
  return parts;
}

/* What dates and time spans have beside: the zone in which pandas shows them, and how far they are apart. */
static void
tell_time (const ExpPickleReading *reading, const ExpPickleValue *dtype, const ExpPickleValue *rest)
{
  const ExpPickleValue *states = dtype->kind == EXP_PICKLE_CALL ? dtype->call->states : NULL;
  const ExpPickleValue *state = states != NULL && states->n_items == 1 ? states->items[0] : NULL;
  const ExpPickleValue *zone = state != NULL && state->kind == EXP_PICKLE_DICT ? exp_pickle_get (state, "tz") : NULL;
  const ExpPickleValue *frequency = rest->kind == EXP_PICKLE_DICT ? exp_pickle_get (rest, "_freq") : NULL;

  if (zone != NULL)
    exp_pickle_set_attribute (reading, "tzinfo", (ExpPickleValue *)zone);
  if (frequency != NULL && frequency->kind != EXP_PICKLE_NONE)
    exp_pickle_set_attribute (reading, "freq", (ExpPickleValue *)frequency);
}

/* (class, checksum, state or None), BUILD (dtype, array, dict of what else there is) */
static ExpPickleValue *
known_backed (const ExpPickleReading *reading)
{
  ExpPickleValue *state = exp_pickle_state (reading), *data;
  const ExpPickleValue *klass = exp_pickle_n_arguments (reading) > 0 ? reading->arguments->items[0] : NULL;

  if (state == NULL && exp_pickle_n_arguments (reading) == 3)
    state = reading->arguments->items[2];
  if (klass == NULL || klass->kind != EXP_PICKLE_GLOBAL || state == NULL || state->kind != EXP_PICKLE_TUPLE
      || state->n_items < 2 || reading->items != NULL || reading->pairs != NULL)
    return NULL;
  data = exp_pickle_resolve (reading->pickle, state->items[1], reading->depth + 1);
  if (data == NULL || data->kind != EXP_PICKLE_ARRAY)
    return NULL;
  exp_pickle_copy_attributes (reading, state->items[1]);
  reading->call->class_name = klass->text;
  if (exp_pickle_is_named (klass, "pandas.core.arrays.categorical.Categorical"))
    return categorical (reading, state->items[0], state->items[1]);
  if (exp_pickle_is_named (klass, "pandas.core.arrays.period.PeriodArray"))
    return period_array (reading, state->items[0], data);
  if (state->n_items > 2)
    tell_time (reading, state->items[0], state->items[2]);
  return data;
}

/* Period (None, frequency, number) */
static ExpPickleValue *
known_period (const ExpPickleReading *reading)
{
  const char *unit = exp_pickle_n_arguments (reading) == 3 ? period_unit (reading->arguments->items[1]) : NULL;
  char text[EXP_MOMENT_LENGTH + 1] = { 0 };
  gint64 number;

  if (unit == NULL || !exp_pickle_is_bare (reading) || !exp_pickle_get_int (exp_pickle_argument (reading, 2), &number))
    return NULL;
  exp_moment_format (number, unit, 1, text);
  reading->call->class_name = "pandas.Period";
  return exp_pickle_new_text (reading->pickle, "%s", text);
}

const ExpPickleKnown exp_pickle_known_pandas_arrays[] = {
  { "pandas._libs.arrays.__pyx_unpickle_NDArrayBacked", known_backed },
  { "pandas._libs.tslibs.period.Period", known_period },
  { NULL, NULL },
};
