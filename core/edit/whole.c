/* A file that is kept whole or not at all, such as a pickle: gathered until it is closed, and handed over in one piece.
 * Knows nothing of what it has to be; the directory that takes it does.
 * Called by edit.c for names that are those of such files. */
#include "edit_private.h"
#include <string.h>

typedef struct
{
  ExpEdit base;
  gboolean has_file, is_changed;
  ExpPending pending; /* while there is a file */
} WholeEdit;

ExpEdit *
exp_edit_new_whole (const ExpTarget *target)
{
  WholeEdit *self = g_new0 (WholeEdit, 1);

  self->base.klass = &exp_edit_whole;
  self->base.target = *target;
  return &self->base;
}

static void
forget (WholeEdit *self)
{
  if (self->has_file)
    exp_pending_clear (&self->pending);
  self->has_file = self->is_changed = FALSE;
}

static void
whole_free (ExpEdit *edit)
{
  WholeEdit *self = (WholeEdit *)edit;

  forget (self);
  exp_target_clear (&self->base.target);
  g_free (self);
}

static gboolean
ensure_file (WholeEdit *self, GError **error)
{
  const ExpTarget *target = &self->base.target;
  g_autoptr (ExpView) view = NULL;
  guint64 size = 0;

  if (self->has_file)
    return TRUE;
  if (target->node != NULL)
    {
      view = exp_view_open_described (&exp_view_text, target->node, &target->info, &(ExpViewOptions){ 0 }, error);
      if (view == NULL || !exp_view_size (view, &size, error))
        return FALSE;
    }
  exp_pending_init (&self->pending, view, size);
  self->has_file = TRUE;
  return TRUE;
}

static gboolean
whole_pwrite (ExpEdit *edit, guint64 offset, gsize length, const char *bytes, GError **error)
{
  WholeEdit *self = (WholeEdit *)edit;

  if (!ensure_file (self, error) || !exp_pending_pwrite (&self->pending, offset, length, bytes, error))
    return FALSE;
  self->is_changed = TRUE;
  return TRUE;
}

static gboolean
whole_truncate (ExpEdit *edit, guint64 size, GError **error)
{
  WholeEdit *self = (WholeEdit *)edit;

  if (size > G_MAXINT64)
    {
      g_set_error (error, EXP_ERROR, EXP_ERROR_TOO_LARGE, "a file cannot be that long");
      return FALSE;
    }
  if (!ensure_file (self, error))
    return FALSE;
  exp_pending_truncate (&self->pending, size);
  self->is_changed = TRUE;
  return TRUE;
}

static gboolean
whole_size (ExpEdit *edit, guint64 *size, GError **error)
{
  WholeEdit *self = (WholeEdit *)edit;

  if (!ensure_file (self, error))
    return FALSE;
  *size = self->pending.size;
  return TRUE;
}

static gboolean
whole_pread (ExpEdit *edit, guint64 offset, gsize length, char *buffer, gsize *n_read, GError **error)
{
  WholeEdit *self = (WholeEdit *)edit;

  return ensure_file (self, error) && exp_pending_pread (&self->pending, offset, length, buffer, n_read, error);
}

static GBytes *
gather (WholeEdit *self, GError **error)
{
  const guint64 size = self->pending.size;
  g_autofree char *bytes = size < G_MAXINT ? g_try_malloc (size + 1) : NULL;

  if (bytes == NULL)
    {
      g_set_error (error, EXP_ERROR, EXP_ERROR_NO_MEMORY, "no memory for a file of %" G_GUINT64_FORMAT " bytes", size);
      return NULL;
    }
  return size == 0 || exp_pending_read (&self->pending, 0, size, bytes, error)
             ? g_bytes_new_take (g_steal_pointer (&bytes), size)
             : NULL;
}

static gboolean
put (WholeEdit *self, GError **error)
{
  ExpTarget *target = &self->base.target;
  g_autoptr (GBytes) bytes = gather (self, error);
  g_autoptr (ExpNode) node = bytes != NULL ? exp_node_put_file (target->parent, target->name, bytes, error) : NULL;
  ExpTarget made;

  if (node == NULL)
    return FALSE;
  if (!exp_pending_materialise (&self->pending, error)
      || !exp_target_init (&made, target->parent, target->name, node, error))
    return FALSE;
  exp_target_clear (target);
  *target = made;
  return TRUE;
}

/* What is refused before the last close waits for the rest. */
static gboolean
whole_flush (ExpEdit *edit, gboolean is_last, GError **error)
{
  WholeEdit *self = (WholeEdit *)edit;

  if (!self->is_changed && self->base.target.node != NULL)
    return TRUE;
  if (!ensure_file (self, error))
    return FALSE;
  const gboolean is_done = put (self, error);
  if (is_done)
    self->is_changed = FALSE;
  if (is_last)
    forget (self);
  return is_done;
}

static gboolean
whole_is_pending (ExpEdit *edit)
{
  WholeEdit *self = (WholeEdit *)edit;

  return self->is_changed || self->base.target.node == NULL;
}

const ExpEditClass exp_edit_whole = {
  .free = whole_free,
  .pwrite = whole_pwrite,
  .truncate = whole_truncate,
  .size = whole_size,
  .pread = whole_pread,
  .flush = whole_flush,
  .is_pending = whole_is_pending,
};
