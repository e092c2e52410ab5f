/* The true names of copies that could only be made under a cut one. Knows inodes and names. Called by xattrs, which
 * bring the true name, and renaming. */
#pragma once

#include "fs/inode.h"

G_BEGIN_DECLS

/* user.expfs.name, set on a file or directory: when its own name is that one cut short, it is renamed in the store, and
 * its shown name stays. Otherwise the name is kept for a while, for whoever renames the file to what the cut name is.
 * Between exp_change_begin and exp_change_end; a failure is logged. */
void exp_true_name_take (ExpMount *mount, ExpInode *inode, const char *value, gsize size);
/* The true name that was kept for the inode, if it is shown as `shown`; NULL for none. Caller frees. */
char *exp_true_name_kept (ExpMount *mount, ExpInode *inode, const char *shown);

G_END_DECLS
