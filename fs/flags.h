/* user.expfs.flag, written: how a new file, or what is there, is to be kept. Knows inodes and writers; what the flags
 * mean is the format's. Called by xattrs and writers. */
#pragma once

#include "fs/inode.h"

G_BEGIN_DECLS

/* Between exp_change_begin and exp_change_end, as both. On a file without content the flag waits for it; where nothing
 * has a flag it is passed over. */
gboolean exp_flag_set (ExpMount *mount, ExpInode *inode, const char *value, gsize size, GError **error);
/* The flag that waits for the content of a new file, or the mount's own: the content is in the store now. */
void exp_flag_settle (ExpMount *mount, ExpInode *inode);

G_END_DECLS
