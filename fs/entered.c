/* The stores of a collection that the kernel knows names in, the last entered first.
 * Knows how the kernel is told to forget; knows nothing of what the stores are.
 * Called by entries and the session. */
#include "fs/entered.h"
#include "fs/driver.h"
#include <string.h>

/* Stores at the same time. Each is a file or two that is open. */
#define MAX_ENTERED 64

/* A name that the kernel is to forget. */
typedef struct
{
  fuse_ino_t parent; /* 0: the end */
  char *name;
} Forgotten;

struct _ExpEntered
{
  ExpMount *mount;
  GMutex lock;         /* guards the next two */
  GHashTable *links;   /* ExpInode, no reference -> its link in the queue */
  GQueue queue;        /* of ExpInode, the last entered first */
  GAsyncQueue *wanted; /* of Forgotten */
  GThread *thread;     /* under lock; NULL until there is something to tell */
  gboolean is_stopped; /* under lock */
};

ExpEntered *
exp_entered_new (ExpMount *mount)
{
  ExpEntered *self = g_new0 (ExpEntered, 1);

  self->mount = mount;
  g_mutex_init (&self->lock);
  self->links = g_hash_table_new (NULL, NULL);
  self->wanted = g_async_queue_new ();
  return self;
}

/* A thread of its own: the kernel locks the directory for it, as it does for requests. */
static gpointer
tell (gpointer data)
{
  ExpEntered *self = data;

  for (;;)
    {
      Forgotten *forgotten = g_async_queue_pop (self->wanted);
      const fuse_ino_t parent = forgotten->parent;

      if (parent != 0)
        fuse_lowlevel_notify_inval_entry (self->mount->session, parent, forgotten->name, strlen (forgotten->name));
      g_free (forgotten->name);
      g_free (forgotten);
      if (parent == 0)
        return NULL;
    }
}

void
exp_entered_stop (ExpEntered *self)
{
  g_mutex_lock (&self->lock);
  GThread *thread = g_steal_pointer (&self->thread);
  self->is_stopped = TRUE;
  g_mutex_unlock (&self->lock);
  if (thread == NULL)
    return;
  g_async_queue_push (self->wanted, g_new0 (Forgotten, 1));
  g_thread_join (thread);
}

void
exp_entered_free (ExpEntered *self)
{
  if (self == NULL)
    return;
  exp_entered_stop (self);
  for (Forgotten *left; (left = g_async_queue_try_pop (self->wanted)) != NULL; g_free (left))
    g_free (left->name);
  g_async_queue_unref (self->wanted);
  g_queue_clear (&self->queue);
  g_hash_table_unref (self->links);
  g_mutex_clear (&self->lock);
  g_free (self);
}

/* With the lock. */
static void
forget_last_locked (ExpEntered *self)
{
  ExpInode *store = g_queue_pop_tail (&self->queue);
  Forgotten *forgotten = g_new (Forgotten, 1);

  g_hash_table_remove (self->links, store);
  forgotten->parent = exp_inode_id (self->mount->inodes, store->parent);
  forgotten->name = g_strdup (exp_inode_name (store));
  g_async_queue_push (self->wanted, forgotten);
  if (self->thread == NULL && !self->is_stopped)
    self->thread = g_thread_try_new ("entered", tell, self, NULL);
}

void
exp_entered_note (ExpEntered *self, ExpInode *store)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);
  GList *link = g_hash_table_lookup (self->links, store);

  if (link != NULL)
    {
      g_queue_unlink (&self->queue, link);
      g_queue_push_head_link (&self->queue, link);
      return;
    }
  g_queue_push_head (&self->queue, store);
  g_hash_table_insert (self->links, store, self->queue.head);
  if (self->queue.length > MAX_ENTERED)
    forget_last_locked (self);
}

void
exp_entered_remove (ExpEntered *self, ExpInode *store)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);
  GList *link = g_hash_table_lookup (self->links, store);

  if (link == NULL)
    return;
  g_queue_delete_link (&self->queue, link);
  g_hash_table_remove (self->links, store);
}
