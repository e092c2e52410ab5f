/* NumPy's archives in memory: the arrays of a .npz file. Knows zip's and NPY's headers as far as numpy.savez and
 * scipy.sparse.save_npz write them. Sources: PKWARE's APPNOTE 6.3, sections 4.3.7, 4.3.12 and 4.3.16; NumPy's NEP 1.
 * Used by sparse.c and write_sparse.c. */
#pragma once

#include "expfs/array.h"

G_BEGIN_DECLS

/* The array NAME of an archive; numbers and fixed text only. EXP_ERROR_NOT_FOUND, DAMAGED, CHECKSUM, UNSUPPORTED. */
ExpArray *exp_npz_read (GBytes *archive, const char *name, GError **error);

/* npz_write.c: an archive of these, not deflated, each under NAME.npy. EXP_ERROR_UNSUPPORTED for types that NumPy has
 * not, TOO_LARGE for more than a plain archive has room for. */
GBytes *exp_npz_write (guint n, const char *const *names, ExpArray *const *arrays, GError **error);

/* The array that the bytes of a .npy file hold. */
ExpArray *exp_npy_parse (const guint8 *bytes, gsize size, GError **error);

G_END_DECLS
