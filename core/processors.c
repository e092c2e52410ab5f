/* Which processors a thread may run on.
 * Does not know who wants to be where.
 * Called by core's threads and by the driver's affinity of workers. */
#include "processors.h"
#include <sched.h>

typedef enum
{
  UNKNOWN, /* a new thread has its maker's processors, which may be one only */
  FREE,
  BOUND,
} State;

static __thread State state;
static __thread guint bound_to;

/* The process's own, as they were when a thread was bound for the first time: no thread was bound before. */
static cpu_set_t all;
static gsize is_all_known;

static gboolean
ensure_all (void)
{
  if (g_once_init_enter (&is_all_known))
    {
      /* None where there are more processors than the set can hold: nothing is ever bound. */
      if (sched_getaffinity (0, sizeof all, &all) < 0)
        CPU_ZERO (&all);
      g_once_init_leave (&is_all_known, 1);
    }
  return CPU_COUNT (&all) > 1;
}

static gboolean
has_processors (const cpu_set_t *expected)
{
  cpu_set_t now;

  return sched_getaffinity (0, sizeof now, &now) == 0 && CPU_EQUAL (&now, expected);
}

static void
set_one (cpu_set_t *set, guint processor)
{
  CPU_ZERO (set);
  CPU_SET (processor, set);
}

gboolean
exp_processors_bind (guint processor)
{
  cpu_set_t one;

  if (state == BOUND && bound_to == processor)
    return TRUE;
  exp_processors_unbind ();
  if (!ensure_all () || !CPU_ISSET (processor, &all) || !has_processors (&all))
    return FALSE;
  set_one (&one, processor);
  if (sched_setaffinity (0, sizeof one, &one) < 0)
    return FALSE;
  bound_to = processor;
  state = BOUND;
  return TRUE;
}

void
exp_processors_unbind (void)
{
  cpu_set_t one;

  if (state == FREE)
    return;
  if (state == UNKNOWN)
    {
      /* Until a thread was bound, none can have inherited that. */
      if (__atomic_load_n (&is_all_known, __ATOMIC_ACQUIRE) != 0 && ensure_all ())
        sched_setaffinity (0, sizeof all, &all);
    }
  else
    {
      set_one (&one, bound_to);
      if (has_processors (&one))
        sched_setaffinity (0, sizeof all, &all);
    }
  state = FREE;
}

guint
exp_n_processors (void)
{
  static guint n; /* atomic */
  guint known = __atomic_load_n (&n, __ATOMIC_RELAXED);

  if (known == 0)
    {
      exp_processors_unbind ();
      known = MAX (g_get_num_processors (), 1);
      __atomic_store_n (&n, known, __ATOMIC_RELAXED);
    }
  return known;
}

guint
exp_processors_n_looks (void)
{
  return exp_n_processors () > 1 ? 64 : 0;
}
