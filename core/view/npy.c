/* x.npy: NumPy's file format, so that numpy.load maps the dataset. After "NEP 1, A Simple File Format for NumPy Arrays"
 * and its versions 2.0 (long headers) and 3.0 (UTF-8 names).
 * Knows nothing of the elements' bytes; npy_bytes.c makes them.
 * Called through the table of views. */
#include "edit/edit_private.h"
#include "expfs/error.h"
#include "numpy/npy_bytes.h"
#include "view_private.h"
#include <string.h>

typedef struct
{
  ExpView base;
  ExpNpyBytes bytes;
  GMutex lock;     /* guards the making of the header */
  GString *header; /* immutable once made */
} NpyView;

static gboolean
ensure_header (NpyView *self, GError **error)
{
  if (!exp_npy_bytes_measure (&self->bytes, error))
    return FALSE;

  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);
  if (self->header == NULL)
    self->header = exp_npy_header_make (&self->bytes, FALSE);
  return TRUE;
}

static ExpView *
npy_open (ExpNode *node, const ExpInfo *info, const ExpViewOptions *options, GError **error)
{
  g_autofree NpyView *self = g_new0 (NpyView, 1);

  if (!exp_npy_bytes_init (&self->bytes, node, info, error))
    return NULL;
  g_mutex_init (&self->lock);
  self->base.klass = &exp_view_npy;
  return &g_steal_pointer (&self)->base;
}

static void
npy_free (ExpView *view)
{
  NpyView *self = (NpyView *)view;

  exp_npy_bytes_clear (&self->bytes);
  if (self->header != NULL)
    g_string_free (self->header, TRUE);
  g_mutex_clear (&self->lock);
  g_free (self);
}

static gboolean
npy_size (ExpView *view, guint64 *size, GError **error)
{
  NpyView *self = (NpyView *)view;

  if (!ensure_header (self, error) || !exp_npy_bytes_size (&self->bytes, size, error))
    return FALSE;
  *size += self->header->len;
  return TRUE;
}

static gboolean
npy_pread (ExpView *view, guint64 offset, gsize length, char *buffer, gsize *n_read, GError **error)
{
  NpyView *self = (NpyView *)view;
  gsize n_header = 0, n_data;

  *n_read = 0;
  if (!ensure_header (self, error))
    return FALSE;
  if (offset < self->header->len)
    {
      n_header = MIN (length, self->header->len - offset);
      memcpy (buffer, self->header->str + offset, n_header);
    }
  if (!exp_npy_bytes_pread (&self->bytes, offset + n_header - self->header->len, length - n_header, buffer + n_header,
                            &n_data, error))
    return FALSE;
  *n_read = n_header + n_data;
  return TRUE;
}

static guint
npy_locate (ExpView *view, guint64 offset, gsize length, ExpRun *runs, guint most)
{
  NpyView *self = (NpyView *)view;

  if (!ensure_header (self, NULL))
    return 0;

  const gsize n_header = self->header->len;
  if (offset >= n_header)
    return exp_npy_bytes_locate (&self->bytes, offset - n_header, length, runs, most);
  if (length <= n_header - offset)
    return 0;
  runs[0] = (ExpRun){ n_header - offset, -1, 0, (const guint8 *)self->header->str + offset };
  guint n = exp_npy_bytes_locate (&self->bytes, 0, length - runs[0].length, runs + 1, most - 1);
  return n > 0 ? n + 1 : 0;
}

const ExpViewClass exp_view_npy = {
  .suffix = ".npy",
  .name = "npy",
  .description = "NumPy's file format; numpy.load maps it",
  .applies = exp_npy_bytes_applies,
  .open = npy_open,
  .free = npy_free,
  .size = npy_size,
  .pread = npy_pread,
  .locate = npy_locate,
  .edit = &exp_edit_npy,
};
