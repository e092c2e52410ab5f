/* Datasets as rows of cells, and cells as plain parts.
 * Knows nothing of any rendering.
 * Called by every view. */
#include "grid.h"
#include <string.h>

guint64
exp_dtype_array_length (const ExpDtype *dtype)
{
  guint64 n = 1;

  for (guint i = 0; i < dtype->n_dims; i++)
    n *= dtype->dims[i];
  return n;
}

gboolean
exp_grid_init (ExpGrid *grid, ExpNode *node, const ExpInfo *info, GError **error)
{
  guint64 n;

  memset (grid, 0, sizeof *grid);
  grid->node = exp_node_ref (node);
  exp_info_copy (info, &grid->info);
  grid->rank = info->rank;
  memcpy (grid->shape, info->shape, info->rank * sizeof *info->shape);
  grid->cells_per_element = 1;
  grid->cell = grid->info.dtype;
  while (grid->cell->type == EXP_TYPE_ARRAY && grid->rank + grid->cell->n_dims <= EXP_GRID_MAX_RANK)
    {
      memcpy (grid->shape + grid->rank, grid->cell->dims, grid->cell->n_dims * sizeof *grid->shape);
      grid->rank += grid->cell->n_dims;
      grid->cells_per_element *= exp_dtype_array_length (grid->cell);
      grid->cell = grid->cell->base;
    }
  n = exp_info_n_elements (info);
  grid->n_columns = grid->rank >= 2 ? grid->shape[grid->rank - 1] : 1;
  if (n != G_MAXUINT64 && g_uint64_checked_mul (&grid->n_cells, n, grid->cells_per_element))
    return TRUE;
  exp_grid_clear (grid);
  g_set_error (error, EXP_ERROR, EXP_ERROR_TOO_LARGE, "the dataset has more elements than can be counted");
  return FALSE;
}

void
exp_grid_clear (ExpGrid *grid)
{
  g_clear_pointer (&grid->node, exp_node_unref);
  exp_info_clear (&grid->info);
}

ExpArray *
exp_grid_read (ExpGrid *grid, guint64 first, gsize count, const guint8 **cells, GError **error)
{
  guint64 m = grid->cells_per_element;
  guint64 element = first / m;
  gsize n = (first + count - 1) / m - element + 1;
  ExpArray *array = exp_node_read_flat (grid->node, &grid->info, element, n, error);

  if (array != NULL)
    *cells = array->data + (first - element * m) * grid->cell->size;
  return array;
}

static gboolean
foreach_leaf (const ExpDtype *dtype, const guint8 *cell, guint *column, ExpLeafFunc func, gpointer data)
{
  switch (dtype->type)
    {
    case EXP_TYPE_COMPOUND:
      for (guint i = 0; i < dtype->n_members; i++)
        if (!foreach_leaf (dtype->members[i].dtype, cell + dtype->members[i].offset, column, func, data))
          return FALSE;
      return TRUE;
    case EXP_TYPE_ARRAY:
      {
        guint start = *column;

        for (guint64 i = 0, n = exp_dtype_array_length (dtype); i < n; i++)
          {
            *column = start;
            if (!foreach_leaf (dtype->base, cell + i * dtype->base->size, column, func, data))
              return FALSE;
          }
        *column = start + exp_dtype_count_columns (dtype->base);
        return TRUE;
      }
    default:
      return func (dtype, cell, (*column)++, data);
    }
}

gboolean
exp_cell_foreach_leaf (const ExpDtype *dtype, const guint8 *cell, ExpLeafFunc func, gpointer data)
{
  guint column = 0;

  return foreach_leaf (dtype, cell, &column, func, data);
}

guint
exp_dtype_count_columns (const ExpDtype *dtype)
{
  guint n = 0;

  if (dtype->type == EXP_TYPE_ARRAY)
    return exp_dtype_count_columns (dtype->base);
  if (dtype->type != EXP_TYPE_COMPOUND)
    return 1;
  for (guint i = 0; i < dtype->n_members; i++)
    n += exp_dtype_count_columns (dtype->members[i].dtype);
  return n;
}

guint64
exp_dtype_count_leaves (const ExpDtype *dtype)
{
  guint64 n = 0;

  if (dtype->type == EXP_TYPE_ARRAY)
    {
      guint64 base = exp_dtype_count_leaves (dtype->base);

      return g_uint64_checked_mul (&n, base, exp_dtype_array_length (dtype)) ? n : G_MAXUINT64;
    }
  if (dtype->type != EXP_TYPE_COMPOUND)
    return 1;
  for (guint i = 0; i < dtype->n_members; i++)
    if (!g_uint64_checked_add (&n, n, exp_dtype_count_leaves (dtype->members[i].dtype)))
      return G_MAXUINT64;
  return n;
}
