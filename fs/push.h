/* Small files go into the kernel's cache before they are asked for, where somebody reads one after the other: for a
 * file of some bytes, the kernel's asking and our being woken take several times longer than the answer. */
#pragma once

#include "fs/inode.h"

G_BEGIN_DECLS

typedef struct _ExpPush ExpPush;

ExpPush *exp_push_new (ExpMount *mount);
void exp_push_free (ExpPush *push);

/* An entry that the kernel was told of in a listing; their order is what the files are expected to be read in. */
void exp_push_add_listed (ExpPush *push, ExpInode *inode);
/* Lets go of what was listed: the kernel is short of memory. */
void exp_push_clear (ExpPush *push);

/* Before a client gets the first bytes of a file: when it reads files in the order of their listing, hands the kernel
 * some that follow, as far as they are small and of known size. */
void exp_push_following (ExpPush *push, ExpInode *inode, pid_t client);

G_END_DECLS
