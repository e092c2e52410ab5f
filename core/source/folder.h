/* The folders that files lie in.
 * Knows errno; knows nothing of what the files hold.
 * Used by who makes, renames and removes files. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* That names were made, changed or removed in the folder of `path` is durable when this returns. */
gboolean exp_folder_sync (const char *path, GError **error);

G_END_DECLS
