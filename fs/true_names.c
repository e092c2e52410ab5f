/* Copies of names that are too long for a directory entry.
 * Knows that such a name comes after the file, as an extended attribute; knows nothing of what files hold.
 * Called by xattr_write.c and change.c. */
#include "fs/true_names.h"
#include "fs/driver.h"
#include "fs/names.h"
#include <string.h>

static void
keep (ExpMount *mount, ExpInode *inode, const char *name)
{
  ExpDriverState *state = mount->state;

  g_mutex_lock (&state->backups_lock);
  ExpTrueName *kept = &state->true_names[state->n_true_names++ % EXP_N_TRUE_NAMES];
  g_free (kept->name);
  *kept = (ExpTrueName){ inode, g_strdup (name) };
  g_mutex_unlock (&state->backups_lock);
}

/* Two names that are cut alike are told apart by another number, which the copy would have to find again: it keeps the
 * one that is shown. */
static gboolean
is_cut_to (const char *name, const char *shown)
{
  gsize length = strlen (name);
  g_autofree char *cut = exp_name_is_long (name, length) ? exp_name_cut (name, length, 0) : NULL;

  return g_strcmp0 (cut, shown) == 0;
}

char *
exp_true_name_kept (ExpMount *mount, ExpInode *inode, const char *shown)
{
  ExpDriverState *state = mount->state;
  char *name = NULL;

  g_mutex_lock (&state->backups_lock);
  for (guint i = 0; i < EXP_N_TRUE_NAMES && name == NULL; i++)
    if (state->true_names[i].inode == inode && is_cut_to (state->true_names[i].name, shown))
      name = g_strdup (state->true_names[i].name);
  g_mutex_unlock (&state->backups_lock);
  return name;
}

/* In the store; the entry stays as it is shown. */
static gboolean
rename_child (ExpMount *mount, ExpInode *inode, const char *name, GError **error)
{
  g_autofree char *old = exp_path_true_name (mount, inode);

  if (strcmp (old, name) == 0)
    return TRUE;
  if (inode->type == EXP_INODE_FILE && !exp_writers_settle (mount, inode, error))
    return FALSE;
  exp_inode_names_lock ();
  ExpInode *directory = inode->parent;
  g_autoptr (ExpNode) parent = exp_node_ref (directory->node);
  exp_inode_names_unlock ();
  if (!exp_node_move (parent, old, parent, name, EXP_MOVE_NO_REPLACE, error))
    return FALSE;
  exp_long_names_remove (mount->state->long_names, directory);
  exp_changes_note (mount, directory);
  return TRUE;
}

void
exp_true_name_take (ExpMount *mount, ExpInode *inode, const char *value, gsize size)
{
  g_autofree char *name = g_strndup (value, size);
  g_autoptr (GError) error = NULL;

  if (strlen (name) != size || !exp_name_is_long (name, size) || inode->parent == NULL || inode->view != 0)
    return;
  exp_inode_names_lock ();
  g_autofree char *shown = g_strdup (exp_inode_name (inode));
  exp_inode_names_unlock ();
  if (!is_cut_to (name, shown))
    keep (mount, inode, name);
  else if (!rename_child (mount, inode, name, &error))
    {
      g_prefix_error (&error, "the copy keeps the name that is shown: ");
      exp_log_failure (mount, inode, NULL, error);
    }
}
