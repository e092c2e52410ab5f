/* Writing: what the operations of the shown nodes do to the stored tree, each as one change.
 * Knows pypet's layout of leaves; the steps are write_change.h's.
 * Used by the nodes of this folder. */
#pragma once

#include "whole.h"
#include "write_change.h"
#include "write_plan.h"

G_BEGIN_DECLS

/* write_name.c: EXP_ERROR_INVALID for names that pypet does not take, EXISTS. */
gboolean exp_pypet_check_name (const char *name, GError **error);
/* TRUE when a full name may be that long: with `length` bytes before the last dot. */
gboolean exp_pypet_location_has_room (ExpPypetTrajectory *trajectory, gsize length, const char *name);
gboolean exp_pypet_check_place (const ExpPypetPlace *place, const char *name, GError **error);

/* write_place.c: children of a place. What is made in a run goes where pypet puts what that run stores, and marks it
 * completed; `place` is then that of the group as it is shown in the run. */
gboolean exp_pypet_place_create_group (const ExpPypetPlace *place, const char *name, GError **error);
/* LEAF.range as a directory, with nothing in it yet. */
gboolean exp_pypet_place_create_range (const ExpPypetPlace *place, const char *name, GError **error);
gboolean exp_pypet_place_create_dataset (const ExpPypetPlace *place, const char *name, const ExpNewDataset *dataset,
                                         GError **error);
gboolean exp_pypet_place_replace_dataset (const ExpPypetPlace *place, const char *name, const ExpNewDataset *dataset,
                                          GError **error);
/* The same of a result that is one number; the node that shows it. */
ExpNode *
exp_pypet_place_put_number (const ExpPypetPlace *place, const char *name, const ExpArray *value, GError **error);
/* TRUE when create_dataset would refuse no single number in a run but for want of room. Changes nothing. */
gboolean exp_pypet_place_takes_number (const ExpPypetPlace *place, const char *name);
/* LEAF.pickle or LEAF.npz of the leaf `name`, made or replaced. */
gboolean exp_pypet_place_put_whole (const ExpPypetPlace *place, const char *name, ExpPypetWhole kind, GBytes *bytes,
                                    GError **error);
/* It again, of what lies at `from` under a hidden name, which goes. */
gboolean exp_pypet_place_move_whole (const ExpPypetPlace *from, const char *stored, const ExpPypetPlace *place,
                                     const char *name, ExpPypetWhole kind, guint flags, GError **error);
gboolean exp_pypet_place_remove (const ExpPypetPlace *place, const char *name, GError **error);
gboolean exp_pypet_place_move (const ExpPypetPlace *place, const char *name, const ExpPypetPlace *new_place,
                               const char *new_name, guint flags, GError **error);
gboolean exp_pypet_place_symlink (const ExpPypetPlace *place, const char *name, const char *target, GError **error);
/* write_class.c: makes one result with several items of a group of results. */
gboolean exp_pypet_place_set_class (const ExpPypetPlace *place, const char *class_name, GError **error);
/* The place that a directory node stands for, for a child of that name; NULL with EXP_ERROR_UNSUPPORTED when it is none
 * of ours. */
ExpPypetPlace *exp_pypet_place_of (ExpNode *node, const char *name, GError **error);
ExpPypetPlace *exp_pypet_group_place (ExpNode *node);
ExpPypetPlace *exp_pypet_trajectory_place (ExpNode *node, const char *name);
/* TRUE for a group in which nothing is shown. */
gboolean exp_pypet_is_vacant (ExpNode *inner);
/* As part of a change. */
gboolean
exp_pypet_place_remove_child (ExpPypetChange *change, const ExpPypetPlace *place, const char *name, GError **error);

/* write_leaf.c */

/* A new result of one number; its stored group. */
ExpNode *exp_pypet_leaf_put_number (ExpPypetChange *change, const ExpPypetPlace *place, const char *name,
                                    const ExpArray *value, GError **error);
/* A new leaf; `dataset` NULL: without a value. */
gboolean exp_pypet_leaf_create (ExpPypetChange *change, const ExpPypetPlace *place, const char *name,
                                const ExpNewDataset *dataset, GError **error);
/* Makes a group a leaf. */
gboolean exp_pypet_set_service (ExpPypetChange *change, ExpNode *leaf, const char *class_name, gboolean is_classic,
                                GError **error);
/* Another type or shape for the value of a leaf that has one. */
gboolean
exp_pypet_leaf_replace (ExpPypetChange *change, const ExpPypetLeaf *leaf, const ExpNewDataset *dataset, GError **error);
/* A parameter without a value, which is None. */
gboolean exp_pypet_leaf_clear (ExpPypetChange *change, const ExpPypetLeaf *leaf, GError **error);
/* The value of a leaf, in a run that of the run. */
gboolean exp_pypet_leaf_write (const ExpPypetLeaf *leaf, const ExpSlab *slab, const ExpArray *array, GError **error);
gboolean exp_pypet_leaf_resize (const ExpPypetLeaf *leaf, guint rank, const guint64 *shape, GError **error);
/* EXP_ERROR_UNSUPPORTED for an item whose value is no plain dataset: a pickle, a sparse matrix, a frame. */
gboolean exp_pypet_check_plain (const ExpPypetLeaf *leaf, ExpNode *item, const char *name, GError **error);

/* write_item.c: items of a leaf, `group` being the leaf's own or a nested one in it. */
gboolean exp_pypet_item_create (ExpPypetChange *change, const ExpPypetLeaf *leaf, ExpNode *group, const char *name,
                                const ExpNewDataset *dataset, GError **error);
gboolean exp_pypet_item_replace (ExpPypetChange *change, const ExpPypetLeaf *leaf, ExpNode *group, const char *name,
                                 const ExpNewDataset *dataset, GError **error);
/* Puts a dataset of another type or shape in the place of `name`, with the same attributes; with `keeps_rows` what both
 * have of their elements is kept. */
gboolean exp_pypet_item_renew (ExpPypetChange *change, ExpPypetTrajectory *trajectory, ExpNode *group, const char *name,
                               ExpDtype *dtype, guint rank, const guint64 *shape, gboolean keeps_rows, GError **error);
/* The same values kept as `kind`, under SRVC_STORE `flag`; as a VLARRAY a vector is its one row. */
gboolean exp_pypet_item_renew_as (ExpPypetChange *change, ExpPypetTrajectory *trajectory, ExpNode *group,
                                  const char *name, const char *flag, ExpPytablesKind kind, GError **error);
/* Makes room for the texts of `array` in the item. EXP_ERROR_INVALID for those that pypet could not load. */
gboolean exp_pypet_item_make_room (ExpPypetChange *change, ExpPypetTrajectory *trajectory, ExpNode *group,
                                   const char *name, const ExpArray *array, GError **error);
/* The values that `from` shows, over those of an item of the same shape and columns. */
gboolean exp_pypet_item_copy_values (ExpPypetChange *change, const ExpPypetLeaf *leaf, ExpNode *group, const char *name,
                                     ExpNode *from, GError **error);
/* In one column of a table. */
gboolean exp_pypet_item_make_room_in (ExpPypetChange *change, ExpPypetTrajectory *trajectory, ExpNode *group,
                                      const char *name, const char *column, const ExpArray *array, GError **error);

/* write_flag.c: "flag", how values are kept, SRVC_STORE; write_python.c: "python", what they are in Python; and "item",
 * the name of the one item of a result. EXP_ERROR_UNSUPPORTED for what pypet would not have so. */
gboolean exp_pypet_leaf_set_note (const ExpPypetLeaf *leaf, const char *note, const char *value, GError **error);
gboolean exp_pypet_item_set_note (const ExpPypetLeaf *leaf, ExpNode *group, const char *name, const char *note,
                                  const char *value, GError **error);
gboolean exp_pypet_python_set (ExpPypetChange *change, const ExpPypetLeaf *leaf, ExpNode *group, const char *name,
                               const char *python, GError **error);
/* Takes "list of int" apart: the collection type, static, and the scalar type within `python`, NULL for none. FALSE for
 * what is no such. */
gboolean exp_pypet_python_parse (const char *python, const char **collection, const char **scalar);
/* TRUE when elements of a stored type are of this scalar type: Python's own numbers have no size, NumPy's are just of
 * theirs. And the type as the generation names it; caller frees. */
gboolean exp_pypet_is_of_scalar (const ExpDtype *dtype, const char *scalar);
char *exp_pypet_stored_scalar (const char *scalar, gboolean is_classic);
/* A group of results becomes one result that is a dict. */
gboolean exp_pypet_place_set_note (const ExpPypetPlace *place, const char *note, const char *value, GError **error);

/* write_items.c: items of a result that has several; stored names but for those of new ones. */

/* What the overview says of the leaf, and of the run that stored it. */
gboolean exp_pypet_items_tell (ExpPypetChange *change, const ExpPypetLeaf *leaf, GError **error);
gboolean exp_pypet_items_create (const ExpPypetLeaf *leaf, ExpNode *group, const char *name,
                                 const ExpNewDataset *dataset, GError **error);
/* A dict without keys. */
gboolean exp_pypet_items_create_dict (const ExpPypetLeaf *leaf, ExpNode *group, const char *name, GError **error);
gboolean exp_pypet_items_replace (const ExpPypetLeaf *leaf, ExpNode *group, const char *name,
                                  const ExpNewDataset *dataset, GError **error);
gboolean exp_pypet_items_remove (const ExpPypetLeaf *leaf, ExpNode *group, const char *name, GError **error);
gboolean exp_pypet_items_move (const ExpPypetLeaf *leaf, ExpNode *group, const char *name, const ExpPypetLeaf *to,
                               ExpNode *new_group, const char *new_name, guint flags, GError **error);
gboolean exp_pypet_item_write (const ExpPypetLeaf *leaf, ExpNode *group, const char *name, const ExpSlab *slab,
                               const ExpArray *array, GError **error);
gboolean exp_pypet_item_resize (const ExpPypetLeaf *leaf, ExpNode *group, const char *name, guint rank,
                                const guint64 *shape, GError **error);

/* write_range.c: LEAF.range */
gboolean
exp_pypet_range_create (ExpPypetChange *change, const ExpPypetLeaf *leaf, const ExpNewDataset *dataset, GError **error);
/* Makes or changes it, with these values: one for each run. A text is JSON, as the attribute `range` has it. */
gboolean exp_pypet_range_set (ExpPypetChange *change, const ExpPypetLeaf *leaf, const ExpArray *values, GError **error);
/* FALSE for a leaf that has no range that can be changed here. */
gboolean exp_pypet_range_check (const ExpPypetLeaf *leaf, GError **error);
gboolean exp_pypet_range_remove (ExpPypetChange *change, const ExpPypetLeaf *leaf, GError **error);
/* Removes what holds the range in the parameter's stored group, and nothing else. */
gboolean exp_pypet_range_drop (ExpPypetChange *change, ExpNode *leaf, GError **error);

/* write_range_arrays.c: of a parameter that holds arrays. create: for shape[0] runs, with the parameter's own array
 * where there is none yet. */
gboolean exp_pypet_range_is_of_arrays (const ExpPypetLeaf *leaf);
gboolean exp_pypet_array_range_describe (const ExpPypetLeaf *leaf, ExpInfo *info, GError **error);
gboolean exp_pypet_array_range_create (ExpPypetChange *change, const ExpPypetLeaf *leaf, guint rank,
                                       const guint64 *shape, GError **error);
gboolean exp_pypet_array_range_write (ExpPypetChange *change, const ExpPypetLeaf *leaf, const ExpSlab *slab,
                                      const ExpArray *array, GError **error);

/* write_grow.c: the explored parameters but one, NULL for none, have a value for each of `n` runs, too: where there was
 * none their own, as if they were not explored there. */
gboolean exp_pypet_ranges_grow (ExpPypetChange *change, ExpPypetTrajectory *trajectory, const ExpPypetLeaf *but,
                                guint64 n, GError **error);

/* write_new_tables.c: the tables of overview/. */

/* A table of `n` rows of zeros, with the columns that it has in one generation or the other. */
ExpNode *exp_pypet_new_table (ExpPypetChange *change, ExpNode *overview, const char *name, gboolean is_classic,
                              guint64 n, const ExpPacking *packing, GError **error);
/* The names (static) of those that a trajectory need not have and that are wanted, by name or by pypet's word for
 * several (store.h). */
GPtrArray *exp_pypet_optional_tables (const char *const *wanted, gboolean is_classic);

/* write_runs.c: overview/info and overview/runs. */

/* Sees to it that there are `n` runs: more than before are appended as ones that have not run. Fewer:
 * EXP_ERROR_INVALID. */
gboolean exp_pypet_runs_grow (ExpPypetChange *change, ExpPypetTrajectory *trajectory, guint64 n, GError **error);
/* Rows for runs that have not run, at the end of overview/runs. */
gboolean exp_pypet_runs_append (ExpPypetChange *change, ExpNode *runs, guint64 first, guint64 n, gboolean is_classic,
                                GError **error);
/* These rows at the end of overview/runs, for so many more runs. */
gboolean
exp_pypet_runs_add (ExpPypetChange *change, ExpPypetTrajectory *trajectory, const ExpArray *rows, GError **error);
/* By their last names, then by where they are: the order of full names in a summary. Of pointers to them. */
int exp_pypet_compare_last_names (gconstpointer a, gconstpointer b);
/* Rows of overview/runs as they are shown: when runs began and ended, and which are completed. */
gboolean
exp_pypet_runs_write (ExpPypetTrajectory *trajectory, const ExpSlab *slab, const ExpArray *array, GError **error);
/* As many runs, where there are ranges each with a value for every run. */
gboolean exp_pypet_runs_set_length (ExpPypetTrajectory *trajectory, guint64 n, GError **error);
/* FALSE for a run that cannot be marked. */
gboolean exp_pypet_runs_has (ExpPypetTrajectory *trajectory, guint64 run);
/* Marks a run as completed now: for the first time, or again while the store is open. */
gboolean exp_pypet_runs_complete (ExpPypetChange *change, ExpPypetTrajectory *trajectory, guint64 run, GError **error);
guint64 exp_pypet_n_runs (ExpPypetTrajectory *trajectory);
/* The full names of the explored parameters, in order; NULL-terminated. */
char **exp_pypet_explored_names (ExpPypetTrajectory *trajectory);

/* write_overview.c: rows about one leaf, in those tables that the trajectory has. */
gboolean exp_pypet_overview_update (ExpPypetChange *change, const ExpPypetLeaf *leaf, gboolean is_new, GError **error);
gboolean exp_pypet_overview_remove (ExpPypetChange *change, const ExpPypetLeaf *leaf, GError **error);

/* The row about its range only. */
gboolean exp_pypet_overview_remove_range (ExpPypetChange *change, const ExpPypetLeaf *leaf, GError **error);

/* PyTables keeps indices of the summaries: from now on it must not use those of this table. */
gboolean
exp_pypet_mark_indices (ExpPypetChange *change, ExpPypetTrajectory *trajectory, const char *table, GError **error);

/* write_explorations.c: which parameters are explored, as the newer generation lists them. */
gboolean exp_pypet_explorations_add (ExpPypetChange *change, ExpPypetTrajectory *trajectory, const char *full_name,
                                     GError **error);
gboolean exp_pypet_explorations_remove (ExpPypetChange *change, ExpPypetTrajectory *trajectory, const char *full_name,
                                        GError **error);

/* write_text.c: values in words, as overview tables have them: Python's str, or repr. Caller frees. */
char *exp_pypet_value_text (ExpNode *value, gboolean is_repr);
/* One element, as str has a value that is no array. */
char *exp_pypet_cell_text (const ExpArray *array, gsize index);
char *exp_pypet_leaf_text (const ExpPypetLeaf *leaf);
/* The values of a range, with commas between. */
char *exp_pypet_range_text (const ExpPypetLeaf *leaf);

/* write_attribute.c: `leaf` NULL for what is none. */
gboolean exp_pypet_write_attribute (ExpPypetStore *store, ExpNode *inner, const ExpPypetLeaf *leaf, const char *name,
                                    const ExpArray *value, GError **error);
gboolean exp_pypet_remove_attribute (ExpPypetStore *store, ExpNode *inner, const ExpPypetLeaf *leaf, const char *name,
                                     GError **error);
/* As part of a change. */
gboolean exp_pypet_change_node_attribute (ExpPypetChange *change, ExpNode *inner, const ExpPypetLeaf *leaf,
                                          const char *name, const ExpArray *value, GError **error);
gboolean exp_pypet_change_remove_attribute (ExpPypetChange *change, ExpNode *inner, const ExpPypetLeaf *leaf,
                                            const char *name, GError **error);

/* write_trajectory.c */

/* The title of a store's root, by which pypet's is known while there is no trajectory in it. */
#define EXP_PYPET_TITLE "Experiments"
/* Makes the root of an empty store that of a pypet store. */
gboolean exp_pypet_store_mark (ExpPypetStore *store, GError **error);
/* As part of a change, as the one of the same or of another store is that is given; NULL: as others of the store. */
gboolean exp_pypet_trajectory_begin (ExpPypetChange *change, ExpPypetStore *store, const char *name,
                                     ExpPypetTrajectory *like, GError **error);
gboolean exp_pypet_trajectory_create (ExpPypetStore *store, const char *name, GError **error);

/* write_info.c */
gboolean exp_pypet_trajectory_remove (ExpPypetStore *store, const char *name, GError **error);
gboolean
exp_pypet_trajectory_rename (ExpPypetStore *store, const char *name, const char *new_name, guint flags, GError **error);
gboolean exp_pypet_trajectory_write_attribute (ExpPypetTrajectory *trajectory, const char *name, const ExpArray *value,
                                               GError **error);
gboolean exp_pypet_trajectory_remove_attribute (ExpPypetTrajectory *trajectory, const char *name, GError **error);
/* TRUE when there is anything but overview/ and empty branches. */
gboolean exp_pypet_has_content (ExpNode *trajectory);
/* A table of overview/, or `name` NULL, overview/ itself: when nothing else is left in the trajectory. */
gboolean exp_pypet_remove_overview (ExpPypetTrajectory *trajectory, const char *name, GError **error);

G_END_DECLS
