/* Setting and removing extended attributes.
 * Knows which names are the store's; knows nothing of how values are parsed.
 * Called by libfuse's workers. */
#include "fs/attribute_types.h"
#include "fs/awaited.h"
#include "fs/driver.h"
#include "fs/flags.h"
#include "fs/retype.h"
#include "fs/true_names.h"
#include <errno.h>
#include <string.h>
#include <sys/xattr.h>

#define PREFIX     "user."
#define OWN_PREFIX "user.expfs."

/* Between begin and end. *missing is set instead of an error for flags that ask for what is not so. */
static gboolean
set_locked (ExpMount *mount, ExpInode *inode, const char *name, const char *value, gsize size, int flags, int *refusal,
            GError **error)
{
  g_autoptr (GError) local_error = NULL, reason = NULL;

  if (!exp_writers_settle (mount, inode, error))
    return FALSE;
  g_autoptr (ExpNode) node = exp_entry_node (mount, inode, error);
  if (node == NULL)
    return FALSE;
  g_autoptr (ExpArray) old = exp_node_read_attribute (node, name, &local_error);
  gboolean is_there = old != NULL || !g_error_matches (local_error, EXP_ERROR, EXP_ERROR_NOT_FOUND);
  if (is_there ? (flags & XATTR_CREATE) != 0 : (flags & XATTR_REPLACE) != 0)
    {
      *refusal = is_there ? EEXIST : ENODATA;
      return FALSE;
    }
  if (!exp_attribute_types_write (mount, inode, node, name, old, value, size, &reason))
    {
      /* tar sets attributes before it writes. */
      const gboolean is_late = exp_inode_has (inode, EXP_INODE_IS_BARE)
                               && (g_error_matches (reason, EXP_ERROR, EXP_ERROR_UNSUPPORTED)
                                   || g_error_matches (reason, EXP_ERROR, EXP_ERROR_INVALID));
      if (is_late)
        exp_wanted_set_late (mount, inode, name, value, size);
      else
        g_propagate_error (error, g_steal_pointer (&reason));
      return is_late;
    }
  exp_changes_note_quietly (mount, inode);
  return TRUE;
}

static gboolean
remove_locked (ExpMount *mount, ExpInode *inode, const char *name, GError **error)
{
  if (!exp_writers_settle (mount, inode, error))
    return FALSE;
  g_autoptr (ExpNode) node = exp_entry_node (mount, inode, error);
  if (node == NULL || !exp_node_remove_attribute (node, name, error))
    return FALSE;
  exp_changes_note_quietly (mount, inode);
  return TRUE;
}

/* What expfs itself says of a node follows from the node: whoever copies it along is not stopped. For a file that was
 * made here and is nothing but text so far, type and shape say what that text is; and for any, what type an attribute
 * has. Between begin and end. */
static void
take_own (ExpMount *mount, ExpInode *inode, const char *name, const char *value, gsize size)
{
  g_auto (ExpWanted) wanted = { 0 };
  g_autoptr (GError) error = NULL;
  const gboolean is_open = exp_inode_has (inode, EXP_INODE_IS_NEW | EXP_INODE_IS_FRESH | EXP_INODE_IS_BARE);

  if (inode->type != EXP_INODE_FILE || inode->view != 0 || (!is_open && !exp_wanted_is_used (mount, inode))
      || !exp_wanted_take (mount, inode, name, value, size) || !exp_wanted_get (mount, inode, &wanted))
    return;
  if (!wanted.has_shape && !exp_inode_has (inode, EXP_INODE_IS_BARE))
    return;
  gboolean is_done = exp_writers_settle (mount, inode, &error);
  /* One that is empty so far may be about to be written. */
  if (is_done && exp_inode_has (inode, EXP_INODE_IS_BARE))
    {
      is_done = exp_retype_is_empty (&wanted) && exp_retype_replace (mount, inode, &wanted, &error);
      if (is_done)
        exp_flag_repeat (mount, inode);
    }
  else if (is_done && exp_inode_has (inode, EXP_INODE_HAS_WANTED))
    {
      is_done = exp_retype_replace (mount, inode, &wanted, &error);
      exp_wanted_use (mount, inode, &wanted, NULL);
      if (is_done)
        exp_inode_unset (inode, EXP_INODE_IS_FRESH);
      if (is_done)
        exp_flag_repeat (mount, inode);
    }
  if (error != NULL && !exp_awaited_add (mount, inode, &wanted, error))
    exp_log_failure (mount, inode, NULL, error);
}

/* An errno for what cannot be, whatever the store says; 0 for none. */
static int
check (ExpInode *inode, const char *name)
{
  if (!g_str_has_prefix (name, PREFIX))
    return EOPNOTSUPP;
  if (name[strlen (PREFIX)] == '\0')
    return EINVAL;
  if (inode->type != EXP_INODE_DIRECTORY && inode->type != EXP_INODE_FILE)
    return EPERM;
  return 0;
}

static void
reply (fuse_req_t req, ExpMount *mount, ExpInode *inode, const char *name, gboolean is_done, int refusal, GError *error)
{
  if (is_done)
    fuse_reply_err (req, 0);
  else if (refusal != 0)
    fuse_reply_err (req, refusal);
  else if (g_error_matches (error, EXP_ERROR, EXP_ERROR_NOT_FOUND))
    fuse_reply_err (req, ENODATA);
  else
    {
      g_prefix_error (&error, "attribute '%s': ", name + strlen (PREFIX));
      exp_request_refuse (req, mount, inode, error);
      return;
    }
  g_clear_error (&error);
}

/* A directory that is copied becomes of its original's class, where the format knows such and it can; what just does
 * not fit together is an error. Between begin and end. */
static gboolean
set_class (ExpMount *mount, ExpInode *inode, const char *value, gsize size, GError **error)
{
  g_autofree char *class_name = g_strndup (value, size);
  g_autoptr (ExpNode) node = NULL;
  g_autoptr (GError) failed = NULL;

  if (inode->type != EXP_INODE_DIRECTORY)
    return TRUE;
  exp_along_use (mount, inode);
  exp_along_clear (mount, inode);
  if (exp_writers_settle (mount, inode, NULL) && (node = exp_entry_node (mount, inode, NULL)) != NULL
      && exp_node_set_class (node, class_name, &failed))
    {
      exp_changes_note_replaced (mount);
      exp_changes_note_quietly (mount, inode);
    }
  if (!g_error_matches (failed, EXP_ERROR, EXP_ERROR_INVALID))
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&failed));
  return FALSE;
}

void
exp_setxattr (fuse_req_t req, fuse_ino_t id, const char *name, const char *value, size_t size, int flags)
{
  g_auto (ExpRequest) request = exp_request_begin (req, EXP_OPERATION_CHANGE);
  ExpMount *mount = request.mount;
  ExpInode *inode = exp_inode_get (mount->inodes, id);
  GError *error = NULL;
  int refusal = check (inode, name);
  gboolean is_own = g_str_has_prefix (name, OWN_PREFIX), is_done = FALSE;
  gboolean is_flag = is_own && exp_flag_is_name (name + strlen (OWN_PREFIX));

  if (refusal == 0 && exp_change_begin (mount, &error))
    {
      const gboolean is_class = is_own && strcmp (name, OWN_PREFIX "class") == 0;

      if (is_class)
        is_done = set_class (mount, inode, value, size, &error);
      else if (is_own && strcmp (name, OWN_PREFIX "name") == 0)
        exp_true_name_take (mount, inode, value, size);
      else if (is_own && strcmp (name, OWN_PREFIX "attributes") == 0)
        exp_attribute_types_take (mount, inode, value, size);
      else if (is_flag)
        is_done = exp_flag_set (mount, inode, name + strlen (OWN_PREFIX), value, size, &error);
      else if (is_own)
        take_own (mount, inode, name + strlen (OWN_PREFIX), value, size);
      is_done = is_flag || is_class
                    ? is_done
                    : is_own || set_locked (mount, inode, name + strlen (PREFIX), value, size, flags, &refusal, &error);
      exp_change_end (mount);
    }
  reply (req, mount, inode, name, is_done, refusal, error);
}

void
exp_removexattr (fuse_req_t req, fuse_ino_t id, const char *name)
{
  g_auto (ExpRequest) request = exp_request_begin (req, EXP_OPERATION_CHANGE);
  ExpMount *mount = request.mount;
  ExpInode *inode = exp_inode_get (mount->inodes, id);
  GError *error = NULL;
  int refusal = check (inode, name);
  /* Whoever copies without them takes them away from the copy. */
  gboolean is_done = refusal == 0 && g_str_has_prefix (name, OWN_PREFIX);

  if (refusal == 0 && !is_done && exp_change_begin (mount, &error))
    {
      is_done = remove_locked (mount, inode, name + strlen (PREFIX), &error);
      exp_change_end (mount);
    }
  reply (req, mount, inode, name, is_done, refusal, error);
}
