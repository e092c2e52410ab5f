/* Links that are no objects: soft, external and user-defined ones.
 * Knows what each one shows as its target.
 * Made by group.c. */
#pragma once

#include "expfs/node.h"
#include "file.h"

G_BEGIN_DECLS

/* The link `name` in the group at `group`; opens nothing. */
ExpNode *exp_hdf5_link_new (ExpHdf5File *file, guint64 group, H5L_type_t type, const char *name);

G_END_DECLS
