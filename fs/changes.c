/* What has changed in a mount that can be written: a table of objects, with the time and the count of their last
 * change. Knows objects by number only. Called by the operations, attributes and views. */
#include "fs/changes.h"
#include "fs/driver.h"
#include <time.h>

/* More objects than this are not told apart: then all count as changed with the last of them. */
#define MAX_OBJECTS 1000000

typedef struct
{
  guint64 number; /* first: the key */
  guint64 stamp;
  struct timespec time;
} Change;

struct _ExpChanges
{
  guint64 n_replaced; /* atomic */
  GMutex lock;        /* guards the rest */
  guint64 n;
  struct timespec last;
  guint64 floor; /* the stamp of objects that are not in the table */
  struct timespec floor_time;
  GHashTable *objects; /* Change, by its number */
};

ExpChanges *
exp_changes_new (void)
{
  ExpChanges *self = g_new0 (ExpChanges, 1);

  g_mutex_init (&self->lock);
  self->objects = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, NULL);
  return self;
}

void
exp_changes_free (ExpChanges *self)
{
  if (self == NULL)
    return;
  g_hash_table_unref (self->objects);
  g_mutex_clear (&self->lock);
  g_free (self);
}

gboolean
exp_change_begin (ExpMount *mount, GError **error)
{
  return exp_store_begin (mount->store, error);
}

void
exp_change_end (ExpMount *mount)
{
  exp_committer_note (mount->committer);
  exp_store_end (mount->store);
}

/* Later than all before, so that whoever keeps what he read by its time of change sees each. */
static struct timespec
next_time_locked (ExpChanges *self)
{
  struct timespec now;

  clock_gettime (CLOCK_REALTIME, &now);
  if (now.tv_sec < self->last.tv_sec || (now.tv_sec == self->last.tv_sec && now.tv_nsec <= self->last.tv_nsec))
    {
      now = self->last;
      if (++now.tv_nsec == 1000000000)
        now = (struct timespec){ now.tv_sec + 1, 0 };
    }
  return self->last = now;
}

static Change *
entry_locked (ExpChanges *self, guint64 number)
{
  Change *change = g_hash_table_lookup (self->objects, &number);

  if (change != NULL)
    return change;
  if (g_hash_table_size (self->objects) >= MAX_OBJECTS)
    {
      g_hash_table_remove_all (self->objects);
      self->floor = self->n;
      self->floor_time = self->last;
    }
  change = g_new0 (Change, 1);
  change->number = number;
  g_hash_table_add (self->objects, change);
  return change;
}

void
exp_changes_note (ExpMount *mount, const ExpInode *inode)
{
  ExpChanges *self = mount->state->changes;

  g_mutex_lock (&self->lock);
  Change *change = entry_locked (self, inode->number);
  change->stamp = ++self->n;
  change->time = next_time_locked (self);
  g_mutex_unlock (&self->lock);
}

void
exp_changes_set_time (ExpMount *mount, const ExpInode *inode, const struct timespec *time)
{
  ExpChanges *self = mount->state->changes;

  g_mutex_lock (&self->lock);
  Change *change = entry_locked (self, inode->number);
  change->stamp = MAX (change->stamp, self->floor);
  change->time = *time;
  g_mutex_unlock (&self->lock);
}

void
exp_changes_renumber (ExpMount *mount, guint64 old_number, guint64 number)
{
  ExpChanges *self = mount->state->changes;

  g_mutex_lock (&self->lock);
  const Change *old = g_hash_table_lookup (self->objects, &old_number);
  if (old != NULL)
    {
      guint64 stamp = old->stamp;
      struct timespec time = old->time;
      Change *change = entry_locked (self, number);
      change->stamp = MAX (stamp, change->stamp);
      change->time = time;
    }
  g_mutex_unlock (&self->lock);
}

void
exp_changes_note_replaced (ExpMount *mount)
{
  __atomic_fetch_add (&mount->state->changes->n_replaced, 1, __ATOMIC_ACQ_REL);
}

guint64
exp_changes_n_replaced (ExpMount *mount)
{
  return __atomic_load_n (&mount->state->changes->n_replaced, __ATOMIC_ACQUIRE);
}

guint64
exp_changes_stamp (ExpMount *mount, const ExpInode *inode)
{
  ExpChanges *self = mount->state->changes;
  guint64 stamp;

  g_mutex_lock (&self->lock);
  if (!exp_inode_has ((ExpInode *)inode, EXP_INODE_IS_OBJECT))
    stamp = self->n;
  else
    {
      const Change *change = g_hash_table_lookup (self->objects, &inode->number);
      stamp = change != NULL ? change->stamp : self->floor;
    }
  g_mutex_unlock (&self->lock);
  return stamp;
}

gboolean
exp_changes_time (ExpMount *mount, const ExpInode *inode, struct timespec *time)
{
  ExpChanges *self = mount->state->changes;
  gboolean is_object = exp_inode_has ((ExpInode *)inode, EXP_INODE_IS_OBJECT);

  g_mutex_lock (&self->lock);
  const Change *change = g_hash_table_lookup (self->objects, &inode->number);
  if (change != NULL)
    *time = change->time;
  else
    *time = is_object || inode->type != EXP_INODE_FILE ? self->floor_time : self->last;
  g_mutex_unlock (&self->lock);
  return time->tv_sec != 0;
}
