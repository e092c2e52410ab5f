/* Where a thread runs is read from what the kernel says of it, and workers are bound only while one client writes. */
#include "core/processors.h"
#include "fs/affinity.h"
#include <sched.h>
#include <unistd.h>

static void
test_parse (void)
{
  g_assert_cmpint (exp_affinity_parse_processor (
                       "7 (a) b) R 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27 28 29 30 31 "
                       "32 33 34 35 5 37 38"),
                   ==, 5);
  g_assert_cmpint (exp_affinity_parse_processor (""), ==, -1);
  g_assert_cmpint (exp_affinity_parse_processor ("7 (a) R 1 2 3"), ==, -1);
  g_assert_cmpint (exp_affinity_parse_processor ("7 (a"), ==, -1);
}

static int
n_processors (void)
{
  cpu_set_t set;

  g_assert_cmpint (sched_getaffinity (0, sizeof set, &set), ==, 0);
  return CPU_COUNT (&set);
}

static void
ask (ExpAffinity *affinity, guint n, ExpRequestKind kind, gint64 *time, gint64 step)
{
  for (guint i = 0; i < n; i++)
    exp_affinity_follow (affinity, getpid (), kind, *time += step);
}

static void
test_bursts (void)
{
  const int all = n_processors ();
  ExpAffinity affinity = { 0 };
  gint64 time = 1;

  if (all < 2)
    {
      g_test_skip ("one processor");
      return;
    }
  ask (&affinity, 1000, EXP_REQUEST_LOOKS, &time, 1000);
  g_assert_cmpint (n_processors (), ==, all);
  ask (&affinity, 1000, EXP_REQUEST_WRITES, &time, 1000);
  g_assert_cmpint (n_processors (), ==, 1);
  ask (&affinity, 1, EXP_REQUEST_IS_NOBODYS, &time, 1000);
  g_assert_cmpint (n_processors (), ==, 1);
  ask (&affinity, 1, EXP_REQUEST_IS_LONG, &time, 1000);
  g_assert_cmpint (n_processors (), ==, all);
  ask (&affinity, 1000, EXP_REQUEST_WRITES, &time, 10000000);
  g_assert_cmpint (n_processors (), ==, all);
  ask (&affinity, 1000, EXP_REQUEST_WRITES, &time, 1000);
  exp_affinity_follow (&affinity, getppid (), EXP_REQUEST_WRITES, time + 1);
  g_assert_cmpint (n_processors (), ==, all);
}

static gpointer
count (gpointer data)
{
  exp_processors_unbind ();
  return GINT_TO_POINTER (n_processors ());
}

/* A thread starts out with its maker's processors. */
static void
test_threads (void)
{
  const int all = n_processors ();
  cpu_set_t set;

  g_assert_cmpint (sched_getaffinity (0, sizeof set, &set), ==, 0);
  for (guint i = 0; i < CPU_SETSIZE; i++)
    if (CPU_ISSET (i, &set))
      {
        g_assert_true (exp_processors_bind (i) || all < 2);
        g_assert_cmpint (GPOINTER_TO_INT (g_thread_join (g_thread_new ("count", count, NULL))), ==, all);
      }
  exp_processors_unbind ();
  g_assert_cmpint (n_processors (), ==, all);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/affinity/the-kernel's-line-is-parsed", test_parse);
  g_test_add_func ("/affinity/workers-follow-bursts-of-one-client", test_bursts);
  g_test_add_func ("/affinity/threads-made-by-a-bound-one-are-free", test_threads);
  return g_test_run ();
}
