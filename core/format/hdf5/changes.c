/* Keeps readers and changes apart, and settles.
 * Knows which caches depend on what; the lock of the library goes inside the one here.
 * Called by writable.c and the write_*.c, from several threads. */
#include "changes.h"
#include "chunks.h"
#include "processors.h"
#include "reference.h"
#include "symbol_walk.h"

#define MAX_ENCODABLE 4096
#define MAX_TOUCHED   65536 /* more are as good as all */
#define MAX_MADE      65536 /* more are as good as none */

/* The nodes of one object. */
typedef struct
{
  guint64 address;
  guint n;
  hid_t id; /* of an object without links: held open, so that it stays; else invalid */
} Nodes;

ExpHdf5Changes *
exp_hdf5_changes_new (const ExpStoreOptions *options)
{
  ExpHdf5Changes *changes = g_new0 (ExpHdf5Changes, 1);

  g_rw_lock_init (&changes->lock);
  g_mutex_init (&changes->nodes_lock);
  changes->nodes = g_hash_table_new_full (g_int64_hash, g_int64_equal, NULL, g_free);
  changes->orphans = g_array_new (FALSE, FALSE, sizeof (hid_t));
  changes->absent = exp_hdf5_absent_new ();
  changes->encodable = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, NULL);
  changes->touched = g_hash_table_new (NULL, NULL);
  changes->made = g_hash_table_new (NULL, NULL);
  changes->complib = g_strdup (options->complib);
  changes->packing = (ExpPacking){ changes->complib, options->complevel, options->shuffle, options->fletcher32 };
  return changes;
}

void
exp_hdf5_changes_free (ExpHdf5Changes *changes)
{
  if (changes == NULL)
    return;
  g_rw_lock_clear (&changes->lock);
  g_mutex_clear (&changes->nodes_lock);
  g_hash_table_unref (changes->nodes);
  g_hash_table_unref (changes->encodable);
  g_hash_table_unref (changes->touched);
  g_hash_table_unref (changes->made);
  exp_hdf5_absent_free (changes->absent);
  g_array_unref (changes->orphans);
  g_free (changes->complib);
  g_free (changes);
}

/* --- settling ----------------------------------------------------------------------------------------------- */

static void
drop_caches (ExpHdf5File *file)
{
  ExpHdf5Changes *changes = file->changes;

  exp_recent_drop_all (file->heap_collections);
  exp_metadata_cache_drop_all (file->blocks);
  exp_symbol_places_drop_all (file->places);
  if (changes->has_changed_chunks)
    exp_chunks_drop (file);
  changes->has_changed_chunks = FALSE;
  changes->is_all_touched = changes->has_removed = FALSE;
  g_hash_table_remove_all (changes->touched);
}

gboolean
exp_hdf5_settle (ExpHdf5File *file, GError **error)
{
  ExpHdf5Changes *changes = file->changes;
  gboolean is_written;

  if (!g_atomic_int_get (&changes->is_unsettled))
    return TRUE;
  exp_hdf5_lock ();
  is_written = H5Fflush (file->id, H5F_SCOPE_LOCAL) >= 0;
  if (!is_written)
    exp_hdf5_set_error (error, "what was changed cannot be written");
  exp_hdf5_unlock ();
  drop_caches (file);
  g_atomic_int_inc (&changes->generation);
  if (is_written)
    g_atomic_int_set (&changes->is_unsettled, FALSE);
  return is_written;
}

/* For a reader: once the library cannot write, what the source has is all that will ever be there. */
static void
settle_for_reading (ExpHdf5File *file)
{
  g_autoptr (GError) local = NULL;

  g_rw_lock_writer_lock (&file->changes->lock);
  if (!exp_hdf5_settle (file, &local))
    {
      g_warning ("%s: %s; what was written since the last commit is lost", file->path, local->message);
      g_atomic_int_set (&file->changes->has_failed, TRUE);
      g_atomic_int_set (&file->changes->is_unsettled, FALSE);
    }
  g_rw_lock_writer_unlock (&file->changes->lock);
}

/* --- readers and changes ------------------------------------------------------------------------------------ */

static _Thread_local ExpHdf5Reading *innermost;

static gboolean
is_reading (const ExpHdf5File *file)
{
  for (const ExpHdf5Reading *at = innermost; at != NULL; at = at->outer)
    if (at->file == file)
      return TRUE;
  return FALSE;
}

static gboolean
is_trusted (ExpHdf5File *file, guint64 object)
{
  g_autoptr (ExpHdf5Locker) locker = exp_hdf5_locker_new ();

  return exp_hdf5_file_is_trusted (file, object);
}

static gboolean
can_read_unsettled (ExpHdf5File *file, guint64 object, ExpHdf5Means means)
{
  /* HDF5 1.10 may go on holding what is gone, and then make no other object in its place: reads bring an end to that.
   */
  if (object == 0 || (file->changes->has_removed && means != EXP_HDF5_ASKS_TRUSTED))
    return FALSE;
  if (means == EXP_HDF5_ASKS_MADE ? exp_hdf5_changes_has_same_header (file, object)
                                  : exp_hdf5_changes_is_untouched (file, object))
    return TRUE;
  if (means == EXP_HDF5_READS
      || (means == EXP_HDF5_ASKS_MADE && !g_hash_table_contains (file->changes->made, GSIZE_TO_POINTER (object))))
    return FALSE;
  return is_trusted (file, object);
}

/* A step of a change takes less time than going to sleep and being woken. */
static void
lock_for_reading (ExpHdf5Changes *changes)
{
  for (guint i = exp_processors_n_looks (); i > 0; i--)
    {
      if (g_rw_lock_reader_trylock (&changes->lock))
        return;
      exp_processors_pause ();
    }
  g_rw_lock_reader_lock (&changes->lock);
}

void
exp_hdf5_read_begin (ExpHdf5Reading *reading, ExpHdf5File *file, guint64 object, ExpHdf5Means means)
{
  ExpHdf5Changes *changes = file->changes;

  reading->file = NULL;
  if (changes == NULL)
    return;
  reading->has_lock = !is_reading (file);
  if (reading->has_lock)
    for (;;)
      {
        lock_for_reading (changes);
        if (!g_atomic_int_get (&changes->is_unsettled) || can_read_unsettled (file, object, means))
          break;
        g_rw_lock_reader_unlock (&changes->lock);
        settle_for_reading (file);
      }
  reading->file = file;
  reading->outer = innermost;
  innermost = reading;
}

void
exp_hdf5_read_end (ExpHdf5Reading *reading)
{
  if (reading->file == NULL)
    return;
  innermost = reading->outer;
  if (reading->has_lock)
    g_rw_lock_reader_unlock (&reading->file->changes->lock);
  reading->file = NULL;
}

/* Objects that were removed while there were nodes of them go now. */
static void
close_orphans (ExpHdf5File *file)
{
  ExpHdf5Changes *changes = file->changes;
  g_autoptr (GArray) orphans = NULL;

  g_mutex_lock (&changes->nodes_lock);
  if (changes->orphans->len > 0)
    {
      orphans = g_steal_pointer (&changes->orphans);
      changes->orphans = g_array_new (FALSE, FALSE, sizeof (hid_t));
    }
  g_mutex_unlock (&changes->nodes_lock);
  if (orphans == NULL)
    return;

  g_autoptr (ExpHdf5Locker) locker = exp_hdf5_locker_new ();
  exp_hdf5_changes_removal (file);
  changes->has_changed_chunks = TRUE;
  for (guint i = 0; i < orphans->len; i++)
    H5Idec_ref (g_array_index (orphans, hid_t, i));
  H5Eclear2 (H5E_DEFAULT);
}

ExpHdf5Change *
exp_hdf5_change_begin (ExpHdf5File *file, GError **error)
{
  if (is_reading (file))
    {
      g_set_error (error, EXP_ERROR, EXP_ERROR_FAILED, "changed while it is being read by the same hand");
      return NULL;
    }
  g_rw_lock_writer_lock (&file->changes->lock);
  if (g_atomic_int_get (&file->changes->has_failed))
    {
      g_rw_lock_writer_unlock (&file->changes->lock);
      g_set_error (error, EXP_ERROR, EXP_ERROR_READ_ONLY, "nothing can be changed any more since a write failed");
      return NULL;
    }
  close_orphans (file);
  return file;
}

void
exp_hdf5_change_end (ExpHdf5Change *change)
{
  g_rw_lock_writer_unlock (&change->changes->lock);
}

/* What was touched of an object. */
enum
{
  TOUCHED_CELLS = 1,
  TOUCHED_ALL,
};

static guint
touched (ExpHdf5File *file, guint64 address)
{
  GHashTable *all = file->changes->touched;

  return !file->changes->is_all_touched && g_hash_table_size (all) < MAX_TOUCHED
             ? GPOINTER_TO_UINT (g_hash_table_lookup (all, GSIZE_TO_POINTER (address)))
             : TOUCHED_ALL;
}

static void
touch (ExpHdf5File *file, guint64 address, guint what)
{
  g_atomic_int_set (&file->changes->is_unsettled, TRUE);
  if (touched (file, address) < what)
    g_hash_table_insert (file->changes->touched, GSIZE_TO_POINTER (address), GUINT_TO_POINTER (what));
}

void
exp_hdf5_changes_object (ExpHdf5File *file, guint64 address)
{
  touch (file, address, TOUCHED_ALL);
  exp_recent_drop (file->descriptions, address);
}

void
exp_hdf5_changes_cells (ExpHdf5File *file, guint64 address)
{
  touch (file, address, TOUCHED_CELLS);
  file->changes->has_changed_chunks = TRUE;
}

gboolean
exp_hdf5_changes_is_untouched (ExpHdf5File *file, guint64 address)
{
  return touched (file, address) == 0;
}

gboolean
exp_hdf5_changes_has_same_header (ExpHdf5File *file, guint64 address)
{
  return touched (file, address) <= TOUCHED_CELLS;
}

void
exp_hdf5_changes_made (ExpHdf5File *file, guint64 address)
{
  GHashTable *made = file->changes->made;

  if (g_hash_table_size (made) >= MAX_MADE)
    g_hash_table_remove_all (made);
  g_hash_table_add (made, GSIZE_TO_POINTER (address));
}

void
exp_hdf5_changes_copies (ExpHdf5File *file)
{
  g_atomic_int_set (&file->changes->is_unsettled, TRUE);
  file->changes->is_all_touched = TRUE;
  g_hash_table_remove_all (file->changes->made);
}

void
exp_hdf5_changes_copied (ExpHdf5File *file, guint64 address)
{
  exp_hdf5_changes_object (file, address);
  g_hash_table_remove (file->changes->made, GSIZE_TO_POINTER (address));
}

void
exp_hdf5_changes_removal (ExpHdf5File *file)
{
  g_atomic_int_set (&file->changes->is_unsettled, TRUE);
  file->changes->is_all_touched = file->changes->has_removed = TRUE;
}

void
exp_hdf5_changes_chunks (ExpHdf5File *file, guint64 address)
{
  exp_hdf5_changes_object (file, address);
  file->changes->has_changed_chunks = TRUE;
}

void
exp_hdf5_changes_paths (ExpHdf5File *file)
{
  g_clear_pointer (&file->paths, exp_hdf5_paths_free);
}

gboolean
exp_hdf5_changes_is_encodable (ExpHdf5File *file, guint64 address)
{
  return g_hash_table_contains (file->changes->encodable, &address);
}

void
exp_hdf5_changes_set_encodable (ExpHdf5File *file, guint64 address)
{
  GHashTable *encodable = file->changes->encodable;

  if (g_hash_table_size (encodable) >= MAX_ENCODABLE)
    g_hash_table_remove_all (encodable);
  g_hash_table_add (encodable, g_memdup2 (&address, sizeof address));
}

void
exp_hdf5_changes_drop_encodable (ExpHdf5File *file, guint64 address)
{
  g_hash_table_remove (file->changes->encodable, &address);
}

/* --- nodes and what they stand for -------------------------------------------------------------------------- */

void
exp_hdf5_changes_add_node (ExpHdf5File *file, guint64 address)
{
  if (file->changes == NULL)
    return;

  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&file->changes->nodes_lock);
  Nodes *nodes = g_hash_table_lookup (file->changes->nodes, &address);
  if (nodes == NULL)
    {
      nodes = g_new0 (Nodes, 1);
      nodes->address = address;
      nodes->id = H5I_INVALID_HID;
      g_hash_table_insert (file->changes->nodes, &nodes->address, nodes);
    }
  nodes->n++;
}

void
exp_hdf5_changes_drop_node (ExpHdf5File *file, guint64 address)
{
  if (file->changes == NULL)
    return;

  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&file->changes->nodes_lock);
  Nodes *nodes = g_hash_table_lookup (file->changes->nodes, &address);
  if (nodes == NULL || --nodes->n > 0)
    return;
  if (nodes->id >= 0)
    g_array_append_val (file->changes->orphans, nodes->id);
  g_hash_table_remove (file->changes->nodes, &address);
}

void
exp_hdf5_changes_keep_object (ExpHdf5File *file, guint64 address)
{
  file->changes->has_deleted = TRUE;

  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&file->changes->nodes_lock);
  Nodes *nodes = g_hash_table_lookup (file->changes->nodes, &address);

  if (nodes != NULL && nodes->id < 0)
    nodes->id = H5Oopen_by_addr (file->id, address);
}

void
exp_hdf5_changes_release_object (ExpHdf5File *file, guint64 address)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&file->changes->nodes_lock);
  Nodes *nodes = g_hash_table_lookup (file->changes->nodes, &address);

  if (nodes == NULL)
    return;
  exp_hid_release (nodes->id);
  nodes->id = H5I_INVALID_HID;
}
