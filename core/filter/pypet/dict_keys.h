/* The keys of a dict in memory: read from its table, changed, and stored as a table again.
 * Knows columns with their types and bytes.
 * Used by write_dict.c and write_gather.c. */
#pragma once

#include "write_change.h"

G_BEGIN_DECLS

/* None yet. */
GArray *exp_dict_keys_new (void);
/* The keys of the item `name`, as an array that only the functions below understand; none when there is no such item.
 * EXP_ERROR_UNSUPPORTED for a dict that pypet split because it has more than 512 keys. */
GArray *exp_dict_keys_read (ExpNode *group, const char *name, GError **error);
/* Its index, -1 when there is none. */
gint exp_dict_keys_find (GArray *keys, const char *key);
/* A key with a value of zeros, or another type for one that is there: a list stays a list. EXP_ERROR_INVALID,
 * EXP_ERROR_UNSUPPORTED. */
gboolean
exp_dict_keys_set (GArray *keys, const char *key, const ExpNewDataset *dataset, gboolean is_classic, GError **error);
/* What a value is in Python; one that it is not stays as it was: EXP_ERROR_UNSUPPORTED. */
gboolean
exp_dict_keys_set_python (GArray *keys, const char *key, const char *python, gboolean is_classic, GError **error);
gboolean exp_dict_keys_remove (GArray *keys, const char *key);
gboolean
exp_dict_keys_rename (GArray *keys, const char *key, const char *new_key, gboolean is_exchange, GError **error);
/* In the place of the item `name`, if there is one; columns are sorted by name, as pypet has them. */
gboolean exp_dict_keys_store (ExpPypetChange *change, ExpPypetTrajectory *trajectory, ExpNode *group, const char *name,
                              GArray *keys, GError **error);

G_END_DECLS
