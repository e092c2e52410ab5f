/* x.npy, written: a header that makes or fits a dataset, and elements behind it.
 * Knows neither how a header reads (npy_header.c) nor how values convert (npy_convert.c).
 * Called through the class of the npy view. */
#include "direct.h"
#include "edit_private.h"
#include "npy_store.h"
#include "numpy/npy_convert.h"
#include <string.h>

/* Behind the magic and the version. */
#define VERSION_END 8

typedef struct
{
  ExpEdit base;
  /* Either the elements are the dataset's own and only the header is kept, or all is gathered until a flush: what
   * begins anew over a dataset, what has another type or order than it, and headers that are not whole yet. */
  gboolean is_direct;
  gboolean is_made; /* the dataset was made by this edit, and has been complete since `is_whole` */
  gboolean is_whole;
  GByteArray *first; /* the header's bytes, where is_direct */
  ExpDirect direct;
  ExpPending file;
  gboolean is_changed; /* where not is_direct */
} NpyEdit;

/* A file begins here: nothing, or what waits in memory. */
static void
start_gathering (NpyEdit *self, ExpView *view, guint64 size)
{
  if (self->is_direct)
    exp_direct_clear (&self->direct);
  self->is_direct = FALSE;
  exp_pending_clear (&self->file);
  exp_pending_init (&self->file, view, size);
}

/* The dataset as its view shows it, and its header. */
static gboolean
start_direct (NpyEdit *self, GError **error)
{
  guint64 size;
  gsize n;
  g_autoptr (ExpView) view = exp_view_open_described (&exp_view_npy, self->base.target.node, &self->base.target.info,
                                                      &(ExpViewOptions){ 0 }, error);

  if (view == NULL || !exp_view_size (view, &size, error)
      || !exp_direct_init (&self->direct, &self->base.target, error))
    return FALSE;
  g_byte_array_set_size (self->first, size - self->direct.elements.n_bytes);
  if (!exp_view_pread (view, 0, self->first->len, (char *)self->first->data, &n, error))
    {
      exp_direct_clear (&self->direct);
      return FALSE;
    }
  exp_pending_clear (&self->file);
  self->is_direct = TRUE;
  self->is_changed = FALSE;
  return TRUE;
}

static void
npy_free (ExpEdit *edit)
{
  NpyEdit *self = (NpyEdit *)edit;

  if (self->is_direct)
    exp_direct_clear (&self->direct);
  exp_pending_clear (&self->file);
  g_byte_array_unref (self->first);
  exp_target_clear (&self->base.target);
  g_free (self);
}

static ExpEdit *
npy_new (const ExpTarget *target, const ExpViewOptions *options, GError **error)
{
  NpyEdit *self = g_new0 (NpyEdit, 1);

  self->base.klass = &exp_edit_npy;
  self->base.target = *target;
  self->first = g_byte_array_new ();
  if (target->node == NULL)
    start_gathering (self, NULL, 0);
  else if (!start_direct (self, error))
    {
      memset (&self->base.target, 0, sizeof self->base.target); /* stays the caller's */
      npy_free (&self->base);
      return NULL;
    }
  return &self->base;
}

/* --- the header --------------------------------------------------------------------------------------------- */

/* The header that was gathered; FALSE without an error when it is not whole. */
static gboolean
read_header (NpyEdit *self, ExpNpyHeader *header, GByteArray *bytes, GError **error)
{
  gsize size = 10;

  for (guint tries = 0; tries < 3; tries++)
    {
      const gsize n = MIN (size, self->file.size);

      g_byte_array_set_size (bytes, n);
      if (!exp_pending_read (&self->file, 0, n, (char *)bytes->data, error)
          || !exp_npy_header_size (bytes->data, n, &size, error))
        return FALSE;
      if (size > self->file.size)
        return FALSE;
      if (size == n)
        return exp_node_takes_moments (self->base.target.parent)
                   ? exp_npy_header_parse_any (bytes->data, n, header, error)
                   : exp_npy_header_parse (bytes->data, n, header, error);
    }
  return FALSE;
}

/* A new dataset is made as soon as its header is whole, when the file's bytes are its elements. */
static gboolean
make_from_header (NpyEdit *self, GError **error)
{
  g_auto (ExpNpyHeader) header = { 0 };
  g_autoptr (GByteArray) bytes = g_byte_array_new ();
  g_autoptr (GError) reason = NULL;

  if (!read_header (self, &header, bytes, &reason))
    {
      if (reason == NULL)
        return TRUE;
      g_propagate_error (error, g_steal_pointer (&reason));
      return FALSE;
    }
  g_autoptr (ExpDtype) stored = exp_npy_stored_dtype (header.dtype);
  if ((header.is_fortran && header.rank > 1) || !exp_dtype_equal (stored, header.dtype))
    return TRUE;

  ExpNewDataset dataset = { .dtype = stored, .rank = header.rank };
  memcpy (dataset.shape, header.shape, sizeof dataset.shape);
  const guint64 rest = self->file.size - MIN (self->file.size, header.length);
  g_autofree char *elements = g_try_malloc (MAX (rest, 1));
  if (rest > header.n_bytes || elements == NULL)
    return TRUE; /* the flush will tell */
  if (!exp_pending_read (&self->file, header.length, rest, elements, error)
      || !exp_target_make (&self->base.target, &dataset, error))
    return FALSE;
  self->is_made = TRUE;
  self->is_whole = FALSE;
  if (!exp_direct_init (&self->direct, &self->base.target, error))
    return FALSE;
  self->is_direct = TRUE;
  self->direct.size = 0;
  self->direct.written = 0;
  g_byte_array_set_size (self->first, 0);
  g_byte_array_append (self->first, bytes->data, bytes->len);
  exp_pending_clear (&self->file);
  return exp_direct_pwrite (&self->direct, 0, rest, elements, error);
}

/* Another header over that of a dataset: from here on all is gathered, over what the view shows. */
static gboolean
change_header (NpyEdit *self, GError **error)
{
  guint64 size;

  if (self->is_made && !self->is_whole)
    {
      g_set_error (error, EXP_ERROR, EXP_ERROR_INVALID, "the NPY header changes while its elements come");
      return FALSE;
    }
  g_autoptr (ExpView) view = exp_view_open (&exp_view_npy, self->base.target.node, &(ExpViewOptions){ 0 }, error);
  if (view == NULL || !exp_view_size (view, &size, error))
    return FALSE;
  if (size != self->first->len + self->direct.size)
    {
      g_set_error (error, EXP_ERROR, EXP_ERROR_INVALID, "the NPY header changes while its elements do");
      return FALSE;
    }
  start_gathering (self, view, size);
  return TRUE;
}

/* --- writing ------------------------------------------------------------------------------------------------ */

/* Better now than when it is closed, where few look. */
static gboolean
check_start (guint64 offset, gsize length, const char *bytes, GError **error)
{
  gsize size;

  return offset > 0 || exp_npy_header_size ((const guint8 *)bytes, MIN (length, VERSION_END), &size, error);
}

static gboolean
gather (NpyEdit *self, guint64 offset, gsize length, const char *bytes, GError **error)
{
  const gboolean may_make = self->base.target.node == NULL && self->file.size < 16 * 1024 * 1024;

  if (!exp_pending_pwrite (&self->file, offset, length, bytes, error))
    return FALSE;
  self->is_changed = TRUE;
  if (may_make ? make_from_header (self, error) : check_start (offset, length, bytes, error))
    return TRUE;
  start_gathering (self, NULL, 0);
  return FALSE;
}

static gboolean
npy_pwrite (ExpEdit *edit, guint64 offset, gsize length, const char *bytes, GError **error)
{
  NpyEdit *self = (NpyEdit *)edit;
  const gsize before = self->first->len;

  if (!self->is_direct)
    return gather (self, offset, length, bytes, error);
  if (offset < before)
    {
      const gsize n = MIN (length, before - offset);

      if (memcmp (self->first->data + offset, bytes, n) != 0)
        return change_header (self, error) && gather (self, offset, length, bytes, error);
      offset += n;
      bytes += n;
      length -= n;
    }
  if (length == 0)
    return TRUE;
  if (offset + length < offset || offset + length - before > self->direct.elements.n_bytes)
    {
      g_set_error (error, EXP_ERROR, EXP_ERROR_INVALID, "the NPY header tells of fewer elements");
      return FALSE;
    }
  return exp_direct_pwrite (&self->direct, offset - before, length, bytes, error);
}

/* Back to what waits in memory, when the header itself is cut. */
static gboolean
cut_header (NpyEdit *self, guint64 size, GError **error)
{
  g_autofree guint8 *first = g_memdup2 (self->first->data, MAX (size, 1));

  if (self->is_made && !self->is_whole && !exp_target_remove (&self->base.target, error))
    return FALSE;
  self->is_made = self->is_made && self->is_whole;
  start_gathering (self, NULL, 0);
  self->is_changed = TRUE;
  return exp_pending_pwrite (&self->file, 0, size, first, error);
}

static gboolean
npy_truncate (ExpEdit *edit, guint64 size, GError **error)
{
  NpyEdit *self = (NpyEdit *)edit;

  if (size > G_MAXINT64)
    {
      g_set_error (error, EXP_ERROR, EXP_ERROR_TOO_LARGE, "a file cannot be that long");
      return FALSE;
    }
  if (!self->is_direct)
    {
      self->is_changed |= size != self->file.size || size == 0;
      exp_pending_truncate (&self->file, size);
      return TRUE;
    }
  if (size < self->first->len)
    return cut_header (self, size, error);
  if (size - self->first->len <= self->direct.elements.n_bytes)
    return exp_direct_truncate (&self->direct, size - self->first->len, error);
  g_set_error (error, EXP_ERROR, EXP_ERROR_INVALID, "the NPY header tells of fewer elements");
  return FALSE;
}

/* --- reading ------------------------------------------------------------------------------------------------ */

static gboolean
npy_size (ExpEdit *edit, guint64 *size, GError **error)
{
  NpyEdit *self = (NpyEdit *)edit;

  *size = self->is_direct ? self->first->len + self->direct.size : self->file.size;
  return TRUE;
}

static gboolean
npy_pread (ExpEdit *edit, guint64 offset, gsize length, char *buffer, gsize *n_read, GError **error)
{
  NpyEdit *self = (NpyEdit *)edit;
  gsize n = 0;

  *n_read = 0;
  if (!self->is_direct)
    return exp_pending_pread (&self->file, offset, length, buffer, n_read, error);
  if (offset < self->first->len)
    {
      n = MIN (length, self->first->len - offset);
      memcpy (buffer, self->first->data + offset, n);
    }
  if (!exp_direct_pread (&self->direct, offset + n - self->first->len, length - n, buffer + n, n_read, error))
    return FALSE;
  *n_read += n;
  return TRUE;
}

/* --- flush -------------------------------------------------------------------------------------------------- */

static gboolean
fail_short (guint64 size, guint64 wanted, GError **error)
{
  g_set_error (error, EXP_ERROR, EXP_ERROR_INVALID,
               "the NPY file has %" G_GUINT64_FORMAT " bytes where its header tells of %" G_GUINT64_FORMAT, size,
               wanted);
  return FALSE;
}

/* Nothing but a header is what open_memmap leaves to begin with: all zeros. */
static gboolean
flush_direct (NpyEdit *self, GError **error)
{
  ExpDirect *direct = &self->direct;

  if (direct->size == 0 && !exp_direct_truncate (direct, direct->elements.n_bytes, error))
    return FALSE;
  if (direct->size < direct->elements.n_bytes)
    return fail_short (self->first->len + direct->size, self->first->len + direct->elements.n_bytes, error);
  self->is_whole = TRUE;
  return TRUE;
}

static gboolean
flush_gathered (NpyEdit *self, GError **error)
{
  g_auto (ExpNpyHeader) header = { 0 };
  g_autoptr (GByteArray) bytes = g_byte_array_new ();
  g_autoptr (GError) reason = NULL;

  if (!read_header (self, &header, bytes, &reason))
    {
      if (reason != NULL)
        g_propagate_error (error, g_steal_pointer (&reason));
      else
        g_set_error (error, EXP_ERROR, EXP_ERROR_INVALID, "the NPY header is not whole");
      return FALSE;
    }
  const guint64 wanted = header.length + header.n_bytes;
  if (self->file.size == header.length)
    exp_pending_truncate (&self->file, wanted);
  if (self->file.size != wanted)
    return fail_short (self->file.size, wanted, error);
  if (!exp_npy_store (&self->base.target, &header, &self->file, error))
    return FALSE;
  self->is_changed = FALSE;
  return TRUE;
}

/* After the last close: as after exp_edit_new. */
static gboolean
settle (NpyEdit *self, GError **error)
{
  if (self->is_made && !self->is_whole && !exp_target_remove (&self->base.target, error))
    return FALSE;
  self->is_made = self->is_whole = FALSE;
  start_gathering (self, NULL, 0);
  self->is_changed = FALSE;
  return self->base.target.node == NULL || start_direct (self, error);
}

static gboolean
npy_flush (ExpEdit *edit, gboolean is_last, GError **error)
{
  NpyEdit *self = (NpyEdit *)edit;
  gboolean is_stored;

  if (!self->is_direct && self->file.size == 0)
    return !is_last || settle (self, error); /* nothing yet, and nothing is no NPY file */
  if (self->is_direct)
    is_stored
        = (!exp_direct_is_pending (&self->direct) && (!self->is_made || self->is_whole)) || flush_direct (self, error);
  else
    is_stored = !self->is_changed || flush_gathered (self, error);
  if (is_last && !settle (self, is_stored ? error : NULL))
    return FALSE;
  return is_stored;
}

static gboolean
npy_is_pending (ExpEdit *edit)
{
  NpyEdit *self = (NpyEdit *)edit;

  return self->is_direct ? exp_direct_is_pending (&self->direct) || (self->is_made && !self->is_whole)
                         : self->is_changed || self->base.target.node == NULL;
}

const ExpEditClass exp_edit_npy = {
  .new = npy_new,
  .free = npy_free,
  .pwrite = npy_pwrite,
  .truncate = npy_truncate,
  .size = npy_size,
  .pread = npy_pread,
  .flush = npy_flush,
  .is_pending = npy_is_pending,
};
