/* A virtual file driver of HDF5 that stands on sources, so that the library sees the bytes that our own readers see.
 * Knows HDF5's interface for drivers and its locking; knows nothing of what the bytes say.
 * Used by file.c, under the HDF5 lock. */
#pragma once

#include "expfs/source.h"
#include "expfs/store.h"
#include "hdf5_lock.h"

G_BEGIN_DECLS

/* File access properties with the driver set; files are opened by name through exp_source_open_file. It serves as
 * member driver of families and multi files too. With EXP_LOCK_AUTO a file is locked as HDF5 locks it (flock(2), shared
 * for readers), but never waited for, and a file system without locks is a warning. H5I_INVALID_HID on failure. */
ExpHid exp_source_driver_fapl (ExpLockMode lock);

/* What last failed below the library, and forgets it; FALSE when nothing did. */
gboolean exp_source_driver_take_error (GError **error);

G_END_DECLS
