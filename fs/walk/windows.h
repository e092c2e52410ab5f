/* Reading a whole dataset in windows of bounded size. Knows nodes only. Called by the verb `check` and by prefetch. */
#pragma once

#include "expfs/expfs.h"

/* Called after each window with the number of elements read so far; FALSE ends the reading (which succeeds). */
typedef gboolean (*ExpWindowFunc) (guint64 n_read, guint64 n_bytes, gpointer data);

/* Reads all elements, along chunks where there are any. A dataset without any storage is all fill value, and only its
 * first window is read. */
gboolean exp_windows_read (ExpNode *node, const ExpInfo *info, ExpWindowFunc func, gpointer data, GError **error);
