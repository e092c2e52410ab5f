/* Elements of an NPY file, in either order, converted and written.
 * Knows neither how the file came nor its header's text.
 * Called by npy.c at a flush. */
#include "npy_store.h"
#include "numpy/npy_convert.h"
#include "node/grid.h"
#include <string.h>

/* Bytes of elements in memory. */
#define WINDOW (16 * 1024 * 1024)

typedef struct
{
  const ExpNpyHeader *header;
  ExpPending *file;
  ExpDtype *dtype;      /* of the dataset */
  const ExpDtype *cell; /* of what one element of the file becomes: its base where that is an array type */
  guint64 cells_per_element;
  guint8 *part;   /* elements of the file, in C order */
  guint8 *column; /* of a file in Fortran order */
} Reader;

gboolean
exp_npy_fit (const ExpNpyHeader *header, const ExpDtype *dtype, guint *rank, GError **error)
{
  const ExpDtype *cell = dtype;
  guint n_own = 0;
  gboolean fits = TRUE;

  if (dtype->type == EXP_TYPE_ARRAY && header->dtype->type != EXP_TYPE_ARRAY)
    {
      guint64 dims[EXP_GRID_MAX_RANK];

      for (; cell->type == EXP_TYPE_ARRAY && n_own + cell->n_dims <= EXP_GRID_MAX_RANK; cell = cell->base)
        {
          memcpy (dims + n_own, cell->dims, cell->n_dims * sizeof *dims);
          n_own += cell->n_dims;
        }
      fits = n_own <= header->rank && memcmp (dims, header->shape + (header->rank - n_own), n_own * sizeof *dims) == 0;
    }
  if (!fits)
    {
      g_set_error (error, EXP_ERROR, EXP_ERROR_INVALID, "the last axes are the type's own and cannot change");
      return FALSE;
    }
  *rank = header->rank - n_own;
  return exp_npy_can_convert (header->dtype, cell, error);
}

/* Rows first ... first + n - 1 of a file in Fortran order, each column of which has its rows beside each other. */
static gboolean
read_columns (Reader *reader, guint64 first, guint64 n, GError **error)
{
  const ExpNpyHeader *header = reader->header;
  const gsize size = header->dtype->size;
  guint64 index[EXP_MAX_RANK] = { 0 }, n_columns = 1;

  for (guint i = 1; i < header->rank; i++)
    n_columns *= header->shape[i];
  for (guint64 column = 0; column < n_columns; column++)
    {
      guint64 at = 0; /* of the column's first element, in the file */

      for (guint i = header->rank; i-- > 1;)
        at = at * header->shape[i] + index[i];
      at = at * header->shape[0] + first;
      if (!exp_pending_read (reader->file, header->length + at * size, n * size, (char *)reader->column, error))
        return FALSE;
      for (guint64 i = 0; i < n; i++)
        memcpy (reader->part + (i * n_columns + column) * size, reader->column + i * size, size);
      for (guint i = header->rank; i-- > 1;)
        {
          if (++index[i] < header->shape[i])
            break;
          index[i] = 0;
        }
    }
  return TRUE;
}

/* Elements first ... first + n - 1 of the dataset out of the file's. */
static ExpArray *
read_elements (Reader *reader, guint64 first, guint64 n, guint64 row, GError **error)
{
  const ExpNpyHeader *header = reader->header;
  const guint64 m = reader->cells_per_element;
  const gsize size = header->dtype->size;
  g_autoptr (ExpArray) array = exp_array_new (reader->dtype, 1, &n, error);

  if (array == NULL)
    return NULL;
  if (header->is_fortran && header->rank > 1 ? !read_columns (reader, first / row, n / row, error)
                                             : !exp_pending_read (reader->file, header->length + first * m * size,
                                                                  n * m * size, (char *)reader->part, error))
    return NULL;
  if (exp_dtype_equal (header->dtype, reader->cell))
    {
      memcpy (array->data, reader->part, n * m * size);
      return g_steal_pointer (&array);
    }
  for (guint64 i = 0; i < n * m; i++)
    if (!exp_npy_convert (header->dtype, reader->part + i * size, reader->cell, array->data + i * reader->cell->size,
                          array))
      {
        g_set_error (error, EXP_ERROR, EXP_ERROR_INVALID,
                     "element %" G_GUINT64_FORMAT " of the NPY file does not fit the dataset's type", first * m + i);
        return NULL;
      }
  return g_steal_pointer (&array);
}

/* Reads all elements, and writes them when there is a node for it. */
static gboolean
go_through (Reader *reader, ExpTarget *target, GError **error)
{
  const ExpNpyHeader *header = reader->header;
  const guint64 n_elements = header->n_elements / MAX (reader->cells_per_element, 1);
  const gsize size = MAX (header->dtype->size * reader->cells_per_element, reader->dtype->size);
  guint64 row = 1, step; /* elements */

  for (guint i = 1; header->is_fortran && i < header->rank; i++)
    row *= header->shape[i];
  row = MAX (row / MAX (reader->cells_per_element, 1), 1);
  step = MAX (WINDOW / MAX (size * row, 1), 1) * row;
  g_autofree guint8 *part = g_try_malloc (MAX (MIN (step, n_elements) * size, 1));
  g_autofree guint8 *column = g_try_malloc (MAX (MIN (step, n_elements) / row * size, 1));
  reader->part = part;
  reader->column = column;
  if (part == NULL || column == NULL)
    {
      g_set_error (error, EXP_ERROR, EXP_ERROR_NO_MEMORY, "no memory for the elements");
      return FALSE;
    }
  for (guint64 first = 0, n; first < n_elements; first += n)
    {
      n = MIN (step, n_elements - first);
      g_autoptr (ExpArray) array = read_elements (reader, first, n, row, error);
      if (array == NULL
          || (target != NULL && !exp_node_write_flat (target->node, &target->info, first, n, array->data, error)))
        return FALSE;
    }
  return TRUE;
}

gboolean
exp_npy_store (ExpTarget *target, const ExpNpyHeader *header, ExpPending *file, GError **error)
{
  const gboolean is_new = target->node == NULL, has_no_type = exp_target_has_no_type (target);
  g_autoptr (ExpDtype) dtype = has_no_type ? exp_npy_stored_dtype (header->dtype) : exp_dtype_ref (target->info.dtype);
  Reader reader = { .header = header, .file = file, .dtype = dtype, .cell = dtype, .cells_per_element = 1 };
  ExpNewDataset dataset = { .dtype = dtype };

  if (!exp_npy_fit (header, dtype, &dataset.rank, error))
    return FALSE;
  while (reader.cell->type == EXP_TYPE_ARRAY && header->dtype->type != EXP_TYPE_ARRAY)
    {
      reader.cells_per_element *= exp_dtype_array_length (reader.cell);
      reader.cell = reader.cell->base;
    }
  memcpy (dataset.shape, header->shape, sizeof dataset.shape);
  if (!exp_dtype_equal (header->dtype, reader.cell) && !go_through (&reader, NULL, error))
    return FALSE;
  if (has_no_type ? !exp_target_make (target, &dataset, error)
                  : !exp_target_reshape (target, dataset.rank, dataset.shape, FALSE, error))
    return FALSE;
  if (go_through (&reader, target, error))
    return TRUE;
  if (is_new)
    exp_target_remove (target, NULL);
  return FALSE;
}
