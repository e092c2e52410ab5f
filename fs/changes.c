/* What has changed in a mount that can be written: a table of objects, with the time and the count of their last
 * change. Knows objects by number only. Called by the operations, attributes and views. */
#include "fs/changes.h"
#include "fs/commit.h"
#include "fs/driver.h"
#include <string.h>
#include <time.h>

/* More objects than this are not told apart: then all count as changed with the last of them. */
#define MAX_OBJECTS 1000000

typedef struct
{
  guint64 number; /* first: the key */
  guint64 stamp;
  struct timespec time; /* 0: as before */
  gboolean is_set;      /* the time, by a user */
} Change;

/* An object that was a file before it was an object. */
typedef struct
{
  guint64 own, shown;
} Numbered;

struct _ExpChanges
{
  guint64 n_numbers;  /* atomic */
  guint64 n_replaced; /* atomic */
  GMutex lock;        /* guards the rest */
  guint64 n;          /* read without it */
  guint64 n_outside;  /* likewise */
  struct timespec last;
  guint64 floor; /* the stamp of objects that are not in the table */
  struct timespec floor_time;
  GHashTable *objects;           /* Change, by its number */
  GHashTable *by_own, *by_shown; /* Numbered; by_own owns them */
};

ExpChanges *
exp_changes_new (void)
{
  ExpChanges *self = g_new0 (ExpChanges, 1);

  g_mutex_init (&self->lock);
  self->objects = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, NULL);
  self->by_own = g_hash_table_new_full (g_int64_hash, g_int64_equal, NULL, g_free);
  self->by_shown = g_hash_table_new (g_int64_hash, g_int64_equal);
  return self;
}

void
exp_changes_free (ExpChanges *self)
{
  if (self == NULL)
    return;
  g_hash_table_unref (self->objects);
  g_hash_table_unref (self->by_shown);
  g_hash_table_unref (self->by_own);
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
  exp_leases_break (mount);
  exp_committer_make_room (mount->committer);
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
  change->time = self->floor_time;
  g_hash_table_add (self->objects, change);
  return change;
}

static guint64
next_locked (ExpChanges *self, gboolean is_of_elements)
{
  if (!is_of_elements)
    __atomic_add_fetch (&self->n_outside, 1, __ATOMIC_ACQ_REL);
  return __atomic_add_fetch (&self->n, 1, __ATOMIC_ACQ_REL);
}

typedef enum
{
  SET_TIME,
  SET_TIME_UNLESS_SET,
  LEAVE_TIME,
} NoteTime;

static void
note (ExpMount *mount, const ExpInode *inode, NoteTime what, gboolean is_of_elements)
{
  ExpChanges *self = mount->state->changes;

  g_mutex_lock (&self->lock);
  Change *change = entry_locked (self, exp_inode_get_number (inode));
  change->stamp = next_locked (self, is_of_elements);
  if (what == SET_TIME || (what == SET_TIME_UNLESS_SET && !change->is_set))
    {
      change->time = next_time_locked (self);
      change->is_set = FALSE;
    }
  g_mutex_unlock (&self->lock);
}

void
exp_changes_note (ExpMount *mount, const ExpInode *inode)
{
  note (mount, inode, SET_TIME, FALSE);
}

void
exp_changes_note_elements (ExpMount *mount, const ExpInode *inode, gboolean is_now)
{
  note (mount, inode, is_now ? SET_TIME : SET_TIME_UNLESS_SET, TRUE);
}

void
exp_changes_note_beside (ExpMount *mount, ExpInode *inode)
{
  exp_inode_names_lock ();
  const char *dot = strrchr (exp_inode_name (inode), '.');
  g_autofree char *stem = dot != NULL ? g_strndup (exp_inode_name (inode), dot - exp_inode_name (inode)) : NULL;
  ExpInode *beside = stem != NULL && inode->parent != NULL ? exp_inode_find (mount->inodes, inode->parent, stem) : NULL;
  exp_inode_names_unlock ();

  if (beside == NULL)
    return;
  exp_changes_note (mount, beside);
  exp_inode_unref (mount->inodes, beside, 1);
}

void
exp_changes_note_quietly (ExpMount *mount, const ExpInode *inode)
{
  note (mount, inode, LEAVE_TIME, FALSE);
}

void
exp_changes_note_stored (ExpMount *mount, const ExpInode *inode)
{
  note (mount, inode, SET_TIME_UNLESS_SET, FALSE);
}

void
exp_changes_set_time (ExpMount *mount, const ExpInode *inode, const struct timespec *time)
{
  ExpChanges *self = mount->state->changes;

  g_mutex_lock (&self->lock);
  Change *change = entry_locked (self, exp_inode_get_number (inode));
  change->stamp = MAX (change->stamp, self->floor);
  change->time = *time;
  change->is_set = TRUE;
  g_mutex_unlock (&self->lock);
}

guint64
exp_changes_number (ExpMount *mount, guint64 identity)
{
  ExpChanges *self = mount->state->changes;
  guint64 number = exp_inode_number (identity);

  if (!mount->is_writable)
    return number;
  g_mutex_lock (&self->lock);
  const Numbered *given = g_hash_table_lookup (self->by_own, &number);
  if (given != NULL)
    number = given->shown;
  g_mutex_unlock (&self->lock);
  return number;
}

guint64
exp_changes_new_number (ExpMount *mount)
{
  ExpChanges *self = mount->state->changes;

  /* Away from those of objects, as the numbers of views and names are. */
  return exp_inode_number_for_view (__atomic_add_fetch (&self->n_numbers, 1, __ATOMIC_RELAXED), G_MAXUINT8);
}

void
exp_changes_keep_number (ExpMount *mount, guint64 identity, guint64 number)
{
  ExpChanges *self = mount->state->changes;
  guint64 own = exp_inode_number (identity);

  g_mutex_lock (&self->lock);
  Numbered *given = g_hash_table_lookup (self->by_shown, &number);
  if (given != NULL)
    {
      /* The object that had it is gone, and another may come to lie where it was. */
      g_hash_table_remove (self->by_own, &given->own);
      g_hash_table_remove (self->by_shown, &number);
    }
  if (own != number && g_hash_table_size (self->by_own) < MAX_OBJECTS)
    {
      given = g_hash_table_lookup (self->by_own, &own);
      if (given != NULL)
        g_hash_table_remove (self->by_shown, &given->shown);
      given = g_new0 (Numbered, 1);
      given->own = own;
      given->shown = number;
      g_hash_table_replace (self->by_own, &given->own, given);
      g_hash_table_insert (self->by_shown, &given->shown, given);
    }
  g_mutex_unlock (&self->lock);
}

void
exp_changes_note_replaced (ExpMount *mount)
{
  __atomic_fetch_add (&mount->state->changes->n_replaced, 1, __ATOMIC_ACQ_REL);
}

void
exp_changes_note_all (ExpMount *mount)
{
  ExpChanges *self = mount->state->changes;

  g_mutex_lock (&self->lock);
  g_hash_table_remove_all (self->objects);
  self->floor = next_locked (self, FALSE);
  self->floor_time = next_time_locked (self);
  g_mutex_unlock (&self->lock);
  exp_changes_note_replaced (mount);
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
  /* What is no object may be made of what was committed last. Neither count goes back. */
  if (!exp_inode_has ((ExpInode *)inode, EXP_INODE_IS_OBJECT))
    stamp = self->n + (mount->committer != NULL ? exp_committer_n_commits (mount->committer) : 0);
  else
    {
      guint64 number = exp_inode_get_number (inode);
      const Change *change = g_hash_table_lookup (self->objects, &number);
      stamp = change != NULL ? change->stamp : self->floor;
    }
  g_mutex_unlock (&self->lock);
  return stamp;
}

guint64
exp_changes_count (ExpMount *mount)
{
  ExpChanges *self = mount->state->changes;

  return __atomic_load_n (&self->n, __ATOMIC_ACQUIRE);
}

guint64
exp_changes_count_outside (ExpMount *mount)
{
  return __atomic_load_n (&mount->state->changes->n_outside, __ATOMIC_ACQUIRE);
}

gboolean
exp_changes_time (ExpMount *mount, const ExpInode *inode, struct timespec *time)
{
  ExpChanges *self = mount->state->changes;
  gboolean is_object = exp_inode_has ((ExpInode *)inode, EXP_INODE_IS_OBJECT);
  guint64 number = exp_inode_get_number (inode);

  g_mutex_lock (&self->lock);
  const Change *change = g_hash_table_lookup (self->objects, &number);
  if (change != NULL)
    *time = change->time;
  else
    *time = is_object || inode->type != EXP_INODE_FILE ? self->floor_time : self->last;
  g_mutex_unlock (&self->lock);
  return time->tv_sec != 0;
}
