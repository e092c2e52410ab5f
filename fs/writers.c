/* Files that are being written: the table of writers.
 * Knows who writes views of the same dataset; knows no requests and no edits' contents.
 * Called by the operations that write, attributes and reading. */
#include "fs/writers.h"
#include "fs/driver.h"
#include "fs/writer.h"
#include <string.h>

struct _ExpWriters
{
  GMutex lock;          /* guards the table */
  GHashTable *by_inode; /* ExpInode -> ExpWriter */
};

ExpWriters *
exp_writers_new (void)
{
  ExpWriters *self = g_new0 (ExpWriters, 1);

  g_mutex_init (&self->lock);
  self->by_inode = g_hash_table_new (NULL, NULL);
  return self;
}

void
exp_writers_free (ExpWriters *self)
{
  if (self == NULL)
    return;
  g_hash_table_unref (self->by_inode);
  g_mutex_clear (&self->lock);
  g_free (self);
}

void
exp_writers_ref (ExpMount *mount, ExpWriter *writer)
{
  ExpWriters *self = mount->state->writers;

  g_mutex_lock (&self->lock);
  writer->n_users++;
  g_mutex_unlock (&self->lock);
}

/* The writer of the inode, with one user more; NULL for none. */
static ExpWriter *
find (ExpMount *mount, ExpInode *inode)
{
  ExpWriters *self = mount->state->writers;

  g_mutex_lock (&self->lock);
  ExpWriter *writer = g_hash_table_lookup (self->by_inode, inode);
  if (writer != NULL)
    writer->n_users++;
  g_mutex_unlock (&self->lock);
  return writer;
}

/* The name that the views of a dataset have in common. Caller frees. */
static char *
dup_stem (ExpInode *inode, ExpInode **directory)
{
  exp_inode_names_lock ();
  char *stem = exp_path_stem (inode);
  *directory = inode->parent;
  exp_inode_names_unlock ();
  return stem;
}

/* Those who write other views of the dataset, and with `is_by_any_name` those by its other names; with the lock, and
 * borrowed. */
static GPtrArray *
list_others_locked (ExpWriters *self, ExpInode *inode, gboolean is_by_any_name)
{
  ExpInode *directory, *other_directory;
  g_autofree char *stem = dup_stem (inode, &directory);
  GPtrArray *others = g_ptr_array_new ();
  GHashTableIter iter;
  gpointer key, value;

  g_hash_table_iter_init (&iter, self->by_inode);
  while (g_hash_table_iter_next (&iter, &key, &value))
    {
      gboolean is_same = is_by_any_name && ((ExpInode *)key)->number == inode->number;
      /* Two that are no views have names of their own. */
      gboolean may_share = inode->view != 0 || ((ExpInode *)key)->view != 0;

      if (key == inode || (!is_same && !may_share) || exp_inode_has (key, EXP_INODE_IS_DETACHED))
        continue;
      g_autofree char *other = dup_stem (key, &other_directory);
      if (is_same || (directory == other_directory && strcmp (stem, other) == 0))
        g_ptr_array_add (others, value);
    }
  return others;
}

/* The same, each with one user more. */
static GPtrArray *
find_others (ExpMount *mount, ExpInode *inode, gboolean is_by_any_name)
{
  ExpWriters *self = mount->state->writers;

  g_mutex_lock (&self->lock);
  GPtrArray *others = list_others_locked (self, inode, is_by_any_name);
  for (guint i = 0; i < others->len; i++)
    ((ExpWriter *)g_ptr_array_index (others, i))->n_users++;
  g_mutex_unlock (&self->lock);
  return others;
}

static void
settle_others (ExpMount *mount, ExpInode *inode)
{
  g_autoptr (GPtrArray) others = find_others (mount, inode, TRUE);

  for (guint i = 0; i < others->len; i++)
    {
      ExpWriter *writer = g_ptr_array_index (others, i);
      exp_turn_lock (writer->turn);
      exp_writer_put_in (mount, writer);
      exp_turn_unlock (writer->turn);
      exp_writers_close (mount, writer);
    }
}

/* --- opening and closing ------------------------------------------------------------------------------------ */

/* With the table's lock: that of those who write the same dataset. */
static ExpTurn *
find_turn_locked (ExpWriters *self, ExpInode *inode)
{
  g_autoptr (GPtrArray) others = list_others_locked (self, inode, TRUE);

  return others->len > 0 ? exp_turn_ref (((ExpWriter *)g_ptr_array_index (others, 0))->turn) : exp_turn_new ();
}

ExpWriter *
exp_writers_open (ExpMount *mount, ExpInode *inode, GError **error)
{
  ExpWriters *self = mount->state->writers;
  ExpWriter *writer = find (mount, inode);

  if (writer != NULL)
    return writer;
  settle_others (mount, inode);
  g_mutex_lock (&self->lock);
  writer = g_hash_table_lookup (self->by_inode, inode);
  if (writer == NULL)
    {
      writer = exp_writer_new (inode, find_turn_locked (self, inode));
      g_hash_table_insert (self->by_inode, inode, writer);
    }
  writer->n_users++;
  g_mutex_unlock (&self->lock);

  exp_turn_lock (writer->turn);
  exp_turn_join (writer->turn, mount, writer);
  g_mutex_lock (&writer->lock);
  gboolean is_open = exp_writer_open_locked (mount, writer, error);
  g_mutex_unlock (&writer->lock);
  exp_turn_unlock (writer->turn);
  if (is_open)
    return writer;
  exp_writers_close (mount, writer);
  return NULL;
}

/* One user less, unless it is the last. */
static gboolean
leave_to_others (ExpWriters *self, ExpWriter *writer)
{
  g_mutex_lock (&self->lock);
  gboolean has_others = writer->n_users > 1;
  if (has_others)
    writer->n_users--;
  g_mutex_unlock (&self->lock);
  return has_others;
}

void
exp_writers_close (ExpMount *mount, ExpWriter *writer)
{
  ExpWriters *self = mount->state->writers;
  gboolean is_last = FALSE;

  /* While it is in the table others find it; so it is emptied first, and again if somebody wrote meanwhile. Of two who
   * close at once the second is the last, and sees it. */
  while (!is_last)
    {
      g_autoptr (GError) error = NULL;

      if (leave_to_others (self, writer))
        return;
      if (!exp_writer_settle (mount, writer, &error))
        exp_log_failure (mount, writer->inode, NULL, error);
      g_mutex_lock (&self->lock);
      is_last = writer->n_users == 1;
      if (is_last && g_hash_table_lookup (self->by_inode, writer->inode) == writer)
        g_hash_table_remove (self->by_inode, writer->inode);
      g_mutex_unlock (&self->lock);
    }
  exp_writer_settle (mount, writer, NULL);
  exp_writer_free (mount, writer);
}

static gboolean
has_others (ExpMount *mount, ExpWriter *writer)
{
  ExpWriters *self = mount->state->writers;
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);

  return writer->n_users > 1;
}

/* With its turn and its lock. Who else has it open may go on where he was. */
static gboolean
finish_locked (ExpMount *mount, ExpWriter *writer, GError **error)
{
  return exp_writer_flush_locked (mount, writer, !has_others (mount, writer), error);
}

gboolean
exp_writers_finish (ExpMount *mount, ExpWriter *writer, GError **error)
{
  exp_turn_lock (writer->turn);
  g_mutex_lock (&writer->lock);
  gboolean is_done = finish_locked (mount, writer, error);
  g_mutex_unlock (&writer->lock);
  exp_turn_unlock (writer->turn);
  return is_done;
}

gboolean
exp_writers_close_behind (ExpMount *mount, ExpWriter *writer, GError **error)
{
  gboolean is_open = exp_change_begin (mount, error);

  exp_turn_lock (writer->turn);
  g_mutex_lock (&writer->lock);
  writer->is_behind = FALSE;
  gboolean is_done = is_open && finish_locked (mount, writer, error);
  if (is_done && writer->failure != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&writer->failure));
      is_done = FALSE;
    }
  g_mutex_unlock (&writer->lock);
  exp_turn_unlock (writer->turn);
  exp_writers_close (mount, writer);
  if (is_open)
    exp_change_end (mount);
  return is_done;
}

/* --- what others see meanwhile ------------------------------------------------------------------------------ */

gboolean
exp_writers_has (ExpMount *mount, ExpInode *inode)
{
  ExpWriters *self = mount->state->writers;

  if (!mount->is_writable)
    return FALSE;
  g_mutex_lock (&self->lock);
  gboolean has = g_hash_table_contains (self->by_inode, inode);
  g_mutex_unlock (&self->lock);
  return has;
}

/* Drops a user that only looked. */
static void
leave (ExpMount *mount, ExpWriter *writer)
{
  if (leave_to_others (mount->state->writers, writer))
    return;
  if (exp_change_begin (mount, NULL))
    {
      exp_writers_close (mount, writer);
      exp_change_end (mount);
    }
  else
    exp_writers_close (mount, writer);
}

gboolean
exp_writers_size (ExpMount *mount, ExpInode *inode, guint64 *size)
{
  ExpWriter *writer = exp_writers_has (mount, inode) ? find (mount, inode) : NULL;
  gboolean is_known = FALSE;

  if (writer == NULL)
    return FALSE;
  g_mutex_lock (&writer->lock);
  if (writer->edit != NULL && exp_turn_is_current (writer->turn, writer))
    is_known = exp_edit_size (writer->edit, size, NULL);
  else if (exp_inode_has (inode, EXP_INODE_IS_NEW))
    {
      *size = 0;
      is_known = TRUE;
    }
  g_mutex_unlock (&writer->lock);
  leave (mount, writer);
  return is_known;
}

gboolean
exp_writers_pread (ExpMount *mount, ExpInode *inode, guint64 offset, gsize length, char *buffer, gsize *n_read,
                   gboolean *is_written, GError **error)
{
  ExpWriter *writer = exp_writers_has (mount, inode) ? find (mount, inode) : NULL;
  gboolean is_done = TRUE;

  *is_written = FALSE;
  if (writer == NULL)
    return TRUE;
  g_mutex_lock (&writer->lock);
  if (writer->edit != NULL && exp_turn_is_current (writer->turn, writer))
    {
      *is_written = TRUE;
      is_done = exp_edit_pread (writer->edit, offset, length, buffer, n_read, error);
    }
  g_mutex_unlock (&writer->lock);
  leave (mount, writer);
  return is_done;
}

gboolean
exp_writers_settle (ExpMount *mount, ExpInode *inode, GError **error)
{
  ExpWriter *writer = find (mount, inode);
  gboolean is_done = TRUE;

  settle_others (mount, inode);
  if (writer == NULL)
    return TRUE;
  is_done = exp_writer_settle (mount, writer, error);
  exp_writers_close (mount, writer);
  return is_done;
}

static void
drop_writer (ExpMount *mount, ExpWriter *writer)
{
  g_mutex_lock (&writer->lock);
  writer->is_dropped = TRUE;
  g_clear_pointer (&writer->edit, exp_edit_free);
  g_mutex_unlock (&writer->lock);
  exp_writers_close (mount, writer);
}

void
exp_writers_drop (ExpMount *mount, ExpInode *inode)
{
  g_autoptr (GPtrArray) others = find_others (mount, inode, FALSE);
  ExpWriter *writer = find (mount, inode);

  for (guint i = 0; i < others->len; i++)
    drop_writer (mount, g_ptr_array_index (others, i));
  if (writer != NULL)
    drop_writer (mount, writer);
}

/* All writers, each with one user more. */
static GPtrArray *
find_all (ExpMount *mount)
{
  ExpWriters *self = mount->state->writers;
  GPtrArray *all = g_ptr_array_new ();
  GHashTableIter iter;
  gpointer writer;

  g_mutex_lock (&self->lock);
  g_hash_table_iter_init (&iter, self->by_inode);
  while (g_hash_table_iter_next (&iter, NULL, &writer))
    {
      ((ExpWriter *)writer)->n_users++;
      g_ptr_array_add (all, writer);
    }
  g_mutex_unlock (&self->lock);
  return all;
}

void
exp_writers_flush_lines (ExpMount *mount)
{
  g_autoptr (GPtrArray) all = find_all (mount);

  for (guint i = 0; i < all->len; i++)
    {
      ExpWriter *writer = g_ptr_array_index (all, i);
      gboolean is_open = exp_change_begin (mount, NULL);

      if (is_open)
        exp_writer_flush_lines (mount, writer);
      exp_writers_close (mount, writer);
      if (is_open)
        exp_change_end (mount);
    }
}

void
exp_writers_finish_all (ExpMount *mount)
{
  g_autoptr (GPtrArray) all = find_all (mount);
  gboolean is_open = exp_change_begin (mount, NULL);

  for (guint i = 0; i < all->len; i++)
    {
      ExpWriter *writer = g_ptr_array_index (all, i);
      g_autoptr (GError) error = NULL;

      if (is_open && !exp_writer_settle (mount, writer, &error))
        exp_log_failure (mount, writer->inode, NULL, error);
      g_hash_table_remove (mount->state->writers->by_inode, writer->inode);
      exp_writer_free (mount, writer);
    }
  if (is_open)
    exp_change_end (mount);
}

/* Files that are being written, references. */
static GPtrArray *
list_written (ExpMount *mount)
{
  ExpWriters *self = mount->state->writers;
  GPtrArray *inodes = g_ptr_array_new ();
  GHashTableIter iter;
  gpointer inode;

  g_mutex_lock (&self->lock);
  g_hash_table_iter_init (&iter, self->by_inode);
  while (g_hash_table_iter_next (&iter, &inode, NULL))
    if (!exp_inode_has (inode, EXP_INODE_IS_DETACHED))
      {
        exp_inode_ref (inode);
        g_ptr_array_add (inodes, inode);
      }
  g_mutex_unlock (&self->lock);
  return inodes;
}

gboolean
exp_writers_has_below (ExpMount *mount, const char *path)
{
  g_autoptr (GPtrArray) inodes = list_written (mount);
  gsize length = strlen (path);
  gboolean is_found = FALSE;

  for (guint i = 0; i < inodes->len; i++)
    {
      g_autofree char *own = exp_path_shown (inodes->pdata[i]);

      is_found |= strncmp (own, path, length) == 0 && (own[length] == '/' || own[length] == '\0' || own[length] == '.');
      exp_inode_unref (mount->inodes, inodes->pdata[i], 1);
    }
  return is_found;
}

char **
exp_writers_list_new (ExpMount *mount, ExpInode *directory)
{
  ExpWriters *self = mount->state->writers;
  GPtrArray *names = g_ptr_array_new ();
  GHashTableIter iter;
  gpointer inode;

  g_mutex_lock (&self->lock);
  exp_inode_names_lock ();
  g_hash_table_iter_init (&iter, self->by_inode);
  while (g_hash_table_iter_next (&iter, &inode, NULL))
    if (((ExpInode *)inode)->parent == directory && exp_inode_has (inode, EXP_INODE_IS_NEW)
        && !exp_inode_has (inode, EXP_INODE_IS_DETACHED) && ((ExpInode *)inode)->view == 0)
      g_ptr_array_add (names, g_strdup (exp_inode_name (inode)));
  exp_inode_names_unlock ();
  g_mutex_unlock (&self->lock);
  g_ptr_array_add (names, NULL);
  return (char **)g_ptr_array_free (names, FALSE);
}
