/* user.expfs.flag, python and item, written: how a new file, or what is there, is to be kept. Knows inodes and writers;
 * what the words mean is the format's. Called by xattrs and writers. */
#pragma once

#include "fs/inode.h"

G_BEGIN_DECLS

/* TRUE for the name of one, without user.expfs. */
gboolean exp_flag_is_name (const char *name);
/* Between exp_change_begin and exp_change_end, as all that follow. On a file without content it waits for that; where
 * nothing has such it is passed over. */
gboolean
exp_flag_set (ExpMount *mount, ExpInode *inode, const char *name, const char *value, gsize size, GError **error);
/* What waits for the content of a new file, or the mount's own flag: the content is in the store now. */
void exp_flag_settle (ExpMount *mount, ExpInode *inode);
/* What a stored form says of a directory. */
gboolean exp_flag_put_stored (ExpMount *mount, ExpInode *inode, const char *text, GError **error);
/* What was said again, over a dataset of another type. */
void exp_flag_repeat (ExpMount *mount, ExpInode *inode);

G_END_DECLS
