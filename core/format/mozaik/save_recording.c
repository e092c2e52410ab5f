/* New recordings: their own pickle, a Segment with its data, and what the list of recordings has of them.
 * Knows the lists of neo's Segment, of 0.7 to 0.14; trains and signals are save_neo.c's.
 * Called by save.c. */
#include "expfs/number.h"
#include "save.h"
#include <string.h>

/* What a Segment has besides trains and signals: lists that are empty here. */
static const struct
{
  const char *name, *module, *klass;
} lists[] = {
  { "analogsignals", "neo.core.analogsignal", "AnalogSignal" },
  { "irregularlysampledsignals", "neo.core.irregularlysampledsignal", "IrregularlySampledSignal" },
  { "spiketrains", NULL, NULL },
  { "events", "neo.core.event", "Event" },
  { "epochs", "neo.core.epoch", "Epoch" },
  { "channelviews", "neo.core.view", "ChannelView" },
  { "imagesequences", "neo.core.imagesequence", "ImageSequence" },
};

/* Simulators' names of the variables. */
static const struct
{
  const char *group, *name;
} variables[] = { { "vm", "v" }, { "esyn", "gsyn_exc" }, { "isyn", "gsyn_inh" } };

typedef struct
{
  ExpMozaikSaving *saving;
  ExpNode *recording;
  const char *sheet;
  gboolean has_data; /* else the lists are empty */
} Recording;

static gint
compare_ids (gconstpointer a, gconstpointer b)
{
  const gint64 one = g_ascii_strtoll (*(char *const *)a, NULL, 10),
               other = g_ascii_strtoll (*(char *const *)b, NULL, 10);

  return one < other ? -1 : one > other;
}

/* --- data --------------------------------------------------------------------------------------------------- */

static void
save_trains (Recording *self)
{
  g_autoptr (ExpNode) group = exp_node_lookup (self->recording, "spiketrains", NULL);
  g_autoptr (GPtrArray) names = group != NULL ? exp_node_list_names (group, NULL, NULL) : NULL;

  exp_pickle_begin_list (self->saving->writer);
  if (names != NULL && self->has_data)
    {
      g_ptr_array_sort (names, compare_ids);
      for (guint i = 0; i < names->len && self->saving->error == NULL; i++)
        {
          g_autoptr (ExpNode) train = exp_node_lookup (group, names->pdata[i], &self->saving->error);

          if (train != NULL)
            exp_mozaik_save_train (self->saving, train, names->pdata[i], self->sheet, i);
        }
    }
  exp_pickle_end_list (self->saving->writer);
}

/* The columns of a variable side by side. NULL when they are not of one length. */
static ExpArray *
join_columns (ExpNode *group, const GPtrArray *names, GError **error)
{
  g_autoptr (ExpArray) all = NULL;

  for (guint i = 0; i < names->len; i++)
    {
      g_autoptr (ExpNode) node = exp_node_lookup (group, names->pdata[i], error);
      g_autoptr (ExpArray) column = node != NULL ? exp_node_read_all (node, error) : NULL;
      gsize size;

      if (column == NULL)
        return NULL;
      if (all == NULL)
        all = exp_array_new (column->dtype, 2, (guint64[]){ column->n_elements, names->len }, error);
      if (all == NULL)
        return NULL;
      if (column->n_elements != all->shape[0] || !exp_dtype_equal (column->dtype, all->dtype))
        {
          g_set_error (error, EXP_ERROR, EXP_ERROR_UNSUPPORTED,
                       "the signals of one variable of a recording have to be of one length and type");
          return NULL;
        }
      size = all->dtype->size;
      for (gsize row = 0; row < column->n_elements; row++)
        memcpy (all->data + (row * names->len + i) * size, column->data + row * size, size);
    }
  return g_steal_pointer (&all);
}

typedef struct
{
  const char *sheet;
  const GPtrArray *names; /* the neurons' ids */
} Columns;

static void
annotate (ExpMozaikSaving *saving, gpointer data)
{
  const Columns *columns = data;
  const GPtrArray *names = columns->names;
  g_autoptr (ExpDtype) dtype = exp_dtype_new_number (EXP_TYPE_INT, 8, G_BYTE_ORDER == G_BIG_ENDIAN);
  g_autoptr (ExpArray) ids = exp_array_new (dtype, 1, &(guint64){ names->len }, &saving->error);

  if (ids == NULL)
    return;
  for (guint i = 0; i < names->len; i++)
    ((gint64 *)ids->data)[i] = g_ascii_strtoll (names->pdata[i], NULL, 10);
  exp_mozaik_save_text (saving, "source_population", columns->sheet);
  exp_mozaik_save_key (saving, saving->store->is_new_neo ? "channel_ids" : "source_ids");
  exp_pickle_write_ndarray (saving->writer, ids, &saving->error);
}

static void
save_variable (Recording *self, const char *group_name, const char *name)
{
  g_autoptr (ExpNode) group = exp_node_lookup (self->recording, group_name, NULL);
  g_autoptr (GPtrArray) names = group != NULL ? exp_node_list_names (group, NULL, NULL) : NULL;
  g_autoptr (ExpNode) first = NULL;
  g_autoptr (ExpArray) all = NULL;
  g_autofree char *said = NULL;

  if (names == NULL || names->len == 0 || self->saving->error != NULL)
    return;
  g_ptr_array_sort (names, compare_ids);
  all = join_columns (group, names, &self->saving->error);
  first = all != NULL ? exp_node_lookup (group, names->pdata[0], &self->saving->error) : NULL;
  if (first == NULL)
    return;
  said = exp_mozaik_text_attribute (first, "name");
  exp_mozaik_save_signal (self->saving, all, first, said != NULL && *said != '\0' ? said : name, annotate,
                          &(Columns){ self->sheet, names });
}

static void
save_signals (Recording *self)
{
  exp_pickle_begin_list (self->saving->writer);
  for (guint i = 0; self->has_data && i < G_N_ELEMENTS (variables); i++)
    save_variable (self, variables[i].group, variables[i].name);
  exp_pickle_end_list (self->saving->writer);
}

/* --- lists -------------------------------------------------------------------------------------------------- */

static void
save_items (Recording *self, guint i)
{
  if (strcmp (lists[i].name, "spiketrains") == 0)
    save_trains (self);
  else if (i == 0)
    save_signals (self);
  else
    {
      exp_pickle_begin_list (self->saving->writer);
      exp_pickle_end_list (self->saving->writer);
    }
}

/* neo's own list of spike trains. */
static void
save_train_list (Recording *self)
{
  static const char *const names[] = { "_spike_time_array", "_channel_id_array", "_all_channel_ids" };
  ExpMozaikSaving *saving = self->saving;

  exp_mozaik_begin_new_object (saving, "neo.core.spiketrainlist", "SpikeTrainList");
  exp_mozaik_save_key (saving, "_items");
  save_trains (self);
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    exp_mozaik_save_text (saving, names[i], NULL);
  exp_mozaik_save_key (saving, "_spiketrain_metadata");
  exp_pickle_begin_dict (saving->writer);
  exp_pickle_end_dict (saving->writer);
  exp_mozaik_save_key (saving, "segment");
  exp_pickle_write_again (saving->writer, self);
  exp_mozaik_end_object (saving);
}

/* neo's own list of others, from 0.13 on. */
static void
save_object_list (Recording *self, guint i)
{
  ExpMozaikSaving *saving = self->saving;

  exp_mozaik_begin_new_object (saving, "neo.core.objectlist", "ObjectList");
  exp_mozaik_save_key (saving, "allowed_contents");
  exp_pickle_begin_tuple (saving->writer);
  exp_pickle_write_global (saving->writer, lists[i].module, lists[i].klass);
  exp_pickle_end_tuple (saving->writer);
  exp_mozaik_save_key (saving, "_items");
  save_items (self, i);
  exp_mozaik_save_key (saving, "parent");
  exp_pickle_write_again (saving->writer, self);
  exp_mozaik_end_object (saving);
}

static void
save_lists (Recording *self)
{
  const ExpMozaikWriting *store = self->saving->store;

  for (guint i = 0; i < G_N_ELEMENTS (lists); i++)
    {
      g_autofree char *key = g_strconcat (store->has_underscore ? "_" : "", lists[i].name, NULL);

      if (strcmp (lists[i].name, "channelviews") == 0 && !store->has_underscore)
        continue;
      /* Mozaik's own class has properties of these names, without a value as long as nothing is loaded. */
      if (!self->has_data && !store->has_underscore && (lists[i].module == NULL || (i == 0 && store->is_new_neo)))
        continue;
      exp_mozaik_save_key (self->saving, key);
      if (lists[i].module == NULL && store->is_new_neo)
        save_train_list (self);
      else if (store->has_underscore)
        save_object_list (self, i);
      else
        save_items (self, i);
    }
}

/* --- a recording -------------------------------------------------------------------------------------------- */

static void
save_text (Recording *self, const char *name)
{
  g_autofree char *text = exp_mozaik_text_attribute (self->recording, name);

  exp_mozaik_save_text (self->saving, name, text);
}

static guint
two_digits (const char *text)
{
  return (guint)(text[0] - '0') * 10 + (guint)(text[1] - '0');
}

/* A moment as 2021-01-14T21:20:38.474578 says it, as Python's datetime. */
static void
save_moment (Recording *self, const char *name)
{
  static const char form[] = "dddd-dd-ddTdd:dd:dd";
  g_autofree char *text = exp_mozaik_text_attribute (self->recording, name);
  ExpPickleWriter *writer = self->saving->writer;
  gboolean is_moment = text != NULL && strlen (text) >= strlen (form);
  guint fraction = 0, digits = 0, year;

  exp_mozaik_save_key (self->saving, name);
  for (guint i = 0; is_moment && form[i] != '\0'; i++)
    is_moment = form[i] == 'd' ? g_ascii_isdigit (text[i]) : text[i] == form[i] || (form[i] == 'T' && text[i] == ' ');
  if (!is_moment)
    {
      exp_pickle_write_none (writer);
      return;
    }
  for (const char *at = text + strlen (form) + 1; text[strlen (form)] == '.' && g_ascii_isdigit (*at) && digits < 6;
       at++)
    {
      fraction = fraction * 10 + (guint)(*at - '0');
      digits++;
    }
  for (; digits < 6; digits++)
    fraction *= 10;
  year = two_digits (text) * 100 + two_digits (text + 2);
  const guint8 bytes[] = { year >> 8,
                           year & 0xff,
                           two_digits (text + 5),
                           two_digits (text + 8),
                           two_digits (text + 11),
                           two_digits (text + 14),
                           two_digits (text + 17),
                           fraction >> 16,
                           fraction >> 8 & 0xff,
                           fraction & 0xff };
  exp_pickle_write_global (writer, "datetime", "datetime");
  exp_pickle_begin_tuple (writer);
  exp_pickle_write_bytes (writer, bytes, sizeof bytes);
  exp_pickle_end_tuple (writer);
  exp_pickle_write_opcode (writer, 'R');
}

static void
save_annotations (Recording *self)
{
  g_autofree char *stimulus = exp_mozaik_text_attribute (self->recording, "stimulus");

  exp_mozaik_save_key (self->saving, "annotations");
  exp_pickle_begin_dict (self->saving->writer);
  exp_mozaik_save_text (self->saving, "sheet_name", self->sheet);
  exp_mozaik_save_text (self->saving, "stimulus", stimulus);
  exp_pickle_end_dict (self->saving->writer);
}

/* All that a Segment has, in the object that was begun, and that others know as `self`. */
static void
save_state (Recording *self)
{
  save_annotations (self);
  save_text (self, "name");
  save_text (self, "description");
  exp_mozaik_save_text (self->saving, "file_origin", NULL);
  exp_mozaik_save_text (self->saving, "block", NULL);
  save_lists (self);
  exp_mozaik_save_text (self->saving, "file_datetime", NULL);
  save_moment (self, "rec_datetime");
  exp_mozaik_save_text (self->saving, "index", NULL);
}

/* An object whose state is not begun, so that what is in it can refer to it. */
static void
begin (Recording *self, const char *module, const char *name)
{
  ExpPickleWriter *writer = self->saving->writer;

  exp_pickle_write_global (writer, module, name);
  exp_pickle_begin_tuple (writer);
  exp_pickle_end_tuple (writer);
  exp_pickle_write_opcode (writer, 0x81);
  exp_pickle_writer_remember (writer, self);
  exp_pickle_begin_dict (writer);
}

GBytes *
exp_mozaik_make_segment (const ExpMozaikWriting *store, ExpNode *recording, const char *identifier, GError **error)
{
  g_autoptr (ExpPickleWriter) writer = exp_pickle_writer_new ();
  g_autoptr (GPtrArray) kept = g_ptr_array_new_with_free_func (g_free);
  ExpMozaikSaving saving = { store, writer, NULL, kept };
  g_autofree char *sheet = exp_mozaik_text_attribute (recording, "sheet_name");
  Recording self = { &saving, recording, sheet, TRUE };

  begin (&self, "neo.core.segment", "Segment");
  save_state (&self);
  exp_mozaik_end_object (&saving);
  if (saving.error == NULL)
    return exp_pickle_writer_finish (writer, error);
  g_propagate_prefixed_error (error, saving.error, "%s: ", identifier);
  return NULL;
}

void
exp_mozaik_save_recording (ExpMozaikSaving *saving, ExpNode *recording, const char *identifier, guint index)
{
  ExpPickleWriter *writer = saving->writer;
  g_autofree char *sheet = exp_mozaik_text_attribute (recording, "sheet_name");
  g_autoptr (ExpArray) null = exp_node_read_attribute (recording, "null", NULL);
  Recording *self = g_new0 (Recording, 1); /* its address is the object's until the pickle is whole */
  gint64 is_null = 0;

  *self = (Recording){ saving, recording, sheet, FALSE };
  if (null != NULL)
    exp_array_get_int (null, &is_null);
  begin (self, "mozaik.storage.neo_neurotools_wrapper", "PickledDataStoreNeoWrapper");
  if (saving->store->is_new_neo)
    {
      exp_mozaik_save_key (saving, "init_sp");
      exp_pickle_write_int (writer, 2);
      exp_mozaik_save_key (saving, "init_as");
      exp_pickle_write_bool (writer, TRUE);
    }
  else
    {
      exp_mozaik_save_key (saving, "init");
      exp_pickle_write_bool (writer, FALSE);
    }
  save_state (self);
  exp_mozaik_save_text (saving, "identifier", identifier);
  exp_mozaik_save_key (saving, "null");
  exp_pickle_write_bool (writer, is_null != 0);
  exp_mozaik_save_key (saving, "full");
  exp_pickle_write_bool (writer, FALSE);
  exp_mozaik_save_text (saving, "datastore_path", exp_mozaik_store_path (saving->store->store));
  exp_mozaik_end_object (saving);
  g_ptr_array_add (saving->kept, self);
}
