/* Commits and checkpoints.
 * Knows the order of things; what makes them durable is the journal's.
 * Called through writable.c's class. */
#include "expfs/journal.h"
#include "writable.h"

gboolean
exp_hdf5_commit (ExpNode *self, gboolean checkpoint, GError **error)
{
  ExpHdf5File *file = ((ExpHdf5Object *)self)->file;
  g_autoptr (ExpHdf5Change) change = exp_hdf5_change_begin (file, error);

  return change != NULL && exp_hdf5_settle (file, error) && exp_source_commit (file->source, error)
         && (!checkpoint || exp_journal_checkpoint (file->source, error));
}
