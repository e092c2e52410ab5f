/* Open directories: what the kernel asks of a listing, answered with or without attributes.
 * Knows no names but the mount's own and the dots.
 * Called by libfuse's workers. */
#include "fs/walk_ahead.h"
#include <errno.h>

#define N_DOTS 2 /* offsets 1 and 2 follow "." and ".." */

/* Bytes of a reply with attributes. While its caller looks at these entries the next ones are made, so that it must
 * not be all that the kernel has room for. */
#define REPLY_SIZE (32 * 1024)

/* One reply under construction. */
typedef struct
{
  fuse_req_t req;
  ExpMount *mount;
  ExpInode *inode;
  gboolean plus;
  char *buffer;
  size_t size;
  size_t used;
} Reply;

void
exp_opendir (fuse_req_t req, fuse_ino_t id, struct fuse_file_info *fi)
{
  g_auto (ExpRequest) request = exp_request_begin (req, EXP_OPERATION_OPENDIR);
  ExpMount *mount = request.mount;
  ExpInode *inode = exp_inode_get (mount->inodes, id);

  if (exp_entry_is_gone (mount, inode))
    {
      fuse_reply_err (req, ESTALE);
      return;
    }
  const gboolean is_folder = mount->is_collection && exp_inode_has (inode, EXP_INODE_IS_FOLDER);
  g_autoptr (ExpListing) listing
      = is_folder ? exp_listing_new (mount, inode, FALSE) : exp_walk_ahead_open (mount->state->walk_ahead, inode);

  fi->fh = (uintptr_t)listing;
  fi->cache_readdir = fi->keep_cache = !mount->is_writable && !is_folder;
  g_atomic_int_inc (&mount->n_open);
  if (fuse_reply_open (req, fi) == 0)
    g_steal_pointer (&listing);
  else
    g_atomic_int_add (&mount->n_open, -1);
}

void
exp_releasedir (fuse_req_t req, fuse_ino_t id, struct fuse_file_info *fi)
{
  g_auto (ExpRequest) request = exp_request_begin (req, EXP_OPERATION_RELEASEDIR);
  ExpMount *mount = request.mount;

  g_atomic_int_add (&mount->n_open, -1);
  fuse_reply_err (req, 0);
  exp_listing_unref ((ExpListing *)(uintptr_t)fi->fh);
}

/* Adds one entry, with the reference on `inode` when it is told to the kernel; FALSE when it does not fit. */
static gboolean
reply_add (Reply *reply, const char *name, const struct fuse_entry_param *param, off_t next)
{
  char *at = reply->buffer + reply->used;
  size_t room = reply->size - reply->used;
  size_t needed = reply->plus ? fuse_add_direntry_plus (reply->req, at, room, name, param, next)
                              : fuse_add_direntry (reply->req, at, room, name, &param->attr, next);

  if (needed > room)
    return FALSE;
  reply->used += needed;
  return TRUE;
}

static gboolean
reply_add_dots (Reply *reply, off_t *offset)
{
  for (; *offset < N_DOTS; ++*offset)
    {
      exp_inode_names_lock ();
      ExpInode *inode = *offset == 1 && reply->inode->parent != NULL ? reply->inode->parent : reply->inode;
      struct fuse_entry_param param = { .attr = { .st_ino = inode->number, .st_mode = S_IFDIR } };
      exp_inode_names_unlock ();

      if (!reply_add (reply, *offset == 0 ? "." : "..", &param, *offset + 1))
        return FALSE;
    }
  return TRUE;
}

/* FALSE when it does not fit; then the reference on `inode` is still the caller's. */
static gboolean
reply_add_inode (Reply *reply, ExpInode *inode, off_t next)
{
  struct fuse_entry_param param;

  exp_entry_fill (reply->mount, inode, FALSE, &param);
  if (!reply_add (reply, exp_inode_name (inode), &param, next))
    return FALSE;
  if (!reply->plus)
    exp_inode_unref (reply->mount->inodes, inode, 1);
  else if (!reply->mount->is_writable)
    exp_push_add_listed (reply->mount->state->push, inode);
  return TRUE;
}

/* *offset is left behind the last entry that fits. FALSE when nothing follows it. */
static gboolean
reply_add_children (Reply *reply, ExpListing *listing, off_t *offset)
{
  ExpInode *inode;

  for (; exp_listing_get (listing, *offset - N_DOTS, reply->plus, &inode); ++*offset)
    if (inode != NULL && !reply_add_inode (reply, inode, *offset + 1))
      {
        exp_listing_unget (listing, *offset - N_DOTS, inode);
        return TRUE;
      }
  return FALSE;
}

static void
reply_add_control (Reply *reply, off_t offset)
{
  for (const char *name; (name = exp_control_name (reply->mount, offset - N_DOTS)) != NULL; offset++)
    {
      ExpInode *inode = exp_inode_find (reply->mount->inodes, reply->inode, name);
      if (inode == NULL)
        inode = exp_control_lookup (reply->mount, reply->inode, name);
      if (inode == NULL)
        return;
      if (!reply_add_inode (reply, inode, offset + 1))
        {
          exp_inode_unref (reply->mount->inodes, inode, 1);
          return;
        }
    }
}

static void
read_directory (fuse_req_t req, fuse_ino_t id, size_t size, off_t offset, struct fuse_file_info *fi, gboolean plus)
{
  g_auto (ExpRequest) request = exp_request_begin (req, plus ? EXP_OPERATION_READDIRPLUS : EXP_OPERATION_READDIR);
  ExpMount *mount = request.mount;
  /* The directory may be closed as soon as there is a reply. */
  g_autoptr (ExpListing) listing = exp_listing_ref ((ExpListing *)(uintptr_t)fi->fh);
  size_t room = plus ? MIN (size, REPLY_SIZE) : size;
  g_autofree char *buffer = g_try_malloc (room);
  Reply reply = { req, mount, exp_inode_get (mount->inodes, id), plus, buffer, room, 0 };
  gboolean has_more = FALSE;
  GError *error = NULL;

  if (buffer == NULL)
    {
      fuse_reply_err (req, ENOMEM);
      return;
    }
  if (reply_add_dots (&reply, &offset))
    {
      if (reply.inode->type == EXP_INODE_CONTROL_DIRECTORY)
        reply_add_control (&reply, offset);
      else
        has_more = reply_add_children (&reply, listing, &offset);
    }
  if (reply.used == 0 && (error = exp_listing_get_error (listing)) != NULL)
    exp_request_fail (req, mount, reply.inode, error);
  else
    fuse_reply_buf (req, buffer, reply.used);
  /* Where names change, each entry is made when it is told. */
  if (!plus || reply.used == 0 || mount->is_writable)
    return;
  if (has_more)
    exp_listing_prepare (listing, offset - N_DOTS);
  else if (!mount->is_collection || !exp_inode_has (reply.inode, EXP_INODE_IS_FOLDER))
    exp_walk_ahead_go_on (mount->state->walk_ahead, listing);
}

void
exp_readdir (fuse_req_t req, fuse_ino_t id, size_t size, off_t offset, struct fuse_file_info *fi)
{
  read_directory (req, id, size, offset, fi, FALSE);
}

void
exp_readdirplus (fuse_req_t req, fuse_ino_t id, size_t size, off_t offset, struct fuse_file_info *fi)
{
  read_directory (req, id, size, offset, fi, TRUE);
}
