/* Which shape lines and tabs give a dataset, new or there already.
 * Knows nothing of values.
 * Called by text.c as text comes in and by text_rows.c when it is stored. */
#include "text_edit.h"
#include "node/grid.h"
#include <string.h>

static gboolean
is_plain_text (const ExpDtype *dtype)
{
  return dtype->type == EXP_TYPE_STRING || dtype->type == EXP_TYPE_VSTRING;
}

/* Array types have axes of their own, which text cannot change. */
static gboolean
has_own_axes (const ExpTextEdit *self)
{
  return self->base.target.info.dtype->type == EXP_TYPE_ARRAY;
}

/* The grid's axes behind the first of the dataset: lines and cells of a row. */
static guint64
cells_per_row (const ExpTextEdit *self, guint64 *n_columns)
{
  const ExpInfo *info = &self->base.target.info;
  guint rank = info->rank;
  guint64 n = 1;

  for (guint i = 1; i < info->rank; i++)
    n *= info->shape[i];
  *n_columns = info->rank > 1 ? info->shape[info->rank - 1] : 1;
  for (const ExpDtype *dtype = info->dtype; dtype->type == EXP_TYPE_ARRAY; dtype = dtype->base)
    {
      if (rank + dtype->n_dims > EXP_GRID_MAX_RANK)
        break;
      rank += dtype->n_dims;
      n *= exp_dtype_array_length (dtype);
      *n_columns = rank > 1 ? dtype->dims[dtype->n_dims - 1] : 1;
    }
  return n;
}

gboolean
exp_text_takes_lines (const ExpTextEdit *self)
{
  const ExpInfo *info = &self->base.target.info;

  return info->rank <= 1 && is_plain_text (info->dtype);
}

guint64
exp_text_leaves_per_line (const ExpTextEdit *self, gboolean is_fresh)
{
  const ExpInfo *info = &self->base.target.info;
  guint64 n_columns;

  if (self->cells == NULL || (self->is_inferred && is_fresh))
    return 0;
  cells_per_row (self, &n_columns);
  if (is_fresh && info->rank <= 2 && !has_own_axes (self) && (self->cells->n_leaves == 1 || info->rank == 2))
    return 0;
  return n_columns * self->cells->n_leaves;
}

gboolean
exp_text_check_lines (const ExpTextEdit *self, const ExpTextShape *shape, gboolean is_fresh, GError **error)
{
  const guint64 wanted = exp_text_leaves_per_line (self, is_fresh);
  const guint n_leaves = self->cells != NULL && !self->is_inferred ? self->cells->n_leaves : 1;

  if (shape->is_ragged)
    g_set_error (error, EXP_ERROR, EXP_ERROR_INVALID,
                 "line %" G_GUINT64_FORMAT " has another number of cells than those before, %" G_GUINT64_FORMAT,
                 shape->ragged_line, shape->columns);
  else if (shape->n_lines > 0 && ((wanted != 0 && shape->columns != wanted) || shape->columns % n_leaves != 0))
    g_set_error (error, EXP_ERROR, EXP_ERROR_INVALID,
                 "a line has %" G_GUINT64_FORMAT " cells where the dataset has %" G_GUINT64_FORMAT, shape->columns,
                 wanted != 0 ? wanted : n_leaves);
  else
    return TRUE;
  return FALSE;
}

static gboolean
fail_incomplete (ExpTextEdit *self, const ExpTextShape *shape, GError **error)
{
  self->is_incomplete = TRUE;
  g_set_error (error, EXP_ERROR, EXP_ERROR_INVALID, "%" G_GUINT64_FORMAT " lines make no whole rows of the dataset",
               shape->n_lines);
  return FALSE;
}

static gboolean
divide_rows (ExpTextEdit *self, const ExpTextShape *shape, guint64 *n_rows, GError **error)
{
  guint64 n_columns, row = cells_per_row (self, &n_columns), n;

  if (row == 0 || !g_uint64_checked_mul (&n, shape->n_lines, shape->columns / self->cells->n_leaves) || n % row != 0)
    return fail_incomplete (self, shape, error);
  *n_rows = n / row;
  return TRUE;
}

gboolean
exp_text_added_rows (ExpTextEdit *self, const ExpTextShape *shape, guint64 *n_rows, GError **error)
{
  return divide_rows (self, shape, n_rows, error);
}

/* As the lines have it: one value is a scalar. */
static void
extent_of_lines (guint64 n_lines, guint64 columns, guint least_rank, ExpTextExtent *extent)
{
  const guint rank = MAX (least_rank, columns > 1 ? 2 : n_lines > 1 ? 1 : 0);

  extent->rank = rank;
  extent->shape[0] = n_lines;
  extent->shape[1] = columns;
}

gboolean
exp_text_fresh_extent (ExpTextEdit *self, const ExpTextShape *shape, ExpTextExtent *extent, GError **error)
{
  const ExpInfo *info = &self->base.target.info;
  guint64 n_rows;

  memset (extent, 0, sizeof *extent);
  if (self->cells == NULL || self->is_inferred)
    {
      extent_of_lines (shape->n_lines, shape->columns, 0, extent);
      return TRUE;
    }
  if (info->rank <= 2 && !has_own_axes (self))
    {
      extent_of_lines (shape->n_lines, shape->columns / self->cells->n_leaves, info->rank, extent);
      return TRUE;
    }
  if (!divide_rows (self, shape, &n_rows, error))
    return FALSE;
  if (info->rank == 0 && n_rows != 1)
    return fail_incomplete (self, shape, error);
  extent->rank = info->rank;
  memcpy (extent->shape, info->shape, info->rank * sizeof *info->shape);
  if (info->rank > 0)
    extent->shape[0] = n_rows;
  return TRUE;
}

gboolean
exp_text_is_one_number (const ExpTextShape *shape)
{
  return shape->kind != EXP_TEXT_STRINGS && !shape->is_ragged && shape->n_lines == 1 && shape->columns == 1;
}

ExpDtype *
exp_text_infer (const ExpTextShape *shape, gboolean *splits_tabs)
{
  *splits_tabs = !shape->is_ragged;
  if (shape->is_ragged || shape->kind == EXP_TEXT_STRINGS)
    return exp_dtype_new_vstring (TRUE);
  return exp_dtype_new_number (shape->kind == EXP_TEXT_INTEGERS ? EXP_TYPE_INT : EXP_TYPE_FLOAT, 8,
                               G_BYTE_ORDER == G_BIG_ENDIAN);
}
