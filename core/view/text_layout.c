/* Text of cells that all have one width, in any range.
 * Knows neither how a width is found nor how a number is written; text.c and core/array do.
 * Called by text.c for every read of numbers. */
#include "text_layout.h"
#include "expfs/error.h"
#include "parallel.h"
#include "view_private.h"
#include <string.h>

/* Elements read at a time, in bytes. */
#define WINDOW (1024 * 1024)
/* Text that is worth another thread's waking up. */
#define PART_TEXT (48 * 1024)
/* Scratch space on the stack. */
#define SMALL 4096

/* One plain part of a cell or compound, or the elements of a fixed array in it. */
typedef struct
{
  gsize offset;       /* in the cell */
  guint64 column;     /* in the cell's text */
  guint64 text_step;  /* from one element's text to the next's */
  ExpAligned fields;  /* but for `cells` and `text`; n is the number of elements */
  ExpAlignFunc align; /* NULL for compounds */
  GArray *parts;      /* of an element that is a compound, with offsets in the element */
} Part;

/* --- the layout --------------------------------------------------------------------------------------------- */

static void
clear_part (gpointer data)
{
  g_clear_pointer (&((Part *)data)->parts, g_array_unref);
}

static GArray *
new_parts (void)
{
  GArray *parts = g_array_new (FALSE, FALSE, sizeof (Part));

  g_array_set_clear_func (parts, clear_part);
  return parts;
}

/* Appends the parts of a cell at `offset` and returns the bytes of their text. */
static guint64
add_parts (GArray *parts, const ExpDtype *dtype, gsize offset, guint64 column, const guint **widths)
{
  Part part = { .offset = offset, .column = column };
  guint64 n = 1;

  if (dtype->type == EXP_TYPE_COMPOUND)
    {
      guint64 start = column;

      for (guint i = 0; i < dtype->n_members; i++)
        column += add_parts (parts, dtype->members[i].dtype, offset + dtype->members[i].offset, column, widths);
      return column - start;
    }
  for (; dtype->type == EXP_TYPE_ARRAY; dtype = dtype->base)
    n *= exp_dtype_array_length (dtype);
  if (dtype->type == EXP_TYPE_COMPOUND)
    {
      part.parts = new_parts ();
      part.text_step = add_parts (part.parts, dtype, 0, 0, widths);
    }
  else
    {
      part.align = exp_align_func (dtype);
      part.fields.width = *(*widths)++;
      part.text_step = part.fields.width + 1;
    }
  part.fields.dtype = dtype;
  part.fields.step = dtype->size;
  part.fields.n = n;
  part.fields.separator = '\t';
  g_array_append_val (parts, part);
  return n * part.text_step;
}

void
exp_text_layout_init (ExpTextLayout *layout, const ExpDtype *cell, const guint *widths, guint64 stride)
{
  layout->stride = stride;
  layout->parts = new_parts ();
  add_parts (layout->parts, cell, 0, 0, &widths);
}

void
exp_text_layout_clear (ExpTextLayout *layout)
{
  g_clear_pointer (&layout->parts, g_array_unref);
}

/* --- writing ------------------------------------------------------------------------------------------------ */

static gboolean
write_parts (const GArray *parts, const guint8 *cell, char *text)
{
  for (guint i = 0; i < parts->len; i++)
    {
      const Part *part = &g_array_index (parts, Part, i);
      ExpAligned fields = part->fields;

      fields.cells = cell + part->offset;
      fields.text = text + part->column;
      if (part->align != NULL)
        {
          if (!part->align (&fields))
            return FALSE;
          continue;
        }
      for (gsize k = 0; k < fields.n; k++)
        if (!write_parts (part->parts, fields.cells + k * fields.step, fields.text + k * part->text_step))
          return FALSE;
    }
  return TRUE;
}

/* The last separator of each row becomes its end. */
static void
end_rows (const ExpGrid *grid, guint64 first, gsize n, guint64 stride, char *text)
{
  guint64 before = first % grid->n_columns; /* cells of the first row that are not here */

  for (guint64 end = grid->n_columns - before; end <= n; end += grid->n_columns)
    text[end * stride - 1] = '\n';
}

/* The whole text of `n` cells, and up to EXP_ALIGNED_SLACK bytes behind it. */
static gboolean
write_cells (const ExpTextLayout *layout, const ExpGrid *grid, guint64 first, gsize n, const guint8 *cells, char *text)
{
  gboolean has_one_column = grid->n_columns <= 1;

  if (grid->cell->type != EXP_TYPE_COMPOUND && grid->cell->type != EXP_TYPE_ARRAY)
    {
      const Part *part = &g_array_index (layout->parts, Part, 0);
      ExpAligned fields = part->fields;

      fields.cells = cells;
      fields.n = n;
      fields.text = text;
      fields.separator = has_one_column ? '\n' : '\t';
      if (!part->align (&fields))
        return FALSE;
    }
  else
    for (gsize i = 0; i < n; i++)
      {
        char *to = text + i * layout->stride;

        if (!write_parts (layout->parts, cells + i * grid->cell->size, to))
          return FALSE;
        if (has_one_column)
          to[layout->stride - 1] = '\n';
      }
  if (!has_one_column)
    end_rows (grid, first, n, layout->stride, text);
  return TRUE;
}

/* A range of text, and the cells it needs. */
typedef struct
{
  const ExpTextLayout *layout;
  const ExpGrid *grid;
  guint64 first; /* cell */
  gsize n_cells;
  const guint8 *cells;
  guint64 offset, end; /* in the text; the range is what of it belongs to the cells */
  char *buffer;        /* for offset ... */
  gsize cells_per_part;
  gboolean has_failed; /* atomic */
} Range;

/* The cells first ... first + n - 1, as far as they lie in the range. Those that do, and so far from its end that what
 * is written behind them lies in it too, go straight to the buffer. */
static gboolean
write_range (const Range *range, guint64 first, gsize n)
{
  const guint64 stride = range->layout->stride;
  const guint64 offset = MAX (range->offset, first * stride), end = MIN (range->end, (first + n) * stride);
  const gsize size = range->grid->cell->size;
  char small[SMALL];
  g_autofree char *large = stride + EXP_ALIGNED_SLACK > SMALL ? g_try_malloc (stride + EXP_ALIGNED_SLACK) : NULL;
  char *scratch = stride + EXP_ALIGNED_SLACK > SMALL ? large : small;

  if (scratch == NULL)
    return FALSE;
  for (guint64 cell = first; cell < first + n;)
    {
      const guint8 *cells = range->cells + (cell - range->first) * size;
      guint64 start = cell * stride;
      guint64 n_straight
          = start >= offset && end - start > EXP_ALIGNED_SLACK ? (end - start - EXP_ALIGNED_SLACK) / stride : 0;

      if (n_straight > 0)
        {
          if (!write_cells (range->layout, range->grid, cell, n_straight, cells,
                            range->buffer + (start - range->offset)))
            return FALSE;
          cell += n_straight;
          continue;
        }
      guint64 from = MAX (start, offset), to = MIN (start + stride, end);
      if (!write_cells (range->layout, range->grid, cell, 1, cells, scratch))
        return FALSE;
      memcpy (range->buffer + (from - range->offset), scratch + (from - start), to - from);
      cell++;
    }
  return TRUE;
}

static void
write_part (guint index, gpointer data)
{
  Range *range = data;
  guint64 start = (guint64)index * range->cells_per_part;

  if (!write_range (range, range->first + start, MIN (range->cells_per_part, range->n_cells - start)))
    __atomic_store_n (&range->has_failed, TRUE, __ATOMIC_RELAXED);
}

gboolean
exp_text_layout_read (const ExpTextLayout *layout, ExpGrid *grid, guint64 offset, gsize length, char *buffer,
                      GError **error)
{
  const guint64 end = offset + length, last = (end - 1) / layout->stride;
  const gsize window = MAX (WINDOW / MAX (grid->cell->size, 1), 1);
  Range range = { layout, grid, .offset = offset, .end = end, .buffer = buffer };

  range.cells_per_part = MAX (PART_TEXT / layout->stride, 1);
  for (range.first = offset / layout->stride; range.first <= last; range.first += range.n_cells)
    {
      range.n_cells = MIN (window, last - range.first + 1);
      g_autoptr (ExpArray) array = exp_grid_read (grid, range.first, range.n_cells, &range.cells, error);
      if (array == NULL)
        return FALSE;
      exp_parallel_for ((range.n_cells - 1) / range.cells_per_part + 1, write_part, &range);
      if (range.has_failed)
        {
          g_set_error (error, EXP_ERROR, EXP_ERROR_FAILED,
                       "the values changed since the file was opened, or there is no memory for the text of one");
          return FALSE;
        }
    }
  return TRUE;
}
