/* Attributes of files that the kernel answers for by itself: a ring of those that it was told, to be taken back.
 * Knows inodes; knows no requests and not what changes.
 * Called by the operations that reply attributes, and after each change. */
#include "fs/leases.h"
#include "fs/driver.h"

/* Seconds. Who looks at a file looks several times within microseconds: Python does four times to read one. */
#define TIME 1

/* As many files at once; who reads more of them without any change has the oldest taken back. */
#define MAX_LEASES 256

struct _ExpLeases
{
  ExpMount *mount;
  gint is_given;     /* atomic */
  guint64 n_changes; /* atomic, changed under lock */
  GMutex lock;       /* guards the rest */
  guint first, n;
  ExpInode *ring[MAX_LEASES]; /* references */
};

ExpLeases *
exp_leases_new (ExpMount *mount)
{
  ExpLeases *self = g_new0 (ExpLeases, 1);

  self->mount = mount;
  g_mutex_init (&self->lock);
  return self;
}

/* Of attributes only, not of pages: then the kernel waits for nobody, not for our answers either. */
static void
take_back_locked (ExpLeases *self)
{
  ExpInode *inode = self->ring[self->first];

  self->first = (self->first + 1) % MAX_LEASES;
  self->n--;
  if (g_atomic_int_get (&self->is_given))
    fuse_lowlevel_notify_inval_inode (self->mount->session, exp_inode_id (self->mount->inodes, inode), -1, 0);
  exp_inode_unref (self->mount->inodes, inode, 1);
}

void
exp_leases_start (ExpLeases *self)
{
  g_atomic_int_set (&self->is_given, TRUE);
}

void
exp_leases_stop (ExpLeases *self)
{
  g_mutex_lock (&self->lock);
  g_atomic_int_set (&self->is_given, FALSE);
  while (self->n > 0)
    take_back_locked (self);
  g_mutex_unlock (&self->lock);
}

void
exp_leases_free (ExpLeases *self)
{
  if (self == NULL)
    return;
  exp_leases_stop (self);
  g_mutex_clear (&self->lock);
  g_free (self);
}

guint64
exp_leases_begin (ExpMount *mount)
{
  return __atomic_load_n (&mount->state->leases->n_changes, __ATOMIC_ACQUIRE);
}

double
exp_leases_take (ExpMount *mount, ExpInode *inode, guint64 begun)
{
  ExpLeases *self = mount->state->leases;

  if (!g_atomic_int_get (&self->is_given) || inode->type != EXP_INODE_FILE || exp_writers_has (mount, inode)
      || exp_inode_has (inode, EXP_INODE_IS_GROWING | EXP_INODE_IS_GONE | EXP_INODE_IS_NEW))
    return 0;
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);
  if (self->n_changes != begun || !g_atomic_int_get (&self->is_given))
    return 0;
  if (self->n == MAX_LEASES)
    take_back_locked (self);
  exp_inode_ref (inode);
  self->ring[(self->first + self->n++) % MAX_LEASES] = inode;
  return TIME;
}

void
exp_leases_break (ExpMount *mount)
{
  ExpLeases *self = mount->state->leases;
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);

  __atomic_add_fetch (&self->n_changes, 1, __ATOMIC_ACQ_REL);
  while (self->n > 0)
    take_back_locked (self);
}
