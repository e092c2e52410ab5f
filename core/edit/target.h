/* The dataset that an edit writes into: its place in the store, and its making anew there. Used by core/edit only. */
#pragma once

#include "expfs/node.h"

typedef struct
{
  ExpNode *parent; /* owned */
  char *name;
  ExpNode *node; /* owned; NULL: nothing there yet */
  ExpInfo info;  /* of the node; zero without one */
} ExpTarget;

gboolean exp_target_init (ExpTarget *target, ExpNode *parent, const char *name, ExpNode *node, GError **error);
void exp_target_clear (ExpTarget *target);

/* Nothing is there, or what a file becomes that was made and never written: a float64 without a value. */
gboolean exp_target_has_no_type (const ExpTarget *target);

/* Elements of the first axis; 1 for a scalar, 0 for nothing. */
guint64 exp_target_n_rows (const ExpTarget *target);

/* A dataset of zeros, where there is nothing or in the place of what is there. */
gboolean exp_target_make (ExpTarget *target, const ExpNewDataset *dataset, GError **error);
/* A scalar, where there is nothing yet; as exp_node_put_number. */
gboolean exp_target_put_number (ExpTarget *target, const ExpArray *value, GError **error);
/* The same type in another shape. With `keeps_rows` all axes but the first are the old ones. */
gboolean exp_target_reshape (ExpTarget *target, guint rank, const guint64 *shape, gboolean keeps_rows, GError **error);
/* To that many rows; not for scalars. */
gboolean exp_target_set_n_rows (ExpTarget *target, guint64 n, GError **error);
/* Of a dataset that may refuse values, and is no longer than can be kept, a copy; NULL for any other. */
ExpArray *exp_target_copy_choosy (const ExpTarget *target);
/* Its old shape and values, unless it has other columns by now; texts may have other widths. */
void exp_target_restore (ExpTarget *target, const ExpArray *old);
/* Takes the dataset away again. */
gboolean exp_target_remove (ExpTarget *target, GError **error);
