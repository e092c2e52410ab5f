/* Text that takes the place of a dataset and keeps its type.
 * Knows nodes and edits; knows no names as they are shown.
 * Called by renaming. */
#include "fs/retype.h"
#include "expfs/edit.h"
#include "fs/driver.h"
#include <string.h>

#define PIECE (1024 * 1024)

/* Where text comes from: one of the three. */
typedef struct
{
  ExpView *view;
  ExpEdit *edit;
  GBytes *bytes;
} Text;

static gboolean
read_bytes (GBytes *bytes, guint64 offset, char *buffer, gsize *n)
{
  gsize size;
  const char *all = g_bytes_get_data (bytes, &size);

  *n = offset < size ? MIN (PIECE, size - offset) : 0;
  if (*n > 0)
    memcpy (buffer, all + offset, *n);
  return TRUE;
}

static gboolean
read_text (const Text *text, guint64 offset, char *buffer, gsize *n, GError **error)
{
  if (text->bytes != NULL)
    return read_bytes (text->bytes, offset, buffer, n);
  return text->view != NULL ? exp_view_pread (text->view, offset, PIECE, buffer, n, error)
                            : exp_edit_pread (text->edit, offset, PIECE, buffer, n, error);
}

static gboolean
copy_text (const Text *text, ExpEdit *edit, GError **error)
{
  g_autofree char *buffer = g_try_malloc (PIECE);
  gsize n = 0;

  if (buffer == NULL || !exp_edit_truncate (edit, 0, error))
    return FALSE;
  for (guint64 offset = 0;; offset += n)
    {
      if (!read_text (text, offset, buffer, &n, error))
        return FALSE;
      if (n == 0)
        return exp_edit_finish (edit, error);
      if (!exp_edit_append (edit, n, buffer, error))
        return FALSE;
    }
}

/* *is_file: one of bytes, which are its text. */
static gboolean
is_dataset (ExpNode *node, gboolean *is_file)
{
  g_auto (ExpInfo) info = { 0 };
  gboolean is_one = node != NULL && exp_node_describe (node, &info, NULL) && info.kind == EXP_KIND_DATASET;

  *is_file = is_one && info.is_bytes;
  return is_one;
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
put_text (ExpMount *mount, const Text *text, ExpNode *to, ExpNode *to_parent, const char *to_name, GError **error)
{
  ExpViewOptions options = { mount->options->text_is_compact, NULL };
  ExpEdit *edit = exp_edit_new (to_parent, to_name, to, &exp_view_text, &options, error);

  if (edit == NULL)
    return NULL;
  ExpNode *node = copy_text (text, edit, error) ? exp_node_ref (exp_edit_get_node (edit)) : NULL;
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
  gboolean was_file, is_file;
  if (!is_dataset (old, &was_file) || !is_dataset (fresh, &is_file))
    return FALSE;
  if (was_file && is_file)
    exp_retype_keep_attributes (mount, from, to_parent, to_name);
  if (is_file)
    return FALSE;

  ExpViewOptions options = { mount->options->text_is_compact, NULL };
  g_autoptr (ExpView) view = exp_view_open (&exp_view_text, fresh, &options, &error);
  g_autoptr (GBytes) bytes = exp_wanted_get_text (mount, from);
  Text text = { .view = view, .bytes = bytes };
  g_autoptr (ExpNode) node = view != NULL ? put_text (mount, &text, old, to_parent, to_name, &error) : NULL;
  if (node != NULL && copy_attributes (fresh, node, &error) && exp_node_remove (from_parent, from_name, &error))
    {
      if (node != old)
        exp_changes_note_replaced (mount);
      exp_entry_set_node (mount, from, node);
      exp_entry_describe (mount, from, node);
      exp_inode_unset (from, EXP_INODE_IS_FRESH);
      exp_changes_note (mount, from);
      return TRUE;
    }
  g_debug ("%s keeps its own type: %s", to_name, error->message);
  return FALSE;
}

static void
keep_attributes (ExpMount *mount, ExpInode *from, ExpNode *old)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (ExpNode) fresh = exp_entry_node (mount, from, NULL);
  g_auto (GStrv) names = fresh != NULL ? exp_node_list_attributes (fresh, NULL) : NULL;

  if (old == fresh || names == NULL || *names != NULL)
    return;
  if (!copy_attributes (old, fresh, &error))
    g_debug ("attributes are not kept: %s", error->message);
}

void
exp_retype_keep_attributes (ExpMount *mount, ExpInode *from, ExpNode *to_parent, const char *to_name)
{
  g_autoptr (ExpNode) old = exp_node_lookup (to_parent, to_name, NULL);

  if (old != NULL)
    keep_attributes (mount, from, old);
}

void
exp_retype_as_linked (ExpMount *mount, ExpInode *from, ExpInode *to)
{
  g_autoptr (ExpNode) old = exp_entry_node (mount, to, NULL);
  g_auto (ExpInfo) info = { 0 };
  g_autoptr (GError) error = NULL;

  if (old == NULL || from->type != EXP_INODE_FILE || from->view != 0 || to->view != 0
      || !exp_inode_has (from, EXP_INODE_IS_FRESH) || exp_inode_has (from, EXP_INODE_IS_BARE)
      || !exp_node_describe (old, &info, NULL) || info.kind != EXP_KIND_DATASET)
    return;
  ExpWanted wanted = { .dtype = info.dtype };
  if (!exp_retype_replace (mount, from, &wanted, &error))
    g_debug ("a file that replaces a dataset keeps its own type: %s", error->message);
  keep_attributes (mount, from, old);
}

/* --- types that were said --------------------------------------------------------------------------------------- */

static gboolean
is_text (const ExpDtype *dtype)
{
  return dtype->type == EXP_TYPE_STRING || dtype->type == EXP_TYPE_VSTRING;
}

/* Formats have their own ways to keep texts; NumPy's name of a type does not tell which encoding they are in. */
static gboolean
is_alike (const ExpDtype *a, const ExpDtype *b, gboolean has_encoding)
{
  if (is_text (a) && is_text (b))
    return !has_encoding || a->is_utf8 == b->is_utf8;
  if (a->type != EXP_TYPE_COMPOUND || b->type != EXP_TYPE_COMPOUND || a->n_members != b->n_members)
    return exp_dtype_equal (a, b);
  for (guint i = 0; i < a->n_members; i++)
    if (strcmp (a->members[i].name, b->members[i].name) != 0
        || !is_alike (a->members[i].dtype, b->members[i].dtype, has_encoding))
      return FALSE;
  return TRUE;
}

/* Just so, or with `may_differ` as near as the format keeps it. */
static gboolean
is_as_wanted (ExpNode *node, const ExpWanted *wanted, gboolean may_differ)
{
  g_auto (ExpInfo) info = { 0 };

  if (!exp_node_describe (node, &info, NULL) || info.dtype == NULL
      || !(may_differ ? is_alike (info.dtype, wanted->dtype, wanted->is_whole)
                      : exp_dtype_equal (info.dtype, wanted->dtype)))
    return FALSE;
  return !wanted->has_shape
         || (!info.is_null && info.rank == wanted->rank
             && memcmp (info.shape, wanted->shape, info.rank * sizeof *info.shape) == 0);
}

gboolean
exp_retype_is_empty (const ExpWanted *wanted)
{
  for (guint i = 0; i < wanted->rank; i++)
    if (wanted->shape[i] == 0)
      return TRUE;
  return !wanted->has_shape;
}

/* Bytes of the longest cell, escapes and all; 0 when the text cannot be read. */
static gsize
longest_cell (const Text *text)
{
  g_autofree char *buffer = g_try_malloc (PIECE);
  gsize longest = 0, length = 0, n = 0;

  for (guint64 offset = 0; buffer != NULL; offset += n)
    {
      if (!read_text (text, offset, buffer, &n, NULL))
        return 0;
      if (n == 0)
        return longest;
      for (gsize i = 0; i < n; i++)
        {
          length = buffer[i] == '\t' || buffer[i] == '\n' ? 0 : length + 1;
          longest = MAX (longest, length);
        }
    }
  return 0;
}

/* Where columns hold texts of any length, columns of that many bytes; NULL where none does. */
static ExpDtype *
with_fixed_texts (const ExpDtype *row, gsize length)
{
  g_autofree ExpMember *members = g_new0 (ExpMember, MAX (row->n_members, 1));
  gboolean has_any = FALSE;
  gsize size = 0;

  if (row->type != EXP_TYPE_COMPOUND || length == 0)
    return NULL;
  for (guint i = 0; i < row->n_members; i++)
    {
      ExpDtype *cell = row->members[i].dtype;
      gboolean is_any = cell->type == EXP_TYPE_VSTRING;

      has_any = has_any || is_any;
      members[i]
          = (ExpMember){ row->members[i].name,
                         is_any ? exp_dtype_new_string (length, EXP_PAD_NUL, TRUE) : exp_dtype_ref (cell), size };
      size += members[i].dtype->size;
    }
  g_autoptr (ExpDtype) fixed = exp_dtype_new_compound (size, row->n_members, members, NULL);
  return has_any ? g_steal_pointer (&fixed) : NULL;
}

/* A dataset that holds the text; removed again when it does not fit. Without a text it stays empty. */
static ExpNode *
make_one (ExpMount *mount, const Text *text, ExpNode *parent, const char *name, const ExpWanted *wanted, GError **error)
{
  ExpNewDataset dataset = { .dtype = wanted->dtype, .is_null = !wanted->has_shape, .rank = wanted->rank };

  memcpy (dataset.shape, wanted->shape, sizeof dataset.shape);
  g_autoptr (ExpNode) empty = exp_node_create_dataset (parent, name, &dataset, error);
  if (empty == NULL || text == NULL)
    return g_steal_pointer (&empty);
  g_autoptr (ExpNode) node = put_text (mount, text, empty, parent, name, error);
  if (node != NULL && is_as_wanted (node, wanted, TRUE))
    return g_steal_pointer (&node);
  if (node != NULL)
    g_set_error (error, EXP_ERROR, EXP_ERROR_INVALID, "the text is of another shape");
  exp_node_remove (parent, name, NULL);
  return NULL;
}

/* Formats without texts of any length in tables take some that are long enough. */
static ExpNode *
make (ExpMount *mount, const Text *text, ExpNode *parent, const char *name, const ExpWanted *wanted, GError **error)
{
  g_autoptr (GError) reason = NULL;
  ExpNode *node = make_one (mount, text, parent, name, wanted, &reason);
  ExpWanted fixed = *wanted;

  if (node != NULL)
    return node;
  g_autoptr (ExpDtype) dtype = text != NULL ? with_fixed_texts (wanted->dtype, longest_cell (text)) : NULL;
  fixed.dtype = dtype;
  if (dtype != NULL)
    return make_one (mount, text, parent, name, &fixed, error);
  g_propagate_error (error, g_steal_pointer (&reason));
  return NULL;
}

ExpNode *
exp_retype_make (ExpMount *mount, ExpEdit *written, ExpNode *parent, const char *name, const ExpWanted *wanted,
                 GError **error)
{
  Text text = { .edit = written };

  return make (mount, written != NULL ? &text : NULL, parent, name, wanted, error);
}

gboolean
exp_retype_replace (ExpMount *mount, ExpInode *inode, const ExpWanted *wanted, GError **error)
{
  ExpViewOptions options = { mount->options->text_is_compact, NULL };
  g_autofree char *name = exp_path_true_name (mount, inode);
  g_autofree char *other = g_strdup_printf (".%s.expfs", name);
  g_autoptr (ExpNode) old = exp_entry_node (mount, inode, error);
  gboolean is_bare = exp_inode_has (inode, EXP_INODE_IS_BARE);
  g_autoptr (ExpView) view = old != NULL ? exp_view_open (&exp_view_text, old, &options, error) : NULL;
  g_autoptr (GBytes) bytes = exp_wanted_get_text (mount, inode);
  Text text = { .view = view, .bytes = bytes };

  if (view == NULL)
    return FALSE;
  if (is_as_wanted (old, wanted, FALSE))
    return TRUE;
  exp_inode_names_lock ();
  g_autoptr (ExpNode) parent = exp_node_ref (inode->parent->node);
  exp_inode_names_unlock ();

  g_autoptr (ExpNode) node = make (mount, is_bare ? NULL : &text, parent, other, wanted, error);
  if (node == NULL)
    return FALSE;
  if (!copy_attributes (old, node, error) || !exp_node_move (parent, other, parent, name, 0, error))
    {
      exp_node_remove (parent, other, NULL);
      return FALSE;
    }
  /* Some nodes are of what has that name and no other. */
  g_autoptr (ExpNode) moved = exp_node_lookup (parent, name, NULL);
  exp_changes_note_replaced (mount);
  exp_entry_set_node (mount, inode, moved != NULL ? moved : node);
  exp_entry_describe (mount, inode, moved != NULL ? moved : node);
  exp_changes_note_stored (mount, inode);
  return TRUE;
}
