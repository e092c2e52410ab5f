/* Questions about values: their items, their numbers, their texts.
 * Knows no class.
 * Called by the files of this folder and by filters. */
#include "machine.h"
#include <string.h>

const ExpPickleValue *
exp_pickle_meaning (const ExpPickleValue *value)
{
  return value->kind == EXP_PICKLE_CALL && value->call->meaning != NULL ? value->call->meaning : value;
}

const char *
exp_pickle_refusal (const ExpPickleValue *value)
{
  return value->kind == EXP_PICKLE_CALL ? value->call->refusal : NULL;
}

guint
exp_pickle_n_items (const ExpPickleValue *value)
{
  return value->n_items;
}

const ExpPickleValue *
exp_pickle_item (const ExpPickleValue *value, guint index)
{
  return index < value->n_items ? exp_pickle_meaning (value->items[index]) : NULL;
}

gboolean
exp_pickle_has_text (const ExpPickleValue *value)
{
  return value->kind == EXP_PICKLE_TEXT || value->kind == EXP_PICKLE_STR8 || value->kind == EXP_PICKLE_BYTES
         || value->kind == EXP_PICKLE_BYTEARRAY || value->kind == EXP_PICKLE_BIG_INT
         || value->kind == EXP_PICKLE_GLOBAL;
}

gboolean
exp_pickle_is_text (const ExpPickleValue *value, const char *text)
{
  return value != NULL && exp_pickle_has_text (value) && (value->flags & EXP_PICKLE_IS_LOCATED) == 0
         && value->length == strlen (text) && memcmp (value->text, text, value->length) == 0;
}

const ExpPickleValue *
exp_pickle_get_record (const ExpPickleValue *dict, const char *key)
{
  for (guint i = dict->kind == EXP_PICKLE_DICT ? dict->n_items / 2 : 0; i > 0; i--)
    {
      const ExpPickleValue *name = dict->items[2 * i - 2];

      if (name->kind != EXP_PICKLE_GLOBAL && exp_pickle_is_text (name, key))
        return dict->items[2 * i - 1];
    }
  return NULL;
}

const ExpPickleValue *
exp_pickle_get (const ExpPickleValue *dict, const char *key)
{
  const ExpPickleValue *record = exp_pickle_get_record (dict, key);

  return record != NULL ? exp_pickle_meaning (record) : NULL;
}

gboolean
exp_pickle_get_int (const ExpPickleValue *value, gint64 *number)
{
  if (value == NULL || (value->kind != EXP_PICKLE_INT && value->kind != EXP_PICKLE_BOOL))
    return FALSE;
  *number = value->integer;
  return TRUE;
}

/* Memory of `size` bytes with those of the value as it is held, or NULL. */
static guint8 *
load_held (const ExpPickleValue *value, gsize size, GError **error)
{
  guint8 *bytes = g_try_malloc (MAX (size, 1));

  if (bytes == NULL)
    g_set_error (error, EXP_ERROR, EXP_ERROR_NO_MEMORY, "no memory for a text of %" G_GSIZE_FORMAT " bytes", size);
  else if ((value->flags & EXP_PICKLE_IS_LOCATED) == 0)
    memcpy (bytes, value->text, size);
  else if (!exp_source_pread (value->located->pickle->source, value->located->offset, size, bytes, error))
    g_clear_pointer (&bytes, g_free);
  return bytes;
}

/* UTF-8 of characters below 256, as their bytes, in place. Returns their number; others become question marks. */
static gsize
to_latin (guint8 *bytes, gsize length)
{
  gsize n = 0;

  for (gsize i = 0; i < length; i++)
    if (bytes[i] < 0x80)
      bytes[n++] = bytes[i];
    else if ((bytes[i] == 0xc2 || bytes[i] == 0xc3) && i + 1 < length)
      {
        guint8 next = bytes[++i];

        bytes[n++] = (guint8)(bytes[i - 1] << 6 | (next & 0x3f));
      }
    else if (bytes[i] >= 0xc0)
      bytes[n++] = '?';
  return n;
}

static GBytes *
from_latin (const guint8 *bytes, gsize length)
{
  GString *text = g_string_new (NULL);

  for (gsize i = 0; i < length; i++)
    g_string_append_unichar (text, bytes[i]);
  return g_string_free_to_bytes (text);
}

GBytes *
exp_pickle_load (const ExpPickleValue *value, guint64 most, gboolean as_text, GError **error)
{
  gsize size = MIN (MIN (value->length, most), G_MAXSSIZE), n_tail;
  guint8 *bytes = load_held (value, size, error);

  if (bytes == NULL)
    return NULL;
  if ((value->flags & EXP_PICKLE_IS_LATIN) != 0)
    size = to_latin (bytes, size);
  if (as_text && value->kind == EXP_PICKLE_STR8 && !exp_pickle_check_utf8 (bytes, size, &n_tail))
    {
      GBytes *text = from_latin (bytes, size);

      g_free (bytes);
      return text;
    }
  return g_bytes_new_take (bytes, size);
}
