/* NPY files, written: in C order as the elements come, or turned, in boxes that fit into memory.
 * Knows nothing of where the array comes from and of the store that the file is.
 * Called by npy.c. */
#include "npz.h"
#include "numpy/npy_bytes.h"
#include <string.h>

#define PIECE (1 << 20)
/* Bytes of a box, of which there are two: as it is read, and turned. */
#define BOX (32 << 20)

typedef struct
{
  ExpNpyBytes *bytes;
  ExpSource *to;
  guint64 header; /* bytes */
  guint rank;
  const guint64 *shape;
  guint64 start[EXP_GRID_MAX_RANK], count[EXP_GRID_MAX_RANK]; /* of the box */
  guint8 *read, *turned;
} Turning;

/* --- C order ------------------------------------------------------------------------------------------------ */

static gboolean
write_straight (ExpNpyBytes *bytes, guint64 size, guint64 header, ExpSource *to, GError **error)
{
  g_autofree char *piece = g_malloc (PIECE);

  for (guint64 at = 0; at < size;)
    {
      gsize n;

      if (!exp_npy_bytes_pread (bytes, at, PIECE, piece, &n, error)
          || !exp_source_pwrite (to, header + at, n, piece, error))
        return FALSE;
      at += n;
    }
  return TRUE;
}

/* --- Fortran order ------------------------------------------------------------------------------------------ */

/* Elements of the box that lie in one piece in C order, `n` from element `first` of the array on. */
static gboolean
read_run (Turning *self, guint64 first, guint64 n, guint8 *cells, GError **error)
{
  const gsize size = self->bytes->cell_size;
  gsize n_read;

  return exp_npy_bytes_pread (self->bytes, first * size, n * size, (char *)cells, &n_read, error);
}

static gboolean
write_run (Turning *self, guint64 first, guint64 n, guint8 *cells, GError **error)
{
  const gsize size = self->bytes->cell_size;

  return exp_source_pwrite (self->to, self->header + first * size, n * size, cells, error);
}

typedef gboolean (*RunFunc) (Turning *self, guint64 first, guint64 n, guint8 *cells, GError **error);

/* The next index of those axes that lie in front of `end`, the last of them fastest. FALSE behind the last. */
static gboolean
advance (guint64 *index, const guint64 *count, guint end)
{
  for (guint axis = end; axis-- > 0;)
    {
      if (++index[axis] < count[axis])
        return TRUE;
      index[axis] = 0;
    }
  return FALSE;
}

/* A box of an array in C order, each piece of it in its turn. */
static gboolean
for_each_run (Turning *self, const guint64 *shape, const guint64 *start, const guint64 *count, guint8 *cells,
              RunFunc func, GError **error)
{
  guint64 index[EXP_GRID_MAX_RANK] = { 0 }, n = 1;
  guint whole = self->rank;

  while (whole > 0)
    {
      n *= count[--whole];
      if (count[whole] != shape[whole])
        break;
    }
  do
    {
      guint64 first = 0;

      for (guint i = 0; i < self->rank; i++)
        first = first * shape[i] + start[i] + index[i];
      if (!func (self, first, n, cells, error))
        return FALSE;
      cells += n * self->bytes->cell_size;
    }
  while (advance (index, count, whole));
  return TRUE;
}

static void
turn_box (Turning *self)
{
  const gsize size = self->bytes->cell_size;
  const guint last = self->rank - 1;
  guint64 index[EXP_GRID_MAX_RANK] = { 0 }, stride[EXP_GRID_MAX_RANK];
  const guint8 *from = self->read;

  stride[0] = size;
  for (guint i = 1; i < self->rank; i++)
    stride[i] = stride[i - 1] * self->count[i - 1];
  do
    {
      guint8 *to = self->turned;

      for (guint i = 0; i < last; i++)
        to += index[i] * stride[i];
      for (guint64 i = 0; i < self->count[last]; i++, from += size, to += stride[last])
        memcpy (to, from, size);
    }
  while (advance (index, self->count, last));
}

static void
reverse (guint rank, const guint64 *from, guint64 *to)
{
  for (guint i = 0; i < rank; i++)
    to[i] = from[rank - 1 - i];
}

/* Fortran order is C order with the axes the other way round. */
static gboolean
write_box (Turning *self, GError **error)
{
  guint64 shape[EXP_GRID_MAX_RANK], start[EXP_GRID_MAX_RANK], count[EXP_GRID_MAX_RANK];

  reverse (self->rank, self->shape, shape);
  reverse (self->rank, self->start, start);
  reverse (self->rank, self->count, count);
  if (!for_each_run (self, self->shape, self->start, self->count, self->read, read_run, error))
    return FALSE;
  turn_box (self);
  return for_each_run (self, shape, start, count, self->turned, write_run, error);
}

/* Cut where it is longest, so that no piece gets short in either order. Returns its elements. */
static guint64
choose_box (const Turning *self, guint64 *box)
{
  guint64 n = self->bytes->grid.n_cells;

  memcpy (box, self->shape, self->rank * sizeof *box);
  while (n > 1 && n > BOX / self->bytes->cell_size)
    {
      guint longest = 0;

      for (guint i = 1; i < self->rank; i++)
        if (box[i] > box[longest])
          longest = i;
      n /= box[longest];
      box[longest] = (box[longest] + 1) / 2;
      n *= box[longest];
    }
  return n;
}

static gboolean
write_turned (ExpNpyBytes *bytes, guint64 header, ExpSource *to, GError **error)
{
  Turning self = { .bytes = bytes, .to = to, .header = header, .rank = bytes->grid.rank, .shape = bytes->grid.shape };
  guint64 box[EXP_GRID_MAX_RANK], index[EXP_GRID_MAX_RANK] = { 0 }, n_boxes[EXP_GRID_MAX_RANK];
  const guint64 n = choose_box (&self, box);
  g_autofree guint8 *read = self.read = g_try_malloc (n * bytes->cell_size);
  g_autofree guint8 *turned = self.turned = g_try_malloc (n * bytes->cell_size);

  if (read == NULL || turned == NULL)
    {
      g_set_error (error, EXP_ERROR, EXP_ERROR_NO_MEMORY, "no memory for the elements");
      return FALSE;
    }
  for (guint i = 0; i < self.rank; i++)
    n_boxes[i] = (self.shape[i] + box[i] - 1) / box[i];
  do
    {
      for (guint i = 0; i < self.rank; i++)
        {
          self.start[i] = index[i] * box[i];
          self.count[i] = MIN (box[i], self.shape[i] - self.start[i]);
        }
      if (!write_box (&self, error))
        return FALSE;
    }
  while (advance (index, n_boxes, self.rank));
  return TRUE;
}

/* --- the file ----------------------------------------------------------------------------------------------- */

static gboolean
write_file (ExpNpyBytes *bytes, gboolean is_fortran, ExpSource *to, GError **error)
{
  guint64 size;

  if (!exp_npy_bytes_size (bytes, &size, error))
    return FALSE;
  is_fortran = is_fortran && bytes->grid.rank > 1;
  GString *text = exp_npy_header_make (bytes, is_fortran);
  const guint64 header = text->len;
  gboolean is_written = exp_source_pwrite (to, 0, header, text->str, error);
  g_string_free (text, TRUE);
  if (!is_written || size == 0)
    return is_written;
  return is_fortran ? write_turned (bytes, header, to, error) : write_straight (bytes, size, header, to, error);
}

gboolean
exp_npy_write (ExpNode *value, gboolean is_fortran, ExpSource *to, GError **error)
{
  g_auto (ExpInfo) info = { 0 };
  ExpNpyBytes bytes;

  if (!exp_node_describe (value, &info, error) || !exp_npy_bytes_init (&bytes, value, &info, error))
    return FALSE;
  gboolean is_written = write_file (&bytes, is_fortran, to, error);
  exp_npy_bytes_clear (&bytes);
  return is_written;
}
