/* Entries of directories: from a name or a listed child to an inode, and what the kernel is told about it.
 * Knows how nodes become files, directories and symlinks; knows no virtual names and no requests.
 * Called by the driver and directories. */
#include "fs/driver.h"
#include <errno.h>
#include <string.h>

/* The levels from a directory at `depth` up to the nearest one that shows the same group; 0 when there is none. */
static guint64
levels_to_same (const ExpInode *directory, guint64 number)
{
  guint64 levels = 1;

  for (; directory != NULL; directory = directory->parent, levels++)
    if (directory->type == EXP_INODE_DIRECTORY && directory->number == number)
      return levels;
  return 0;
}

static ExpInodeType
type_of (ExpInode *directory, const ExpFound *found, const ExpInfo *info, guint64 *levels)
{
  *levels = 0;
  if (directory->type == EXP_INODE_AGAIN)
    return EXP_INODE_LINK_UP;
  if (info->kind == EXP_KIND_LINK)
    return EXP_INODE_LINK;
  if (info->kind != EXP_KIND_GROUP || found->view > 0)
    return EXP_INODE_FILE;
  if (info->identity != 0)
    *levels = levels_to_same (directory, exp_inode_number (info->identity));
  return *levels > 0 ? EXP_INODE_AGAIN : EXP_INODE_DIRECTORY;
}

/* What only files have: the size, as far as the description tells it. */
static void
set_size (ExpMount *mount, ExpInode *inode, const ExpInfo *info, gboolean with_size)
{
  ExpSizeCost cost = exp_views_size_cost (mount, info, inode->view);

  if (info->is_growing)
    inode->flags |= EXP_INODE_IS_GROWING;
  else if ((cost == EXP_SIZE_IS_FREE
            || (cost == EXP_SIZE_IS_CHEAP && (info->is_at_hand || (with_size && exp_attributes_take_credit (mount)))))
           && exp_views_size_described (mount, inode, info, &inode->size))
    inode->flags |= EXP_INODE_HAS_SIZE;
  else if (cost == EXP_SIZE_IS_COSTLY)
    inode->flags |= EXP_INODE_IS_COSTLY;
}

static void
set_link_size (ExpInode *inode, const ExpInfo *info)
{
  g_autofree char *target = exp_path_link_target (inode, info);

  inode->size = strlen (target);
  inode->flags |= EXP_INODE_HAS_SIZE;
}

static ExpInode *
new_inode (ExpMount *mount, ExpInode *directory, const char *name, const ExpFound *found, const ExpInfo *info,
           gboolean with_size)
{
  guint64 levels;
  ExpInodeType type = type_of (directory, found, info, &levels);
  ExpInode *inode = exp_inode_new (directory, name, type, found->node);

  if (inode == NULL)
    return NULL;
  inode->view = found->view;
  inode->suffix = found->suffix;
  inode->mtime = CLAMP (info->mtime, 0, (gint64)G_MAXUINT32);
  inode->number = exp_inode_number_for_name (directory, name);
  if (info->identity != 0 && type != EXP_INODE_AGAIN && type != EXP_INODE_LINK_UP && found->suffix == 0)
    {
      inode->number = exp_inode_number_for_view (exp_inode_number (info->identity), found->view);
      if (type != EXP_INODE_DIRECTORY && info->n_links > 1)
        inode->n_links = info->n_links;
    }
  if (type == EXP_INODE_FILE)
    set_size (mount, inode, info, with_size);
  else if (type == EXP_INODE_LINK || type == EXP_INODE_LINK_UP)
    set_link_size (inode, type == EXP_INODE_LINK ? info : NULL);
  else if (type == EXP_INODE_AGAIN)
    inode->size = levels;
  return inode;
}

static ExpInode *
fail_no_memory (GError **error)
{
  g_set_error (error, EXP_ERROR, EXP_ERROR_NO_MEMORY, "no memory for an entry");
  return NULL;
}

static ExpInode *
make (ExpMount *mount, ExpInode *directory, const char *name, const ExpFound *found, gboolean with_size, GError **error)
{
  g_auto (ExpInfo) info = { 0 };
  g_autoptr (GError) local_error = NULL;
  ExpInode *inode;

  if (exp_node_describe (found->node, &info, &local_error))
    inode = new_inode (mount, directory, name, found, &info, with_size);
  else
    {
      exp_log_failure (mount, directory, name, local_error);
      inode = exp_inode_new (directory, name, EXP_INODE_BROKEN, found->node);
      if (inode != NULL)
        inode->number = exp_inode_number_for_name (directory, name);
    }
  return inode != NULL ? exp_inode_add (mount->inodes, inode) : fail_no_memory (error);
}

/* The inode that is there already. One that was broken is dropped once its node can be described, so that a failure of
 * the disk or the network passes. */
static ExpInode *
find (ExpMount *mount, ExpInode *directory, const char *name)
{
  g_auto (ExpInfo) info = { 0 };
  ExpInode *inode = exp_inode_find (mount->inodes, directory, name);

  if (inode == NULL || inode->type != EXP_INODE_BROKEN || !exp_node_describe (inode->node, &info, NULL))
    return inode;
  exp_inode_detach (mount->inodes, inode);
  exp_inode_unref (mount->inodes, inode, 1);
  return NULL;
}

/* For one that was looked up, and never asked for its size. */
static void
add_size (ExpMount *mount, ExpInode *inode)
{
  guint64 size;

  if (inode->type == EXP_INODE_FILE
      && !exp_inode_has (inode, EXP_INODE_HAS_SIZE | EXP_INODE_IS_COSTLY | EXP_INODE_IS_GROWING)
      && exp_attributes_take_credit (mount))
    exp_views_size (mount, inode, &size, NULL);
}

ExpInode *
exp_entry_for_child (ExpMount *mount, ExpInode *directory, const char *name, ExpNode *child, guint view,
                     gboolean with_size, GError **error)
{
  ExpFound found = { child, view, 0 };
  ExpInode *inode = find (mount, directory, name);

  if (inode == NULL)
    return make (mount, directory, name, &found, with_size, error);
  if (with_size)
    add_size (mount, inode);
  return inode;
}

ExpInode *
exp_entry_lookup (ExpMount *mount, ExpInode *directory, const char *name, GError **error)
{
  ExpFound found;
  ExpInode *inode = find (mount, directory, name);

  if (inode != NULL)
    return inode;
  if (directory->type == EXP_INODE_CONTROL_DIRECTORY)
    inode = exp_control_lookup (mount, directory, name);
  else if (!exp_inode_is_directory (directory))
    {
      g_set_error (error, EXP_ERROR, EXP_ERROR_NOT_A_GROUP, "not a directory");
      return NULL;
    }
  else if (exp_resolve (mount, directory, name, &found, error))
    {
      inode = make (mount, directory, name, &found, FALSE, error);
      exp_node_unref (found.node);
      return inode;
    }
  else if (directory->parent == NULL && strcmp (name, EXP_CONTROL_NAME) == 0)
    {
      g_clear_error (error);
      inode = exp_control_lookup (mount, directory, name);
    }
  else
    return NULL;
  if (inode == NULL)
    g_set_error (error, EXP_ERROR, EXP_ERROR_NOT_FOUND, "no such name");
  return inode;
}

void
exp_entry_fill (ExpMount *mount, ExpInode *inode, gboolean may_read, struct fuse_entry_param *param)
{
  memset (param, 0, sizeof *param);
  param->ino = exp_inode_id (mount->inodes, inode);
  param->entry_timeout = inode->type == EXP_INODE_BROKEN ? 1 : 86400;
  if (inode->type == EXP_INODE_CONTROL)
    {
      param->entry_timeout = 0;
      exp_control_renew (mount, inode);
    }
  if (exp_attributes_fill (mount, inode, may_read, &param->attr))
    param->attr_timeout = exp_attributes_timeout (inode);
}
