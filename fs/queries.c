/* .by/ and .where/ of a directory: one scope for all queries of it, until something changes.
 * Knows when a mount has changed; knows no expressions.
 * Called by name resolution. */
#include "fs/queries.h"
#include "fs/driver.h"
#include <string.h>

/* Each may hold the parameters of all that is below its directory. */
#define MAX_SCOPES 8
#define MAX_BYTES  (512 * (guint64)(1 << 20))

typedef struct
{
  ExpQueryScope *scope;
  guint64 number;               /* of the directory */
  const ExpNode *node;          /* the directory's, which the scope keeps */
  gint64 time;                  /* g_get_monotonic_time when it was made */
  guint64 n_changes, n_outside; /* when it was made */
} Queried;

struct _ExpQueries
{
  GMutex lock;
  GQueue queried; /* of Queried, the last one first */
};

static void
free_queried (gpointer data)
{
  Queried *queried = data;

  exp_query_scope_unref (queried->scope);
  g_free (queried);
}

ExpQueries *
exp_queries_new (void)
{
  ExpQueries *self = g_new0 (ExpQueries, 1);

  g_mutex_init (&self->lock);
  g_queue_init (&self->queried);
  return self;
}

void
exp_queries_free (ExpQueries *self)
{
  if (self == NULL)
    return;
  g_queue_clear_full (&self->queried, free_queried);
  g_mutex_clear (&self->lock);
  g_free (self);
}

/* Attributes stay what they are while elements are written; what a format names may follow from elements. */
static gboolean
is_current (const Queried *queried, guint64 n_changes, guint64 n_outside)
{
  return queried->n_changes == n_changes
         || (queried->n_outside == n_outside && exp_query_scope_is_of_attributes (queried->scope));
}

/* Those that were asked for longest ago go first when all take too much memory. */
static void
drop_locked (ExpQueries *self, guint64 n_changes, guint64 n_outside)
{
  guint64 size = 0;

  for (GList *link = self->queried.head, *next; link != NULL; link = next)
    {
      Queried *queried = link->data;

      next = link->next;
      size += exp_query_scope_size (queried->scope);
      if (is_current (queried, n_changes, n_outside) && (link->prev == NULL || size <= MAX_BYTES))
        continue;
      free_queried (queried);
      g_queue_delete_link (&self->queried, link);
    }
}

/* In a collection a directory may have become another one, and a folder has other files in it now and then. */
static gboolean
is_valid (const Queried *queried, const ExpInode *directory, gboolean is_collection)
{
  if (queried->number != directory->number)
    return FALSE;
  return !is_collection
         || (queried->node == directory->node
             && (!exp_inode_has ((ExpInode *)directory, EXP_INODE_IS_FOLDER)
                 || g_get_monotonic_time () - queried->time < G_USEC_PER_SEC));
}

static ExpQueryScope *
find_locked (ExpQueries *self, const ExpInode *directory, gboolean is_collection)
{
  for (GList *link = self->queried.head; link != NULL; link = link->next)
    if (is_valid (link->data, directory, is_collection))
      {
        g_queue_unlink (&self->queried, link);
        g_queue_push_head_link (&self->queried, link);
        return ((Queried *)link->data)->scope;
      }
  return NULL;
}

static ExpQueryScope *
scope_of (ExpMount *mount, ExpInode *directory)
{
  ExpQueries *self = mount->state->queries;
  guint64 n_outside = exp_changes_count_outside (mount), n_changes = exp_changes_count (mount);
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);

  drop_locked (self, n_changes, n_outside);
  ExpQueryScope *scope = find_locked (self, directory, mount->is_collection);
  if (scope == NULL)
    {
      Queried *queried = g_new (Queried, 1);

      *queried = (Queried){ exp_query_scope_new (directory->node),
                            directory->number,
                            directory->node,
                            g_get_monotonic_time (),
                            n_changes,
                            n_outside };
      scope = queried->scope;
      g_queue_push_head (&self->queried, queried);
      if (self->queried.length > MAX_SCOPES)
        free_queried (g_queue_pop_tail (&self->queried));
    }
  return exp_query_scope_ref (scope);
}

ExpNode *
exp_queries_lookup (ExpMount *mount, ExpInode *directory, const char *name, GError **error)
{
  g_auto (ExpInfo) info = { 0 };

  if (!exp_query_is_group_name (name) || directory->type != EXP_INODE_DIRECTORY
      || !exp_node_describe (directory->node, &info, NULL) || g_strcmp0 (info.role, "query") == 0)
    return NULL;
  g_autoptr (ExpQueryScope) scope = scope_of (mount, directory);
  return exp_query_group_open (scope, name, error);
}
