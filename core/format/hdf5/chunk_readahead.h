/* Chunks that will be wanted next: noticed when a dataset is read from one end to the other, and fetched by threads of
 * this part's own while the reader is still busy with what it has.
 * Knows the flat positions of reads, and chunks by number in C order; what fetching is, the caller says. Used by
 * chunk_prefetch.c. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* How one dataset is being read; all in elements in C order. Zeroed at first, but for the lock. */
typedef struct
{
  GMutex lock;
  guint64 start, end; /* of the stretch that reads in a row have covered */
  guint64 ahead;      /* elements before this one have been asked for */
  guint64 passed;     /* elements before this one lie behind all readers of the stretch */
} ExpReadahead;

/* Ranges of elements; empty where the end is not greater. */
typedef struct
{
  guint64 fetch, fetch_end; /* to fetch now */
  guint64 pass, pass_end;   /* behind the readers since the last plan */
} ExpReadaheadPlan;

/* Notes that elements first ... end - 1 are being read. What to do when that goes on where the reads before it ended,
 * give or take `slack` elements, since the kernel asks for several stretches at once: to fetch up to `window` elements
 * ahead, and not more than twice what was read in a row. */
ExpReadaheadPlan
exp_readahead_note (ExpReadahead *readahead, guint64 first, guint64 end, guint64 slack, guint64 window);

/* Elements before this one lie behind all readers of the stretch. */
guint64 exp_readahead_passed (ExpReadahead *readahead);

/* The tasks of one store file. Zeroed at first. */
typedef struct
{
  guint pending; /* all guarded by a lock in chunk_readahead.c */
  gboolean is_closed;
} ExpReadaheadTasks;

/* Runs func (data) soon in another thread, unless the file's tasks are closed or too many wait already; then, and after
 * func, `free_data` is called. */
void
exp_readahead_later (ExpReadaheadTasks *tasks, void (*func) (gpointer data), gpointer data, GDestroyNotify free_data);

/* No more tasks for this file; returns when the last one has ended. */
void exp_readahead_close (ExpReadaheadTasks *tasks);

G_END_DECLS
