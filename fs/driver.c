/* The table of operations, and the small ones among them.
 * Knows no HDF5 and no views.
 * Called by libfuse's workers and the session. */
#include "fs/driver.h"
#include "fs/names.h"
#include <errno.h>
#include <string.h>
#include <sys/statvfs.h>
#include <unistd.h>

#define NEGATIVE_TIMEOUT 5
#define READ_SIZE        (1024 * 1024)
#define WRITE_SIZE       (1024 * 1024)

static void
driver_init (void *data, struct fuse_conn_info *conn)
{
  ExpMount *mount = data;
  guint wanted = FUSE_CAP_ASYNC_READ | FUSE_CAP_AUTO_INVAL_DATA | FUSE_CAP_PARALLEL_DIROPS | FUSE_CAP_READDIRPLUS
                 | FUSE_CAP_CACHE_SYMLINKS | FUSE_CAP_SPLICE_WRITE | FUSE_CAP_SPLICE_MOVE | FUSE_CAP_ASYNC_DIO;
  /* Whole listings always come with attributes; requests are too small for splicing them in to pay. */
  guint unwanted = FUSE_CAP_READDIRPLUS_AUTO | FUSE_CAP_EXPORT_SUPPORT | FUSE_CAP_SPLICE_READ | FUSE_CAP_POSIX_ACL;

  if (mount->is_writable)
    {
      /* What a link shows changes when its directory is moved. */
      wanted = (wanted & ~FUSE_CAP_CACHE_SYMLINKS) | FUSE_CAP_ATOMIC_O_TRUNC;
      unwanted |= FUSE_CAP_WRITEBACK_CACHE;
      conn->max_write = WRITE_SIZE;
    }
  /* Since then what it is told by an answer that was on its way when it was told that it has changed is not taken. */
  if (mount->is_writable && conn->proto_minor >= 32)
    exp_leases_start (mount->state->leases);
  conn->want |= conn->capable & wanted;
  conn->want &= ~unwanted;
  conn->max_read = mount->options->max_read;
  conn->max_readahead = MAX (conn->max_readahead, READ_SIZE);
  conn->max_background = 64;
  conn->congestion_threshold = 48;
}

/* TRUE where no name appears that is not there. */
static gboolean
is_steady (ExpMount *mount, ExpInode *directory)
{
  return !mount->is_writable && !(mount->is_collection && exp_inode_has (directory, EXP_INODE_IS_FOLDER));
}

static void
driver_lookup (fuse_req_t req, fuse_ino_t parent, const char *name)
{
  g_auto (ExpRequest) request = exp_request_begin_ahead (req, EXP_OPERATION_LOOKUP);
  ExpMount *mount = request.mount;
  ExpInode *directory = exp_inode_get (mount->inodes, parent);
  struct fuse_entry_param param = { 0 };
  GError *error = NULL;

  if (exp_entry_is_gone (mount, directory))
    {
      fuse_reply_err (req, ESTALE);
      return;
    }
  ExpInode *inode = exp_entry_lookup_settled (mount, directory, name, &error);
  if (inode != NULL && exp_along_is_to_be_made (mount, directory, name, fuse_req_ctx (req)->pid))
    {
      exp_inode_unref (mount->inodes, inode, 1);
      fuse_reply_entry (req, &param);
    }
  else if (inode != NULL)
    {
      exp_entry_fill (mount, inode, !exp_inode_has (inode, EXP_INODE_IS_COSTLY), &param);
      if (fuse_reply_entry (req, &param) != 0)
        exp_inode_unref (mount->inodes, inode, 1);
    }
  else if (g_error_matches (error, EXP_ERROR, EXP_ERROR_NOT_FOUND))
    {
      g_error_free (error);
      param.entry_timeout = is_steady (mount, directory) ? NEGATIVE_TIMEOUT : 0;
      fuse_reply_entry (req, &param);
    }
  else
    {
      exp_log_failed_query (mount, directory, name, error);
      fuse_reply_err (req, exp_errno (error));
      g_error_free (error);
    }
}

static void
driver_forget (fuse_req_t req, fuse_ino_t id, uint64_t n)
{
  g_auto (ExpRequest) request = exp_request_begin_ahead (req, EXP_OPERATION_FORGET);
  ExpMount *mount = request.mount;

  exp_inode_unref (mount->inodes, exp_inode_get (mount->inodes, id), n);
  fuse_reply_none (req);
}

static void
driver_forget_multi (fuse_req_t req, size_t n, struct fuse_forget_data *forgets)
{
  g_auto (ExpRequest) request = exp_request_begin_ahead (req, EXP_OPERATION_FORGET);
  ExpMount *mount = request.mount;

  exp_push_clear (mount->state->push);
  for (size_t i = 0; i < n; i++)
    exp_inode_unref (mount->inodes, exp_inode_get (mount->inodes, forgets[i].ino), forgets[i].nlookup);
  fuse_reply_none (req);
}

static void
driver_getattr (fuse_req_t req, fuse_ino_t id, struct fuse_file_info *fi)
{
  g_auto (ExpRequest) request = exp_request_begin_for (req, EXP_OPERATION_GETATTR, id);
  ExpMount *mount = request.mount;
  ExpInode *inode = exp_inode_get (mount->inodes, id);
  const guint64 begun = exp_leases_begin (mount);
  struct stat st;

  if (exp_entry_is_gone (mount, inode))
    {
      fuse_reply_err (req, ESTALE);
      return;
    }
  if (inode->type == EXP_INODE_FILE && !exp_inode_has (inode, EXP_INODE_HAS_SIZE))
    exp_attributes_give_credit (mount);
  exp_attributes_fill (mount, inode, TRUE, &st);
  fuse_reply_attr (req, &st,
                   mount->is_writable ? exp_leases_take (mount, inode, begun) : exp_attributes_timeout (mount, inode));
}

static void
driver_readlink (fuse_req_t req, fuse_ino_t id)
{
  g_auto (ExpRequest) request = exp_request_begin_for (req, EXP_OPERATION_READLINK, id);
  ExpMount *mount = request.mount;
  ExpInode *inode = exp_inode_get (mount->inodes, id);
  g_auto (ExpInfo) info = { 0 };
  GError *error = NULL;

  if (inode->type != EXP_INODE_LINK && inode->type != EXP_INODE_LINK_UP)
    {
      fuse_reply_err (req, EINVAL);
      return;
    }
  if (inode->type == EXP_INODE_LINK && !exp_node_describe (inode->node, &info, &error))
    {
      exp_request_fail (req, mount, inode, error);
      return;
    }
  g_autofree char *target = exp_path_link_target (inode, inode->type == EXP_INODE_LINK ? &info : NULL);
  if (strlen (target) >= 4096)
    fuse_reply_err (req, ENAMETOOLONG);
  else
    fuse_reply_readlink (req, target);
}

/* Where something can be written, the room that there is beside the store. */
static void
fill_room (ExpMount *mount, struct statvfs *st)
{
  g_autofree char *directory = g_path_get_dirname (exp_store_get_path (mount->store));
  struct statvfs below;

  st->f_flag = 0;
  if (exp_store_path_is_volatile (exp_store_get_path (mount->store)) || statvfs (directory, &below) != 0)
    return;
  st->f_bsize = st->f_frsize = below.f_frsize;
  st->f_blocks = below.f_blocks;
  st->f_bfree = below.f_bfree;
  st->f_bavail = below.f_bavail;
}

static void
driver_statfs (fuse_req_t req, fuse_ino_t id)
{
  g_auto (ExpRequest) request = exp_request_begin (req, EXP_OPERATION_STATFS);
  ExpMount *mount = request.mount;
  struct statvfs st = { .f_bsize = 4096, .f_frsize = 4096, .f_namemax = EXP_NAME_MAX, .f_flag = ST_RDONLY };

  st.f_blocks = (mount->store_stat.st_size + 4095) / 4096;
  if (mount->is_writable)
    fill_room (mount, &st);
  fuse_reply_statfs (req, &st);
}

static void
driver_access (fuse_req_t req, fuse_ino_t id, int mask)
{
  g_auto (ExpRequest) request = exp_request_begin (req, EXP_OPERATION_ACCESS);
  ExpMount *mount = request.mount;
  ExpInode *inode = exp_inode_get (mount->inodes, id);
  const struct fuse_ctx *caller = fuse_req_ctx (req);
  struct stat st;

  if (exp_entry_is_gone (mount, inode))
    {
      fuse_reply_err (req, ESTALE);
      return;
    }
  exp_attributes_fill (mount, inode, FALSE, &st);
  mode_t bits = caller->uid == st.st_uid ? st.st_mode >> 6 : caller->gid == st.st_gid ? st.st_mode >> 3 : st.st_mode;
  if (caller->uid == 0)
    bits = R_OK | W_OK | (S_ISDIR (st.st_mode) ? X_OK : 0);
  if ((mask & W_OK) != 0 && !mount->is_writable)
    fuse_reply_err (req, EROFS);
  else
    fuse_reply_err (req, (mask & ~bits & (R_OK | W_OK | X_OK)) != 0 ? EACCES : 0);
}

const struct fuse_lowlevel_ops exp_driver_operations = {
  .init = driver_init,
  .lookup = driver_lookup,
  .forget = driver_forget,
  .forget_multi = driver_forget_multi,
  .getattr = driver_getattr,
  .readlink = driver_readlink,
  .statfs = driver_statfs,
  .access = driver_access,
  .open = exp_open,
  .read = exp_read,
  .opendir = exp_opendir,
  .readdir = exp_readdir,
  .readdirplus = exp_readdirplus,
  .releasedir = exp_releasedir,
  .getxattr = exp_getxattr,
  .listxattr = exp_listxattr,
  .setattr = exp_setattr,
  .mknod = exp_mknod,
  .mkdir = exp_mkdir,
  .unlink = exp_unlink,
  .rmdir = exp_rmdir,
  .symlink = exp_symlink,
  .rename = exp_rename,
  .link = exp_link,
  .create = exp_create,
  .write = exp_write,
  .flush = exp_flush,
  .release = exp_release,
  .fsync = exp_fsync,
  .fsyncdir = exp_fsyncdir,
  .fallocate = exp_fallocate,
  .setxattr = exp_setxattr,
  .removexattr = exp_removexattr,
};
