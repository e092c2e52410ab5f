/* One loop over several threads. Used in core only: by readers of chunks and by views. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Runs work (0, data) ... work (n - 1, data), each exactly once, and returns when all have ended; what they wrote is
 * then visible to the caller. The indices are handed out in order, one at a time, to the calling thread and to idle
 * threads of the process's one pool: one fewer than there are processors at most. The caller works too, so a call never
 * waits for the pool; where nothing is idle it costs hardly more than a plain loop.
 *
 * May be called from several threads at once, and from within `work`. A lock that is held over the call must not be
 * taken by `work`. The pool's threads are made by the first call that can use them and stay; as they do not survive a
 * fork, nothing may call this before the process has become a daemon. */
void exp_parallel_for (guint n, void (*work) (guint index, gpointer data), gpointer data);

G_END_DECLS
