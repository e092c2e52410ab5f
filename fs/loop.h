/* The loop of a mount that can be written: requests are read by as few threads as keep up with them.
 * Knows no requests' meaning. Called by the session. */
#pragma once

#include "fs/mount.h"

G_BEGIN_DECLS

/* Until the file system is unmounted or the session told to exit, in which case the caller is to be interrupted by
 * SIGUSR1, which has a handler that does nothing. `n_threads` at most, of which `n_idle` stay when they have nothing to
 * do; 0: all. -1 when the kernel's requests cannot be read. */
int exp_loop_run (struct fuse_session *session, guint n_threads, guint n_idle);

G_END_DECLS
