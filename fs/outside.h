/* Collections: which inodes stand for files and directories outside, and in which store an inode lies.
 * Knows no requests. Called by entries, attributes, links and xattrs. */
#pragma once

#include "fs/inode.h"

G_BEGIN_DECLS

/* Sets the flags of an inode whose node may stand for a store or a directory outside. */
void exp_outside_mark (ExpInode *inode, ExpNode *node);
/* The root of the store that the inode lies in, or is; NULL outside of all. */
ExpInode *exp_outside_store (const ExpMount *mount, const ExpInode *inode);
/* The number of an object that a node in this directory gives as its identity; of any mount. */
guint64 exp_outside_number (ExpMount *mount, ExpInode *directory, ExpNode *node, guint64 identity);
/* Whether an inode in a FOLDER shows what `node` does, which is what its name stands for now. */
gboolean exp_outside_is_same (const ExpInode *inode, ExpNode *node, guint view);
/* Times, permissions and owner out of the file that the inode is, or lies in. FALSE when that cannot be looked at. */
gboolean exp_outside_fill (ExpMount *mount, ExpInode *inode, struct stat *st, GError **error);
/* TRUE for the root of a store, or of the mount: where its links start from. */
gboolean exp_outside_is_root (const ExpInode *inode);

G_END_DECLS
