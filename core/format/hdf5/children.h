/* Names of a group that is being changed: what they stand for, and how they are made and taken away.
 * Knows links and the kinds of objects behind them; keeps what is open of an object alive as files do.
 * Used by the write_*.c, all within a change (changes.h). */
#pragma once

#include "writable.h"

G_BEGIN_DECLS

typedef struct
{
  gboolean is_hard;
  guint64 address;    /* of a hard link's object; the rest is about it too */
  ExpKind kind;       /* EXP_KIND_LINK for other links */
  guint n_links;      /* hard links to it */
  guint64 n_children; /* of a group */
} ExpHdf5Child;

/* What `name` stands for. Not under the HDF5 lock. EXP_ERROR_NOT_FOUND, ... */
gboolean exp_hdf5_child_find (ExpHdf5Object *group, const char *name, ExpHdf5Child *child, GError **error);

/* Lets the library near the object at `address`, which may have to be settled for that. Not under the HDF5 lock. */
gboolean exp_hdf5_change_reach (ExpHdf5File *file, guint64 address, GError **error);

/* FALSE with EXP_ERROR_INVALID for a name that HDF5 does not have. */
gboolean exp_hdf5_check_name (const char *name, GError **error);

/* Under the HDF5 lock: the group, borrowed, once `name` is found to be free there: EXP_ERROR_EXISTS. */
hid_t exp_hdf5_open_for_name (ExpHdf5Object *group, const char *name, GError **error);

/* All under the HDF5 lock. Properties for a link of that name. */
hid_t exp_hdf5_link_properties (const char *name);
/* Removes the link `name`, which stands for `child`. */
gboolean
exp_hdf5_delete_link (ExpHdf5File *file, hid_t group, const char *name, const ExpHdf5Child *child, GError **error);
/* A node of the object *id, which the library has just made; takes the identifier over. */
ExpNode *exp_hdf5_made_node (ExpHdf5File *file, hid_t *id, GError **error);

G_END_DECLS
