/* What one recording of an Hdf5DataStore holds.
 * Knows where neo put what; the arrays are the hdf5 format's.
 * Called by store.c. */
#include "hdf5.h"
#include <string.h>

/* An array of one number with its units into the attributes, and in seconds. */
static gboolean
read_moment (const ExpMozaikObject *object, const char *name, ExpMozaikAttributes *known, double *value)
{
  g_autofree char *units = NULL, *label = g_strconcat (name, "_units", NULL);
  g_autoptr (ExpNode) node = exp_node_lookup (object->node, name, NULL);
  g_autoptr (ExpArray) array = node != NULL ? exp_node_read_all (node, NULL) : NULL;
  double factor;

  if (array == NULL || array->n_elements != 1 || array->dtype->type != EXP_TYPE_FLOAT || array->dtype->size > 8)
    return FALSE;
  units = exp_mozaik_read_units (node, &factor);
  *value = exp_cell_double (array->dtype, array->data) * factor;
  exp_mozaik_attributes_add (known, name, exp_array_ref (array));
  exp_mozaik_attributes_add_text (known, label, units);
  return factor != 0;
}

/* What neo lets others say of an object. */
static const ExpPickleValue *
read_annotations (const ExpMozaikObject *object, ExpPickle **own)
{
  const ExpPickleValue *root;

  *own = exp_mozaik_read_pickle (object->node, "annotations");
  root = *own != NULL ? exp_pickle_root (*own) : NULL;
  return root != NULL && root->kind == EXP_PICKLE_DICT ? root : NULL;
}

static const char *
keep_units (ExpMozaikSegment *segment, ExpNode *array, double *factor)
{
  g_autofree char *units = exp_mozaik_read_units (array, factor);

  return units != NULL ? g_string_chunk_insert_const (segment->texts, units) : NULL;
}

static void
read_train (ExpMozaikSegment *segment, const ExpMozaikObject *object)
{
  ExpMozaikTrain train = { .known = exp_mozaik_attributes_new () };
  g_autoptr (GString) name = g_string_new (NULL);
  g_auto (ExpInfo) info = { 0 };
  const ExpPickleValue *id = NULL;
  double rate;

  train.times = exp_node_lookup (object->node, "times", NULL);
  train.annotations = read_annotations (object, &train.own);
  if (train.annotations != NULL && (id = exp_pickle_get (train.annotations, "channel_id")) == NULL)
    id = exp_pickle_get (train.annotations, "source_id");
  if (id != NULL)
    exp_pickle_append_limited (id, name, 64);
  train.name = name->len > 0 ? g_strdup (name->str) : g_strdup (object->name);
  if (train.times == NULL || !exp_node_describe (train.times, &info, NULL) || info.kind != EXP_KIND_DATASET
      || !exp_dtype_is_numeric (info.dtype) || info.rank > 2)
    train.refusal = g_strdup ("a spike train without times");
  else
    {
      train.units = keep_units (segment, train.times, &train.factor);
      /* No spikes are rows of one that there are none of. */
      if (info.rank != 1)
        train.values = exp_array_new (info.dtype, 1, &(guint64){ 0 }, NULL);
    }
  const gboolean has_start = read_moment (object, "t_start", train.known, &train.start);
  train.has_bounds = read_moment (object, "t_stop", train.known, &train.stop) && has_start;
  read_moment (object, "sampling_rate", train.known, &rate);
  g_array_append_val (segment->trains, train);
}

static void
read_signal (ExpMozaikSegment *segment, const ExpMozaikObject *object)
{
  ExpMozaikSignal signal = { .known = exp_mozaik_attributes_new () };
  g_auto (ExpInfo) info = { 0 };
  double value;

  signal.name = exp_mozaik_read_text (object->node, "name");
  signal.matrix = exp_node_lookup (object->node, "signal", NULL);
  signal.annotations = read_annotations (object, &signal.own);
  read_moment (object, "t_start", signal.known, &value);
  read_moment (object, "sampling_rate", signal.known, &value);
  exp_mozaik_attributes_add_text (signal.known, "name", signal.name);
  if (signal.matrix == NULL || !exp_node_describe (signal.matrix, &info, NULL) || info.kind != EXP_KIND_DATASET
      || !exp_dtype_is_numeric (info.dtype) || info.rank < 1 || info.rank > 2)
    {
      g_clear_pointer (&signal.matrix, exp_node_unref);
      signal.refusal = g_strdup ("a signal without values");
    }
  else
    {
      signal.rank = info.rank;
      signal.n_samples = info.shape[0];
      signal.n_columns = info.rank > 1 ? info.shape[1] : 1;
      signal.units = keep_units (segment, signal.matrix, &value);
    }
  exp_mozaik_name_columns (&signal, signal.annotations);
  g_array_append_val (segment->signals, signal);
}

ExpMozaikSegment *
exp_mozaik_segment_open_hdf5 (ExpNode *group, GError **error)
{
  static const char *const types[] = { "SpikeTrain", "AnalogSignalArray", "AnalogSignal", NULL };
  g_autoptr (GArray) objects = exp_mozaik_find_objects (group, types, error);
  ExpMozaikSegment *segment;

  if (objects == NULL)
    return NULL;
  segment = exp_mozaik_segment_new ();
  for (guint i = 0; i < objects->len; i++)
    {
      const ExpMozaikObject *object = &g_array_index (objects, ExpMozaikObject, i);

      if (strcmp (object->type, "SpikeTrain") == 0)
        read_train (segment, object);
      else
        read_signal (segment, object);
    }
  segment->weight = objects->len * 1024;
  exp_mozaik_segment_index (segment);
  return segment;
}
