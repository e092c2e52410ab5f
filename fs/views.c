/* The views that are in use or were of late, shared by all who have the same file open, and their sizes.
 * Knows nothing of requests or stat.
 * Called by attributes and files. */
#include "fs/driver.h"

#define MAX_KEPT 256

/* A view of at most this many bytes is as soon made again as found. */
#define QUICK (64 * 1024)

/* A small dataset's text is as wide as its widest value, so that its size follows from its values. */
#define SMALL 4096

typedef struct
{
  ExpInode *inode; /* the key; not a reference: the entry goes with the inode */
  ExpView *view;
  guint64 stamp; /* exp_changes_stamp when it was opened */
  GList link;    /* in the queue */
} Kept;

struct _ExpViewCache
{
  GMutex lock;      /* guards both */
  GHashTable *kept; /* ExpInode -> Kept */
  GQueue queue;     /* of Kept, the last used first */
};

static void
free_kept (gpointer data)
{
  Kept *kept = data;

  exp_view_unref (kept->view);
  g_free (kept);
}

ExpViewCache *
exp_view_cache_new (void)
{
  ExpViewCache *cache = g_new0 (ExpViewCache, 1);

  g_mutex_init (&cache->lock);
  g_queue_init (&cache->queue);
  cache->kept = g_hash_table_new (NULL, NULL);
  return cache;
}

void
exp_view_cache_free (ExpViewCache *cache)
{
  GHashTableIter iter;
  gpointer kept;

  if (cache == NULL)
    return;
  g_hash_table_iter_init (&iter, cache->kept);
  while (g_hash_table_iter_next (&iter, NULL, &kept))
    free_kept (kept);
  g_hash_table_unref (cache->kept);
  g_mutex_clear (&cache->lock);
  g_free (cache);
}

/* With the lock. The caller frees it once that is released: the last reference to a view may take long to drop. */
static Kept *
take_locked (ExpViewCache *cache, Kept *kept)
{
  if (kept == NULL)
    return NULL;
  g_queue_unlink (&cache->queue, &kept->link);
  g_hash_table_remove (cache->kept, kept->inode);
  return kept;
}

void
exp_view_cache_remove (ExpViewCache *cache, ExpInode *inode)
{
  g_mutex_lock (&cache->lock);
  Kept *kept = take_locked (cache, g_hash_table_lookup (cache->kept, inode));
  g_mutex_unlock (&cache->lock);
  if (kept != NULL)
    free_kept (kept);
}

/* The view that is kept, when it is of this stamp. One of another stamp is kept no longer; *old is that. */
static ExpView *
find_kept_or_old (ExpViewCache *cache, ExpInode *inode, guint64 stamp, ExpView **old)
{
  ExpView *view = NULL;
  Kept *stale = NULL;

  *old = NULL;
  g_mutex_lock (&cache->lock);
  Kept *kept = g_hash_table_lookup (cache->kept, inode);
  if (kept != NULL && kept->stamp != stamp)
    stale = take_locked (cache, kept);
  else if (kept != NULL)
    {
      g_queue_unlink (&cache->queue, &kept->link);
      g_queue_push_head_link (&cache->queue, &kept->link);
      view = exp_view_ref (kept->view);
    }
  g_mutex_unlock (&cache->lock);
  if (stale != NULL)
    {
      *old = exp_view_ref (stale->view);
      free_kept (stale);
    }
  return view;
}

static ExpView *
find_kept (ExpViewCache *cache, ExpInode *inode, guint64 stamp)
{
  g_autoptr (ExpView) old = NULL;

  return find_kept_or_old (cache, inode, stamp, &old);
}

/* Keeps the view, or takes the one that came first instead. */
static ExpView *
keep (ExpViewCache *cache, ExpInode *inode, ExpView *view, guint64 stamp)
{
  Kept *old = NULL;
  ExpView *late = NULL;

  g_mutex_lock (&cache->lock);
  Kept *kept = g_hash_table_lookup (cache->kept, inode);
  if (kept != NULL)
    {
      late = view;
      view = exp_view_ref (kept->view);
    }
  else
    {
      kept = g_new0 (Kept, 1);
      kept->inode = inode;
      kept->stamp = stamp;
      kept->view = exp_view_ref (view);
      kept->link.data = kept;
      exp_inode_set (inode, EXP_INODE_HAS_VIEW);
      g_hash_table_insert (cache->kept, inode, kept);
      g_queue_push_head_link (&cache->queue, &kept->link);
      if (cache->queue.length > MAX_KEPT)
        old = take_locked (cache, g_queue_peek_tail (&cache->queue));
    }
  g_mutex_unlock (&cache->lock);
  if (old != NULL)
    free_kept (old);
  exp_view_unref (late);
  return view;
}

static ExpView *
open_view (ExpMount *mount, ExpInode *inode, GError **error)
{
  g_autofree char *path = inode->view > 0 ? exp_path_true (mount, inode) : NULL;
  ExpViewOptions options = { mount->options->text_is_compact, path };

  g_autoptr (ExpNode) node = exp_entry_node (mount, inode, error);
  return node != NULL ? exp_view_open (exp_view_classes[inode->view], node, &options, error) : NULL;
}

/* The view of what can change at any time: the one that is kept, if nothing has since it was opened. */
static ExpView *
get_current (ExpMount *mount, ExpInode *inode, GError **error)
{
  guint64 stamp = exp_changes_stamp (mount, inode);
  ExpView *view = find_kept (mount->state->views, inode, stamp);

  if (view == NULL && (view = open_view (mount, inode, error)) != NULL)
    view = keep (mount->state->views, inode, view, stamp);
  return view;
}

/* The view of what another program may be adding rows to: the one that is kept, if it is of as many. */
static ExpView *
get_growing (ExpMount *mount, ExpInode *inode, GError **error)
{
  g_autofree char *path = inode->view > 0 ? exp_path_true (mount, inode) : NULL;
  ExpViewOptions options = { mount->options->text_is_compact, path };
  g_auto (ExpInfo) info = { 0 };

  if (!exp_node_describe (inode->node, &info, error))
    return NULL;
  const guint64 stamp = exp_info_n_elements (&info);
  g_autoptr (ExpView) old = NULL;
  ExpView *view = info.keeps_rows ? find_kept_or_old (mount->state->views, inode, stamp, &old) : NULL;
  if (view != NULL)
    return view;
  view = exp_view_open_described (exp_view_classes[inode->view], inode->node, &info, &options, error);
  if (view == NULL || !info.keeps_rows)
    return view;
  if (old != NULL)
    exp_view_continue_from (view, old);
  return keep (mount->state->views, inode, view, stamp);
}

/* TRUE when keeping the view is worth it. */
static gboolean
is_kept (ExpInode *inode, guint64 size)
{
  return size > QUICK || exp_inode_has (inode, EXP_INODE_IS_COSTLY);
}

ExpView *
exp_views_get (ExpMount *mount, ExpInode *inode, GError **error)
{
  if (mount->is_writable)
    return get_current (mount, inode, error);
  if (exp_inode_has (inode, EXP_INODE_IS_GROWING))
    return get_growing (mount, inode, error);

  guint64 size
      = exp_inode_has (inode, EXP_INODE_HAS_SIZE) ? __atomic_load_n (&inode->size, __ATOMIC_RELAXED) : G_MAXUINT64;

  if (!is_kept (inode, size))
    return open_view (mount, inode, error);

  ExpView *view = find_kept (mount->state->views, inode, 0);
  if (view == NULL && (view = open_view (mount, inode, error)) != NULL)
    view = keep (mount->state->views, inode, view, 0);
  return view;
}

gboolean
exp_views_size (ExpMount *mount, ExpInode *inode, guint64 *size, GError **error)
{
  if (exp_inode_has (inode, EXP_INODE_HAS_SIZE))
    {
      *size = __atomic_load_n (&inode->size, __ATOMIC_RELAXED);
      return TRUE;
    }

  if (mount->is_writable)
    {
      g_autoptr (ExpView) current = get_current (mount, inode, error);
      return current != NULL && exp_view_size (current, size, error);
    }

  if (exp_inode_has (inode, EXP_INODE_IS_GROWING))
    {
      g_autoptr (ExpView) growing = get_growing (mount, inode, error);
      if (growing == NULL || !exp_view_size (growing, size, error))
        return FALSE;
      __atomic_store_n (&inode->size, *size, __ATOMIC_RELAXED);
      return TRUE;
    }

  gboolean is_costly = exp_inode_has (inode, EXP_INODE_IS_COSTLY);
  g_autoptr (ExpView) view = is_costly ? exp_views_get (mount, inode, error) : open_view (mount, inode, error);
  if (view == NULL || !exp_view_size (view, size, error))
    return FALSE;
  if (!is_costly && is_kept (inode, *size))
    view = keep (mount->state->views, inode, view, 0);
  __atomic_store_n (&inode->size, *size, __ATOMIC_RELAXED);
  exp_inode_set (inode, EXP_INODE_HAS_SIZE);
  return TRUE;
}

ExpSizeCost
exp_views_size_cost (ExpMount *mount, const ExpInfo *info, guint view)
{
  const ExpViewClass *klass = exp_view_classes[view];

  if (info->dtype == NULL || klass->is_costly)
    return EXP_SIZE_IS_COSTLY;
  if (klass == &exp_view_npy || klass == &exp_view_raw)
    return EXP_SIZE_IS_FREE;

  gboolean is_small = exp_info_n_elements (info) <= SMALL;
  if (klass == &exp_view_text && !is_small && !mount->options->text_is_compact && exp_dtype_is_numeric (info->dtype))
    return EXP_SIZE_IS_FREE;
  return is_small ? EXP_SIZE_IS_CHEAP : EXP_SIZE_IS_COSTLY;
}

gboolean
exp_views_size_described (ExpMount *mount, ExpInode *inode, const ExpInfo *info, guint64 *size)
{
  g_autofree char *path = inode->view > 0 ? exp_path_true (mount, inode) : NULL;
  ExpViewOptions options = { mount->options->text_is_compact, path };

  g_autoptr (ExpView) opened
      = exp_view_open_described (exp_view_classes[inode->view], inode->node, info, &options, NULL);
  return opened != NULL && exp_view_size (opened, size, NULL);
}
