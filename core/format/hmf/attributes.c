/* Attributes of groups and arrays, which are any values of Python's; and what a map says of data frames.
 * Knows how they are shown, and remembers which value of the map each one is.
 * Called through the nodes' classes. */
#include "hmf.h"
#include <string.h>

/* What a map says of the frames that were registered with the store, beside its nodes. */
static const char *const frame_keys[]
    = { "dataframe_colnames", "grouped", "group_sizes", "group_names", "group_items", "multi_pdfs", NULL };

/* Text of what has no form of its own is cut when it is longer than this, and than so many times the map. */
#define MAX_TEXT     ((gsize)1 << 20)
#define TIMES_LONGER 8

static const ExpPickleValue *
node_of (const ExpHmfEntry *entry)
{
  return entry->record != NULL ? exp_pickle_meaning (entry->record) : NULL;
}

static const ExpPickleValue *
attributes_of (const ExpHmfEntry *entry)
{
  const ExpPickleValue *node = node_of (entry);
  const ExpPickleValue *attributes = node != NULL ? exp_pickle_get (node, "attributes") : NULL;

  return attributes != NULL && attributes->kind == EXP_PICKLE_DICT ? attributes : NULL;
}

/* With the lock. */
static const ExpPickleNames *
names_of (ExpHmfTree *tree, const ExpPickleValue *dict)
{
  ExpPickleNames *names = g_hash_table_lookup (tree->names, dict);

  if (names == NULL)
    {
      names = exp_pickle_names_new (dict);
      g_hash_table_insert (tree->names, (gpointer)dict, names);
    }
  return names;
}

/* TRUE when the map says anything of frames. */
static gboolean
has_frames (const ExpPickleValue *root)
{
  for (const char *const *key = frame_keys; *key != NULL; key++)
    {
      const ExpPickleValue *value = exp_pickle_get (root, *key);

      if (value != NULL && value->kind == EXP_PICKLE_DICT && exp_pickle_n_items (value) > 0)
        return TRUE;
    }
  return FALSE;
}

/* What the map says of frames, of the root only; NULL for none. */
static const ExpPickleValue *
frame_value (const ExpHmfEntry *entry, const char *name)
{
  const ExpPickleValue *root = entry->parent == NULL ? node_of (entry) : NULL;

  return root != NULL && g_strv_contains (frame_keys, name) && has_frames (root) ? exp_pickle_get (root, name) : NULL;
}

char **
exp_hmf_list_attributes (ExpNode *node, GError **error)
{
  const ExpHmfNode *self = (ExpHmfNode *)node;
  const ExpPickleValue *attributes = attributes_of (self->entry);
  g_autoptr (GPtrArray) list = g_ptr_array_new ();
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->tree->lock);
  const ExpPickleNames *names = attributes != NULL ? names_of (self->tree, attributes) : NULL;

  for (guint i = 0; names != NULL && i < names->n; i++)
    g_ptr_array_add (list, g_strdup (names->names[i]));
  for (const char *const *key = frame_keys; *key != NULL; key++)
    if (frame_value (self->entry, *key) != NULL && (names == NULL || !g_hash_table_contains (names->indices, *key)))
      g_ptr_array_add (list, g_strdup (*key));
  g_ptr_array_add (list, NULL);
  return (char **)g_ptr_array_steal (list, NULL);
}

/* --- values ------------------------------------------------------------------------------------------------- */

static ExpArray *
new_text (const char *text, gsize length, GError **error)
{
  g_autoptr (ExpDtype) dtype = exp_dtype_new_vstring (TRUE);
  g_autoptr (ExpArray) array = exp_array_new (dtype, 0, NULL, error);
  ExpVlen *cell = array != NULL ? (ExpVlen *)array->data : NULL;

  if (cell == NULL || length == 0)
    return g_steal_pointer (&array);
  cell->data = exp_array_allocate (array, length);
  if (cell->data == NULL)
    {
      g_set_error (error, EXP_ERROR, EXP_ERROR_NO_MEMORY, "no memory for a text of %" G_GSIZE_FORMAT " bytes", length);
      return NULL;
    }
  memcpy (cell->data, text, length);
  cell->length = length;
  return g_steal_pointer (&array);
}

/* As Python prints them: b'\x00a'. */
static void
append_bytes (const guint8 *bytes, gsize length, GString *out)
{
  g_string_append (out, "b'");
  for (gsize i = 0; i < length; i++)
    if (bytes[i] == '\\' || bytes[i] == '\'')
      g_string_append_printf (out, "\\%c", bytes[i]);
    else if (bytes[i] >= 0x20 && bytes[i] < 0x7f)
      g_string_append_c (out, (char)bytes[i]);
    else
      g_string_append_printf (out, "\\x%02x", bytes[i]);
  g_string_append_c (out, '\'');
}

static ExpArray *
to_array (const ExpHmfTree *tree, const ExpPickleValue *value, GError **error)
{
  const gboolean is_bytes = value->kind == EXP_PICKLE_BYTES || value->kind == EXP_PICKLE_BYTEARRAY;
  g_autoptr (GString) text = NULL;

  if (exp_pickle_has_text (value))
    {
      g_autoptr (GBytes) bytes = exp_pickle_load (value, G_MAXUINT64, TRUE, error);
      gsize length;

      if (bytes == NULL)
        return NULL;
      const guint8 *data = g_bytes_get_data (bytes, &length);
      if (!is_bytes)
        return new_text ((const char *)data, length, error);
      text = g_string_new (NULL);
      append_bytes (data, length, text);
      return new_text (text->str, text->len, error);
    }
  if (value->kind != EXP_PICKLE_DICT || (value->flags & EXP_PICKLE_IS_OBJECT) != 0)
    return exp_pickle_to_array (value, error);
  text = g_string_new (NULL);
  exp_pickle_append_limited (value, text, MAX (MAX_TEXT, TIMES_LONGER * exp_pickle_size (tree->map)));
  return new_text (text->str, text->len, error);
}

/* Whoever writes is given the same array each time, by which its value is known again. */
static ExpArray *
remember (ExpHmfTree *tree, const ExpPickleValue *key, const ExpPickleValue *value, gconstpointer place,
          ExpArray *array)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&tree->lock);
  ExpArray *known = g_hash_table_lookup (tree->arrays, place);
  ExpHmfAttribute *attribute;

  if (known != NULL)
    {
      exp_array_unref (array);
      return exp_array_ref (known);
    }
  attribute = g_new (ExpHmfAttribute, 1);
  *attribute = (ExpHmfAttribute){ key, value };
  g_hash_table_insert (tree->attributes, exp_array_ref (array), attribute);
  g_hash_table_insert (tree->arrays, (gpointer)place, array);
  return array;
}

ExpArray *
exp_hmf_read_attribute (ExpNode *node, const char *name, GError **error)
{
  const ExpHmfNode *self = (ExpHmfNode *)node;
  ExpHmfTree *tree = self->tree;
  const ExpPickleValue *attributes = attributes_of (self->entry), *key = NULL, *value = NULL;
  gconstpointer place = NULL;
  guint found = 0;

  if (attributes != NULL)
    {
      g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&tree->lock);

      found = GPOINTER_TO_UINT (g_hash_table_lookup (names_of (tree, attributes)->indices, name));
    }
  if (found > 0)
    {
      place = &attributes->items[2 * (found - 1)];
      key = attributes->items[2 * (found - 1)];
      value = attributes->items[2 * found - 1];
    }
  else
    place = value = frame_value (self->entry, name);
  if (value == NULL)
    {
      g_set_error (error, EXP_ERROR, EXP_ERROR_NOT_FOUND, "no attribute '%s'", name);
      return NULL;
    }
  ExpArray *array = to_array (tree, exp_pickle_meaning (value), error);
  return array != NULL && tree->arrays != NULL ? remember (tree, key, value, place, array) : array;
}
