/* Filter pipelines: their names for users, and which filter is missing.
 * Knows the registered numbers of filters; undoes none.
 * Called by read.c and layout.c. */
#pragma once

#include "hdf5_lock.h"

G_BEGIN_DECLS

/* The pipeline as text, "shuffle,gzip(4)"; NULL for none. Caller frees. Under the HDF5 lock. */
char *exp_hdf5_filters_text (hid_t dcpl);

/* Sets EXP_ERROR_NO_FILTER, "needs filter lzo", and returns TRUE when the dataset has a filter that is not available.
 * Under the HDF5 lock. */
gboolean exp_hdf5_set_missing_filter (hid_t dataset, GError **error);

G_END_DECLS
