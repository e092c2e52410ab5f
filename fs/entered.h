/* The stores of a collection that the kernel knows names in. Of more than a bounded number it is told to forget those
 * that were entered longest ago, so that they are closed: what nobody uses, that is; who has a file open, or stands
 * there, keeps it. Knows no requests. Called by entries and the session. */
#pragma once

#include "fs/inode.h"

G_BEGIN_DECLS

typedef struct _ExpEntered ExpEntered;

ExpEntered *exp_entered_new (ExpMount *mount);
/* Before the session ends: the kernel is told nothing from then on. */
void exp_entered_stop (ExpEntered *entered);
void exp_entered_free (ExpEntered *entered);

/* A name below this store is told to the kernel. */
void exp_entered_note (ExpEntered *entered, ExpInode *store);
/* The inode goes. */
void exp_entered_remove (ExpEntered *entered, ExpInode *store);

G_END_DECLS
