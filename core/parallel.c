/* A loop whose turns several threads take.
 * Knows no work of its own.
 * Called by views and formats, from several threads. */
#include "parallel.h"

/* One loop. Lives until the last thread that was asked to help has looked at it, which may be after the loop's end. */
typedef struct
{
  gatomicrefcount references;
  void (*work) (guint index, gpointer data);
  gpointer data;
  guint n;
  guint next;  /* turn; atomic */
  guint ended; /* turns; atomic */
  GMutex lock;
  GCond all_ended;
} Loop;

static void
loop_unref (Loop *loop)
{
  if (!g_atomic_ref_count_dec (&loop->references))
    return;
  g_mutex_clear (&loop->lock);
  g_cond_clear (&loop->all_ended);
  g_free (loop);
}

static void
take_turns (Loop *loop)
{
  guint index;

  while ((index = __atomic_fetch_add (&loop->next, 1, __ATOMIC_RELAXED)) < loop->n)
    {
      loop->work (index, loop->data);
      if (__atomic_add_fetch (&loop->ended, 1, __ATOMIC_ACQ_REL) < loop->n)
        continue;
      g_mutex_lock (&loop->lock);
      g_cond_signal (&loop->all_ended);
      g_mutex_unlock (&loop->lock);
    }
}

static void
help (gpointer item, gpointer unused)
{
  Loop *loop = item;

  take_turns (loop);
  loop_unref (loop);
}

static GThreadPool *
get_pool (void)
{
  static GThreadPool *pool;

  if (g_once_init_enter (&pool))
    g_once_init_leave (&pool, g_thread_pool_new (help, NULL, g_get_num_processors (), FALSE, NULL));
  return pool;
}

void
exp_parallel_for (guint n, void (*work) (guint index, gpointer data), gpointer data)
{
  const guint n_helpers = MIN (n, g_get_num_processors ()) - (n > 0);

  if (n_helpers == 0)
    {
      for (guint i = 0; i < n; i++)
        work (i, data);
      return;
    }

  Loop *loop = g_new0 (Loop, 1);
  g_atomic_ref_count_init (&loop->references);
  loop->work = work;
  loop->data = data;
  loop->n = n;
  g_mutex_init (&loop->lock);
  g_cond_init (&loop->all_ended);
  for (guint i = 0; i < n_helpers; i++)
    {
      g_atomic_ref_count_inc (&loop->references);
      g_thread_pool_push (get_pool (), loop, NULL);
    }
  take_turns (loop);
  g_mutex_lock (&loop->lock);
  while (__atomic_load_n (&loop->ended, __ATOMIC_ACQUIRE) < n)
    g_cond_wait (&loop->all_ended, &loop->lock);
  g_mutex_unlock (&loop->lock);
  loop_unref (loop);
}
