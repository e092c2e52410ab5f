/* Work spread over the processors. Knows nothing of what the work is. Used by views and formats. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Runs work (0, data) ... work (n - 1, data), each exactly once, in the calling thread and in as many idle threads of
 * one pool for the whole process as help; returns when all have ended. The caller takes part, so that it neither waits
 * for a busy pool nor deadlocks when `work` calls this again. Safe from several threads at once. The pool's threads are
 * made when first wanted. */
void exp_parallel_for (guint n, void (*work) (guint index, gpointer data), gpointer data);

G_END_DECLS
