/* Spike trains and signals, written as neo pickles them.
 * Knows the arguments of neo 0.7 to 0.9 and of those from 0.10 on (formats/pickle.md, on neo).
 * Called by save_result.c and save_recording.c. */
#include "save.h"
#include <string.h>

static void
save_none (ExpMozaikSaving *saving, guint n)
{
  for (guint i = 0; i < n; i++)
    exp_pickle_write_none (saving->writer);
}

/* An attribute of one number, with the units that go with it or, without, `units`; None where there is none. */
static gboolean
save_quantity (ExpMozaikSaving *saving, ExpNode *node, const char *name, const char *units)
{
  g_autofree char *label = g_strconcat (name, "_units", NULL), *own = exp_mozaik_text_attribute (node, label);
  g_autoptr (ExpArray) value = exp_node_read_attribute (node, name, NULL), number = NULL;

  if (saving->error != NULL || value == NULL || value->n_elements != 1 || !exp_dtype_is_numeric (value->dtype)
      || value->dtype->size > 8)
    {
      exp_pickle_write_none (saving->writer);
      return FALSE;
    }
  number = exp_array_new_float (exp_cell_double (value->dtype, value->data));
  return exp_pickle_write_quantity (saving->writer, number, own != NULL ? own : units, &saving->error);
}

/* A quantity of a number that is not said. */
static void
save_default (ExpMozaikSaving *saving, double value, const char *units)
{
  g_autoptr (ExpArray) number = exp_array_new_float (value);

  if (saving->error == NULL)
    exp_pickle_write_quantity (saving->writer, number, units, &saving->error);
}

static void
save_moment (ExpMozaikSaving *saving, ExpNode *node, const char *name, double otherwise, const char *units)
{
  if (exp_mozaik_has_attribute (node, name))
    save_quantity (saving, node, name, units);
  else
    save_default (saving, otherwise, units);
}

static void
save_units (ExpMozaikSaving *saving, const char *units)
{
  save_default (saving, 1, units);
}

void
exp_mozaik_save_array_dict (ExpMozaikSaving *saving, guint64 length)
{
  ExpPickleWriter *writer = saving->writer;

  exp_pickle_write_global (writer, "copyreg", "_reconstructor");
  exp_pickle_begin_tuple (writer);
  exp_pickle_write_global (writer, "neo.core.dataobject", "ArrayDict");
  exp_pickle_write_global (writer, "builtins", "dict");
  exp_pickle_begin_dict (writer);
  exp_pickle_end_dict (writer);
  exp_pickle_end_tuple (writer);
  exp_pickle_write_opcode (writer, 'R');
  exp_pickle_begin_dict (writer);
  exp_mozaik_save_key (saving, "check_function");
  exp_pickle_write_global (writer, "neo.core.dataobject", "_normalize_array_annotations");
  exp_mozaik_save_key (saving, "length");
  exp_pickle_write_int (writer, (gint64)length);
  exp_pickle_end_dict (writer);
  exp_pickle_write_opcode (writer, 'b');
}

void
exp_mozaik_save_signal (ExpMozaikSaving *saving, const ExpArray *values, ExpNode *attributes, const char *name,
                        ExpMozaikAnnotate annotate, gpointer data)
{
  ExpPickleWriter *writer = saving->writer;
  g_autofree char *said = exp_mozaik_text_attribute (attributes, "units");
  const char *units = said != NULL ? said : "dimensionless";

  if (saving->error != NULL)
    return;
  exp_pickle_write_global (writer, "neo.core.analogsignal", "_new_AnalogSignalArray");
  exp_pickle_begin_tuple (writer);
  exp_pickle_write_global (writer, "neo.core.analogsignal", "AnalogSignal");
  exp_pickle_write_ndarray (writer, values, &saving->error);
  save_units (saving, units);
  exp_pickle_write_dtype (writer, values->dtype, &saving->error);
  exp_pickle_write_none (writer);
  save_moment (saving, attributes, "t_start", 0, "ms");
  save_moment (saving, attributes, "sampling_rate", 1, "1/ms");
  exp_pickle_write_none (writer);
  if (name != NULL)
    exp_pickle_write_text (writer, name);
  else
    exp_pickle_write_none (writer);
  save_none (saving, 2);
  exp_mozaik_save_array_dict (saving, values->rank > 1 ? values->shape[1] : 1);
  exp_pickle_begin_dict (writer);
  if (annotate != NULL)
    annotate (saving, data);
  exp_pickle_end_dict (writer);
  save_none (saving, saving->store->is_new_neo ? 1 : 2);
  exp_pickle_end_tuple (writer);
  exp_pickle_write_opcode (writer, 'R');
}

/* What is said of a train besides what is an argument. */
static void
save_annotations (ExpMozaikSaving *saving, ExpNode *train, const char *name, const char *sheet, guint index)
{
  static const char *const others[] = { "units",
                                        "t_start",
                                        "t_start_units",
                                        "t_stop",
                                        "t_stop_units",
                                        "sampling_rate",
                                        "sampling_rate_units",
                                        "left_sweep",
                                        "left_sweep_units",
                                        "name",
                                        "description",
                                        "file_origin",
                                        "channel_id",
                                        "source_id",
                                        NULL };
  g_auto (GStrv) names = exp_node_list_attributes (train, NULL);

  exp_mozaik_save_text (saving, "source_population", sheet);
  exp_mozaik_save_key (saving, "source_index");
  exp_pickle_write_int (saving->writer, index);
  exp_mozaik_save_key (saving, saving->store->is_new_neo ? "channel_id" : "source_id");
  exp_pickle_write_int (saving->writer, g_ascii_strtoll (name, NULL, 10));
  for (char **at = names; at != NULL && *at != NULL && saving->error == NULL; at++)
    {
      g_autoptr (ExpArray) value = NULL;

      if (g_strv_contains (others, *at))
        continue;
      value = exp_node_read_attribute (train, *at, &saving->error);
      exp_mozaik_save_key (saving, *at);
      if (value != NULL)
        exp_mozaik_save_array (saving, value);
    }
}

/* The last time, for who does not say when recording ended. */
static double
last_time (const ExpArray *times)
{
  return times->n_elements > 0
             ? exp_cell_double (times->dtype, times->data + (times->n_elements - 1) * times->dtype->size)
             : 0;
}

void
exp_mozaik_save_train (ExpMozaikSaving *saving, ExpNode *train, const char *name, const char *sheet, guint index)
{
  ExpPickleWriter *writer = saving->writer;
  g_autofree char *said = exp_mozaik_text_attribute (train, "units");
  const char *units = said != NULL ? said : "ms";
  g_autoptr (ExpArray) times = saving->error == NULL ? exp_node_read_all (train, &saving->error) : NULL;

  if (times == NULL)
    return;
  exp_pickle_write_global (writer, "neo.core.spiketrain", "_new_spiketrain");
  exp_pickle_begin_tuple (writer);
  exp_pickle_write_global (writer, "neo.core.spiketrain", "SpikeTrain");
  exp_pickle_write_ndarray (writer, times, &saving->error);
  save_moment (saving, train, "t_stop", last_time (times), units);
  save_units (saving, units);
  exp_pickle_write_dtype (writer, times->dtype, &saving->error);
  exp_pickle_write_none (writer);
  save_moment (saving, train, "sampling_rate", 1, "Hz");
  save_moment (saving, train, "t_start", 0, units);
  save_none (saving, 5);
  exp_mozaik_save_array_dict (saving, times->n_elements);
  exp_pickle_begin_dict (writer);
  save_annotations (saving, train, name, sheet, index);
  exp_pickle_end_dict (writer);
  save_none (saving, 2);
  exp_pickle_end_tuple (writer);
  exp_pickle_write_opcode (writer, 'R');
}
