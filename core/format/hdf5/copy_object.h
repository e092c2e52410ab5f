/* Copies of objects with what is below them, object by object.
 * Knows no node. Used by write_copy.c. */
#pragma once

#include "hdf5_lock.h"

G_BEGIN_DECLS

/* The object `from` as `name` in `group`, with all that its hard links lead to; each object once. Values that point to
 * objects are left out of a copy in another file. All under the HDF5 lock. */
gboolean exp_hdf5_copy_object (hid_t from, hid_t group, const char *name, gboolean is_same_file, GError **error);

G_END_DECLS
