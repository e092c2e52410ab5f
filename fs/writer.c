/* One file that is being written: its edit, and what becomes of its bytes.
 * Knows how a file becomes a dataset; knows no requests and no views' bytes.
 * Called by the table of writers and the operations that write. */
#include "fs/writer.h"
#include "fs/awaited.h"
#include "fs/driver.h"
#include "fs/flags.h"
#include "fs/retype.h"
#include <string.h>

typedef struct
{
  char *name;
  ExpArray *value;
} SavedAttribute;

static void
clear_attribute (gpointer data)
{
  SavedAttribute *attribute = data;

  g_free (attribute->name);
  exp_array_unref (attribute->value);
}

ExpWriter *
exp_writer_new (ExpInode *inode, ExpTurn *turn)
{
  ExpWriter *writer = g_new0 (ExpWriter, 1);

  g_mutex_init (&writer->lock);
  exp_inode_ref (inode);
  writer->inode = inode;
  writer->turn = turn;
  writer->klass = exp_view_classes[inode->view];
  writer->is_whole = exp_inode_has (inode, EXP_INODE_IS_NEW | EXP_INODE_IS_BARE);
  writer->is_log = TRUE;
  writer->last = '\n';
  return writer;
}

void
exp_writer_free (ExpMount *mount, ExpWriter *writer)
{
  exp_turn_leave (writer->turn, writer);
  exp_edit_free (writer->edit);
  g_clear_error (&writer->failure);
  g_clear_pointer (&writer->attributes, g_array_unref);
  g_mutex_clear (&writer->lock);
  exp_inode_unref (mount->inodes, writer->inode, 1);
  g_free (writer);
}

/* --- the edit ----------------------------------------------------------------------------------------------- */

gboolean
exp_writer_open_locked (ExpMount *mount, ExpWriter *writer, GError **error)
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
  /* Better now than when it is closed, where few look. */
  if (node != NULL && node->klass->write == NULL)
    {
      g_set_error (error, EXP_ERROR, EXP_ERROR_UNSUPPORTED,
                   "this cannot be written, only the dataset that it is made of");
      return FALSE;
    }
  if (node != NULL && node->klass->write == exp_node_pass_over)
    {
      writer->is_dropped = TRUE;
      return TRUE;
    }
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
note_change (ExpMount *mount, ExpWriter *writer, gboolean is_write)
{
  ExpInode *inode = writer->inode;
  ExpNode *node = writer->edit != NULL ? exp_edit_get_node (writer->edit) : NULL;
  gboolean is_same = node != NULL && node == inode->node && !exp_inode_has (inode, EXP_INODE_IS_VIRTUAL);

  if (writer->edit != NULL && node == NULL && inode->node != NULL)
    exp_entry_set_node (mount, inode, NULL);
  else if (node != NULL && node != inode->node)
    {
      gboolean is_new = inode->node == NULL;

      if (!is_new)
        exp_changes_note_replaced (mount);
      exp_entry_set_node (mount, inode, node);
      /* What was there has a number that others know; a new object is asked for its own when somebody wants it. */
      if (!is_new)
        exp_entry_describe (mount, inode, node);
      else
        {
          writer->is_made = TRUE;
          exp_inode_set (inode, writer->klass == &exp_view_npy ? EXP_INODE_IS_ARRAY : EXP_INODE_IS_FRESH);
          if (!writer->has_content)
            exp_inode_set (inode, EXP_INODE_IS_BARE);
          restore_attributes (mount, writer, node);
        }
    }
  if (!is_write && writer->edit != NULL && exp_edit_is_whole (writer->edit))
    exp_changes_note_beside (mount, inode);
  if (is_same)
    exp_changes_note_elements (mount, inode, is_write);
  else
    (is_write ? exp_changes_note : exp_changes_note_stored) (mount, inode);
}

/* All that was written, as long as it is short. */
static GBytes *
dup_text (ExpWriter *writer)
{
  ExpInode *inode = writer->inode;
  guint64 size;
  gsize n = 0;

  if (!exp_inode_has (inode, EXP_INODE_IS_NEW | EXP_INODE_IS_FRESH) || !writer->is_whole
      || !exp_edit_size (writer->edit, &size, NULL) || size > EXP_MAX_KEPT_TEXT)
    return NULL;
  g_autofree char *bytes = g_try_malloc (size + 1);
  if (bytes == NULL || !exp_edit_pread (writer->edit, 0, size, bytes, &n, NULL) || n != size)
    return NULL;
  return g_bytes_new_take (g_steal_pointer (&bytes), size);
}

/* The dataset of a new file of which somebody has said what type it is to have. FALSE when the text is no such. */
static gboolean
make_wanted (ExpMount *mount, ExpWriter *writer, gboolean is_end)
{
  g_auto (ExpWanted) wanted = { 0 };
  g_autoptr (GError) error = NULL;
  ExpInode *inode = writer->inode;

  if (writer->klass != &exp_view_text || !exp_wanted_get (mount, inode, &wanted)
      || (!writer->has_content && !(is_end && exp_retype_is_empty (&wanted))))
    return FALSE;
  g_autofree char *name = exp_path_true_name (mount, inode);
  exp_inode_names_lock ();
  g_autoptr (ExpNode) parent = exp_node_ref (inode->parent->node);
  exp_inode_names_unlock ();
  g_autoptr (GBytes) text = writer->has_content && !wanted.is_whole ? dup_text (writer) : NULL;
  g_autoptr (ExpNode) node
      = exp_retype_make (mount, writer->has_content ? writer->edit : NULL, parent, name, &wanted, &error);
  if (node == NULL)
    {
      exp_awaited_add (mount, inode, &wanted, error);
      g_debug ("%s is not of the type that was said: %s", name, error->message);
      return FALSE;
    }
  g_clear_pointer (&writer->edit, exp_edit_free);
  exp_entry_set_node (mount, inode, node);
  writer->is_made = TRUE;
  restore_attributes (mount, writer, node);
  if (writer->has_content)
    exp_wanted_use (mount, inode, &wanted, text);
  else
    exp_inode_set (inode, EXP_INODE_IS_BARE);
  exp_changes_note_stored (mount, inode);
  return TRUE;
}

/* What is in the store at the end is kept as somebody said, if anybody did. With the writer's lock. */
static void
settle_flag (ExpMount *mount, ExpWriter *writer)
{
  if (!writer->has_content || !writer->is_made)
    return;
  writer->is_made = FALSE;
  g_clear_pointer (&writer->edit, exp_edit_free);
  exp_flag_settle (mount, writer->inode);
}

gboolean
exp_writer_flush_locked (ExpMount *mount, ExpWriter *writer, gboolean is_end, GError **error)
{
  gboolean is_new = exp_inode_has (writer->inode, EXP_INODE_IS_NEW), is_done = TRUE;

  if (writer->edit == NULL && is_end && is_new && !writer->is_dropped)
    is_done = exp_writer_open_locked (mount, writer, error);
  /* A shell closes a copy of its descriptor before the first byte is written. */
  if (writer->edit == NULL || (is_new && !is_end && !writer->has_content))
    {
      if (is_done && is_end) /* made when a descriptor was closed, before the last one was */
        settle_flag (mount, writer);
      return is_done;
    }
  if (is_done && is_new && make_wanted (mount, writer, is_end))
    {
      writer->is_touched = FALSE;
      if (is_end)
        settle_flag (mount, writer);
      return TRUE;
    }
  g_autoptr (GBytes) text = is_done && writer->klass == &exp_view_text && writer->is_touched ? dup_text (writer) : NULL;
  if (is_done && is_new && is_end && !writer->is_touched)
    is_done = exp_edit_truncate (writer->edit, 0, error);
  if (is_done && ((is_end && (is_new || writer->is_touched)) || exp_edit_is_pending (writer->edit)))
    {
      is_done = is_end ? exp_edit_finish (writer->edit, error) : exp_edit_flush (writer->edit, error);
      note_change (mount, writer, FALSE);
      if (text != NULL && is_done && exp_inode_has (writer->inode, EXP_INODE_IS_FRESH))
        exp_wanted_keep_text (mount, writer->inode, text);
    }
  writer->is_touched &= !is_end;
  writer->is_log = TRUE;
  writer->last = '\n';
  if (is_done && is_end)
    settle_flag (mount, writer);
  return is_done;
}

gboolean
exp_writer_can_wait_locked (ExpWriter *writer, guint64 *size)
{
  ExpInode *inode = writer->inode;

  return writer->klass == &exp_view_text && exp_inode_has (inode, EXP_INODE_IS_NEW)
         && !exp_inode_has (inode, EXP_INODE_IS_DETACHED | EXP_INODE_HAS_WANTED) && writer->has_content
         && writer->edit != NULL && writer->failure == NULL && exp_edit_size (writer->edit, size, NULL)
         && exp_edit_can_wait (writer->edit);
}

static gboolean
save_attributes (ExpWriter *writer, ExpNode *node, GError **error)
{
  g_auto (GStrv) names = exp_node_list_attributes (node, error);

  if (names == NULL)
    return FALSE;
  writer->attributes = g_array_new (FALSE, FALSE, sizeof (SavedAttribute));
  g_array_set_clear_func (writer->attributes, clear_attribute);
  for (char **name = names; *name != NULL; name++)
    {
      SavedAttribute attribute = { g_strdup (*name), exp_node_read_attribute (node, *name, NULL) };
      if (attribute.value != NULL)
        g_array_append_val (writer->attributes, attribute);
      else
        g_free (attribute.name);
    }
  return TRUE;
}

void
exp_writer_inherit (ExpMount *mount, ExpWriter *writer, ExpNode *old)
{
  g_auto (ExpInfo) info = { 0 };

  if (!exp_node_describe (old, &info, NULL) || info.kind != EXP_KIND_DATASET || info.dtype == NULL)
    return;
  g_mutex_lock (&writer->lock);
  if (writer->attributes == NULL && save_attributes (writer, old, NULL))
    exp_wanted_set_type (mount, writer->inode, info.dtype);
  g_mutex_unlock (&writer->lock);
}

/* A dataset without content has a type that nobody chose: it makes room for what is written. With the lock. */
static gboolean
clear_bare (ExpMount *mount, ExpWriter *writer, GError **error)
{
  ExpInode *inode = writer->inode;
  g_autoptr (ExpNode) node = exp_entry_node (mount, inode, error);
  g_autofree char *name = exp_path_true_name (mount, inode);

  exp_inode_unset (inode, EXP_INODE_IS_BARE);
  if (node == NULL || !save_attributes (writer, node, error))
    return FALSE;
  g_clear_pointer (&writer->edit, exp_edit_free);
  exp_inode_names_lock ();
  g_autoptr (ExpNode) parent = exp_node_ref (inode->parent->node);
  exp_inode_names_unlock ();
  if (!exp_node_remove (parent, name, error))
    return FALSE;
  exp_entry_set_node (mount, inode, NULL);
  return TRUE;
}

static gboolean
settle (ExpMount *mount, ExpWriter *writer, GError **error)
{
  g_mutex_lock (&writer->lock);
  gboolean is_done = exp_writer_flush_locked (mount, writer, TRUE, error);
  g_clear_pointer (&writer->edit, exp_edit_free);
  g_mutex_unlock (&writer->lock);
  return is_done;
}

gboolean
exp_writer_settle (ExpMount *mount, ExpWriter *writer, GError **error)
{
  exp_turn_lock (writer->turn);
  gboolean is_done = settle (mount, writer, error);
  exp_turn_unlock (writer->turn);
  return is_done;
}

void
exp_writer_put_in (ExpMount *mount, ExpWriter *writer)
{
  GError *error = NULL;

  if (settle (mount, writer, &error))
    return;
  g_mutex_lock (&writer->lock);
  g_clear_error (&writer->failure);
  writer->failure = error;
  g_mutex_unlock (&writer->lock);
}

void
exp_writer_look_anew (ExpWriter *writer)
{
  g_mutex_lock (&writer->lock);
  g_clear_pointer (&writer->edit, exp_edit_free);
  g_mutex_unlock (&writer->lock);
}

/* --- writing ------------------------------------------------------------------------------------------------ */

gboolean
exp_writer_is_apart (ExpWriter *writer, gsize length, const void *bytes)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&writer->lock);

  return !writer->is_behind && writer->klass == &exp_view_text && exp_inode_has (writer->inode, EXP_INODE_IS_NEW)
         && exp_edit_class_for_bytes (bytes, length) == &exp_view_text;
}

gboolean
exp_writer_is_done (ExpWriter *writer, gboolean is_end)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&writer->lock);

  if (writer->is_behind || writer->is_dropped)
    return TRUE;
  if (exp_inode_has (writer->inode, EXP_INODE_IS_NEW))
    return !is_end && !writer->has_content;
  return writer->edit == NULL || !exp_edit_is_pending (writer->edit);
}

/* The first bytes of a new file say whether it is an array or text. With the lock. */
static void
choose_class (ExpWriter *writer, guint64 offset, gsize length, const void *bytes)
{
  if (writer->has_content || offset != 0 || !exp_inode_has (writer->inode, EXP_INODE_IS_NEW)
      || writer->klass != &exp_view_text)
    return;
  const ExpViewClass *klass = exp_edit_class_for_bytes (bytes, length);
  if (klass == writer->klass)
    return;
  g_clear_pointer (&writer->edit, exp_edit_free);
  writer->klass = klass;
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
  if (!exp_writer_open_locked (mount, writer, error))
    return FALSE;
  is_done = is_append ? exp_edit_append (writer->edit, length, bytes, error)
                      : exp_edit_pwrite (writer->edit, offset, length, bytes, error);
  if (exp_inode_has (writer->inode, EXP_INODE_HAS_WANTED) && !writer->is_touched
      && (!writer->is_whole || !exp_inode_has (writer->inode, EXP_INODE_IS_NEW | EXP_INODE_IS_FRESH)))
    exp_wanted_drop_text (mount, writer->inode);
  writer->has_content |= is_done;
  writer->is_touched = TRUE;
  writer->is_log &= is_append;
  writer->last = ((const char *)bytes)[length - 1];
  note_change (mount, writer, TRUE);
  return is_done;
}

gboolean
exp_writer_write (ExpMount *mount, ExpWriter *writer, guint64 offset, gsize length, const void *bytes,
                  gboolean is_append, GError **error)
{
  exp_turn_lock (writer->turn);
  exp_turn_take (writer->turn, mount, writer);
  g_mutex_lock (&writer->lock);
  gboolean is_done = write_locked (mount, writer, offset, length, bytes, is_append, error);
  g_mutex_unlock (&writer->lock);
  exp_turn_unlock (writer->turn);
  return is_done;
}

static gboolean
truncate_locked (ExpMount *mount, ExpWriter *writer, guint64 size, GError **error)
{
  if (take_failure (writer, error))
    return FALSE;
  if (writer->is_dropped || (size == 0 && exp_inode_has (writer->inode, EXP_INODE_IS_BARE)))
    return TRUE;
  if (!exp_writer_open_locked (mount, writer, error) || !exp_edit_truncate (writer->edit, size, error))
    return FALSE;
  writer->is_log = FALSE;
  writer->is_whole |= size == 0;
  writer->is_touched = TRUE;
  note_change (mount, writer, TRUE);
  return TRUE;
}

gboolean
exp_writer_truncate (ExpMount *mount, ExpWriter *writer, guint64 size, GError **error)
{
  exp_turn_lock (writer->turn);
  exp_turn_take (writer->turn, mount, writer);
  g_mutex_lock (&writer->lock);
  gboolean is_done = truncate_locked (mount, writer, size, error);
  g_mutex_unlock (&writer->lock);
  exp_turn_unlock (writer->turn);
  return is_done;
}

gboolean
exp_writer_flush (ExpMount *mount, ExpWriter *writer, GError **error)
{
  exp_turn_lock (writer->turn);
  g_mutex_lock (&writer->lock);
  gboolean is_done = !take_failure (writer, error) && exp_writer_flush_locked (mount, writer, FALSE, error);
  g_mutex_unlock (&writer->lock);
  exp_turn_unlock (writer->turn);
  return is_done;
}

void
exp_writer_flush_lines (ExpMount *mount, ExpWriter *writer)
{
  exp_turn_lock (writer->turn);
  g_mutex_lock (&writer->lock);
  if (writer->edit != NULL && writer->is_log && writer->last == '\n' && writer->failure == NULL)
    exp_writer_flush_locked (mount, writer, FALSE, &writer->failure);
  g_mutex_unlock (&writer->lock);
  exp_turn_unlock (writer->turn);
}

gboolean
exp_writer_is_text (ExpWriter *writer)
{
  return writer->klass != &exp_view_npy && writer->klass != &exp_view_raw;
}
