/* Making files, opening them for writing, and writing them.
 * Knows requests and open files; what is written is the writers'.
 * Called by libfuse's workers. */
#include "expfs/edit.h"
#include "fs/backups.h"
#include "fs/driver.h"
#include "fs/names.h"
#include <errno.h>
#include <fcntl.h>
#include <linux/falloc.h>
#include <string.h>
#include <unistd.h>

/* Bytes that are written while their writer can as well wait on the same processor. */
#define MAX_SHORT 65536

/* What fi->fh of a file that is open for writing points to. */
typedef struct
{
  ExpWriter *writer; /* NULL: .expfs/operate */
  gboolean is_append;
  ExpConversation *conversation;
} Handle;

static Handle *
handle_of (const struct fuse_file_info *fi)
{
  return fi != NULL ? (Handle *)(uintptr_t)fi->fh : NULL;
}

ExpConversation *
exp_open_conversation (const struct fuse_file_info *fi)
{
  const Handle *handle = handle_of (fi);

  return handle != NULL ? handle->conversation : NULL;
}

/* --- opening ------------------------------------------------------------------------------------------------ */

static gboolean
is_for_writing (int flags)
{
  return (flags & O_ACCMODE) != O_RDONLY || (flags & O_TRUNC) != 0;
}

/* Between begin and end. */
static Handle *
open_locked (ExpMount *mount, ExpInode *inode, int flags, GError **error)
{
  ExpWriter *writer = exp_writers_open (mount, inode, error);

  if (writer == NULL)
    return NULL;
  if ((flags & O_TRUNC) != 0 && !exp_writer_truncate (mount, writer, 0, error))
    {
      exp_writers_close (mount, writer);
      return NULL;
    }
  Handle *handle = g_new0 (Handle, 1);
  handle->writer = writer;
  handle->is_append = (flags & O_APPEND) != 0;
  return handle;
}

static Handle *
open_for_writing (ExpMount *mount, ExpInode *inode, int flags, GError **error)
{
  if (!exp_change_begin (mount, error))
    return NULL;
  if (exp_along_take_empty (mount, inode))
    flags |= O_TRUNC;
  Handle *handle = open_locked (mount, inode, flags, error);
  exp_change_end (mount);
  return handle;
}

static void
close_handle (ExpMount *mount, Handle *handle)
{
  if (handle->conversation != NULL)
    {
      exp_conversation_close (handle->conversation);
      g_free (handle);
      return;
    }

  if (exp_behind_has (mount) && !exp_writer_is_done (handle->writer, TRUE))
    exp_behind_settle (mount);
  gboolean is_open = exp_change_begin (mount, NULL);

  exp_writers_close (mount, handle->writer);
  g_free (handle);
  if (is_open)
    exp_change_end (mount);
}

/* Operations touch files that are not in the store, and so are for those whose process this is. */
static void
open_conversation (fuse_req_t req, ExpMount *mount, struct fuse_file_info *fi)
{
  uid_t uid = fuse_req_ctx (req)->uid;

  if (uid != getuid () && uid != 0)
    {
      fuse_reply_err (req, EPERM);
      return;
    }
  Handle *handle = g_new0 (Handle, 1);
  handle->conversation = exp_conversation_new (mount);
  fi->fh = (uintptr_t)handle;
  fi->noflush = fi->direct_io = fi->nonseekable = TRUE;
  if (fuse_reply_open (req, fi) != 0)
    close_handle (mount, handle);
}

/* What the kernel may do with the pages of a file that is open like this. */
static void
fill_handle (ExpMount *mount, ExpInode *inode, Handle *handle, struct fuse_file_info *fi)
{
  struct timespec time;

  fi->fh = (uintptr_t)handle;
  fi->noflush = handle == NULL;
  /* What cannot be read through this descriptor cannot be mapped either: its bytes need not pass the page cache. */
  fi->direct_io = handle != NULL && (exp_writer_is_text (handle->writer) || (fi->flags & O_ACCMODE) == O_WRONLY);
  /* What it has read it may keep while the object is as it was when it was mounted. */
  fi->keep_cache = handle == NULL && inode->type == EXP_INODE_FILE && !exp_changes_time (mount, inode, &time);
}

void
exp_open_writable (fuse_req_t req, fuse_ino_t id, struct fuse_file_info *fi)
{
  ExpMount *mount = fuse_req_userdata (req);
  ExpInode *inode = exp_inode_get (mount->inodes, id);
  Handle *handle = NULL;
  GError *error = NULL;

  if (exp_control_is_operate (inode))
    {
      open_conversation (req, mount, fi);
      return;
    }
  if (exp_inode_has (inode, EXP_INODE_IS_GONE))
    {
      fuse_reply_err (req, ESTALE);
      return;
    }
  if (is_for_writing (fi->flags))
    exp_behind_settle (mount);
  if (inode->type == EXP_INODE_FILE && is_for_writing (fi->flags)
      && (handle = open_for_writing (mount, inode, fi->flags, &error)) == NULL)
    {
      exp_request_refuse (req, mount, inode, error);
      return;
    }
  fill_handle (mount, inode, handle, fi);
  if (fuse_reply_open (req, fi) != 0 && handle != NULL)
    close_handle (mount, handle);
}

/* --- making ------------------------------------------------------------------------------------------------- */

char *
exp_name_for_new (ExpInode *directory, const char *name, GError **error)
{
  gsize length;
  g_autofree char *true_name = exp_name_decode (name, &length);

  if (directory->type != EXP_INODE_DIRECTORY)
    g_set_error (error, EXP_ERROR, EXP_ERROR_NOT_PERMITTED, "nothing can be made in this directory");
  else if (directory->node->klass->create_dataset == NULL)
    g_set_error (error, EXP_ERROR, EXP_ERROR_UNSUPPORTED, "nothing can be made in this directory");
  else if (directory->parent == NULL && strcmp (name, EXP_CONTROL_NAME) == 0)
    g_set_error (error, EXP_ERROR, EXP_ERROR_NOT_PERMITTED, "%s is the mount's own", name);
  else if (true_name == NULL || strlen (true_name) != length)
    g_set_error (error, EXP_ERROR, EXP_ERROR_INVALID, "no object can have the name '%s'", name);
  else
    return g_steal_pointer (&true_name);
  return NULL;
}

/* The inode of a file that is not in the store yet; a reference. */
static ExpInode *
make_new (ExpMount *mount, ExpInode *directory, const char *name, GError **error)
{
  gsize stem_length;
  const ExpViewClass *klass = exp_edit_class_for_name (name, &stem_length);
  g_autofree char *stem = g_strndup (name, stem_length);
  guint view = 0;
  g_autofree char *true_name = exp_name_for_new (directory, stem, error);

  if (true_name == NULL || !exp_node_check_name (directory->node, true_name, error))
    return NULL;
  ExpInode *inode = exp_inode_new (directory, name, EXP_INODE_FILE, NULL);
  if (inode == NULL)
    {
      g_set_error (error, EXP_ERROR, EXP_ERROR_NO_MEMORY, "no memory for an entry");
      return NULL;
    }
  while (exp_view_classes[view] != klass)
    view++;
  inode->view = view;
  inode->number = exp_changes_new_number (mount);
  inode->flags = EXP_INODE_IS_NEW | (view > 0 ? EXP_INODE_IS_VIRTUAL : 0);
  return exp_inode_add (mount->inodes, inode);
}

/* An editor that has put the old file aside as NAME~ means the same dataset. */
static void
inherit (ExpMount *mount, ExpInode *directory, const char *name, Handle *handle)
{
  ExpInode *backup = exp_backups_take (mount, directory, name);

  if (backup == NULL)
    return;
  g_autoptr (ExpNode) node = backup->type == EXP_INODE_FILE ? exp_entry_node (mount, backup, NULL) : NULL;
  if (node != NULL)
    exp_writer_inherit (mount, handle->writer, node);
  exp_inode_unref (mount->inodes, backup, 1);
}

/* The file `name`, made or as it is; with a handle when it is open. */
static ExpInode *
create (ExpMount *mount, ExpInode *directory, const char *name, int flags, Handle **handle, GError **error)
{
  g_autoptr (GError) local_error = NULL;
  ExpInode *inode = exp_entry_lookup (mount, directory, name, &local_error);

  gboolean is_along = inode != NULL && (flags & O_EXCL) != 0 && exp_along_take (mount, directory, name);
  exp_along_use (mount, directory);
  if (inode != NULL && (flags & O_EXCL) != 0 && !is_along)
    g_set_error (error, EXP_ERROR, EXP_ERROR_EXISTS, "'%s' is there already", name);
  else if (inode == NULL && !g_error_matches (local_error, EXP_ERROR, EXP_ERROR_NOT_FOUND))
    g_propagate_error (error, g_steal_pointer (&local_error));
  else
    {
      if (inode == NULL)
        inode = make_new (mount, directory, name, error);
      if (inode != NULL && (*handle = open_locked (mount, inode, flags & ~O_TRUNC, error)) != NULL)
        {
          /* mknod(2) leaves it closed. */
          if (is_along && ((flags & O_CREAT) == 0 || !exp_writer_truncate (mount, (*handle)->writer, 0, NULL)))
            exp_along_set_empty (mount, inode);
          if (exp_inode_has (inode, EXP_INODE_IS_NEW))
            inherit (mount, directory, name, *handle);
          exp_changes_note (mount, directory);
          return inode;
        }
      if (inode != NULL && exp_inode_has (inode, EXP_INODE_IS_NEW))
        exp_inode_detach (mount->inodes, inode);
    }
  if (inode != NULL)
    exp_inode_unref (mount->inodes, inode, 1);
  return NULL;
}

static ExpInode *
create_in_change (ExpMount *mount, ExpInode *directory, const char *name, int flags, Handle **handle, GError **error)
{
  if (!exp_change_begin (mount, error))
    return NULL;
  ExpInode *inode = create (mount, directory, name, flags, handle, error);
  exp_change_end (mount);
  return inode;
}

void
exp_create (fuse_req_t req, fuse_ino_t parent, const char *name, mode_t mode, struct fuse_file_info *fi)
{
  g_auto (ExpRequest) request = exp_request_begin_ahead (req, EXP_OPERATION_CHANGE);
  ExpMount *mount = request.mount;
  ExpInode *directory = exp_inode_get (mount->inodes, parent);
  struct fuse_entry_param param;
  Handle *handle = NULL;
  GError *error = NULL;

  exp_entry_settle (mount, directory, name);
  ExpInode *inode = create_in_change (mount, directory, name, fi->flags, &handle, &error);

  if (inode == NULL)
    {
      exp_request_refuse (req, mount, directory, error);
      return;
    }
  exp_entry_fill (mount, inode, TRUE, &param);
  fill_handle (mount, inode, handle, fi);
  if (fuse_reply_create (req, &param, fi) != 0)
    {
      close_handle (mount, handle);
      exp_inode_unref (mount->inodes, inode, 1);
    }
}

void
exp_mknod (fuse_req_t req, fuse_ino_t parent, const char *name, mode_t mode, dev_t device)
{
  g_auto (ExpRequest) request = exp_request_begin (req, EXP_OPERATION_CHANGE);
  ExpMount *mount = request.mount;
  ExpInode *directory = exp_inode_get (mount->inodes, parent);
  struct fuse_entry_param param;
  Handle *handle = NULL;
  GError *error = NULL;
  ExpInode *inode = NULL;

  if (!S_ISREG (mode))
    g_set_error (&error, EXP_ERROR, EXP_ERROR_UNSUPPORTED, "only files, directories and links can be made");
  else
    inode = create_in_change (mount, directory, name, O_EXCL, &handle, &error);
  if (inode == NULL)
    {
      exp_request_refuse (req, mount, directory, error);
      return;
    }
  close_handle (mount, handle);
  exp_entry_fill (mount, inode, TRUE, &param);
  if (fuse_reply_entry (req, &param) != 0)
    exp_inode_unref (mount->inodes, inode, 1);
}

/* --- writing ------------------------------------------------------------------------------------------------ */

void
exp_write (fuse_req_t req, fuse_ino_t id, const char *data, size_t size, off_t offset, struct fuse_file_info *fi)
{
  ExpMount *mount = fuse_req_userdata (req);
  ExpInode *inode = exp_inode_get (mount->inodes, id);
  /* Only where another thread has work to do meanwhile does the client stay on its processor. */
  gboolean is_long = size > MAX_SHORT || !exp_inode_has (inode, EXP_INODE_IS_NEW), is_done;
  g_auto (ExpRequest) request = exp_request_begin_write (req, is_long);
  Handle *handle = handle_of (fi);
  GError *error = NULL;

  if (exp_behind_has (mount) && handle != NULL
      && (handle->writer == NULL || !exp_writer_is_apart (handle->writer, size, data)))
    exp_behind_settle (mount);
  if (handle != NULL && handle->conversation != NULL)
    is_done = exp_conversation_write (handle->conversation, data, size, &error);
  else if (inode->type == EXP_INODE_CONTROL)
    is_done = exp_control_write (mount, inode, &error);
  else if (handle == NULL)
    {
      fuse_reply_err (req, EBADF);
      return;
    }
  else if ((is_done = exp_change_begin (mount, &error)))
    {
      /* A page that was mapped is written where it lies. */
      is_done
          = exp_writer_write (mount, handle->writer, offset, size, data, handle->is_append && !fi->writepage, &error);
      exp_change_end (mount);
    }
  if (is_done)
    fuse_reply_write (req, size);
  else
    exp_request_refuse (req, mount, inode, error);
}

static gboolean
flush (ExpMount *mount, Handle *handle, GError **error)
{
  if (handle == NULL || handle->conversation != NULL)
    return TRUE;
  if (exp_behind_has (mount) && !exp_writer_is_done (handle->writer, FALSE))
    exp_behind_settle (mount);
  if (!exp_change_begin (mount, error))
    return FALSE;
  gboolean is_done = exp_writer_flush (mount, handle->writer, error);
  exp_change_end (mount);
  return is_done;
}

void
exp_flush (fuse_req_t req, fuse_ino_t id, struct fuse_file_info *fi)
{
  g_auto (ExpRequest) request = exp_request_begin_ahead (req, EXP_OPERATION_FLUSH);
  ExpMount *mount = request.mount;
  Handle *handle = handle_of (fi);
  GError *error = NULL;

  /* Where nothing is written the kernel need not ask again. */
  if (!mount->is_writable)
    fuse_reply_err (req, ENOSYS);
  else if (handle != NULL && handle->writer != NULL && exp_behind_take (mount, handle->writer))
    fuse_reply_err (req, 0);
  else if (flush (mount, handle, &error))
    fuse_reply_err (req, 0);
  else
    exp_request_refuse (req, mount, exp_inode_get (mount->inodes, id), error);
}

void
exp_release (fuse_req_t req, fuse_ino_t id, struct fuse_file_info *fi)
{
  g_auto (ExpRequest) request = exp_request_begin_ahead (req, EXP_OPERATION_RELEASE);
  Handle *handle = handle_of (fi);

  if (handle != NULL)
    close_handle (request.mount, handle);
  fuse_reply_err (req, 0);
}

void
exp_fsync (fuse_req_t req, fuse_ino_t id, int data_only, struct fuse_file_info *fi)
{
  g_auto (ExpRequest) request = exp_request_begin (req, EXP_OPERATION_FSYNC);
  ExpMount *mount = request.mount;
  GError *error = NULL;

  gboolean is_done = flush (mount, handle_of (fi), &error);
  if (is_done)
    exp_awaited_try_some (mount);
  if (is_done && exp_behind_commit (mount, FALSE, &error))
    fuse_reply_err (req, 0);
  else
    exp_request_refuse (req, mount, exp_inode_get (mount->inodes, id), error);
}

void
exp_fsyncdir (fuse_req_t req, fuse_ino_t id, int data_only, struct fuse_file_info *fi)
{
  g_auto (ExpRequest) request = exp_request_begin (req, EXP_OPERATION_FSYNC);
  ExpMount *mount = request.mount;
  GError *error = NULL;

  exp_awaited_try (mount, FALSE);
  if (exp_behind_commit (mount, FALSE, &error))
    fuse_reply_err (req, 0);
  else
    exp_request_refuse (req, mount, exp_inode_get (mount->inodes, id), error);
}

/* --- attributes --------------------------------------------------------------------------------------------- */

static gboolean
truncate_file (ExpMount *mount, ExpInode *inode, guint64 size, Handle *handle, GError **error)
{
  if (handle != NULL)
    return exp_writer_truncate (mount, handle->writer, size, error);

  ExpWriter *writer = exp_writers_open (mount, inode, error);
  if (writer == NULL)
    return FALSE;
  gboolean is_done = exp_writer_truncate (mount, writer, size, error) && exp_writers_finish (mount, writer, error);
  exp_writers_close (mount, writer);
  return is_done;
}

static void
set_times (ExpMount *mount, ExpInode *inode, const struct stat *st, int to_set)
{
  if ((to_set & FUSE_SET_ATTR_MTIME_NOW) != 0)
    exp_changes_note (mount, inode);
  else if ((to_set & FUSE_SET_ATTR_MTIME) != 0)
    exp_changes_set_time (mount, inode, &st->st_mtim);
}

void
exp_setattr (fuse_req_t req, fuse_ino_t id, struct stat *wanted, int to_set, struct fuse_file_info *fi)
{
  g_auto (ExpRequest) request = exp_request_begin (req, EXP_OPERATION_CHANGE);
  ExpMount *mount = request.mount;
  ExpInode *inode = exp_inode_get (mount->inodes, id);
  GError *error = NULL;
  struct stat st;
  gboolean is_done = TRUE;

  if ((to_set & FUSE_SET_ATTR_SIZE) != 0 && inode->type != EXP_INODE_CONTROL)
    {
      is_done = exp_change_begin (mount, &error);
      if (is_done)
        {
          is_done = truncate_file (mount, inode, wanted->st_size, handle_of (fi), &error);
          exp_change_end (mount);
        }
    }
  if (!is_done)
    {
      exp_request_refuse (req, mount, inode, error);
      return;
    }
  /* Owners and modes are the store file's: those that are wanted are not kept, and nobody who copies fails by it. */
  set_times (mount, inode, wanted, to_set);
  exp_leases_break (mount);
  exp_attributes_fill (mount, inode, TRUE, &st);
  fuse_reply_attr (req, &st, exp_attributes_timeout (mount, inode));
}

void
exp_fallocate (fuse_req_t req, fuse_ino_t id, int mode, off_t offset, off_t length, struct fuse_file_info *fi)
{
  g_auto (ExpRequest) request = exp_request_begin (req, EXP_OPERATION_CHANGE);
  ExpMount *mount = request.mount;
  ExpInode *inode = exp_inode_get (mount->inodes, id);
  Handle *handle = handle_of (fi);
  GError *error = NULL;
  guint64 size = 0;
  gboolean is_done = TRUE;

  if (handle == NULL || handle->conversation != NULL || (mode & ~FALLOC_FL_KEEP_SIZE) != 0
      || (mode == 0 && exp_writer_is_text (handle->writer)))
    {
      fuse_reply_err (req, EOPNOTSUPP);
      return;
    }
  if (mode == 0 && exp_writers_size (mount, inode, &size) && size < (guint64)offset + length)
    {
      is_done = exp_change_begin (mount, &error);
      if (is_done)
        {
          is_done = exp_writer_truncate (mount, handle->writer, (guint64)offset + length, &error);
          exp_change_end (mount);
        }
    }
  if (is_done)
    fuse_reply_err (req, 0);
  else
    exp_request_refuse (req, mount, inode, error);
}
