/* Attributes of files that the kernel answers for by itself until something changes, in a mount that can be written.
 * Knows when a mount has changed, not what. Called by the operations that reply attributes, and after each change. */
#pragma once

#include "fs/inode.h"

G_BEGIN_DECLS

typedef struct _ExpLeases ExpLeases;

ExpLeases *exp_leases_new (ExpMount *mount);
void exp_leases_free (ExpLeases *leases);
/* Once the kernel is known to be one that does not take over what it was told before it was told that that is not so
 * any more. Without this none is given. */
void exp_leases_start (ExpLeases *leases);
/* Before the session ends, and while nothing is asked any more: the kernel is told nothing from then on. */
void exp_leases_stop (ExpLeases *leases);

/* To be called before the attributes are found out, for the next one. */
guint64 exp_leases_begin (ExpMount *mount);
/* The seconds that the kernel may keep attributes for that were found out since `begun`: 0 when anything changed
 * meanwhile, or may change by itself. */
double exp_leases_take (ExpMount *mount, ExpInode *inode, guint64 begun);
/* Something has changed: takes all of them back. The kernel asks again, for whatever begins after this. */
void exp_leases_break (ExpMount *mount);

G_END_DECLS
