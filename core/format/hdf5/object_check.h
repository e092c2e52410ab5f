/* What must hold of an object before HDF5 may open it.
 * Knows the damage that HDF5 1.10 does not survive: headers and trees that lead back to themselves, datatypes that are
 * longer than what holds them. Leaves every other complaint to HDF5.
 * Called by objects.c and file.c. */
#pragma once

#include "file.h"

G_BEGIN_DECLS

/* Checks the object header at `address`, and the tree of version 1 below it that holds a group's names or the places of
 * a dataset's chunks. EXP_ERROR_DAMAGED. Makes no HDF5 call. */
gboolean exp_hdf5_object_check (ExpHdf5File *file, guint64 address, GError **error);

G_END_DECLS
