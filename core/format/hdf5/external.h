/* Files beside the store that external links point into.
 * Knows which names may be followed: a store reaches files in its own directory and below, nothing else.
 * Called by link.c for targets and by group.c for the hidden directory where the targets lie. */
#pragma once

#include "expfs/node.h"
#include "file.h"

G_BEGIN_DECLS

/* The hidden child of the root below which the files beside the store are found. */
#define EXP_HDF5_EXTERNAL EXP_EXTERNAL_NAME

/* The target of an external link in `file`: a path below /.external when FILE is there, else "FILE:PATH" and
 * *is_outside. Caller frees. */
char *exp_hdf5_external_target (ExpHdf5File *file, const char *file_name, const char *path, gboolean *is_outside);

/* /.external: nothing is listed in it. */
ExpNode *exp_hdf5_external_root_new (ExpHdf5File *file);

G_END_DECLS
