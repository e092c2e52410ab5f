/* Files that were closed and become datasets a moment later, in the order in which they were closed, by a thread of
 * their own: who makes many small ones need not wait for each. Until then they are in the table of writers, where
 * whoever looks finds them; and before anything but making further ones all of them are settled, so that nobody sees,
 * and no commit keeps, a later change without an earlier one. Knows writers and commits; knows no requests. */
#pragma once

#include "fs/writers.h"

G_BEGIN_DECLS

typedef struct _ExpBehind ExpBehind;

ExpBehind *exp_behind_new (ExpMount *mount);
/* Until then, and after the stop, nothing is taken. */
void exp_behind_start (ExpBehind *behind);
/* Settles all and ends the thread. */
void exp_behind_stop (ExpBehind *behind);
void exp_behind_free (ExpBehind *behind);

/* Takes over what close(2) does for the writer, when nothing of it can be refused. FALSE, having done nothing, when it
 * is to be done at once. May wait for room. Not between exp_change_begin and exp_change_end, as all that follow. */
gboolean exp_behind_take (ExpMount *mount, ExpWriter *writer);
/* TRUE while any wait. */
gboolean exp_behind_has (ExpMount *mount);
/* Returns when all that were taken before the call are in the store, or were logged as lost. Costs nothing where none
 * wait. */
void exp_behind_settle (ExpMount *mount);
/* Settles, and commits as exp_committer_commit does. Also an error when a file was lost since the last call. */
gboolean exp_behind_commit (ExpMount *mount, gboolean checkpoint, GError **error);

G_END_DECLS
