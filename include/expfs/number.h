/* Numbers <-> text, C locale, exact both ways. Callers: views, attributes, the text parser. */
#pragma once

#include "expfs/dtype.h"

G_BEGIN_DECLS

/* Room that any call of exp_number_format below needs, in bytes, for numbers of up to 16 bytes a component. */
#define EXP_NUMBER_MAX_TEXT 128

/* Shortest digits that read back to the same double, written as Python's repr does: 0.1, 1e-05, 1e+16, 1.0, nan, inf,
 * -inf, -0.0. Returns the length; `text` is not terminated and needs 32 bytes. The algorithm is Schubfach: Raffaello
 * Giulietti, "The Schubfach way to render doubles" (2020). */
gsize exp_double_format (double value, char *text);
/* The same for single and half precision: the shortest digits among their own neighbours. Layout as for doubles. */
gsize exp_float_format (float value, char *text);
gsize exp_half_format (guint16 bits, char *text);

gsize exp_int_format (gint64 value, char *text);
gsize exp_uint_format (guint64 value, char *text);

/* The text of one BOOL (true, false), INT, UINT (any width), FLOAT, COMPLEX (1+2j, parts as Python's repr of complex),
 * ENUM (member's name with \\ \t \n \r escaped, else the number), BITFIELD (0x0f, two digits a byte) or OPAQUE
 * (hexadecimal digits) cell, appended to `out`. */
void exp_cell_format (const ExpDtype *dtype, const guint8 *cell, GString *out);

/* The same into a buffer of exp_cell_max_width() bytes; returns the length. The fast path of the text view. */
gsize exp_cell_format_to (const ExpDtype *dtype, const guint8 *cell, char *text);

/* Bytes of the longest text that a cell of this type can have; the types of exp_cell_format only. */
gsize exp_cell_max_width (const ExpDtype *dtype);

/* Parse the whole of `text`; FALSE when it is not such a number or out of range. Inverse of the above, and takes what
 * strtod takes in the C locale besides. Correctly rounded. */
gboolean exp_double_parse (const char *text, gsize length, double *value);
gboolean exp_int_parse (const char *text, gsize length, gint64 *value);
gboolean exp_uint_parse (const char *text, gsize length, guint64 *value);

/* The whole of `text` into one cell: the inverse of exp_cell_format, correctly rounded; blanks around it are the
 * caller's. Takes more than that prints: 1 and 0 for BOOL, part of a COMPLEX, the number of an ENUM, fewer digits of a
 * BITFIELD. FALSE when it is no such value or does not fit; the cell may have changed then. */
gboolean exp_cell_parse (const ExpDtype *dtype, const char *text, gsize length, guint8 *cell);

G_END_DECLS
