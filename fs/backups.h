/* Files that an editor has renamed to keep them as a backup, NAME to NAME~, just before it makes NAME anew. Knows
 * inodes. Called by renaming and making. */
#pragma once

#include "fs/inode.h"

G_BEGIN_DECLS

/* To be called for every name that becomes another in the same directory. */
void exp_backups_note (ExpMount *mount, ExpInode *directory, const char *name, const char *new_name);
/* The backup of the file that had this name a moment ago, a reference; NULL when there is none. It is told once. */
ExpInode *exp_backups_take (ExpMount *mount, ExpInode *directory, const char *name);

G_END_DECLS
