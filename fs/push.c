/* Small files go into the kernel's cache before they are asked for.
 * Knows the order of listings and of reads; knows no requests.
 * Called by directories and files. */
#include "fs/push.h"
#include "fs/driver.h"
#include <string.h>

/* Listed entries that are remembered: find is some thousands ahead of who reads what it finds. A power of two. */
#define N_LISTED (1 << 14)
/* For finding them again: entries that fall on one place hide each other, rarely. */
#define PLACE_BITS 16

#define MAX_SIZE 4096

/* Files read in order before the first are pushed, and how many are at a time, which doubles. */
#define N_FIRST    4
#define MIN_WINDOW 8
#define MAX_WINDOW 128
#define MAX_TIME   2000 /* us; the client waits meanwhile */

struct _ExpPush
{
  ExpMount *mount;
  GMutex lock;                     /* guards the rest */
  guint64 n_listed;                /* since the beginning */
  guint64 n_cleared;               /* of these, the first that are not remembered for certain */
  ExpInode *listed[N_LISTED];      /* references; number i at i % N_LISTED */
  guint64 places[1 << PLACE_BITS]; /* number of the entry whose address has this hash */
  guint64 expected;                /* number of the entry that is read next, if all goes on in order */
  pid_t client;                    /* whose reads were in order */
  guint n_in_order, window;
  gboolean is_pushing;
};

ExpPush *
exp_push_new (ExpMount *mount)
{
  ExpPush *self = g_new0 (ExpPush, 1);

  self->mount = mount;
  g_mutex_init (&self->lock);
  return self;
}

void
exp_push_free (ExpPush *self)
{
  exp_push_clear (self);
  g_mutex_clear (&self->lock);
  g_free (self);
}

static guint64 *
place_of (ExpPush *self, const ExpInode *inode)
{
  return &self->places[(guintptr)inode * G_GUINT64_CONSTANT (0x9e3779b97f4a7c15) >> (64 - PLACE_BITS)];
}

void
exp_push_add_listed (ExpPush *self, ExpInode *inode)
{
  if (inode->type != EXP_INODE_FILE)
    return;
  exp_inode_ref (inode);
  g_mutex_lock (&self->lock);
  ExpInode **at = &self->listed[self->n_listed % N_LISTED];
  ExpInode *old = *at;
  *at = inode;
  *place_of (self, inode) = self->n_listed++;
  g_mutex_unlock (&self->lock);
  if (old != NULL)
    exp_inode_unref (self->mount->inodes, old, 1);
}

void
exp_push_clear (ExpPush *self)
{
  ExpInode *inode;

  do
    {
      inode = NULL;
      g_mutex_lock (&self->lock);
      self->n_cleared = MAX (self->n_cleared, self->n_listed - MIN (self->n_listed, N_LISTED));
      if (self->n_cleared < self->n_listed)
        inode = g_steal_pointer (&self->listed[self->n_cleared++ % N_LISTED]);
      g_mutex_unlock (&self->lock);
      if (inode != NULL)
        exp_inode_unref (self->mount->inodes, inode, 1);
    }
  while (inode != NULL);
}

/* A push waits for the page, and a page that somebody else is about to read waits for our answer: there has to be
 * another worker to give that. */
static gboolean
has_other_worker (void)
{
  static guint n_workers; /* atomic */
  static __thread gboolean is_counted;

  if (!is_counted)
    {
      is_counted = TRUE;
      __atomic_add_fetch (&n_workers, 1, __ATOMIC_RELAXED);
    }
  return __atomic_load_n (&n_workers, __ATOMIC_RELAXED) > 1;
}

/* With the lock: notes that the file is read, and returns how many of those after it are to be pushed, as references
 * in `window`. */
static guint
take_window (ExpPush *self, const ExpInode *inode, pid_t client, ExpInode **window)
{
  guint64 place = *place_of (self, inode);
  guint n = 0;

  if (self->listed[place % N_LISTED] != inode || self->is_pushing)
    return 0;
  if (place == self->expected && client == self->client)
    self->n_in_order++;
  else
    self->n_in_order = self->window = 0;
  self->expected = place + 1;
  self->client = client;
  if (self->n_in_order < N_FIRST)
    return 0;
  self->window = CLAMP (self->window * 2, MIN_WINDOW, MAX_WINDOW);
  for (; n < self->window && place + 1 + n < self->n_listed; n++)
    {
      window[n] = self->listed[(place + 1 + n) % N_LISTED];
      if (window[n] == NULL)
        break;
      exp_inode_ref (window[n]);
    }
  self->is_pushing = n > 0;
  return n;
}

/* FALSE when the file cannot be pushed, so that the kernel is going to ask for it. */
static gboolean
push (ExpMount *mount, ExpInode *inode)
{
  char buffer[MAX_SIZE];
  gsize n_read;

  if (!exp_inode_has (inode, EXP_INODE_HAS_SIZE) || exp_inode_has (inode, EXP_INODE_IS_COSTLY))
    return FALSE;
  guint64 size = __atomic_load_n (&inode->size, __ATOMIC_RELAXED);
  if (size == 0) /* nobody asks for these */
    return TRUE;
  if (size > MAX_SIZE)
    return FALSE;

  g_autoptr (ExpView) view = exp_views_get (mount, inode, NULL);
  if (view == NULL || !exp_view_pread (view, 0, size, buffer, &n_read, NULL) || n_read != size)
    return FALSE;
  struct fuse_bufvec bytes = FUSE_BUFVEC_INIT (n_read);
  bytes.buf[0].mem = buffer;
  return fuse_lowlevel_notify_store (mount->session, exp_inode_id (mount->inodes, inode), 0, &bytes, 0) == 0;
}

void
exp_push_following (ExpPush *self, ExpInode *inode, pid_t client)
{
  ExpInode *window[MAX_WINDOW];
  guint n_pushed = 0;

  if (!has_other_worker ())
    return;
  g_mutex_lock (&self->lock);
  guint n = take_window (self, inode, client, window);
  g_mutex_unlock (&self->lock);
  if (n == 0)
    return;

  gint64 end = g_get_monotonic_time () + MAX_TIME;
  while (n_pushed < n && push (self->mount, window[n_pushed]))
    {
      n_pushed++;
      if (g_get_monotonic_time () >= end)
        break;
    }
  for (guint i = 0; i < n; i++)
    exp_inode_unref (self->mount->inodes, window[i], 1);
  g_mutex_lock (&self->lock);
  self->expected += n_pushed;
  self->is_pushing = FALSE;
  g_mutex_unlock (&self->lock);
}
