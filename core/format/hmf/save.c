/* Stores, saved: data files of what is new or has moved, then the map, all in one commit.
 * Knows which array gets which file; map_write.c knows the map, commit.c durability.
 * Called by hmf.c. */
#include "hmf.h"
#include "numpy/npy_bytes.h"
#include <string.h>
#include <sys/stat.h>

#define PIECE (1 << 20)

typedef struct
{
  ExpHmfStore *store;
  GPtrArray *arrays;   /* of ExpHmfArray, owned */
  GHashTable *by_path; /* path -> ExpHmfArray */
  GHashTable *files;   /* names of data files that are taken; no value */
  ExpHmfCommit commit;
  GString *path; /* of the group that is gone through */
  GError *error;
} Saving;

static void
array_free (gpointer data)
{
  ExpHmfArray *array = data;

  exp_node_unref (array->node);
  g_free (array->path);
  g_free (array->file);
  g_free (array->dtype);
  g_free (array);
}

/* --- which there are ---------------------------------------------------------------------------------------- */

/* What was saved of the node and whose elements are still so. */
static ExpHmfEntry *
saved_entry (ExpNode *node)
{
  g_autoptr (ExpNode) saved = exp_draft_get_saved_elements (node);
  ExpHmfNode *own = exp_hmf_node (saved);

  return own != NULL ? own->entry : NULL;
}

static gboolean
collect_child (const char *name, ExpNode *child, gpointer data)
{
  Saving *saving = data;
  const gsize length = saving->path->len;
  g_auto (ExpInfo) info = { 0 };
  ExpHmfEntry *saved = saved_entry (child);
  gboolean is_done = TRUE;

  if (exp_draft_is_bare (child))
    return TRUE;
  g_string_append_printf (saving->path, "/%s", name);
  /* What the map has and nobody can read is no group. */
  const gboolean is_group
      = exp_node_describe (child, &info, saved != NULL ? NULL : &saving->error) && info.kind == EXP_KIND_GROUP;
  if (is_group)
    is_done = exp_node_list (child, 0, collect_child, saving, saving->error == NULL ? &saving->error : NULL);
  else if (saving->error == NULL)
    {
      ExpHmfArray *array = g_new0 (ExpHmfArray, 1);

      array->node = exp_node_ref (child);
      array->path = g_strdup (saving->path->str);
      array->saved = saved;
      g_ptr_array_add (saving->arrays, array);
      g_hash_table_insert (saving->by_path, array->path, array);
    }
  g_string_truncate (saving->path, length);
  return is_done && saving->error == NULL;
}

/* --- which file each one gets ------------------------------------------------------------------------------- */

static gboolean
has_file (const ExpHmfEntry *entry)
{
  return entry != NULL && entry->header != NULL && entry->file != NULL && exp_hmf_is_file_name (entry->file);
}

/* TRUE when it stays what and where it was. */
static gboolean
is_in_place (const ExpHmfArray *array)
{
  g_autofree char *path = array->saved != NULL ? exp_hmf_entry_path (array->saved) : NULL;

  return path != NULL && strcmp (path, array->path) == 0;
}

static gboolean
is_there (const ExpHmfFolder *folder, const char *name)
{
  g_autofree char *path = exp_hmf_folder_path (folder, name);
  struct stat st;

  return lstat (path, &st) == 0;
}

static void
keep_file (Saving *saving, ExpHmfArray *array)
{
  if (array->saved->file == NULL)
    return;
  array->file = g_strdup (array->saved->file);
  g_hash_table_add (saving->files, array->file);
}

/* The file that the array at this path had, or one by its names; by other names when another array has that. */
static void
take_file (Saving *saving, ExpHmfArray *array)
{
  const ExpHmfEntry *old = exp_hmf_tree_find (saving->store->tree, array->path);
  g_autofree char *wanted = has_file (old) ? g_strdup (old->file) : exp_hmf_data_file (array->path);

  array->file = g_strdup (wanted);
  for (guint n = 2; g_hash_table_contains (saving->files, array->file); n++)
    {
      g_free (array->file);
      array->file = g_strdup_printf ("%.*s~%u", NAME_MAX - 12, wanted, n);
    }
  g_hash_table_add (saving->files, array->file);
}

static void
give_files (Saving *saving)
{
  for (guint i = 0; i < saving->arrays->len; i++)
    {
      ExpHmfArray *array = saving->arrays->pdata[i];

      /* A broken one stays as it is, wherever it goes; so does one whose data file is not there. */
      if (array->saved != NULL
          && (is_in_place (array) || array->saved->error != NULL || !has_file (array->saved)
              || !is_there (saving->store->folder, array->saved->file)))
        keep_file (saving, array);
    }
  for (guint i = 0; i < saving->arrays->len; i++)
    {
      ExpHmfArray *array = saving->arrays->pdata[i];

      if (array->file == NULL && (array->saved == NULL || has_file (array->saved)))
        take_file (saving, array);
    }
}

/* --- data files --------------------------------------------------------------------------------------------- */

static gboolean
write_elements (ExpSource *to, gpointer data, GError **error)
{
  ExpNpyBytes *bytes = data;
  g_autofree char *piece = g_malloc (PIECE);
  guint64 size;

  if (!exp_npy_bytes_size (bytes, &size, error))
    return FALSE;
  for (guint64 at = 0; at < size;)
    {
      gsize n;

      if (!exp_npy_bytes_pread (bytes, at, PIECE, piece, &n, error) || !exp_source_pwrite (to, at, n, piece, error))
        return FALSE;
      at += n;
    }
  return TRUE;
}

static gboolean
save_new (Saving *saving, ExpHmfArray *array, GError **error)
{
  g_auto (ExpInfo) info = { 0 };
  ExpNpyBytes bytes;

  if (!exp_node_describe (array->node, &info, error))
    return FALSE;
  if (!exp_npy_bytes_init (&bytes, array->node, &info, error))
    return FALSE;
  gboolean is_saved = exp_npy_bytes_measure (&bytes, error)
                      && exp_hmf_commit_add (&saving->commit, array->file, write_elements, &bytes, error);
  if (is_saved)
    {
      g_autofree char *descr = exp_npy_bytes_descr (&bytes);

      array->dtype = exp_hmf_dtype_name (descr);
      array->rank = MIN (bytes.grid.rank, EXP_MAX_RANK);
      memcpy (array->shape, bytes.grid.shape, array->rank * sizeof *array->shape);
      /* HMF has no scalars: one row. */
      if (array->rank == 0)
        array->shape[array->rank++] = 1;
    }
  exp_npy_bytes_clear (&bytes);
  return is_saved;
}

static gboolean
save_files (Saving *saving, GError **error)
{
  for (guint i = 0; i < saving->arrays->len; i++)
    {
      ExpHmfArray *array = saving->arrays->pdata[i];

      if (array->saved == NULL)
        {
          if (!save_new (saving, array, error))
            return FALSE;
        }
      else if (array->file != NULL && strcmp (array->file, array->saved->file) != 0
               && !exp_hmf_commit_add_link (&saving->commit, array->saved->file, array->file, error))
        return FALSE;
    }
  return TRUE;
}

/* Data files that no array has any more, and maps of older versions, which would have them still. */
static void
remove_files (Saving *saving)
{
  const GPtrArray *entries = saving->store->tree->entries;

  for (guint i = 0; i < entries->len; i++)
    {
      const ExpHmfEntry *entry = entries->pdata[i];

      if (has_file (entry) && g_hash_table_add (saving->files, entry->file))
        exp_hmf_commit_remove (&saving->commit, entry->file);
    }
  for (const char *const *name = exp_hmf_old_map_names; *name != NULL; name++)
    if (is_there (saving->store->folder, *name))
      exp_hmf_commit_remove (&saving->commit, *name);
}

/* --- the map ------------------------------------------------------------------------------------------------ */

static gboolean
write_bytes (ExpSource *to, gpointer data, GError **error)
{
  gsize length;
  const void *bytes = g_bytes_get_data (data, &length);

  return exp_source_pwrite (to, 0, length, bytes, error);
}

static gboolean
save_map (Saving *saving, ExpNode *root, GError **error)
{
  g_autoptr (GBytes) map = exp_hmf_map_make (root, saving->store, saving->by_path, error);

  for (const char *const *name = exp_hmf_map_names; map != NULL && *name != NULL; name++)
    if (!exp_hmf_commit_add (&saving->commit, *name, write_bytes, map, error))
      return FALSE;
  return map != NULL;
}

void
exp_hmf_identify (ExpHmfFolder *folder, ExpIdentity *copies)
{
  for (guint i = 0; i < EXP_HMF_N_COPIES; i++)
    {
      g_autoptr (ExpSource) source = exp_hmf_folder_open (folder, exp_hmf_map_names[i], NULL);

      memset (&copies[i], 0, sizeof copies[i]);
      if (source != NULL)
        exp_source_identify (source, &copies[i], NULL);
    }
}

/* Nobody else's changes are written over. */
static gboolean
check_unchanged (const ExpHmfStore *store, GError **error)
{
  ExpIdentity now[EXP_HMF_N_COPIES];

  exp_hmf_identify (store->folder, now);
  if (memcmp (now, store->copies, sizeof now) == 0)
    return TRUE;
  g_set_error (error, EXP_ERROR, EXP_ERROR_BUSY,
               "%s: its map was changed by another program since it was opened: nothing is written over that; copy "
               "what you have changed out of the mount, then mount it again",
               store->folder->path);
  return FALSE;
}

/* Whoever reads what was saved before finds what has moved under its new name, until he is given what is saved now. */
static void
note_renamed (Saving *saving)
{
  ExpHmfTree *tree = saving->store->tree;

  for (guint i = 0; i < saving->arrays->len; i++)
    {
      const ExpHmfArray *array = saving->arrays->pdata[i];

      if (array->saved == NULL || array->file == NULL || strcmp (array->file, array->saved->file) == 0)
        continue;
      if (tree->renamed == NULL)
        tree->renamed = g_hash_table_new_full (NULL, NULL, NULL, g_free);
      g_hash_table_insert (tree->renamed, array->saved, g_strdup (array->file));
    }
}

/* Who has an array open that was removed or made anew reads on what it was. */
static void
keep_files (Saving *saving)
{
  ExpHmfTree *tree = saving->store->tree;
  g_autoptr (GHashTable) staying = g_hash_table_new (NULL, NULL);

  for (guint i = 0; i < saving->arrays->len; i++)
    g_hash_table_add (staying, ((const ExpHmfArray *)saving->arrays->pdata[i])->saved);
  for (guint i = 0; i < tree->entries->len; i++)
    if (!g_hash_table_contains (staying, tree->entries->pdata[i]))
      exp_hmf_keep_file (tree, tree->entries->pdata[i]);
}

gboolean
exp_hmf_save (ExpNode *root, ExpHmfStore *store, GError **error)
{
  g_autoptr (GPtrArray) arrays = g_ptr_array_new_with_free_func (array_free);
  g_autoptr (GHashTable) by_path = g_hash_table_new (g_str_hash, g_str_equal);
  g_autoptr (GHashTable) files = g_hash_table_new (g_str_hash, g_str_equal);
  g_autoptr (GString) path = g_string_new (NULL);
  Saving saving = { .store = store, .arrays = arrays, .by_path = by_path, .files = files, .path = path };

  if (!check_unchanged (store, error))
    return FALSE;
  gboolean is_saved = exp_node_list (root, 0, collect_child, &saving, error);
  if (saving.error != NULL)
    {
      g_propagate_error (error, saving.error);
      return FALSE;
    }
  if (!is_saved)
    return FALSE;
  exp_hmf_commit_init (&saving.commit, store->folder);
  give_files (&saving);
  is_saved = save_files (&saving, error) && save_map (&saving, root, error) && check_unchanged (store, error);
  if (is_saved)
    {
      remove_files (&saving);
      g_rw_lock_writer_lock (&store->folder->lock);
      keep_files (&saving);
      note_renamed (&saving);
      is_saved = exp_hmf_commit_make (&saving.commit, error);
      g_rw_lock_writer_unlock (&store->folder->lock);
    }
  exp_hmf_commit_clear (&saving.commit);
  return is_saved;
}
