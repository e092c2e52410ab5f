/* What the files of this folder share: trajectories, scopes and the making of nodes.
 * Knows the names and attributes that pypet's HDF5StorageService writes; stands on the node interface alone.
 * Included by the files of this folder. */
#pragma once

#include "expfs/memory_node.h"
#include "expfs/node.h"
#include "table.h"

G_BEGIN_DECLS

/* The first group below a trajectory decides what the leaves in it are. */
typedef enum
{
  EXP_BRANCH_OTHER,
  EXP_BRANCH_CONFIG,
  EXP_BRANCH_PARAMETERS,
  EXP_BRANCH_DERIVED,
  EXP_BRANCH_RESULTS,
} ExpPypetBranch;

/* What all trajectories of a store share. */
typedef struct
{
  gatomicrefcount references;
  ExpNode *root; /* of the stored tree: what absolute links start from */
  gboolean is_writable;
  char *complib; /* what the user says of new datasets; NULL with complevel 0: as each trajectory has it */
  guint complevel;
  gboolean is_unpacked; /* that they are not compressed */
  gboolean shuffle, fletcher32;
  const char *pandas_format; /* static; NULL: as each trajectory has it */
  GStrv overview;            /* the optional tables of new trajectories, by name and by pypet's words; NULL: none */

  GMutex changing; /* held by whoever changes the store */
  GMutex making;   /* held for moments: see live.h; guards the sets below */
  /* Full names with their trajectories': */
  GHashTable *begun;       /* ranges that were made and have no values yet */
  GHashTable *aside;       /* trajectories -> ExpNode: what is made beside overview tables to be renamed to one */
  GHashTable *fresh;       /* groups that were made since the store was opened */
  GHashTable *directories; /* leaves that go on being directories, whatever the number of their items */
  GHashTable *running;     /* under `changing`: runs that were stored since the store was opened; NULL: none */
  guint n_names;           /* under `changing`: of hidden names given out */
  gint n_changes;          /* atomic: how often something was removed, or put in the place of something */
} ExpPypetStore;

ExpPypetStore *exp_pypet_store_new (ExpNode *root, gboolean is_writable);
ExpPypetStore *exp_pypet_store_ref (ExpPypetStore *store);
void exp_pypet_store_unref (ExpPypetStore *store);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (ExpPypetStore, exp_pypet_store_unref)

/* One trajectory. Immutable but for `encoding`. */
typedef struct
{
  gatomicrefcount references;
  ExpPypetStore *store;
  ExpNode *inner; /* the trajectory's group */
  char *name;
  const char *encoding; /* atomic, interned: of str items; NULL until somebody asked, see exp_pypet_encoding */
  gint generation;      /* atomic: 0 until somebody asked, see exp_pypet_is_classic */
  guint64 identity;     /* atomic: of its group; 0 until somebody asked, see exp_pypet_part */
  gpointer packing;     /* of those who change the store: see exp_pypet_packing */
  GHashTable *absent;   /* of those who change the store: overview tables that there are not; NULL: not known yet */
} ExpPypetTrajectory;

/* Where in a trajectory a node is and in which run it is looked at. Immutable, shared by all nodes of a branch. */
typedef struct
{
  gatomicrefcount references;
  ExpPypetTrajectory *trajectory;
  ExpPypetBranch branch;
  gint64 run; /* its index, or -1: not in one run */
} ExpPypetScope;

ExpPypetTrajectory *exp_pypet_trajectory_new (ExpPypetStore *store, ExpNode *inner, const char *name);
ExpPypetTrajectory *exp_pypet_trajectory_ref (ExpPypetTrajectory *trajectory);
void exp_pypet_trajectory_unref (ExpPypetTrajectory *trajectory);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (ExpPypetTrajectory, exp_pypet_trajectory_unref)

/* The encoding of str items, "utf8" unless overview/hdf5_settings says otherwise. */
const char *exp_pypet_encoding (ExpPypetTrajectory *trajectory);

/* TRUE for one of the releases 0.1b, which are Python 2 programs and keep other overview tables. */
gboolean exp_pypet_is_classic (ExpPypetTrajectory *trajectory);

/* As exp_node_part has it, what is looked at in a run; EXP_PART_ANY without one. */
guint64 exp_pypet_part (ExpPypetTrajectory *trajectory, gint64 run);

/* The branch that a group directly below a trajectory is. */
ExpPypetBranch exp_pypet_branch_of (const char *name);

ExpPypetScope *exp_pypet_scope_new (ExpPypetTrajectory *trajectory, ExpPypetBranch branch, gint64 run);
ExpPypetScope *exp_pypet_scope_ref (ExpPypetScope *scope);
void exp_pypet_scope_unref (ExpPypetScope *scope);
/* The part that a node looked at so is in. */
guint64 exp_pypet_scope_part (const ExpPypetScope *scope);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (ExpPypetScope, exp_pypet_scope_unref)

/* place.c: a stored group with what the full names of its children begin with, "results.runs.run_00000003". */
typedef struct
{
  ExpNode *inner;
  ExpPypetScope *scope;
  GRefString *location; /* empty for the trajectory itself */
} ExpPypetPlace;

ExpPypetPlace *exp_pypet_place_new (ExpNode *inner, ExpPypetScope *scope, GRefString *location);
void exp_pypet_place_free (ExpPypetPlace *place);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (ExpPypetPlace, exp_pypet_place_free)
/* The child of that name; NULL when there is none. */
ExpPypetPlace *exp_pypet_place_child (const ExpPypetPlace *place, const char *name);
/* A new reference. */
GRefString *exp_pypet_location_join (const char *location, const char *name);
/* An empty array that owns its places. */
GPtrArray *exp_pypet_places_new (void);

/* stored.c: small values of the stored tree. */

/* The attribute on an array of bytes that says: these are a file, shown as it is. pypet knows nothing of it. */
#define EXP_PYPET_FILE "SRVC_EXPFS_FILE"

/* The text of an attribute; NULL when there is none or it is no text. */
char *exp_pypet_text (ExpNode *inner, const char *attribute);
/* An integer or boolean attribute; `missing` when there is none. */
gint64 exp_pypet_int (ExpNode *inner, const char *attribute, gint64 missing);
/* TRUE for a group that pypet takes as a leaf. */
gboolean exp_pypet_is_leaf (ExpNode *inner);
/* The interned class of a node, NULL for none. */
const char *exp_pypet_class (ExpNode *inner);
/* TRUE for what PyTables keeps beside nodes for itself. */
gboolean exp_pypet_is_hidden_child (const char *name);
/* Files that programs keep beside others for a while, ".n.Xy12", "n~", "#n#", are hidden from pypet, which does not
 * take such names, as PyTables hides what is its own. The stored name of a shown one; caller frees. */
char *exp_pypet_stored_name (const char *shown);
/* Bytes of the name of a node. */
#define EXP_PYPET_MAX_NAME 127
/* TRUE for names that none of pypet's nodes has, but a key of a dict may have. In a group that is to become one they
 * are stored as such files are. */
gboolean exp_pypet_is_odd_name (const char *shown);
/* What a stored child is shown as, within `stored`; NULL: not at all. */
const char *exp_pypet_shown_name (const char *stored);
/* A child, or NULL without an error when there is none. */
ExpNode *exp_pypet_child (ExpNode *inner, const char *name);
/* One cell of a table (1-D compound), as an array of its own; NULL without such a column or row. */
ExpArray *exp_pypet_table_cell (ExpNode *table, const char *column, guint64 row, GError **error);
/* Number of rows of a 1-D dataset; 0 when it is none. */
guint64 exp_pypet_n_rows (ExpNode *table);

/* attribute.c: attributes as a user sees them. Both leave out what only serves the format. */
char **exp_pypet_list_attributes (ExpNode *inner, GError **error);
ExpArray *exp_pypet_read_attribute (ExpNode *inner, const char *name, GError **error);
/* TRUE for a stored one that only serves the format. */
gboolean exp_pypet_is_service_attribute (const char *name);
/* The names of both, each once; frees its arguments. */
char **exp_pypet_join_names (char **first, char **second);

/* node.c: a child of a group that is looked into only when somebody asks what it is. `name` is its stored name,
 * `location` what its full name begins with. */
ExpNode *exp_pypet_node_new (ExpNode *inner, ExpPypetScope *scope, GRefString *location, const char *name);

/* group.c: a group node over one or several stored groups (ExpPypetPlace), whose children it shows as one; the first
 * that has a name wins, groups are merged. Takes over the array. In a run, what belongs to the run is hoisted and other
 * runs hidden. */
ExpNode *exp_pypet_group_new (GPtrArray *places, gboolean is_branch);
/* TRUE for run_00000003 and run_set_00000. */
gboolean exp_pypet_is_run_name (const char *name);

/* trajectory.c: the trajectory's own directory, or the tree of one of its runs. */
ExpNode *exp_pypet_trajectory_node_new (ExpPypetTrajectory *trajectory, gint64 run, gboolean is_lasting);
/* What such a directory is of, borrowed; NULL for any other node, also one of a run. */
ExpPypetTrajectory *exp_pypet_trajectory_of (ExpNode *node);
/* One of the tables below overview/, NULL when there is none. */
ExpNode *exp_pypet_overview_table (ExpPypetTrajectory *trajectory, const char *name);

/* parameters.c: the runs with their values of explored parameters, for queries; `node` is the trajectory's own. */
void
exp_pypet_list_run_parameters (ExpPypetTrajectory *trajectory, ExpNode *node, ExpParameterFunc func, gpointer data);

/* run.c: TRAJ/.run/ */
ExpNode *exp_pypet_runs_new (ExpPypetTrajectory *trajectory);

/* overview.c */
ExpNode *exp_pypet_overview_new (ExpPypetTrajectory *trajectory, ExpNode *inner);

/* link.c: the target of a link as it is in the mount, within the tree of a run when the link is in one. Caller frees.
 */
char *exp_pypet_link_target (const ExpPypetScope *scope, const char *target);

/* leaf.c */

/* What a leaf is, learnt from its attributes and the names of its children. */
typedef struct
{
  ExpNode *inner; /* borrowed */
  ExpNode *group; /* borrowed; for one of several items, the group that it lies in, else NULL */
  ExpPypetScope *scope;
  GRefString *location;   /* borrowed, what its full name begins with */
  const char *name;       /* NULL where it is not needed */
  const char *class_name; /* interned or NULL */
  const char *role;
  gboolean is_parameter;
  gboolean is_pickled;
} ExpPypetLeaf;

void
exp_pypet_leaf_init (ExpPypetLeaf *leaf, ExpNode *inner, ExpPypetScope *scope, GRefString *location, const char *name);
/* A leaf that lives on its own: all that it points to is held, until it is released. */
void exp_pypet_leaf_hold (ExpPypetLeaf *to, const ExpPypetLeaf *leaf);
void exp_pypet_leaf_release (ExpPypetLeaf *leaf);
/* A result that was a directory stays one while the store is open: who removes what is in it item by item goes on doing
 * so, and who made one to fill it is not told after the first that it is a file. */
void exp_pypet_leaf_keep_directory (const ExpPypetLeaf *leaf, gboolean is_kept);
gboolean exp_pypet_leaf_is_kept_directory (const ExpPypetLeaf *leaf);
/* A group that is made may be going to be a dict or something pickled, whose keys have other names than pypet's nodes:
 * in it these are taken, and hidden from pypet until it is. */
void exp_pypet_group_note_fresh (const ExpPypetPlace *place, const char *name);
gboolean exp_pypet_group_is_fresh (const ExpPypetPlace *place);
/* Its value: a dataset, or a group of its items; in a run, an explored parameter's value in that run. */
ExpNode *exp_pypet_leaf_value (const ExpPypetLeaf *leaf, GError **error);
/* The stored name of the child that holds the value of a leaf with one item, NULL for several or none. Caller frees. */
char *exp_pypet_leaf_single (const ExpPypetLeaf *leaf, GError **error);
/* The name under which pypet knows a stored item: without __rr__ and __spsp__. Caller frees. */
char *exp_pypet_item_name (const char *stored);

/* item.c: the value that one child of a leaf holds. */

/* SRVC_STORE of an item, of a shared one what it is shared as; static, NULL for none that is known. */
const char *exp_pypet_flag (ExpNode *inner);
/* What an item is in Python, by what pypet noted on it: "int", "float32", "list of str", "tuple of int", "ndarray",
 * "matrix"; of a column of a table, by what was noted on that. Interned, NULL for none. */
const char *exp_pypet_python (ExpNode *inner);
const char *exp_pypet_python_of_column (ExpNode *table, const char *column);
ExpNode *exp_pypet_item_new (const ExpPypetLeaf *leaf, ExpNode *inner, const char *name, GError **error);
/* dict.c: a group with a dataset for each column of the item `name`, its value in the first row. */
ExpNode *exp_pypet_dict_new (const ExpPypetLeaf *leaf, const char *name, ExpPypetColumns *columns);
/* text.c: in a store that is written, a value of texts without a bound to their length; else `node` as it is. Takes
 * over the node, NULL stays NULL. */
ExpNode *exp_pypet_text_new (ExpNode *node, ExpPypetTrajectory *trajectory);
/* items.c: several items, those of the leaf or of a nested group in it, as a group. */
ExpNode *exp_pypet_items_new (const ExpPypetLeaf *leaf, ExpNode *inner);
/* FALSE for a stored child of a leaf that is no item. */
gboolean exp_pypet_is_item (const char *name);

/* range.c: the explored range; EXP_ERROR_NOT_FOUND when the parameter is not explored. */
ExpNode *exp_pypet_range_new (const ExpPypetLeaf *leaf, GError **error);
/* The value in one run; NULL without an error when the parameter is not explored. */
ExpNode *exp_pypet_range_value (const ExpPypetLeaf *leaf, guint64 run, GError **error);
/* The stored child that holds it; NULL when it is not explored or its value is no child of its own. */
ExpNode *exp_pypet_range_stored (const ExpPypetLeaf *leaf, guint64 run);
gboolean exp_pypet_is_explored (ExpNode *inner);
/* How the range of a parameter is kept: its values in a table, or each distinct one as a child of its own, whose
 * numbers are in the column `idx` of a table. */
typedef enum
{
  EXP_RANGE_NONE,
  EXP_RANGE_VALUES,
  EXP_RANGE_ARRAYS,
  EXP_RANGE_SPARSE,
  EXP_RANGE_PICKLES,
} ExpPypetRangeKind;
/* The table; NULL when the parameter is not explored. */
ExpNode *exp_pypet_range_table (ExpNode *inner, ExpPypetRangeKind *kind);
const char *exp_pypet_range_table_name (ExpPypetRangeKind kind);
/* The path of a numbered value, in the one generation's way and in the other's. Caller frees. */
char *exp_pypet_range_path (ExpPypetRangeKind kind, gboolean is_classic, guint number);
/* The value itself, kept in whichever way. */
ExpNode *exp_pypet_range_numbered (ExpNode *inner, ExpPypetRangeKind kind, gint64 number, GError **error);
/* TRUE for a stored child of a parameter that belongs to its range. */
gboolean exp_pypet_is_of_range (const char *name);
/* The range as it lies in the store now; and, write_range.c, one that can be written and grows. */
ExpNode *exp_pypet_range_values_new (const ExpPypetLeaf *leaf, GError **error);
ExpNode *exp_pypet_range_writable_new (const ExpPypetLeaf *leaf);
/* A range that has no values yet, and so is nowhere in the store, is found all the same once it was begun. */
void exp_pypet_range_begin (const ExpPypetLeaf *leaf, gboolean is_begun);
gboolean exp_pypet_range_is_begun (const ExpPypetLeaf *leaf);

/* pickled.c */

/* The bytes of a pickle: of a scalar text, or of the first element of a vector of bytes. */
GBytes *exp_pypet_read_bytes (ExpNode *inner, GError **error);
/* What the pickle describes, with an attribute `pickle` that says where its bytes are: NAME.pickle. None when NULL. */
ExpNode *exp_pypet_pickled_new (ExpNode *inner, const char *name);

/* frame.c */
gboolean exp_pypet_is_frame (ExpNode *inner, const char *flag);
/* A frame as a table; its attribute `pickle` is NAME.pickle when a part of it is one. */
ExpNode *exp_pypet_frame_new (ExpNode *inner, const char *name, GError **error);
/* The first pickled block of a frame, NULL when there is none. */
ExpNode *exp_pypet_frame_pickled (ExpNode *inner);

G_END_DECLS
