/* Files that were closed and become datasets a moment later: the queue of them, and the thread that settles them.
 * Knows writers and commits; knows no requests and no edits' contents.
 * Called by the operations, the session and whoever commits. */
#include "fs/behind.h"
#include "core/processors.h"
#include "fs/driver.h"
#include "fs/writer.h"
#include <string.h>

/* What may wait: who closes more of them waits until half of that is left. */
#define MAX_FILES 128
#define MAX_BYTES (4 << 20)
/* Longer texts do not wait. */
#define MAX_TEXT (64 << 10)

/* Who has just worked sleeps for so many microseconds, or until so many wait, before he is woken for each: waking him
 * takes those who close files longer than anything else. */
#define NAP   1000
#define N_NAP 16

typedef struct
{
  ExpWriter *writer; /* with a user of its own */
  gsize size;
  guint64 part; /* where it is going to be seen */
  char *name;   /* as shown; owned */
} Entry;

struct _ExpBehind
{
  ExpMount *mount;
  gint is_running;   /* atomic */
  guint64 n_taken;   /* so far; atomic, changed under lock */
  guint64 n_settled; /* so far; atomic, changed under settle_lock */

  GMutex settle_lock; /* held while a file is settled: one after the other, whoever does it. Outside of the others */

  GMutex lock;    /* guards the rest; inside of the writers' */
  GArray *ring;   /* of Entry, MAX_FILES of them */
  guint first, n; /* those that wait */
  Entry in_hand;  /* the one that is being settled; its name is NULL for none */
  gsize n_bytes;
  GCond wake, room;
  guint n_wanting;                /* threads that wait for room */
  gboolean is_asleep, is_napping; /* the thread */
  GError *failure;                /* the first since somebody asked */
  GThread *thread;
};

ExpBehind *
exp_behind_new (ExpMount *mount)
{
  ExpBehind *self = g_new0 (ExpBehind, 1);

  self->mount = mount;
  self->ring = g_array_new (FALSE, TRUE, sizeof (Entry));
  g_array_set_size (self->ring, MAX_FILES);
  g_mutex_init (&self->settle_lock);
  g_mutex_init (&self->lock);
  g_cond_init (&self->wake);
  g_cond_init (&self->room);
  return self;
}

void
exp_behind_free (ExpBehind *self)
{
  if (self == NULL)
    return;
  exp_behind_stop (self);
  g_array_unref (self->ring);
  g_clear_error (&self->failure);
  g_cond_clear (&self->wake);
  g_cond_clear (&self->room);
  g_mutex_clear (&self->lock);
  g_mutex_clear (&self->settle_lock);
  g_free (self);
}

/* --- settling ----------------------------------------------------------------------------------------------- */

static void
keep_failure (ExpBehind *self, ExpInode *inode, GError *error)
{
  g_autofree char *path = exp_path_shown (inode);

  g_warning ("%s: %s; it was closed already, and is lost", path, error->message);
  g_prefix_error (&error, "%s was closed and is lost: ", path);
  g_mutex_lock (&self->lock);
  if (self->failure == NULL)
    self->failure = g_steal_pointer (&error);
  g_mutex_unlock (&self->lock);
  g_clear_error (&error);
}

/* It goes on waiting for whoever looks, until it is there. */
static gboolean
take_first (ExpBehind *self, Entry *entry)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);

  if (self->n == 0)
    return FALSE;
  *entry = self->in_hand = g_array_index (self->ring, Entry, self->first);
  self->first = (self->first + 1) % MAX_FILES;
  self->n--;
  self->n_bytes -= entry->size;
  if (self->n_wanting > 0 && self->n <= MAX_FILES / 2 && self->n_bytes <= MAX_BYTES / 2)
    g_cond_broadcast (&self->room);
  return TRUE;
}

static void
put_down (ExpBehind *self)
{
  g_mutex_lock (&self->lock);
  g_clear_pointer (&self->in_hand.name, g_free);
  g_mutex_unlock (&self->lock);
  __atomic_add_fetch (&self->n_settled, 1, __ATOMIC_RELEASE);
}

/* FALSE when none waits. */
static gboolean
settle_first (ExpBehind *self)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->settle_lock);
  GError *error = NULL;
  Entry entry;

  if (!take_first (self, &entry))
    return FALSE;
  exp_inode_ref (entry.writer->inode);
  ExpInode *inode = entry.writer->inode;
  if (!exp_writers_close_behind (self->mount, entry.writer, &error))
    keep_failure (self, inode, error);
  exp_inode_unref (self->mount->inodes, inode, 1);
  put_down (self);
  return TRUE;
}

static guint64
n_settled (ExpBehind *self)
{
  return __atomic_load_n (&self->n_settled, __ATOMIC_ACQUIRE);
}

static guint64
n_taken (ExpBehind *self)
{
  return __atomic_load_n (&self->n_taken, __ATOMIC_ACQUIRE);
}

gboolean
exp_behind_has (ExpMount *mount)
{
  return n_settled (mount->state->behind) != n_taken (mount->state->behind);
}

void
exp_behind_settle (ExpMount *mount)
{
  ExpBehind *self = mount->state->behind;
  guint64 wanted = n_taken (self);

  /* While another thread has the last one in hand there is none to take, but its lock to wait for. */
  while (n_settled (self) < wanted)
    settle_first (self);
}

gboolean
exp_behind_commit (ExpMount *mount, gboolean checkpoint, GError **error)
{
  ExpBehind *self = mount->state->behind;

  exp_behind_settle (mount);
  if (!exp_committer_commit (mount->committer, checkpoint, error))
    return FALSE;
  g_mutex_lock (&self->lock);
  GError *failure = g_steal_pointer (&self->failure);
  g_mutex_unlock (&self->lock);
  if (failure == NULL)
    return TRUE;
  g_propagate_error (error, failure);
  return FALSE;
}

/* --- what is seen of those that wait ------------------------------------------------------------------------ */

/* Nothing is built on a name without these: "x.npy", "x[0:3]", ".attrs", and what is cut. */
static gboolean
is_plain (const char *name)
{
  return name != NULL && strpbrk (name, ".[~%") == NULL;
}

static ExpBehindSight
look_at (const Entry *entry, guint64 part, const char *name)
{
  if (entry->part == EXP_PART_ANY)
    return EXP_BEHIND_FILES;
  if (part == EXP_PART_ANY)
    return EXP_BEHIND_OBJECT;
  return part == entry->part && (!is_plain (name) || strcmp (name, entry->name) == 0) ? EXP_BEHIND_OBJECT
                                                                                      : EXP_BEHIND_NOTHING;
}

/* With the lock. */
static ExpBehindSight
look_locked (ExpBehind *self, guint64 part, const char *name)
{
  ExpBehindSight sight = self->in_hand.name != NULL ? look_at (&self->in_hand, part, name) : EXP_BEHIND_NOTHING;

  for (guint i = 0; i < self->n && sight != EXP_BEHIND_OBJECT; i++)
    sight = MAX (sight, look_at (&g_array_index (self->ring, Entry, (self->first + i) % MAX_FILES), part, name));
  return sight;
}

ExpBehindSight
exp_behind_look (ExpMount *mount, guint64 part, const char *name)
{
  ExpBehind *self = mount->state->behind;

  if (!exp_behind_has (mount))
    return EXP_BEHIND_NOTHING;
  g_mutex_lock (&self->lock);
  ExpBehindSight sight = look_locked (self, part, name);
  g_mutex_unlock (&self->lock);
  return sight;
}

/* The part of what an inode shows. What a directory has is in its part, but for its views: they may show all that is
 * below a group. */
static guint64
part_of (ExpInode *inode)
{
  guint64 part;

  if (inode->type == EXP_INODE_DIRECTORY)
    return exp_node_part (inode->node);
  if (inode->type != EXP_INODE_FILE && inode->type != EXP_INODE_LINK)
    return EXP_PART_ANY;
  exp_inode_names_lock ();
  g_autoptr (ExpNode) parent = exp_node_ref (inode->parent->node);
  exp_inode_names_unlock ();
  part = exp_node_part (parent);
  return part == EXP_PART_STEADY && inode->view > 0 ? EXP_PART_ANY : part;
}

gboolean
exp_behind_is_seen (ExpMount *mount, ExpInode *inode)
{
  g_autofree char *name = NULL;

  if (!exp_behind_has (mount))
    return FALSE;
  if (inode->type == EXP_INODE_FILE && inode->view == 0)
    {
      exp_inode_names_lock ();
      name = g_strdup (exp_inode_name (inode));
      exp_inode_names_unlock ();
    }
  return exp_behind_look (mount, part_of (inode), name) != EXP_BEHIND_NOTHING;
}

void
exp_behind_settle_for (ExpMount *mount, ExpInode *inode)
{
  if (exp_behind_is_seen (mount, inode))
    exp_behind_settle (mount);
}

/* --- taking ------------------------------------------------------------------------------------------------- */

static gboolean
is_full_locked (const ExpBehind *self)
{
  return self->n >= MAX_FILES || self->n_bytes >= MAX_BYTES;
}

/* Where others may close files too, the room is gone again when it is to be used: they may be some more. */
static void
wait_for_room (ExpBehind *self)
{
  g_mutex_lock (&self->lock);
  while (is_full_locked (self))
    {
      self->n_wanting++;
      g_cond_wait (&self->room, &self->lock);
      self->n_wanting--;
    }
  g_mutex_unlock (&self->lock);
}

/* FALSE when there is no room, or another one that is to have the same name in the same part. */
static gboolean
put_last (ExpBehind *self, Entry entry)
{
  gboolean has_room, is_asleep;

  g_mutex_lock (&self->lock);
  has_room = g_atomic_int_get (&self->is_running) && !is_full_locked (self)
             && (entry.part == EXP_PART_ANY || look_locked (self, entry.part, entry.name) == EXP_BEHIND_NOTHING);
  if (has_room)
    {
      g_array_index (self->ring, Entry, (self->first + self->n) % MAX_FILES) = entry;
      self->n++;
      self->n_bytes += entry.size;
      __atomic_add_fetch (&self->n_taken, 1, __ATOMIC_RELEASE);
    }
  is_asleep = self->is_asleep || (self->is_napping && self->n >= N_NAP);
  g_mutex_unlock (&self->lock);
  if (has_room && is_asleep)
    g_cond_signal (&self->wake);
  if (!has_room)
    g_free (entry.name);
  return has_room;
}

static Entry
entry_of (ExpWriter *writer, gsize size)
{
  Entry entry = { .writer = writer, .size = size, .part = part_of (writer->inode) };

  exp_inode_names_lock ();
  entry.name = g_strdup (exp_inode_name (writer->inode));
  exp_inode_names_unlock ();
  return entry;
}

/* With the turn's and the writer's lock, between begin and end. */
static gboolean
take_locked (ExpBehind *self, ExpWriter *writer)
{
  guint64 size;

  if (writer->is_behind)
    return TRUE;
  if (!exp_writer_can_wait_locked (writer, &size) || size > MAX_TEXT || !put_last (self, entry_of (writer, size)))
    return FALSE;
  exp_writers_ref (self->mount, writer);
  writer->is_behind = TRUE;
  return TRUE;
}

gboolean
exp_behind_take (ExpMount *mount, ExpWriter *writer)
{
  ExpBehind *self = mount->state->behind;

  if (!g_atomic_int_get (&self->is_running))
    return FALSE;
  wait_for_room (self);
  if (!exp_change_begin (mount, NULL))
    return FALSE;
  exp_turn_lock (writer->turn);
  g_mutex_lock (&writer->lock);
  gboolean is_taken = exp_turn_is_current (writer->turn, writer) && take_locked (self, writer);
  g_mutex_unlock (&writer->lock);
  exp_turn_unlock (writer->turn);
  exp_change_end (mount);
  return is_taken;
}

/* --- the thread --------------------------------------------------------------------------------------------- */

static gboolean
is_running (ExpBehind *self)
{
  return g_atomic_int_get (&self->is_running);
}

static gboolean
wait_for_work (ExpBehind *self)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);
  gint64 end = g_get_monotonic_time () + NAP;

  if (self->n > 0)
    return TRUE;
  self->is_napping = TRUE;
  while (self->n < N_NAP && is_running (self) && g_cond_wait_until (&self->wake, &self->lock, end))
    ;
  self->is_napping = FALSE;
  self->is_asleep = TRUE;
  while (self->n == 0 && is_running (self))
    g_cond_wait (&self->wake, &self->lock);
  self->is_asleep = FALSE;
  return self->n > 0;
}

static gpointer
run (gpointer data)
{
  ExpBehind *self = data;

  while (wait_for_work (self))
    settle_first (self);
  return NULL;
}

void
exp_behind_start (ExpBehind *self)
{
  if (!self->mount->is_writable)
    return;
  g_atomic_int_set (&self->is_running, TRUE);
  self->thread = g_thread_try_new ("behind", run, self, NULL);
  if (self->thread == NULL)
    g_atomic_int_set (&self->is_running, FALSE);
}

void
exp_behind_stop (ExpBehind *self)
{
  g_mutex_lock (&self->lock);
  g_atomic_int_set (&self->is_running, FALSE);
  g_cond_signal (&self->wake);
  g_mutex_unlock (&self->lock);
  if (self->thread != NULL)
    g_thread_join (g_steal_pointer (&self->thread));
  exp_behind_settle (self->mount);
}
