/* Spike trains and signals of neo, whose pickles have their arguments without names: how many there are tells which
 * they are. Source: formats/pickle.md, on neo.
 * Knows each version's order; what a segment makes of them is segment.c's.
 * Called by segment.c and analysis.c. */
#include "mozaik.h"
#include <string.h>

/* Arguments of _new_spiketrain and _new_AnalogSignalArray that are at the same place in all versions. */
enum
{
  TRAIN_TIMES = 1,
  TRAIN_STOP = 2,
  TRAIN_UNITS = 3,
  TRAIN_START = 7,
  TRAIN_MIN = 14,
  SIGNAL_VALUES = 1,
  SIGNAL_UNITS = 2,
  SIGNAL_MIN = 12,
};

/* The function that is called, by how its name ends; neo's modules have had several names. */
static gboolean
calls (const ExpPickleValue *record, const char *first, const char *second, guint n_min)
{
  const ExpPickleValue *function = record->kind == EXP_PICKLE_CALL ? record->call->callable : NULL;

  return function != NULL && function->kind == EXP_PICKLE_GLOBAL && g_str_has_prefix (function->text, "neo.")
         && (g_str_has_suffix (function->text, first) || g_str_has_suffix (function->text, second))
         && record->call->arguments->n_items >= n_min;
}

gboolean
exp_mozaik_is_signal (const ExpPickleValue *record)
{
  return calls (record, "._new_AnalogSignalArray", "._new_BaseAnalogSignal", SIGNAL_MIN)
         || calls (record, "._new_AnalogSignal", "._new_AnalogSignalArray", SIGNAL_MIN);
}

static const ExpPickleValue *
dict_argument (const ExpPickleValue *call, guint index)
{
  const ExpPickleValue *value = exp_pickle_item (call->call->arguments, index);

  return value != NULL && value->kind == EXP_PICKLE_DICT ? value : NULL;
}

static const char *
keep_text (GStringChunk *texts, const ExpPickleValue *value)
{
  g_autofree char *text = value != NULL ? exp_mozaik_dup_text (value) : NULL;

  return text != NULL ? g_string_chunk_insert_const (texts, text) : NULL;
}

/* --- spike trains ------------------------------------------------------------------------------------------- */

static gboolean
seconds (const ExpPickleValue *record, double *value)
{
  double number, factor;

  if (!exp_pickle_get_double (record, &number) || !exp_pickle_unit_factor (record, &factor))
    return FALSE;
  *value = number * factor;
  return TRUE;
}

static const ExpPickleValue *
neuron_of (const ExpPickleValue *annotations)
{
  const ExpPickleValue *id = exp_pickle_get (annotations, "channel_id");

  return id != NULL && id->kind != EXP_PICKLE_NONE ? id : exp_pickle_get (annotations, "source_id");
}

void
exp_mozaik_read_train (ExpMozaikSegment *segment, const ExpPickleValue *record)
{
  ExpMozaikTrain train = { 0 };
  const ExpPickleValue *times, *const *items;
  g_autoptr (GString) name = g_string_new (NULL);

  if (!calls (record, "._new_spiketrain", "._new_SpikeTrain", TRAIN_MIN))
    train.refusal = g_strdup ("no spike train of a known version of neo");
  else
    {
      items = (const ExpPickleValue *const *)record->call->arguments->items;
      train.call = record;
      train.annotations = dict_argument (record, record->call->arguments->n_items >= 17 ? 14 : 13);
      train.units = keep_text (segment->texts, exp_pickle_units (items[TRAIN_UNITS]));
      if (!exp_pickle_unit_factor (items[TRAIN_UNITS], &train.factor))
        train.factor = 0;
      train.has_bounds = seconds (items[TRAIN_START], &train.start) && seconds (items[TRAIN_STOP], &train.stop);
      times = exp_pickle_meaning (items[TRAIN_TIMES]);
      if (times->kind != EXP_PICKLE_ARRAY || times->array->type == NULL || times->array->rank != 1)
        train.refusal = g_strdup_printf ("a spike train without times: %s",
                                         exp_pickle_refusal (times) != NULL ? exp_pickle_refusal (times) : "no array");
    }
  if (train.annotations != NULL && neuron_of (train.annotations) != NULL)
    exp_pickle_append_limited (neuron_of (train.annotations), name, 64);
  train.name = name->len > 0 ? g_strdup (name->str) : g_strdup_printf ("train-%u", segment->trains->len);
  g_array_append_val (segment->trains, train);
}

/* More neurons than any simulation records at a time. */
#define MAX_COLUMNS 10000000

/* --- signals ------------------------------------------------------------------------------------------------ */

void
exp_mozaik_signal_clear (gpointer data)
{
  ExpMozaikSignal *signal = data;

  g_free (signal->name);
  g_free (signal->refusal);
  g_strfreev (signal->columns);
  exp_pickle_unref (signal->own);
  g_clear_pointer (&signal->matrix, exp_node_unref);
  g_clear_pointer (&signal->known, exp_mozaik_attributes_free);
}

static char *
column_name (const ExpArray *ids, guint64 index)
{
  gboolean is_number = ids != NULL && index < ids->n_elements
                       && (ids->dtype->type == EXP_TYPE_INT || ids->dtype->type == EXP_TYPE_UINT)
                       && ids->dtype->size <= 8;

  if (is_number)
    return g_strdup_printf ("%" G_GINT64_FORMAT, exp_cell_int (ids->dtype, ids->data + index * ids->dtype->size));
  return g_strdup_printf ("%s%" G_GUINT64_FORMAT, ids != NULL ? "column-" : "", index);
}

void
exp_mozaik_name_columns (ExpMozaikSignal *signal, const ExpPickleValue *annotations)
{
  const ExpPickleValue *value = annotations != NULL ? exp_pickle_get (annotations, "channel_ids") : NULL;
  g_autoptr (GHashTable) seen = g_hash_table_new (g_str_hash, g_str_equal);
  g_autoptr (ExpArray) ids = NULL;

  if (annotations != NULL && (value == NULL || value->kind == EXP_PICKLE_NONE))
    value = exp_pickle_get (annotations, "source_ids");
  if (value != NULL && value->kind != EXP_PICKLE_NONE)
    ids = exp_pickle_to_array (value, NULL);
  if (signal->n_columns > MAX_COLUMNS)
    {
      signal->n_columns = 0;
      if (signal->refusal == NULL)
        signal->refusal = g_strdup ("a signal of very many neurons");
    }
  signal->columns = g_new0 (char *, signal->n_columns + 1);
  for (guint64 i = 0; i < signal->n_columns; i++)
    {
      char *name = column_name (ids, i);

      if (!g_hash_table_add (seen, name))
        {
          char *other = g_strdup_printf ("%s~%" G_GUINT64_FORMAT, name, i);

          g_free (name);
          name = other;
        }
      signal->columns[i] = name;
    }
}

static void
read_matrix (ExpPickle *pickle, const ExpPickleValue *record, ExpMozaikSignal *signal)
{
  const ExpPickleValue *value = exp_pickle_meaning (record);

  if (value->kind != EXP_PICKLE_ARRAY || value->array->type == NULL || value->array->rank < 1 || value->array->rank > 2
      || !exp_dtype_is_numeric (value->array->dtype))
    {
      signal->refusal
          = g_strdup_printf ("a signal without values: %s",
                             exp_pickle_refusal (value) != NULL ? exp_pickle_refusal (value) : "no array of numbers");
      return;
    }
  signal->rank = value->array->rank;
  signal->n_samples = value->array->shape[0];
  signal->n_columns = signal->rank > 1 ? value->array->shape[1] : 1;
  signal->matrix = exp_pickle_node_new (pickle, record, FALSE);
}

void
exp_mozaik_read_signal (GStringChunk *texts, ExpPickle *pickle, const ExpPickleValue *record, ExpMozaikSignal *signal)
{
  const ExpPickleValue *arguments, *name;
  guint n, at = 12;

  if (!exp_mozaik_is_signal (record))
    {
      signal->refusal = g_strdup ("no signal of a known version of neo");
      return;
    }
  arguments = record->call->arguments;
  n = arguments->n_items;
  /* Annotations that stand before the arrays' own ones did. */
  if (n == 12 || (n == 14 && arguments->items[11]->kind == EXP_PICKLE_DICT))
    at = 11;
  signal->call = record;
  signal->annotations = dict_argument (record, at);
  signal->units = keep_text (texts, exp_pickle_units (arguments->items[SIGNAL_UNITS]));
  name = exp_pickle_item (arguments, 8);
  signal->name = name != NULL ? exp_mozaik_dup_text (name) : NULL;
  read_matrix (pickle, arguments->items[SIGNAL_VALUES], signal);
  exp_mozaik_name_columns (signal, signal->annotations);
}

/* --- what they say of themselves ---------------------------------------------------------------------------- */

ExpMozaikAttributes *
exp_mozaik_train_attributes (const ExpMozaikTrain *train)
{
  static const struct
  {
    const char *name;
    guint index;
  } quantities[]
      = { { "t_start", TRAIN_START }, { "t_stop", TRAIN_STOP }, { "sampling_rate", 6 }, { "left_sweep", 9 } },
      values[] = { { "name", 10 }, { "file_origin", 11 }, { "description", 12 } };
  ExpMozaikAttributes *all = exp_mozaik_attributes_new ();
  const ExpPickleValue *arguments = train->call != NULL ? train->call->call->arguments : NULL;

  exp_mozaik_attributes_add_text (all, "units", train->units);
  exp_mozaik_attributes_add_all (all, train->known);
  for (guint i = 0; arguments != NULL && i < G_N_ELEMENTS (quantities); i++)
    exp_mozaik_attributes_add_quantity (all, quantities[i].name, arguments->items[quantities[i].index]);
  for (guint i = 0; arguments != NULL && i < G_N_ELEMENTS (values); i++)
    if (arguments->items[values[i].index]->kind != EXP_PICKLE_NONE)
      exp_mozaik_attributes_add_value (all, values[i].name, arguments->items[values[i].index]);
  exp_mozaik_attributes_add_dict (all, train->annotations, FALSE);
  return all;
}

/* Where only the time between two samples is said. */
static void
add_rate (ExpMozaikAttributes *all, const ExpPickleValue *period)
{
  g_autofree char *units = exp_mozaik_dup_text (exp_pickle_units (period));
  g_autofree char *inverse = units != NULL ? g_strconcat ("1/", units, NULL) : NULL;
  double value;

  if (!exp_pickle_get_double (period, &value))
    return;
  exp_mozaik_attributes_add (all, "sampling_rate", exp_array_new_float (1 / value));
  exp_mozaik_attributes_add_text (all, "sampling_rate_units", inverse);
}

ExpMozaikAttributes *
exp_mozaik_signal_attributes (const ExpMozaikSignal *signal)
{
  ExpMozaikAttributes *all = exp_mozaik_attributes_new ();
  const ExpPickleValue *arguments = signal->call != NULL ? signal->call->call->arguments : NULL;
  static const char *const others[] = { "file_origin", "description" };

  exp_mozaik_attributes_add_text (all, "units", signal->units);
  exp_mozaik_attributes_add_all (all, signal->known);
  if (arguments == NULL)
    return all;
  exp_mozaik_attributes_add_quantity (all, "t_start", arguments->items[5]);
  exp_mozaik_attributes_add_quantity (all, "sampling_rate", arguments->items[6]);
  add_rate (all, arguments->items[7]);
  if (arguments->items[8]->kind != EXP_PICKLE_NONE)
    exp_mozaik_attributes_add_value (all, "name", arguments->items[8]);
  for (guint i = 0; i < G_N_ELEMENTS (others); i++)
    if (arguments->items[9 + i]->kind != EXP_PICKLE_NONE)
      exp_mozaik_attributes_add_value (all, others[i], arguments->items[9 + i]);
  return all;
}
