/* Values and objects, written into pickles.
 * Knows how Python's objects lie in them; no class.
 * Called by the files of this folder that save. */
#include "save.h"
#include <string.h>

void
exp_mozaik_save_record (ExpMozaikSaving *saving, const ExpPickleValue *record)
{
  if (saving->error == NULL)
    exp_pickle_write (saving->writer, record, &saving->error);
}

void
exp_mozaik_begin_object (ExpMozaikSaving *saving, const ExpPickleValue *record)
{
  exp_mozaik_save_record (saving, record->call->callable);
  exp_mozaik_save_record (saving, record->call->arguments);
  exp_pickle_write_opcode (saving->writer, record->call->how == EXP_PICKLE_REDUCE ? 'R' : 0x81);
  exp_pickle_writer_remember (saving->writer, record);
  exp_pickle_begin_dict (saving->writer);
}

void
exp_mozaik_begin_new_object (ExpMozaikSaving *saving, const char *module, const char *name)
{
  exp_pickle_write_global (saving->writer, module, name);
  exp_pickle_begin_tuple (saving->writer);
  exp_pickle_end_tuple (saving->writer);
  exp_pickle_write_opcode (saving->writer, 0x81);
  exp_pickle_begin_dict (saving->writer);
}

void
exp_mozaik_end_object (ExpMozaikSaving *saving)
{
  exp_pickle_end_dict (saving->writer);
  exp_pickle_write_opcode (saving->writer, 'b');
}

void
exp_mozaik_save_key (ExpMozaikSaving *saving, const char *key)
{
  exp_pickle_write_text (saving->writer, key);
}

void
exp_mozaik_save_text (ExpMozaikSaving *saving, const char *key, const char *text)
{
  exp_mozaik_save_key (saving, key);
  if (text != NULL)
    exp_pickle_write_text_n (saving->writer, text, strlen (text));
  else
    exp_pickle_write_none (saving->writer);
}

void
exp_mozaik_save_array (ExpMozaikSaving *saving, const ExpArray *array)
{
  if (saving->error == NULL)
    exp_pickle_write_array (saving->writer, array, &saving->error);
}

void
exp_mozaik_save_elements (ExpMozaikSaving *saving, ExpNode *node)
{
  g_autoptr (ExpArray) array = saving->error == NULL ? exp_node_read_all (node, &saving->error) : NULL;

  if (array != NULL)
    exp_pickle_write_ndarray (saving->writer, array, &saving->error);
}

char *
exp_mozaik_text_attribute (ExpNode *node, const char *name)
{
  g_autoptr (ExpArray) value = exp_node_read_attribute (node, name, NULL);

  return value != NULL && value->n_elements == 1 ? exp_array_dup_text (value) : NULL;
}

gboolean
exp_mozaik_has_attribute (ExpNode *node, const char *name)
{
  g_autoptr (ExpArray) value = exp_node_read_attribute (node, name, NULL);

  return value != NULL;
}
