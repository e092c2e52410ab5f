/* The HDF5 format: recognises files and opens them.
 * Knows nothing that file.c and object.c know better.
 * Called by core/store.c. */
#include "expfs/store.h"
#include "object.h"
#include "superblock.h"

static gboolean
recognise (const char *path)
{
  g_autoptr (ExpSource) source = exp_source_open_file (path, NULL);
  g_autoptr (GError) local = NULL;
  ExpSuperblock superblock;

  /* What is damaged behind its signature is HDF5 all the same; opening it says what is wrong. */
  return source != NULL
         && (exp_superblock_read (source, &superblock, &local)
             || !g_error_matches (local, EXP_ERROR, EXP_ERROR_NOT_A_STORE));
}

static ExpNode *
open_store (const char *path, const ExpStoreOptions *options, GError **error)
{
  g_autoptr (ExpHdf5File) file = exp_hdf5_file_open (path, "", options, error);

  return file != NULL ? exp_hdf5_object_new (file, file->root) : NULL;
}

const ExpFormat exp_format_hdf5 = {
  .name = "hdf5",
  .description = "HDF5 files, shown as they are",
  .recognise = recognise,
  .open = open_store,
};
