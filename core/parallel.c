/* One loop over several threads: the process's only pool of them.
 * Does not know what is computed.
 * Called by readers of chunks and by views that render long texts. */
#include "parallel.h"
#include "processors.h"

/* A loop that others were asked to help with. It lives until the last helper has looked at it, which may be after the
 * call has returned; `work` and `data` are used only for an index below n, hence before. */
typedef struct
{
  guint n_references; /* atomic */
  guint n;
  guint64 next;   /* atomic: the first index that nobody has taken; every thread raises it by one past n at most */
  guint64 n_done; /* atomic */
  void (*work) (guint index, gpointer data);
  gpointer data;
  GMutex lock; /* for the caller's waiting only */
  GCond done;
} Loop;

static GThreadPool *pool;
/* Atomic: threads of the pool that no loop has claimed. A loop is pushed only for threads that it has claimed, so none
 * ever queues behind another. */
static guint n_idle;

static void
unref_loop (Loop *loop)
{
  if (__atomic_sub_fetch (&loop->n_references, 1, __ATOMIC_ACQ_REL) > 0)
    return;
  g_mutex_clear (&loop->lock);
  g_cond_clear (&loop->done);
  g_free (loop);
}

static void
run_loop (Loop *loop)
{
  guint64 index;

  while ((index = __atomic_fetch_add (&loop->next, 1, __ATOMIC_ACQ_REL)) < loop->n)
    {
      loop->work (index, loop->data);
      if (__atomic_add_fetch (&loop->n_done, 1, __ATOMIC_ACQ_REL) == loop->n)
        {
          g_mutex_lock (&loop->lock);
          g_cond_signal (&loop->done);
          g_mutex_unlock (&loop->lock);
        }
    }
}

static void
help (gpointer loop, gpointer unused)
{
  exp_processors_unbind (); /* its maker may have been bound */
  run_loop (loop);
  unref_loop (loop);
  __atomic_add_fetch (&n_idle, 1, __ATOMIC_RELEASE);
}

static void
ensure_pool (void)
{
  static gsize is_made;

  if (g_once_init_enter (&is_made))
    {
      guint n_processors = exp_n_processors ();

      if (n_processors > 1)
        {
          pool = g_thread_pool_new (help, NULL, n_processors, TRUE, NULL);
          __atomic_store_n (&n_idle, pool == NULL ? 0 : g_thread_pool_get_num_threads (pool), __ATOMIC_RELEASE);
        }
      g_once_init_leave (&is_made, 1);
    }
}

/* Up to `most` of the idle threads, never the last processor, which is the caller's. */
static guint
claim_helpers (guint most)
{
  guint idle = __atomic_load_n (&n_idle, __ATOMIC_ACQUIRE), n;

  most = MIN (most, exp_n_processors () - 1);
  do
    n = MIN (most, idle);
  while (n > 0 && !__atomic_compare_exchange_n (&n_idle, &idle, idle - n, FALSE, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE));
  return n;
}

void
exp_parallel_for (guint n, void (*work) (guint index, gpointer data), gpointer data)
{
  guint n_helpers = 0;

  if (n > 1)
    {
      exp_processors_unbind ();
      ensure_pool ();
      n_helpers = claim_helpers (n - 1);
    }
  if (n_helpers == 0)
    {
      for (guint i = 0; i < n; i++)
        work (i, data);
      return;
    }

  Loop *loop = g_new0 (Loop, 1);
  loop->n = n;
  loop->work = work;
  loop->data = data;
  g_mutex_init (&loop->lock);
  g_cond_init (&loop->done);
  loop->n_references = 1 + n_helpers;
  __atomic_store_n (&loop->next, 0, __ATOMIC_RELEASE); /* taking an index shows all of the loop */
  for (guint i = 0; i < n_helpers; i++)
    g_thread_pool_push (pool, loop, NULL);
  run_loop (loop);
  if (__atomic_load_n (&loop->n_done, __ATOMIC_ACQUIRE) < n)
    {
      g_mutex_lock (&loop->lock);
      while (__atomic_load_n (&loop->n_done, __ATOMIC_ACQUIRE) < n)
        g_cond_wait (&loop->done, &loop->lock);
      g_mutex_unlock (&loop->lock);
    }
  unref_loop (loop);
}
