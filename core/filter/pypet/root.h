/* The root of the shown tree. Knows nothing of options and versions.
 * Used by pypet.c. */
#pragma once

#include "pypet.h"

G_BEGIN_DECLS

/* A directory with one trajectory for each child of the stored root. */
ExpNode *exp_pypet_root_new (ExpPypetStore *store);

G_END_DECLS
