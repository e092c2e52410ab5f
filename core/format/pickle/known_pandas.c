/* pandas' indexes and moments as pickles have them.
 * Knows what their __reduce__ gives; the arrays inside are known_numpy.c's and known_pandas_arrays.c's.
 * Called by meaning.c. */
#include "meaning.h"

/* The dict that says what is in an index; NULL for what is none. */
static const ExpPickleValue *
index_parts (const ExpPickleReading *reading)
{
  const ExpPickleValue *parts = exp_pickle_argument (reading, 1);

  if (exp_pickle_n_arguments (reading) != 2 || !exp_pickle_is_bare (reading) || parts == NULL
      || parts->kind != EXP_PICKLE_DICT || !exp_pickle_spend (reading->pickle, parts->n_items * sizeof *parts->items))
    return NULL;
  return parts;
}

static ExpPickleValue *
part_record (const ExpPickleValue *parts, const char *name)
{
  for (guint i = 0; i + 1 < parts->n_items; i += 2)
    if (exp_pickle_is_text (parts->items[i], name))
      return parts->items[i + 1];
  return NULL;
}

static ExpPickleValue *
part (const ExpPickleReading *reading, const ExpPickleValue *parts, const char *name)
{
  ExpPickleValue *record = part_record (parts, name);

  return record != NULL ? exp_pickle_resolve (reading->pickle, record, reading->depth + 1) : NULL;
}

/* start, stop and step, told as what range() would be told. */
static ExpPickleValue *
range_index (const ExpPickleReading *reading, const ExpPickleValue *parts)
{
  ExpPickleReading inner = *reading;
  ExpPickleValue *bounds[]
      = { part (reading, parts, "start"), part (reading, parts, "stop"), part (reading, parts, "step") };

  if (bounds[0] == NULL || bounds[1] == NULL || bounds[2] == NULL)
    return NULL;
  inner.arguments = exp_pickle_value_new (reading->pickle, EXP_PICKLE_TUPLE);
  exp_pickle_add_items (reading->pickle, inner.arguments, bounds, 3);
  return exp_pickle_range (&inner);
}

/* An index of several parts, as a directory of them: levels and codes, left and right, categories and codes. */
static ExpPickleValue *
index_of_parts (const ExpPickleReading *reading, const ExpPickleValue *from)
{
  ExpPickleValue *parts = exp_pickle_share (reading->pickle, EXP_PICKLE_DICT, from);

  parts->flags |= EXP_PICKLE_IS_OBJECT;
  parts->call = reading->call;
  return parts;
}

/* _new_Index (class, {'data': ..., 'name': ...}) */
static ExpPickleValue *
known_index (const ExpPickleReading *reading)
{
  const ExpPickleValue *parts = index_parts (reading), *klass = NULL;
  ExpPickleValue *record, *data, *name;

  if (parts == NULL || reading->arguments->items[0]->kind != EXP_PICKLE_GLOBAL)
    return NULL;
  klass = reading->arguments->items[0];
  reading->call->class_name = klass->text;
  record = part_record (parts, "data");
  data = part (reading, parts, "data");
  if (data == NULL && exp_pickle_is_named (klass, "pandas.core.indexes.range.RangeIndex"))
    {
      data = range_index (reading, parts);
      reading->call->class_name = klass->text;
    }
  if (data == NULL && record == NULL)
    return index_of_parts (reading, parts);
  if (data == NULL
      || (data->kind != EXP_PICKLE_ARRAY && data->kind != EXP_PICKLE_RANGE && data->kind != EXP_PICKLE_DICT))
    return NULL;
  if (record != NULL)
    exp_pickle_copy_attributes (reading, record);
  name = part (reading, parts, "name");
  if (name != NULL && name->kind != EXP_PICKLE_NONE)
    exp_pickle_set_attribute (reading, "name", name);
  return data->kind == EXP_PICKLE_DICT ? index_of_parts (reading, data) : data;
}

/* _unpickle_timestamp (nanoseconds, frequency, zone, unit), of which the unit came with pandas 2. */
static ExpPickleValue *
known_timestamp (const ExpPickleReading *reading)
{
  static const char *const names[] = { "s", "ms", "us", "ns" };
  const ExpPickleValue *zone = exp_pickle_argument (reading, 2);
  char text[EXP_MOMENT_LENGTH + 1] = { 0 };
  gint64 count, unit = 10;

  if (!exp_pickle_is_bare (reading) || exp_pickle_n_arguments (reading) < 3
      || !exp_pickle_get_int (exp_pickle_argument (reading, 0), &count))
    return NULL;
  exp_pickle_get_int (exp_pickle_argument (reading, 3), &unit);
  if (unit < 7 || unit > 10)
    return NULL;
  exp_moment_format (count, names[unit - 7], 1, text);
  reading->call->class_name = "pandas.Timestamp";
  if (zone != NULL && zone->kind == EXP_PICKLE_TEXT && exp_pickle_is_text (zone, "+00:00"))
    return exp_pickle_new_text (reading->pickle, "%s+00:00", text);
  if (zone != NULL && zone->kind != EXP_PICKLE_NONE)
    exp_pickle_set_attribute (reading, "tzinfo", reading->arguments->items[2]);
  return exp_pickle_new_text (reading->pickle, "%s", text);
}

/* _timedelta_unpickle (count, unit), as pandas prints one: 1 days 02:00:00.000000001 */
static ExpPickleValue *
known_timedelta (const ExpPickleReading *reading)
{
  static const gint64 per_second[] = { 1, 1000, 1000000, 1000000000 };
  g_autoptr (GString) text = g_string_new (NULL);
  gint64 count, unit = 10, days, rest, fraction;

  if (!exp_pickle_is_bare (reading) || exp_pickle_n_arguments (reading) != 2
      || !exp_pickle_get_int (exp_pickle_argument (reading, 0), &count)
      || !exp_pickle_get_int (exp_pickle_argument (reading, 1), &unit) || unit < 7 || unit > 10)
    return NULL;
  days = count / (86400 * per_second[unit - 7]);
  rest = count % (86400 * per_second[unit - 7]);
  if (rest < 0)
    {
      rest += 86400 * per_second[unit - 7];
      days--;
    }
  fraction = rest % per_second[unit - 7] * (per_second[3] / per_second[unit - 7]);
  rest /= per_second[unit - 7];
  g_string_append_printf (text, "%" G_GINT64_FORMAT " days %s%02u:%02u:%02u", days, days < 0 ? "+" : "",
                          (guint)(rest / 3600), (guint)(rest / 60 % 60), (guint)(rest % 60));
  if (fraction % 1000 != 0)
    g_string_append_printf (text, ".%09u", (guint)fraction);
  else if (fraction != 0)
    g_string_append_printf (text, ".%06u", (guint)(fraction / 1000));
  reading->call->class_name = "pandas.Timedelta";
  return exp_pickle_new_text (reading->pickle, "%s", text->str);
}

static ExpPickleValue *
known_nat (const ExpPickleReading *reading)
{
  reading->call->class_name = "pandas.NaT";
  return exp_pickle_is_bare (reading) ? exp_pickle_new_text (reading->pickle, "NaT") : NULL;
}

const ExpPickleKnown exp_pickle_known_pandas[] = {
  { "pandas.core.indexes.base._new_Index", known_index },
  { "pandas.core.indexes.datetimes._new_DatetimeIndex", known_index },
  { "pandas.core.indexes.period._new_PeriodIndex", known_index },
  { "pandas.core.indexes.interval._new_IntervalIndex", known_index },
  { "pandas._libs.tslibs.timedeltas._timedelta_unpickle", known_timedelta },
  { "pandas._libs.tslibs.timestamps._unpickle_timestamp", known_timestamp },
  { "pandas._libs.tslibs.nattype.__nat_unpickle", known_nat },
  { NULL, NULL },
};
