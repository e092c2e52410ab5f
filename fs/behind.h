/* Files that were closed and become datasets a moment later, in the order in which they were closed, by a thread of
 * their own: who makes many small ones need not wait for each. Until then they are in the table of writers, where
 * whoever looks finds them; and before anything but making further ones all of them are settled, so that nobody sees,
 * and no commit keeps, a later change without an earlier one. Knows writers and commits; knows no requests. */
#pragma once

#include "fs/writers.h"

G_BEGIN_DECLS

typedef struct _ExpBehind ExpBehind;

ExpBehind *exp_behind_new (ExpMount *mount);
/* Until then, and after the stop, nothing is taken. */
void exp_behind_start (ExpBehind *behind);
/* Settles all and ends the thread. */
void exp_behind_stop (ExpBehind *behind);
void exp_behind_free (ExpBehind *behind);

/* Takes over what close(2) does for the writer, when nothing of it can be refused. FALSE, having done nothing, when it
 * is to be done at once. May wait for room. Not between exp_change_begin and exp_change_end, as all that follow. */
gboolean exp_behind_take (ExpMount *mount, ExpWriter *writer);
/* TRUE while any wait. */
gboolean exp_behind_has (ExpMount *mount);

/* What of those that wait may be seen. */
typedef enum
{
  EXP_BEHIND_NOTHING,
  EXP_BEHIND_FILES, /* nothing but the files themselves, which are in the table of writers, and what is built on them */
  EXP_BEHIND_OBJECT, /* one that is there by more names than its file's */
} ExpBehindSight;
/* In a part of the store (exp_node_part), by that name: NULL, or one that others are built on, is any. */
ExpBehindSight exp_behind_look (ExpMount *mount, guint64 part, const char *name);
/* Settles when the inode, as it is shown, may depend on it. */
void exp_behind_settle_for (ExpMount *mount, ExpInode *inode);
/* TRUE when it may. */
gboolean exp_behind_is_seen (ExpMount *mount, ExpInode *inode);
/* Returns when all that were taken before the call are in the store, or were logged as lost. Costs nothing where none
 * wait. */
void exp_behind_settle (ExpMount *mount);
/* Settles, and commits as exp_committer_commit does. Also an error when a file was lost since the last call. */
gboolean exp_behind_commit (ExpMount *mount, gboolean checkpoint, GError **error);

G_END_DECLS
