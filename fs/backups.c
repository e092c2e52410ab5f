/* Files that an editor has renamed to keep them as a backup.
 * Knows the last few of them; knows nothing of what they hold.
 * Called by renaming and making. */
#include "fs/backups.h"
#include "fs/driver.h"
#include <string.h>

#define SUFFIX   "~"
#define A_MOMENT (10 * G_USEC_PER_SEC)

void
exp_backups_note (ExpMount *mount, ExpInode *directory, const char *name, const char *new_name)
{
  ExpDriverState *state = mount->state;
  gsize length = strlen (name);

  if (strncmp (name, new_name, length) != 0 || strcmp (new_name + length, SUFFIX) != 0)
    return;
  g_mutex_lock (&state->backups_lock);
  ExpBackup *backup = &state->backups[state->n_backups++ % EXP_N_BACKUPS];
  g_free (backup->name);
  *backup = (ExpBackup){ directory, g_strdup (name), g_get_monotonic_time () };
  g_mutex_unlock (&state->backups_lock);
}

ExpInode *
exp_backups_take (ExpMount *mount, ExpInode *directory, const char *name)
{
  ExpDriverState *state = mount->state;
  gint64 now = g_get_monotonic_time ();
  gboolean has = FALSE;

  g_mutex_lock (&state->backups_lock);
  for (guint i = 0; i < EXP_N_BACKUPS; i++)
    if (state->backups[i].directory == directory && strcmp (state->backups[i].name, name) == 0)
      {
        has |= now - state->backups[i].time < A_MOMENT;
        state->backups[i].directory = NULL;
      }
  g_mutex_unlock (&state->backups_lock);
  if (!has)
    return NULL;

  g_autofree char *new_name = g_strconcat (name, SUFFIX, NULL);
  return exp_inode_find (mount->inodes, directory, new_name);
}
