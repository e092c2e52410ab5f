/* When changes become durable: the thread that commits every so often, and commits that callers share.
 * Knows the store; knows nothing of requests.
 * Called by the operations, the session and .expfs/sync. */
#include "fs/commit.h"
#include <sys/statvfs.h>

/* A journal of so many bytes is moved into the store, which those who write wait for. */
#define MAX_JOURNAL (G_GUINT64_CONSTANT (512) << 20)
/* So is one that takes this part of the room that is left for it and the store, which may need as much again; those who
 * write faster than that wait when it takes half as much again. */
#define ROOM_PART 3
/* How far it grows at least between looks at the room. */
#define LOOK_STEP (G_GUINT64_CONSTANT (64) << 10)
/* So is one of any size when nothing has changed for so long. */
#define IDLE_TIME (30 * G_USEC_PER_SEC)
/* Where a commit takes long, since it writes the whole store, the next one that nobody asked for is this many times as
 * long away. */
#define PAUSE 10
/* After one that was put off the next is tried so much later. */
#define RETRY_TIME (10 * G_USEC_PER_SEC)

struct _ExpCommitter
{
  ExpStore *store; /* a reference */
  gint64 period;   /* microseconds; 0: none */
  void (*before) (gpointer data);
  gpointer data;

  guint64 n_changes;   /* atomic */
  guint64 n_commits;   /* atomic */
  guint64 max_journal; /* by the room that there was; atomic */
  guint64 look_at;     /* how large the journal is when that is looked at again; atomic */
  gint has_grown;      /* the journal is large; atomic */
  gint64 retry;        /* when it may be moved again; atomic */
  gint64 took;         /* microseconds, by the last commit without a checkpoint; atomic */

  GMutex commit_lock;       /* held while committing */
  guint64 n_committed;      /* of n_changes; under commit_lock */
  gboolean has_failed;      /* under commit_lock */
  gboolean is_checkpointed; /* nothing was committed since; under commit_lock */

  GMutex lock; /* guards the rest */
  GCond wake;
  gboolean is_ending;
  GThread *thread;
};

ExpCommitter *
exp_committer_new (ExpStore *store, guint seconds, void (*before) (gpointer data), gpointer data)
{
  ExpCommitter *self = g_new0 (ExpCommitter, 1);

  self->store = exp_store_ref (store);
  self->period = seconds * G_USEC_PER_SEC;
  self->before = before;
  self->data = data;
  self->is_checkpointed = TRUE;
  self->max_journal = MAX_JOURNAL;
  g_mutex_init (&self->commit_lock);
  g_mutex_init (&self->lock);
  g_cond_init (&self->wake);
  return self;
}

/* How large a journal that is `size` now may become. */
static guint64
max_journal (ExpCommitter *self, guint64 size)
{
  struct statvfs st;

  if (size < __atomic_load_n (&self->look_at, __ATOMIC_RELAXED))
    return __atomic_load_n (&self->max_journal, __ATOMIC_RELAXED);
  guint64 max = MAX_JOURNAL;
  if (statvfs (exp_store_get_path (self->store), &st) == 0)
    max = MIN (max, (size + st.f_bavail * (guint64)st.f_frsize) / ROOM_PART);
  guint64 rest = max > size ? max - size : 0;
  __atomic_store_n (&self->max_journal, max, __ATOMIC_RELAXED);
  __atomic_store_n (&self->look_at, size + MAX (rest / 2, LOOK_STEP), __ATOMIC_RELAXED);
  return max;
}

static gboolean
may_move (ExpCommitter *self)
{
  return g_get_monotonic_time () >= __atomic_load_n (&self->retry, __ATOMIC_RELAXED);
}

void
exp_committer_note (ExpCommitter *self)
{
  guint64 before = __atomic_fetch_add (&self->n_changes, 1, __ATOMIC_ACQ_REL);
  guint64 size = exp_store_journal_size (self->store);
  gboolean has_grown = size > max_journal (self, size) && may_move (self)
                       && g_atomic_int_compare_and_exchange (&self->has_grown, 0, 1);

  /* The thread sleeps without an end only when all is committed. */
  if (!has_grown && before != __atomic_load_n (&self->n_committed, __ATOMIC_ACQUIRE))
    return;
  g_mutex_lock (&self->lock);
  g_cond_signal (&self->wake);
  g_mutex_unlock (&self->lock);
}

static guint64
n_changes (ExpCommitter *self)
{
  return __atomic_load_n (&self->n_changes, __ATOMIC_ACQUIRE);
}

static gboolean
has_uncommitted (ExpCommitter *self)
{
  return n_changes (self) != __atomic_load_n (&self->n_committed, __ATOMIC_ACQUIRE);
}

/* With commit_lock. */
static gboolean
commit_locked (ExpCommitter *self, gboolean checkpoint, GError **error)
{
  guint64 n = n_changes (self), size = exp_store_journal_size (self->store);
  gint64 start = g_get_monotonic_time ();
  GError *failure = NULL;

  if (!exp_store_commit (self->store, checkpoint, &failure))
    {
      if (!self->has_failed)
        g_warning ("%s: nothing can be changed any more: %s", exp_store_get_path (self->store), failure->message);
      self->has_failed = TRUE;
      g_propagate_error (error, failure);
      return FALSE;
    }
  __atomic_store_n (&self->n_committed, n, __ATOMIC_RELEASE);
  __atomic_fetch_add (&self->n_commits, 1, __ATOMIC_ACQ_REL);
  if (!checkpoint)
    __atomic_store_n (&self->took, g_get_monotonic_time () - start, __ATOMIC_RELAXED);
  __atomic_store_n (&self->look_at, 0, __ATOMIC_RELAXED);
  guint64 left = exp_store_journal_size (self->store);
  self->is_checkpointed = checkpoint && left == 0;
  /* What is left of one that was moved was written since. */
  if (checkpoint && left > 0 && left >= size)
    __atomic_store_n (&self->retry, g_get_monotonic_time () + RETRY_TIME, __ATOMIC_RELAXED);
  return TRUE;
}

guint64
exp_committer_n_commits (ExpCommitter *self)
{
  return __atomic_load_n (&self->n_commits, __ATOMIC_ACQUIRE);
}

gboolean
exp_committer_commit (ExpCommitter *self, gboolean checkpoint, GError **error)
{
  guint64 wanted = n_changes (self);
  gboolean is_done = TRUE;

  if (!exp_store_is_writable (self->store))
    return TRUE;
  g_mutex_lock (&self->commit_lock);
  if (self->has_failed || self->n_committed < wanted || (checkpoint && !self->is_checkpointed))
    is_done = commit_locked (self, checkpoint, error);
  g_mutex_unlock (&self->commit_lock);
  return is_done;
}

void
exp_committer_make_room (ExpCommitter *self)
{
  guint64 size = exp_store_journal_size (self->store);

  if (size / 3 > __atomic_load_n (&self->max_journal, __ATOMIC_RELAXED) / 2 && may_move (self))
    exp_committer_commit (self, TRUE, NULL);
}

/* Until something is to be done: TRUE for a commit, FALSE when nothing has changed for long. With the lock. */
static gboolean
wait_locked (ExpCommitter *self)
{
  gint64 start = g_get_monotonic_time ();

  while (!self->is_ending && !has_uncommitted (self))
    if (!g_cond_wait_until (&self->wake, &self->lock, start + IDLE_TIME) && !has_uncommitted (self))
      return FALSE;

  start = g_get_monotonic_time ();
  gint64 period = MAX (self->period, PAUSE * __atomic_load_n (&self->took, __ATOMIC_RELAXED));
  while (!self->is_ending && !g_atomic_int_get (&self->has_grown))
    if (self->period == 0)
      g_cond_wait (&self->wake, &self->lock);
    else if (!g_cond_wait_until (&self->wake, &self->lock, start + period))
      break;
  return TRUE;
}

static gpointer
run (gpointer data)
{
  ExpCommitter *self = data;

  g_mutex_lock (&self->lock);
  while (!self->is_ending)
    {
      gboolean is_commit = wait_locked (self);
      if (self->is_ending)
        break;
      g_mutex_unlock (&self->lock);
      if (self->before != NULL)
        self->before (self->data);
      gboolean is_done = exp_committer_commit (self, !is_commit || g_atomic_int_get (&self->has_grown), NULL);
      g_atomic_int_set (&self->has_grown, 0);
      g_mutex_lock (&self->lock);
      if (!is_done)
        break;
    }
  g_mutex_unlock (&self->lock);
  return NULL;
}

void
exp_committer_start (ExpCommitter *self)
{
  if (exp_store_is_writable (self->store))
    self->thread = g_thread_try_new ("commit", run, self, NULL);
}

void
exp_committer_stop (ExpCommitter *self)
{
  g_mutex_lock (&self->lock);
  self->is_ending = TRUE;
  g_cond_signal (&self->wake);
  g_mutex_unlock (&self->lock);
  if (self->thread != NULL)
    g_thread_join (g_steal_pointer (&self->thread));
}

void
exp_committer_free (ExpCommitter *self)
{
  if (self == NULL)
    return;
  exp_committer_stop (self);
  exp_store_unref (self->store);
  g_cond_clear (&self->wake);
  g_mutex_clear (&self->lock);
  g_mutex_clear (&self->commit_lock);
  g_free (self);
}
