/* Reading ahead in the background: a thread that walks the store.
 * Knows nodes only.
 * Started by the session. */
#include "fs/prefetch.h"
#include "fs/walk/walk.h"
#include "fs/walk/windows.h"
#include <sys/resource.h>
#include <unistd.h>

#define NICE 10

struct _ExpPrefetch
{
  ExpMount *mount;
  gint is_ending; /* atomic */
  guint64 n_objects, n_bytes;
  guint64 budget; /* bytes; more would push out of the cache what was read before */
  GThread *thread;
};

static gboolean
is_enough (ExpPrefetch *self)
{
  return g_atomic_int_get (&self->is_ending) || self->n_bytes >= self->budget;
}

static gboolean
count_window (guint64 n_read, guint64 n_bytes, gpointer data)
{
  ExpPrefetch *self = data;

  self->n_bytes += n_bytes;
  return !is_enough (self);
}

/* What cannot be read is the business of whoever asks for it. */
static ExpWalkStep
visit (const ExpVisit *visit, gpointer data)
{
  ExpPrefetch *self = data;

  if (is_enough (self))
    return EXP_WALK_STOP;
  self->n_objects++;
  if (visit->info == NULL || visit->info->is_group || self->mount->options->prefetch != EXP_PREFETCH_DATA
      || visit->seen != EXP_SEEN_NEVER)
    return EXP_WALK_ENTER;

  g_auto (ExpInfo) info = { 0 };
  ExpNode *node = exp_node_item_get_node (visit->item);
  if (exp_node_describe (node, &info, NULL) && info.kind == EXP_KIND_DATASET)
    exp_windows_read (node, &info, count_window, self, NULL);
  return EXP_WALK_ENTER;
}

static gpointer
prefetch (gpointer data)
{
  ExpPrefetch *self = data;
  g_autoptr (ExpItem) root = exp_node_item_new (exp_store_get_root (self->mount->store));

  /* Linux gives each thread its own. */
  setpriority (PRIO_PROCESS, gettid (), NICE);
  exp_walk (root, visit, self);
  g_message ("prefetch: %" G_GUINT64_FORMAT " objects, %" G_GUINT64_FORMAT " bytes of data", self->n_objects,
             self->n_bytes);
  return NULL;
}

ExpPrefetch *
exp_prefetch_start (ExpMount *mount)
{
  if (mount->options->prefetch == EXP_PREFETCH_NONE)
    return NULL;

  ExpPrefetch *self = g_new0 (ExpPrefetch, 1);
  self->mount = mount;
  self->budget = mount->options->store.cache / 4 * 3; /* formats keep a part for their own structures */
  self->thread = g_thread_try_new ("prefetch", prefetch, self, NULL);
  return self;
}

void
exp_prefetch_stop (ExpPrefetch *prefetch)
{
  if (prefetch == NULL)
    return;
  g_atomic_int_set (&prefetch->is_ending, TRUE);
  if (prefetch->thread != NULL)
    g_thread_join (prefetch->thread);
  g_free (prefetch);
}
