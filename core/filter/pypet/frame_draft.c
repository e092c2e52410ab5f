/* Tables that are going to be frames: what each column is, and which of them pandas keeps together.
 * Knows neither of pandas' formats.
 * Called by write_frame.c, write_fixed.c and write_frame_table.c. */
#include "type.h"
#include "write_cast.h"
#include "write_frame.h"
#include <string.h>

#define WINDOW (4 * 1024 * 1024)

static void
clear_column (gpointer data)
{
  g_clear_pointer (&((ExpFrameColumn *)data)->dtype, exp_dtype_unref);
}

const ExpFrameColumn *
exp_frame_draft_column (const ExpFrameDraft *draft, guint i)
{
  return &g_array_index (draft->columns, ExpFrameColumn, i);
}

const char *
exp_frame_draft_name (const ExpFrameDraft *draft, guint i)
{
  const char *label = exp_frame_draft_column (draft, i)->label;

  return strcmp (label, i == 0 ? "index" : "values") == 0 ? NULL : label;
}

ExpArray *
exp_frame_draft_rows (const ExpFrameDraft *draft, guint64 first, GError **error)
{
  guint64 step = MAX (WINDOW / MAX (draft->info.dtype->size, 1), 1);
  ExpSlab slab
      = { .rank = 1, .start = { first }, .count = { MIN (step, draft->info.shape[0] - first) }, .step = { 1 } };

  return exp_node_read (draft->shown, &draft->info, &slab, error);
}

static gboolean
is_text (const ExpDtype *dtype)
{
  return dtype->type == EXP_TYPE_STRING || dtype->type == EXP_TYPE_VSTRING;
}

/* Texts: whether all are moments as frames show them, else how long the longest is. */
static gboolean
measure_texts (ExpFrameDraft *draft, guint i, gboolean *are_moments, gsize *longest, GError **error)
{
  const ExpMember *member = &draft->info.dtype->members[i];

  *are_moments = member->dtype->type == EXP_TYPE_STRING && member->dtype->size == EXP_DATETIME_SIZE;
  *longest = 1;
  for (guint64 first = 0, n; first < draft->info.shape[0]; first += n)
    {
      g_autoptr (ExpArray) rows = exp_frame_draft_rows (draft, first, error);
      gint64 moment;

      if (rows == NULL)
        return FALSE;
      n = rows->n_elements;
      for (gsize k = 0; k < n; k++)
        {
          gsize length;
          const char *text
              = exp_cell_text (member->dtype, rows->data + k * rows->dtype->size + member->offset, &length);

          *longest = MAX (*longest, length);
          *are_moments = *are_moments && exp_pypet_datetime_parse (text, length, &moment);
        }
    }
  return TRUE;
}

static gboolean
plan_column (ExpFrameDraft *draft, guint i, GError **error)
{
  const ExpMember *member = &draft->info.dtype->members[i];
  ExpFrameColumn column = { member->name, EXP_FRAME_NUMBER, NULL };
  gboolean are_moments;
  gsize longest;

  if (is_text (member->dtype))
    {
      if (!measure_texts (draft, i, &are_moments, &longest, error))
        return FALSE;
      column.kind = are_moments ? EXP_FRAME_MOMENT : EXP_FRAME_TEXT;
      column.dtype = are_moments ? exp_dtype_new_number (EXP_TYPE_INT, 8, FALSE)
                                 : exp_dtype_new_string (longest, EXP_PAD_NUL_TERMINATED, FALSE);
    }
  else
    column.dtype = exp_pypet_stored_type (member->dtype);
  if (column.dtype == NULL || column.dtype->big_endian || column.dtype->type == EXP_TYPE_ARRAY)
    {
      g_clear_pointer (&column.dtype, exp_dtype_unref);
      g_set_error (error, EXP_ERROR, EXP_ERROR_UNSUPPORTED, "the column '%s' has a type that frames do not have",
                   member->name);
      return FALSE;
    }
  g_array_append_val (draft->columns, column);
  return TRUE;
}

static void
add_to_block (ExpFrameDraft *draft, guint i)
{
  const ExpFrameColumn *column = exp_frame_draft_column (draft, i);

  for (guint k = 0; k < draft->blocks->len; k++)
    {
      GArray *block = draft->blocks->pdata[k];
      const ExpFrameColumn *first = exp_frame_draft_column (draft, g_array_index (block, guint, 0));

      if (first->kind == column->kind
          && (column->kind == EXP_FRAME_TEXT || exp_dtype_equal (first->dtype, column->dtype)))
        {
          g_array_append_val (block, i);
          return;
        }
    }
  GArray *block = g_array_new (FALSE, FALSE, sizeof (guint));
  g_array_append_val (block, i);
  g_ptr_array_add (draft->blocks, block);
}

/* Texts of one block are of one length. */
static void
even_texts (ExpFrameDraft *draft)
{
  gsize longest = 1;

  for (guint i = 1; i < draft->columns->len; i++)
    if (exp_frame_draft_column (draft, i)->kind == EXP_FRAME_TEXT)
      longest = MAX (longest, exp_frame_draft_column (draft, i)->dtype->size);
  for (guint i = 1; i < draft->columns->len; i++)
    {
      ExpFrameColumn *column = &g_array_index (draft->columns, ExpFrameColumn, i);

      if (column->kind != EXP_FRAME_TEXT)
        continue;
      exp_dtype_unref (column->dtype);
      column->dtype = exp_dtype_new_string (longest, EXP_PAD_NUL_TERMINATED, FALSE);
    }
}

gboolean
exp_frame_draft_init (ExpFrameDraft *draft, ExpNode *shown, GError **error)
{
  memset (draft, 0, sizeof *draft);
  draft->shown = shown;
  draft->columns = g_array_new (FALSE, FALSE, sizeof (ExpFrameColumn));
  g_array_set_clear_func (draft->columns, clear_column);
  draft->blocks = g_ptr_array_new_with_free_func ((GDestroyNotify)g_array_unref);
  if (!exp_node_describe (shown, &draft->info, error))
    return FALSE;
  if (draft->info.kind != EXP_KIND_DATASET || draft->info.dtype == NULL || draft->info.rank != 1
      || draft->info.dtype->type != EXP_TYPE_COMPOUND || draft->info.dtype->n_members < 2)
    {
      g_set_error (error, EXP_ERROR, EXP_ERROR_UNSUPPORTED,
                   "only a table is kept so: its first column is the index, the others are the columns");
      return FALSE;
    }
  for (guint i = 0; i < draft->info.dtype->n_members; i++)
    if (!plan_column (draft, i, error))
      return FALSE;
  even_texts (draft);
  for (guint i = 1; i < draft->columns->len; i++)
    add_to_block (draft, i);
  return TRUE;
}

void
exp_frame_draft_clear (ExpFrameDraft *draft)
{
  g_clear_pointer (&draft->columns, g_array_unref);
  g_clear_pointer (&draft->blocks, g_ptr_array_unref);
  exp_info_clear (&draft->info);
}

static gboolean
put_cell (const ExpFrameColumn *column, const ExpDtype *from, const guint8 *cell, guint8 *out, GError **error)
{
  gint64 moment = G_MININT64;
  gsize length;

  if (column->kind != EXP_FRAME_MOMENT)
    return exp_cast_back_cell (from, cell, column->dtype, out, NULL, error);
  const char *text = exp_cell_text (from, cell, &length);
  exp_pypet_datetime_parse (text, length, &moment);
  memcpy (out, &moment, sizeof moment);
  return TRUE;
}

ExpArray *
exp_frame_draft_cells (const ExpFrameDraft *draft, const ExpArray *rows, const guint *columns, guint n, GError **error)
{
  guint64 shape[] = { rows->n_elements, n };
  guint width = MAX (n, 1);
  ExpDtype *dtype = exp_frame_draft_column (draft, columns[0])->dtype;
  g_autoptr (ExpArray) cells = exp_array_new (dtype, n > 0 ? 2 : 1, shape, error);

  for (gsize k = 0; cells != NULL && k < rows->n_elements; k++)
    for (guint i = 0; i < width; i++)
      {
        const ExpMember *member = &draft->info.dtype->members[columns[i]];

        if (!put_cell (exp_frame_draft_column (draft, columns[i]), member->dtype,
                       rows->data + k * rows->dtype->size + member->offset, cells->data + (k * width + i) * dtype->size,
                       error))
          return NULL;
      }
  return g_steal_pointer (&cells);
}
