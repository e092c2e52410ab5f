/* Reading files: views of nodes, and the mount's own files.
 * Knows no names and no directories.
 * Called by libfuse's workers. */
#include "fs/driver.h"
#include <errno.h>

#define FEW_ROWS  4096
#define MAX_SHORT 4096 /* bytes of a read that no processor need be woken for */

/* TRUE for what may grow while it is read. What the kernel keeps of it would have zeros at its end for who reads while
 * another one is told that it has grown. Few rows may be the beginning of many; many are better kept. */
static gboolean
is_read_through (ExpInode *inode)
{
  g_auto (ExpInfo) info = { 0 };

  if (inode->type != EXP_INODE_FILE || !exp_inode_has (inode, EXP_INODE_IS_GROWING)
      || !exp_node_describe (inode->node, &info, NULL))
    return FALSE;
  return info.is_live || (exp_view_classes[inode->view] == &exp_view_text && exp_info_n_elements (&info) <= FEW_ROWS);
}

/* In a mount whose store others may begin to write. */
static void
open_followed (fuse_req_t req, ExpMount *mount, fuse_ino_t id, struct fuse_file_info *fi)
{
  ExpInode *inode = exp_inode_get (mount->inodes, id);

  fi->direct_io = is_read_through (inode);
  fi->keep_cache = !fi->direct_io;
  fuse_reply_open (req, fi);
}

/* Where nothing is written, nothing has to be prepared: the kernel opens and closes files by itself from here on, which
 * halves what reading a small one takes. It keeps what it has read; what may change carries a time of change that
 * tells it to ask again. */
void
exp_open (fuse_req_t req, fuse_ino_t id, struct fuse_file_info *fi)
{
  g_auto (ExpRequest) request = exp_request_begin_for (req, EXP_OPERATION_OPEN, id);

  if (request.mount->is_writable)
    exp_open_writable (req, id, fi);
  else if (request.mount->is_followed)
    open_followed (req, request.mount, id, fi);
  else
    fuse_reply_err (req, ENOSYS);
}

static void
read_conversation (fuse_req_t req, ExpConversation *conversation, size_t size)
{
  char buffer[4096];
  gsize n = exp_conversation_read (conversation, buffer, MIN (size, sizeof buffer));

  fuse_reply_buf (req, buffer, n);
}

static void
read_control (fuse_req_t req, ExpMount *mount, ExpInode *inode, size_t size, off_t offset)
{
  g_autoptr (GBytes) snapshot = exp_control_get (mount, inode, NULL);
  gsize length;
  const char *text = g_bytes_get_data (snapshot, &length);
  gsize start = MIN ((gsize)offset, length);

  fuse_reply_buf (req, text != NULL ? text + start : NULL, MIN (size, length - start));
}

/* The description once more, for its error. */
static void
fail_broken (fuse_req_t req, ExpMount *mount, ExpInode *inode)
{
  g_auto (ExpInfo) info = { 0 };
  GError *error = NULL;

  if (exp_node_describe (inode->node, &info, &error))
    g_set_error (&error, EXP_ERROR, EXP_ERROR_IO, "could not be read when it was first looked at");
  exp_request_fail (req, mount, inode, error);
}

/* A buffer that each worker keeps: reads come in one size. */
static char *
thread_buffer (gsize size)
{
  static GPrivate private_buffer = G_PRIVATE_INIT (g_free);
  static __thread gsize private_size;
  char *buffer = g_private_get (&private_buffer);

  if (buffer != NULL && private_size >= size)
    return buffer;
  buffer = g_try_malloc (size);
  if (buffer == NULL)
    return NULL;
  g_private_replace (&private_buffer, buffer);
  private_size = size;
  return buffer;
}

/* A request is rarely in more pieces than this. */
#define MAX_RUNS 16

static gboolean
are_in_memory (const ExpRun *runs, guint n)
{
  for (guint i = 0; i < n; i++)
    if (runs[i].fd >= 0)
      return FALSE;
  return TRUE;
}

static void
reply_memory (fuse_req_t req, const ExpRun *runs, guint n)
{
  struct iovec parts[MAX_RUNS];

  for (guint i = 0; i < n; i++)
    parts[i] = (struct iovec){ (gpointer)runs[i].bytes, runs[i].length };
  fuse_reply_iov (req, parts, n);
}

/* The bytes in a file go through a pipe, without passing through our memory. */
static void
reply_files (fuse_req_t req, const ExpRun *runs, guint n)
{
  struct fuse_bufvec *vector = g_alloca (sizeof *vector + n * sizeof *vector->buf);

  *vector = (struct fuse_bufvec){ .count = n };
  for (guint i = 0; i < n; i++)
    vector->buf[i] = (struct fuse_buf){
      .size = runs[i].length,
      .flags = runs[i].fd >= 0 ? FUSE_BUF_IS_FD | FUSE_BUF_FD_SEEK : 0,
      .mem = (gpointer)runs[i].bytes,
      .fd = runs[i].fd,
      .pos = runs[i].position,
    };
  fuse_reply_data (req, vector, 0);
}

/* Hands over the bytes from where they lie; FALSE when they have to be made. */
static gboolean
read_runs (fuse_req_t req, ExpView *view, size_t size, off_t offset)
{
  ExpRun runs[MAX_RUNS];
  guint n = exp_view_locate (view, offset, size, runs, MAX_RUNS);

  if (n == 0)
    return FALSE;
  if (are_in_memory (runs, n))
    reply_memory (req, runs, n);
  else
    reply_files (req, runs, n);
  for (guint i = 0; i < n; i++)
    exp_run_release (&runs[i]);
  return TRUE;
}

/* What somebody is just writing is read as he wrote it; FALSE when nobody is. */
static gboolean
read_written (fuse_req_t req, ExpMount *mount, ExpInode *inode, size_t size, off_t offset)
{
  gboolean is_written = FALSE;
  GError *error = NULL;
  gsize n_read = 0;
  char *buffer;

  if (!exp_writers_has (mount, inode) || (buffer = thread_buffer (size)) == NULL)
    return FALSE;
  if (!exp_writers_pread (mount, inode, offset, size, buffer, &n_read, &is_written, &error))
    exp_request_fail (req, mount, inode, error);
  else if (is_written)
    fuse_reply_buf (req, buffer, n_read);
  else if (exp_inode_has (inode, EXP_INODE_IS_NEW))
    fuse_reply_buf (req, NULL, 0);
  else
    return FALSE;
  return TRUE;
}

void
exp_read (fuse_req_t req, fuse_ino_t id, size_t size, off_t offset, struct fuse_file_info *fi)
{
  g_auto (ExpRequest) request = exp_request_begin_read (req, id, size > MAX_SHORT);
  ExpMount *mount = request.mount;
  ExpInode *inode = exp_inode_get (mount->inodes, id);
  GError *error = NULL;
  gsize n_read = 0;

  if (exp_open_conversation (fi) != NULL)
    {
      read_conversation (req, exp_open_conversation (fi), size);
      return;
    }
  if (inode->type == EXP_INODE_CONTROL)
    {
      read_control (req, mount, inode, size, offset);
      return;
    }
  if (inode->type != EXP_INODE_FILE)
    {
      fail_broken (req, mount, inode);
      return;
    }

  if (read_written (req, mount, inode, size, offset))
    return;
  if (offset == 0 && !mount->is_writable)
    exp_push_following (mount->state->push, inode, fuse_req_ctx (req)->pid);
  g_autoptr (ExpView) view = exp_views_get (mount, inode, &error);
  if (view == NULL)
    {
      exp_request_fail (req, mount, inode, error);
      return;
    }
  if (read_runs (req, view, size, offset))
    return;

  char *buffer = thread_buffer (size);
  if (buffer == NULL)
    {
      fuse_reply_err (req, ENOMEM);
      return;
    }
  if (exp_view_pread (view, offset, size, buffer, &n_read, &error))
    fuse_reply_buf (req, buffer, n_read);
  else
    exp_request_fail (req, mount, inode, error);
}
