/* Files that a test's Python script writes with h5py, in a directory of their own.
 * Knows nothing of what is in them.
 * Used by made_hdf5.c and made_groups.h. */
#pragma once

#include <glib.h>

/* A new directory with the files that `script` (beside the tests) writes; NULL when there is no h5py. */
char *made_files_new (const char *script);

/* Removes the directory and frees its name, which may be NULL. */
void made_files_free (char *directory);

/* Runs a Python program that has h5py and sys; its argument is the directory. The exit status. */
int made_files_run_python (const char *program, const char *directory);
