/* Drafts: stores that are changed apart from their file and saved whole. For formats whose files cannot be changed
 * piece by piece: a draft is a tree of nodes over those of the store as it was saved last, which keeps what differs,
 * elements in an unlinked file beside the store, and hands the format the whole tree to save at each commit. After that
 * all stands on the new file again. Has every operation for writers but links; the format says what it cannot hold.
 * Knows no format. Called by formats. */
#pragma once

#include "expfs/node.h"
#include "expfs/source.h"

G_BEGIN_DECLS

typedef enum
{
  EXP_DRAFT_CREATE_GROUP,     /* group, name */
  EXP_DRAFT_CREATE_DATASET,   /* group, name, dataset: NULL while nobody knows it, or there is none (is_bare) */
  EXP_DRAFT_REPLACE_DATASET,  /* group, name, node: the old one, dataset */
  EXP_DRAFT_RESIZE,           /* group, name, node, dataset: of which only rank, shape and dtype are said */
  EXP_DRAFT_WRITE_ATTRIBUTE,  /* node, name: the attribute's, value */
  EXP_DRAFT_REMOVE_ATTRIBUTE, /* node, name */
  EXP_DRAFT_REMOVE,           /* group, name, node; of a tree each time for its top only */
  EXP_DRAFT_MOVE,             /* group, name, node, new_group, new_name, is_exchange */
} ExpDraftChangeKind;

/* What somebody wants to change; all borrowed, and NULL where the kind does not say. */
typedef struct
{
  ExpDraftChangeKind kind;
  ExpNode *group, *node;
  const char *name;
  const ExpNewDataset *dataset;
  const ExpArray *value;
  ExpNode *new_group;
  const char *new_name;
  gboolean is_exchange;
} ExpDraftChange;

/* What a format does for its drafts. `data` is what exp_draft_new was given. */
typedef struct
{
  /* Makes all of the tree durable, in place of what was there, or nothing of it. `root` is read with the operations of
   * node.h and those below. */
  gboolean (*save) (ExpNode *root, gpointer data, GError **error);
  /* The root of what was saved, a new reference: the same tree, values and attributes under the same names. */
  ExpNode *(*open) (gpointer data, GError **error);
  /* Optional: FALSE with EXP_ERROR_UNSUPPORTED or EXP_ERROR_INVALID for what the format cannot hold. Changes come one
   * at a time. */
  gboolean (*check) (const ExpDraftChange *change, gpointer data, GError **error);
  /* Optional: the same of a dataset's elements, which several threads may write at once. */
  gboolean (*check_write) (ExpNode *node, gpointer data, GError **error);
} ExpDraftClass;

/* The root of a draft over the root of a store (a reference is taken). Hidden children of its groups are found, as they
 * were saved last. `path` is the store's, for messages and as the
 * place of the file that keeps elements until they are saved. `data` is freed with the last node. */
ExpNode *
exp_draft_new (const ExpDraftClass *klass, ExpNode *saved, const char *path, gpointer data, GDestroyNotify free_data);

/* Of a node of a draft, or one that stands for such: */

/* What was saved of a dataset and is still so, with its attributes: a new reference; NULL when anything of it was
 * changed, or the node is no draft's. What is below a group does not count. */
ExpNode *exp_draft_get_saved (ExpNode *node);
/* The same, of elements, dtype and shape only. */
ExpNode *exp_draft_get_saved_elements (ExpNode *node);
/* What was saved of a group, whatever was changed in it since: a new reference; NULL when it is new. */
ExpNode *exp_draft_get_saved_group (ExpNode *node);
/* TRUE when nothing of it and all that is below it was changed, made, removed or moved since it was saved. */
gboolean exp_draft_is_saved (ExpNode *node);
/* TRUE for a dataset that has no content yet (a null dataspace of float64, as a new file without a byte is): it is there,
 * with its attributes, as long as the draft, and no format saves it. */
gboolean exp_draft_is_bare (ExpNode *node);
/* How many groups there are above it: 0 for the root, and for what was removed. */
guint exp_draft_depth (ExpNode *node);
/* Its group, and its name there: a new reference and a copy; NULL for the root and for what was removed. */
ExpNode *exp_draft_get_parent (ExpNode *node, char **name);

/* A file that one program writes, by replacing it. */
typedef struct _ExpReplacement ExpReplacement;

/* Holds the file at `path` against other writers (flock(2), exclusively) until it is freed, also after replacing it.
 * EXP_ERROR_BUSY when another program does, with which one where that is known; else as exp_source_open_file. */
ExpReplacement *exp_replacement_open (const char *path, ExpLockMode lock, GError **error);
void exp_replacement_free (ExpReplacement *replacement);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (ExpReplacement, exp_replacement_free)

/* What `write` makes of an empty file is the file's new content (FALSE keeps the old one), with its owner and mode:
 * durable, whole, and under the same name when this returns. Who has the old file open goes on reading that.
 * EXP_ERROR_BUSY when the file is another or was changed since it was opened or replaced last; nothing is written then.
 */
gboolean exp_replacement_write (ExpReplacement *replacement, ExpSourceWriteFunc write, gpointer data, GError **error);

G_END_DECLS
