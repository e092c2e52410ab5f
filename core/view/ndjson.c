/* x.ndjson: one JSON value per row, an object with the column names for a table.
 * Knows nothing of JSON's rules; json_text.c does.
 * Called through the table of views. */
#include "cell_stream.h"
#include "view_private.h"

typedef struct
{
  ExpView base;
  ExpCellStream stream;
} NdjsonView;

static void
render_cell (const ExpGrid *grid, guint64 index, const guint8 *cell, gpointer data, GString *out)
{
  gboolean is_list = grid->rank >= 2;

  if (is_list)
    g_string_append (out, index % grid->n_columns == 0 ? "[" : ", ");
  exp_cell_to_json (grid->cell, cell, out);
  if (is_end_of_row (grid, index))
    g_string_append (out, is_list ? "]\n" : "\n");
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

  if (!exp_cell_stream_init (&self->stream, node, info, render_cell, NULL, error))
    return NULL;
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
