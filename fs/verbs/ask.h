/* What a running mount says of itself in .expfs/options. Called by the verbs that deal with mounts. */
#pragma once

#include <glib.h>

/* The text of .expfs/options; NULL when the mount does not answer. Caller frees. */
char *exp_ask_options (const char *mountpoint);
/* The value of one of its lines; NULL for none. Caller frees. */
char *exp_ask_option (char **lines, const char *name);
