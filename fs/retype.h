/* Text that takes the place of a dataset and keeps its type: what editors do that write a new file and rename it. Knows
 * nodes and edits. Called by renaming. */
#pragma once

#include "expfs/edit.h"
#include "fs/wanted.h"

G_BEGIN_DECLS

/* A dataset `name` of what is wanted that holds the text of `written` (NULL: nothing), which is not in the store yet. A
 * reference; NULL, with nothing changed, when the text does not fit. Between exp_change_begin and exp_change_end, as
 * all that follow. */
ExpNode *exp_retype_make (ExpMount *mount, ExpEdit *written, ExpNode *parent, const char *name, const ExpWanted *wanted,
                          GError **error);
/* TRUE when there are no elements in what is wanted. */
gboolean exp_retype_is_empty (const ExpWanted *wanted);
/* The same in the place of the dataset of a file that was made from text here, with its attributes. */
gboolean exp_retype_replace (ExpMount *mount, ExpInode *inode, const ExpWanted *wanted, GError **error);

/* When `from` was made from text here and `to` is a dataset: puts the text of the one into the other, whose type it
 * keeps, and whose attributes unless `from` has some of its own; removes `from`, whose inode shows the other one then.
 * FALSE, with nothing changed, when it is not so or the text does not fit: then it is to be moved. Between
 * exp_change_begin and exp_change_end. */
gboolean exp_retype_take_over (ExpMount *mount, ExpInode *from, ExpNode *from_parent, const char *from_name,
                               ExpInode *to, ExpNode *to_parent, const char *to_name);

/* The same when `to` has other names, under which it stays as it is: gives `from` its type and attributes, and moves
 * nothing. */
void exp_retype_as_linked (ExpMount *mount, ExpInode *from, ExpInode *to);

/* When `from` has no attributes: gives it those of the dataset that it is going to replace, if there is one. */
void exp_retype_keep_attributes (ExpMount *mount, ExpInode *from, ExpNode *to_parent, const char *to_name);

G_END_DECLS
