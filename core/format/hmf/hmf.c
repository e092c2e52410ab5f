/* The format "hmf": a directory that HMF wrote.
 * Knows how such directories are told from others, made and held while they are written.
 * Called by core/store.c. */
#include "hmf.h"
#include "expfs/memory_node.h"
#include "format/pickle/writer.h"
#include "source/system_error.h"
#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* --- a store that is written -------------------------------------------------------------------------------- */

static void
store_free (gpointer data)
{
  ExpHmfStore *store = data;

  g_hash_table_unref (store->odd_files);
  exp_hmf_tree_unref (store->tree);
  exp_hmf_folder_unref (store->folder);
  g_free (store);
}

/* Takes over the tree. */
static void
stand_on (ExpHmfStore *store, ExpHmfTree *tree)
{
  exp_hmf_tree_unref (store->tree);
  store->tree = tree;
  g_hash_table_remove_all (store->odd_files);
  for (guint i = 0; i < tree->entries->len; i++)
    {
      ExpHmfEntry *entry = tree->entries->pdata[i];
      g_autofree char *path = entry->file != NULL ? exp_hmf_entry_path (entry) : NULL;
      g_autofree char *file = path != NULL ? exp_hmf_data_file (path) : NULL;

      if (file != NULL && strcmp (file, entry->file) != 0)
        g_hash_table_insert (store->odd_files, entry->file, entry);
    }
}

static ExpHmfStore *
store_new (ExpHmfFolder *folder)
{
  ExpHmfStore *store = g_new0 (ExpHmfStore, 1);

  store->folder = exp_hmf_folder_ref (folder);
  store->odd_files = g_hash_table_new (g_str_hash, g_str_equal);
  return store;
}

static ExpNode *
draft_open (gpointer data, GError **error)
{
  ExpHmfStore *store = data;
  ExpHmfTree *tree = exp_hmf_tree_open (store->folder, TRUE, error);

  if (tree == NULL)
    return NULL;
  stand_on (store, tree);
  exp_hmf_identify (store->folder, store->copies);
  return exp_hmf_node_new (tree, exp_hmf_tree_root (tree));
}

static gboolean
draft_save (ExpNode *root, gpointer data, GError **error)
{
  return exp_hmf_save (root, data, error);
}

static gboolean
draft_check (const ExpDraftChange *change, gpointer data, GError **error)
{
  return exp_hmf_check (change, data, error);
}

static const ExpDraftClass draft_class = { .save = draft_save, .open = draft_open, .check = draft_check };

/* What could not be saved is not opened for writing. */
static gboolean
check_writable (ExpHmfTree *tree, GError **error)
{
  g_autoptr (ExpPickleWriter) writer = exp_pickle_writer_new ();

  if (tree->has_inner)
    {
      g_set_error (error, EXP_ERROR, EXP_ERROR_UNSUPPORTED,
                   "%s: there are arrays below arrays in it: such a store is only read", tree->folder->path);
      return FALSE;
    }
  if (tree->map == NULL || exp_pickle_write (writer, exp_pickle_record (tree->map), error))
    return TRUE;
  g_prefix_error (error, "%s: its map cannot be written again: ", tree->folder->path);
  return FALSE;
}

static ExpNode *
open_writable (ExpHmfFolder *folder, ExpLockMode lock, GError **error)
{
  ExpHmfStore *store = store_new (folder);
  /* The draft's own file is made in the directory. */
  g_autofree char *within = g_strconcat (folder->path, "/", NULL);
  g_autoptr (ExpNode) saved = NULL;
  gboolean is_found;

  if (exp_hmf_folder_hold (folder, lock, error) && exp_hmf_finish (folder, &is_found, error))
    saved = draft_open (store, error);
  if (saved != NULL && check_writable (store->tree, error))
    return exp_draft_new (&draft_class, saved, within, store, store_free);
  store_free (store);
  return NULL;
}

/* --- the format --------------------------------------------------------------------------------------------- */

static ExpNode *
open_readable (ExpHmfFolder *folder, ExpLockMode lock, GError **error)
{
  g_autoptr (ExpHmfTree) tree = NULL;

  exp_hmf_finish_or_follow (folder, lock);
  tree = exp_hmf_tree_open (folder, FALSE, error);
  return tree != NULL ? exp_hmf_node_new (tree, exp_hmf_tree_root (tree)) : NULL;
}

static ExpNode *
hmf_open (const char *path, const ExpStoreOptions *options, GError **error)
{
  ExpHmfFolder *folder;
  ExpNode *root;

  if (!g_file_test (path, G_FILE_TEST_IS_DIR))
    {
      g_set_error (error, EXP_ERROR, EXP_ERROR_NOT_A_STORE, "%s: an HMF store is a directory", path);
      return NULL;
    }
  folder = exp_hmf_folder_new (path);
  root = options->is_writable ? open_writable (folder, options->lock, error)
                              : open_readable (folder, options->lock, error);
  exp_hmf_folder_unref (folder);
  return root;
}

static gboolean
write_empty (ExpHmfFolder *folder, GError **error)
{
  ExpHmfStore *store = store_new (folder);
  g_autoptr (ExpNode) nothing = exp_memory_group_new (NULL);
  gboolean is_made;

  stand_on (store, exp_hmf_tree_new (folder));
  exp_hmf_identify (folder, store->copies);
  is_made = exp_hmf_save (nothing, store, error);
  store_free (store);
  return is_made;
}

static gboolean
hmf_create (const char *path, const ExpStoreOptions *options, GError **error)
{
  /* The map says where it is. */
  g_autofree char *absolute = g_canonicalize_filename (path, NULL);
  ExpHmfFolder *folder;
  gboolean is_made;

  if (mkdir (absolute, 0777) != 0)
    {
      if (errno == EEXIST)
        g_set_error (error, EXP_ERROR, EXP_ERROR_EXISTS, "%s: is there already", path);
      else
        exp_set_system_error (error, path, errno);
      return FALSE;
    }
  folder = exp_hmf_folder_new (absolute);
  is_made = write_empty (folder, error);
  exp_hmf_folder_unref (folder);
  if (!is_made)
    rmdir (absolute);
  return is_made;
}

static gboolean
hmf_recover (const char *path, ExpStoreRecovery *recovery, GError **error)
{
  g_autofree char *record = g_build_filename (path, EXP_HMF_RECORD, NULL);
  ExpHmfFolder *folder;
  gboolean is_done;

  if (access (record, F_OK) != 0)
    return TRUE;
  folder = exp_hmf_folder_new (path);
  is_done = exp_hmf_folder_hold (folder, EXP_LOCK_AUTO, error) && exp_hmf_finish (folder, &recovery->is_found, error);
  exp_hmf_folder_unref (folder);
  recovery->n_commits = is_done && recovery->is_found ? 1 : 0;
  return is_done;
}

const ExpFormat exp_format_hmf = {
  .name = "hmf",
  .description = "hmf: a directory of arrays and their map that HMF wrote",
  .recognise = exp_hmf_folder_has_map,
  .open = hmf_open,
  .create = hmf_create,
  .recover = hmf_recover,
};
