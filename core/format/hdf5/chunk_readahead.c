/* Noticing sequential reads, and the threads that read ahead.
 * Knows neither chunks nor files.
 * Called by chunk_prefetch.c, from several threads. */
#include "chunk_readahead.h"
#include "processors.h"

/* Tasks that wait or run, for all files together. */
#define MAX_PENDING 256

ExpReadaheadPlan
exp_readahead_note (ExpReadahead *readahead, guint64 first, guint64 end, guint64 slack, guint64 window)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&readahead->lock);
  ExpReadaheadPlan plan = { 0 };

  if (first > readahead->end + slack || first + slack < readahead->end || end < first)
    {
      readahead->start = readahead->passed = first;
      readahead->end = readahead->ahead = end;
      return plan;
    }
  readahead->end = MAX (readahead->end, end);
  readahead->ahead = MAX (readahead->ahead, readahead->end);
  window = MIN (window, 2 * (readahead->end - readahead->start));
  if (readahead->ahead - readahead->end < window / 2)
    {
      plan.fetch = readahead->ahead;
      plan.fetch_end = readahead->ahead = readahead->end + window;
    }
  plan.pass = readahead->passed;
  if (readahead->end > slack)
    plan.pass_end = readahead->passed = MAX (readahead->passed, readahead->end - slack);
  return plan;
}

guint64
exp_readahead_passed (ExpReadahead *readahead)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&readahead->lock);

  return readahead->passed;
}

typedef struct
{
  ExpReadaheadTasks *tasks;
  void (*func) (gpointer data);
  gpointer data;
  GDestroyNotify free_data;
} Task;

static GMutex lock; /* guards all ExpReadaheadTasks and the rest here */
static GCond ended;
static guint pending;
static GThreadPool *pool;

static void
run (gpointer item, gpointer unused)
{
  Task *task = item;

  exp_processors_unbind (); /* its maker may have been bound */
  if (!__atomic_load_n (&task->tasks->is_closed, __ATOMIC_RELAXED))
    task->func (task->data);
  task->free_data (task->data);

  g_mutex_lock (&lock);
  pending--;
  if (--task->tasks->pending == 0)
    g_cond_broadcast (&ended);
  g_mutex_unlock (&lock);
  g_free (task);
}

/* With the lock. The threads are made when first wanted, long after the daemon's fork. */
static gboolean
ensure_pool (void)
{
  if (pool == NULL)
    pool = g_thread_pool_new (run, NULL, exp_n_processors (), FALSE, NULL);
  return pool != NULL;
}

void
exp_readahead_later (ExpReadaheadTasks *tasks, void (*func) (gpointer data), gpointer data, GDestroyNotify free_data)
{
  g_mutex_lock (&lock);
  gboolean is_taken = !tasks->is_closed && pending < MAX_PENDING && ensure_pool ();
  if (is_taken)
    {
      tasks->pending++;
      pending++;
    }
  g_mutex_unlock (&lock);
  if (!is_taken)
    {
      free_data (data);
      return;
    }

  Task *task = g_new (Task, 1);
  *task = (Task){ tasks, func, data, free_data };
  g_thread_pool_push (pool, task, NULL);
}

void
exp_readahead_close (ExpReadaheadTasks *tasks)
{
  g_mutex_lock (&lock);
  __atomic_store_n (&tasks->is_closed, TRUE, __ATOMIC_RELAXED);
  while (tasks->pending > 0)
    g_cond_wait (&ended, &lock);
  g_mutex_unlock (&lock);
}
