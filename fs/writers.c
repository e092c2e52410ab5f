/* Files that are being written: the table of writers, and the edit that each holds.
 * Knows how a file becomes a dataset; knows no requests and no views' bytes but the first ones of an NPY file.
 * Called by the operations that write, attributes and reading. */
#include "fs/writers.h"
#include "expfs/edit.h"
#include "fs/driver.h"
#include <string.h>

#define NPY_MAGIC        "\x93NUMPY"
#define NPY_MAGIC_LENGTH 6

typedef struct
{
  char *name;
  ExpArray *value;
} SavedAttribute;

struct _ExpWriter
{
  ExpInode *inode; /* a reference */
  guint n_users;   /* open files and calls under way; under the table's lock */

  GMutex lock; /* guards the rest */
  const ExpViewClass *klass;
  ExpEdit *edit;        /* NULL: to be made when it is needed */
  gboolean is_dropped;  /* the file was removed */
  gboolean has_content; /* anything was written */
  gboolean is_log;      /* all that was written since the last flush was appended */
  char last;            /* its last byte */
  GError *failure;      /* of a flush in the background, for whoever asks next */
  GArray *attributes;   /* of SavedAttribute: for the dataset that is going to be made; NULL: none */
};

struct _ExpWriters
{
  GMutex lock;          /* guards the table */
  GHashTable *by_inode; /* ExpInode -> ExpWriter */
};

static void
clear_attribute (gpointer data)
{
  SavedAttribute *attribute = data;

  g_free (attribute->name);
  exp_array_unref (attribute->value);
}

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

static void
free_writer (ExpMount *mount, ExpWriter *writer)
{
  exp_edit_free (writer->edit);
  g_clear_error (&writer->failure);
  g_clear_pointer (&writer->attributes, g_array_unref);
  g_mutex_clear (&writer->lock);
  exp_inode_unref (mount->inodes, writer->inode, 1);
  g_free (writer);
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

/* --- the edit ----------------------------------------------------------------------------------------------- */

/* With the writer's lock. */
static gboolean
make_edit (ExpMount *mount, ExpWriter *writer, GError **error)
{
  ExpInode *inode = writer->inode;

  if (writer->edit != NULL)
    return TRUE;
  g_autofree char *path = writer->klass != &exp_view_text ? exp_path_true (mount, inode) : NULL;
  g_autofree char *name = exp_path_true_name (mount, inode);
  ExpViewOptions options = { mount->options->text_is_compact, path };
  g_autoptr (ExpNode) node = exp_inode_has (inode, EXP_INODE_IS_NEW) ? NULL : exp_entry_node (mount, inode, error);

  if (node == NULL && !exp_inode_has (inode, EXP_INODE_IS_NEW))
    return FALSE;
  exp_inode_names_lock ();
  g_autoptr (ExpNode) parent = exp_node_ref (inode->parent->node);
  exp_inode_names_unlock ();
  writer->edit = exp_edit_new (parent, name, node, writer->klass, &options, error);
  return writer->edit != NULL;
}

/* With the writer's lock: sets the attributes that were waiting for the dataset. */
static void
restore_attributes (ExpMount *mount, ExpWriter *writer, ExpNode *node)
{
  g_autoptr (GArray) attributes = g_steal_pointer (&writer->attributes);

  for (guint i = 0; attributes != NULL && i < attributes->len; i++)
    {
      g_autoptr (GError) error = NULL;
      SavedAttribute *attribute = &g_array_index (attributes, SavedAttribute, i);
      if (!exp_node_write_attribute (node, attribute->name, attribute->value, &error))
        exp_log_failure (mount, writer->inode, NULL, error);
    }
}

/* With the writer's lock, after whatever may have changed the store. */
static void
note_change (ExpMount *mount, ExpWriter *writer)
{
  ExpInode *inode = writer->inode;
  ExpNode *node = writer->edit != NULL ? exp_edit_get_node (writer->edit) : NULL;

  if (node != NULL && node != inode->node)
    {
      gboolean is_new = inode->node == NULL;

      if (!is_new)
        exp_changes_note_replaced (mount);
      exp_entry_set_node (mount, inode, node);
      if (is_new)
        {
          exp_inode_set (inode, writer->klass == &exp_view_npy ? EXP_INODE_IS_ARRAY : EXP_INODE_IS_FRESH);
          if (!writer->has_content)
            exp_inode_set (inode, EXP_INODE_IS_BARE);
          restore_attributes (mount, writer, node);
        }
    }
  exp_changes_note (mount, inode);
}

/* With the writer's lock. `is_end`: nothing more is written by the same hand. */
static gboolean
flush_locked (ExpMount *mount, ExpWriter *writer, gboolean is_end, GError **error)
{
  gboolean is_done = TRUE;

  if (writer->edit == NULL && is_end && exp_inode_has (writer->inode, EXP_INODE_IS_NEW) && !writer->is_dropped)
    is_done = make_edit (mount, writer, error) && exp_edit_truncate (writer->edit, 0, error);
  if (writer->edit == NULL)
    return is_done;
  if (is_done && (is_end || exp_edit_is_pending (writer->edit)))
    {
      is_done = is_end ? exp_edit_finish (writer->edit, error) : exp_edit_flush (writer->edit, error);
      note_change (mount, writer);
    }
  writer->is_log = TRUE;
  writer->last = '\n';
  return is_done;
}

/* A dataset without content has a type that nobody chose: it makes room for what is written. With the lock. */
static gboolean
clear_bare (ExpMount *mount, ExpWriter *writer, GError **error)
{
  ExpInode *inode = writer->inode;
  g_autoptr (ExpNode) node = exp_entry_node (mount, inode, error);
  g_autofree char *name = exp_path_true_name (mount, inode);

  exp_inode_unset (inode, EXP_INODE_IS_BARE);
  if (node == NULL)
    return FALSE;
  g_auto (GStrv) names = exp_node_list_attributes (node, error);
  if (names == NULL)
    return FALSE;
  writer->attributes = g_array_new (FALSE, FALSE, sizeof (SavedAttribute));
  g_array_set_clear_func (writer->attributes, clear_attribute);
  for (char **each = names; *each != NULL; each++)
    {
      SavedAttribute attribute = { g_strdup (*each), exp_node_read_attribute (node, *each, NULL) };
      if (attribute.value != NULL)
        g_array_append_val (writer->attributes, attribute);
      else
        g_free (attribute.name);
    }
  g_clear_pointer (&writer->edit, exp_edit_free);
  exp_inode_names_lock ();
  g_autoptr (ExpNode) parent = exp_node_ref (inode->parent->node);
  exp_inode_names_unlock ();
  if (!exp_node_remove (parent, name, error))
    return FALSE;
  exp_entry_set_node (mount, inode, NULL);
  return TRUE;
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

/* Those who write other views of the dataset, each with one user more. */
static GPtrArray *
find_others (ExpMount *mount, ExpInode *inode)
{
  ExpWriters *self = mount->state->writers;
  ExpInode *directory, *other_directory;
  g_autofree char *stem = dup_stem (inode, &directory);
  GPtrArray *others = g_ptr_array_new ();
  GHashTableIter iter;
  gpointer key, value;

  g_mutex_lock (&self->lock);
  g_hash_table_iter_init (&iter, self->by_inode);
  while (g_hash_table_iter_next (&iter, &key, &value))
    if (key != inode && !exp_inode_has (key, EXP_INODE_IS_DETACHED))
      {
        g_autofree char *other = dup_stem (key, &other_directory);
        if (directory == other_directory && strcmp (stem, other) == 0)
          {
            ((ExpWriter *)value)->n_users++;
            g_ptr_array_add (others, value);
          }
      }
  g_mutex_unlock (&self->lock);
  return others;
}

/* What it holds goes into the store, and it looks at the dataset anew when it goes on. */
static gboolean
settle_writer (ExpMount *mount, ExpWriter *writer, GError **error)
{
  g_mutex_lock (&writer->lock);
  gboolean is_done = flush_locked (mount, writer, TRUE, error);
  g_clear_pointer (&writer->edit, exp_edit_free);
  g_mutex_unlock (&writer->lock);
  return is_done;
}

static void
settle_others (ExpMount *mount, ExpInode *inode)
{
  g_autoptr (GPtrArray) others = find_others (mount, inode);

  for (guint i = 0; i < others->len; i++)
    {
      ExpWriter *writer = g_ptr_array_index (others, i);
      GError *error = NULL;
      if (!settle_writer (mount, writer, &error))
        {
          g_mutex_lock (&writer->lock);
          g_clear_error (&writer->failure);
          writer->failure = error;
          g_mutex_unlock (&writer->lock);
        }
      exp_writers_close (mount, writer);
    }
}

/* --- opening and closing ------------------------------------------------------------------------------------ */

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
      writer = g_new0 (ExpWriter, 1);
      g_mutex_init (&writer->lock);
      exp_inode_ref (inode);
      writer->inode = inode;
      writer->klass = exp_view_classes[inode->view];
      writer->is_log = TRUE;
      writer->last = '\n';
      g_hash_table_insert (self->by_inode, inode, writer);
    }
  writer->n_users++;
  g_mutex_unlock (&self->lock);

  g_mutex_lock (&writer->lock);
  gboolean is_open = make_edit (mount, writer, error);
  g_mutex_unlock (&writer->lock);
  if (is_open)
    return writer;
  exp_writers_close (mount, writer);
  return NULL;
}

void
exp_writers_close (ExpMount *mount, ExpWriter *writer)
{
  ExpWriters *self = mount->state->writers;
  g_autoptr (GError) error = NULL;
  gboolean is_last;

  /* While it is in the table others find it; so it is emptied first, and again if somebody wrote meanwhile. */
  g_mutex_lock (&self->lock);
  is_last = writer->n_users == 1;
  g_mutex_unlock (&self->lock);
  if (is_last && !settle_writer (mount, writer, &error))
    exp_log_failure (mount, writer->inode, NULL, error);

  g_mutex_lock (&self->lock);
  is_last = --writer->n_users == 0;
  if (is_last && g_hash_table_lookup (self->by_inode, writer->inode) == writer)
    g_hash_table_remove (self->by_inode, writer->inode);
  g_mutex_unlock (&self->lock);
  if (!is_last)
    return;
  settle_writer (mount, writer, NULL);
  free_writer (mount, writer);
}

/* --- writing ------------------------------------------------------------------------------------------------ */

/* The first bytes of a new file say whether it is an array or text. With the lock. */
static void
choose_class (ExpWriter *writer, guint64 offset, gsize length, const void *bytes)
{
  if (writer->has_content || offset != 0 || !exp_inode_has (writer->inode, EXP_INODE_IS_NEW)
      || writer->klass != &exp_view_text || exp_view_npy.edit == NULL)
    return;
  if (length < NPY_MAGIC_LENGTH || memcmp (bytes, NPY_MAGIC, NPY_MAGIC_LENGTH) != 0)
    return;
  g_clear_pointer (&writer->edit, exp_edit_free);
  writer->klass = &exp_view_npy;
}

static gboolean
take_failure (ExpWriter *writer, GError **error)
{
  if (writer->failure == NULL)
    return FALSE;
  g_propagate_error (error, g_steal_pointer (&writer->failure));
  return TRUE;
}

static gboolean
write_locked (ExpMount *mount, ExpWriter *writer, guint64 offset, gsize length, const void *bytes, gboolean is_append,
              GError **error)
{
  gboolean is_done;

  if (take_failure (writer, error))
    return FALSE;
  if (writer->is_dropped || length == 0)
    return TRUE;
  if (exp_inode_has (writer->inode, EXP_INODE_IS_BARE) && !clear_bare (mount, writer, error))
    return FALSE;
  choose_class (writer, is_append ? 0 : offset, length, bytes);
  if (!make_edit (mount, writer, error))
    return FALSE;
  is_done = is_append ? exp_edit_append (writer->edit, length, bytes, error)
                      : exp_edit_pwrite (writer->edit, offset, length, bytes, error);
  writer->has_content |= is_done;
  writer->is_log &= is_append;
  writer->last = ((const char *)bytes)[length - 1];
  note_change (mount, writer);
  return is_done;
}

gboolean
exp_writer_write (ExpMount *mount, ExpWriter *writer, guint64 offset, gsize length, const void *bytes,
                  gboolean is_append, GError **error)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&writer->lock);

  return write_locked (mount, writer, offset, length, bytes, is_append, error);
}

gboolean
exp_writer_truncate (ExpMount *mount, ExpWriter *writer, guint64 size, GError **error)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&writer->lock);

  if (take_failure (writer, error))
    return FALSE;
  if (writer->is_dropped || (size == 0 && exp_inode_has (writer->inode, EXP_INODE_IS_BARE)))
    return TRUE;
  if (!make_edit (mount, writer, error) || !exp_edit_truncate (writer->edit, size, error))
    return FALSE;
  writer->is_log = FALSE;
  note_change (mount, writer);
  return TRUE;
}

gboolean
exp_writer_flush (ExpMount *mount, ExpWriter *writer, GError **error)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&writer->lock);

  return !take_failure (writer, error) && flush_locked (mount, writer, FALSE, error);
}

gboolean
exp_writer_is_text (ExpWriter *writer)
{
  return writer->klass != &exp_view_npy && writer->klass != &exp_view_raw;
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
  ExpWriters *self = mount->state->writers;

  g_mutex_lock (&self->lock);
  gboolean is_last = writer->n_users == 1;
  if (!is_last)
    writer->n_users--;
  g_mutex_unlock (&self->lock);
  if (!is_last)
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
  if (writer->edit != NULL)
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
  if (writer->edit != NULL)
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
  is_done = settle_writer (mount, writer, error);
  exp_writers_close (mount, writer);
  return is_done;
}

void
exp_writers_drop (ExpMount *mount, ExpInode *inode)
{
  ExpWriter *writer = find (mount, inode);

  settle_others (mount, inode);
  if (writer == NULL)
    return;
  g_mutex_lock (&writer->lock);
  writer->is_dropped = TRUE;
  g_clear_pointer (&writer->edit, exp_edit_free);
  g_mutex_unlock (&writer->lock);
  exp_writers_close (mount, writer);
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

      g_mutex_lock (&writer->lock);
      if (is_open && writer->edit != NULL && writer->is_log && writer->last == '\n' && writer->failure == NULL)
        flush_locked (mount, writer, FALSE, &writer->failure);
      g_mutex_unlock (&writer->lock);
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

      if (is_open && !settle_writer (mount, writer, &error))
        exp_log_failure (mount, writer->inode, NULL, error);
      g_hash_table_remove (mount->state->writers->by_inode, writer->inode);
      free_writer (mount, writer);
    }
  if (is_open)
    exp_change_end (mount);
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
