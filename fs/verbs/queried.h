/* The directories of queries, of a store that was opened here or of a running mount: what is in them, and what their
 * files say. Called by expfs find. */
#pragma once

#include "fs/verbs/place.h"

/* The place, and the directory's path as the user gave it. */
typedef struct
{
  const ExpPlace *place;
  const char *directory;
} ExpQueried;

/* `names` are those of the directories below the place (true names), ".where", "x=1". A message says what the mount's
 * log says. All return NULL and an error, or an array that owns its strings. */

/* Where links lead, below the place, as a mount shows it. */
GPtrArray *exp_queried_paths (const ExpQueried *queried, const GPtrArray *names, GError **error);
/* The names of what is there (true names). */
GPtrArray *exp_queried_names (const ExpQueried *queried, const GPtrArray *names, GError **error);
/* The lines of a file. */
GPtrArray *exp_queried_lines (const ExpQueried *queried, const GPtrArray *names, GError **error);
/* Where a link leads, which stands for the last of the names. */
char *exp_queried_link (const ExpQueried *queried, const GPtrArray *names, GError **error);
