/* The HDF5 format: recognises, opens, makes and mends files.
 * Knows nothing that file.c and object.c know better.
 * Called by core/store.c. */
#include "expfs/journal.h"
#include "expfs/store.h"
#include "object.h"
#include "object_checksum.h"
#include "source_driver.h"
#include "superblock.h"
#include <string.h>

/* Of the journal, in bytes. */
#define PAGE_SIZE 4096
/* Of version 3, with addresses of 8 bytes. */
#define SUPERBLOCK_SIZE 48

/* What is damaged behind its signature is HDF5 all the same; opening it says what is wrong. */
static gboolean
has_signature (ExpSource *source)
{
  g_autoptr (GError) local = NULL;
  ExpSuperblock superblock;

  return exp_superblock_read (source, &superblock, &local)
         || !g_error_matches (local, EXP_ERROR, EXP_ERROR_NOT_A_STORE);
}

static gboolean
recognise (const char *path)
{
  g_autoptr (ExpSource) plain = exp_source_open_file (path, NULL);

  if (plain == NULL || has_signature (plain))
    return plain != NULL;

  /* A store that is half moved out of its journal shows what it is only with that. */
  g_autoptr (ExpSource) source = exp_journal_open_path_for_reading (path, EXP_LOCK_AUTO, NULL);
  return source != NULL && has_signature (source);
}

static ExpNode *
open_store (const char *path, const ExpStoreOptions *options, GError **error)
{
  g_autoptr (ExpHdf5File) file = exp_hdf5_file_open (path, "", options, error);

  return file != NULL ? exp_hdf5_object_new (file, file->root) : NULL;
}

/* The library takes the mark of an open file out of an image's superblock, and leaves the checksum as it was. */
static void
renew_checksum (guint8 *bytes, gsize size)
{
  guint32 sum;

  if (size < SUPERBLOCK_SIZE)
    return;
  sum = GUINT32_TO_LE (exp_object_checksum (bytes, SUPERBLOCK_SIZE - sizeof sum));
  memcpy (bytes + SUPERBLOCK_SIZE - sizeof sum, &sum, sizeof sum);
}

/* An empty file as h5py makes it, in memory: a new store is there whole or not at all. */
static GBytes *
make_image (gboolean is_newest, GError **error)
{
  g_autoptr (ExpHdf5Locker) locker = exp_hdf5_locker_new ();
  g_auto (ExpHid) fapl = H5Pcreate (H5P_FILE_ACCESS);
  g_auto (ExpHid) id = H5I_INVALID_HID;
  gssize size = -1;

  if (fapl >= 0 && H5Pset_fapl_core (fapl, 4096, FALSE) >= 0 && (!is_newest || exp_source_driver_set_newest (fapl)))
    id = H5Fcreate ("expfs-new-store", H5F_ACC_TRUNC, H5P_DEFAULT, fapl);
  if (id >= 0 && H5Fflush (id, H5F_SCOPE_LOCAL) >= 0)
    size = H5Fget_file_image (id, NULL, 0);
  g_autofree guint8 *bytes = size > 0 ? g_malloc (size) : NULL;
  if (size > 0 && H5Fget_file_image (id, bytes, size) == size)
    {
      if (is_newest)
        renew_checksum (bytes, size);
      return g_bytes_new_take (g_steal_pointer (&bytes), size);
    }
  exp_hdf5_set_error (error, "cannot make an empty HDF5 file");
  return NULL;
}

static gboolean
create_store (const char *path, const ExpStoreOptions *options, GError **error)
{
  g_autoptr (GBytes) image = make_image (options->is_newest, error);
  gsize size;
  gconstpointer bytes = image != NULL ? g_bytes_get_data (image, &size) : NULL;

  return image != NULL && exp_source_create_file (path, 0666, bytes, size, error);
}

static gboolean
recover_store (const char *path, ExpStoreRecovery *recovery, GError **error)
{
  ExpRecovery found = { FALSE };

  if (!exp_journal_recover_path (path, &found, error))
    return FALSE;
  *recovery = (ExpStoreRecovery){ found.is_found, found.n_commits, found.n_pages * PAGE_SIZE, found.n_dropped };
  return TRUE;
}

const ExpFormat exp_format_hdf5 = {
  .name = "hdf5",
  .description = "HDF5 files, shown as they are",
  .recognise = recognise,
  .open = open_store,
  .create = create_store,
  .recover = recover_store,
};
