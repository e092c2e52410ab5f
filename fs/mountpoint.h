/* The directory that a store is mounted on: made if missing, taken away again. Knows nothing of the mount itself.
 * Called by the session. */
#pragma once

#include <glib.h>

typedef struct
{
  char *path;      /* absolute, without symbolic links */
  GPtrArray *made; /* of char *, the directories that we made, outermost first */
  int lock;        /* keeps other expfs from mounting on it at the same time; -1 */
} ExpMountpoint;

/* Makes what is missing of `path` and sees that a store can be mounted there: a directory, nothing mounted on it, and
 * not above the store (NULL: it has no file). Nothing is left behind after an error. */
gboolean exp_mountpoint_prepare (ExpMountpoint *mountpoint, const char *path, const char *store_path, GError **error);

/* To be called when it is mounted, or will not be. */
void exp_mountpoint_unlock (ExpMountpoint *mountpoint);

/* Removes the directories that prepare made, as far as they are empty. May be called again; from one thread at a time.
 */
void exp_mountpoint_remove (ExpMountpoint *mountpoint);

void exp_mountpoint_clear (ExpMountpoint *mountpoint);
