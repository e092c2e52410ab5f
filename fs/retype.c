/* Text that takes the place of a dataset and keeps its type.
 * Knows nodes and edits; knows no names as they are shown.
 * Called by renaming. */
#include "fs/retype.h"
#include "expfs/edit.h"
#include "fs/driver.h"
#include <string.h>

#define PIECE (1024 * 1024)

static gboolean
copy_text (ExpView *view, ExpEdit *edit, GError **error)
{
  g_autofree char *buffer = g_try_malloc (PIECE);
  gsize n = 0;

  if (buffer == NULL || !exp_edit_truncate (edit, 0, error))
    return FALSE;
  for (guint64 offset = 0;; offset += n)
    {
      if (!exp_view_pread (view, offset, PIECE, buffer, &n, error))
        return FALSE;
      if (n == 0)
        return exp_edit_finish (edit, error);
      if (!exp_edit_append (edit, n, buffer, error))
        return FALSE;
    }
}

static gboolean
is_dataset (ExpNode *node)
{
  g_auto (ExpInfo) info = { 0 };

  return exp_node_describe (node, &info, NULL) && info.kind == EXP_KIND_DATASET;
}

/* The new file's own attributes go before those of the dataset that it replaces. */
static gboolean
copy_attributes (ExpNode *from, ExpNode *to, GError **error)
{
  g_auto (GStrv) names = exp_node_list_attributes (from, error);
  g_auto (GStrv) old = names != NULL && *names != NULL ? exp_node_list_attributes (to, error) : NULL;

  if (names == NULL)
    return FALSE;
  if (*names == NULL)
    return TRUE;
  if (old == NULL)
    return FALSE;
  for (char **name = old; *name != NULL; name++)
    if (!g_strv_contains ((const char *const *)names, *name) && !exp_node_remove_attribute (to, *name, error))
      return FALSE;
  for (char **name = names; *name != NULL; name++)
    {
      g_autoptr (ExpArray) value = exp_node_read_attribute (from, *name, error);
      if (value == NULL || !exp_node_write_attribute (to, *name, value, error))
        return FALSE;
    }
  return TRUE;
}

/* The node that `to` is afterwards, a reference; NULL when the text does not fit. */
static ExpNode *
put_text (ExpMount *mount, ExpNode *from, ExpNode *to, ExpNode *to_parent, const char *to_name, GError **error)
{
  ExpViewOptions options = { mount->options->text_is_compact, NULL };
  g_autoptr (ExpView) view = exp_view_open (&exp_view_text, from, &options, error);
  ExpEdit *edit = view != NULL ? exp_edit_new (to_parent, to_name, to, &exp_view_text, &options, error) : NULL;

  if (edit == NULL)
    return NULL;
  ExpNode *node = copy_text (view, edit, error) ? exp_node_ref (exp_edit_get_node (edit)) : NULL;
  exp_edit_free (edit);
  return node;
}

gboolean
exp_retype_take_over (ExpMount *mount, ExpInode *from, ExpNode *from_parent, const char *from_name, ExpInode *to,
                      ExpNode *to_parent, const char *to_name)
{
  g_autoptr (GError) error = NULL;

  if (to == NULL || from->type != EXP_INODE_FILE || to->type != EXP_INODE_FILE || from->view != 0 || to->view != 0
      || !exp_inode_has (from, EXP_INODE_IS_FRESH) || exp_inode_has (from, EXP_INODE_IS_BARE)
      || exp_inode_has (to, EXP_INODE_IS_NEW))
    return FALSE;
  if (!exp_writers_settle (mount, to, NULL))
    return FALSE;
  g_autoptr (ExpNode) old = exp_entry_node (mount, to, NULL);
  g_autoptr (ExpNode) fresh = exp_entry_node (mount, from, NULL);
  if (old == NULL || fresh == NULL || !is_dataset (old))
    return FALSE;

  g_autoptr (ExpNode) node = put_text (mount, fresh, old, to_parent, to_name, &error);
  if (node != NULL && copy_attributes (fresh, node, &error) && exp_node_remove (from_parent, from_name, &error))
    {
      if (node != old)
        exp_changes_note_replaced (mount);
      exp_entry_set_node (mount, from, node);
      exp_inode_unset (from, EXP_INODE_IS_FRESH);
      exp_changes_note (mount, from);
      return TRUE;
    }
  g_debug ("%s keeps its own type: %s", to_name, error->message);
  return FALSE;
}

void
exp_retype_keep_attributes (ExpMount *mount, ExpInode *from, ExpNode *to_parent, const char *to_name)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (ExpNode) old = exp_node_lookup (to_parent, to_name, NULL);
  g_autoptr (ExpNode) fresh = exp_entry_node (mount, from, NULL);
  g_auto (GStrv) names = fresh != NULL ? exp_node_list_attributes (fresh, NULL) : NULL;

  if (old == NULL || old == fresh || names == NULL || *names != NULL)
    return;
  if (!copy_attributes (old, fresh, &error))
    g_debug ("%s: %s", to_name, error->message);
}
