/* The text of cells that all have one width: where each plain part of a cell stands, and any range of the text from its
 * position alone. Used by text.c only. */
#pragma once

#include "array/aligned.h"
#include "node/grid.h"

/* Where the plain parts of a cell stand in its text. */
typedef struct
{
  GArray *parts;  /* of the cell, in the order of the text */
  guint64 stride; /* bytes of a cell's text, its separators included */
} ExpTextLayout;

/* The layout for cells of a type that exp_dtype_is_numeric, whose parts have the given widths; `widths` has
 * exp_dtype_count_columns() of them, as exp_cell_foreach_leaf numbers them. */
void exp_text_layout_init (ExpTextLayout *layout, const ExpDtype *cell, const guint *widths, guint64 stride);
void exp_text_layout_clear (ExpTextLayout *layout);

/* The bytes offset ... offset + length - 1 of the text, which must be there; length > 0. Long ranges are made by
 * several threads. Thread-safe. */
gboolean exp_text_layout_read (const ExpTextLayout *layout, ExpGrid *grid, guint64 offset, gsize length, char *buffer,
                               GError **error);
