/* What the kernel has mounted where, out of /proc/self/mountinfo, and how to take it away again.
 * Knows nothing of stores. Called by the session and the verbs. */
#pragma once

#include <glib.h>

typedef struct
{
  char *mountpoint; /* absolute */
  char *type;       /* "fuse.expfs" */
  char *source;     /* the store's path, unless fsname= says otherwise */
} ExpMountEntry;

void exp_mount_entry_free (ExpMountEntry *entry);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (ExpMountEntry, exp_mount_entry_free)

gboolean exp_mount_entry_is_ours (const ExpMountEntry *entry);

/* The topmost mount on exactly this absolute path; NULL for none. */
ExpMountEntry *exp_mount_entry_at (const char *path);
/* The mount that this absolute path lies in; NULL only when /proc cannot be read. */
ExpMountEntry *exp_mount_entry_around (const char *path);

/* Those of expfs, newest last; an array that owns its ExpMountEntry. */
GPtrArray *exp_mount_entries_ours (void);

/* An absolute path without symbolic links. Works too where the last component is a mount whose process has died, and
 * for a path that does not exist (its existing part is resolved). Caller frees. */
char *exp_path_resolve (const char *path);

/* Takes a mount away as umount(8) does, by fusermount3 for a user who may not umount(2). FALSE with a sentence;
 * EXP_ERROR_BUSY when files are open and it is not lazy, EXP_ERROR_NOT_FOUND when nothing is mounted there. */
gboolean exp_mount_detach (const char *mountpoint, gboolean is_lazy, GError **error);
