/* The map of a store: which copy of it is read, and what it says, as a tree of entries.
 * Knows the map's keys; pickles and their values are the pickle folder's.
 * Called by hmf.c. */
#include "hmf.h"
#include <string.h>

/* Groups in groups; what Python pickles has half as many at most. */
#define MAX_DEPTH 1000

ExpHmfTree *
exp_hmf_tree_ref (ExpHmfTree *tree)
{
  g_atomic_ref_count_inc (&tree->references);
  return tree;
}

static void
entry_free (gpointer data)
{
  ExpHmfEntry *entry = data;

  if (entry->header != NULL)
    exp_npy_header_clear (entry->header);
  g_free (entry->header);
  g_clear_pointer (&entry->by_name, g_hash_table_unref);
  g_clear_pointer (&entry->children, g_ptr_array_unref);
  g_clear_error (&entry->error);
  exp_source_unref (entry->kept);
  g_free (entry->file);
  g_free (entry->name);
  g_free (entry);
}

void
exp_hmf_tree_unref (ExpHmfTree *tree)
{
  if (tree == NULL || !g_atomic_ref_count_dec (&tree->references))
    return;
  for (guint i = 0; i < G_N_ELEMENTS (tree->open); i++)
    exp_node_unref (tree->open[i].node);
  g_hash_table_unref (tree->names);
  g_clear_pointer (&tree->arrays, g_hash_table_unref);
  g_clear_pointer (&tree->attributes, g_hash_table_unref);
  g_clear_pointer (&tree->renamed, g_hash_table_unref);
  g_ptr_array_unref (tree->entries);
  exp_pickle_unref (tree->map);
  exp_hmf_folder_unref (tree->folder);
  g_mutex_clear (&tree->lock);
  g_free (tree);
}

ExpHmfEntry *
exp_hmf_tree_root (ExpHmfTree *tree)
{
  return tree->entries->pdata[0];
}

ExpHmfEntry *
exp_hmf_entry_child (const ExpHmfEntry *group, const char *name)
{
  return group->by_name != NULL ? g_hash_table_lookup (group->by_name, name) : NULL;
}

char *
exp_hmf_entry_path (const ExpHmfEntry *entry)
{
  GString *path = g_string_new (NULL);

  for (; entry->parent != NULL; entry = entry->parent)
    {
      g_string_prepend (path, entry->name);
      g_string_prepend_c (path, '/');
    }
  return g_string_free (path, FALSE);
}

ExpHmfEntry *
exp_hmf_tree_find (ExpHmfTree *tree, const char *path)
{
  ExpHmfEntry *entry = exp_hmf_tree_root (tree);
  g_auto (GStrv) names = g_strsplit (path, "/", -1);

  for (char **name = names[0] != NULL ? names + 1 : names; entry != NULL && *name != NULL; name++)
    entry = exp_hmf_entry_child (entry, *name);
  return entry;
}

/* --- arrays ------------------------------------------------------------------------------------------------- */

G_GNUC_PRINTF (3, 4)
static void
fault (ExpHmfEntry *entry, ExpError code, const char *format, ...)
{
  va_list arguments;

  va_start (arguments, format);
  g_autofree char *reason = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  g_set_error (&entry->error, EXP_ERROR, code, "'%s': %s", entry->name, reason);
}

/* A text without NULs, of `most` bytes at most. Caller frees; NULL for none. */
static char *
dup_text (const ExpPickleValue *value, gsize most)
{
  if (value == NULL || (value->kind != EXP_PICKLE_TEXT && value->kind != EXP_PICKLE_STR8) || value->length > most)
    return NULL;
  g_autoptr (GBytes) bytes = exp_pickle_load (value, most, TRUE, NULL);
  gsize length = 0;
  const char *text = bytes != NULL ? g_bytes_get_data (bytes, &length) : NULL;
  return text == NULL || memchr (text, '\0', length) != NULL ? NULL : g_strndup (text, length);
}

static gboolean
read_shape (const ExpPickleValue *shape, ExpNpyHeader *header)
{
  if (shape == NULL || (shape->kind != EXP_PICKLE_TUPLE && shape->kind != EXP_PICKLE_LIST)
      || exp_pickle_n_items (shape) > EXP_MAX_RANK)
    return FALSE;
  header->rank = exp_pickle_n_items (shape);
  header->n_elements = 1;
  for (guint i = 0; i < header->rank; i++)
    {
      gint64 length;

      if (!exp_pickle_get_int (exp_pickle_item (shape, i), &length) || length < 0
          || !g_uint64_checked_mul (&header->n_elements, header->n_elements, length))
        return FALSE;
      header->shape[i] = length;
    }
  return g_uint64_checked_mul (&header->n_bytes, header->n_elements, header->dtype->size)
         && header->n_bytes <= G_MAXINT64;
}

static void
read_array (ExpHmfEntry *entry, const ExpPickleValue *node)
{
  g_autofree char *dtype = dup_text (exp_pickle_get (node, "dtype"), 65536);
  g_autofree char *shown = NULL;

  entry->header = g_new0 (ExpNpyHeader, 1);
  entry->file = dup_text (exp_pickle_get (node, "dirpath"), 65536);
  shown = entry->file != NULL ? g_strescape (entry->file, NULL) : NULL;
  if (entry->file == NULL)
    fault (entry, EXP_ERROR_DAMAGED, "the map does not say where its elements are");
  else if (!exp_hmf_is_file_name (entry->file))
    fault (entry, EXP_ERROR_DAMAGED, "the map has its elements in '%s', which is no data file of this store", shown);
  else if (dtype == NULL)
    fault (entry, EXP_ERROR_DAMAGED, "the map does not say what type it is of");
  else if ((entry->header->dtype = exp_hmf_dtype_parse (dtype, &entry->error)) == NULL)
    g_prefix_error (&entry->error, "'%s': ", entry->name);
  else if (!read_shape (exp_pickle_get (node, "shape"), entry->header))
    fault (entry, EXP_ERROR_DAMAGED, "the map says no shape of it that can be");
}

/* --- the tree ----------------------------------------------------------------------------------------------- */

typedef struct
{
  ExpHmfTree *tree;
  GHashTable *seen; /* nodes that were met */
} Building;

static ExpHmfEntry *
entry_new (ExpHmfTree *tree, ExpHmfEntry *parent, char *name)
{
  ExpHmfEntry *entry = g_new0 (ExpHmfEntry, 1);

  entry->name = name;
  entry->parent = parent;
  entry->depth = parent != NULL ? parent->depth + 1 : 0;
  g_ptr_array_add (tree->entries, entry);
  if (parent == NULL)
    return entry;
  if (parent->children == NULL)
    {
      parent->children = g_ptr_array_new ();
      parent->by_name = g_hash_table_new (g_str_hash, g_str_equal);
    }
  g_ptr_array_add (parent->children, entry);
  g_hash_table_insert (parent->by_name, entry->name, entry);
  return entry;
}

/* The nodes of `nodes` as children of `group`; those below an array with its name and a slash in front. What is found
 * again is in the map twice, or in itself: it is not gone into. */
static void
add_nodes (Building *building, ExpHmfEntry *group, const char *above, const ExpPickleValue *nodes)
{
  ExpPickleNames *names;

  if (nodes == NULL || nodes->kind != EXP_PICKLE_DICT || !g_hash_table_add (building->seen, (gpointer)nodes))
    return;
  names = exp_pickle_names_new (nodes);
  for (guint i = 0; i < names->n; i++)
    {
      const ExpPickleValue *node = exp_pickle_item (nodes, 2 * i + 1);
      char *name = above != NULL ? g_strdup_printf ("%s/%s", above, names->names[i]) : g_strdup (names->names[i]);
      ExpHmfEntry *entry;

      if (exp_hmf_entry_child (group, name) != NULL)
        {
          g_free (name);
          continue;
        }
      building->tree->has_inner |= above != NULL;
      entry = entry_new (building->tree, group, name);
      entry->key = nodes->items[2 * i];
      entry->record = nodes->items[2 * i + 1];
      if (node == NULL || node->kind != EXP_PICKLE_DICT)
        fault (entry, EXP_ERROR_DAMAGED, "the map has no node of that name, but another value");
      else if (!g_hash_table_add (building->seen, (gpointer)node))
        fault (entry, EXP_ERROR_DAMAGED, "the map has the same node in another place as well");
      else if (entry->depth > MAX_DEPTH)
        fault (entry, EXP_ERROR_TOO_LARGE, "there are more than %d groups in one another", MAX_DEPTH);
      else if (exp_pickle_is_text (exp_pickle_get (node, "node_type"), "array"))
        {
          read_array (entry, node);
          if (strlen (name) <= NAME_MAX)
            add_nodes (building, group, name, exp_pickle_get (node, "nodes"));
        }
    }
  exp_pickle_names_free (names);
}

static void
build (ExpHmfTree *tree)
{
  g_autoptr (GHashTable) seen = g_hash_table_new (NULL, NULL);
  Building building = { tree, seen };
  ExpHmfEntry *root = entry_new (tree, NULL, g_strdup ("/"));

  if (tree->map == NULL)
    return;
  root->record = exp_pickle_record (tree->map);
  g_hash_table_add (seen, (gpointer)exp_pickle_root (tree->map));
  for (guint i = 0; i < tree->entries->len; i++)
    {
      ExpHmfEntry *entry = tree->entries->pdata[i];

      if (entry->error == NULL && entry->header == NULL)
        add_nodes (&building, entry, NULL, exp_pickle_get (exp_pickle_meaning (entry->record), "nodes"));
    }
}

/* --- copies ------------------------------------------------------------------------------------------------- */

/* NULL without an error when there is no such file, or what it has is as good as none; NULL with *reason when it
 * cannot be read. */
static ExpPickle *
read_copy (ExpHmfFolder *folder, const char *name, gboolean *is_empty, GString *reason)
{
  g_autoptr (GError) local = NULL;
  g_autoptr (ExpSource) source = exp_hmf_folder_open (folder, name, &local);
  g_autoptr (ExpPickle) map = source != NULL ? exp_pickle_parse_source (source, &local) : NULL;

  if (g_error_matches (local, EXP_ERROR, EXP_ERROR_NOT_FOUND))
    return NULL;
  if (map == NULL)
    g_string_append_printf (reason, "%s%s: %s", reason->len > 0 ? "; " : "", name, local->message);
  else if (exp_pickle_root (map)->kind != EXP_PICKLE_DICT)
    g_string_append_printf (reason, "%s%s: no map", reason->len > 0 ? "; " : "", name);
  else if (exp_pickle_n_items (exp_pickle_root (map)) == 0)
    *is_empty = TRUE;
  else
    return g_steal_pointer (&map);
  return NULL;
}

/* The first that can be read, as HMF has it; the newest version's before those of older ones. An empty one ends the
 * search, and counts as none. */
static ExpPickle *
read_map (ExpHmfFolder *folder, gboolean *is_there, GError **error)
{
  const char *const *const groups[] = { exp_hmf_map_names, exp_hmf_old_map_names };
  g_autoptr (GString) reason = g_string_new (NULL);
  gboolean is_empty = FALSE;

  for (guint i = 0; i < G_N_ELEMENTS (groups); i++)
    for (const char *const *name = groups[i]; *name != NULL && !is_empty; name++)
      {
        ExpPickle *map = read_copy (folder, *name, &is_empty, reason);

        if (map == NULL)
          continue;
        if (reason->len > 0)
          g_warning ("%s: a copy of the map cannot be read, %s is used (%s)", folder->path, *name, reason->str);
        *is_there = TRUE;
        return map;
      }
  *is_there = is_empty;
  if (reason->len > 0 && !is_empty)
    g_set_error (error, EXP_ERROR, EXP_ERROR_DAMAGED,
                 "%s: no copy of the map can be read (%s); a store is broken so when an attribute could not be "
                 "pickled, and the data files are as they were",
                 folder->path, reason->str);
  return NULL;
}

/* Takes over the map, which may be NULL. */
static ExpHmfTree *
tree_new (ExpHmfFolder *folder, ExpPickle *map)
{
  ExpHmfTree *tree = g_new0 (ExpHmfTree, 1);

  g_atomic_ref_count_init (&tree->references);
  g_mutex_init (&tree->lock);
  tree->folder = exp_hmf_folder_ref (folder);
  tree->map = map;
  tree->entries = g_ptr_array_new_with_free_func (entry_free);
  tree->names = g_hash_table_new_full (NULL, NULL, NULL, (GDestroyNotify)exp_pickle_names_free);
  build (tree);
  return tree;
}

ExpHmfTree *
exp_hmf_tree_new (ExpHmfFolder *folder)
{
  return tree_new (folder, NULL);
}

ExpHmfTree *
exp_hmf_tree_open (ExpHmfFolder *folder, gboolean is_written, GError **error)
{
  g_autoptr (GError) local = NULL;
  gboolean is_there = FALSE;
  g_autoptr (ExpPickle) map = read_map (folder, &is_there, &local);
  ExpHmfTree *tree;

  if (local != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&local));
      return NULL;
    }
  if (!is_there)
    g_warning ("%s: no map here: the store was never closed, and is empty", folder->path);
  tree = tree_new (folder, g_steal_pointer (&map));
  if (is_written)
    {
      tree->attributes = g_hash_table_new_full (NULL, NULL, (GDestroyNotify)exp_array_unref, g_free);
      tree->arrays = g_hash_table_new (NULL, NULL);
    }
  return tree;
}
