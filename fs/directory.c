/* Open directories: a batch of the node's children at a time, handed to the kernel with or without attributes.
 * Knows no virtual names but the views that -o views= lists.
 * Called by libfuse's workers. */
#include "fs/driver.h"
#include "fs/names.h"
#include <errno.h>
#include <string.h>

/* Children per batch. Passing over those before a batch may cost the store time, so batches grow with the offset, up
 * to where their memory matters. */
#define FIRST_BATCH 1024
#define LAST_BATCH  65536

#define N_DOTS 2 /* offsets 1 and 2 follow "." and ".." */

typedef struct
{
  gsize name; /* where the true name starts in the batch's names */
  ExpNode *node;
} Child;

typedef struct
{
  GMutex lock;        /* guards the rest: the kernel may read one open directory in two threads */
  GArray *children;   /* the batch */
  GString *names;     /* of its children, a NUL after each */
  guint64 first;      /* index of its first child in the directory */
  guint64 batch_size; /* of the next one */
  gboolean is_last;   /* no children follow it */
  GError *error;      /* why the listing ended early, for when the batch is used up */
} Directory;

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

static void
clear_child (gpointer data)
{
  exp_node_unref (((Child *)data)->node);
}

static void
directory_free (Directory *directory)
{
  g_array_unref (directory->children);
  g_string_free (directory->names, TRUE);
  g_clear_error (&directory->error);
  g_mutex_clear (&directory->lock);
  g_free (directory);
}

void
exp_opendir (fuse_req_t req, fuse_ino_t id, struct fuse_file_info *fi)
{
  ExpMount *mount = exp_request_begin (req, EXP_OPERATION_OPENDIR);
  Directory *directory = g_new0 (Directory, 1);

  g_mutex_init (&directory->lock);
  directory->children = g_array_new (FALSE, FALSE, sizeof (Child));
  g_array_set_clear_func (directory->children, clear_child);
  directory->names = g_string_new (NULL);
  directory->batch_size = FIRST_BATCH;
  fi->fh = (uintptr_t)directory;
  fi->cache_readdir = TRUE;
  fi->keep_cache = TRUE;
  g_atomic_int_inc (&mount->n_open);
  if (fuse_reply_open (req, fi) == 0)
    return;
  g_atomic_int_add (&mount->n_open, -1);
  directory_free (directory);
}

void
exp_releasedir (fuse_req_t req, fuse_ino_t id, struct fuse_file_info *fi)
{
  ExpMount *mount = exp_request_begin (req, EXP_OPERATION_RELEASEDIR);

  directory_free ((Directory *)(uintptr_t)fi->fh);
  g_atomic_int_add (&mount->n_open, -1);
  fuse_reply_err (req, 0);
}

static gboolean
collect_child (const char *name, ExpNode *node, gpointer data)
{
  Directory *directory = data;
  Child child = { directory->names->len, exp_node_ref (node) };

  g_string_append_len (directory->names, name, strlen (name) + 1);
  g_array_append_val (directory->children, child);
  return directory->children->len < directory->batch_size;
}

/* The child at `index`; NULL past the last, and where the listing failed (directory->error is set then). */
static Child *
child_at (Directory *directory, ExpInode *inode, guint64 index)
{
  if (index < directory->first || index >= directory->first + directory->children->len)
    {
      if (index >= directory->first && (directory->is_last || directory->error != NULL))
        return NULL;
      if (index < directory->first)
        directory->batch_size = FIRST_BATCH;
      g_array_set_size (directory->children, 0);
      g_string_truncate (directory->names, 0);
      g_clear_error (&directory->error);
      directory->first = index;
      directory->is_last = exp_node_list (inode->node, index, collect_child, directory, &directory->error)
                           && directory->children->len < directory->batch_size;
      directory->batch_size = MIN (directory->batch_size * 2, LAST_BATCH);
      if (directory->children->len == 0)
        return NULL;
    }
  return &g_array_index (directory->children, Child, index - directory->first);
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
      ExpInode *inode = *offset == 1 && reply->inode->parent != NULL ? reply->inode->parent : reply->inode;
      struct fuse_entry_param param = { .attr = { .st_ino = inode->number, .st_mode = S_IFDIR } };

      if (!reply_add (reply, *offset == 0 ? "." : "..", &param, *offset + 1))
        return FALSE;
    }
  return TRUE;
}

static gboolean
reply_add_inode (Reply *reply, ExpInode *inode, off_t next)
{
  struct fuse_entry_param param;

  gboolean may_read = reply->plus && inode->type == EXP_INODE_FILE && !exp_inode_has (inode, EXP_INODE_HAS_SIZE)
                      && !exp_inode_has (inode, EXP_INODE_IS_COSTLY) && exp_attributes_take_credit (reply->mount);
  exp_entry_fill (reply->mount, inode, may_read, &param);
  gboolean fits = reply_add (reply, inode->name, &param, next);
  if (!fits || !reply->plus)
    exp_inode_unref (reply->mount->inodes, inode, 1);
  return fits;
}

static char *
shown_name (Reply *reply, const char *name, GError **error)
{
  if (exp_name_is_long (name, strlen (name)))
    return exp_long_names_show (reply->mount->state->long_names, reply->inode, name, error);
  return exp_name_encode (name, strlen (name));
}

static gboolean
view_applies (ExpNode *node, const ExpViewClass *klass)
{
  g_auto (ExpInfo) info = { 0 };

  return exp_node_describe (node, &info, NULL) && info.kind == EXP_KIND_DATASET && klass->applies (&info);
}

static guint
view_index (const ExpViewClass *klass)
{
  guint i = 0;

  while (exp_view_classes[i] != klass)
    i++;
  return i;
}

/* Adds the child (`which` 0) or the view of it that -o views= lists at that place. */
static gboolean
reply_add_child (Reply *reply, const char *true_name, ExpNode *node, guint which, off_t next)
{
  const ExpViewClass *klass = which > 0 ? reply->mount->options->views[which - 1] : NULL;
  g_autoptr (GError) error = NULL;

  if (klass != NULL && !view_applies (node, klass))
    return TRUE;
  g_autofree char *name = shown_name (reply, true_name, &error);
  if (name != NULL && klass != NULL)
    {
      char *with_suffix = g_strconcat (name, klass->suffix, NULL);
      g_autoptr (ExpNode) real = exp_node_lookup (reply->inode->node, with_suffix, NULL);
      g_free (name);
      name = with_suffix;
      if (real != NULL)
        return TRUE; /* a real node wins, and is listed itself */
    }
  ExpInode *inode = name == NULL ? NULL
                                 : exp_entry_for_child (reply->mount, reply->inode, name, node,
                                                        klass != NULL ? view_index (klass) : 0, &error);
  if (inode != NULL)
    return reply_add_inode (reply, inode, next);
  exp_log_failure (reply->mount, reply->inode, true_name, error);
  return TRUE;
}

static void
reply_add_children (Reply *reply, Directory *directory, off_t offset)
{
  guint per_child = 1;

  for (const ExpViewClass **views = reply->mount->options->views; views != NULL && *views != NULL; views++)
    per_child++;
  g_mutex_lock (&directory->lock);
  for (;; offset++)
    {
      guint64 index = (offset - N_DOTS) / per_child;
      const Child *child = child_at (directory, reply->inode, index);

      if (child == NULL
          || !reply_add_child (reply, directory->names->str + child->name, child->node, (offset - N_DOTS) % per_child,
                               offset + 1))
        break;
    }
  g_mutex_unlock (&directory->lock);
}

static void
reply_add_control (Reply *reply, off_t offset)
{
  for (const char *name; (name = exp_control_name (offset - N_DOTS)) != NULL; offset++)
    {
      ExpInode *inode = exp_inode_find (reply->mount->inodes, reply->inode, name);
      if (inode == NULL)
        inode = exp_control_lookup (reply->mount, reply->inode, name);
      if (inode == NULL || !reply_add_inode (reply, inode, offset + 1))
        return;
    }
}

static void
read_directory (fuse_req_t req, fuse_ino_t id, size_t size, off_t offset, struct fuse_file_info *fi, gboolean plus)
{
  ExpMount *mount = exp_request_begin (req, plus ? EXP_OPERATION_READDIRPLUS : EXP_OPERATION_READDIR);
  Directory *directory = (Directory *)(uintptr_t)fi->fh;
  g_autofree char *buffer = g_try_malloc (size);
  Reply reply = { req, mount, exp_inode_get (mount->inodes, id), plus, buffer, size, 0 };

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
        reply_add_children (&reply, directory, offset);
    }
  g_mutex_lock (&directory->lock);
  GError *error = reply.used == 0 && directory->error != NULL ? g_error_copy (directory->error) : NULL;
  g_mutex_unlock (&directory->lock);
  if (error != NULL)
    exp_request_fail (req, mount, reply.inode, error);
  else
    fuse_reply_buf (req, buffer, reply.used);
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
