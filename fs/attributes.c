/* struct stat of an inode: sizes, times, modes, owners.
 * Knows the mount's options; knows neither names nor requests.
 * Called by entries and the driver. */
#include "fs/driver.h"
#include "fs/outside.h"
#include <string.h>

#define LONG_TIME  86400 /* nothing changes below a read-only mount */
#define SHORT_TIME 1

/* For what cannot be read. Not 0: tar stores empty files without opening them, and would not notice. */
#define UNKNOWN_SIZE 1

/* Programs that copy take this much at a time; the second is the largest request that a mount takes. */
#define PIECE       (128 * 1024)
#define ARRAY_PIECE (1024 * 1024)

/* In a mount that can be written the kernel asks each time, and learns from the time of change whether what it has
 * read is still so: an object changes through any of its names and views. */
double
exp_attributes_timeout (const ExpMount *mount, ExpInode *inode)
{
  if (mount->is_writable || (mount->is_collection && exp_inode_has (inode, EXP_INODE_IS_OUTSIDE)))
    return 0;
  switch ((ExpInodeType)inode->type)
    {
    case EXP_INODE_BROKEN:
      return SHORT_TIME;
    case EXP_INODE_FILE:
      if (exp_inode_has (inode, EXP_INODE_IS_GROWING))
        return 0;
      /* A size that could not be had is worth another try. */
      return exp_inode_has (inode, EXP_INODE_HAS_SIZE) ? LONG_TIME : SHORT_TIME;
    default:
      return LONG_TIME;
    }
}

#define CREDIT     64 /* entries that one request for a size is good for */
#define MAX_CREDIT 16384

gboolean
exp_attributes_take_credit (ExpMount *mount)
{
  gint credit = g_atomic_int_get (&mount->state->size_credit);

  return credit > 0 && g_atomic_int_compare_and_exchange (&mount->state->size_credit, credit, credit - 1);
}

void
exp_attributes_give_credit (ExpMount *mount)
{
  gint credit = g_atomic_int_get (&mount->state->size_credit);

  g_atomic_int_compare_and_exchange (&mount->state->size_credit, credit, MIN (credit + CREDIT, MAX_CREDIT));
}

/* The permission bits that a file or directory has here. */
static mode_t
permissions (const ExpMount *mount, gboolean is_directory)
{
  const ExpMountOptions *options = mount->options;
  mode_t from = options->has_umask ? 0777 & ~options->umask : mount->store_stat.st_mode;
  mode_t mode = from & (mount->is_writable ? 0666 : 0444);

  return is_directory ? mode | mode >> 2 : mode;
}

static mode_t
mode_of (const ExpMount *mount, const ExpInode *inode)
{
  if (inode->type == EXP_INODE_CONTROL && exp_control_can_write (inode))
    return S_IFREG | permissions (mount, FALSE) | 0200;
  if (exp_inode_is_directory (inode))
    return S_IFDIR | permissions (mount, TRUE);
  if (inode->type == EXP_INODE_LINK || inode->type == EXP_INODE_LINK_UP)
    return S_IFLNK | 0777;
  return S_IFREG | permissions (mount, FALSE);
}

static gboolean
fill_size (ExpMount *mount, ExpInode *inode, gboolean may_read, struct stat *st)
{
  g_autoptr (GError) error = NULL;
  guint64 size = 0;

  if (inode->type == EXP_INODE_FILE)
    {
      if (!may_read && !exp_inode_has (inode, EXP_INODE_HAS_SIZE))
        return FALSE;
      if (mount->is_writable && exp_writers_size (mount, inode, &size))
        ;
      else if (!exp_views_size (mount, inode, &size, &error))
        {
          exp_log_failure (mount, inode, NULL, error);
          size = UNKNOWN_SIZE;
        }
    }
  else if (inode->type == EXP_INODE_BROKEN)
    size = UNKNOWN_SIZE;
  else if (inode->type == EXP_INODE_LINK || inode->type == EXP_INODE_LINK_UP)
    size = inode->size;
  else if (inode->type == EXP_INODE_CONTROL)
    {
      g_autoptr (GBytes) content = exp_control_get (mount, inode, &st->st_mtim);
      size = g_bytes_get_size (content);
    }
  st->st_size = MIN (size, (guint64)G_MAXINT64);
  if (S_ISREG (st->st_mode))
    st->st_blocks = st->st_size / 512 + (st->st_size % 512 != 0);
  return TRUE;
}

/* Of the store file, which somebody is writing: the kernel throws away what it has read before. */
static struct timespec
last_change (const ExpMount *mount)
{
  struct stat st;

  return stat (exp_store_get_path (mount->store), &st) == 0 ? st.st_mtim : mount->store_stat.st_mtim;
}

/* Where the object may have changed since the inode was made: what it is now. */
static void
fill_written (ExpMount *mount, ExpInode *inode, struct stat *st)
{
  struct timespec time;

  if (inode->type == EXP_INODE_FILE
      && (exp_view_classes[inode->view] == &exp_view_npy || exp_view_classes[inode->view] == &exp_view_raw))
    st->st_blksize = ARRAY_PIECE;
  if (inode->type == EXP_INODE_FILE && !exp_writers_has (mount, inode))
    {
      g_autoptr (ExpNode) node = exp_entry_node (mount, inode, NULL);
      g_auto (ExpInfo) info = { 0 };
      if (node != NULL && exp_node_describe (node, &info, NULL))
        exp_entry_learn (mount, inode, &info);
    }
  st->st_ino
      = exp_inode_number_for_view (exp_inode_get_number (inode), inode->type == EXP_INODE_FILE ? inode->view : 0);
  st->st_nlink = exp_inode_get_n_links (inode);
  if (exp_changes_time (mount, inode, &time))
    st->st_atim = st->st_mtim = st->st_ctim = time;
  if (exp_inode_has (inode, EXP_INODE_IS_DETACHED))
    st->st_nlink = 0;
}

static void
fill_outside (ExpMount *mount, ExpInode *inode, struct stat *st)
{
  g_autoptr (GError) error = NULL;

  if (!exp_outside_fill (mount, inode, st, &error))
    exp_log_failure (mount, inode, NULL, error);
}

gboolean
exp_attributes_fill (ExpMount *mount, ExpInode *inode, gboolean may_read, struct stat *st)
{
  const ExpMountOptions *options = mount->options;

  memset (st, 0, sizeof *st);
  st->st_ino
      = exp_inode_number_for_view (exp_inode_get_number (inode), inode->type == EXP_INODE_FILE ? inode->view : 0);
  st->st_mode = mode_of (mount, inode);
  st->st_nlink = exp_inode_get_n_links (inode);
  st->st_uid = options->has_uid ? options->uid : mount->store_stat.st_uid;
  st->st_gid = options->has_gid ? options->gid : mount->store_stat.st_gid;
  st->st_blksize = PIECE;
  st->st_atim = st->st_mtim = st->st_ctim = mount->store_stat.st_mtim;
  if (inode->mtime != 0)
    {
      st->st_mtim = (struct timespec){ inode->mtime, 0 };
      st->st_atim = st->st_ctim = st->st_mtim;
    }
  if (exp_inode_has (inode, EXP_INODE_IS_GROWING) && !mount->is_collection)
    st->st_mtim = last_change (mount);
  if (mount->is_writable)
    fill_written (mount, inode, st);
  if (mount->is_collection)
    fill_outside (mount, inode, st);
  return fill_size (mount, inode, may_read, st);
}
