/* Dispatch over the kinds of edits, one call at a time.
 * Knows no view's bytes.
 * Called by fs/ and tests. */
#include "edit_private.h"

ExpEdit *
exp_edit_new (ExpNode *parent, const char *name, ExpNode *node, const ExpViewClass *klass,
              const ExpViewOptions *options, GError **error)
{
  ExpTarget target;
  ExpEdit *edit = NULL;

  if (!exp_target_init (&target, parent, name, node, error))
    {
      exp_target_clear (&target);
      return NULL;
    }
  if (klass->edit == NULL)
    g_set_error (error, EXP_ERROR, EXP_ERROR_UNSUPPORTED, "a %s view cannot be written", klass->name);
  else if (node != NULL && target.info.kind != EXP_KIND_DATASET)
    g_set_error (error, EXP_ERROR, EXP_ERROR_UNSUPPORTED, "only datasets can be written");
  else
    edit = klass->edit->new (&target, options, error);
  if (edit == NULL)
    {
      exp_target_clear (&target);
      return NULL;
    }
  g_mutex_init (&edit->lock);
  return edit;
}

void
exp_edit_free (ExpEdit *edit)
{
  if (edit == NULL)
    return;
  g_mutex_clear (&edit->lock);
  edit->klass->free (edit);
}

gboolean
exp_edit_pwrite (ExpEdit *edit, guint64 offset, gsize length, const void *bytes, GError **error)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&edit->lock);

  return edit->klass->pwrite (edit, offset, length, bytes, error);
}

gboolean
exp_edit_append (ExpEdit *edit, gsize length, const void *bytes, GError **error)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&edit->lock);
  guint64 size;

  if (edit->klass->append != NULL)
    return edit->klass->append (edit, length, bytes, error);
  return edit->klass->size (edit, &size, error) && edit->klass->pwrite (edit, size, length, bytes, error);
}

gboolean
exp_edit_truncate (ExpEdit *edit, guint64 size, GError **error)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&edit->lock);

  return edit->klass->truncate (edit, size, error);
}

gboolean
exp_edit_size (ExpEdit *edit, guint64 *size, GError **error)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&edit->lock);

  return edit->klass->size (edit, size, error);
}

gboolean
exp_edit_pread (ExpEdit *edit, guint64 offset, gsize length, char *buffer, gsize *n_read, GError **error)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&edit->lock);

  *n_read = 0;
  return edit->klass->pread (edit, offset, length, buffer, n_read, error);
}

gboolean
exp_edit_flush (ExpEdit *edit, GError **error)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&edit->lock);

  return edit->klass->flush (edit, FALSE, error);
}

gboolean
exp_edit_finish (ExpEdit *edit, GError **error)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&edit->lock);

  return edit->klass->flush (edit, TRUE, error);
}

gboolean
exp_edit_is_pending (ExpEdit *edit)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&edit->lock);

  return edit->klass->is_pending (edit);
}

ExpNode *
exp_edit_get_node (ExpEdit *edit)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&edit->lock);

  return edit->target.node;
}
