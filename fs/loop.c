/* The loop of a mount that can be written: one thread reads requests and answers them, and others only when it does not
 * keep up. Who asks for one thing after the other is answered by the same thread then, which the scheduler can keep
 * beside him; where several wait for requests the kernel wakes them in turns, each somewhere else.
 * Knows no requests' meaning. Called by the session. */
#include "fs/loop.h"
#include "core/processors.h"
#include <errno.h>
#include <linux/fuse.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

/* us: a request that was read faster than this had been waiting; after so many of these in a row there is one more who
 * reads. */
#define QUICK   4
#define N_QUICK 3
/* So many writes in a row, and nothing else, are taken by so many in turns: while one answers, the kernel already has
 * the next one for another. */
#define N_WRITES      16
#define N_FOR_WRITING 4
/* us: one who takes longer than this for a request is not waited for; and how often somebody looks. */
#define PATIENCE 1000
#define LOOK     2000
/* Looks without any request until nobody looks any more. */
#define N_LOOKS 10
/* us: so often those who read are interrupted at the end. */
#define NUDGE 2000

typedef struct
{
  struct fuse_session *session;
  guint max, max_idle, n_processors;
  sem_t is_ending;
  gint is_overseer_asleep; /* atomic */
  gint n_readers;          /* atomic, changed under lock: those that wait for nobody */
  gint has_failed;         /* atomic */
  gint n_writes;           /* in a row; atomic, and need not be right */

  GMutex lock; /* guards the rest */
  GCond wanted, ended, overseen;
  GPtrArray *readers; /* of Reader: all threads */
  guint n_waiting;    /* of these, those that wait until they are wanted */
  guint n_wanted;     /* of these, those that have been told so */
  gboolean is_over;
} Loop;

typedef struct
{
  Loop *loop;
  pthread_t thread;
  gboolean is_waiting; /* lock */
  gint64 busy_since;   /* atomic; us, 0: is waiting for a request */
  guint n_quick;
} Reader;

static gboolean start_locked (Loop *self);

static gint64
busy_since (Reader *reader)
{
  return __atomic_load_n (&reader->busy_since, __ATOMIC_SEQ_CST);
}

/* One more reads. */
static void
add_reader_locked (Loop *self)
{
  if (self->is_over)
    return;
  if (self->n_waiting > self->n_wanted)
    {
      self->n_wanted++;
      g_atomic_int_inc (&self->n_readers);
      g_cond_signal (&self->wanted);
    }
  else if (self->readers->len < self->max)
    start_locked (self);
}

/* TRUE when there is another one who waits for a request. */
static gboolean
has_other_locked (Loop *self, Reader *reader)
{
  for (guint i = 0; i < self->readers->len; i++)
    {
      Reader *other = self->readers->pdata[i];

      if (other != reader && !other->is_waiting && busy_since (other) == 0)
        return TRUE;
    }
  return FALSE;
}

/* Stops reading when there are others; FALSE when the thread is to end. */
static gboolean
rest (Reader *reader)
{
  Loop *self = reader->loop;
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);

  if (self->is_over || !has_other_locked (self, reader))
    return !self->is_over;
  g_atomic_int_add (&self->n_readers, -1);
  reader->is_waiting = TRUE; /* also one that ends does not read */
  if (self->max_idle > 0 && self->n_waiting >= self->max_idle)
    return FALSE;
  self->n_waiting++;
  while (self->n_wanted == 0 && !self->is_over)
    g_cond_wait (&self->wanted, &self->lock);
  self->n_waiting--;
  reader->is_waiting = FALSE;
  reader->n_quick = 0;
  if (self->n_wanted > 0)
    self->n_wanted--;
  return !self->is_over;
}

/* A request has come: somebody sees to it that it does not hold up others. */
static void
oversee (Loop *self)
{
  if (!g_atomic_int_get (&self->is_overseer_asleep))
    return;
  g_mutex_lock (&self->lock);
  g_cond_signal (&self->overseen);
  g_mutex_unlock (&self->lock);
}

static void
note_write (Loop *self, const struct fuse_buf *buffer)
{
  struct fuse_in_header header = { .opcode = FUSE_WRITE };

  if ((buffer->flags & FUSE_BUF_IS_FD) == 0 && buffer->size >= sizeof header)
    memcpy (&header, buffer->mem, sizeof header);
  if (header.opcode != FUSE_WRITE)
    g_atomic_int_set (&self->n_writes, 0);
  else if (g_atomic_int_get (&self->n_writes) < N_WRITES)
    g_atomic_int_inc (&self->n_writes);
}

/* How many may read at the same time although nobody keeps the others waiting. */
static gint
n_in_turns (Loop *self)
{
  return g_atomic_int_get (&self->n_writes) >= N_WRITES ? N_FOR_WRITING : 1;
}

static void
answer (Reader *reader, struct fuse_buf *buffer, gboolean is_quick)
{
  Loop *self = reader->loop;

  oversee (self);
  reader->n_quick = is_quick ? reader->n_quick + 1 : 0;
  if (reader->n_quick >= N_QUICK && (guint)g_atomic_int_get (&self->n_readers) < self->n_processors)
    {
      g_mutex_lock (&self->lock);
      if ((guint)self->n_readers < self->n_processors)
        add_reader_locked (self);
      g_mutex_unlock (&self->lock);
      reader->n_quick = 0;
    }
  note_write (self, buffer);
  if (g_atomic_int_get (&self->n_readers) < n_in_turns (self))
    {
      g_mutex_lock (&self->lock);
      if (self->n_readers < N_FOR_WRITING)
        add_reader_locked (self);
      g_mutex_unlock (&self->lock);
    }
  fuse_session_process_buf (self->session, buffer);
}

/* FALSE at the end. */
static gboolean
take_request (Reader *reader, struct fuse_buf *buffer)
{
  Loop *self = reader->loop;
  gint64 start = g_get_monotonic_time ();
  int n = fuse_session_receive_buf (self->session, buffer);

  if (n == -EINTR || n == -EAGAIN)
    return !fuse_session_exited (self->session);
  if (n <= 0)
    {
      if (n < 0)
        g_atomic_int_set (&self->has_failed, TRUE);
      fuse_session_exit (self->session);
      return FALSE;
    }
  gint64 now = g_get_monotonic_time ();
  gboolean is_quick = now - start < QUICK;
  __atomic_store_n (&reader->busy_since, now, __ATOMIC_SEQ_CST);
  answer (reader, buffer, is_quick);
  __atomic_store_n (&reader->busy_since, 0, __ATOMIC_SEQ_CST);
  return is_quick || g_atomic_int_get (&self->n_readers) <= n_in_turns (self) || rest (reader);
}

static void *
read_requests (void *data)
{
  Reader *reader = data;
  Loop *self = reader->loop;
  struct fuse_buf buffer = { 0 };

  exp_processors_unbind ();
  while (!fuse_session_exited (self->session) && take_request (reader, &buffer))
    ;
  free (buffer.mem);
  g_mutex_lock (&self->lock);
  g_ptr_array_remove_fast (self->readers, reader);
  g_cond_broadcast (&self->ended);
  if (fuse_session_exited (self->session))
    sem_post (&self->is_ending);
  g_mutex_unlock (&self->lock);
  g_free (reader);
  return NULL;
}

static gboolean
start_locked (Loop *self)
{
  Reader *reader = g_new0 (Reader, 1);

  reader->loop = self;
  if (pthread_create (&reader->thread, NULL, read_requests, reader) != 0)
    {
      g_free (reader);
      return FALSE;
    }
  pthread_detach (reader->thread);
  g_ptr_array_add (self->readers, reader);
  g_atomic_int_inc (&self->n_readers);
  return TRUE;
}

/* --- who looks after those that read ------------------------------------------------------------------------ */

/* Those who have a request in hand, and whether all who read have had theirs for too long. */
static guint
look_locked (Loop *self, gboolean *are_slow)
{
  gint64 now = g_get_monotonic_time ();
  guint n_busy = 0;

  *are_slow = TRUE;
  for (guint i = 0; i < self->readers->len; i++)
    {
      Reader *reader = self->readers->pdata[i];
      gint64 since = busy_since (reader);

      if (reader->is_waiting)
        continue;
      n_busy += since != 0;
      if (since == 0 || now - since < PATIENCE)
        *are_slow = FALSE;
    }
  return n_busy;
}

static void *
look_after (void *data)
{
  Loop *self = data;
  guint n_idle = 0;

  exp_processors_unbind ();
  g_mutex_lock (&self->lock);
  while (!self->is_over)
    {
      gboolean are_slow;

      n_idle = look_locked (self, &are_slow) > 0 ? 0 : n_idle + 1;
      if (are_slow && self->n_wanted == 0)
        add_reader_locked (self);
      if (n_idle < N_LOOKS)
        {
          g_cond_wait_until (&self->overseen, &self->lock, g_get_monotonic_time () + LOOK);
          continue;
        }
      __atomic_store_n (&self->is_overseer_asleep, TRUE, __ATOMIC_SEQ_CST);
      if (look_locked (self, &are_slow) == 0)
        g_cond_wait (&self->overseen, &self->lock);
      __atomic_store_n (&self->is_overseer_asleep, FALSE, __ATOMIC_SEQ_CST);
      n_idle = 0;
    }
  g_mutex_unlock (&self->lock);
  return NULL;
}

/* --- from beginning to end ---------------------------------------------------------------------------------- */

static void
end (Loop *self)
{
  g_mutex_lock (&self->lock);
  self->is_over = TRUE;
  g_cond_broadcast (&self->wanted);
  g_cond_signal (&self->overseen);
  while (self->readers->len > 0)
    {
      for (guint i = 0; i < self->readers->len; i++)
        if (busy_since (self->readers->pdata[i]) == 0)
          pthread_kill (((Reader *)self->readers->pdata[i])->thread, SIGUSR1);
      g_cond_wait_until (&self->ended, &self->lock, g_get_monotonic_time () + NUDGE);
    }
  g_mutex_unlock (&self->lock);
}

int
exp_loop_run (struct fuse_session *session, guint n_threads, guint n_idle)
{
  Loop self = { .session = session, .max = n_threads, .max_idle = n_idle };
  pthread_t overseer;

  self.n_processors = exp_n_processors ();
  self.readers = g_ptr_array_new ();
  sem_init (&self.is_ending, 0, 0);
  g_mutex_init (&self.lock);
  g_cond_init (&self.wanted);
  g_cond_init (&self.ended);
  g_cond_init (&self.overseen);
  gboolean has_overseer = pthread_create (&overseer, NULL, look_after, &self) == 0;
  g_mutex_lock (&self.lock);
  gboolean is_started = has_overseer && start_locked (&self);
  g_mutex_unlock (&self.lock);
  while (is_started && !fuse_session_exited (session))
    sem_wait (&self.is_ending);
  end (&self);
  if (has_overseer)
    pthread_join (overseer, NULL);
  g_cond_clear (&self.overseen);
  g_cond_clear (&self.ended);
  g_cond_clear (&self.wanted);
  g_mutex_clear (&self.lock);
  sem_destroy (&self.is_ending);
  g_ptr_array_unref (self.readers);
  return is_started && !g_atomic_int_get (&self.has_failed) ? 0 : -1;
}
