/* What one recording holds: spike trains and signals, out of its own pickle.
 * Knows neo's lists, old and new; single trains and signals are neo.c's.
 * Called by store.c. */
#include "expfs/memory_node.h"
#include "mozaik.h"
#include <string.h>

const char *const exp_mozaik_variable_names[EXP_MOZAIK_N_VARIABLES] = { "vm", "esyn", "isyn" };

/* What simulators call these, by the variables in turn. */
static const struct
{
  const char *name;
  ExpMozaikVariable variable;
} signal_names[] = {
  { "v", EXP_MOZAIK_VM },      { "V_m", EXP_MOZAIK_VM },        { "gsyn_exc", EXP_MOZAIK_ESYN },
  { "g_ex", EXP_MOZAIK_ESYN }, { "gsyn_inh", EXP_MOZAIK_ISYN }, { "g_in", EXP_MOZAIK_ISYN },
};

/* --- one segment -------------------------------------------------------------------------------------------- */

static void
clear_train (gpointer data)
{
  ExpMozaikTrain *train = data;

  g_free (train->name);
  g_free (train->refusal);
  exp_pickle_unref (train->own);
  g_clear_pointer (&train->values, exp_array_unref);
  g_clear_pointer (&train->times, exp_node_unref);
  g_clear_pointer (&train->known, exp_mozaik_attributes_free);
}

ExpMozaikSegment *
exp_mozaik_segment_new (void)
{
  ExpMozaikSegment *segment = g_new0 (ExpMozaikSegment, 1);

  g_atomic_ref_count_init (&segment->references);
  segment->texts = g_string_chunk_new (256);
  segment->trains = g_array_new (FALSE, FALSE, sizeof (ExpMozaikTrain));
  g_array_set_clear_func (segment->trains, clear_train);
  segment->signals = g_array_new (FALSE, FALSE, sizeof (ExpMozaikSignal));
  g_array_set_clear_func (segment->signals, exp_mozaik_signal_clear);
  segment->train_names = g_hash_table_new (g_str_hash, g_str_equal);
  return segment;
}

ExpMozaikSegment *
exp_mozaik_segment_ref (ExpMozaikSegment *segment)
{
  g_atomic_ref_count_inc (&segment->references);
  return segment;
}

void
exp_mozaik_segment_unref (ExpMozaikSegment *segment)
{
  if (segment == NULL || !g_atomic_ref_count_dec (&segment->references))
    return;
  g_hash_table_unref (segment->train_names);
  g_array_unref (segment->trains);
  g_array_unref (segment->signals);
  g_string_chunk_free (segment->texts);
  exp_pickle_unref (segment->pickle);
  g_free (segment);
}

ExpMozaikTrain *
exp_mozaik_segment_train (const ExpMozaikSegment *segment, guint index)
{
  return index < segment->trains->len ? &g_array_index (segment->trains, ExpMozaikTrain, index) : NULL;
}

ExpMozaikSignal *
exp_mozaik_segment_signal (const ExpMozaikSegment *segment, guint index)
{
  return index < segment->signals->len ? &g_array_index (segment->signals, ExpMozaikSignal, index) : NULL;
}

static void
index_trains (ExpMozaikSegment *segment)
{
  for (guint i = 0; i < segment->trains->len; i++)
    {
      ExpMozaikTrain *train = exp_mozaik_segment_train (segment, i);

      if (g_hash_table_contains (segment->train_names, train->name))
        {
          char *other = g_strdup_printf ("%s~%u", train->name, i);

          g_free (train->name);
          train->name = other;
        }
      g_hash_table_insert (segment->train_names, train->name, GUINT_TO_POINTER (i + 1));
    }
}

/* The first signal of a name counts. */
static void
index_signals (ExpMozaikSegment *segment)
{
  g_autoptr (GHashTable) seen = g_hash_table_new (g_str_hash, g_str_equal);

  for (guint v = 0; v < EXP_MOZAIK_N_VARIABLES; v++)
    segment->variables[v] = -1;
  for (guint i = 0; i < segment->signals->len; i++)
    {
      ExpMozaikSignal *signal = exp_mozaik_segment_signal (segment, i);

      for (guint k = 0; signal->name != NULL && k < G_N_ELEMENTS (signal_names); k++)
        if (strcmp (signal->name, signal_names[k].name) == 0 && segment->variables[signal_names[k].variable] < 0)
          segment->variables[signal_names[k].variable] = (int)i;
      if (signal->name == NULL || *signal->name == '\0' || g_hash_table_contains (seen, signal->name))
        {
          char *other = signal->name == NULL || *signal->name == '\0' ? g_strdup_printf ("signal-%u", i)
                                                                      : g_strdup_printf ("%s~%u", signal->name, i);

          g_free (signal->name);
          signal->name = other;
        }
      g_hash_table_add (seen, signal->name);
    }
}

void
exp_mozaik_segment_index (ExpMozaikSegment *segment)
{
  index_trains (segment);
  index_signals (segment);
}

/* --- times -------------------------------------------------------------------------------------------------- */

static gboolean
refuse_train (const ExpMozaikTrain *train, GError **error)
{
  g_set_error (error, EXP_ERROR, EXP_ERROR_DAMAGED, "spike train %s: %s", train->name, train->refusal);
  return FALSE;
}

static const ExpPickleValue *
times_record (const ExpMozaikTrain *train)
{
  return train->call->call->arguments->items[1];
}

gboolean
exp_mozaik_train_length (const ExpMozaikTrain *train, guint64 *n, GError **error)
{
  g_auto (ExpInfo) info = { 0 };

  if (train->refusal != NULL)
    return refuse_train (train, error);
  if (train->values != NULL)
    *n = train->values->n_elements;
  else if (train->call != NULL)
    *n = exp_pickle_meaning (times_record (train))->array->n_elements;
  else
    {
      if (!exp_node_describe (train->times, &info, error))
        return FALSE;
      *n = exp_info_n_elements (&info);
    }
  return TRUE;
}

ExpNode *
exp_mozaik_train_node (const ExpMozaikSegment *segment, const ExpMozaikTrain *train, GError **error)
{
  if (train->refusal != NULL)
    {
      refuse_train (train, error);
      return NULL;
    }
  if (train->values != NULL)
    return exp_memory_dataset_new (train->values, NULL);
  if (train->call != NULL)
    return exp_pickle_node_new (segment->pickle, times_record (train), FALSE);
  return exp_node_ref (train->times);
}

double *
exp_mozaik_train_times (const ExpMozaikSegment *segment, const ExpMozaikTrain *train, gsize *n, GError **error)
{
  g_autoptr (ExpNode) node = exp_mozaik_train_node (segment, train, error);
  g_autoptr (ExpArray) array = node != NULL ? exp_node_read_all (node, error) : NULL;
  double *times;

  if (array == NULL)
    return NULL;
  *n = array->n_elements;
  times = g_try_new (double, MAX (*n, 1));
  if (times == NULL || !exp_dtype_is_numeric (array->dtype) || array->dtype->size > 8)
    {
      g_free (times);
      g_set_error (error, EXP_ERROR, EXP_ERROR_UNSUPPORTED, "spike train %s: its times are no numbers", train->name);
      return NULL;
    }
  for (gsize i = 0; i < *n; i++)
    times[i] = exp_cell_double (array->dtype, array->data + i * array->dtype->size);
  return times;
}

/* --- out of a pickle ---------------------------------------------------------------------------------------- */

static void
read_trains (ExpMozaikSegment *segment, const ExpPickleValue *state)
{
  const ExpPickleValue *trains = exp_mozaik_member (state, "spiketrains"), *list;

  if (trains == NULL)
    return;
  list = exp_mozaik_list (trains);
  if (list == NULL)
    {
      exp_mozaik_read_multiplexed (segment, trains);
      return;
    }
  for (guint i = 0; i < list->n_items; i++)
    exp_mozaik_read_train (segment, list->items[i]);
}

static void
read_signals (ExpMozaikSegment *segment, const ExpPickleValue *state)
{
  static const char *const members[] = { "analogsignals", "analogsignalarrays" };

  for (guint k = 0; k < G_N_ELEMENTS (members); k++)
    {
      const ExpPickleValue *member = exp_mozaik_member (state, members[k]);
      const ExpPickleValue *list = member != NULL ? exp_mozaik_list (member) : NULL;

      for (guint i = 0; list != NULL && i < list->n_items; i++)
        {
          ExpMozaikSignal signal = { 0 };

          exp_mozaik_read_signal (segment->texts, segment->pickle, list->items[i], &signal);
          g_array_append_val (segment->signals, signal);
        }
    }
}

ExpMozaikSegment *
exp_mozaik_segment_open (const char *path, GError **error)
{
  g_autoptr (ExpSource) source = exp_source_open_file (path, error);
  g_autoptr (ExpMozaikSegment) segment = NULL;
  g_autoptr (ExpPickle) pickle = NULL;
  const ExpPickleValue *state;

  if (source == NULL)
    return NULL;
  exp_source_expect_no_change (source);
  pickle = exp_pickle_parse_source (source, error);
  if (pickle == NULL)
    {
      g_prefix_error (error, "%s: ", path);
      return NULL;
    }
  state = exp_mozaik_state (exp_pickle_record (pickle));
  if (state == NULL)
    {
      g_set_error (error, EXP_ERROR, EXP_ERROR_DAMAGED, "%s: there is no Segment in it", path);
      return NULL;
    }
  segment = exp_mozaik_segment_new ();
  segment->weight = exp_pickle_size (pickle);
  segment->pickle = g_steal_pointer (&pickle);
  read_trains (segment, state);
  read_signals (segment, state);
  exp_mozaik_segment_index (segment);
  return g_steal_pointer (&segment);
}
