/* What several targets do with bytes: be a file, and have all that they show looked at. */
#pragma once

#include "expfs/expfs.h"
#include "expfs/store.h"

/* The path of a file of just these bytes; the same one each time. */
const char *exp_fuzz_file (gconstpointer data, gsize size);

/* Opens the store and looks at directories, attributes, the beginnings and ends of datasets, a few of them as views,
 * which the bytes decide, as far as a bounded time allows. Holds that names in a directory differ and are found, and
 * that a size is that of what is read. */
void exp_fuzz_store (const char *path, const char *format, gconstpointer data, gsize size);
