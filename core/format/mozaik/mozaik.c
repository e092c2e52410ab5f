/* The format "mozaik": a directory that Mozaik wrote.
 * Knows how such directories are told from others.
 * Called by core/store.c. */
#include "mozaik.h"

static gboolean
has_file (const char *path, const char *name)
{
  g_autofree char *file = g_build_filename (path, name, NULL);

  return g_file_test (file, G_FILE_TEST_IS_REGULAR);
}

static gboolean
mozaik_recognise (const char *path)
{
  return has_file (path, EXP_MOZAIK_RECORDINGS) || has_file (path, EXP_MOZAIK_HDF5);
}

static ExpNode *
mozaik_open (const char *path, const ExpStoreOptions *options, GError **error)
{
  g_autoptr (ExpMozaikStore) store = NULL;

  if (!mozaik_recognise (path))
    {
      g_set_error (error, EXP_ERROR, EXP_ERROR_NOT_A_STORE, "%s: a Mozaik store is a directory with a file %s or %s",
                   path, EXP_MOZAIK_RECORDINGS, EXP_MOZAIK_HDF5);
      return NULL;
    }
  if (options->is_writable)
    {
      g_set_error (error, EXP_ERROR, EXP_ERROR_UNSUPPORTED, "%s: a Mozaik store is read only", path);
      return NULL;
    }
  store = exp_mozaik_store_open (path, options, error);
  return store != NULL ? exp_mozaik_root_new (store) : NULL;
}

const ExpFormat exp_format_mozaik = {
  .name = "mozaik",
  .description = "mozaik: a directory of recordings and results that Mozaik wrote",
  .recognise = mozaik_recognise,
  .open = mozaik_open,
};
