/* Entries of directories: from a name or a listed child to an inode, and what the kernel is told about it.
 * Knows how nodes become files, directories and symlinks; knows no virtual names and no requests.
 * Called by the driver and directories. */
#include "fs/driver.h"
#include "fs/outside.h"
#include <errno.h>
#include <string.h>

/* The levels from a directory at `depth` up to the nearest one that shows the same group; 0 when there is none. */
static guint64
levels_to_same (const ExpInode *directory, guint64 number)
{
  guint64 levels = 1;

  exp_inode_names_lock ();
  for (; directory != NULL; directory = directory->parent, levels++)
    if (directory->type == EXP_INODE_DIRECTORY && directory->number == number)
      break;
  exp_inode_names_unlock ();
  return directory != NULL ? levels : 0;
}

static ExpInodeType
type_of (ExpMount *mount, ExpInode *directory, const ExpFound *found, const ExpInfo *info, guint64 *levels)
{
  *levels = 0;
  if (directory->type == EXP_INODE_AGAIN)
    return EXP_INODE_LINK_UP;
  if (info->kind == EXP_KIND_LINK)
    return EXP_INODE_LINK;
  if (info->kind != EXP_KIND_GROUP || found->view > 0)
    return EXP_INODE_FILE;
  if (info->identity != 0)
    *levels = levels_to_same (directory, exp_outside_number (mount, directory, found->node, info->identity));
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

static void
set_links (ExpInode *inode, const ExpInfo *info)
{
  guint32 n_links = inode->type != EXP_INODE_DIRECTORY && info->n_links > 1 ? info->n_links : 1;

  __atomic_store_n (&inode->n_links, n_links, __ATOMIC_RELAXED);
}

/* Where names come and go, what has several, or one that is made up, is looked up each time. */
static void
set_writable (ExpMount *mount, ExpInode *directory, ExpInode *inode, const ExpFound *found, const ExpInfo *info)
{
  if (found->is_virtual || exp_inode_has (directory, EXP_INODE_IS_VIRTUAL) || info->is_unsteady
      || (inode->type == EXP_INODE_DIRECTORY && info->n_links > 1))
    inode->flags |= EXP_INODE_IS_VIRTUAL;
  if (inode->type == EXP_INODE_FILE)
    inode->size = exp_changes_n_replaced (mount);
  else if (inode->type == EXP_INODE_DIRECTORY)
    inode->size = exp_changes_stamp (mount, inode);
  if (info->is_lasting && exp_inode_has (inode, EXP_INODE_IS_VIRTUAL) && inode->type == EXP_INODE_DIRECTORY)
    {
      inode->flags |= EXP_INODE_IS_LASTING;
      inode->size = found->n_changes;
    }
}

/* What others may change is looked up each time; what lies in a store counts as having been entered. */
static void
set_outside (ExpMount *mount, ExpInode *directory, ExpInode *inode)
{
  ExpInode *store = exp_outside_store (mount, directory);

  if (exp_inode_has (directory, EXP_INODE_IS_FOLDER) && directory->type == EXP_INODE_DIRECTORY)
    inode->flags |= EXP_INODE_IS_OUTSIDE;
  exp_outside_mark (inode, inode->node);
  if (store != NULL)
    exp_entered_note (mount->state->entered, store);
}

static ExpInode *
new_inode (ExpMount *mount, ExpInode *directory, const char *name, const ExpFound *found, const ExpInfo *info,
           gboolean with_size)
{
  guint64 levels;
  ExpInodeType type = type_of (mount, directory, found, info, &levels);
  ExpInode *inode = exp_inode_new (directory, name, type, found->node);

  if (inode == NULL)
    return NULL;
  inode->view = found->view;
  inode->suffix = found->suffix;
  inode->mtime = CLAMP (info->mtime, 0, (gint64)G_MAXUINT32);
  inode->number = exp_inode_number_for_name (directory, name);
  if (info->identity != 0 && type != EXP_INODE_AGAIN && type != EXP_INODE_LINK_UP && found->suffix == 0)
    {
      inode->number = exp_outside_number (mount, directory, found->node, info->identity);
      inode->flags |= EXP_INODE_IS_OBJECT;
      set_links (inode, info);
    }
  if (mount->is_collection)
    set_outside (mount, directory, inode);
  if (mount->is_writable)
    set_writable (mount, directory, inode, found, info);
  if (type == EXP_INODE_FILE)
    {
      if (!mount->is_writable)
        set_size (mount, inode, info, with_size);
    }
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

/* A lock of the inode's, for its node. */
static GMutex *
node_lock (ExpMount *mount, const ExpInode *inode)
{
  return &mount->state->node_locks[((guintptr)inode >> 6) % G_N_ELEMENTS (mount->state->node_locks)];
}

/* With its lock. What the node was is given back. Its number is found out when somebody asks. */
static ExpNode *
set_node_locked (ExpMount *mount, ExpInode *inode, ExpNode *node)
{
  ExpNode *old = inode->node;

  inode->node = node != NULL ? exp_node_ref (node) : NULL;
  inode->size = exp_changes_n_replaced (mount);
  exp_inode_unset (inode, EXP_INODE_IS_OBJECT);
  (node != NULL ? exp_inode_unset : exp_inode_set) (inode, EXP_INODE_IS_NEW);
  return old;
}

void
exp_entry_set_node (ExpMount *mount, ExpInode *inode, ExpNode *node)
{
  g_mutex_lock (node_lock (mount, inode));
  ExpNode *old = set_node_locked (mount, inode, node);
  g_mutex_unlock (node_lock (mount, inode));
  if (old != NULL)
    exp_node_unref (old);
}

/* The object that the name shows has a number already; or it has become one, and keeps that under which it was made. */
static void
take_number (ExpMount *mount, ExpInode *inode, const ExpInfo *info, gboolean is_kept)
{
  if (info->identity == 0 || inode->suffix > 0 || inode->type != EXP_INODE_FILE)
    return;
  if (is_kept)
    exp_changes_keep_number (mount, info->identity, exp_inode_get_number (inode));
  else
    __atomic_store_n (&inode->number, exp_changes_number (mount, info->identity), __ATOMIC_RELAXED);
  set_links (inode, info);
  exp_inode_set (inode, EXP_INODE_IS_OBJECT);
}

void
exp_entry_learn (ExpMount *mount, ExpInode *inode, const ExpInfo *info)
{
  take_number (mount, inode, info, !exp_inode_has (inode, EXP_INODE_IS_OBJECT));
  if (info->is_growing)
    exp_inode_set (inode, EXP_INODE_IS_GROWING);
}

void
exp_entry_describe (ExpMount *mount, ExpInode *inode, ExpNode *node)
{
  g_auto (ExpInfo) info = { 0 };

  if (exp_node_describe (node, &info, NULL))
    exp_entry_learn (mount, inode, &info);
}

gboolean
exp_entry_resolve_again (ExpMount *mount, ExpInode *inode, ExpFound *found, GError **error)
{
  exp_inode_names_lock ();
  ExpInode *directory = inode->parent;
  g_autofree char *name = g_strdup (exp_inode_name (inode));
  exp_inode_ref (directory);
  exp_inode_names_unlock ();

  gboolean is_found = exp_resolve (mount, directory, name, found, error);
  exp_inode_unref (mount->inodes, directory, 1);
  return is_found;
}

/* With its lock: finds the node that is there now, after another one was replaced. The file keeps the number under
 * which it was made: GNU tar goes by it when it puts a link in the place of the empty file that it has made for it. */
static ExpNode *
renew_locked (ExpMount *mount, ExpInode *inode)
{
  const gboolean is_object = exp_inode_has (inode, EXP_INODE_IS_OBJECT);
  ExpFound found = { 0 };
  ExpNode *old = NULL;

  if (!exp_entry_resolve_again (mount, inode, &found, NULL))
    return NULL;
  if (found.view == inode->view && found.suffix == 0)
    {
      g_auto (ExpInfo) info = { 0 };
      old = set_node_locked (mount, inode, found.node);
      if (exp_node_describe (found.node, &info, NULL))
        take_number (mount, inode, &info, !is_object);
    }
  exp_node_unref (found.node);
  return old;
}

void
exp_entry_renew (ExpMount *mount, ExpInode *inode)
{
  g_mutex_lock (node_lock (mount, inode));
  ExpNode *old = inode->node != NULL ? renew_locked (mount, inode) : NULL;
  g_mutex_unlock (node_lock (mount, inode));
  if (old != NULL)
    exp_node_unref (old);
}

ExpNode *
exp_entry_node (ExpMount *mount, ExpInode *inode, GError **error)
{
  ExpNode *old = NULL, *node;

  if (!mount->is_writable || inode->type != EXP_INODE_FILE)
    return exp_node_ref (inode->node);
  g_mutex_lock (node_lock (mount, inode));
  if (inode->node != NULL && inode->size != exp_changes_n_replaced (mount)
      && !exp_inode_has (inode, EXP_INODE_IS_DETACHED))
    old = renew_locked (mount, inode);
  node = inode->node != NULL ? exp_node_ref (inode->node) : NULL;
  g_mutex_unlock (node_lock (mount, inode));
  if (old != NULL)
    exp_node_unref (old);
  if (node == NULL)
    g_set_error (error, EXP_ERROR, EXP_ERROR_NOT_FOUND, "there is nothing in it yet");
  return node;
}

/* Whether a LASTING directory is still there. The first of them on a path is as long as what it is in. */
static gboolean
is_still_there (ExpMount *mount, ExpInode *inode)
{
  g_auto (ExpInfo) info = { 0 };
  ExpFound found = { 0 };

  if (!exp_inode_has (inode->parent, EXP_INODE_IS_LASTING))
    return !exp_inode_has (inode->parent, EXP_INODE_IS_GONE | EXP_INODE_IS_DETACHED);
  if (!is_still_there (mount, inode->parent))
    return FALSE;
  if (__atomic_load_n (&inode->size, __ATOMIC_ACQUIRE) == exp_changes_count (mount))
    return TRUE;
  if (!exp_resolve (mount, inode->parent, exp_inode_name (inode), &found, NULL))
    return FALSE;
  g_autoptr (ExpNode) node = found.node;
  if (!exp_node_describe (node, &info, NULL) || !info.is_lasting)
    return FALSE;
  __atomic_store_n (&inode->size, found.n_changes, __ATOMIC_RELEASE);
  return TRUE;
}

gboolean
exp_entry_is_gone (ExpMount *mount, ExpInode *inode)
{
  if (exp_inode_has (inode, EXP_INODE_IS_GONE))
    return TRUE;
  return inode->type == EXP_INODE_DIRECTORY && exp_inode_has (inode, EXP_INODE_IS_LASTING)
         && !is_still_there (mount, inode);
}

/* Whether what a virtual name showed is what it shows. */
static gboolean
is_current (ExpMount *mount, ExpInode *inode)
{
  g_auto (ExpInfo) info = { 0 };
  ExpFound found = { 0 };

  if (inode->type == EXP_INODE_DIRECTORY && exp_inode_has (inode, EXP_INODE_IS_LASTING))
    return is_still_there (mount, inode);
  if (!exp_entry_resolve_again (mount, inode, &found, NULL))
    return FALSE;
  g_autoptr (ExpNode) node = found.node;
  if (found.view != inode->view || found.suffix != inode->suffix || !exp_node_describe (node, &info, NULL))
    return FALSE;
  if (inode->type == EXP_INODE_FILE && info.kind != EXP_KIND_LINK && (info.kind != EXP_KIND_GROUP || found.view > 0))
    {
      const gboolean is_object = exp_inode_has (inode, EXP_INODE_IS_OBJECT);

      exp_entry_set_node (mount, inode, node);
      take_number (mount, inode, &info, !is_object);
      return TRUE;
    }
  if (exp_inode_has (inode, EXP_INODE_IS_OBJECT))
    return exp_changes_number (mount, info.identity) == inode->number && inode->type != EXP_INODE_FILE
           && (inode->type != EXP_INODE_DIRECTORY || info.kind == EXP_KIND_GROUP);
  return inode->type == EXP_INODE_DIRECTORY && info.kind == EXP_KIND_GROUP
         && inode->size == exp_changes_stamp (mount, inode);
}

/* Whether the name in a folder that other programs change stands for what it did. `child` is what is there; NULL: that
 * is looked up. */
static gboolean
is_still_outside (ExpMount *mount, ExpInode *inode, ExpNode *child)
{
  ExpFound found = { 0 };

  if (child != NULL)
    return exp_outside_is_same (inode, child, 0);
  if (!exp_entry_resolve_again (mount, inode, &found, NULL))
    return FALSE;
  gboolean is_same = exp_outside_is_same (inode, found.node, found.view);
  exp_node_unref (found.node);
  return is_same;
}

static gboolean
is_stale (ExpMount *mount, ExpInode *inode, ExpNode *child)
{
  g_auto (ExpInfo) info = { 0 };

  if (mount->is_collection && exp_inode_has (inode, EXP_INODE_IS_OUTSIDE))
    return !is_still_outside (mount, inode, child);
  if (inode->type == EXP_INODE_BROKEN)
    return exp_node_describe (inode->node, &info, NULL);
  if (!mount->is_writable || exp_writers_has (mount, inode))
    return FALSE;
  if (exp_inode_has (inode, EXP_INODE_IS_NEW))
    return TRUE;
  return exp_inode_has (inode, EXP_INODE_IS_VIRTUAL) && !is_current (mount, inode);
}

/* The inode that is there already; `child` is the node of the name, when that is known. One that was broken is dropped
 * once its node can be described, so that a failure of the disk or the network passes; so is one whose name shows
 * something else by now. */
static ExpInode *
find (ExpMount *mount, ExpInode *directory, const char *name, ExpNode *child)
{
  ExpInode *inode = exp_inode_find (mount->inodes, directory, name);

  if (inode == NULL || !is_stale (mount, inode, child))
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

  if (inode->type == EXP_INODE_FILE && !mount->is_writable
      && !exp_inode_has (inode, EXP_INODE_HAS_SIZE | EXP_INODE_IS_COSTLY | EXP_INODE_IS_GROWING)
      && exp_attributes_take_credit (mount))
    exp_views_size (mount, inode, &size, NULL);
}

ExpInode *
exp_entry_for_child (ExpMount *mount, ExpInode *directory, const char *name, ExpNode *child, guint view,
                     gboolean with_size, GError **error)
{
  ExpFound found = { .node = child, .view = view, .is_child = view == 0, .is_virtual = view > 0 };
  ExpInode *inode = find (mount, directory, name, view == 0 ? child : NULL);

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
  ExpInode *inode = find (mount, directory, name, NULL);

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

/* TRUE when what the name stands for may depend on a file that waits. */
static gboolean
may_see (ExpMount *mount, ExpInode *directory, const char *name)
{
  if (!exp_behind_has (mount))
    return FALSE;
  const gboolean is_made_up = exp_name_may_be_virtual (name);
  guint64 part = directory->node != NULL && !is_made_up ? exp_node_part (directory->node) : EXP_PART_ANY;

  switch (exp_behind_look (mount, part, name))
    {
    case EXP_BEHIND_NOTHING:
      return FALSE;
    case EXP_BEHIND_FILES:
      return is_made_up || exp_inode_has (directory, EXP_INODE_IS_VIRTUAL);
    default:
      return TRUE;
    }
}

void
exp_entry_settle (ExpMount *mount, ExpInode *directory, const char *name)
{
  if (may_see (mount, directory, name))
    exp_behind_settle (mount);
}

/* What is found while others wait is no other once they do not, when it shows none of them: a name that is there stays
 * what it is, and so does what the directories of one part are. */
static gboolean
is_sure (ExpMount *mount, ExpInode *inode)
{
  return (inode->type == EXP_INODE_DIRECTORY && inode->view == 0 && exp_node_part (inode->node) != EXP_PART_ANY)
         || !exp_behind_is_seen (mount, inode);
}

ExpInode *
exp_entry_lookup_settled (ExpMount *mount, ExpInode *directory, const char *name, GError **error)
{
  g_autoptr (GError) local = NULL;
  ExpInode *inode;

  if (may_see (mount, directory, name))
    {
      inode = exp_entry_lookup (mount, directory, name, &local);
      if (inode != NULL && is_sure (mount, inode))
        return inode;
      if (inode != NULL)
        exp_inode_unref (mount->inodes, inode, 1);
      exp_behind_settle (mount);
    }
  inode = exp_entry_lookup (mount, directory, name, error);
  if (inode == NULL || !exp_inode_has (inode, EXP_INODE_IS_NEW) || !exp_behind_has (mount))
    return inode;
  exp_inode_unref (mount->inodes, inode, 1);
  exp_behind_settle (mount);
  return exp_entry_lookup (mount, directory, name, error);
}

void
exp_entry_fill (ExpMount *mount, ExpInode *inode, gboolean may_read, struct fuse_entry_param *param)
{
  memset (param, 0, sizeof *param);
  param->ino = exp_inode_id (mount->inodes, inode);
  param->entry_timeout = inode->type == EXP_INODE_BROKEN ? 1 : 86400;
  if (exp_inode_has (inode, EXP_INODE_IS_VIRTUAL | EXP_INODE_IS_NEW)
      && !(inode->type == EXP_INODE_DIRECTORY && exp_inode_has (inode, EXP_INODE_IS_LASTING)))
    param->entry_timeout = 0;
  if (mount->is_collection && exp_inode_has (inode, EXP_INODE_IS_OUTSIDE))
    param->entry_timeout = 0;
  if (inode->type == EXP_INODE_CONTROL)
    {
      param->entry_timeout = 0;
      exp_control_renew (mount, inode);
    }
  if (exp_attributes_fill (mount, inode, may_read, &param->attr))
    param->attr_timeout = exp_attributes_timeout (mount, inode);
}
