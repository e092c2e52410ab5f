/* The map of a store, written: what did not change as the map had it, whatever it is; the rest in the form that the
 * newest HMF reads.
 * Knows the map's keys; the pickle folder knows pickles.
 * Called by save.c. */
#include "format/pickle/writer.h"
#include "hmf.h"
#include <string.h>

typedef struct
{
  const ExpHmfStore *store;
  GHashTable *arrays; /* path -> ExpHmfArray */
  ExpPickleWriter *writer;
  GString *path; /* of the node that is written */
  GError *error;
} Writing;

static void write_node (Writing *writing, const char *name, ExpNode *node);

static void
write_record (Writing *writing, const ExpPickleValue *record)
{
  if (writing->error == NULL)
    exp_pickle_write (writing->writer, record, &writing->error);
}

/* The record behind a text key of a dict, and of its key; NULL for none. */
static const ExpPickleValue *
find (const ExpPickleValue *dict, const char *name, const ExpPickleValue **key)
{
  for (guint i = dict != NULL ? dict->n_items / 2 : 0; i > 0; i--)
    if (dict->items[2 * i - 2]->kind != EXP_PICKLE_GLOBAL && exp_pickle_is_text (dict->items[2 * i - 2], name))
      {
        if (key != NULL)
          *key = dict->items[2 * i - 2];
        return dict->items[2 * i - 1];
      }
  return NULL;
}

/* The node as the map has it, or NULL. */
static const ExpPickleValue *
node_of (const ExpHmfEntry *entry)
{
  const ExpPickleValue *node = entry != NULL && entry->record != NULL ? exp_pickle_meaning (entry->record) : NULL;

  return node != NULL && node->kind == EXP_PICKLE_DICT ? node : NULL;
}

/* What was saved of a node, whose elements may be others now. */
static ExpHmfEntry *
entry_of (const Writing *writing, ExpNode *node)
{
  g_autoptr (ExpNode) saved = exp_draft_get_saved_elements (node);
  ExpHmfNode *own = exp_hmf_node (saved);

  return own != NULL ? own->entry : NULL;
}

static gboolean
is_in_place (const Writing *writing, const ExpHmfEntry *entry)
{
  g_autofree char *path = entry != NULL ? exp_hmf_entry_path (entry) : NULL;

  return path != NULL && strcmp (path, writing->path->str) == 0;
}

/* --- parts of a node ---------------------------------------------------------------------------------------- */

static void
write_attribute (Writing *writing, ExpNode *node, const char *name)
{
  ExpHmfTree *tree = writing->store->tree;
  g_autoptr (ExpArray) value = exp_node_read_attribute (node, name, &writing->error);
  const ExpHmfAttribute *known;

  if (value == NULL)
    return;
  g_mutex_lock (&tree->lock);
  known = tree->attributes != NULL ? g_hash_table_lookup (tree->attributes, value) : NULL;
  g_mutex_unlock (&tree->lock);
  if (known == NULL)
    {
      exp_pickle_write_text_n (writing->writer, name, strlen (name));
      exp_pickle_write_array (writing->writer, value, &writing->error);
    }
  else if (known->key != NULL)
    {
      write_record (writing, known->key);
      write_record (writing, known->value);
    }
}

static void
write_attributes (Writing *writing, ExpNode *node)
{
  g_autoptr (ExpNode) saved = exp_draft_get_saved (node);
  ExpHmfNode *own = exp_hmf_node (saved);
  const ExpPickleValue *attributes = own != NULL ? find (node_of (own->entry), "attributes", NULL) : NULL;

  exp_pickle_write_text (writing->writer, "attributes");
  if (attributes != NULL)
    {
      write_record (writing, attributes);
      return;
    }
  g_auto (GStrv) names = exp_node_list_attributes (node, &writing->error);
  exp_pickle_begin_dict (writing->writer);
  for (guint i = 0; names != NULL && names[i] != NULL && writing->error == NULL; i++)
    write_attribute (writing, node, names[i]);
  exp_pickle_end_dict (writing->writer);
}

static gboolean
write_child (const char *name, ExpNode *child, gpointer data)
{
  Writing *writing = data;
  const gsize length = writing->path->len;

  if (exp_draft_is_bare (child))
    return TRUE;
  g_string_append_printf (writing->path, "/%s", name);
  write_node (writing, name, child);
  g_string_truncate (writing->path, length);
  return writing->error == NULL;
}

static void
write_children (Writing *writing, ExpNode *group)
{
  GError *error = NULL;

  exp_pickle_write_text (writing->writer, "nodes");
  exp_pickle_begin_dict (writing->writer);
  if (writing->error == NULL && !exp_node_list (group, 0, write_child, writing, &error) && writing->error == NULL)
    writing->error = g_steal_pointer (&error);
  g_clear_error (&error);
  exp_pickle_end_dict (writing->writer);
}

static void
write_pair (Writing *writing, const char *key, const char *value)
{
  exp_pickle_write_text (writing->writer, key);
  exp_pickle_write_text_n (writing->writer, value, strlen (value));
}

/* What the map says of the node besides, that we know nothing of. */
static void
write_others (Writing *writing, const ExpPickleValue *node, const char *const *known)
{
  for (guint i = 0; node != NULL && i + 1 < node->n_items; i += 2)
    {
      gboolean is_known = FALSE;

      for (const char *const *key = known; *key != NULL && !is_known; key++)
        is_known = exp_pickle_is_text (node->items[i], *key);
      if (is_known)
        continue;
      write_record (writing, node->items[i]);
      write_record (writing, node->items[i + 1]);
    }
}

/* --- nodes -------------------------------------------------------------------------------------------------- */

/* TRUE when there is one, which is written as it is. */
static gboolean
write_again (Writing *writing, const ExpPickleValue *node, const char *key)
{
  const ExpPickleValue *value = find (node, key, NULL);

  if (value == NULL)
    return FALSE;
  exp_pickle_write_text (writing->writer, key);
  write_record (writing, value);
  return TRUE;
}

static void
write_group (Writing *writing, ExpNode *node, const ExpHmfEntry *entry)
{
  static const char *const known[] = { "nodes", "attributes", "node_type", "dirpath", NULL };
  g_autofree char *dirpath = exp_hmf_data_file (writing->path->str);

  exp_pickle_begin_dict (writing->writer);
  write_children (writing, node);
  write_attributes (writing, node);
  write_pair (writing, "node_type", "group");
  if (!is_in_place (writing, entry) || !write_again (writing, node_of (entry), "dirpath"))
    write_pair (writing, "dirpath", dirpath);
  write_others (writing, node_of (entry), known);
  exp_pickle_end_dict (writing->writer);
}

static void
write_shape (Writing *writing, const ExpHmfArray *array)
{
  exp_pickle_write_text (writing->writer, "shape");
  exp_pickle_begin_tuple (writing->writer);
  for (guint i = 0; i < array->rank; i++)
    exp_pickle_write_int (writing->writer, (gint64)array->shape[i]);
  exp_pickle_end_tuple (writing->writer);
}

static void
write_array (Writing *writing, ExpNode *node, const ExpHmfArray *array)
{
  static const char *const known[] = { "node_type", "attributes", "nodes", "dirpath", "dtype", "shape", NULL };
  const ExpPickleValue *saved = node_of (array->saved);

  exp_pickle_begin_dict (writing->writer);
  write_pair (writing, "node_type", "array");
  write_attributes (writing, node);
  exp_pickle_write_text (writing->writer, "nodes");
  exp_pickle_begin_dict (writing->writer);
  exp_pickle_end_dict (writing->writer);
  write_pair (writing, "dirpath", array->file);
  if (saved == NULL || !write_again (writing, saved, "dtype"))
    write_pair (writing, "dtype", array->dtype != NULL ? array->dtype : "");
  if (saved == NULL || !write_again (writing, saved, "shape"))
    write_shape (writing, array);
  write_others (writing, saved, known);
  exp_pickle_end_dict (writing->writer);
}

static void
write_node (Writing *writing, const char *name, ExpNode *node)
{
  const ExpHmfEntry *entry = entry_of (writing, node);
  const ExpHmfArray *array = g_hash_table_lookup (writing->arrays, writing->path->str);
  /* What the map has and nobody can read stays what it is, under whatever name. */
  const gboolean is_broken = entry != NULL && entry->error != NULL;
  const gboolean is_as_it_was = is_in_place (writing, entry) && exp_draft_is_saved (node);

  if (is_as_it_was && entry->key != NULL)
    write_record (writing, entry->key);
  else
    exp_pickle_write_text_n (writing->writer, name, strlen (name));
  if (is_as_it_was || is_broken)
    write_record (writing, entry->record);
  else if (array != NULL)
    write_array (writing, node, array);
  else
    write_group (writing, node, entry);
}

/* What HMF wants to find when it knows data frames, and what a store without any has. */
static void
write_frames (Writing *writing, const ExpPickleValue *root)
{
  static const char *const dicts[] = { "grouped", "group_sizes", "group_names", "group_items", NULL };

  if (find (root, "dataframe_colnames", NULL) == NULL)
    {
      exp_pickle_write_text (writing->writer, "dataframe_colnames");
      exp_pickle_write_global (writing->writer, "collections", "defaultdict");
      exp_pickle_begin_tuple (writing->writer);
      exp_pickle_write_global (writing->writer, "builtins", "dict");
      exp_pickle_end_tuple (writing->writer);
      exp_pickle_write_opcode (writing->writer, 'R');
    }
  for (const char *const *key = dicts; *key != NULL; key++)
    if (find (root, *key, NULL) == NULL)
      {
        exp_pickle_write_text (writing->writer, *key);
        exp_pickle_begin_dict (writing->writer);
        exp_pickle_end_dict (writing->writer);
      }
  if (find (root, "multi_pdfs", NULL) == NULL)
    {
      exp_pickle_write_text (writing->writer, "multi_pdfs");
      exp_pickle_write_bool (writing->writer, FALSE);
    }
}

GBytes *
exp_hmf_map_make (ExpNode *root, const ExpHmfStore *store, GHashTable *arrays, GError **error)
{
  static const char *const known[] = { "attributes", "nodes", "dirpath", "node_type", NULL };
  g_autoptr (ExpPickleWriter) writer = exp_pickle_writer_new ();
  g_autoptr (GString) path = g_string_new (NULL);
  Writing writing = { store, arrays, writer, path, NULL };
  const ExpPickleValue *node = node_of (exp_hmf_tree_root (store->tree));

  exp_pickle_begin_dict (writer);
  write_attributes (&writing, root);
  write_children (&writing, root);
  write_pair (&writing, "dirpath", store->folder->path);
  write_pair (&writing, "node_type", "root");
  write_others (&writing, node, known);
  write_frames (&writing, node);
  exp_pickle_end_dict (writer);
  if (writing.error == NULL)
    return exp_pickle_writer_finish (writer, error);
  g_propagate_error (error, writing.error);
  return NULL;
}
