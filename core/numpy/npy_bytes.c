/* Datasets as NumPy's bytes.
 * Knows nothing of NPY's header.
 * Called by npy.c and raw.c. */
#include "npy_bytes.h"
#include "array/moment.h"
#include "expfs/error.h"
#include <string.h>

#define WINDOW (1024 * 1024)

static gboolean
is_varying (const ExpDtype *dtype)
{
  return dtype->type == EXP_TYPE_VSTRING || dtype->type == EXP_TYPE_REFERENCE;
}

/* Bytes of NumPy's of a leaf that is not text of variable length. */
static gsize
leaf_size (const ExpDtype *dtype)
{
  return exp_dtype_is_moment (dtype) ? sizeof (gint64) : dtype->size;
}

/* Strings whose padding NumPy would take for text: they are shown padded with NULs. */
static gboolean
is_padded_otherwise (const ExpDtype *dtype)
{
  return dtype->type == EXP_TYPE_STRING && dtype->pad != EXP_PAD_NUL;
}

static gboolean
has_list (const ExpDtype *dtype)
{
  if (dtype->type == EXP_TYPE_VLEN)
    return TRUE;
  if (dtype->type == EXP_TYPE_ARRAY)
    return has_list (dtype->base);
  for (guint i = 0; dtype->type == EXP_TYPE_COMPOUND && i < dtype->n_members; i++)
    if (has_list (dtype->members[i].dtype))
      return TRUE;
  return FALSE;
}

gboolean
exp_npy_bytes_applies (const ExpInfo *info)
{
  return info->dtype != NULL && !has_list (info->dtype);
}

/* --- text of variable length -------------------------------------------------------------------------------- */

/* Number of characters, and their code points in `to` unless it is NULL. A byte that is not UTF-8 is a surrogate
 * U+DC80 ... U+DCFF, as Python's surrogateescape has it. */
static gsize
decode (const char *text, gsize length, guint8 *to)
{
  const char *end = text + length;
  gsize n = 0;

  while (text < end)
    {
      gunichar c = g_utf8_get_char_validated (text, end - text);

      if (c == (gunichar)-1 || c == (gunichar)-2)
        c = *text == '\0' ? 0 : 0xdc00 + (guchar)*text, text++;
      else
        text = g_utf8_next_char (text);
      if (to != NULL)
        {
          guint32 code = GUINT32_TO_LE (c);

          memcpy (to + 4 * n, &code, 4);
        }
      n++;
    }
  return n;
}

static gboolean
widen (const ExpDtype *dtype, const guint8 *leaf, guint column, gpointer data)
{
  ExpNpyBytes *bytes = data;

  if (is_varying (dtype))
    {
      gsize length;
      const char *text = exp_cell_text (dtype, leaf, &length);

      bytes->characters[column] = MAX (bytes->characters[column], decode (text, length, NULL));
    }
  return TRUE;
}

static gboolean
shown_size (const ExpNpyBytes *bytes, const ExpDtype *dtype, guint *column, gsize *size)
{
  gsize part;

  *size = 0;
  switch (dtype->type)
    {
    case EXP_TYPE_COMPOUND:
      for (guint i = 0; i < dtype->n_members; i++)
        if (!shown_size (bytes, dtype->members[i].dtype, column, &part) || !g_size_checked_add (size, *size, part))
          return FALSE;
      return TRUE;
    case EXP_TYPE_ARRAY:
      return shown_size (bytes, dtype->base, column, &part)
             && g_size_checked_mul (size, part, exp_dtype_array_length (dtype));
    default:
      *size = is_varying (dtype) ? 4 * (gsize)bytes->characters[*column] : leaf_size (dtype);
      (*column)++;
      return TRUE;
    }
}

/* The parts of a cell follow each other in its bytes as NumPy has them, from `start`, which *end has to be, to the new
 * *end. Members may overlap, or stand in another order than their offsets, with holes between them. */
static gboolean
lies_as_shown (const ExpDtype *dtype, gsize start, gsize *end)
{
  gsize end_of_base = 0;

  if (dtype->type == EXP_TYPE_COMPOUND)
    {
      for (guint i = 0; i < dtype->n_members; i++)
        if (!lies_as_shown (dtype->members[i].dtype, start + dtype->members[i].offset, end))
          return FALSE;
      return *end == start + dtype->size;
    }
  if (start != *end || is_varying (dtype) || is_padded_otherwise (dtype) || exp_dtype_is_moment (dtype))
    return FALSE;
  *end += dtype->size;
  return dtype->type != EXP_TYPE_ARRAY
         || (lies_as_shown (dtype->base, 0, &end_of_base) && end_of_base == dtype->base->size);
}

gboolean
exp_npy_bytes_init (ExpNpyBytes *bytes, ExpNode *node, const ExpInfo *info, GError **error)
{
  guint column = 0;
  gsize end = 0;

  memset (bytes, 0, sizeof *bytes);
  if (!exp_grid_init (&bytes->grid, node, info, error))
    return FALSE;
  bytes->has_text = exp_dtype_has_vlen (info->dtype);
  bytes->n_columns = exp_dtype_count_columns (bytes->grid.cell);
  bytes->is_copy = !bytes->has_text && lies_as_shown (bytes->grid.cell, 0, &end);
  /* No larger than a cell, which fits into memory. */
  bytes->is_measured = !bytes->has_text && shown_size (bytes, bytes->grid.cell, &column, &bytes->cell_size);
  g_mutex_init (&bytes->lock);
  return TRUE;
}

void
exp_npy_bytes_clear (ExpNpyBytes *bytes)
{
  exp_grid_clear (&bytes->grid);
  g_free (bytes->characters);
  g_mutex_clear (&bytes->lock);
}

/* What each text has room for at least. */
static void
set_least (const ExpDtype *dtype, guint *characters, guint *column)
{
  if (dtype->type == EXP_TYPE_ARRAY)
    set_least (dtype->base, characters, column);
  for (guint i = 0; dtype->type == EXP_TYPE_COMPOUND && i < dtype->n_members; i++)
    set_least (dtype->members[i].dtype, characters, column);
  if (dtype->type != EXP_TYPE_ARRAY && dtype->type != EXP_TYPE_COMPOUND)
    characters[(*column)++] = MAX (dtype->n_characters, 1);
}

static gboolean
measure (ExpNpyBytes *bytes, GError **error)
{
  ExpGrid *grid = &bytes->grid;
  gsize window = MAX (WINDOW / grid->cell->size, 1);
  guint column = 0;

  g_free (bytes->characters);
  bytes->characters = g_new0 (guint, bytes->n_columns);
  set_least (grid->cell, bytes->characters, &column);
  column = 0;
  for (guint64 first = 0; first < grid->n_cells; first += window)
    {
      gsize count = MIN (window, grid->n_cells - first);
      const guint8 *cells;
      g_autoptr (ExpArray) array = exp_grid_read (grid, first, count, &cells, error);

      if (array == NULL)
        return FALSE;
      for (gsize i = 0; i < count; i++)
        exp_cell_foreach_leaf (grid->cell, cells + i * grid->cell->size, widen, bytes);
    }
  if (shown_size (bytes, grid->cell, &column, &bytes->cell_size))
    return TRUE;
  g_set_error (error, EXP_ERROR, EXP_ERROR_TOO_LARGE, "an element has more text than can be shown");
  return FALSE;
}

gboolean
exp_npy_bytes_measure (ExpNpyBytes *bytes, GError **error)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&bytes->lock);

  if (!bytes->is_measured)
    bytes->is_measured = measure (bytes, error);
  return bytes->is_measured;
}

/* --- bytes -------------------------------------------------------------------------------------------------- */

gboolean
exp_npy_bytes_size (ExpNpyBytes *bytes, guint64 *size, GError **error)
{
  if (!exp_npy_bytes_measure (bytes, error))
    return FALSE;
  if (g_uint64_checked_mul (size, bytes->grid.n_cells, bytes->cell_size) && *size <= G_MAXINT64)
    return TRUE;
  g_set_error (error, EXP_ERROR, EXP_ERROR_TOO_LARGE, "the dataset has more bytes than a file can");
  return FALSE;
}

typedef struct
{
  const ExpNpyBytes *bytes;
  guint8 *to;
} Writer;

static gboolean
write_leaf (const ExpDtype *dtype, const guint8 *leaf, guint column, gpointer data)
{
  Writer *writer = data;

  if (is_varying (dtype))
    {
      gsize length, width = 4 * (gsize)writer->bytes->characters[column];
      const char *text = exp_cell_text (dtype, leaf, &length);
      gsize n = 4 * decode (text, length, writer->to);

      memset (writer->to + n, 0, width - n);
      writer->to += width;
    }
  else if (exp_dtype_is_moment (dtype))
    {
      exp_moment_to_bytes (dtype, leaf, writer->to);
      writer->to += leaf_size (dtype);
    }
  else if (is_padded_otherwise (dtype))
    {
      gsize length;
      const char *text = exp_cell_text (dtype, leaf, &length);

      memcpy (writer->to, text, length);
      memset (writer->to + length, 0, dtype->size - length);
      writer->to += dtype->size;
    }
  else
    {
      memcpy (writer->to, leaf, dtype->size);
      writer->to += dtype->size;
    }
  return TRUE;
}

static gboolean
read_window (ExpNpyBytes *bytes, guint64 first, gsize count, guint64 offset, guint64 end, char *buffer, GError **error)
{
  ExpGrid *grid = &bytes->grid;
  const guint8 *cells;
  g_autoptr (ExpArray) array = exp_grid_read (grid, first, count, &cells, error);
  g_autofree guint8 *shown = NULL;
  guint64 start = first * bytes->cell_size, from = MAX (start, offset);
  guint64 to = MIN (start + count * bytes->cell_size, end);

  if (array == NULL)
    return FALSE;
  if (!bytes->is_copy)
    {
      Writer writer = { bytes, shown = g_try_malloc (count * bytes->cell_size) };

      if (shown == NULL)
        {
          g_set_error (error, EXP_ERROR, EXP_ERROR_NO_MEMORY, "no memory for the elements");
          return FALSE;
        }
      for (gsize i = 0; i < count; i++)
        exp_cell_foreach_leaf (grid->cell, cells + i * grid->cell->size, write_leaf, &writer);
      cells = shown;
    }
  memcpy (buffer + (from - offset), cells + (from - start), to - from);
  return TRUE;
}

/* Cells `first` ... `last`, those of them that lie between the offsets. */
static gboolean
read_windows (ExpNpyBytes *bytes, guint64 first, guint64 last, guint64 offset, guint64 end, char *buffer,
              GError **error)
{
  gsize window = MAX (WINDOW / MAX (bytes->cell_size, bytes->grid.cell->size), 1);

  for (; first <= last; first += window)
    if (!read_window (bytes, first, MIN (window, last - first + 1), offset, end, buffer, error))
      return FALSE;
  return TRUE;
}

/* Whole elements go where they are wanted; the ends of others are cut off elsewhere. */
static gboolean
read_straight (ExpNpyBytes *bytes, guint64 offset, guint64 end, char *buffer, GError **error)
{
  const guint64 size = bytes->cell_size * bytes->grid.cells_per_element;
  const guint64 first = offset / size + (offset % size != 0), last = end / size; /* whole ones: first ... last - 1 */

  if (first >= last)
    return read_windows (bytes, offset / bytes->cell_size, (end - 1) / bytes->cell_size, offset, end, buffer, error);
  if (offset < first * size && !read_straight (bytes, offset, first * size, buffer, error))
    return FALSE;
  if (!exp_node_read_flat_into (bytes->grid.node, &bytes->grid.info, first, last - first,
                                buffer + (first * size - offset), error))
    return FALSE;
  return last * size == end || read_straight (bytes, last * size, end, buffer + (last * size - offset), error);
}

gboolean
exp_npy_bytes_pread (ExpNpyBytes *bytes, guint64 offset, gsize length, char *buffer, gsize *n_read, GError **error)
{
  guint64 size;

  *n_read = 0;
  if (!exp_npy_bytes_size (bytes, &size, error))
    return FALSE;
  if (offset >= size || length == 0)
    return TRUE;

  guint64 end = offset + MIN (length, size - offset);
  gboolean is_read = bytes->is_copy ? read_straight (bytes, offset, end, buffer, error)
                                    : read_windows (bytes, offset / bytes->cell_size, (end - 1) / bytes->cell_size,
                                                    offset, end, buffer, error);
  if (is_read)
    *n_read = end - offset;
  return is_read;
}

guint
exp_npy_bytes_locate (ExpNpyBytes *bytes, guint64 offset, gsize length, ExpRun *runs, guint most)
{
  const guint64 element = bytes->cell_size * bytes->grid.cells_per_element;
  guint64 size;
  guint n = 0;

  if (!bytes->is_copy || element == 0 || !exp_npy_bytes_size (bytes, &size, NULL) || offset >= size)
    return 0;
  length = MIN (length, size - offset);
  while (length > 0 && n < most)
    {
      const guint64 first = offset / element, skip = offset % element;
      ExpRun *run = &runs[n];

      if (!exp_node_locate (bytes->grid.node, first, (skip + length - 1) / element + 1, run))
        break;
      n++;
      if (run->fd >= 0)
        run->position += skip;
      else
        run->bytes += skip;
      run->length = MIN (run->length - skip, length);
      offset += run->length;
      length -= run->length;
    }
  if (length == 0)
    return n;
  while (n > 0)
    exp_run_release (&runs[--n]);
  return 0;
}

/* --- descr -------------------------------------------------------------------------------------------------- */

static ExpDtype *
shown_cell (ExpDtype *cell, gpointer data)
{
  guint **characters_left = data;
  guint characters = *(*characters_left)++;

  if (!is_varying (cell))
    return exp_dtype_ref (cell);

  ExpDtype *text = exp_dtype_new_string (4 * (gsize)characters, EXP_PAD_NUL, TRUE);
  text->is_ucs4 = TRUE;
  return text;
}

char *
exp_npy_bytes_descr (ExpNpyBytes *bytes)
{
  guint *characters = bytes->characters;

  g_autoptr (ExpDtype) shown = bytes->has_text ? exp_dtype_map_cells (bytes->grid.cell, shown_cell, &characters)
                                               : exp_dtype_ref (bytes->grid.cell);
  g_autofree char *descr = exp_dtype_to_numpy (shown, TRUE);
  return shown->type == EXP_TYPE_COMPOUND ? g_steal_pointer (&descr) : g_strdup_printf ("'%s'", descr);
}
