/* NumPy's spelling of numbers, for those who spell types. Used in core only. */
#pragma once

#include "expfs/dtype.h"

/* "<f8" between quotes: the order of its bytes, `kind` as NumPy's letter for it, and its size. */
void exp_dtype_append_number (const ExpDtype *dtype, char kind, char quote, GString *out);
