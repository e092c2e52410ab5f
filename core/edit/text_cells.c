/* The text of one cell back into its value.
 * Knows nothing of lines.
 * Called by text_parse.c for every cell. */
#include "text_cells.h"
#include "array/moment.h"
#include "expfs/number.h"
#include "expfs/view.h"
#include "node/grid.h"
#include <string.h>

static gboolean
is_text (const ExpDtype *dtype)
{
  return dtype->type == EXP_TYPE_STRING || dtype->type == EXP_TYPE_VSTRING || dtype->type == EXP_TYPE_REFERENCE;
}

static gboolean
has_inner_list (const ExpDtype *dtype, gboolean is_inside)
{
  if (dtype->type == EXP_TYPE_VLEN)
    return is_inside || has_inner_list (dtype->base, TRUE);
  if (dtype->type == EXP_TYPE_ARRAY)
    return has_inner_list (dtype->base, is_inside);
  for (guint i = 0; dtype->type == EXP_TYPE_COMPOUND && i < dtype->n_members; i++)
    if (has_inner_list (dtype->members[i].dtype, is_inside))
      return TRUE;
  return FALSE;
}

static gboolean
add_leaf (const ExpDtype *dtype, const guint8 *cell, guint column, gpointer data)
{
  ExpTextCells *cells = data;
  ExpTextLeaf *leaf = &cells->leaves[cells->n_leaves++];

  leaf->dtype = dtype;
  leaf->offset = (gsize)cell;
  leaf->read = exp_read_func (dtype);
  leaf->is_padded = !is_text (dtype);
  return TRUE;
}

ExpTextCells *
exp_text_cells_new (ExpDtype *cell, GError **error)
{
  const guint64 n = exp_dtype_count_leaves (cell);

  if (has_inner_list (cell, FALSE) || n == 0 || n > EXP_MAX_COLUMNS)
    {
      g_set_error (error, EXP_ERROR, EXP_ERROR_UNSUPPORTED, "the text of this type cannot be written");
      return NULL;
    }
  ExpTextCells *cells = g_new0 (ExpTextCells, 1);
  cells->dtype = exp_dtype_ref (cell);
  cells->leaves = g_new0 (ExpTextLeaf, n);
  exp_cell_foreach_leaf (cell, NULL, add_leaf, cells); /* from address 0: offsets */
  return cells;
}

void
exp_text_cells_free (ExpTextCells *cells)
{
  if (cells == NULL)
    return;
  exp_dtype_unref (cells->dtype);
  g_free (cells->leaves);
  g_free (cells);
}

/* `text` without its escapes at `to`, which has room for as much; returns the length. */
static gsize
unescape (const char *text, gsize length, gboolean is_in_list, char *to)
{
  const char *const escapes = is_in_list ? "\\tnr " : "\\tnr";
  gsize n = 0;

  if (memchr (text, '\\', length) == NULL)
    {
      memmove (to, text, length);
      return length;
    }
  for (gsize i = 0; i < length; i++)
    {
      const char next = text[i] == '\\' && i + 1 < length ? text[i + 1] : '\0';
      const char plain = next == 't' ? '\t' : next == 'n' ? '\n' : next == 'r' ? '\r' : next;
      const gboolean is_escape = next != '\0' && strchr (escapes, next) != NULL;

      to[n++] = is_escape ? plain : text[i]; /* what was never an escape stands for itself */
      i += is_escape;
    }
  return n;
}

static gboolean
parse_text (const ExpDtype *dtype, const char *text, gsize length, guint8 *cell, ExpTextRoom *room)
{
  ExpVlen vlen = { unescape (text, length, room->is_in_list, room->at), room->at };

  if (memchr (vlen.data, '\0', vlen.length) != NULL
      && (dtype->type != EXP_TYPE_STRING || dtype->pad == EXP_PAD_NUL_TERMINATED))
    return FALSE;
  if (exp_dtype_is_moment (dtype))
    return exp_moment_take (dtype, vlen.data, vlen.length, cell);
  if (dtype->type == EXP_TYPE_STRING)
    {
      if (vlen.length > dtype->size)
        return FALSE;
      memcpy (cell, vlen.data, vlen.length);
      memset (cell + vlen.length, dtype->pad == EXP_PAD_SPACE ? ' ' : '\0', dtype->size - vlen.length);
      return TRUE;
    }
  room->at += vlen.length;
  memcpy (cell, &vlen, sizeof vlen);
  return TRUE;
}

/* The end of a piece of a list: a blank that is not escaped. */
static const char *
piece_end (const char *at, const char *end)
{
  for (; at < end && *at != ' '; at++)
    if (*at == '\\' && at + 1 < end)
      at++;
  return at;
}

static gboolean
parse_list (const ExpDtype *dtype, const char *text, gsize length, guint8 *cell, ExpTextRoom *room)
{
  g_autoptr (ExpTextCells) cells = exp_text_cells_new (dtype->base, NULL);
  const char *end = text + length;
  const gboolean is_padded = cells != NULL && cells->leaves[0].is_padded;
  gsize n_pieces = 0, i = 0, size;
  ExpVlen vlen = { 0, NULL };

  if (cells == NULL)
    return FALSE;
  for (const char *at = text, *piece; at <= end && length > 0; at = piece + 1)
    {
      piece = piece_end (at, end);
      n_pieces += !is_padded || piece > at;
    }
  vlen.length = n_pieces / cells->n_leaves;
  if (n_pieces % cells->n_leaves != 0 || !g_size_checked_mul (&size, vlen.length, dtype->base->size))
    return FALSE;
  room->is_in_list = TRUE;
  if (size > 0 && (vlen.data = exp_array_allocate (room->heap, size)) == NULL)
    return FALSE;
  for (const char *at = text, *piece; at <= end && length > 0; at = piece + 1)
    {
      const ExpTextLeaf *leaf = &cells->leaves[i % cells->n_leaves];
      guint8 *element = (guint8 *)vlen.data + i / cells->n_leaves * dtype->base->size;

      piece = piece_end (at, end);
      if (is_padded && piece == at)
        continue;
      if (!exp_text_parse_leaf (leaf, at, piece - at, element + leaf->offset, room))
        return FALSE;
      i++;
    }
  room->is_in_list = FALSE;
  memcpy (cell, &vlen, sizeof vlen);
  return TRUE;
}

gboolean
exp_text_parse_leaf (const ExpTextLeaf *leaf, const char *text, gsize length, guint8 *cell, ExpTextRoom *room)
{
  if (leaf->is_padded)
    {
      while (length > 0 && *text == ' ')
        text++, length--;
      while (length > 0 && (text[length - 1] == ' ' || text[length - 1] == '\r'))
        length--;
    }
  if (leaf->read != NULL)
    return leaf->read (text, length, cell);
  if (leaf->dtype->type == EXP_TYPE_VLEN)
    return parse_list (leaf->dtype, text, length, cell, room);
  if (is_text (leaf->dtype))
    return parse_text (leaf->dtype, text, length, cell, room);
  return exp_cell_parse (leaf->dtype, text, length, cell);
}
