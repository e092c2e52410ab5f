/* Opens and closes HDF5 files.
 * Knows neither types nor what objects hold; which files make up one store is members.c's.
 * Called by hdf5.c and external.c. */
#include "file.h"
#include "changes.h"
#include "chunks.h"
#include "codec_filters.h"
#include "expfs/journal.h"
#include "expfs/stats.h"
#include "free_space.h"
#include "header.h"
#include "heap.h"
#include "members.h"
#include "object.h"
#include "object_check.h"
#include "reference.h"
#include "source/chunk_cache.h"
#include "source_driver.h"
#include "storage.h"
#include "superblock.h"
#include "symbol_walk.h"
#include <string.h>

/* Files beside a store that are held open; nodes hold theirs besides. */
#define MAX_BESIDE 16

/* How often the library reads metadata of a file being written whose checksum is wrong. It sleeps twice as long each
 * time, from a nanosecond on, and of itself does so a hundred times, which nobody sees the end of. */
#define SWMR_ATTEMPTS 27

/* How long the last checkpoint waits for readers. */
#define CHECKPOINT_SECONDS 3

/* Every file gets a range of its own for the identities of its objects. The first file has 0, so that its identities
 * are its addresses. */
static guint64
identity_of (const char *prefix)
{
  return *prefix == '\0' ? 0 : ((guint64)g_str_hash (prefix) << 32) * 2654435761u;
}

/* HDF5 checks this as well, but says it in its own terms. A file that is being written may be ahead of its end. */
static gboolean
is_complete (ExpSource *source, const ExpSuperblock *superblock, GError **error)
{
  guint64 size;

  if (superblock->is_open_for_swmr)
    return TRUE;
  if (!exp_source_size (source, &size, error))
    return FALSE;
  if (superblock->end <= size) /* counted from the file's start, user block and all */
    return TRUE;
  g_set_error (error, EXP_ERROR, EXP_ERROR_DAMAGED,
               "truncated: it has %" G_GUINT64_FORMAT " bytes of %" G_GUINT64_FORMAT, size, superblock->end);
  return FALSE;
}

/* FALSE for what is no file's bytes as they are: a store whose journal could not be moved into it. */
static gboolean
is_file (const ExpHdf5File *file, const ExpMembers *members)
{
  return members->kind != EXP_MEMBERS_NONE || exp_source_fd (file->source) >= 0;
}

static ExpHid
open_id (ExpHdf5File *file, const ExpSuperblock *superblock, const ExpMembers *members, gboolean is_newest,
         GError **error)
{
  gboolean is_writable = file->changes != NULL;
  g_auto (ExpHid) plain = is_writable
                              ? exp_source_driver_fapl_writable (file->source, superblock)
                              : exp_source_driver_fapl (is_file (file, members) ? NULL : file->source, file->lock);
  g_auto (ExpHid) several = H5I_INVALID_HID;
  hid_t fapl = plain;

  if (members->kind != EXP_MEMBERS_NONE)
    {
      fapl = several = H5Pcreate (H5P_FILE_ACCESS);
      if (plain >= 0 && several >= 0 && !exp_members_set_driver (members, several, plain))
        fapl = H5I_INVALID_HID;
    }
  if (plain < 0 || fapl < 0 || (is_newest && !exp_source_driver_set_newest (fapl)))
    {
      exp_hdf5_set_error (error, "cannot prepare to open the file");
      return H5I_INVALID_HID;
    }

  if (superblock->is_open_for_swmr)
    H5Pset_metadata_read_attempts (fapl, SWMR_ATTEMPTS);
  ExpHid id = H5Fopen (members->name != NULL ? members->name : file->path,
                       is_writable                    ? H5F_ACC_RDWR
                       : superblock->is_open_for_swmr ? H5F_ACC_RDONLY | H5F_ACC_SWMR_READ
                                                      : H5F_ACC_RDONLY,
                       fapl);
  if (id < 0)
    exp_hdf5_set_error (error, "HDF5 cannot open it");
  return id;
}

static gboolean
open_library (ExpHdf5File *file, const ExpSuperblock *superblock, const ExpMembers *members, gboolean is_newest,
              GError **error)
{
  H5O_info_t root;

  /* Before HDF5 follows them without end. */
  if (!exp_hdf5_object_check (file, superblock->root, error))
    return FALSE;
  if (superblock->extension != G_MAXUINT64)
    {
      g_autoptr (ExpHdf5Header) extension = exp_hdf5_header_read (file, superblock->extension, error);
      if (extension == NULL)
        return FALSE;
      for (guint i = 0; i < extension->messages->len; i++)
        if (g_array_index (extension->messages, ExpHdf5Message, i).type == EXP_MESSAGE_SHARED_TABLE)
          file->has_shared_table = TRUE;
    }
  if (file->changes != NULL)
    {
      gboolean is_kept;

      if (!exp_hdf5_free_space_suspend (file, superblock->extension, &is_kept, error))
        return FALSE;
      if (is_kept)
        file->changes->kept_free_space = superblock->extension;
    }

  g_autoptr (ExpHdf5Locker) locker = exp_hdf5_locker_new ();

  if (!exp_codec_register_filters ())
    {
      exp_hdf5_set_error (error, "cannot register the filters");
      return FALSE;
    }
  file->id = open_id (file, superblock, members, is_newest, error);
  if (file->id < 0)
    return FALSE;
  if (H5Oget_info_by_name2 (file->id, "/", &root, H5O_INFO_BASIC, H5P_DEFAULT) < 0)
    {
      exp_hdf5_set_error (error, "the root group cannot be read");
      return FALSE;
    }
  file->root = root.addr;
  return TRUE;
}

static ExpSource *
open_source (const char *path, const ExpStoreOptions *options, GError **error)
{
  ExpRecovery recovery = { FALSE };

  if (!options->is_writable)
    return exp_journal_open_path_for_reading (path, options->lock, error);
  if (options->is_own)
    return exp_source_open_file_writable (path, 0, error);

  ExpSource *source = exp_journal_open_path (path, options->lock, &recovery, error);
  if (source != NULL && recovery.n_commits > 0)
    g_message ("%s: finished what a writer that died had committed (%" G_GUINT64_FORMAT " times)", path,
               recovery.n_commits);
  return source;
}

static gboolean
can_write (const ExpSuperblock *superblock, const ExpMembers *members, GError **error)
{
  if (superblock->is_open_for_swmr)
    g_set_error (error, EXP_ERROR, EXP_ERROR_BUSY,
                 "marked as being written for readers that follow it (SWMR): it cannot be written here too");
  else if (members->kind != EXP_MEMBERS_NONE)
    g_set_error (error, EXP_ERROR, EXP_ERROR_UNSUPPORTED,
                 "it consists of several files, and such stores can only be read");
  else
    return TRUE;
  return FALSE;
}

ExpHdf5File *
exp_hdf5_file_open (const char *path, const char *prefix, const ExpStoreOptions *options, GError **error)
{
  const ExpPacking packing = { options->complib, options->complevel, options->shuffle, options->fletcher32 };
  ExpSuperblock superblock;
  const gint64 opened_at = g_get_real_time () * 1000;
  ExpIdentity opened = { 0 };

  if (options->is_writable && !exp_hdf5_packing_check (&packing, error))
    return NULL;
  g_autoptr (ExpSource) source = open_source (path, options, error);
  if (source == NULL || !exp_source_identify (source, &opened, error)
      || !exp_superblock_read (source, &superblock, error))
    return NULL;
  if (superblock.is_open_for_write && !superblock.is_open_for_swmr)
    {
      g_set_error (error, EXP_ERROR, EXP_ERROR_BUSY,
                   "marked as open for writing: another program writes it, or died doing so (h5clear -s unmarks it)");
      return NULL;
    }

  g_auto (ExpMembers) members = { 0 };
  if (!exp_members_find (path, source, &superblock, &members, error)
      || (options->is_writable && !can_write (&superblock, &members, error))
      || !is_complete (members.source, &superblock, error))
    return NULL;

  g_autoptr (ExpHdf5File) file = g_new0 (ExpHdf5File, 1);
  g_atomic_ref_count_init (&file->references);
  g_mutex_init (&file->beside_lock);
  g_mutex_init (&file->chunks_lock);
  file->path = g_canonicalize_filename (path, NULL);
  file->directory = g_path_get_dirname (file->path);
  file->prefix = g_strdup (prefix);
  file->opened = opened;
  file->opened_at = opened_at;
  file->is_whole = members.kind == EXP_MEMBERS_NONE && exp_source_fd (members.source) >= 0;
  file->source = g_steal_pointer (&members.source);
  file->base = superblock.base;
  file->sizeof_address = superblock.sizeof_address;
  file->sizeof_size = superblock.sizeof_size;
  file->is_growing = superblock.is_open_for_swmr;
  if (options->is_writable)
    file->changes = exp_hdf5_changes_new (options);
  else if (!file->is_growing)
    exp_source_expect_no_change (file->source);
  file->identity = identity_of (prefix);
  file->lock = options->lock;
  file->has_journal = options->is_writable && !options->is_own;
  file->cache = options->cache != 0 ? options->cache : 256 << 20;
  file->id = H5I_INVALID_HID;
  file->descriptions = exp_hdf5_descriptions_new ();
  file->heap_collections = exp_hdf5_heap_collections_new ();
  exp_chunk_cache_set_limit (file->cache - file->cache / EXP_LIBRARY_SHARE);
  file->blocks = exp_metadata_cache_new (file->source, file->base, file->sizeof_address, file->sizeof_size, "group",
                                         CLAMP (file->cache / 32, 1 << 20, 2 << 20));
  file->places = exp_symbol_places_new ();
  exp_stat_add (EXP_STAT_OPEN_STORES, 1);
  if (!open_library (file, &superblock, &members, options->is_newest, error))
    return NULL;
  return g_steal_pointer (&file);
}

ExpHdf5File *
exp_hdf5_file_beside (ExpHdf5File *store, const char *path, const char *prefix, GError **error)
{
  const ExpStoreOptions options = { .lock = store->lock, .cache = store->cache };
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&store->beside_lock);

  for (GList *at = store->beside.head; at != NULL; at = at->next)
    {
      ExpHdf5File *file = at->data;

      if (strcmp (file->prefix, prefix) == 0)
        {
          g_queue_unlink (&store->beside, at);
          g_queue_push_head_link (&store->beside, at);
          return exp_hdf5_file_ref (file);
        }
    }

  ExpHdf5File *file = exp_hdf5_file_open (path, prefix, &options, error);
  if (file == NULL)
    return NULL;
  g_queue_push_head (&store->beside, exp_hdf5_file_ref (file));
  if (store->beside.length > MAX_BESIDE)
    exp_hdf5_file_unref (g_queue_pop_tail (&store->beside));
  return file;
}

ExpHdf5File *
exp_hdf5_file_ref (ExpHdf5File *file)
{
  g_atomic_ref_count_inc (&file->references);
  return file;
}

/* Leaves a closed file behind, in the store's own file if readers let it. */
static void
close_library (ExpHdf5File *file)
{
  exp_hdf5_lock ();
  exp_hdf5_file_close_objects (file);
  if (file->id >= 0 && file->changes != NULL
      && (file->changes->is_abandoned || H5Fflush (file->id, H5F_SCOPE_LOCAL) < 0))
    exp_source_driver_lose (file->source);
  if (file->id >= 0)
    H5Fclose (file->id);
  exp_source_driver_lose (NULL);
  H5Eclear2 (H5E_DEFAULT);
  exp_hdf5_unlock ();
}

/* Other programs that read the store are given a while to end. */
static void
close_journal (ExpHdf5File *file)
{
  g_autoptr (GError) local = NULL;

  if (file->changes->kept_free_space != 0 && !exp_hdf5_free_space_resume (file, file->changes->kept_free_space, &local))
    {
      g_warning ("%s: it keeps no track of its free space any more: %s", file->path, local->message);
      g_clear_error (&local);
    }
  if (file->has_journal && !exp_journal_finish (file->source, CHECKPOINT_SECONDS, &local))
    g_warning ("%s: what was written stays in its journal beside it: %s", file->path, local->message);
}

void
exp_hdf5_file_unref (ExpHdf5File *file)
{
  if (file == NULL || !g_atomic_ref_count_dec (&file->references))
    return;

  g_queue_clear_full (&file->beside, (GDestroyNotify)exp_hdf5_file_unref);
  g_mutex_clear (&file->beside_lock);
  exp_chunks_forget (file);
  g_mutex_clear (&file->chunks_lock);

  close_library (file);
  if (file->changes != NULL && file->id >= 0 && !file->changes->is_abandoned)
    close_journal (file);

  g_clear_pointer (&file->descriptions, exp_recent_free);
  g_clear_pointer (&file->heap_collections, exp_recent_free);
  g_clear_pointer (&file->paths, exp_hdf5_paths_free);
  exp_metadata_cache_free (file->blocks);
  exp_symbol_places_free (file->places);
  exp_hdf5_changes_free (file->changes);
  exp_source_unref (file->source);
  g_free (file->path);
  g_free (file->directory);
  g_free (file->prefix);
  g_free (file);
  exp_stat_add (EXP_STAT_OPEN_STORES, -1);
}
