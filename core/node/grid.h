/* A dataset as rows of cells: the shape that every view renders. An array type's dims become further axes, as NumPy has
 * it; the last axis runs along a row, a 1-D dataset has one cell a row, a scalar is one row of one cell.
 * Used by views, edits and core/numpy. */
#pragma once

#include "expfs/node.h"

#define EXP_GRID_MAX_RANK (2 * EXP_MAX_RANK)

typedef struct
{
  ExpNode *node;             /* owned */
  ExpInfo info;              /* owned */
  ExpDtype *cell;            /* borrowed from info: of one cell, never an ARRAY */
  guint64 cells_per_element; /* more than 1 only for an array type */
  guint rank;
  guint64 shape[EXP_GRID_MAX_RANK];
  guint64 n_cells;   /* in all */
  guint64 n_columns; /* cells a row */
} ExpGrid;

/* EXP_ERROR_TOO_LARGE when the cells cannot be counted in 64 bits. */
gboolean exp_grid_init (ExpGrid *grid, ExpNode *node, const ExpInfo *info, GError **error);
void exp_grid_clear (ExpGrid *grid);

/* Cells first ... first + count - 1 in C order; `cells` points at the first of them inside the returned array. */
ExpArray *exp_grid_read (ExpGrid *grid, guint64 first, gsize count, const guint8 **cells, GError **error);

/* The plain parts of a cell in their order: members of compounds, elements of arrays. `column` numbers them as the type
 * has them, so that the elements of one array share a number. */
typedef gboolean (*ExpLeafFunc) (const ExpDtype *dtype, const guint8 *leaf, guint column, gpointer data);
gboolean exp_cell_foreach_leaf (const ExpDtype *dtype, const guint8 *cell, ExpLeafFunc func, gpointer data);
guint exp_dtype_count_columns (const ExpDtype *dtype);
/* Their number in a cell, elements of arrays counted; G_MAXUINT64 when it does not fit. */
guint64 exp_dtype_count_leaves (const ExpDtype *dtype);

/* Number of elements of an ARRAY type. */
guint64 exp_dtype_array_length (const ExpDtype *dtype);
