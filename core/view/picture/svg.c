/* x.svg: a dataset as a picture; x.svg.png and x.svg.pdf the same in other forms. Drawn when its size or its bytes are
 * asked for first, and then held: a picture is small however large the dataset is.
 * Knows cairo's surfaces and their bytes; what is drawn, picture.h knows.
 * Called through the table of views. */
#include "expfs/view.h"
#include "picture.h"
#include "picture_bytes.h"
#include <string.h>

typedef struct
{
  ExpView base;
  ExpNode *node;
  ExpInfo info;
  char *path;
  GMutex lock;   /* guards the drawing */
  GBytes *bytes; /* NULL until then, and immutable afterwards */
} PictureView;

static gboolean
ensure_bytes (PictureView *self, GError **error)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);

  if (self->bytes == NULL)
    {
      g_autoptr (ExpPicture) picture = exp_picture_new (self->node, &self->info, self->path, error);
      self->bytes = picture != NULL ? exp_picture_to_bytes (picture, self->base.klass->name, error) : NULL;
    }
  return self->bytes != NULL;
}

static ExpView *
picture_open (ExpNode *node, const ExpInfo *info, const ExpViewOptions *options, const ExpViewClass *klass)
{
  PictureView *self = g_new0 (PictureView, 1);

  self->base.klass = klass;
  self->node = exp_node_ref (node);
  exp_info_copy (info, &self->info);
  self->path = g_strdup (options->path);
  g_mutex_init (&self->lock);
  return &self->base;
}

static ExpView *
svg_open (ExpNode *node, const ExpInfo *info, const ExpViewOptions *options, GError **error)
{
  return picture_open (node, info, options, &exp_view_svg);
}

static ExpView *
png_open (ExpNode *node, const ExpInfo *info, const ExpViewOptions *options, GError **error)
{
  return picture_open (node, info, options, &exp_view_png);
}

static ExpView *
pdf_open (ExpNode *node, const ExpInfo *info, const ExpViewOptions *options, GError **error)
{
  return picture_open (node, info, options, &exp_view_pdf);
}

static void
picture_free (ExpView *view)
{
  PictureView *self = (PictureView *)view;

  exp_node_unref (self->node);
  exp_info_clear (&self->info);
  g_free (self->path);
  g_mutex_clear (&self->lock);
  g_clear_pointer (&self->bytes, g_bytes_unref);
  g_free (self);
}

static gboolean
picture_size (ExpView *view, guint64 *size, GError **error)
{
  PictureView *self = (PictureView *)view;

  if (!ensure_bytes (self, error))
    return FALSE;
  *size = g_bytes_get_size (self->bytes);
  return TRUE;
}

static gboolean
picture_pread (ExpView *view, guint64 offset, gsize length, char *buffer, gsize *n_read, GError **error)
{
  PictureView *self = (PictureView *)view;
  gsize size;

  if (!ensure_bytes (self, error))
    return FALSE;
  const char *data = g_bytes_get_data (self->bytes, &size);
  *n_read = offset < size ? MIN (length, size - offset) : 0;
  memcpy (buffer, data + (offset < size ? offset : 0), *n_read);
  return TRUE;
}

const ExpViewClass exp_view_svg = {
  .suffix = ".svg",
  .name = "svg",
  .description = "a picture: lines, a heat map, a raster of spikes, a histogram",
  .is_costly = TRUE,
  .applies = exp_picture_applies,
  .open = svg_open,
  .free = picture_free,
  .size = picture_size,
  .pread = picture_pread,
};

const ExpViewClass exp_view_png = {
  .suffix = ".svg.png",
  .name = "png",
  .description = "the same picture of pixels",
  .is_costly = TRUE,
  .applies = exp_picture_applies,
  .open = png_open,
  .free = picture_free,
  .size = picture_size,
  .pread = picture_pread,
};

const ExpViewClass exp_view_pdf = {
  .suffix = ".svg.pdf",
  .name = "pdf",
  .description = "the same picture as a page",
  .is_costly = TRUE,
  .applies = exp_picture_applies,
  .open = pdf_open,
  .free = picture_free,
  .size = picture_size,
  .pread = picture_pread,
};
