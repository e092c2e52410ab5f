/* What of a collection lies outside of its stores, and how the two are told apart.
 * Knows inodes and what their nodes stand for; knows no requests.
 * Called by entries, attributes, links and xattrs. */
#include "fs/outside.h"
#include "fs/driver.h"

void
exp_outside_mark (ExpInode *inode, ExpNode *node)
{
  ExpOutside outside;

  if (inode->type != EXP_INODE_DIRECTORY || exp_node_version (node) == 0
      || !exp_node_look_outside (node, &outside, NULL))
    return;
  if (outside.is_store)
    exp_inode_set (inode, EXP_INODE_IS_STORE);
  if (outside.is_folder)
    exp_inode_set (inode, EXP_INODE_IS_FOLDER);
}

gboolean
exp_outside_is_root (const ExpInode *inode)
{
  return inode->parent == NULL
         || (inode->type == EXP_INODE_DIRECTORY && exp_inode_has ((ExpInode *)inode, EXP_INODE_IS_STORE));
}

ExpInode *
exp_outside_store (const ExpMount *mount, const ExpInode *inode)
{
  if (!mount->is_collection)
    return NULL;
  while (inode != NULL
         && !(inode->type == EXP_INODE_DIRECTORY && exp_inode_has ((ExpInode *)inode, EXP_INODE_IS_STORE)))
    inode = inode->parent;
  return (ExpInode *)inode;
}

guint64
exp_outside_number (ExpMount *mount, ExpInode *directory, ExpNode *node, guint64 identity)
{
  const ExpInode *store = exp_outside_store (mount, directory);

  if (store == NULL)
    return exp_changes_number (mount, identity);
  return exp_inode_number_within (store->number, identity);
}

gboolean
exp_outside_is_same (const ExpInode *inode, ExpNode *node, guint view)
{
  const guint64 version = inode->node != NULL ? exp_node_version (inode->node) : 0;
  ExpOutside outside;

  if (version == 0 || version != exp_node_version (node) || inode->type == EXP_INODE_BROKEN
      || view != (inode->type == EXP_INODE_FILE ? inode->view : 0))
    return FALSE;
  /* A view of a directory shows what is in it, of which only that of a store is known to be the same. */
  return view == 0 || (exp_node_look_outside (node, &outside, NULL) && outside.is_store);
}

/* The nearest node above that stands for something outside: queries and views are made of others. */
static ExpNode *
find_outside (ExpInode *inode)
{
  for (; inode != NULL; inode = inode->parent)
    if (inode->node != NULL && exp_node_version (inode->node) != 0)
      return inode->node;
  return NULL;
}

gboolean
exp_outside_fill (ExpMount *mount, ExpInode *inode, struct stat *st, GError **error)
{
  const ExpMountOptions *options = mount->options;
  const gboolean is_itself = inode->node != NULL && exp_node_version (inode->node) != 0 && inode->view == 0;
  ExpNode *node = find_outside (inode);
  ExpOutside outside;

  if (node == NULL || !exp_node_look_outside (node, &outside, error))
    return FALSE;
  if (!options->has_uid)
    st->st_uid = outside.uid;
  if (!options->has_gid)
    st->st_gid = outside.gid;
  if (!options->has_umask && !S_ISLNK (st->st_mode))
    {
      const mode_t mode = outside.mode & (inode->type == EXP_INODE_FILE && is_itself ? 0555 : 0444);

      st->st_mode = (st->st_mode & S_IFMT) | mode | (S_ISDIR (st->st_mode) ? mode >> 2 : 0);
    }
  if (!is_itself && inode->mtime != 0)
    return TRUE;
  st->st_mtim = (struct timespec){ outside.mtime, outside.mtime_ns };
  st->st_atim = is_itself ? (struct timespec){ outside.atime, outside.atime_ns } : st->st_mtim;
  st->st_ctim = is_itself ? (struct timespec){ outside.ctime, outside.ctime_ns } : st->st_mtim;
  return TRUE;
}
