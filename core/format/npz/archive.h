/* NumPy's archives in memory, as others keep them in their stores. Used by filters. */
#pragma once

#include "expfs/array.h"

/* The array NAME of an archive. EXP_ERROR_NOT_FOUND, DAMAGED, CHECKSUM, UNSUPPORTED; EXP_ERROR_TOO_LARGE for more than
 * half a GiB of elements. */
ExpArray *exp_npz_read_array (GBytes *archive, const char *name, GError **error);
/* An archive of these, not deflated, each under its name. EXP_ERROR_UNSUPPORTED for types that NumPy has not, TOO_LARGE
 * for more than is kept in memory. */
GBytes *exp_npz_make (guint n, const char *const *names, ExpArray *const *arrays, GError **error);
