/* Virtual datasets that contain themselves, directly or by way of others: HDF5 would follow them until the stack ends.
 * Knows mappings, not data.
 * Called by object.c and read.c. */
#pragma once

#include "file.h"

G_BEGIN_DECLS

/* Follows the sources of the virtual dataset `id`, through other files too; EXP_ERROR_DAMAGED when they lead back to
 * it or too deep. As costly as opening every source. Under the HDF5 lock. */
gboolean exp_hdf5_virtual_check (ExpHdf5File *file, hid_t id, GError **error);

/* TRUE when HDF5 must look at the sources to tell the dataset's shape. Under the HDF5 lock. */
gboolean exp_hdf5_virtual_is_unlimited (hid_t id);

G_END_DECLS
