/* NumPy's moments, a count of units since 1970, as ISO 8601. Used by formats that have them. */
#pragma once

#include "expfs/dtype.h"

#define EXP_MOMENT_LENGTH 40

/* Years to nanoseconds; shorter ones, and counts of no unit, are only numbers. */
gboolean exp_unit_is_moment (const char *unit);
/* `count` times `n_units` of such a unit, into `text` of EXP_MOMENT_LENGTH bytes; unused ones are 0. */
void exp_moment_format (gint64 count, const char *unit, gint64 n_units, char *text);
/* The unit of a type's tag, "M8[25s]", and how many of them are one step; "generic" and 1 for "M8". NULL for what NumPy
 * has no such unit for. Caller frees. */
char *exp_moment_unit (const char *tag, gint64 *n_units);
/* As they stand in the elements of a type that exp_dtype_is_moment: 8 bytes from and to its text of
 * EXP_MOMENT_LENGTH bytes. What is not set is 1970; a text that is no moment NaT. */
void exp_moment_to_bytes (const ExpDtype *dtype, const guint8 *text, guint8 *bytes);
void exp_moment_from_bytes (const ExpDtype *dtype, const guint8 *bytes, guint8 *text);
/* A text that somebody writes, as exp_moment_from_bytes has it. FALSE when it is no moment of the type's. */
gboolean exp_moment_take (const ExpDtype *dtype, const char *text, gsize length, guint8 *to);
/* The inverse, of texts that may leave out what is 0 at their end. FALSE for what is no such moment, or no whole number
 * of steps. */
gboolean exp_moment_parse (const char *text, gsize length, const char *unit, gint64 n_units, gint64 *count);
