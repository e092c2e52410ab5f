/* What the readers of pandas' two formats share. Knows how pandas names axes and labels.
 * Used by the frame_*.c files. */
#pragma once

#include "format/pickle/pickle.h"
#include "pypet.h"
#include "table.h"

G_BEGIN_DECLS

/* frame_labels.c */

/* An attribute that holds a pickle; NULL when it does not. */
ExpPickle *exp_frame_pickled_attribute (ExpNode *node, const char *attribute);
/* The name of an axis, level or series: of its attribute `name`; NULL for None. Caller frees. */
char *exp_frame_name (ExpNode *node);
/* The text of one element of an array of labels of that `kind` (integer, string, datetime64, ...). Caller frees. */
char *exp_frame_label_text (const ExpArray *labels, gsize index, const char *kind);
/* The texts of the labels of an axis, a block's items or a MultiIndex of them ("('a', 1)"); NULL with an error. */
GPtrArray *exp_frame_labels (ExpNode *group, const char *axis, GError **error);
/* TRUE when a dataset stands for something empty; *n_rows is its first dimension then. */
gboolean exp_frame_is_empty (ExpNode *node, guint64 *n_rows);
/* TRUE for a dataset that is one pickle of many objects. */
gboolean exp_frame_is_pickled (ExpNode *node);
/* Labels as an array that cells can be taken from: moments as text. */
ExpArray *exp_frame_label_array (ExpNode *node, GError **error);

/* Adds a column for a 1-D dataset, by its attributes `kind` or `value_type`. */
gboolean exp_frame_add_vector (ExpTable *table, const char *name, ExpNode *node, guint64 n_rows, GError **error);

/* frame_fixed.c, frame_table.c */
ExpNode *exp_frame_fixed_new (ExpNode *group, const char *name, gboolean is_series, GError **error);
ExpNode *exp_frame_table_new (ExpNode *group, GError **error);

/* object_block.c: what pandas pickled whole because its columns hold Python objects, as texts of rows x columns, or of
 * rows when n_columns is 0. */
ExpNode *exp_frame_object_block_new (ExpNode *inner, guint64 n_rows, guint64 n_columns);
/* How many rows a pickled vector has. */
gboolean exp_frame_object_rows (ExpNode *inner, guint64 *n_rows, GError **error);

G_END_DECLS
