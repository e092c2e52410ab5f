/* One number at a time as text without padding, for who writes many: a function for each type. Used in core only. */
#pragma once

#include "expfs/dtype.h"

G_BEGIN_DECLS

/* Bytes that a function below may touch from `text` on, whatever the text's length. */
#define EXP_WRITE_ROOM 128

/* Writes the text of exp_cell_format_to, not terminated; returns its length. */
typedef gsize (*ExpWriteFunc) (const guint8 *cell, char *text);

/* The function for BOOL, INT and UINT of 1, 2, 4 and 8 bytes, FLOAT of 4 and 8, COMPLEX of 8 and 16; NULL for others.
 */
ExpWriteFunc exp_write_func (const ExpDtype *dtype);

G_END_DECLS
