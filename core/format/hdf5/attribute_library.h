/* Attributes as HDF5 reads them.
 * Knows no datasets.
 * Called by attribute.c for those that do not lie in an object's header. */
#pragma once

#include "expfs/array.h"
#include "file.h"

G_BEGIN_DECLS

char **exp_hdf5_library_list_attributes (ExpHdf5File *file, guint64 address, GError **error);
ExpArray *exp_hdf5_library_read_attribute (ExpHdf5File *file, guint64 address, const char *name, GError **error);

G_END_DECLS
