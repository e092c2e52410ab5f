/* Changes: the steps of one operation on a store, which is done whole or not at all.
 * Knows what each step can undo; what the steps mean it does not.
 * Used by the files of this folder that write. */
#pragma once

#include "pypet.h"

G_BEGIN_DECLS

typedef struct _ExpPypetChange ExpPypetChange;

/* Waits for other changes of the store. EXP_ERROR_READ_ONLY, and NULL. */
ExpPypetChange *exp_pypet_change_begin (ExpPypetStore *store, GError **error);
/* Undoes all steps unless `is_done`, and returns it. */
gboolean exp_pypet_change_end (ExpPypetChange *change, gboolean is_done);
/* Nodes have other names now: what was made of them is to be made again. */
void exp_pypet_change_note_moved (ExpPypetChange *change);
/* A name that readers of the store are not shown, for what is being made. Caller frees. */
char *exp_pypet_change_name (ExpPypetChange *change);

/* The steps: each as exp_node_... of the same name does it. */
ExpNode *exp_pypet_change_create_group (ExpPypetChange *change, ExpNode *parent, const char *name, GError **error);
ExpNode *exp_pypet_change_create_dataset (ExpPypetChange *change, ExpNode *parent, const char *name,
                                          const ExpNewDataset *dataset, GError **error);
gboolean
exp_pypet_change_copy (ExpPypetChange *change, ExpNode *parent, const char *name, ExpNode *source, GError **error);
gboolean exp_pypet_change_symlink (ExpPypetChange *change, ExpNode *parent, const char *name, const char *target,
                                   GError **error);
gboolean exp_pypet_change_move (ExpPypetChange *change, ExpNode *parent, const char *name, ExpNode *new_parent,
                                const char *new_name, GError **error);
/* With all that is below it, when the change ends. */
gboolean exp_pypet_change_remove (ExpPypetChange *change, ExpNode *parent, const char *name, GError **error);
/* `value` NULL removes it; that there is none is no error then. */
gboolean
exp_pypet_change_attribute (ExpPypetChange *change, ExpNode *node, const char *name, ExpArray *value, GError **error);
/* Rows of a 1-D dataset from `row` on, as many as `cells` has. */
gboolean
exp_pypet_change_rows (ExpPypetChange *change, ExpNode *table, guint64 row, const ExpArray *cells, GError **error);
/* More rows or fewer at the end. */
gboolean exp_pypet_change_n_rows (ExpPypetChange *change, ExpNode *table, guint64 n, GError **error);

G_END_DECLS
