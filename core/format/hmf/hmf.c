/* The format "hmf": a directory that HMF wrote.
 * Knows how such directories are told from others.
 * Called by core/store.c. */
#include "hmf.h"

static ExpNode *
hmf_open (const char *path, const ExpStoreOptions *options, GError **error)
{
  ExpHmfFolder *folder;
  ExpHmfTree *tree;
  ExpNode *root;

  if (!g_file_test (path, G_FILE_TEST_IS_DIR))
    {
      g_set_error (error, EXP_ERROR, EXP_ERROR_NOT_A_STORE, "%s: an HMF store is a directory", path);
      return NULL;
    }
  folder = exp_hmf_folder_new (path);
  tree = exp_hmf_tree_open (folder, options->is_writable, error);
  root = tree != NULL ? exp_hmf_node_new (tree, exp_hmf_tree_root (tree)) : NULL;
  exp_hmf_tree_unref (tree);
  exp_hmf_folder_unref (folder);
  return root;
}

const ExpFormat exp_format_hmf = {
  .name = "hmf",
  .description = "hmf: a directory of arrays and their map that HMF wrote",
  .recognise = exp_hmf_folder_has_map,
  .open = hmf_open,
};
