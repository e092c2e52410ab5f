/* NumPy's moments, a count of units since 1970, as ISO 8601. Used by formats that have them. */
#pragma once

#include <glib.h>

#define EXP_MOMENT_LENGTH 32

/* Years to nanoseconds; shorter ones, and counts of no unit, are only numbers. */
gboolean exp_unit_is_moment (const char *unit);
/* `count` times `n_units` of such a unit, into `text` of EXP_MOMENT_LENGTH bytes; unused ones are 0. */
void exp_moment_format (gint64 count, const char *unit, gint64 n_units, char *text);
/* The inverse, of texts that may leave out what is 0 at their end. FALSE for what is no such moment, or no whole number
 * of steps. */
gboolean exp_moment_parse (const char *text, gsize length, const char *unit, gint64 n_units, gint64 *count);
