/* Dicts as they are stored: a table with one row and a column for each key.
 * Knows how such a table is made anew when its keys change; how one shows is dict.c's.
 * Used by dict.c, write_flag.c and the files of this folder that remove. */
#pragma once

#include "write.h"

G_BEGIN_DECLS

/* The item `name` of `group`. A key that is not there is made, one that is there gets another type or shape, each as a
 * change of its own. EXP_ERROR_INVALID for keys and UNSUPPORTED for values that pypet does not take in a dict. */
gboolean exp_pypet_dict_create (const ExpPypetLeaf *leaf, ExpNode *group, const char *name, const char *key,
                                const ExpNewDataset *dataset, GError **error);
gboolean
exp_pypet_dict_remove (const ExpPypetLeaf *leaf, ExpNode *group, const char *name, const char *key, GError **error);
/* As rename(2), over a key of that name unless `flags` forbid it. */
gboolean exp_pypet_dict_rename (const ExpPypetLeaf *leaf, ExpNode *group, const char *name, const char *key,
                                const char *new_key, guint flags, GError **error);
gboolean exp_pypet_dict_write (const ExpPypetLeaf *leaf, ExpNode *group, const char *name, const char *key,
                               const ExpSlab *slab, const ExpArray *array, GError **error);

/* What the value is in Python, in words (write.h). */
gboolean exp_pypet_dict_set_python (const ExpPypetLeaf *leaf, ExpNode *group, const char *name, const char *key,
                                    const char *python, GError **error);

/* TRUE for an item that is a dict with keys in it. */
gboolean exp_pypet_dict_is_full (ExpNode *item);

/* As parts of a change: all items of `source` become the keys of one dict `name` in `group`, which may be `source`. */
gboolean exp_pypet_dict_gather (ExpPypetChange *change, const ExpPypetLeaf *leaf, ExpNode *source, ExpNode *group,
                                const char *name, GError **error);
/* The leaf's items, as its one item; and the results in a group, which becomes a result itself. */
gboolean exp_pypet_dict_from_items (ExpPypetChange *change, const ExpPypetLeaf *leaf, GError **error);
gboolean exp_pypet_dict_from_group (ExpPypetChange *change, const ExpPypetPlace *place, GError **error);

G_END_DECLS
