/* A virtual file driver of HDF5 that stands on sources, so that the library sees the bytes that our own readers see.
 * Knows HDF5's interface for drivers and its locking; knows nothing of what the bytes say.
 * Used by file.c, under the HDF5 lock. */
#pragma once

#include "expfs/source.h"
#include "expfs/store.h"
#include "hdf5_lock.h"
#include "superblock.h"

G_BEGIN_DECLS

/* File access properties with the driver set; files are opened by name through exp_source_open_file, unless `source` is
 * given to be read in the file's place. It serves as
 * member driver of families and multi files too. With EXP_LOCK_AUTO a file is locked as HDF5 locks it (flock(2), shared
 * for readers), but never waited for, and a file system without locks is a warning. H5I_INVALID_HID on failure. */
ExpHid exp_source_driver_fapl (ExpSource *source, ExpLockMode lock);

/* The same for writing to `source`, whose superblock was `superblock`. The marks of a writer that the library puts into
 * it are taken out on the way: what the source holds always looks closed. There are no locks: they are the source's. */
ExpHid exp_source_driver_fapl_writable (ExpSource *source, const ExpSuperblock *superblock);

/* Room for `size` bytes at the end of a file that was opened for writing with the above, which the library neither
 * looks at nor gives to others: their address, a multiple of 8, counted from the start of the source. FALSE when no
 * file is as long as that. */
gboolean exp_source_driver_extend (hid_t file, guint64 size, guint64 *address);

/* Gives back the lock of a file that was opened by name. Under the HDF5 lock. */
void exp_source_driver_unlock (hid_t file);

/* What is made from now on has the form of HDF5 1.10, which SWMR asks for. */
gboolean exp_source_driver_set_newest (hid_t fapl);

/* What is written to `source` from now on is dropped without an error, so that the library can close a file that it
 * cannot write any more; NULL: nothing is. */
void exp_source_driver_lose (ExpSource *source);

/* What last failed below the library, and forgets it; FALSE when nothing did. */
gboolean exp_source_driver_take_error (GError **error);

G_END_DECLS
