/* Reference counting and dispatch for sources.
 * Knows no kind of source.
 * Called by formats and HDF5's virtual file driver. */
#include "expfs/source.h"
#include "expfs/error.h"
#include "expfs/stats.h"

ExpSource *
exp_source_ref (ExpSource *source)
{
  g_atomic_ref_count_inc (&source->references);
  return source;
}

void
exp_source_unref (ExpSource *source)
{
  if (source == NULL || !g_atomic_ref_count_dec (&source->references))
    return;
  g_free (source->name);
  source->klass->free (source);
}

gboolean
exp_source_size (ExpSource *source, guint64 *size, GError **error)
{
  return source->klass->size (source, size, error);
}

gboolean
exp_source_pread (ExpSource *source, guint64 offset, gsize length, void *buffer, GError **error)
{
  if (length == 0)
    return TRUE;
  exp_stat_add (EXP_STAT_BYTES_READ, length);
  return source->klass->pread (source, offset, length, buffer, error);
}

int
exp_source_fd (ExpSource *source)
{
  return source->klass->fd != NULL ? source->klass->fd (source) : -1;
}

void
exp_source_expect_no_change (ExpSource *source)
{
  if (source->klass->expect_no_change != NULL)
    source->klass->expect_no_change (source);
}
