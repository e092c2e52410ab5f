/* Stores of HMF, the hierarchical memmap format: a directory with a pickled map in three copies and a file of bare
 * elements for each array. Used in this folder only. */
#pragma once

#include "expfs/draft.h"
#include "expfs/store.h"
#include "format/npz/npz.h"
#include "format/pickle/pickle.h"

/* --- the directory (folder.c) ------------------------------------------------------------------------------- */

/* The map's copies as the newest version names them, in the order in which they are read; and what older ones name
 * theirs. */
#define EXP_HMF_N_COPIES 3
extern const char *const exp_hmf_map_names[EXP_HMF_N_COPIES + 1];
extern const char *const exp_hmf_old_map_names[];

/* A store's directory, and where in it the files are that its map names. */
typedef struct
{
  gatomicrefcount references;
  char *path;
  GRWLock lock;        /* held for writing while files change their names, by readers while they look for one */
  GHashTable *pending; /* name -> the one that its new file still has, as long as a commit of another program is not
                          finished; NULL: there is none */
  int fd;              /* of the directory, held by who writes; -1 for readers */
} ExpHmfFolder;

ExpHmfFolder *exp_hmf_folder_new (const char *path);
ExpHmfFolder *exp_hmf_folder_ref (ExpHmfFolder *folder);
void exp_hmf_folder_unref (ExpHmfFolder *folder);
/* A file directly in it. EXP_ERROR_NOT_FOUND, and EXP_ERROR_PERMISSION for a symlink, which might lead anywhere. */
ExpSource *exp_hmf_folder_open (ExpHmfFolder *folder, const char *name, GError **error);
/* The name of a node's file in it, and in the map; the former with the lock. */
char *exp_hmf_folder_path (const ExpHmfFolder *folder, const char *name);
/* Holds the directory against other writers, until it is freed. EXP_ERROR_BUSY with who does. */
gboolean exp_hmf_folder_hold (ExpHmfFolder *folder, ExpLockMode lock, GError **error);
/* TRUE when there is any file that a map has its name of, or a commit that is not finished. */
gboolean exp_hmf_folder_has_map (const char *path);
/* TRUE for what can be the name of a file directly in a directory, and is none of the map's. */
gboolean exp_hmf_is_file_name (const char *name);

/* --- the map (map.c) ---------------------------------------------------------------------------------------- */

typedef struct _ExpHmfTree ExpHmfTree;
typedef struct _ExpHmfEntry ExpHmfEntry;

/* A node of the map. */
struct _ExpHmfEntry
{
  ExpHmfEntry *parent;          /* NULL: the root */
  char *name;                   /* for a node below an array with the array's and a slash in front of it: "x/inside" */
  const ExpPickleValue *key;    /* its name as the map has it; NULL for the root */
  const ExpPickleValue *record; /* the node as the map has it; NULL: there is no map */
  guint depth;
  GPtrArray *children; /* of a group: borrowed, in the map's order; NULL: none */
  GHashTable *by_name;
  /* Of an array: */
  ExpNpyHeader *header; /* NULL for a group */
  char *file;           /* the name of its data file */
  GError *error;        /* why it cannot be read; a group that has one has no children */
  gint n_nodes;         /* atomic: nodes that stand for it */
  ExpSource *kept; /* under the folder's lock: that file, when it has no name any more and there are nodes; or NULL */
};

/* What a map says; immutable but for its locks. */
struct _ExpHmfTree
{
  gatomicrefcount references;
  ExpHmfFolder *folder;
  ExpPickle *map;     /* NULL: there is none */
  GPtrArray *entries; /* owned; the root is the first */
  GMutex lock;
  GHashTable *names;      /* under lock: dict of attributes -> ExpPickleNames */
  GHashTable *attributes; /* under lock: ExpArray, a reference -> ExpHmfAttribute; NULL: of no use to anybody */
  GHashTable *arrays;     /* under lock: value of the attribute's pair -> the ExpArray */
  struct
  {
    const ExpHmfEntry *entry;
    ExpNode *node;     /* the elements of an open data file */
  } open[32];          /* under lock */
  guint n_opened;      /* under lock: how many there were so far */
  gboolean has_inner;  /* there are nodes below arrays */
  GHashTable *renamed; /* under the folder's lock: entry -> the name that its file has now; or NULL */
};

/* EXP_ERROR_DAMAGED when none of the copies can be read; without any the tree is empty. `is_written`: attributes that
 * were read are remembered. */
ExpHmfTree *exp_hmf_tree_open (ExpHmfFolder *folder, gboolean is_written, GError **error);
/* One of no map. */
ExpHmfTree *exp_hmf_tree_new (ExpHmfFolder *folder);
ExpHmfTree *exp_hmf_tree_ref (ExpHmfTree *tree);
void exp_hmf_tree_unref (ExpHmfTree *tree);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (ExpHmfTree, exp_hmf_tree_unref)

ExpHmfEntry *exp_hmf_tree_root (ExpHmfTree *tree);
/* A child of a group, or NULL. */
ExpHmfEntry *exp_hmf_entry_child (const ExpHmfEntry *group, const char *name);

/* --- commits (commit.c) ------------------------------------------------------------------------------------- */

/* Files that get their names together: when a program dies on the way, whoever opens the store next finishes what was
 * recorded, or drops what was not. Source: formats/hmf, section 6. */
typedef struct
{
  ExpHmfFolder *folder;
  GPtrArray *renames;  /* name now, name then, and so on; owned */
  GPtrArray *removals; /* names; owned */
  guint n;             /* files that were begun */
} ExpHmfCommit;

/* What begins the names of files that are no part of a store. */
#define EXP_HMF_OWN    ".expfs-"
#define EXP_HMF_RECORD EXP_HMF_OWN "commit"

void exp_hmf_commit_init (ExpHmfCommit *commit, ExpHmfFolder *folder);
/* What was not made is removed. */
void exp_hmf_commit_clear (ExpHmfCommit *commit);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (ExpHmfCommit, exp_hmf_commit_clear)
/* A file that will be `name`, with what `write` writes. */
gboolean
exp_hmf_commit_add (ExpHmfCommit *commit, const char *name, ExpSourceWriteFunc write, gpointer data, GError **error);
/* A file that is there, which will be `name` as well. */
gboolean exp_hmf_commit_add_link (ExpHmfCommit *commit, const char *from, const char *name, GError **error);
void exp_hmf_commit_remove (ExpHmfCommit *commit, const char *name);
/* Makes all of it, durably. When it fails nothing has changed, or what has is finished by whoever opens the store
 * next. */
gboolean exp_hmf_commit_make (ExpHmfCommit *commit, GError **error);

/* Finishes what a program that died had recorded: *is_found; drops what it had not. By who holds the folder. */
gboolean exp_hmf_finish (ExpHmfFolder *folder, gboolean *is_found, GError **error);
/* The same for readers: by holding it for as long, else the new files are found by the names that they have. */
void exp_hmf_finish_or_follow (ExpHmfFolder *folder, ExpLockMode lock);

/* --- types (dtype.c) ---------------------------------------------------------------------------------------- */

/* The type that a map names, as exp_npy_header_parse_any has it. EXP_ERROR_UNSUPPORTED for what cannot be stored. */
ExpDtype *exp_hmf_dtype_parse (const char *text, GError **error);

/* The name that the map has for what NumPy's header calls `descr`. Caller frees. */
char *exp_hmf_dtype_name (const char *descr);

/* --- nodes -------------------------------------------------------------------------------------------------- */

typedef struct
{
  ExpNode base;
  ExpHmfTree *tree;
  ExpHmfEntry *entry;
} ExpHmfNode;

/* node.c: a new reference; its entry, of nodes made so, and NULL for others. */
ExpNode *exp_hmf_node_new (ExpHmfTree *tree, ExpHmfEntry *entry);
ExpHmfNode *exp_hmf_node (ExpNode *node);

/* The way to it from the root, names with a slash in front of each; "" for the root. Caller frees. */
char *exp_hmf_entry_path (const ExpHmfEntry *entry);
/* What is there, or NULL. */
ExpHmfEntry *exp_hmf_tree_find (ExpHmfTree *tree, const char *path);

/* array.c */
extern const ExpNodeClass exp_hmf_array_class;
/* Its data file is about to lose its name: it stays open for the nodes that there are. With the folder's lock. */
void exp_hmf_keep_file (ExpHmfTree *tree, ExpHmfEntry *entry);
void exp_hmf_node_free (ExpNode *node);

/* attributes.c */
typedef struct
{
  const ExpPickleValue *key, *value; /* as the map has them; key NULL: the map says it itself, it is no attribute */
} ExpHmfAttribute;

char **exp_hmf_list_attributes (ExpNode *node, GError **error);
ExpArray *exp_hmf_read_attribute (ExpNode *node, const char *name, GError **error);

/* --- writing ------------------------------------------------------------------------------------------------ */

/* A store that is written, behind its draft. */
typedef struct
{
  ExpHmfFolder *folder;
  ExpHmfTree *tree;                     /* as it was saved last; a reference */
  ExpIdentity copies[EXP_HMF_N_COPIES]; /* of the map's, as they were then */
  GHashTable *odd_files;                /* name of a data file -> ExpHmfEntry, of arrays whose names do not make it */
} ExpHmfStore;

/* The data file of an array at a path as above that the map does not know: its names joined by two underscores. Caller
 * frees. */
char *exp_hmf_data_file (const char *path);

/* check.c: what a store cannot hold; as ExpDraftClass has it. */
gboolean exp_hmf_check (const ExpDraftChange *change, const ExpHmfStore *store, GError **error);
/* The way to a node of the draft, as exp_hmf_entry_path has it. Caller frees. */
char *exp_hmf_draft_path (ExpNode *node);

/* An array that is to be saved. */
typedef struct
{
  ExpNode *node; /* a reference */
  char *path;
  ExpHmfEntry *saved; /* its elements are those of this entry's file; NULL: they are new */
  char *file;         /* where they will be */
  char *dtype;        /* of others: as the map will name it */
  guint rank;         /* the same */
  guint64 shape[EXP_MAX_RANK];
} ExpHmfArray;

/* save.c */
gboolean exp_hmf_save (ExpNode *root, ExpHmfStore *store, GError **error);
void exp_hmf_identify (ExpHmfFolder *folder, ExpIdentity *copies);

/* map_write.c: the map of the draft's tree, whose arrays are given by their paths. */
GBytes *exp_hmf_map_make (ExpNode *root, const ExpHmfStore *store, GHashTable *arrays, GError **error);
