/* Commits and checkpoints.
 * Knows the order of things; what makes them durable is the journal's.
 * Called through writable.c's class. */
#include "expfs/journal.h"
#include "writable.h"

/* TRUE also when it is put off, since other programs read the store or the disk is full: it is durable as it is. */
static gboolean
checkpoint (ExpHdf5File *file, GError **error)
{
  g_autoptr (GError) local = NULL;

  if (exp_journal_checkpoint (file->source, &local))
    return TRUE;
  g_autoptr (GError) failure = exp_journal_get_failure (file->source);
  if (failure == NULL)
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&local));
  return FALSE;
}

gboolean
exp_hdf5_commit (ExpNode *self, gboolean with_checkpoint, GError **error)
{
  ExpHdf5File *file = ((ExpHdf5Object *)self)->file;
  g_autoptr (ExpHdf5Change) change = exp_hdf5_change_begin (file, error);

  if (change == NULL || !exp_hdf5_settle (file, error))
    return FALSE;
  return !file->has_journal
         || (exp_source_commit (file->source, error) && (!with_checkpoint || checkpoint (file, error)));
}

void
exp_hdf5_abandon (ExpNode *self)
{
  ExpHdf5Changes *changes = ((ExpHdf5Object *)self)->file->changes;

  if (changes == NULL)
    return;
  g_rw_lock_writer_lock (&changes->lock);
  changes->is_abandoned = TRUE;
  g_atomic_int_set (&changes->has_failed, TRUE);
  g_atomic_int_set (&changes->is_unsettled, FALSE);
  g_rw_lock_writer_unlock (&changes->lock);
}

guint64
exp_hdf5_journal_size (ExpNode *self)
{
  ExpHdf5File *file = ((ExpHdf5Object *)self)->file;

  return file->has_journal ? exp_journal_size (file->source) : 0;
}
