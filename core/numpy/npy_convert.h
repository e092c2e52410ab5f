/* Elements of one type as those of another, as far as no value is lost but digits: what NumPy's casting rule
 * "same_kind" allows, and values that fit. Used by formats and edits. */
#pragma once

#include "numpy/npy_header.h"

/* EXP_ERROR_INVALID when no value of the one could be one of the other. */
gboolean exp_npy_can_convert (const ExpDtype *from, const ExpDtype *to, GError **error);
/* One element, of types for which exp_npy_can_convert. FALSE when it does not fit. */
gboolean exp_npy_convert (const ExpDtype *from, const guint8 *bytes, const ExpDtype *to, guint8 *cell, ExpArray *heap);
