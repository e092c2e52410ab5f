/* All objects that hang below one.
 * Knows hard links only. Used by the write_*.c. */
#pragma once

#include "writable.h"

G_BEGIN_DECLS

/* Lets the library near the object at `top` and all that is below it, once nothing is found there that it does not
 * survive: a set of their addresses, as pointers. Within a change, or a reading of another file; not under the HDF5
 * lock. EXP_ERROR_DAMAGED. */
GHashTable *exp_hdf5_tree_check (ExpHdf5File *file, guint64 top, GError **error);

G_END_DECLS
