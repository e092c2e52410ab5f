/* The values that a parameter is to take, out of words: "1,2,3", "0:10:2". Knows types; knows no trajectory.
 * Used by explore.c. */
#pragma once

#include "pypet.h"

G_BEGIN_DECLS

/* A 1-D array of values of the type, or of texts; values with a comma in them stand in double quotes, in which a
 * backslash makes the next character plain. Numbers may be FIRST:END or FIRST:END:STEP, without END, as Python's range
 * has it. EXP_ERROR_INVALID, TOO_LARGE. */
ExpArray *exp_pypet_values_parse (const char *words, ExpDtype *dtype, GError **error);

/* Elements number indices[i] of `values`, in a new array. */
ExpArray *exp_pypet_values_take (const ExpArray *values, guint64 n, guint64 (*index) (guint64 i, gpointer data),
                                 gpointer data, GError **error);

G_END_DECLS
