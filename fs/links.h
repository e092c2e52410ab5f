/* How links into other files read as symbolic links, and back. Knows names as they are shown. Called by path.c and by
 * whoever makes links. */
#pragma once

#include "expfs/node.h"

G_BEGIN_DECLS

/* The text of a link with a file and a path, from a directory `depth` levels below the root:
 *   FILE:/PATH                      to a file that is not there; a ':' in FILE is %3A
 *   ../.external/FILE//PATH         to one beside the store
 * PATH stands as it is when it begins with '/', and behind "/./" when it does not. Caller frees. */
char *exp_link_external_text (const ExpInfo *info, guint depth);
/* Its inverse: FALSE for the text of any other link, such as all that begin with "./". */
gboolean exp_link_parse_external (const char *text, char **file, char **path);
/* What such a text would be taken for although it is of a link inside the store. */
gboolean exp_link_looks_external (const char *text);

G_END_DECLS
