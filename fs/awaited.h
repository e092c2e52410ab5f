/* References that were copied before what they refer to: datasets and attributes that stay text until it is there; and
 * directories whose stored form came before what is in them.
 * Knows inodes and their types; knows no store. Called by xattrs and writers, and before the store is committed. */
#pragma once

#include "expfs/edit.h"
#include "fs/wanted.h"

G_BEGIN_DECLS

typedef struct _ExpAwaitedTable ExpAwaitedTable;

ExpAwaitedTable *exp_awaited_table_new (void);
/* Before the table of inodes goes. */
void exp_awaited_table_free (ExpMount *mount, ExpAwaitedTable *table);

/* Keeps the type for later when it has references in it and `reason` is that the text is none of it; FALSE otherwise.
 * The second one takes the type over. */
gboolean exp_awaited_add (ExpMount *mount, ExpInode *inode, const ExpWanted *wanted, const GError *reason);
gboolean exp_awaited_add_attribute (ExpMount *mount, ExpInode *inode, const char *name, const ExpAttributeType *type,
                                    const GError *reason);

/* What a directory is to become when all is in it that its original has. */
void exp_awaited_add_stored (ExpMount *mount, ExpInode *inode, const char *text);

/* Makes references of those whose objects are there by now; not between exp_change_begin and exp_change_end. What is
 * left at the end stays text, and the log names it. */
void exp_awaited_try (ExpMount *mount, gboolean is_end);
/* The same for some of them, others each time: for who asks often. */
void exp_awaited_try_some (ExpMount *mount);
/* The same for all unless somebody is at work in the mount: what is there now may be another object in a moment. */
void exp_awaited_try_at_leisure (ExpMount *mount);

G_END_DECLS
