/* Arrays as NumPy's files have them: what they are, and their elements.
 * Knows NPY headers and orders of elements; where the bytes are zip_member.c knows.
 * Made by tree.c and npz.c. */
#include "expfs/store.h"
#include "npz.h"
#include "numpy/npy_convert.h"
#include "numpy/npy_header.h"
#include "source/chunk_cache.h"
#include <string.h>

#define HEAD       4096
#define MAX_HEADER (16 << 20)
#define PIECE      (4 << 20)
/* An array in Fortran order is turned whole when it is no larger. */
#define MAX_TURNED (64 << 20)

typedef struct
{
  ExpNode base;
  ExpZip *zip; /* a reference; NULL: it is a file */
  ExpZipMember *member;
  ExpSource *source; /* of a file: a reference */
  GMutex lock;       /* guards the reading of the header */
  gint is_described; /* atomic: what follows stands */
  gboolean is_bytes; /* no NPY file */
  guint64 n_bytes;   /* of the member or file */
  ExpNpyHeader header;
  ExpDtype *dtype;   /* of the elements as shown */
  gboolean is_plain; /* header.dtype is that */
} NpzArray;

static const ExpNodeClass array_class;

static const char *
file_name (const NpzArray *self)
{
  return self->zip != NULL ? self->zip->source->name : self->source->name;
}

static const char *
member_name (const NpzArray *self)
{
  return self->zip != NULL ? self->member->name : "the file";
}

/* --- bytes -------------------------------------------------------------------------------------------------- */

static gboolean
read_head (NpzArray *self, gsize length, guint8 *to, gsize *n, GError **error)
{
  if (self->zip != NULL)
    return exp_zip_member_read_head (self->zip, self->member, length, to, n, error);
  *n = MIN (length, self->n_bytes);
  return exp_source_pread (self->source, 0, *n, to, error);
}

static gboolean
read_bytes (NpzArray *self, guint64 offset, gsize length, guint8 *to, GError **error)
{
  if (self->zip != NULL)
    return exp_zip_member_read (self->zip, self->member, offset, length, to, error);
  return exp_source_pread (self->source, offset, length, to, error);
}

/* Elements where they lie, from byte `offset` of them on. */
static gboolean
read_elements (NpzArray *self, guint64 offset, gsize length, guint8 *to, GError **error)
{
  const guint64 there = self->n_bytes - self->header.length;

  if (self->n_bytes >= self->header.length && offset <= there && length <= there - offset)
    return read_bytes (self, self->header.length + offset, length, to, error);
  g_set_error (error, EXP_ERROR, EXP_ERROR_DAMAGED,
               "%s: %s ends within its elements: %" G_GUINT64_FORMAT " bytes of %" G_GUINT64_FORMAT " are there",
               file_name (self), member_name (self), self->n_bytes > self->header.length ? there : 0,
               self->header.n_bytes);
  return FALSE;
}

/* --- the header --------------------------------------------------------------------------------------------- */

static void
describe_bytes (NpzArray *self)
{
  self->is_bytes = self->is_plain = TRUE;
  self->dtype = exp_dtype_new_file_byte ();
  self->header = (ExpNpyHeader){
    .dtype = exp_dtype_ref (self->dtype), .rank = 1, .n_elements = self->n_bytes, .n_bytes = self->n_bytes
  };
  self->header.shape[0] = self->n_bytes;
}

/* What would be the caller's fault of a file that is written is the store's here. */
static gboolean
foreign (const NpzArray *self, GError **error)
{
  if (error != NULL && (*error)->code == EXP_ERROR_INVALID)
    (*error)->code = EXP_ERROR_DAMAGED;
  g_prefix_error (error, "%s: %s: ", file_name (self), member_name (self));
  return FALSE;
}

static void
finish_header (NpzArray *self)
{
  self->dtype = exp_npy_stored_dtype (self->header.dtype);
  self->is_plain = exp_dtype_equal (self->dtype, self->header.dtype);
  if (self->header.rank < 2)
    self->header.is_fortran = FALSE;
}

static gboolean
parse_header (NpzArray *self, const guint8 *bytes, gsize n, GError **error)
{
  if (!exp_npy_header_parse_any (bytes, n, &self->header, error))
    {
      return foreign (self, error);
    }
  finish_header (self);
  return TRUE;
}

static gboolean
read_header (NpzArray *self, GError **error)
{
  g_autofree guint8 *bytes = g_malloc (HEAD);
  gsize n, size;

  if (!read_head (self, HEAD, bytes, &n, error))
    return FALSE;
  if (n < 6 || memcmp (bytes, "\x93NUMPY", 6) != 0)
    {
      describe_bytes (self);
      return TRUE;
    }
  if (!exp_npy_header_size (bytes, n, &size, error))
    {
      return foreign (self, error);
    }
  if (size <= n)
    return parse_header (self, bytes, n, error);
  g_autofree guint8 *longer = size <= self->n_bytes && size <= MAX_HEADER ? g_try_malloc (size) : NULL;
  if (longer != NULL)
    return read_head (self, size, longer, &n, error) && parse_header (self, longer, n, error);
  g_set_error (error, EXP_ERROR, EXP_ERROR_DAMAGED, "%s: %s ends within its header", file_name (self),
               member_name (self));
  return FALSE;
}

static gboolean
ensure_header (NpzArray *self, GError **error)
{
  if (g_atomic_int_get (&self->is_described))
    return TRUE;
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);
  if (self->is_described)
    return TRUE;
  if (self->zip == NULL && !exp_source_size (self->source, &self->n_bytes, error))
    return FALSE;
  if (!read_header (self, error))
    return FALSE;
  g_atomic_int_set (&self->is_described, TRUE);
  return TRUE;
}

static gboolean
array_describe (ExpNode *node, ExpInfo *info, GError **error)
{
  NpzArray *self = (NpzArray *)node;

  if (!ensure_header (self, error))
    return FALSE;
  info->kind = EXP_KIND_DATASET;
  info->dtype = exp_dtype_ref (self->dtype);
  info->rank = self->header.rank;
  info->is_bytes = self->is_bytes;
  memcpy (info->shape, self->header.shape, sizeof info->shape);
  return TRUE;
}

static const char *
filter_name (guint method)
{
  return method == EXP_ZIP_DEFLATE ? "deflate" : method == EXP_ZIP_BZIP2 ? "bzip2" : "lzma";
}

static gboolean
array_layout (ExpNode *node, ExpLayout *layout, GError **error)
{
  NpzArray *self = (NpzArray *)node;

  if (!ensure_header (self, error))
    return FALSE;
  layout->layout = "contiguous";
  layout->storage = self->zip != NULL ? self->member->n_stored : self->n_bytes;
  if (self->zip != NULL && self->member->method != EXP_ZIP_STORED)
    layout->filters = g_strdup (filter_name (self->member->method));
  if (self->header.is_fortran)
    layout->flag = "fortran_order";
  return TRUE;
}

/* --- elements in C order ------------------------------------------------------------------------------------ */

/* As the file has them: n elements from `first` on, into cells of the shown type. */
static gboolean
read_run (NpzArray *self, guint64 first, guint64 n, guint8 *cells, ExpArray *heap, GError **error)
{
  const gsize size = self->header.dtype->size;

  if (self->is_plain)
    return read_elements (self, first * size, n * size, cells, error);

  const gsize step = MAX (PIECE / MAX (size, 1), 1);
  g_autofree guint8 *bytes = g_try_malloc (MAX (MIN (n, step) * size, 1));
  if (bytes == NULL)
    {
      g_set_error (error, EXP_ERROR, EXP_ERROR_NO_MEMORY, "no memory for the elements");
      return FALSE;
    }
  for (guint64 at = 0, count; at < n; at += count)
    {
      count = MIN (step, n - at);
      if (!read_elements (self, (first + at) * size, count * size, bytes, error))
        return FALSE;
      for (gsize i = 0; i < count; i++)
        if (!exp_npy_convert (self->header.dtype, bytes + i * size, self->dtype, cells + (at + i) * self->dtype->size,
                              heap))
          {
            g_set_error (error, EXP_ERROR, EXP_ERROR_DAMAGED, "%s: %s: element %" G_GUINT64_FORMAT " is no value",
                         file_name (self), member_name (self), first + at + i);
            return FALSE;
          }
    }
  return TRUE;
}

typedef struct
{
  NpzArray *array;
  const ExpSlab *slab;
  guint whole; /* axes from here on are taken in one piece */
  guint8 *cells;
  ExpArray *heap;
  GError **error;
} Reading;

static guint
first_whole_axis (const NpzArray *self, const ExpSlab *slab)
{
  guint axis = slab->rank;

  while (axis > 0 && slab->step[axis - 1] == 1)
    {
      axis--;
      if (slab->count[axis] != self->header.shape[axis])
        return axis;
    }
  return axis;
}

static gboolean
read_axis (Reading *reading, guint axis, guint64 offset)
{
  const ExpSlab *slab = reading->slab;
  const guint64 *shape = reading->array->header.shape;

  if (axis == reading->whole)
    {
      guint64 n = 1;

      for (guint i = axis; i < slab->rank; i++)
        {
          offset = offset * shape[i] + slab->start[i];
          n *= slab->count[i];
        }
      guint8 *cells = reading->cells;
      reading->cells += n * reading->array->dtype->size;
      return read_run (reading->array, offset, n, cells, reading->heap, reading->error);
    }
  for (guint64 i = 0; i < slab->count[axis]; i++)
    if (!read_axis (reading, axis + 1, offset * shape[axis] + slab->start[axis] + i * slab->step[axis]))
      return FALSE;
  return TRUE;
}

/* --- elements in Fortran order ------------------------------------------------------------------------------ */

/* Of the elements as they lie, the slab's to where C order has them. `bytes`: all elements; NULL: they are read. */
static gboolean
gather (NpzArray *self, const ExpSlab *slab, const guint8 *bytes, guint8 *to, GError **error)
{
  const gsize size = self->header.dtype->size;
  const guint64 *shape = self->header.shape;
  guint64 index[EXP_MAX_RANK] = { 0 }, strides[EXP_MAX_RANK], run = slab->count[0];
  guint64 span = run > 0 ? (run - 1) * slab->step[0] + 1 : 0, across = 1;
  g_autofree guint8 *column = bytes == NULL ? g_try_malloc (MAX (span * size, 1)) : NULL;

  if (bytes == NULL && column == NULL)
    {
      g_set_error (error, EXP_ERROR, EXP_ERROR_NO_MEMORY, "no memory for the elements");
      return FALSE;
    }
  strides[0] = 1;
  for (guint i = 1; i < slab->rank; i++)
    {
      strides[i] = strides[i - 1] * shape[i - 1];
      across *= slab->count[i];
    }
  for (guint64 k = 0; k < across; k++)
    {
      guint64 at = slab->start[0];
      guint axis = slab->rank;

      for (guint i = 1; i < slab->rank; i++)
        at += (slab->start[i] + index[i] * slab->step[i]) * strides[i];
      if (bytes == NULL && !read_elements (self, at * size, span * size, column, error))
        return FALSE;
      const guint8 *from = bytes != NULL ? bytes + at * size : column;
      for (guint64 i = 0; i < run; i++)
        memcpy (to + (i * across + k) * size, from + i * slab->step[0] * size, size);
      while (--axis > 0 && ++index[axis] == slab->count[axis])
        index[axis] = 0;
    }
  return TRUE;
}

static gboolean
turn_all (gpointer data, guint8 *to, GError **error)
{
  NpzArray *self = data;
  g_autofree guint8 *bytes = g_try_malloc (self->header.n_bytes);
  ExpSlab all;

  if (bytes == NULL)
    {
      g_set_error (error, EXP_ERROR, EXP_ERROR_NO_MEMORY, "no memory for the elements");
      return FALSE;
    }
  exp_slab_init_all (&all, self->header.rank, self->header.shape);
  return read_elements (self, 0, self->header.n_bytes, bytes, error) && gather (self, &all, bytes, to, error);
}

/* Out of an array in C order, row by row along the last axis. */
static void
copy_slab (const ExpSlab *slab, const guint64 *shape, gsize size, const guint8 *from, guint8 *to)
{
  const guint last = slab->rank - 1;
  const guint64 row = slab->count[last], step = slab->step[last];
  guint64 index[EXP_MAX_RANK] = { 0 };

  for (guint axis = last + 1; axis > 0;)
    {
      guint64 at = 0;

      for (guint i = 0; i < last; i++)
        at = (at + slab->start[i] + index[i] * slab->step[i]) * shape[i + 1];
      const guint8 *cell = from + (at + slab->start[last]) * size;
      if (step == 1)
        memcpy (to, cell, row * size);
      for (guint64 i = 0; step != 1 && i < row; i++)
        memcpy (to + i * size, cell + i * step * size, size);
      to += row * size;
      for (axis = last; axis > 0 && ++index[axis - 1] == slab->count[axis - 1]; axis--)
        index[axis - 1] = 0;
    }
}

/* Into `to`, as the file has the elements, but in C order. */
static gboolean
read_turned (NpzArray *self, const ExpSlab *slab, guint8 *to, GError **error)
{
  const gsize size = self->header.dtype->size;
  const ExpCachedChunk *turned;

  if (self->header.n_bytes > MAX_TURNED || self->header.n_bytes == 0)
    return gather (self, slab, NULL, to, error);
  turned = exp_chunk_cache_get (self, 0, self->header.n_bytes, turn_all, self, error);
  if (turned == NULL)
    return FALSE;
  copy_slab (slab, self->header.shape, size, turned->bytes, to);
  exp_chunk_cache_release (turned);
  return TRUE;
}

static gboolean
read_fortran (NpzArray *self, const ExpSlab *slab, ExpArray *array, GError **error)
{
  const gsize size = self->header.dtype->size;

  if (self->is_plain)
    return read_turned (self, slab, array->data, error);
  g_autofree guint8 *bytes = g_try_malloc (MAX (array->n_elements * size, 1));
  if (bytes == NULL)
    {
      g_set_error (error, EXP_ERROR, EXP_ERROR_NO_MEMORY, "no memory for the elements");
      return FALSE;
    }
  if (!read_turned (self, slab, bytes, error))
    return FALSE;
  for (gsize i = 0; i < array->n_elements; i++)
    if (!exp_npy_convert (self->header.dtype, bytes + i * size, self->dtype, array->data + i * self->dtype->size,
                          array))
      {
        g_set_error (error, EXP_ERROR, EXP_ERROR_DAMAGED, "%s: %s: an element is no value", file_name (self),
                     member_name (self));
        return FALSE;
      }
  return TRUE;
}

static gboolean
array_read (ExpNode *node, const ExpSlab *slab, ExpArray *array, GError **error)
{
  NpzArray *self = (NpzArray *)node;

  if (!ensure_header (self, error))
    return FALSE;
  if (array->n_elements == 0 || self->header.dtype->size == 0)
    return TRUE;
  if (self->header.is_fortran)
    return read_fortran (self, slab, array, error);
  Reading reading = { self, slab, first_whole_axis (self, slab), array->data, array, error };
  return read_axis (&reading, 0, 0);
}

/* --- where they lie ----------------------------------------------------------------------------------------- */

static gboolean
array_locate (ExpNode *node, guint64 first, gsize n, ExpRun *run)
{
  NpzArray *self = (NpzArray *)node;

  if (!ensure_header (self, NULL) || !self->is_plain || self->header.is_fortran || self->header.n_elements <= first
      || self->n_bytes < self->header.length + self->header.n_bytes)
    return FALSE;
  const gsize size = self->header.dtype->size, length = MIN (n, self->header.n_elements - first) * size;
  const guint64 offset = self->header.length + first * size;
  if (length == 0)
    return FALSE;
  if (self->zip != NULL)
    return exp_zip_member_locate (self->zip, self->member, offset, length, run);
  run->fd = exp_source_fd (self->source);
  run->position = offset;
  run->length = length;
  return run->fd >= 0;
}

static void
array_free (ExpNode *node)
{
  NpzArray *self = (NpzArray *)node;

  exp_chunk_cache_forget (self);
  exp_npy_header_clear (&self->header);
  exp_dtype_unref (self->dtype);
  exp_zip_unref (self->zip);
  exp_source_unref (self->source);
  g_mutex_clear (&self->lock);
  g_free (self);
}

static const ExpNodeClass array_class = {
  .free = array_free,
  .describe = array_describe,
  .layout = array_layout,
  .read = array_read,
  .locate = array_locate,
};

static NpzArray *
array_new (void)
{
  NpzArray *self = g_new0 (NpzArray, 1);

  exp_node_init (&self->base, &array_class);
  g_mutex_init (&self->lock);
  return self;
}

ExpNode *
exp_npz_array_new (ExpZip *zip, ExpZipMember *member)
{
  NpzArray *self = array_new ();

  self->zip = exp_zip_ref (zip);
  self->member = member;
  self->n_bytes = member->size;
  return &self->base;
}

ExpNode *
exp_npy_array_new (ExpSource *source)
{
  NpzArray *self = array_new ();

  self->source = exp_source_ref (source);
  return &self->base;
}

ExpNode *
exp_npy_elements_new (ExpSource *source, const ExpNpyHeader *header, GError **error)
{
  NpzArray *self = array_new ();

  self->source = exp_source_ref (source);
  self->header = *header;
  exp_dtype_ref (self->header.dtype);
  finish_header (self);
  self->is_described = TRUE;
  if (exp_source_size (source, &self->n_bytes, error))
    return &self->base;
  exp_node_unref (&self->base);
  return NULL;
}

ExpZipMember *
exp_npz_array_member (ExpNode *node, ExpZip **zip)
{
  NpzArray *self = (NpzArray *)node;

  if (node == NULL || node->klass != &array_class || self->zip == NULL)
    return NULL;
  *zip = self->zip;
  return self->member;
}
