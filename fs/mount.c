/* One running mount: its making and its end.
 * Knows what hangs on a mount; knows no requests.
 * Called by the session. */
#include "fs/driver.h"
#include "fs/outside.h"
#include "fs/walk_ahead.h"
#include <errno.h>
#include <time.h>
#include <unistd.h>

static void
forget_inode (ExpInode *inode, gpointer data)
{
  ExpMount *mount = data;

  if (exp_inode_has (inode, EXP_INODE_HAS_VIEW))
    exp_view_cache_remove (mount->state->views, inode);
  if (exp_inode_has (inode, EXP_INODE_HAS_METADATA))
    exp_xattr_cache_remove (mount->state->metadata, inode);
  if (exp_inode_has (inode, EXP_INODE_HAS_WANTED))
    exp_wanted_remove (mount, inode);
  if (exp_inode_has (inode, EXP_INODE_HAS_NAMES))
    exp_long_names_remove (mount->state->long_names, inode);
  if (mount->is_collection && exp_inode_has (inode, EXP_INODE_IS_STORE))
    exp_entered_remove (mount->state->entered, inode);
}

/* A store without a file is its maker's, and as old as the mount. */
static void
stat_volatile (struct stat *st)
{
  *st = (struct stat){ .st_uid = getuid (), .st_gid = getgid (), .st_mode = S_IFREG | 0644 };
  clock_gettime (CLOCK_REALTIME, &st->st_mtim);
}

static void
flush_lines (gpointer data)
{
  exp_behind_settle (data);
  exp_writers_flush_lines (data);
  exp_awaited_try_at_leisure (data);
}

/* A store whose files only begin with its path is of its folder's owner. */
static gboolean
stat_folder (const char *path, struct stat *st)
{
  g_autofree char *folder = g_path_get_dirname (path);

  if (errno != ENOENT || stat (folder, st) != 0)
    return FALSE;
  st->st_mode = S_IFREG | (st->st_mode & 0666);
  st->st_size = 0;
  return TRUE;
}

ExpMount *
exp_mount_new (ExpStore *store, const ExpMountOptions *options, GError **error)
{
  g_auto (ExpInfo) info = { 0 };
  const char *path = exp_store_get_path (store);
  struct stat store_stat;

  if (exp_store_path_is_volatile (path))
    stat_volatile (&store_stat);
  else if (stat (path, &store_stat) != 0 && !stat_folder (path, &store_stat))
    {
      int saved_errno = errno;
      g_set_error (error, EXP_ERROR, EXP_ERROR_IO, "%s: %s", path, g_strerror (saved_errno));
      return NULL;
    }
  if (!exp_node_describe (exp_store_get_root (store), &info, error))
    {
      g_prefix_error (error, "%s: ", path);
      return NULL;
    }

  ExpMount *mount = g_new0 (ExpMount, 1);
  mount->store = exp_store_ref (store);
  mount->options = options;
  mount->store_stat = store_stat;
  mount->is_writable = exp_store_is_writable (store);
  mount->committer = exp_committer_new (store, options->commit, flush_lines, mount);
  mount->last_use = g_get_monotonic_time ();
  mount->state = g_new0 (ExpDriverState, 1);
  mount->state->start = mount->last_use;
  mount->state->views = exp_view_cache_new ();
  mount->state->long_names = exp_long_names_new ();
  mount->state->metadata = exp_xattr_cache_new ();
  mount->state->counts = exp_request_counts_new ();
  mount->state->walk_ahead = exp_walk_ahead_new (mount);
  mount->state->push = exp_push_new (mount);
  g_mutex_init (&mount->state->controls_lock);
  g_mutex_init (&mount->state->backups_lock);
  mount->state->changes = exp_changes_new ();
  mount->state->leases = exp_leases_new (mount);
  mount->state->writers = exp_writers_new ();
  mount->state->behind = exp_behind_new (mount);
  mount->state->wanted = exp_wanted_table_new ();
  mount->state->awaited = exp_awaited_table_new ();
  mount->state->queries = exp_queries_new ();
  mount->state->operations = exp_operations_new ();
  mount->state->along = exp_along_new ();
  mount->state->entered = exp_entered_new (mount);
  for (guint i = 0; i < G_N_ELEMENTS (mount->state->node_locks); i++)
    g_mutex_init (&mount->state->node_locks[i]);
  mount->inodes = exp_inode_table_new (exp_store_get_root (store), forget_inode, mount);

  ExpInode *root = exp_inode_get (mount->inodes, FUSE_ROOT_ID);
  root->number = info.identity != 0 ? exp_inode_number (info.identity) : FUSE_ROOT_ID;
  if (info.identity != 0)
    root->flags |= EXP_INODE_IS_OBJECT;
  if (mount->is_writable)
    exp_inode_table_allow_moves (mount->inodes);
  root->mtime = CLAMP (info.mtime, 0, (gint64)G_MAXUINT32);
  mount->is_followed = info.is_growing && !mount->is_writable;
  mount->is_collection = exp_node_version (exp_store_get_root (store)) != 0;
  if (mount->is_collection)
    exp_outside_mark (root, root->node);
  return mount;
}

void
exp_mount_free (ExpMount *mount)
{
  if (mount == NULL)
    return;
  exp_walk_ahead_free (mount->state->walk_ahead);
  exp_push_free (mount->state->push);
  exp_behind_free (mount->state->behind);
  exp_committer_free (mount->committer);
  exp_awaited_table_free (mount, mount->state->awaited);
  exp_leases_free (mount->state->leases);
  exp_inode_table_free (mount->inodes);
  exp_view_cache_free (mount->state->views);
  exp_long_names_free (mount->state->long_names);
  exp_xattr_cache_free (mount->state->metadata);
  exp_request_counts_free (mount->state->counts);
  exp_changes_free (mount->state->changes);
  exp_writers_free (mount->state->writers);
  exp_wanted_table_free (mount->state->wanted);
  exp_queries_free (mount->state->queries);
  exp_operations_free (mount->state->operations);
  exp_along_free (mount->state->along);
  exp_entered_free (mount->state->entered);
  for (guint i = 0; i < G_N_ELEMENTS (mount->state->node_locks); i++)
    g_mutex_clear (&mount->state->node_locks[i]);
  for (guint i = 0; i < EXP_N_CONTROLS; i++)
    g_bytes_unref (mount->state->controls[i].content);
  g_free (mount->state->sync_said);
  for (guint i = 0; i < EXP_N_BACKUPS; i++)
    g_free (mount->state->backups[i].name);
  for (guint i = 0; i < EXP_N_TRUE_NAMES; i++)
    g_free (mount->state->true_names[i].name);
  g_mutex_clear (&mount->state->backups_lock);
  g_mutex_clear (&mount->state->controls_lock);
  g_free (mount->state);
  exp_store_unref (mount->store);
  g_free (mount);
}
