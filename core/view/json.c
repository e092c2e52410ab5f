/* x.json: a JSON object with path, dtype, shape, attributes and the value as nested lists.
 * Knows nothing of DIR.json but that skeleton.c makes it.
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
} JsonView;

/* The number of trailing axes that begin (or, with `at_end`, end) at this cell. */
static guint
axes_at (const ExpGrid *grid, guint64 index, gboolean at_end)
{
  guint n = 0;

  while (n < grid->rank)
    {
      guint64 length = grid->shape[grid->rank - 1 - n];

      if (index % length != (at_end ? length - 1 : 0))
        break;
      index /= length;
      n++;
    }
  return n;
}

/* The cells of one row, or a part of it; what lies between two of them has one form. */
static void
append_cells (const JsonView *self, const guint8 *cells, gsize n, GString *out)
{
  const ExpDtype *cell = self->stream.grid.cell;

  if (self->write != NULL)
    {
      exp_append_numbers (self->write, cells, cell->size, n, ", ", TRUE, out);
      g_string_truncate (out, out->len - strlen (", "));
      return;
    }
  for (gsize i = 0; i < n; i++)
    {
      if (i > 0)
        g_string_append (out, ", ");
      exp_cell_to_json (cell, cells + i * cell->size, out);
    }
}

static void
render_cells (const ExpGrid *grid, guint64 first, gsize n, const guint8 *cells, gpointer data, GString *out)
{
  const guint64 row = grid->rank > 0 ? grid->shape[grid->rank - 1] : 1, end = first + n;
  gsize count;

  for (guint64 at = first, left = row - first % row; at < end; at += count, left = row)
    {
      count = MIN (left, end - at);
      guint opened = left == row ? axes_at (grid, at, FALSE) : 0;
      guint closed = count == left ? axes_at (grid, at + count - 1, TRUE) : 0;

      if (at > 0)
        g_string_append (out, opened > 0 ? ",\n" : ", ");
      for (guint i = 0; i < opened; i++)
        g_string_append_c (out, '[');
      append_cells (data, cells + (at - first) * grid->cell->size, count, out);
      for (guint i = 0; i < closed; i++)
        g_string_append_c (out, ']');
    }
}

/* The brackets of an array without elements, as long as they are few: [[], [], []] has the shape (3, 0). */
static void
append_empty (guint rank, const guint64 *shape, guint64 *budget, GString *out)
{
  g_string_append_c (out, '[');
  for (guint64 i = 0; rank > 1 && i < shape[0] && *budget > 0; i++)
    {
      (*budget)--;
      if (i > 0)
        g_string_append (out, ", ");
      append_empty (rank - 1, shape + 1, budget, out);
    }
  g_string_append_c (out, ']');
}

static void
append_enum (const ExpDtype *dtype, GString *out)
{
  g_string_append (out, ",\n\"enum\": {");
  for (guint i = 0; i < dtype->n_enum_members; i++)
    {
      if (i > 0)
        g_string_append (out, ", ");
      exp_json_append_key (dtype->enum_members[i].name, out);
      g_string_append_printf (out, "%" G_GINT64_FORMAT, dtype->enum_members[i].value);
    }
  g_string_append_c (out, '}');
}

static void
make_prefix (JsonView *self, ExpNode *node, const ExpInfo *info, const char *path)
{
  GString *out = self->stream.prefix;
  g_autofree char *dtype = exp_dtype_to_numpy (info->dtype, FALSE);
  ExpGrid *grid = &self->stream.grid;
  guint64 budget = 65536;

  g_string_append (out, "{");
  if (path != NULL)
    {
      exp_json_append_key ("path", out);
      exp_json_append_string (path, strlen (path), out);
      g_string_append (out, ",\n");
    }
  exp_json_append_key ("dtype", out);
  exp_json_append_string (dtype, strlen (dtype), out);
  if (grid->cell->type == EXP_TYPE_ENUM)
    append_enum (grid->cell, out);
  g_string_append (out, ",\n\"shape\": ");
  exp_json_append_shape (info, out);
  g_string_append (out, ",\n\"attributes\": ");
  exp_json_append_attributes (node, out);
  g_string_append (out, ",\n\"value\": ");
  if (info->is_null)
    g_string_append (out, "null");
  else if (grid->n_cells == 0 && grid->rank > 0)
    append_empty (grid->rank, grid->shape, &budget, out);
  g_string_append (self->stream.suffix, "}\n");
}

static gboolean
json_applies (const ExpInfo *info)
{
  return info->dtype != NULL || info->kind == EXP_KIND_GROUP;
}

static ExpView *
json_open (ExpNode *node, const ExpInfo *info, const ExpViewOptions *options, GError **error)
{
  if (info->kind == EXP_KIND_GROUP)
    return exp_skeleton_open (node, info, options, error);

  g_autofree JsonView *self = g_new0 (JsonView, 1);
  if (!exp_cell_stream_init (&self->stream, node, info, render_cells, self, error))
    return NULL;
  self->write = exp_json_write_func (self->stream.grid.cell);
  make_prefix (self, node, info, options->path);
  self->base.klass = &exp_view_json;
  return &g_steal_pointer (&self)->base;
}

static void
json_free (ExpView *view)
{
  JsonView *self = (JsonView *)view;

  exp_cell_stream_clear (&self->stream);
  g_free (self);
}

static gboolean
json_size (ExpView *view, guint64 *size, GError **error)
{
  return exp_cell_stream_size (&((JsonView *)view)->stream, size, error);
}

static gboolean
json_pread (ExpView *view, guint64 offset, gsize length, char *buffer, gsize *n_read, GError **error)
{
  return exp_cell_stream_pread (&((JsonView *)view)->stream, offset, length, buffer, n_read, error);
}

const ExpViewClass exp_view_json = {
  .suffix = ".json",
  .name = "json",
  .description = "a JSON object with path, dtype, shape, attributes and value; of a directory, its skeleton",
  .applies = json_applies,
  .open = json_open,
  .free = json_free,
  .size = json_size,
  .pread = json_pread,
};
