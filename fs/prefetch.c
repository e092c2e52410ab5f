/* Reading ahead in the background: a thread that walks the store.
 * Knows nodes only.
 * Started by the session. */
#include "fs/prefetch.h"

struct _ExpPrefetch
{
  ExpNode *root;
  gint is_ending; /* atomic */
  GThread *thread;
};

ExpPrefetch *
exp_prefetch_start (ExpMount *mount)
{
  return NULL;
}

void
exp_prefetch_stop (ExpPrefetch *prefetch)
{
}
