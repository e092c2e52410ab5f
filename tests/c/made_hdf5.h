/* The files that make_hdf5.py writes, with every datatype class, layout and kind of link.
 * Knows how a test reads them through a store; what they should hold, the tests say.
 * Used by test-hdf5-*.c. */
#pragma once

#include "expfs/expfs.h"

extern char *made_directory; /* NULL: h5py is not there */

/* In place of g_test_init and g_test_run: the files are there between them. */
void made_init (int *argc, char ***argv);
int made_run (void);

/* FALSE, and the test is marked as skipped, when h5py is not there. */
gboolean made_is_there (void);

/* Opens the store in that file. */
ExpStore *made_open (const char *name, GError **error);

/* The cells as JSON, with a space between them; to be freed. */
char *made_to_json (const ExpArray *array);

/* The dataset at `path` has that type, in numpy's words (NULL: any), and those cells, as made_to_json has them. */
void made_assert_dataset (const char *store_name, const char *path, const char *dtype, const char *cells);

/* Reading what is at `path` fails with `code` and a message that has `words` in it. */
void made_assert_error (const char *store_name, const char *path, ExpError code, const char *words);
