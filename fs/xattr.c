/* Extended attributes: a node's attributes as user.NAME, and expfs' own.
 * Knows the kernel's limits on names, values and lists; knows nothing of how values are rendered.
 * Called by libfuse's workers. */
#include "fs/driver.h"
#include <errno.h>
#include <linux/limits.h>
#include <string.h>

#define PREFIX "user."

static gboolean
has_attributes (ExpInode *inode)
{
  if (exp_inode_has (inode, EXP_INODE_IS_NEW))
    return FALSE;
  /* The kernel lets nobody read user.* of a symlink. */
  return inode->type == EXP_INODE_DIRECTORY || inode->type == EXP_INODE_AGAIN || inode->type == EXP_INODE_FILE
         || inode->type == EXP_INODE_BROKEN;
}

static void
reply_value (fuse_req_t req, const char *value, gsize length, size_t size)
{
  if (size == 0)
    fuse_reply_xattr (req, length);
  else if (length > size)
    fuse_reply_err (req, ERANGE);
  else
    fuse_reply_buf (req, value, length);
}

static char *
read_attribute (ExpMount *mount, ExpInode *inode, const char *name, gsize *length, GError **error)
{
  g_autoptr (ExpNode) node = exp_entry_node (mount, inode, error);
  g_autoptr (ExpArray) value = node != NULL ? exp_node_read_attribute (node, name, error) : NULL;

  return value != NULL ? exp_attribute_text (value, XATTR_SIZE_MAX, length, error) : NULL;
}

void
exp_getxattr (fuse_req_t req, fuse_ino_t id, const char *name, size_t size)
{
  g_auto (ExpRequest) request = exp_request_begin_for (req, EXP_OPERATION_GETXATTR, id);
  ExpMount *mount = request.mount;
  ExpInode *inode = exp_inode_get (mount->inodes, id);
  g_autofree char *value = NULL;
  gsize length = 0;
  GError *error = NULL;

  if (!g_str_has_prefix (name, PREFIX))
    {
      fuse_reply_err (req, EOPNOTSUPP);
      return;
    }
  if (exp_entry_is_gone (mount, inode))
    {
      fuse_reply_err (req, ESTALE);
      return;
    }
  if (!has_attributes (inode))
    {
      fuse_reply_err (req, ENODATA);
      return;
    }
  if (exp_metadata_is_name (name))
    {
      value = exp_metadata_get (mount, inode, name, &error);
      length = value != NULL ? strlen (value) : 0;
      if (length > XATTR_SIZE_MAX)
        g_set_error (&error, EXP_ERROR, EXP_ERROR_TOO_LARGE, "%s is too long for an extended attribute", name);
    }
  else
    value = read_attribute (mount, inode, name + strlen (PREFIX), &length, &error);

  if (error == NULL)
    reply_value (req, value, length, size);
  else if (g_error_matches (error, EXP_ERROR, EXP_ERROR_NOT_FOUND))
    {
      g_error_free (error);
      fuse_reply_err (req, ENODATA);
    }
  else
    {
      g_prefix_error (&error, "attribute '%s': ", name + strlen (PREFIX));
      /* Whoever copies the file learns from the log why its copy has another name. */
      (strcmp (name, "user.expfs.name") == 0 ? exp_request_refuse : exp_request_fail) (req, mount, inode, error);
    }
}

/* Appends a name with its NUL unless the kernel could not carry it or the list is full: then it is left to .attrs. */
static void
append_name (const char *name, gpointer data)
{
  GString *list = data;
  gsize length = strlen (name);

  if (length <= XATTR_NAME_MAX && length > strlen (PREFIX) && list->len + length + 1 <= XATTR_LIST_MAX)
    g_string_append_len (list, name, length + 1);
}

void
exp_listxattr (fuse_req_t req, fuse_ino_t id, size_t size)
{
  g_auto (ExpRequest) request = exp_request_begin_for (req, EXP_OPERATION_LISTXATTR, id);
  ExpMount *mount = request.mount;
  ExpInode *inode = exp_inode_get (mount->inodes, id);
  g_autoptr (GString) list = g_string_new (NULL);
  g_autoptr (GError) error = NULL;

  if (exp_entry_is_gone (mount, inode))
    {
      fuse_reply_err (req, ESTALE);
      return;
    }
  if (!has_attributes (inode))
    {
      reply_value (req, "", 0, size);
      return;
    }
  exp_metadata_list (mount, inode, append_name, list);
  g_autoptr (ExpNode) node = exp_entry_node (mount, inode, &error);
  g_auto (GStrv) names = node != NULL ? exp_node_list_attributes (node, &error) : NULL;
  if (names == NULL)
    exp_log_failure (mount, inode, NULL, error);
  for (char **name = names; name != NULL && *name != NULL; name++)
    {
      g_autofree char *full = g_strconcat (PREFIX, *name, NULL);
      if (!exp_metadata_is_name (full))
        append_name (full, list);
    }
  reply_value (req, list->str, list->len, size);
}
