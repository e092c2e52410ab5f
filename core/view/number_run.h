/* Runs of plain numbers in text whose cells vary in length. Used by core/view only. */
#pragma once

#include "array/write.h"
#include "node/grid.h"

/* Appends `n` numbers that lie `step` bytes apart, each followed by the separator, of four bytes at most. In JSON what
 * is not finite is NaN, Infinity or -Infinity. */
void exp_append_numbers (ExpWriteFunc write, const guint8 *cells, gsize step, gsize n, const char *separator,
                         gboolean is_json, GString *out);

/* Appends the cells of a grid of such numbers, separated within a row by `separator`; rows end in a newline. */
void exp_append_number_rows (ExpWriteFunc write, const ExpGrid *grid, guint64 first, gsize n, const guint8 *cells,
                             char separator, GString *out);

/* For cells whose JSON is their text but for what is not finite; NULL for others. */
ExpWriteFunc exp_json_write_func (const ExpDtype *dtype);
