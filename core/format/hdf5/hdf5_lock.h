/* The one lock around the HDF5 library, ownership of its identifiers, and its error stack as a GError.
 * Knows nothing of what the calls are for.
 * Used by everything in this folder: no H5 call is made without the lock. */
#pragma once

#include "expfs/error.h"
#include <hdf5.h>

G_BEGIN_DECLS

/* Takes and releases the lock; not recursive. The first call of each thread silences HDF5's printing of errors. Nothing
 * slow, and no callback of a caller, goes between the two. */
void exp_hdf5_lock (void);
void exp_hdf5_unlock (void);

/* The same by scope: g_autoptr (ExpHdf5Locker) locker = exp_hdf5_locker_new (); */
typedef struct _ExpHdf5Locker ExpHdf5Locker;
ExpHdf5Locker *exp_hdf5_locker_new (void);
void exp_hdf5_locker_free (ExpHdf5Locker *locker);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (ExpHdf5Locker, exp_hdf5_locker_free)

/* An identifier that this scope owns: g_auto (ExpHid) space = H5Dget_space (id); released under the lock, so declare
 * it after the locker. */
typedef hid_t ExpHid;
void exp_hid_release (ExpHid id);
G_DEFINE_AUTO_CLEANUP_FREE_FUNC (ExpHid, exp_hid_release, H5I_INVALID_HID)

/* Sets `error` from HDF5's error stack of this thread, which it clears: the innermost description, with the code that
 * fits its cause, after what failed, as printf has it ("cannot make the dataset '%s'"). Under the lock. */
void exp_hdf5_set_error (GError **error, const char *format, ...) G_GNUC_PRINTF (2, 3);

G_END_DECLS
