/* An NPY file that was gathered, as elements of a dataset. Used by npy.c. */
#pragma once

#include "numpy/npy_header.h"
#include "pending.h"
#include "target.h"

/* The shape of a dataset for the header's array, whose type has the last axes itself where it is an array type.
 * EXP_ERROR_INVALID when those differ, or no value of the one type could be one of the other. */
gboolean exp_npy_fit (const ExpNpyHeader *header, const ExpDtype *dtype, guint *rank, GError **error);

/* All elements of `file`, which has the header and everything behind it, into the target's dataset, which is made, or
 * given the header's shape, when all of them fit: EXP_ERROR_INVALID else, and nothing has changed. */
gboolean exp_npy_store (ExpTarget *target, const ExpNpyHeader *header, ExpPending *file, GError **error);
