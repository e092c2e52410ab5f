/* What stands in for the driver until it is there.
 * Knows nothing.
 * Called by the session. */
#include "fs/mount.h"
#include <errno.h>
#include <string.h>

static void
get_attributes (fuse_req_t request, fuse_ino_t inode, struct fuse_file_info *file)
{
  struct stat st = { .st_mode = S_IFDIR | 0755, .st_ino = 1, .st_nlink = 2 };

  fuse_reply_attr (request, &st, 1.0);
}

__attribute__ ((weak)) const struct fuse_lowlevel_ops exp_driver_operations = { .getattr = get_attributes };

__attribute__ ((weak)) ExpMount *
exp_mount_new (ExpStore *store, const ExpMountOptions *options, GError **error)
{
  ExpMount *mount = g_new0 (ExpMount, 1);

  mount->store = exp_store_ref (store);
  return mount;
}

__attribute__ ((weak)) void
exp_mount_free (ExpMount *mount)
{
  exp_store_unref (mount->store);
  g_free (mount);
}
