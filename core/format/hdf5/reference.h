/* References: addresses of objects as paths, regions as paths with their selection.
 * Knows how selections are stored; knows no types.
 * Called by decode.c. */
#pragma once

#include "file.h"

G_BEGIN_DECLS

/* The shortest path to the object at `address` ("/a/b"), or "<address N>" when no path leads there. Takes the HDF5
 * lock; walks the groups breadth first as far as needed, once for each file. */
void exp_hdf5_append_path (ExpHdf5File *file, guint64 address, GString *text);

/* A dataset region as the heap holds it: PATH[0:10,3:5] for a hyperslab that is one slice, else each block or point in
 * brackets of its own. EXP_ERROR_DAMAGED. */
gboolean exp_hdf5_append_region (ExpHdf5File *file, const guint8 *bytes, gsize size, GString *text, GError **error);

void exp_hdf5_paths_free (ExpHdf5Paths *paths);

G_END_DECLS
