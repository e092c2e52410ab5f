/* What a format made along with a new directory: a trajectory comes with its branches. Whoever copies a whole directory
 * makes the directories and files in it himself, and would stop at those that are there already; so these may be made
 * once more. Knows paths and who asks for what; what is made along is the format's. Called by lookups and by whoever
 * makes names. */
#pragma once

#include "fs/inode.h"

G_BEGIN_DECLS

typedef struct _ExpAlong ExpAlong;

ExpAlong *exp_along_new (void);
void exp_along_free (ExpAlong *self);

/* The new directory `name`, made by the process `maker`, has come with what is in `node` and one level below. */
void exp_along_note (ExpMount *mount, ExpInode *directory, const char *name, ExpNode *node, pid_t maker);
/* TRUE when `name` was made along and the client that looks it up is about to make just that, which it could not if it
 * were there: mkdir(2), open(2) with O_EXCL. */
gboolean exp_along_is_to_be_made (ExpMount *mount, ExpInode *directory, const char *name, pid_t client);
/* TRUE once for a name that was made along: from then on it is there as any other. */
gboolean exp_along_take (ExpMount *mount, ExpInode *directory, const char *name);
/* A file that was made along has been made once more: whoever opens it first to write it takes it for empty. */
void exp_along_set_empty (ExpMount *mount, ExpInode *inode);
gboolean exp_along_take_empty (ExpMount *mount, ExpInode *inode);
/* Something is made in the directory, which so is in use. */
void exp_along_use (ExpMount *mount, ExpInode *directory);
/* The directory is a copy, which has what its original has: what came along with it goes when it is an empty directory
 * of which the kernel knows nothing yet. Between exp_change_begin and exp_change_end. */
void exp_along_clear (ExpMount *mount, ExpInode *directory);

G_END_DECLS
