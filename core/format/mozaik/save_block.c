/* The Block: its list of recordings, its sheets, and with what was simulated.
 * Knows its annotations; recordings are save_recording.c's.
 * Called by save.c and mozaik.c. */
#include "save_block.h"
#include <string.h>

typedef struct
{
  ExpMozaikSaving *saving;
  const ExpMozaikPart *part;
  ExpNode *root;
  const GArray *recordings;
} Block;

/* --- recordings --------------------------------------------------------------------------------------------- */

static void
save_items (const Block *self)
{
  exp_pickle_begin_list (self->saving->writer);
  for (guint i = 0; i < self->recordings->len; i++)
    {
      const ExpMozaikBlockRecording *one = &g_array_index (self->recordings, ExpMozaikBlockRecording, i);

      if (one->is_made)
        exp_mozaik_save_recording (self->saving, one->node, one->identifier, i);
      else
        exp_mozaik_save_record (self->saving, one->saved->record);
    }
  exp_pickle_end_list (self->saving->writer);
}

/* A list, or neo's own object with one in it. */
static void
save_list (const Block *self, const ExpPickleValue *record)
{
  const ExpPickleValue *state = record->kind == EXP_PICKLE_CALL ? exp_mozaik_state (record) : NULL;

  if (state == NULL)
    {
      save_items (self);
      return;
    }
  exp_mozaik_begin_object (self->saving, record);
  for (guint i = 0; i + 1 < state->n_items; i += 2)
    {
      exp_mozaik_save_record (self->saving, state->items[i]);
      if (exp_pickle_is_text (state->items[i], "_items"))
        save_items (self);
      else
        exp_mozaik_save_record (self->saving, state->items[i + 1]);
    }
  exp_mozaik_end_object (self->saving);
}

/* --- sheets ------------------------------------------------------------------------------------------------- */

static const struct
{
  const char *key, *file;
} arrays[] = { { "neuron_ids", "ids" }, { "neuron_positions", "positions" }, { "neuron_annotations", "annotations" } };

/* Of the column of an annotation the value of one neuron. */
static void
save_note (ExpMozaikSaving *saving, const char *name, const ExpArray *column, guint64 i)
{
  g_autoptr (ExpArray) one = exp_array_new (column->dtype, 0, NULL, &saving->error);

  if (one == NULL || i >= column->n_elements)
    return;
  memcpy (one->data, column->data + i * column->dtype->size, column->dtype->size);
  exp_mozaik_save_key (saving, name);
  exp_mozaik_save_array (saving, one);
}

static guint64
count_neurons (ExpNode *sheet)
{
  g_autoptr (ExpNode) ids = exp_node_lookup (sheet, "ids", NULL);
  g_auto (ExpInfo) info = { 0 };

  return ids != NULL && exp_node_describe (ids, &info, NULL) && info.rank == 1 ? info.shape[0] : 0;
}

/* A dict for each neuron. */
static void
save_notes (ExpMozaikSaving *saving, ExpNode *sheet)
{
  g_autoptr (ExpNode) group = exp_node_lookup (sheet, "annotations", NULL);
  g_autoptr (GPtrArray) names = group != NULL ? exp_node_list_names (group, NULL, NULL) : NULL;
  g_autoptr (GPtrArray) columns = g_ptr_array_new_with_free_func ((GDestroyNotify)exp_array_unref);
  const guint64 n = count_neurons (sheet);

  for (guint k = 0; names != NULL && k < names->len && saving->error == NULL; k++)
    {
      g_autoptr (ExpNode) node = exp_node_lookup (group, names->pdata[k], &saving->error);
      ExpArray *column = node != NULL ? exp_node_read_all (node, &saving->error) : NULL;

      if (column != NULL)
        g_ptr_array_add (columns, column);
    }
  exp_pickle_begin_list (saving->writer);
  for (guint64 i = 0; i < n && saving->error == NULL; i++)
    {
      exp_pickle_begin_dict (saving->writer);
      for (guint k = 0; k < columns->len; k++)
        save_note (saving, names->pdata[k], columns->pdata[k], i);
      exp_pickle_end_dict (saving->writer);
    }
  exp_pickle_end_list (saving->writer);
}

/* One of the dicts by sheets: those that were there as they were, and new ones. */
static void
save_sheets (const Block *self, guint which)
{
  const ExpPickleValue *annotations = self->part->annotations;
  const ExpPickleValue *dict = annotations != NULL ? exp_pickle_get (annotations, arrays[which].key) : NULL;
  g_autoptr (ExpNode) group = exp_node_lookup (self->root, "sheets", NULL);
  g_autoptr (GPtrArray) names = group != NULL ? exp_node_list_names (group, NULL, NULL) : NULL;

  exp_pickle_begin_dict (self->saving->writer);
  for (guint i = 0; dict != NULL && dict->kind == EXP_PICKLE_DICT && i < dict->n_items; i++)
    exp_mozaik_save_record (self->saving, dict->items[i]);
  for (guint i = 0; names != NULL && i < names->len && self->saving->error == NULL; i++)
    {
      g_autoptr (ExpNode) sheet = NULL, file = NULL;

      if (dict != NULL && exp_pickle_get_record (dict, names->pdata[i]) != NULL)
        continue;
      sheet = exp_node_lookup (group, names->pdata[i], &self->saving->error);
      file = sheet != NULL ? exp_node_lookup (sheet, arrays[which].file, NULL) : NULL;
      if (sheet == NULL || (file == NULL && which < 2))
        continue;
      exp_mozaik_save_key (self->saving, names->pdata[i]);
      if (which == 2)
        save_notes (self->saving, sheet);
      else
        exp_mozaik_save_elements (self->saving, file);
    }
  exp_pickle_end_dict (self->saving->writer);
}

/* --- annotations -------------------------------------------------------------------------------------------- */

static gboolean
is_of_sheets (const char *key)
{
  for (guint i = 0; i < G_N_ELEMENTS (arrays); i++)
    if (strcmp (arrays[i].key, key) == 0)
      return TRUE;
  return FALSE;
}

/* The root's attributes: those that are as they were by their records. */
static void
save_attributes (const Block *self)
{
  g_autoptr (ExpNode) saved = exp_draft_get_saved (self->root);
  g_auto (GStrv) names = exp_node_list_attributes (self->root, &self->saving->error);

  for (char **name = names; name != NULL && *name != NULL && self->saving->error == NULL; name++)
    {
      const ExpPickleValue *record
          = self->part->annotations != NULL ? exp_pickle_get_record (self->part->annotations, *name) : NULL;
      g_autoptr (ExpArray) value = exp_node_read_attribute (self->root, *name, &self->saving->error);
      g_autofree char *was = record != NULL ? exp_mozaik_dup_text (exp_pickle_meaning (record)) : NULL;
      g_autofree char *text = value != NULL && value->n_elements == 1 ? exp_array_dup_text (value) : NULL;

      if (is_of_sheets (*name) || value == NULL)
        continue;
      exp_mozaik_save_key (self->saving, *name);
      if (record != NULL && (saved != NULL || (was != NULL && g_strcmp0 (was, text) == 0)))
        exp_mozaik_save_record (self->saving, record);
      else
        exp_mozaik_save_array (self->saving, value);
    }
}

static void
save_annotations (const Block *self)
{
  exp_pickle_begin_dict (self->saving->writer);
  for (guint i = 0; i < G_N_ELEMENTS (arrays); i++)
    {
      exp_mozaik_save_key (self->saving, arrays[i].key);
      save_sheets (self, i);
    }
  save_attributes (self);
  exp_pickle_end_dict (self->saving->writer);
}

void
exp_mozaik_save_block (ExpMozaikSaving *saving, const ExpMozaikPart *part, ExpNode *root, const GArray *recordings)
{
  const ExpPickleValue *record = exp_pickle_record (part->pickle), *state = part->root;
  const Block self = { saving, part, root, recordings };

  exp_mozaik_begin_object (saving, record);
  for (guint i = 0; i + 1 < state->n_items; i += 2)
    {
      exp_mozaik_save_record (saving, state->items[i]);
      if (exp_pickle_is_text (state->items[i], "annotations"))
        save_annotations (&self);
      else if (exp_pickle_is_text (state->items[i], "segments") || exp_pickle_is_text (state->items[i], "_segments"))
        save_list (&self, state->items[i + 1]);
      else
        exp_mozaik_save_record (saving, state->items[i + 1]);
    }
  exp_mozaik_end_object (saving);
}

/* --- a new store -------------------------------------------------------------------------------------------- */

static void
save_empty_list (ExpMozaikSaving *saving, const char *key, const char *module, const char *klass)
{
  exp_mozaik_save_key (saving, key);
  exp_mozaik_begin_new_object (saving, "neo.core.objectlist", "ObjectList");
  exp_mozaik_save_key (saving, "allowed_contents");
  exp_pickle_begin_tuple (saving->writer);
  exp_pickle_write_global (saving->writer, module, klass);
  exp_pickle_end_tuple (saving->writer);
  exp_mozaik_save_key (saving, "_items");
  exp_pickle_begin_list (saving->writer);
  exp_pickle_end_list (saving->writer);
  exp_mozaik_save_key (saving, "parent");
  exp_pickle_write_again (saving->writer, saving);
  exp_mozaik_end_object (saving);
}

void
exp_mozaik_save_empty_block (ExpMozaikSaving *saving)
{
  static const char *const nothing[]
      = { "name", "description", "file_origin", "file_datetime", "rec_datetime", "index" };
  static const char *const texts[] = { "model_parameters", "sheet_parameters" };
  ExpPickleWriter *writer = saving->writer;

  exp_pickle_write_global (writer, "neo.core.block", "Block");
  exp_pickle_begin_tuple (writer);
  exp_pickle_end_tuple (writer);
  exp_pickle_write_opcode (writer, 0x81);
  exp_pickle_writer_remember (writer, saving);
  exp_pickle_begin_dict (writer);
  exp_mozaik_save_key (saving, "annotations");
  exp_pickle_begin_dict (writer);
  for (guint i = 0; i < G_N_ELEMENTS (arrays); i++)
    {
      exp_mozaik_save_key (saving, arrays[i].key);
      exp_pickle_begin_dict (writer);
      exp_pickle_end_dict (writer);
    }
  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    exp_mozaik_save_text (saving, texts[i], "{}");
  exp_mozaik_save_key (saving, "experiment_parameters");
  exp_pickle_begin_list (writer);
  exp_pickle_end_list (writer);
  exp_pickle_end_dict (writer);
  for (guint i = 0; i < G_N_ELEMENTS (nothing); i++)
    exp_mozaik_save_text (saving, nothing[i], NULL);
  save_empty_list (saving, "_segments", "neo.core.segment", "Segment");
  save_empty_list (saving, "_groups", "neo.core.group", "Group");
  exp_mozaik_end_object (saving);
}
