/* Files that keep track of their free space (h5py's fs_persist): what they say of it is true of a closed file only.
 * Knows the message that says it (HDF5 File Format Specification 3.0, section IV.A.2.x, "File Space Info").
 * Used by file.c around writing. */
#pragma once

#include "file.h"

G_BEGIN_DECLS

/* Before the library opens the file for writing: lets it say that it keeps no track, so that what is committed on the
 * way is a whole file. `extension` is the address of the superblock extension, or G_MAXUINT64. *is_kept: it did.
 * EXP_ERROR_UNSUPPORTED for a message of an older kind. */
gboolean exp_hdf5_free_space_suspend (ExpHdf5File *file, guint64 extension, gboolean *is_kept, GError **error);

/* After the library has closed it: says that track is kept again, and that there is none yet. */
gboolean exp_hdf5_free_space_resume (ExpHdf5File *file, guint64 extension, GError **error);

G_END_DECLS
