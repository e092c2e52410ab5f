/* x.raw, written: its bytes are elements at once. Where there is no x, it becomes a row of bytes: of numbers, or of a
 * file that is kept as it is.
 * Knows nothing but that; direct.c writes.
 * Called through the class of the raw view, and by text.c for what is no text. */
#include "direct.h"
#include "edit_private.h"
#include <string.h>

/* Bytes of a new dataset that wait for its size to be known. */
#define NEW_BYTES (16 * 1024 * 1024)

typedef struct
{
  ExpEdit base;
  gboolean has_dataset;
  ExpDirect direct; /* of the dataset that is there */
  ExpPending fresh; /* of one that is not yet */
  ExpDtype *byte;   /* its type; owned, NULL where there is one */
} RawEdit;

static ExpEdit *
raw_new (const ExpTarget *target, const ExpViewOptions *options, GError **error)
{
  g_autofree RawEdit *self = g_new0 (RawEdit, 1);

  self->base.klass = &exp_edit_raw;
  self->base.target = *target;
  self->has_dataset = target->node != NULL;
  if (!self->has_dataset)
    {
      exp_pending_init (&self->fresh, NULL, 0);
      self->byte = exp_dtype_new_number (EXP_TYPE_UINT, 1, FALSE);
    }
  else if (!exp_direct_init (&self->direct, &self->base.target, error))
    return NULL;
  return &g_steal_pointer (&self)->base;
}

ExpEdit *
exp_edit_new_file (ExpTarget *target, ExpPending *fresh)
{
  RawEdit *self = g_new0 (RawEdit, 1);

  self->base.klass = &exp_edit_raw;
  self->base.target = *target;
  memset (target, 0, sizeof *target);
  self->fresh = *fresh;
  memset (fresh, 0, sizeof *fresh);
  self->byte = exp_dtype_new_file_byte ();
  return &self->base;
}

static void
raw_free (ExpEdit *edit)
{
  RawEdit *self = (RawEdit *)edit;

  exp_direct_clear (&self->direct);
  exp_pending_clear (&self->fresh);
  g_clear_pointer (&self->byte, exp_dtype_unref);
  exp_target_clear (&self->base.target);
  g_free (self);
}

/* Makes the dataset of what has been gathered. */
static gboolean
make (RawEdit *self, gboolean is_extensible, GError **error)
{
  g_autofree char *part = g_try_malloc (CLAMP (self->fresh.size, 1, NEW_BYTES));
  ExpNewDataset dataset = { .dtype = self->byte, .rank = 1, .is_extensible = is_extensible };

  if (part == NULL)
    {
      g_set_error (error, EXP_ERROR, EXP_ERROR_NO_MEMORY, "no memory for the bytes");
      return FALSE;
    }
  dataset.shape[0] = self->fresh.size;
  if (!exp_target_make (&self->base.target, &dataset, error)
      || !exp_direct_init (&self->direct, &self->base.target, error))
    return FALSE;
  self->has_dataset = TRUE;
  for (guint i = 0; i < self->fresh.extents->len; i++)
    {
      ExpExtent extent = g_array_index (self->fresh.extents, ExpExtent, i);
      guint64 end = extent.offset + extent.length;

      for (guint64 at = extent.offset, n; at < end; at += n)
        {
          n = MIN (NEW_BYTES, end - at);
          if (!exp_pending_read (&self->fresh, at, n, part, error)
              || !exp_elements_write (&self->direct.elements, at, n, part, error))
            return FALSE;
        }
    }
  exp_pending_clear (&self->fresh);
  return TRUE;
}

static gboolean
raw_pwrite (ExpEdit *edit, guint64 offset, gsize length, const char *bytes, GError **error)
{
  RawEdit *self = (RawEdit *)edit;

  if (self->has_dataset)
    return exp_direct_pwrite (&self->direct, offset, length, bytes, error);
  if (!exp_pending_pwrite (&self->fresh, offset, length, bytes, error))
    return FALSE;
  return self->fresh.logged < NEW_BYTES || make (self, TRUE, error);
}

static gboolean
raw_truncate (ExpEdit *edit, guint64 size, GError **error)
{
  RawEdit *self = (RawEdit *)edit;

  if (self->has_dataset)
    return exp_direct_truncate (&self->direct, size, error);
  exp_pending_truncate (&self->fresh, size);
  return TRUE;
}

static gboolean
raw_size (ExpEdit *edit, guint64 *size, GError **error)
{
  RawEdit *self = (RawEdit *)edit;

  *size = self->has_dataset ? self->direct.size : self->fresh.size;
  return TRUE;
}

static gboolean
raw_pread (ExpEdit *edit, guint64 offset, gsize length, char *buffer, gsize *n_read, GError **error)
{
  RawEdit *self = (RawEdit *)edit;

  return self->has_dataset ? exp_direct_pread (&self->direct, offset, length, buffer, n_read, error)
                           : exp_pending_pread (&self->fresh, offset, length, buffer, n_read, error);
}

static gboolean
raw_flush (ExpEdit *edit, gboolean is_last, GError **error)
{
  RawEdit *self = (RawEdit *)edit;

  if (!self->has_dataset)
    return make (self, FALSE, error);
  if (self->direct.size == 0 && !is_last)
    return TRUE;
  if (exp_direct_store (&self->direct, error))
    return TRUE;
  if (is_last)
    exp_direct_drop (&self->direct);
  return FALSE;
}

static gboolean
raw_is_pending (ExpEdit *edit)
{
  RawEdit *self = (RawEdit *)edit;

  return !self->has_dataset || exp_direct_is_pending (&self->direct);
}

const ExpEditClass exp_edit_raw = {
  .new = raw_new,
  .free = raw_free,
  .pwrite = raw_pwrite,
  .truncate = raw_truncate,
  .size = raw_size,
  .pread = raw_pread,
  .flush = raw_flush,
  .is_pending = raw_is_pending,
};
