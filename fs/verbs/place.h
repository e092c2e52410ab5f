/* What a verb's PATH argument names: a store, a node in a store, or a file in a running mount.
 * Called by the verbs. */
#pragma once

#include "fs/mount.h"
#include "fs/verbs/verbs.h"
#include "fs/walk/item.h"

typedef struct
{
  ExpItem *item;
  char *path;       /* of the item below the root of its store or mount, "" for the root */
  char *store_path; /* of the store; the source of the mount */
  char *format;
  char *mountpoint; /* NULL: the store was opened here */
  guint64 size;     /* bytes of the store file; 0 if it cannot be known */
  ExpStore *store;  /* NULL in a mount */
  ExpNode *node;    /* likewise */
} ExpPlace;

/* Takes STORE, STORE/PATH or STORE:PATH, with names as a mount shows them, or a path in a mount. */
gboolean exp_place_open (ExpPlace *place, const char *path, const ExpStoreOptions *options, GError **error);
void exp_place_clear (ExpPlace *place);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (ExpPlace, exp_place_clear)

/* Cuts `path` into a store that exists and the rest, "" for none; the caller frees both. */
gboolean exp_place_split (const char *path, char **store, char **rest);

/* One of a verb's own switches; FALSE when the value cannot be. */
typedef gboolean (*ExpSwitchFunc) (int letter, const char *value, gpointer data);

/* Reads the switches -o and -h, and calls func for those in `extra` ("L:"; NULL for none). Returns TRUE when
 * argv[optind] and what follows are the paths, at least one; else *status is the exit status. */
gboolean exp_place_parse (const ExpVerb *verb, int argc, char **argv, const char *extra, ExpSwitchFunc func,
                          gpointer data, ExpMountOptions *options, int *status);
