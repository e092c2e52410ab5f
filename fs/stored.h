/* user.expfs.stored: how a node is stored where what is shown does not tell, as EXP_ATTRIBUTE_STORED has it, in parts
 * that extended attributes have room for: stored, stored.2, stored.3. Knows parts; what they say is the format's.
 * Called by xattrs. */
#pragma once

#include "expfs/node.h"

G_BEGIN_DECLS

/* TRUE for the name of a part, without user.expfs. */
gboolean exp_stored_is_name (const char *name);
/* The name of part i, from 0; caller frees. */
char *exp_stored_name (guint i);
/* All parts, "1/3:..." and so on; NULL for none. Caller frees with g_strfreev. */
char **exp_stored_parts (ExpNode *node);
/* The number of a part's name, from 0. */
guint exp_stored_number (const char *name);

G_END_DECLS
