/* x.npy: NumPy's file format, so that numpy.load maps the dataset. After "NEP 1, A Simple File Format for NumPy Arrays"
 * and its versions 2.0 (long headers) and 3.0 (UTF-8 names).
 * Knows nothing of the elements' bytes; npy_bytes.c makes them.
 * Called through the table of views. */
#include "edit/edit_private.h"
#include "expfs/error.h"
#include "npy_bytes.h"
#include "view_private.h"
#include <string.h>

/* NumPy aligns the data to this, so that a map of the file is aligned too. */
#define ALIGNMENT 64

typedef struct
{
  ExpView base;
  ExpNpyBytes bytes;
  GMutex lock;     /* guards the making of the header */
  GString *header; /* immutable once made */
} NpyView;

static void
append_shape (const ExpGrid *grid, GString *out)
{
  if (grid->info.is_null)
    {
      g_string_append (out, "(0,)");
      return;
    }
  g_string_append_c (out, '(');
  for (guint i = 0; i < grid->rank; i++)
    g_string_append_printf (out, "%" G_GUINT64_FORMAT "%s", grid->shape[i],
                            grid->rank == 1      ? ","
                            : i + 1 < grid->rank ? ", "
                                                 : "");
  g_string_append_c (out, ')');
}

static gboolean
is_ascii (const char *text)
{
  for (; *text != '\0'; text++)
    if ((guchar)*text >= 0x80)
      return FALSE;
  return TRUE;
}

static GString *
make_header (ExpNpyBytes *bytes)
{
  g_autoptr (GString) dict = g_string_new ("{'descr': ");
  g_autofree char *descr = exp_npy_bytes_descr (bytes);
  GString *header = g_string_new (NULL);
  gsize before;
  guint version;

  g_string_append (dict, descr);
  g_string_append (dict, ", 'fortran_order': False, 'shape': ");
  append_shape (&bytes->grid, dict);
  g_string_append (dict, ", }");

  version = !is_ascii (descr) ? 3 : dict->len + ALIGNMENT + 12 > G_MAXUINT16 ? 2 : 1;
  before = version == 1 ? 10 : 12;
  while ((before + dict->len + 1) % ALIGNMENT != 0)
    g_string_append_c (dict, ' ');
  g_string_append_c (dict, '\n');
  g_string_append_len (header, "\x93NUMPY", 6);
  g_string_append_c (header, version);
  g_string_append_c (header, 0);
  for (guint i = 0; i < before - 8; i++)
    g_string_append_c (header, (char)(dict->len >> (8 * i)));
  g_string_append_len (header, dict->str, dict->len);
  return header;
}

static gboolean
ensure_header (NpyView *self, GError **error)
{
  if (!exp_npy_bytes_measure (&self->bytes, error))
    return FALSE;

  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);
  if (self->header == NULL)
    self->header = make_header (&self->bytes);
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
