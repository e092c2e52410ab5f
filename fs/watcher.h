/* The thread that ends a mount: on signals, and after a time without use. Knows nothing of requests.
 * Called by the session. */
#pragma once

#include "fs/mount.h"
#include "fs/mountpoint.h"

typedef struct _ExpWatcher ExpWatcher;

/* Blocks the signals in the calling thread and all that it makes from now on, and waits for them in a thread of its
 * own. A signal ends the process, until exp_watcher_hold. All is borrowed. NULL when there is no thread to be had. */
ExpWatcher *exp_watcher_start (const ExpMountOptions *options, ExpMountpoint *mountpoint);

/* From now on a signal waits until exp_watcher_set_mounted: there is something to undo. */
void exp_watcher_hold (ExpWatcher *watcher);

/* From now on the first signal unmounts, lazily: readers finish; the second one ends the process. */
void exp_watcher_set_mounted (ExpWatcher *watcher, ExpMount *mount);

/* Ends the thread, and frees. After this the mountpoint is the caller's alone. */
void exp_watcher_stop (ExpWatcher *watcher);
