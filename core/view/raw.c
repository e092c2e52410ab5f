/* x.raw: the C-order bytes alone, the same as in x.npy.
 * Knows nothing but that; npy_bytes.c makes them.
 * Called through the table of views, and by text for files kept in the store. */
#include "edit/edit_private.h"
#include "numpy/npy_bytes.h"
#include "view_private.h"

typedef struct
{
  ExpView base;
  ExpNpyBytes bytes;
} RawView;

static ExpView *
raw_open (ExpNode *node, const ExpInfo *info, const ExpViewOptions *options, GError **error)
{
  g_autofree RawView *self = g_new0 (RawView, 1);

  if (!exp_npy_bytes_init (&self->bytes, node, info, error))
    return NULL;
  self->base.klass = &exp_view_raw;
  return &g_steal_pointer (&self)->base;
}

static void
raw_free (ExpView *view)
{
  RawView *self = (RawView *)view;

  exp_npy_bytes_clear (&self->bytes);
  g_free (self);
}

static gboolean
raw_size (ExpView *view, guint64 *size, GError **error)
{
  return exp_npy_bytes_size (&((RawView *)view)->bytes, size, error);
}

static gboolean
raw_pread (ExpView *view, guint64 offset, gsize length, char *buffer, gsize *n_read, GError **error)
{
  return exp_npy_bytes_pread (&((RawView *)view)->bytes, offset, length, buffer, n_read, error);
}

static guint
raw_locate (ExpView *view, guint64 offset, gsize length, ExpRun *runs, guint most)
{
  return exp_npy_bytes_locate (&((RawView *)view)->bytes, offset, length, runs, most);
}

const ExpViewClass exp_view_raw = {
  .suffix = ".raw",
  .name = "raw",
  .description = "the elements' bytes alone, C order",
  .applies = exp_npy_bytes_applies,
  .open = raw_open,
  .free = raw_free,
  .size = raw_size,
  .pread = raw_pread,
  .locate = raw_locate,
  .edit = &exp_edit_raw,
};
