/* Ranges whose distinct values are children of their own, numbered: what write_range.c, write_range_arrays.c and
 * write_range_run.c share, and the directory of such a range.
 * Used by these, range.c, range_runs.c and write_place.c. */
#pragma once

#include "whole.h"
#include "write.h"

G_BEGIN_DECLS

/* write_range_arrays.c */

/* The group and the name that value `number` has, or is going to have. A new reference; caller frees the name. */
ExpNode *exp_pypet_range_place (ExpPypetChange *change, const ExpPypetLeaf *leaf, ExpPypetRangeKind kind, guint number,
                                char **name, GError **error);
/* An array of any shape, kept as the parameter's own is: a list a list. */
gboolean exp_pypet_range_store_array (ExpPypetChange *change, const ExpPypetLeaf *leaf, guint number, ExpArray *array,
                                      GError **error);
/* Which run has which value, in the place of what was there. */
gboolean exp_pypet_range_store_numbers (ExpPypetChange *change, const ExpPypetLeaf *leaf, ExpPypetRangeKind kind,
                                        const gint32 *numbers, guint64 n, GError **error);

/* write_range.c: other ranges and the runs get as many; and what is explored now is noted to be. */
gboolean exp_pypet_range_grow_others (ExpPypetChange *change, const ExpPypetLeaf *leaf, guint64 n, GError **error);
gboolean exp_pypet_range_note_explored (ExpPypetChange *change, const ExpPypetLeaf *leaf, GError **error);

/* write_range_run.c */

/* How the range of the parameter is kept, or would be; EXP_RANGE_NONE when its values are not numbered. */
ExpPypetRangeKind exp_pypet_range_numbered_kind (const ExpPypetLeaf *leaf);
/* TRUE when its values are such files. */
gboolean exp_pypet_range_takes (const ExpPypetLeaf *leaf, ExpPypetWhole whole);
/* The value of one run: `bytes` of a pickle or sparse matrix, or an array. As many runs as needed. */
gboolean exp_pypet_range_put_run (ExpPypetChange *change, const ExpPypetLeaf *leaf, guint64 run, GBytes *bytes,
                                  ExpArray *array, GError **error);
gboolean exp_pypet_range_create_run (ExpPypetChange *change, const ExpPypetLeaf *leaf, guint64 run,
                                     const ExpNewDataset *dataset, GError **error);
gboolean exp_pypet_range_write_run (ExpPypetChange *change, const ExpPypetLeaf *leaf, guint64 run, const ExpSlab *slab,
                                    const ExpArray *array, GError **error);

/* noted.c: a range that somebody made as a directory stays one while the store is open. */
void exp_pypet_range_keep_directory (const ExpPypetLeaf *leaf, gboolean is_kept);
gboolean exp_pypet_range_is_directory (const ExpPypetLeaf *leaf);

/* range_runs.c: what is in such a directory, run_00000003 and run_00000003.pickle; as the members of its class. */
void exp_pypet_range_runs_list (const ExpPypetLeaf *leaf, guint64 skip, ExpListFunc func, gpointer data);
ExpNode *exp_pypet_range_runs_lookup (const ExpPypetLeaf *leaf, const char *name, GError **error);
gboolean exp_pypet_range_runs_check_name (const ExpPypetLeaf *leaf, const char *name, GError **error);
gboolean exp_pypet_range_runs_takes_file (const ExpPypetLeaf *leaf, const char *name);
gboolean exp_pypet_range_runs_put_file (const ExpPypetLeaf *leaf, const char *name, GBytes *bytes, GError **error);
gboolean
exp_pypet_range_runs_create (const ExpPypetLeaf *leaf, const char *name, const ExpNewDataset *dataset, GError **error);

G_END_DECLS
