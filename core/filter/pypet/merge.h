/* Merging one trajectory into another: what is to be done is found out wholly before anything is changed.
 * Knows what pypet compares, renumbers, joins and notes when it merges; the steps of a change are write_change.h's.
 * Used by the merge_*.c. */
#pragma once

#include "expfs/task.h"
#include "write.h"

G_BEGIN_DECLS

/* merge_parameter.c: a parameter with its values, each as bytes that tell it from others. */
typedef struct
{
  char *name;             /* full */
  ExpPypetLeaf leaf;      /* held */
  ExpPypetRangeKind kind; /* how its values are kept, or would be, explored */
  char *item;             /* the stored child that holds its own value; NULL: it holds none, or several */
  char *type;             /* two parameters of the same type have the same */
  GBytes *own;
  GPtrArray *range; /* of GBytes, for each run; NULL: not explored */
  ExpArray *rows;   /* of the stored table of its range; NULL: not explored */
} ExpMergeParameter;

/* EXP_ERROR_DAMAGED, ... */
ExpMergeParameter *exp_merge_parameter_new (const ExpPypetLeaf *leaf, const char *name, GError **error);
void exp_merge_parameter_free (ExpMergeParameter *parameter);
/* In run `run`, or its own when it is not explored; borrowed. */
GBytes *exp_merge_parameter_key (const ExpMergeParameter *parameter, guint64 run);
/* The number of the stored value of a run; for kinds that number them. -1 when it is not explored. */
gint64 exp_merge_parameter_number (const ExpMergeParameter *parameter, guint64 run);

/* merge_side.c: one of the two trajectories. */
typedef struct
{
  ExpPypetTrajectory *trajectory; /* a reference */
  guint64 n_runs;
  char *version;
  char *comment;
  double timestamp;
  GPtrArray *parameters; /* of ExpMergeParameter: those that are not a run's, derived ones too, by name */
  GHashTable *by_name;
} ExpMergeSide;

/* A parameter that gets a value for each run of both. */
typedef struct
{
  ExpMergeParameter *own, *other; /* borrowed */
} ExpMergePair;

/* One move of what is in the other trajectory. */
typedef struct
{
  ExpNode *parent; /* of the other */
  char *name;
  ExpNode *node;
  char *to;     /* full name; of a link, its own */
  char *target; /* of a link that is to be made: a path; NULL for others */
} ExpMergeStep;

/* Old and new full name of a leaf. */
typedef struct
{
  char *from, *to;
} ExpMergeName;

typedef struct _ExpMergeRename ExpMergeRename;

typedef struct
{
  ExpTask *task;
  ExpMergeSide own, other;

  /* As the user wants it: */
  gboolean is_move, has_delete, drops_duplicates, has_info, has_other_info, has_config;
  GPtrArray *ignored; /* of char *: globs of full names */
  GPtrArray *renames; /* of ExpMergeRename */
  char *trial;        /* full name; NULL: none */
  gint64 trial_shift;

  /* What follows: */
  GPtrArray *changed;  /* of ExpMergePair */
  gint64 *new_runs;    /* for each of the other's runs: its new number, or -1 */
  guint64 n_taken;     /* of them */
  GPtrArray *steps;    /* of ExpMergeStep */
  GPtrArray *names;    /* of ExpMergeName */
  GHashTable *renamed; /* old -> new, borrowed */
} ExpMerge;

void exp_merge_clear (ExpMerge *merge);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (ExpMerge, exp_merge_clear)

/* merge_side.c. EXP_ERROR_VERSION, DAMAGED, ... */
gboolean exp_merge_side_init (ExpMergeSide *side, ExpPypetTrajectory *trajectory, GError **error);
void exp_merge_side_clear (ExpMergeSide *side);

/* merge_check.c: both have the same parameters, of the same types; which of them change, and which runs are taken. */
gboolean exp_merge_check (ExpMerge *merge, GError **error);

/* merge_name.c */
gboolean exp_merge_read_renames (ExpMerge *merge, GError **error);
gboolean exp_merge_is_ignored (const ExpMerge *merge, const char *name);
/* The new full name of what has the parts of its old one; NULL: it belongs to a run that is not taken. Caller frees. */
char *exp_merge_new_name (const ExpMerge *merge, const GPtrArray *parts);
/* The same for one run's copy of what is there for all, below run_ALL. */
char *exp_merge_name_in_run (const ExpMerge *merge, const GPtrArray *parts, guint64 run);
gboolean exp_merge_is_for_all_runs (const char *part);
/* TRUE when the name has a part that stands for a run or a set of them. */
gboolean exp_merge_has_run (const char *name);
/* EXP_ERROR_INVALID when a rename matched nothing. */
gboolean exp_merge_check_renames (const ExpMerge *merge, GError **error);
void exp_merge_rename_free (ExpMergeRename *rename);

/* merge_walk.c: steps and names. */
gboolean exp_merge_walk (ExpMerge *merge, GError **error);

/* merge_runs.c: rows of overview/runs for the runs that are taken. */
ExpArray *exp_merge_run_rows (const ExpMerge *merge, GError **error);

/* merge_range.c, as part of a change: the values of a parameter that changes. */
gboolean exp_merge_join (ExpPypetChange *change, const ExpMerge *merge, const ExpMergePair *pair, GError **error);

/* merge_note.c, as part of a change: config.merge. */
gboolean exp_merge_note (ExpPypetChange *change, const ExpMerge *merge, GError **error);

/* merge_overview.c, as part of a change: what the overview tables say of leaves that were taken. */
gboolean exp_merge_overview (ExpPypetChange *change, const ExpMerge *merge, GError **error);

G_END_DECLS
