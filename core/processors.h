/* Which processors a thread may run on. Used by core's threads and by fs/affinity.c. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Binds the calling thread to one of the processors that the process may use, until exp_processors_unbind. FALSE when
 * it is none of those (taskset, cgroups), or when somebody else has set the thread's processors since: those stay. */
gboolean exp_processors_bind (guint processor);

/* Lets the calling thread run on all processors that the process may use. Threads inherit what their maker is bound to,
 * so who makes threads or wants others' work calls this before, and a thread that may have been made by a bound one at
 * its start. Costs nothing where nothing is to do. */
void exp_processors_unbind (void);

/* The number of processors that the process may use, asked for once: the C library opens a file each time. */
guint exp_n_processors (void);

/* How often to look at a lock that others hold for some microseconds, before going to sleep takes less time: not at all
 * where there is one processor. exp_processors_pause is what to do between two looks, for about half a microsecond. */
guint exp_processors_n_looks (void);

static inline void
exp_processors_pause (void)
{
  for (guint i = 0; i < 16; i++)
    {
#if defined(__x86_64__) || defined(__i386__)
      __builtin_ia32_pause ();
#elif defined(__aarch64__)
      __asm__ volatile("yield");
#else
      __asm__ volatile("" ::: "memory");
#endif
    }
}

G_END_DECLS
