/* Strings of Python's. Shared by the files that read and write literals. */
#pragma once

#include <glib.h>

/* TRUE when a string begins there, with its prefix. */
gboolean exp_mozaik_is_string (const char *at, const char *end);
/* Passes over one that does, and appends what it stands for to `out` in UTF-8. NULL, or what is wrong with it. */
const char *exp_mozaik_take_string (const char **at, const char *end, GString *out);
