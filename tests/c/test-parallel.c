/* One loop over several threads: every index once, from many callers at once, nested, and no thread before its time. */
#include "core/parallel.h"
#include <string.h>

#define MANY 20000

static void
count (guint index, gpointer data)
{
  __atomic_add_fetch ((guint *)data + index, 1, __ATOMIC_RELAXED);
}

static guint
count_threads (void)
{
  g_autoptr (GDir) tasks = g_dir_open ("/proc/self/task", 0, NULL);
  guint n = 0;

  g_assert_nonnull (tasks);
  while (g_dir_read_name (tasks) != NULL)
    n++;
  return n;
}

/* Runs first: what daemonises by fork must not have threads yet. */
static void
no_thread_is_made_before_it_is_of_use (void)
{
  guint before = count_threads (), counts[2] = { 0 };

  exp_parallel_for (0, count, counts);
  exp_parallel_for (1, count, counts);
  g_assert_cmpuint (counts[0], ==, 1);
  g_assert_cmpuint (count_threads (), ==, before);
  exp_parallel_for (2, count, counts);
  g_assert_cmpuint (counts[0], ==, 2);
  g_assert_cmpuint (counts[1], ==, 1);
  g_assert_cmpuint (count_threads (), <=, before + g_get_num_processors () + 1); /* one may be a sanitizer's */
}

static void
every_index_runs_exactly_once (void)
{
  for (guint n = 0; n <= MANY; n = n < 40 ? n + 1 : n * 7)
    for (guint round = 0; round < 20; round++)
      {
        g_autofree guint *counts = g_new0 (guint, n + 1);

        exp_parallel_for (n, count, counts);
        for (guint i = 0; i < n; i++)
          g_assert_cmpuint (counts[i], ==, 1);
        g_assert_cmpuint (counts[n], ==, 0);
      }
}

static void
square (guint index, gpointer data)
{
  ((guint64 *)data)[index] = (guint64)index * index; /* plainly: the call's return makes it visible */
}

static gpointer
call_often (gpointer data)
{
  g_autofree guint64 *squares = g_new (guint64, 500);

  for (guint round = 0; round < 300; round++)
    {
      memset (squares, 0xff, 500 * sizeof *squares);
      exp_parallel_for (500, square, squares);
      for (guint64 i = 0; i < 500; i++)
        g_assert_cmpuint (squares[i], ==, i * i);
    }
  return NULL;
}

static void
many_threads_may_call_at_once (void)
{
  GThread *threads[8];

  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    threads[i] = g_thread_new (NULL, call_often, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    g_thread_join (threads[i]);
}

static void
nest (guint index, gpointer data)
{
  guint *counts = (guint *)data + 100 * index;

  exp_parallel_for (100, count, counts);
  for (guint i = 0; i < 100; i++)
    g_assert_cmpuint (__atomic_load_n (&counts[i], __ATOMIC_RELAXED), ==, 1);
}

static void
calls_nest (void)
{
  for (guint round = 0; round < 50; round++)
    {
      g_autofree guint *counts = g_new0 (guint, 100 * 40);

      exp_parallel_for (40, nest, counts);
    }
}

typedef struct
{
  GMutex lock;
  GCond arrival;
  guint n_present, n_most;
} Meeting;

/* Waits a little for the other to be at work at the same time. */
static void
meet (guint index, gpointer data)
{
  Meeting *meeting = data;
  gint64 end = g_get_monotonic_time () + G_TIME_SPAN_SECOND / 20;

  g_mutex_lock (&meeting->lock);
  meeting->n_present++;
  meeting->n_most = MAX (meeting->n_most, meeting->n_present);
  g_cond_broadcast (&meeting->arrival);
  while (meeting->n_most < 2 && g_cond_wait_until (&meeting->arrival, &meeting->lock, end))
    ;
  meeting->n_present--;
  g_mutex_unlock (&meeting->lock);
}

static void
two_processors_work_at_the_same_time (void)
{
  Meeting meeting = { .n_present = 0 };
  gint64 end = g_get_monotonic_time () + 20 * G_TIME_SPAN_SECOND;

  if (g_get_num_processors () < 2)
    {
      g_test_skip ("there is one processor only");
      return;
    }
  g_mutex_init (&meeting.lock);
  g_cond_init (&meeting.arrival);
  /* More than once, as helpers of the loops before are not idle again at once. */
  while (meeting.n_most < 2 && g_get_monotonic_time () < end)
    exp_parallel_for (2, meet, &meeting);
  g_assert_cmpuint (meeting.n_most, ==, 2);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/parallel/no-thread-before-use", no_thread_is_made_before_it_is_of_use);
  g_test_add_func ("/parallel/once", every_index_runs_exactly_once);
  g_test_add_func ("/parallel/many-callers", many_threads_may_call_at_once);
  g_test_add_func ("/parallel/nested", calls_nest);
  g_test_add_func ("/parallel/at-once", two_processors_work_at_the_same_time);
  return g_test_run ();
}
