/* x.ndjson: one JSON value per row, an object with the column names for a table.
 * Knows nothing of JSON's rules; json_text.c does.
 * Called through the table of views. */
#include "cell_stream.h"
#include "number_run.h"
#include "view_private.h"
#include <string.h>

typedef struct
{
  ExpView base;
  ExpWriteFunc write; /* for cells of one plain number; NULL for others */
  ExpCellStream stream;
} NdjsonView;

static void
render_cells (const ExpGrid *grid, guint64 first, gsize n, const guint8 *cells, gpointer data, GString *out)
{
  const NdjsonView *self = data;
  const gsize step = grid->cell->size;
  const gboolean is_list = grid->rank >= 2;

  if (!is_list && self->write != NULL)
    {
      exp_append_numbers (self->write, cells, step, n, "\n", TRUE, out);
      return;
    }
  for (guint64 done = 0, column = first % grid->n_columns; done < n; done++)
    {
      if (is_list)
        g_string_append (out, column == 0 ? "[" : ", ");
      if (self->write != NULL)
        {
          gsize count = MIN (grid->n_columns - column, n - done);

          exp_append_numbers (self->write, cells + done * step, step, count, ", ", TRUE, out);
          g_string_truncate (out, out->len - strlen (", "));
          done += count - 1;
          column += count - 1;
        }
      else
        exp_cell_to_json (grid->cell, cells + done * step, out);
      column = column + 1 < grid->n_columns ? column + 1 : 0;
      if (column == 0)
        g_string_append (out, is_list ? "]\n" : "\n");
    }
}

static gboolean
ndjson_applies (const ExpInfo *info)
{
  return info->dtype != NULL;
}

static ExpView *
ndjson_open (ExpNode *node, const ExpInfo *info, const ExpViewOptions *options, GError **error)
{
  g_autofree NdjsonView *self = g_new0 (NdjsonView, 1);

  if (!exp_cell_stream_init (&self->stream, node, info, render_cells, self, error))
    return NULL;
  self->write = exp_json_write_func (self->stream.grid.cell);
  self->base.klass = &exp_view_ndjson;
  return &g_steal_pointer (&self)->base;
}

static void
ndjson_free (ExpView *view)
{
  NdjsonView *self = (NdjsonView *)view;

  exp_cell_stream_clear (&self->stream);
  g_free (self);
}

static gboolean
ndjson_size (ExpView *view, guint64 *size, GError **error)
{
  return exp_cell_stream_size (&((NdjsonView *)view)->stream, size, error);
}

static gboolean
ndjson_pread (ExpView *view, guint64 offset, gsize length, char *buffer, gsize *n_read, GError **error)
{
  return exp_cell_stream_pread (&((NdjsonView *)view)->stream, offset, length, buffer, n_read, error);
}

const ExpViewClass exp_view_ndjson = {
  .suffix = ".ndjson",
  .name = "ndjson",
  .description = "one JSON value per row",
  .applies = ndjson_applies,
  .open = ndjson_open,
  .free = ndjson_free,
  .size = ndjson_size,
  .pread = ndjson_pread,
};
