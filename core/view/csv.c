/* x.csv and x.tsv: a header line, then one line per row, quoted as RFC 4180 says; lines end in LF, as Unix tools want.
 * Knows nothing of the aligned text; cells carry no padding and strings no escapes.
 * Called through the table of views. */
#include "cell_stream.h"
#include "expfs/number.h"
#include "number_run.h"
#include "view_private.h"
#include <string.h>

typedef struct
{
  ExpView base;
  char separator;
  ExpWriteFunc write; /* for cells of one plain number; NULL for others */
  ExpCellStream stream;
} CsvView;

typedef struct
{
  char separator;
  GString *out;
  gboolean is_first;
} Row;

static void
append_quoted (const char *text, gsize length, char separator, GString *out)
{
  gboolean needs_quotes = FALSE;

  for (gsize i = 0; i < length && !needs_quotes; i++)
    needs_quotes = text[i] == separator || text[i] == '"' || text[i] == '\n' || text[i] == '\r';
  if (!needs_quotes)
    {
      g_string_append_len (out, text, length);
      return;
    }
  g_string_append_c (out, '"');
  for (gsize i = 0; i < length; i++)
    {
      if (text[i] == '"')
        g_string_append_c (out, '"');
      g_string_append_c (out, text[i]);
    }
  g_string_append_c (out, '"');
}

static gboolean
append_leaf (const ExpDtype *dtype, const guint8 *leaf, guint column, gpointer data)
{
  Row *row = data;

  if (!row->is_first)
    g_string_append_c (row->out, row->separator);
  row->is_first = FALSE;
  if (dtype->type == EXP_TYPE_STRING || dtype->type == EXP_TYPE_VSTRING || dtype->type == EXP_TYPE_REFERENCE)
    {
      gsize length;
      const char *text = exp_cell_text (dtype, leaf, &length);

      append_quoted (text, length, row->separator, row->out);
    }
  else if (dtype->type == EXP_TYPE_VLEN)
    {
      g_autoptr (GString) list = g_string_new (NULL);

      exp_cell_to_json (dtype, leaf, list);
      append_quoted (list->str, list->len, row->separator, row->out);
    }
  else if (dtype->type == EXP_TYPE_ENUM)
    {
      g_autoptr (GString) name = g_string_new (NULL);

      exp_cell_format (dtype, leaf, name);
      append_quoted (name->str, name->len, row->separator, row->out);
    }
  else
    exp_cell_format (dtype, leaf, row->out);
  return TRUE;
}

static void
render_cells (const ExpGrid *grid, guint64 first, gsize n, const guint8 *cells, gpointer data, GString *out)
{
  CsvView *self = data;
  guint64 column = first % grid->n_columns;

  if (self->write != NULL)
    {
      exp_append_number_rows (self->write, grid, first, n, cells, self->separator, out);
      return;
    }
  for (gsize i = 0; i < n; i++)
    {
      Row row = { self->separator, out, TRUE };

      exp_cell_foreach_leaf (grid->cell, cells + i * grid->cell->size, append_leaf, &row);
      column = column + 1 < grid->n_columns ? column + 1 : 0;
      g_string_append_c (out, column == 0 ? '\n' : self->separator);
    }
}

/* Column names: the members', numbered from 0 along a row where there is more than one cell; "value" for the single
 * column of a plain 1-D array or scalar. */
static void
make_header (CsvView *self)
{
  const ExpGrid *grid = &self->stream.grid;
  GString *out = self->stream.prefix;
  g_auto (GStrv) names = exp_dtype_column_names (grid->cell);

  for (guint64 column = 0; column < grid->n_columns; column++)
    for (guint i = 0; names[i] != NULL; i++)
      {
        g_autofree char *name = grid->rank < 2      ? g_strdup (*names[i] != '\0' ? names[i] : "value")
                                : *names[i] != '\0' ? g_strdup_printf ("%" G_GUINT64_FORMAT ".%s", column, names[i])
                                                    : g_strdup_printf ("%" G_GUINT64_FORMAT, column);

        if (column > 0 || i > 0)
          g_string_append_c (out, self->separator);
        append_quoted (name, strlen (name), self->separator, out);
      }
  g_string_append_c (out, '\n');
}

static gboolean
csv_applies (const ExpInfo *info)
{
  guint64 n;

  return info->dtype != NULL
         && g_uint64_checked_mul (&n, exp_dtype_count_leaves (info->dtype),
                                  info->rank < 2 ? 1 : info->shape[info->rank - 1])
         && n <= EXP_MAX_COLUMNS;
}

static ExpView *
open_separated (ExpNode *node, const ExpInfo *info, char separator, GError **error)
{
  g_autofree CsvView *self = g_new0 (CsvView, 1);

  self->separator = separator;
  if (!exp_cell_stream_init (&self->stream, node, info, render_cells, self, error))
    return NULL;
  self->write = exp_write_func (self->stream.grid.cell);
  make_header (self);
  self->base.klass = separator == ',' ? &exp_view_csv : &exp_view_tsv;
  return &g_steal_pointer (&self)->base;
}

static ExpView *
csv_open (ExpNode *node, const ExpInfo *info, const ExpViewOptions *options, GError **error)
{
  return open_separated (node, info, ',', error);
}

static ExpView *
tsv_open (ExpNode *node, const ExpInfo *info, const ExpViewOptions *options, GError **error)
{
  return open_separated (node, info, '\t', error);
}

static void
csv_free (ExpView *view)
{
  CsvView *self = (CsvView *)view;

  exp_cell_stream_clear (&self->stream);
  g_free (self);
}

static gboolean
csv_size (ExpView *view, guint64 *size, GError **error)
{
  return exp_cell_stream_size (&((CsvView *)view)->stream, size, error);
}

static gboolean
csv_pread (ExpView *view, guint64 offset, gsize length, char *buffer, gsize *n_read, GError **error)
{
  return exp_cell_stream_pread (&((CsvView *)view)->stream, offset, length, buffer, n_read, error);
}

const ExpViewClass exp_view_csv = {
  .suffix = ".csv",
  .name = "csv",
  .description = "comma-separated values with a header line (RFC 4180)",
  .applies = csv_applies,
  .open = csv_open,
  .free = csv_free,
  .size = csv_size,
  .pread = csv_pread,
};

const ExpViewClass exp_view_tsv = {
  .suffix = ".tsv",
  .name = "tsv",
  .description = "the same with tabs",
  .applies = csv_applies,
  .open = tsv_open,
  .free = csv_free,
  .size = csv_size,
  .pread = csv_pread,
};
