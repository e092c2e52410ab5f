/* What follows from spike trains: rates, intervals between spikes and how much these vary.
 * Knows Mozaik's definitions (formats/mozaik.md, section 4); sums are statistics.c's.
 * Made by data.c. */
#include "data.h"
#include "expfs/number.h"
#include <math.h>
#include <string.h>

/* --- windows ------------------------------------------------------------------------------------------------ */

static const struct
{
  const char *name;
  double factor;
} time_units[] = { { "ms", 0.001 }, { "us", 0.001 / 1000 }, { "s", 1 }, { "min", 60 }, { "h", 3600 } };

/* A number and a unit up to `end`. */
static gboolean
parse_time (const char *text, const char *end, double *value, double *factor)
{
  const char *at = text;

  while (at < end
         && (g_ascii_isdigit (*at) || strchr (".+-", *at) != NULL
             || (*at == 'e' && at + 1 < end && (g_ascii_isdigit (at[1]) || at[1] == '-'))))
    at++;
  for (guint i = 0; i < G_N_ELEMENTS (time_units); i++)
    if ((gsize)(end - at) == strlen (time_units[i].name) && strncmp (at, time_units[i].name, (gsize)(end - at)) == 0)
      {
        if (!exp_double_parse (text, (gsize)(at - text), value) || !isfinite (*value))
          return FALSE;
        *factor = time_units[i].factor;
        return TRUE;
      }
  return FALSE;
}

gboolean
exp_mozaik_parse_window (const char *name, ExpMozaikWindow *window)
{
  static const char prefix[] = "mean_rates_";
  const char *from = name + strlen (prefix), *middle;

  if (!g_str_has_prefix (name, prefix))
    return FALSE;
  middle = strchr (from, '_');
  return middle != NULL && parse_time (from, middle, &window->value[0], &window->factor[0])
         && parse_time (middle + 1, middle + strlen (middle), &window->value[1], &window->factor[1]);
}

/* --- values ------------------------------------------------------------------------------------------------- */

static gboolean
count_in_window (const ExpMozaikData *self, const ExpMozaikSegment *segment, const ExpMozaikTrain *train,
                 guint64 *count, GError **error)
{
  const ExpMozaikWindow *window = &self->window;
  const double factor = train->factor != 0 ? train->factor : NAN;
  /* Compared in the train's own unit, as quantities does. */
  const double start = window->value[0] * (window->factor[0] / factor);
  const double stop = window->value[1] * (window->factor[1] / factor);
  g_autofree double *times = NULL;
  gsize n;

  times = exp_mozaik_train_times (segment, train, &n, error);
  if (times == NULL)
    return FALSE;
  *count = 0;
  for (gsize i = 0; i < n; i++)
    *count += times[i] >= start && times[i] <= stop;
  return TRUE;
}

/* Spikes a second; NaN where the bounds are not known. */
static gboolean
read_rate (const ExpMozaikData *self, const ExpMozaikSegment *segment, const ExpMozaikTrain *train, double *rate,
           GError **error)
{
  const ExpMozaikWindow *window = &self->window;
  guint64 count;

  if (self->has_window)
    {
      if (!count_in_window (self, segment, train, &count, error))
        return FALSE;
      *rate = (double)count / (window->value[1] * window->factor[1] - window->value[0] * window->factor[0]);
      return TRUE;
    }
  if (!exp_mozaik_train_length (train, &count, error))
    return FALSE;
  *rate = train->has_bounds ? (double)count / (train->stop - train->start) : NAN;
  return TRUE;
}

static gboolean
put_intervals (const double *times, gsize n, ExpArray *array, gsize index, GError **error)
{
  ExpVlen *cell = (ExpVlen *)array->data + index;
  double *intervals;

  if (n < 2)
    return TRUE;
  intervals = exp_array_allocate (array, (n - 1) * sizeof *intervals);
  if (intervals == NULL)
    {
      g_set_error (error, EXP_ERROR, EXP_ERROR_NO_MEMORY, "no memory for %" G_GSIZE_FORMAT " intervals", n - 1);
      return FALSE;
    }
  for (gsize i = 0; i + 1 < n; i++)
    intervals[i] = times[i + 1] - times[i];
  cell->data = intervals;
  cell->length = n - 1;
  return TRUE;
}

static gboolean
put_value (const ExpMozaikData *self, const ExpMozaikSegment *segment, const ExpMozaikTrain *train, ExpArray *array,
           gsize index, GError **error)
{
  double *numbers = (double *)array->data;
  g_autofree double *times = NULL;
  gsize n;

  if (self->kind == EXP_MOZAIK_DATA_RATES)
    return read_rate (self, segment, train, &numbers[index], error);
  times = exp_mozaik_train_times (segment, train, &n, error);
  if (times == NULL)
    return FALSE;
  if (self->kind == EXP_MOZAIK_DATA_INTERVALS)
    return put_intervals (times, n, array, index, error);
  numbers[index] = exp_mozaik_variation (times, n);
  return TRUE;
}

/* --- nodes -------------------------------------------------------------------------------------------------- */

static gboolean
derived_describe (ExpNode *node, ExpInfo *info, GError **error)
{
  const ExpMozaikData *self = (ExpMozaikData *)node;
  g_autoptr (ExpMozaikSegment) segment = exp_mozaik_data_segment (self, error);
  ExpDtype *number;

  if (segment == NULL)
    return FALSE;
  number = exp_dtype_new_number (EXP_TYPE_FLOAT, sizeof (double), G_BYTE_ORDER == G_BIG_ENDIAN);
  info->kind = EXP_KIND_DATASET;
  info->role = self->kind == EXP_MOZAIK_DATA_INTERVALS ? EXP_ROLE_ISI : "derived";
  info->dtype = self->kind == EXP_MOZAIK_DATA_INTERVALS ? exp_dtype_new_vlen (number) : number;
  info->rank = 1;
  info->shape[0] = segment->trains->len;
  return TRUE;
}

static gboolean
derived_read (ExpNode *node, const ExpSlab *slab, ExpArray *array, GError **error)
{
  const ExpMozaikData *self = (ExpMozaikData *)node;
  g_autoptr (ExpMozaikSegment) segment = exp_mozaik_data_segment (self, error);

  if (segment == NULL)
    return FALSE;
  for (gsize i = 0; i < array->n_elements; i++)
    {
      const ExpMozaikTrain *train = exp_mozaik_segment_train (segment, (guint)(slab->start[0] + i * slab->step[0]));

      if (train == NULL)
        {
          g_set_error (error, EXP_ERROR, EXP_ERROR_DAMAGED, "the recording's file has changed");
          return FALSE;
        }
      if (!put_value (self, segment, train, array, i, error))
        return FALSE;
    }
  return TRUE;
}

static ExpMozaikAttributes *
make_attributes (const ExpMozaikData *self, const ExpMozaikSegment *segment)
{
  ExpMozaikAttributes *all = exp_mozaik_attributes_new ();
  const ExpMozaikTrain *train = exp_mozaik_segment_train (segment, 0);

  if (self->kind == EXP_MOZAIK_DATA_RATES)
    exp_mozaik_attributes_add_text (all, "units", "1/s");
  else if (self->kind == EXP_MOZAIK_DATA_INTERVALS && train != NULL)
    exp_mozaik_attributes_add_text (all, "units", train->units);
  else if (self->kind == EXP_MOZAIK_DATA_VARIATION)
    exp_mozaik_attributes_add_text (all, "units", "dimensionless");
  return all;
}

static char **
derived_list_attributes (ExpNode *node, GError **error)
{
  const ExpMozaikData *self = (ExpMozaikData *)node;
  g_autoptr (ExpMozaikSegment) segment = exp_mozaik_data_segment (self, error);

  return segment != NULL ? exp_mozaik_attributes_take_names (make_attributes (self, segment)) : NULL;
}

static ExpArray *
derived_read_attribute (ExpNode *node, const char *name, GError **error)
{
  const ExpMozaikData *self = (ExpMozaikData *)node;
  g_autoptr (ExpMozaikSegment) segment = exp_mozaik_data_segment (self, error);

  return segment != NULL ? exp_mozaik_attributes_take (make_attributes (self, segment), name, error) : NULL;
}

const ExpNodeClass exp_mozaik_derived_class = {
  .free = exp_mozaik_data_free,
  .describe = derived_describe,
  .read = derived_read,
  .list_attributes = derived_list_attributes,
  .read_attribute = derived_read_attribute,
};
