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

static gboolean
read_only (ExpSource *source, GError **error)
{
  g_set_error (error, EXP_ERROR, EXP_ERROR_READ_ONLY, "%s: only read here", source->name);
  return FALSE;
}

gboolean
exp_source_pwrite (ExpSource *source, guint64 offset, gsize length, const void *buffer, GError **error)
{
  return source->klass->pwrite != NULL ? source->klass->pwrite (source, offset, length, buffer, error)
                                       : read_only (source, error);
}

gboolean
exp_source_truncate (ExpSource *source, guint64 size, GError **error)
{
  return source->klass->truncate != NULL ? source->klass->truncate (source, size, error) : read_only (source, error);
}

gboolean
exp_source_commit (ExpSource *source, GError **error)
{
  return source->klass->commit != NULL ? source->klass->commit (source, error) : read_only (source, error);
}

gboolean
exp_source_reserve (ExpSource *source, guint64 offset, guint64 length, GError **error)
{
  return source->klass->reserve == NULL || source->klass->reserve (source, offset, length, error);
}

gboolean
exp_source_hold (ExpSource *source, ExpHold hold, GError **error)
{
  return source->klass->hold == NULL || source->klass->hold (source, hold, error);
}

gboolean
exp_source_identify (ExpSource *source, ExpIdentity *identity, GError **error)
{
  *identity = (ExpIdentity){ 0 };
  return source->klass->identify != NULL ? source->klass->identify (source, identity, error)
                                         : exp_source_size (source, &identity->size, error);
}
