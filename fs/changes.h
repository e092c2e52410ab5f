/* What has changed in a mount that can be written: how often, which objects, when; and the bracket around each change.
 * Knows objects by the numbers of their inodes. Called by the operations, attributes and views. */
#pragma once

#include "fs/inode.h"

G_BEGIN_DECLS

typedef struct _ExpChanges ExpChanges;

ExpChanges *exp_changes_new (void);
void exp_changes_free (ExpChanges *changes);

/* Around every change. begin: EXP_ERROR_READ_ONLY. end says that something may have changed. */
gboolean exp_change_begin (ExpMount *mount, GError **error);
void exp_change_end (ExpMount *mount);

/* The object of the inode, or what has no object of its own behind it, has changed: its time is now. */
void exp_changes_note (ExpMount *mount, const ExpInode *inode);
/* Elements of the dataset that the inode goes on being, and nothing else. is_now: as exp_changes_note, else as
 * exp_changes_note_stored. */
void exp_changes_note_elements (ExpMount *mount, const ExpInode *inode, gboolean is_now);
/* NAME.SUFFIX has changed, of which NAME, if anybody knows that, shows something else. */
void exp_changes_note_beside (ExpMount *mount, ExpInode *inode);
/* The same for what leaves the time of change alone: attributes, or, when a time was set since, bytes that were written
 * before and come into the store only now. */
void exp_changes_note_quietly (ExpMount *mount, const ExpInode *inode);
void exp_changes_note_stored (ExpMount *mount, const ExpInode *inode);
/* What utimensat(2) says; a later change replaces it. */
void exp_changes_set_time (ExpMount *mount, const ExpInode *inode, const struct timespec *time);
/* The number that is shown for the object of this identity: its own, unless it was given another. */
guint64 exp_changes_number (ExpMount *mount, guint64 identity);
/* A number for a file that is no object yet; and the object that it has become, by its identity: the last one given. */
guint64 exp_changes_new_number (ExpMount *mount);
void exp_changes_keep_number (ExpMount *mount, guint64 identity, guint64 number);
/* A dataset was replaced by another node: those that were found before are of no use. */
void exp_changes_note_replaced (ExpMount *mount);

/* Any object may have changed, any name come or gone, by an operation on the whole store. */
void exp_changes_note_all (ExpMount *mount);

/* A number that is another one after whatever the inode shows has changed; of all the mount for an inode whose object
 * is not known. */
guint64 exp_changes_stamp (ExpMount *mount, const ExpInode *inode);
/* The number of replacements. */
guint64 exp_changes_n_replaced (ExpMount *mount);
/* The number of changes of all the mount; of those among them that may be of more than the elements of a dataset: of
 * names, attributes, types. */
guint64 exp_changes_count (ExpMount *mount);
guint64 exp_changes_count_outside (ExpMount *mount);
/* When it changed; FALSE when it did not since the mount was made. */
gboolean exp_changes_time (ExpMount *mount, const ExpInode *inode, struct timespec *time);

G_END_DECLS
