/* Dispatch over the kinds of edits, one call at a time.
 * Knows no view's bytes.
 * Called by fs/ and tests. */
#include "edit_private.h"
#include <string.h>

/* The edit that has the bytes now, for a call that has the lock. */
static ExpEdit *
current (ExpEdit *edit)
{
  return edit->successor != NULL ? edit->successor : edit;
}

const ExpViewClass *
exp_edit_class_for_name (const char *name, gsize *stem_length)
{
  const ExpViewClass *klass = exp_view_class_for_name (name, stem_length);

  if (klass != NULL && klass->edit != NULL && *stem_length > 0)
    return klass;
  *stem_length = strlen (name);
  return &exp_view_text;
}

const ExpViewClass *
exp_edit_class_for_bytes (const void *bytes, gsize length)
{
  static const char magic[] = "\x93NUMPY";
  gsize n = sizeof magic - 1;

  return length >= n && memcmp (bytes, magic, n) == 0 ? &exp_view_npy : &exp_view_text;
}

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
  else if (klass == &exp_view_text && exp_node_takes_file (parent, name))
    edit = exp_edit_new_whole (&target);
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
  g_clear_pointer (&edit->old, exp_array_unref);
  if (edit->successor != NULL)
    edit->successor->klass->free (edit->successor);
  edit->klass->free (edit);
}

/* Before bytes come that may be refused when they are looked at, after rows have made room for them. What is appended
 * only is taken away again by who does it. */
static void
keep_old (ExpEdit *edit)
{
  edit->is_restored = FALSE;
  if (edit->old == NULL && current (edit)->target.info.is_choosy && !current (edit)->klass->is_pending (current (edit)))
    edit->old = exp_target_copy_choosy (&current (edit)->target);
}

/* Other bytes may follow a failure, and fail as well. */
static gboolean
flush (ExpEdit *edit, gboolean is_last, GError **error)
{
  ExpEdit *now = current (edit);

  if (edit->is_restored && is_last) /* what it was is seen again: no second time, of which the reason was said */
    return TRUE;
  const gboolean is_done = now->klass->flush (now, is_last, error);
  if (is_done)
    g_clear_pointer (&edit->old, exp_array_unref);
  else if (edit->old != NULL)
    exp_target_restore (&current (edit)->target, edit->old);
  edit->is_restored = !is_done && edit->old != NULL;
  return is_done;
}

gboolean
exp_edit_pwrite (ExpEdit *edit, guint64 offset, gsize length, const void *bytes, GError **error)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&edit->lock);
  ExpEdit *now = current (edit);

  keep_old (edit);
  return now->klass->pwrite (now, offset, length, bytes, error);
}

gboolean
exp_edit_append (ExpEdit *edit, gsize length, const void *bytes, GError **error)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&edit->lock);
  ExpEdit *now = current (edit);
  guint64 size;

  edit->is_restored = FALSE;
  if (now->klass->append != NULL)
    return now->klass->append (now, length, bytes, error);
  return now->klass->size (now, &size, error) && now->klass->pwrite (now, size, length, bytes, error);
}

gboolean
exp_edit_truncate (ExpEdit *edit, guint64 size, GError **error)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&edit->lock);
  ExpEdit *now = current (edit);

  keep_old (edit);
  return now->klass->truncate (now, size, error);
}

gboolean
exp_edit_size (ExpEdit *edit, guint64 *size, GError **error)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&edit->lock);
  ExpEdit *now = current (edit);

  return now->klass->size (now, size, error);
}

gboolean
exp_edit_pread (ExpEdit *edit, guint64 offset, gsize length, char *buffer, gsize *n_read, GError **error)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&edit->lock);
  ExpEdit *now = current (edit);

  *n_read = 0;
  return now->klass->pread (now, offset, length, buffer, n_read, error);
}

gboolean
exp_edit_flush (ExpEdit *edit, GError **error)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&edit->lock);

  return flush (edit, FALSE, error);
}

gboolean
exp_edit_finish (ExpEdit *edit, GError **error)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&edit->lock);

  return flush (edit, TRUE, error);
}

gboolean
exp_edit_can_wait (ExpEdit *edit)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&edit->lock);
  ExpEdit *now = current (edit);

  if (now->klass->can_wait == NULL || now->target.node != NULL || !now->klass->can_wait (now))
    return FALSE;
  return exp_node_takes_any (now->target.parent, now->target.name)
         || (now->klass->is_number != NULL && now->klass->is_number (now)
             && exp_node_takes_number (now->target.parent, now->target.name));
}

gboolean
exp_edit_is_pending (ExpEdit *edit)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&edit->lock);
  ExpEdit *now = current (edit);

  return now->klass->is_pending (now);
}

gboolean
exp_edit_is_whole (ExpEdit *edit)
{
  return edit->klass == &exp_edit_whole;
}

ExpNode *
exp_edit_get_node (ExpEdit *edit)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&edit->lock);

  return current (edit)->target.node;
}
