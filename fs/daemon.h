/* Going into the background: a child that serves, and a parent that returns only when the mount answers.
 * Knows nothing of stores. Called by the session. */
#pragma once

#include <glib.h>
#include <sys/types.h>

/* Forks. In the child, which has a session of its own and no files but the standard ones, returns 0 and the descriptor
 * to be given to exp_daemon_ready. In the parent, which must not go on working, returns the child's process. -1 and an
 * error when it cannot. */
pid_t exp_daemon_fork (int *ready_fd, GError **error);

/* In the child, when it is about to answer requests: leaves the terminal and the directory, and tells the parent. */
void exp_daemon_ready (int ready_fd);

/* In the parent: waits until the child says that it is ready and the mountpoint answers. Returns the exit status,
 * having printed what went wrong if the child could not. */
int exp_daemon_wait (pid_t child, int ready_fd, const char *mountpoint);
