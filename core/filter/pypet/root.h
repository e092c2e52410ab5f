/* The root of the shown tree. Knows nothing of options and versions.
 * Used by pypet.c. */
#pragma once

#include "pypet.h"

G_BEGIN_DECLS

/* The store whose root it is, borrowed; NULL for any other node. */
ExpPypetStore *exp_pypet_root_store (ExpNode *node);
/* A directory with one trajectory for each child of the stored root. */
ExpNode *exp_pypet_root_new (ExpPypetStore *store);

G_END_DECLS
