/* Datasets whose bytes lie in raw files of their own.
 * Knows the list of files; what they hold is any contiguous dataset's.
 * Called by read.c. */
#pragma once

#include "file.h"

G_BEGIN_DECLS

/* The dataset's bytes, which start at 0; what a file lacks reads as zeros, as HDF5 has it. Relative names count from
 * the store's directory. Takes the HDF5 lock. EXP_ERROR_NOT_FOUND becomes EXP_ERROR_DAMAGED: the store lacks a part. */
ExpSource *exp_hdf5_external_data_open (ExpHdf5File *file, guint64 address, GError **error);

G_END_DECLS
