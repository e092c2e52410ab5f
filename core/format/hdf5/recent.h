/* What was read of a file of late, by its address: as many things as there are places, the later in the place of the
 * earlier.
 * Knows nothing of what it holds but how references are taken and given back.
 * Used by file.c, object.c and heap.c; all may be called from several threads at once. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef struct _ExpRecent ExpRecent;

typedef gpointer (*ExpRecentRef) (gpointer thing);

ExpRecent *exp_recent_new (guint n_places, ExpRecentRef ref, GDestroyNotify unref);
void exp_recent_free (ExpRecent *recent);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (ExpRecent, exp_recent_free)

/* What was kept for `address`, a new reference; NULL when it is not there any more. */
gpointer exp_recent_find (ExpRecent *recent, guint64 address);
/* Takes a reference of its own. */
void exp_recent_keep (ExpRecent *recent, guint64 address, gpointer thing);
/* Forgets what was kept for `address`, or all; for all, nobody else may use the table meanwhile. */
void exp_recent_drop (ExpRecent *recent, guint64 address);
void exp_recent_drop_all (ExpRecent *recent);

G_END_DECLS
