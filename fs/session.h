/* One mount from beginning to end: opens the store, mounts, answers until unmounted, tidies up.
 * Knows nothing of what the requests mean. Called by the verb `mount`. */
#pragma once

#include "fs/mount.h"

/* Mounts options->store_path on options->mountpoint (both absolute; options is changed). In the background unless
 * is_foreground: returns when the mount answers then, else when it is gone. Returns the exit status, having printed one
 * sentence if it is not 0. */
int exp_session_run (ExpMountOptions *options);
