/* Flags of nodes, set now or when there is something to keep.
 * Knows when a file has its content; knows no flag.
 * Called by xattr_write.c and writer.c. */
#include "fs/flags.h"
#include "fs/driver.h"
#include <string.h>

static gboolean
apply (ExpMount *mount, ExpInode *inode, const char *flag, GError **error)
{
  g_autoptr (ExpNode) node = exp_entry_node (mount, inode, error);

  if (node == NULL || !exp_node_set_flag (node, flag, error))
    return FALSE;
  exp_changes_note_replaced (mount);
  exp_entry_describe (mount, inode, node);
  exp_changes_note_quietly (mount, inode);
  return TRUE;
}

gboolean
exp_flag_set (ExpMount *mount, ExpInode *inode, const char *value, gsize size, GError **error)
{
  g_autofree char *flag = g_strndup (value, size);
  g_autoptr (GError) reason = NULL;
  gboolean is_empty = exp_inode_has (inode, EXP_INODE_IS_NEW | EXP_INODE_IS_BARE);

  if (is_empty || (exp_inode_has (inode, EXP_INODE_IS_FRESH) && exp_wanted_has_no_shape (mount, inode)))
    {
      if (exp_wanted_set_flag (mount, inode, flag))
        return TRUE;
      g_set_error (error, EXP_ERROR, EXP_ERROR_INVALID, "'%s' is no flag", flag);
      return FALSE;
    }
  if (!exp_writers_settle (mount, inode, error))
    return FALSE;
  if (exp_inode_has (inode, EXP_INODE_IS_FRESH | EXP_INODE_HAS_WANTED))
    exp_wanted_set_flag (mount, inode, flag); /* a more exact type may still come */
  if (apply (mount, inode, flag, &reason) || g_error_matches (reason, EXP_ERROR, EXP_ERROR_NOT_FOUND))
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&reason));
  return FALSE;
}

void
exp_flag_settle (ExpMount *mount, ExpInode *inode)
{
  const char *wanted = exp_wanted_get_flag (mount, inode);
  const char *flag = wanted != NULL ? wanted : mount->options->flag;
  g_autoptr (GError) error = NULL;

  if (flag == NULL || apply (mount, inode, flag, &error))
    return;
  if (wanted != NULL && !g_error_matches (error, EXP_ERROR, EXP_ERROR_NOT_FOUND))
    exp_log_failure (mount, inode, NULL, error);
}
