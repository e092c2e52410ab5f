/* How new datasets lie in a file: in one piece or in chunks, packed or not.
 * Knows the filters' numbers and parameters as h5py and PyTables write them; writes no data.
 * Used by write_dataset.c, and by file.c for the options. */
#pragma once

#include "expfs/node.h"
#include "hdf5_lock.h"

G_BEGIN_DECLS

/* EXP_ERROR_INVALID for a complib that nobody knows. */
gboolean exp_hdf5_packing_check (const ExpPacking *packing, GError **error);

/* The properties, not to be changed, of a new dataset whose elements have `element` bytes and the type `type`;
 * `packing` is the store's, where the dataset has none of its own. Under the HDF5 lock. */
hid_t
exp_hdf5_storage_properties (const ExpNewDataset *dataset, gsize element, const ExpPacking *packing, GError **error);

G_END_DECLS
