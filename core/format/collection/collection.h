/* A directory that holds stores, as a tree: directories are groups, stores are groups that are opened when somebody
 * looks into them, other files are their bytes. What each name stands for is looked up each time, since other programs
 * make, change and remove the files.
 * Knows which files are stores from core/store.c, and no format. Used in this folder only. */
#pragma once

#include "expfs/store.h"
#include <sys/stat.h>

/* What the nodes of one collection share. */
typedef struct
{
  gatomicrefcount references;
  char *path;       /* absolute, of the directory itself */
  ExpLockMode lock; /* the rest: what its stores are opened with */
  gboolean force;
  guint64 cache;
} ExpCollection;

ExpCollection *exp_collection_ref (ExpCollection *collection);
void exp_collection_unref (ExpCollection *collection);

/* looking (look.c) */

typedef enum
{
  EXP_PLACE_FOLDER,
  EXP_PLACE_STORE,
  EXP_PLACE_FILE,
  EXP_PLACE_LINK,
} ExpPlaceKind;

/* One name of a directory. */
typedef struct
{
  ExpPlaceKind kind;
  struct stat st; /* of itself: of a symlink, that */
  guint64 version;
} ExpPlace;

/* The directory for looking into it, not for reading it: close it. -1 and an error. */
int exp_place_open_folder (const char *path, GError **error);
/* What `name` is in `folder`, which is open at `path`. FALSE with EXP_ERROR_NOT_FOUND for what does not show: names
 * that are none, FIFOs, sockets and devices, journals of stores that are there, and places where expfs itself is
 * mounted. Waits for nothing, and asks nothing of what is mounted there. */
gboolean exp_place_look (int folder, const char *path, const char *name, ExpPlace *place, GError **error);
/* The same of a whole path, whose last component is not followed. */
gboolean exp_place_look_at (const char *path, ExpPlace *place, GError **error);

/* What the nodes say of a place. */
void exp_place_outside (const struct stat *st, ExpOutside *outside);
guint64 exp_place_identity (const struct stat *st);

/* User's extended attributes of a file or directory, as attributes of a node. */
char **exp_place_list_attributes (const char *path, GError **error);
ExpArray *exp_place_read_attribute (const char *path, const char *name, GError **error);

/* nodes: each takes `path` over */

ExpNode *exp_collection_folder_new (ExpCollection *collection, char *path, const ExpPlace *place); /* folder.c */
ExpNode *exp_collection_stored_new (ExpCollection *collection, char *path, const ExpPlace *place); /* stored.c */
ExpNode *exp_collection_file_new (char *path, const ExpPlace *place);                              /* passed.c */
ExpNode *exp_collection_link_new (ExpCollection *collection, char *path, const ExpPlace *place);
