/* The text of a dataset: lines of tab-separated cells, numeric ones aligned so that all lines have one length.
 * Knows nothing of other renderings; lines of varying length are left to cell_stream.c.
 * Called for every dataset that is listed, so that its size is known, and read. */
#include "cell_stream.h"
#include "edit/edit_private.h"
#include "expfs/error.h"
#include "expfs/number.h"
#include "number_run.h"
#include "text_layout.h"
#include "view_private.h"
#include <string.h>

/* An array of at most this many elements is as wide as its widest value, a larger one or one that grows as its type. */
#define NARROW_ELEMENTS 4096

typedef struct
{
  ExpView base;
  gboolean is_fixed;     /* every cell has one width, its separator included */
  gboolean is_unaligned; /* numeric cells carry no padding */
  ExpWriteFunc write;    /* for plain numbers without padding; NULL for other cells */
  guint n_columns;
  GMutex lock; /* guards the making of the widths */
  gboolean has_widths;
  guint *widths;        /* of each plain part of a cell; immutable once has_widths, as is the layout */
  ExpTextLayout layout; /* of the fixed form */
  ExpCellStream stream; /* its grid serves the fixed form as well */
} TextView;

/* --- one cell ----------------------------------------------------------------------------------------------- */

/* Bytes that are looked at together, without a branch among them. */
#define GLANCE 64

/* Whether GLANCE bytes are surely none that is escaped. */
static gboolean
is_plain (const char *text, gboolean escapes_space)
{
  const guint8 *bytes = (const guint8 *)text;
  const guint8 space = escapes_space ? ' ' : '\\';
  guint8 found = 0;

  for (guint i = 0; i < GLANCE; i++)
    found |= (bytes[i] <= '\r') | (bytes[i] == '\\') | (bytes[i] == space);
  return found == 0;
}

static void
append_escaped (const char *text, gsize length, gboolean escapes_space, GString *out)
{
  gsize plain = 0;

  for (gsize i = 0; i < length; i++)
    {
      if (i % GLANCE == 0 && length - i >= GLANCE && is_plain (text + i, escapes_space))
        {
          i += GLANCE - 1;
          continue;
        }
      char c = text[i];
      const char *escape = c == '\\'                   ? "\\\\"
                           : c == '\t'                 ? "\\t"
                           : c == '\n'                 ? "\\n"
                           : c == '\r'                 ? "\\r"
                           : c == ' ' && escapes_space ? "\\ "
                                                       : NULL;
      if (escape == NULL)
        continue;
      g_string_append_len (out, text + plain, i - plain);
      g_string_append (out, escape);
      plain = i + 1;
    }
  g_string_append_len (out, text + plain, length - plain);
}

static void append_leaf (const ExpDtype *dtype, const guint8 *leaf, gboolean is_in_list, GString *out);

typedef struct
{
  GString *out;
  gboolean is_first;
} List;

static gboolean
append_list_leaf (const ExpDtype *dtype, const guint8 *leaf, guint column, gpointer data)
{
  List *list = data;

  if (!list->is_first)
    g_string_append_c (list->out, ' ');
  list->is_first = FALSE;
  append_leaf (dtype, leaf, TRUE, list->out);
  return TRUE;
}

static void
append_leaf (const ExpDtype *dtype, const guint8 *leaf, gboolean is_in_list, GString *out)
{
  switch (dtype->type)
    {
    case EXP_TYPE_STRING:
    case EXP_TYPE_VSTRING:
    case EXP_TYPE_REFERENCE:
      {
        gsize length;
        const char *text = exp_cell_text (dtype, leaf, &length);

        append_escaped (text, length, is_in_list, out);
        break;
      }
    case EXP_TYPE_VLEN:
      {
        List list = { out, TRUE };
        ExpVlen vlen;

        memcpy (&vlen, leaf, sizeof vlen);
        for (gsize i = 0; i < vlen.length; i++)
          exp_cell_foreach_leaf (dtype->base, (const guint8 *)vlen.data + i * dtype->base->size, append_list_leaf,
                                 &list);
        break;
      }
    default:
      {
        const gsize start = out->len;

        exp_cell_format (dtype, leaf, out);
        for (gsize i = start; is_in_list && dtype->type == EXP_TYPE_ENUM && i < out->len; i++)
          if (out->str[i] == ' ')
            g_string_insert_c (out, i++, '\\');
      }
    }
}

typedef struct
{
  const TextView *self;
  GString *out;
  gboolean is_first;
} Cell;

static gboolean
append_padded_leaf (const ExpDtype *dtype, const guint8 *leaf, guint column, gpointer data)
{
  Cell *cell = data;
  gsize start;

  if (!cell->is_first)
    g_string_append_c (cell->out, '\t');
  cell->is_first = FALSE;
  start = cell->out->len;
  append_leaf (dtype, leaf, FALSE, cell->out);
  if (cell->self->widths != NULL && exp_dtype_is_numeric (dtype))
    {
      gsize length = cell->out->len - start, width = cell->self->widths[column];

      if (length < width)
        {
          g_string_set_size (cell->out, start + width);
          memmove (cell->out->str + start + width - length, cell->out->str + start, length);
          memset (cell->out->str + start, ' ', width - length);
        }
    }
  return TRUE;
}

static void
render_cells (const ExpGrid *grid, guint64 first, gsize n, const guint8 *cells, gpointer data, GString *out)
{
  const TextView *self = data;
  guint64 column = first % grid->n_columns;

  if (self->write != NULL)
    {
      exp_append_number_rows (self->write, grid, first, n, cells, '\t', out);
      return;
    }
  for (gsize i = 0; i < n; i++)
    {
      Cell cell = { self, out, TRUE };

      exp_cell_foreach_leaf (grid->cell, cells + i * grid->cell->size, append_padded_leaf, &cell);
      column = column + 1 < grid->n_columns ? column + 1 : 0;
      g_string_append_c (out, column == 0 ? '\n' : '\t');
    }
}

/* Lines of one text each, in which nothing is escaped. */
static gboolean
measure_lines (const ExpGrid *grid, guint64 first, gsize n, guint64 *length)
{
  const ExpSlab slab = { .rank = 1, .start = { first }, .count = { n }, .step = { 1 } };

  return exp_node_measure (grid->node, &slab, length) && g_uint64_checked_add (length, *length, n);
}

/* --- widths ------------------------------------------------------------------------------------------------- */

static gboolean
widen (const ExpDtype *dtype, const guint8 *leaf, guint column, gpointer data)
{
  TextView *self = data;

  if (exp_dtype_is_numeric (dtype))
    {
      char small[EXP_NUMBER_MAX_TEXT];
      g_autofree char *large = NULL;
      gsize most = exp_cell_max_width (dtype);
      char *text = most <= sizeof small ? small : (large = g_malloc (most));
      gsize width = exp_cell_format_to (dtype, leaf, text);

      self->widths[column] = MAX (self->widths[column], width);
    }
  return TRUE;
}

/* The widest text of each plain part's type, and the number of such parts in a cell. */
static void
widen_by_type (TextView *self, const ExpDtype *dtype, guint *column)
{
  switch (dtype->type)
    {
    case EXP_TYPE_COMPOUND:
      for (guint i = 0; i < dtype->n_members; i++)
        widen_by_type (self, dtype->members[i].dtype, column);
      break;
    case EXP_TYPE_ARRAY:
      widen_by_type (self, dtype->base, column);
      break;
    default:
      self->widths[(*column)++] = exp_dtype_is_numeric (dtype) ? exp_cell_max_width (dtype) : 0;
    }
}

/* Bytes of a cell with a separator after each part. */
static gboolean
measure_cell (const TextView *self, const ExpDtype *dtype, guint *column, guint64 *bytes)
{
  guint64 part = 0;

  *bytes = 0;
  switch (dtype->type)
    {
    case EXP_TYPE_COMPOUND:
      for (guint i = 0; i < dtype->n_members; i++)
        if (!measure_cell (self, dtype->members[i].dtype, column, &part) || !g_uint64_checked_add (bytes, *bytes, part))
          return FALSE;
      return TRUE;
    case EXP_TYPE_ARRAY:
      return measure_cell (self, dtype->base, column, &part)
             && g_uint64_checked_mul (bytes, part, exp_dtype_array_length (dtype));
    default:
      *bytes = (guint64)self->widths[(*column)++] + 1;
      return TRUE;
    }
}

static gboolean
find_widths (TextView *self, GError **error)
{
  ExpGrid *grid = &self->stream.grid;
  guint column = 0;
  guint64 stride;

  self->widths = g_new0 (guint, self->n_columns);
  if (grid->n_cells > NARROW_ELEMENTS || grid->info.is_growing) /* whose text must not change with what comes */
    widen_by_type (self, grid->cell, &column);
  else if (grid->n_cells > 0)
    {
      const guint8 *cells;
      g_autoptr (ExpArray) array = exp_grid_read (grid, 0, grid->n_cells, &cells, error);

      if (array == NULL)
        {
          g_clear_pointer (&self->widths, g_free);
          return FALSE;
        }
      for (guint64 i = 0; i < grid->n_cells; i++)
        exp_cell_foreach_leaf (grid->cell, cells + i * grid->cell->size, widen, self);
    }
  column = 0;
  if (measure_cell (self, grid->cell, &column, &stride) && stride <= G_MAXINT32)
    {
      if (self->is_fixed)
        exp_text_layout_init (&self->layout, grid->cell, self->widths, stride);
      return TRUE;
    }
  g_clear_pointer (&self->widths, g_free);
  g_set_error (error, EXP_ERROR, EXP_ERROR_TOO_LARGE, "one element has more text than can be shown");
  return FALSE;
}

static gboolean
ensure_widths (TextView *self, GError **error)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);

  if (!self->has_widths)
    self->has_widths = self->is_unaligned || find_widths (self, error);
  return self->has_widths;
}

/* --- the view ----------------------------------------------------------------------------------------------- */

static gboolean
text_applies (const ExpInfo *info)
{
  return info->dtype != NULL;
}

static ExpView *
text_open (ExpNode *node, const ExpInfo *info, const ExpViewOptions *options, GError **error)
{
  if (info->is_bytes)
    return exp_view_raw.open (node, info, options, error);

  g_autofree TextView *self = g_new0 (TextView, 1);
  if (!exp_cell_stream_init (&self->stream, node, info, render_cells, self, error))
    return NULL;
  self->n_columns = exp_dtype_count_columns (self->stream.grid.cell);
  self->is_unaligned = options->is_compact || self->stream.grid.rank == 0;
  self->write = self->is_unaligned ? exp_write_func (self->stream.grid.cell) : NULL;
  self->is_fixed = !self->is_unaligned && exp_dtype_is_numeric (info->dtype);
  if (info->has_plain_text && info->rank == 1 && info->dtype->type == EXP_TYPE_VSTRING)
    self->stream.measure = measure_lines;
  if (self->n_columns == 0) /* a compound without members has no text */
    self->stream.grid.n_cells = 0;
  g_mutex_init (&self->lock);
  self->base.klass = &exp_view_text;
  return &g_steal_pointer (&self)->base;
}

static void
text_continue_from (ExpView *view, ExpView *old)
{
  TextView *self = (TextView *)view;
  TextView *other = (TextView *)old;

  if (old->klass == &exp_view_text && !self->is_fixed && self->is_unaligned == other->is_unaligned
      && self->stream.grid.cell->type == EXP_TYPE_VSTRING && other->stream.grid.cell->type == EXP_TYPE_VSTRING)
    exp_cell_stream_continue (&self->stream, &other->stream);
}

static void
text_free (ExpView *view)
{
  TextView *self = (TextView *)view;

  exp_cell_stream_clear (&self->stream);
  exp_text_layout_clear (&self->layout);
  g_free (self->widths);
  g_mutex_clear (&self->lock);
  g_free (self);
}

static gboolean
text_size (ExpView *view, guint64 *size, GError **error)
{
  TextView *self = (TextView *)view;

  if (!ensure_widths (self, error))
    return FALSE;
  if (!self->is_fixed)
    return exp_cell_stream_size (&self->stream, size, error);
  if (g_uint64_checked_mul (size, self->stream.grid.n_cells, self->layout.stride) && *size <= G_MAXINT64)
    return TRUE;
  g_set_error (error, EXP_ERROR, EXP_ERROR_TOO_LARGE, "the text is longer than a file can be");
  return FALSE;
}

static gboolean
text_pread (ExpView *view, guint64 offset, gsize length, char *buffer, gsize *n_read, GError **error)
{
  TextView *self = (TextView *)view;
  guint64 size;

  *n_read = 0;
  if (!text_size (view, &size, error))
    return FALSE;
  if (!self->is_fixed)
    return exp_cell_stream_pread (&self->stream, offset, length, buffer, n_read, error);
  if (offset >= size)
    return TRUE;
  *n_read = MIN (length, size - offset);
  return *n_read == 0 || exp_text_layout_read (&self->layout, &self->stream.grid, offset, *n_read, buffer, error);
}

const ExpViewClass exp_view_text = {
  .suffix = "",
  .name = "text",
  .description = "one line per row, cells separated by tabs",
  .applies = text_applies,
  .open = text_open,
  .free = text_free,
  .size = text_size,
  .pread = text_pread,
  .continue_from = text_continue_from,
  .edit = &exp_edit_text,
};
