/* Written text becomes rows: all of a dataset's anew, some behind the last, or some in their places.
 * Knows nothing of files and their offsets but what text.c kept.
 * Called by text.c at a flush. */
#include "text_edit.h"
#include <string.h>

#define COPY 65536
/* Up to that many elements the width of a column hangs on its values, and changes with them. */
#define NARROW_ELEMENTS 4096

static gboolean
ends_line (ExpTextEdit *self, guint64 end)
{
  char last;

  return end == 0 || (exp_pending_read (&self->pending, end - 1, 1, &last, NULL) && last == '\n');
}

/* --- all anew ----------------------------------------------------------------------------------------------- */

/* Looks through all of the text, as far as that was not done while it came in. */
static gboolean
scan_all (ExpTextEdit *self, const ExpTextCells *cells, GError **error)
{
  ExpTextScan *scan = &self->scan;
  const guint64 size = self->pending.size;

  const gboolean splits_tabs = !self->base.target.info.takes_lines;

  if (!self->has_scan || scan->start != 0 || scan->cells != cells || scan->splits_tabs != splits_tabs)
    exp_text_scan_init (scan, 0, cells, splits_tabs);
  self->has_scan = TRUE;
  if (!exp_text_scan_advance (scan, &self->pending, size, error))
    {
      self->has_scan = FALSE;
      return FALSE;
    }
  if (cells == NULL && scan->shape.is_no_text)
    {
      self->is_no_text = TRUE;
      g_set_error (error, EXP_ERROR, EXP_ERROR_INVALID, "the bytes are no text");
      return FALSE;
    }
  if (!scan->shape.is_ragged || cells == NULL || !exp_text_takes_lines (self))
    return TRUE;
  exp_text_scan_init (scan, 0, cells, FALSE);
  return exp_text_scan_advance (scan, &self->pending, size, error);
}

/* A dataset of an inferred type; what is there gives way unless it is the same. */
static gboolean
make_inferred (ExpTextEdit *self, gboolean *splits_tabs, GError **error)
{
  ExpTarget *target = &self->base.target;
  ExpTextShape shape = self->scan.shape;
  g_autoptr (ExpDtype) dtype = exp_text_infer (&shape, splits_tabs);
  g_autoptr (ExpTextCells) cells = exp_text_cells_new (dtype, error);
  ExpNewDataset dataset = { .dtype = dtype };
  ExpTextExtent extent;

  if (!*splits_tabs)
    shape.columns = 1;
  if (cells == NULL || !exp_text_fresh_extent (self, &shape, &extent, error))
    return FALSE;
  dataset.rank = extent.rank;
  dataset.is_extensible = self->has_appended && extent.rank > 0;
  memcpy (dataset.shape, extent.shape, sizeof dataset.shape);
  if (target->node != NULL && !target->info.is_null && exp_dtype_equal (target->info.dtype, dtype))
    {
      if (!exp_target_reshape (target, extent.rank, extent.shape, FALSE, error))
        return FALSE;
    }
  else if (!exp_target_make (target, &dataset, error))
    return FALSE;
  if (!exp_dtype_equal (target->info.dtype, dtype)) /* one that the format has chosen, as that of a pypet parameter */
    {
      exp_text_cells_free (g_steal_pointer (&cells));
      cells = exp_text_cells_new (target->info.dtype, error);
      if (cells == NULL)
        return FALSE;
    }
  exp_text_cells_free (self->cells);
  self->cells = g_steal_pointer (&cells);
  return TRUE;
}

/* A new scalar in one step, where its format has such. FALSE without an error where it has not. */
static gboolean
store_number (ExpTextEdit *self, GError **error)
{
  gboolean splits_tabs;
  g_autoptr (ExpDtype) dtype = exp_text_infer (&self->scan.shape, &splits_tabs);
  g_autoptr (ExpTextCells) cells = exp_text_cells_new (dtype, error);
  g_autoptr (ExpArray) value = cells != NULL ? exp_text_read_one (cells, &self->pending, error) : NULL;
  g_autoptr (GError) local = NULL;

  if (value == NULL)
    return FALSE;
  if (!exp_target_put_number (&self->base.target, value, &local))
    {
      if (!g_error_matches (local, EXP_ERROR, EXP_ERROR_UNSUPPORTED))
        g_propagate_error (error, g_steal_pointer (&local));
      return FALSE;
    }
  exp_text_cells_free (self->cells);
  self->cells = g_steal_pointer (&cells);
  self->stored = ends_line (self, self->pending.size) ? self->pending.size : EXP_TEXT_ALL_NEW;
  return TRUE;
}

static gboolean
store_all (ExpTextEdit *self, GError **error)
{
  ExpTarget *target = &self->base.target;
  const ExpTextCells *cells = self->is_inferred ? NULL : self->cells;
  gboolean splits_tabs = TRUE;
  ExpTextExtent extent;

  if (!exp_pending_materialise (&self->pending, error) || !scan_all (self, cells, error))
    return FALSE;
  if (self->is_inferred && target->node == NULL && target->parent->klass->put_number != NULL
      && exp_text_is_one_number (&self->scan.shape))
    {
      g_autoptr (GError) local = NULL;

      if (store_number (self, &local))
        return TRUE;
      if (local != NULL)
        {
          g_propagate_error (error, g_steal_pointer (&local));
          return FALSE;
        }
    }
  if (self->is_inferred)
    {
      if (!make_inferred (self, &splits_tabs, error))
        return FALSE;
    }
  else
    {
      splits_tabs = self->scan.splits_tabs;
      if (!exp_text_check_lines (self, &self->scan.shape, TRUE, error)
          || !exp_text_fresh_extent (self, &self->scan.shape, &extent, error)
          || !exp_target_reshape (target, extent.rank, extent.shape, FALSE, error))
        return FALSE;
    }
  if (!exp_text_store (target, self->cells, 0, &self->pending, 0, self->pending.size, splits_tabs, error))
    return FALSE;
  self->stored = ends_line (self, self->pending.size) ? self->pending.size : EXP_TEXT_ALL_NEW;
  return TRUE;
}

/* --- behind the last ---------------------------------------------------------------------------------------- */

/* Looks through what comes behind the rows. */
static gboolean
scan_added (ExpTextEdit *self, ExpTextScan *added, GError **error)
{
  const gboolean splits_tabs = !exp_text_takes_lines (self);

  if (self->has_scan && self->scan.start == self->stored && self->scan.cells == self->cells
      && self->scan.splits_tabs == splits_tabs)
    *added = self->scan;
  else
    exp_text_scan_init (added, self->stored, self->cells, splits_tabs);
  return exp_text_scan_advance (added, &self->pending, self->pending.size, error)
         && exp_text_check_lines (self, &added->shape, FALSE, error);
}

static gboolean
add_rows (ExpTextEdit *self, const ExpTextScan *added, GError **error)
{
  ExpTarget *target = &self->base.target;
  const guint64 n_old = exp_info_n_elements (&target->info), old_rows = exp_target_n_rows (target);
  guint64 n_rows, n;

  if (!exp_text_added_rows (self, &added->shape, &n_rows, error))
    return FALSE;
  if (!g_uint64_checked_add (&n, old_rows, n_rows))
    {
      g_set_error (error, EXP_ERROR, EXP_ERROR_TOO_LARGE, "the dataset would have too many rows");
      return FALSE;
    }
  if (!exp_target_set_n_rows (target, n, error))
    return FALSE;
  if (exp_text_store (target, self->cells, n_old, &self->pending, self->stored, self->pending.size, added->splits_tabs,
                      error))
    return TRUE;
  if (old_rows > 0) /* a format may have texts of its own that it does not take */
    exp_target_set_n_rows (target, old_rows, NULL);
  return FALSE;
}

/* TRUE when the text behind the rows is of the type that they have. */
static gboolean
fits_type (ExpTextEdit *self)
{
  ExpTextScan kind;

  if (!self->is_inferred)
    return TRUE;
  exp_text_scan_init (&kind, self->stored, NULL, TRUE);
  if (!exp_text_scan_advance (&kind, &self->pending, self->pending.size, NULL))
    return FALSE;
  const ExpDtype *dtype = self->base.target.info.dtype;
  const ExpTextKind most = dtype->type == EXP_TYPE_INT     ? EXP_TEXT_INTEGERS
                           : dtype->type == EXP_TYPE_FLOAT ? EXP_TEXT_NUMBERS
                                                           : EXP_TEXT_STRINGS;
  return kind.shape.kind <= most && !kind.shape.is_ragged && !kind.shape.is_no_text
         && kind.shape.columns == exp_text_leaves_per_line (self, FALSE);
}

/* --- in their places ---------------------------------------------------------------------------------------- */

typedef struct
{
  guint64 line;     /* bytes of each line */
  guint64 unit;     /* lines of an element */
  guint64 n_lines;  /* in the dataset */
  guint64 elements; /* of a unit */
} Lines;

/* FALSE when lines of the dataset vary in length, or some were cut off. */
static gboolean
has_equal_lines (const ExpTextEdit *self, Lines *lines)
{
  const ExpInfo *info = &self->base.target.info;
  const guint64 per_line = exp_text_leaves_per_line (self, FALSE);
  const guint64 n_elements = exp_info_n_elements (info);
  guint64 per_element, n_leaves;

  if (self->stored == EXP_TEXT_ALL_NEW || self->is_compact || info->is_null || info->rank == 0
      || !exp_dtype_is_numeric (info->dtype) || self->pending.kept < self->stored || per_line == 0)
    return FALSE;
  per_element = info->dtype->size / MAX (self->cells->dtype->size, 1) * self->cells->n_leaves;
  if (per_element == 0 || !g_uint64_checked_mul (&n_leaves, n_elements, per_element) || n_leaves % per_line != 0)
    return FALSE;
  lines->n_lines = n_leaves / per_line;
  lines->unit = MAX (per_element / per_line, 1);
  lines->elements = MAX (per_line / per_element, 1);
  lines->line = lines->n_lines > 0 ? self->stored / lines->n_lines : 0;
  return lines->line > 0 && lines->line * lines->n_lines == self->stored;
}

/* The lines from *first on, up to *end, in which something was written since the last store; FALSE for none. */
static gboolean
next_lines (const ExpTextEdit *self, const Lines *lines, guint64 *first, guint64 *end)
{
  const guint64 limit = MIN (self->dirty_end, self->stored);
  const guint64 from = MAX (*first * lines->line, self->dirty_from);
  const guint64 piece = lines->line * lines->unit;

  for (guint i = 0; i < self->pending.extents->len; i++)
    {
      const ExpExtent *extent = &g_array_index (self->pending.extents, ExpExtent, i);
      guint64 start = MAX (extent->offset, from), stop = MIN (extent->offset + extent->length, limit);

      if (start >= stop)
        continue;
      *first = start / piece * lines->unit;
      *end = MIN (((stop - 1) / piece + 1) * lines->unit, lines->n_lines);
      return TRUE;
    }
  return FALSE;
}

/* Whether the lines that were written into are as many as before, and of values; an error when one is no value. */
static gboolean
check_lines_in_place (ExpTextEdit *self, const Lines *lines, gboolean *fits, GError **error)
{
  guint64 end;

  *fits = TRUE;
  for (guint64 first = 0; next_lines (self, lines, &first, &end); first = end)
    {
      ExpTextScan scan;

      exp_text_scan_init (&scan, first * lines->line, self->cells, TRUE);
      *fits = *fits && ends_line (self, end * lines->line);
      if (!*fits)
        return TRUE;
      if (!exp_text_scan_advance (&scan, &self->pending, end * lines->line, error))
        return FALSE;
      *fits = scan.shape.n_lines == end - first && !scan.shape.is_ragged
              && scan.shape.columns == exp_text_leaves_per_line (self, FALSE);
    }
  return TRUE;
}

/* Whole lines as they read now: the view below changes its text of them. */
static gboolean
keep_text (ExpTextEdit *self, guint64 start, guint64 end, GError **error)
{
  char part[COPY];

  for (guint64 n; start < end; start += n)
    {
      n = MIN (sizeof part, end - start);
      if (!exp_pending_read (&self->pending, start, n, part, error)
          || !exp_pending_pwrite (&self->pending, start, n, part, error))
        return FALSE;
    }
  return TRUE;
}

static gboolean
store_in_place (ExpTextEdit *self, const Lines *lines, gboolean is_last, GError **error)
{
  guint64 end;

  for (guint64 first = 0; next_lines (self, lines, &first, &end); first = end)
    {
      const guint64 start = first * lines->line, stop = end * lines->line;

      if ((!is_last && !keep_text (self, start, stop, error))
          || !exp_text_store (&self->base.target, self->cells, first / lines->unit * lines->elements, &self->pending,
                              start, stop, TRUE, error))
        return FALSE;
    }
  return TRUE;
}

/* --- which of them ------------------------------------------------------------------------------------------ */

/* Who goes on writing at his offsets needs the file's old text, from the dataset as it is now. */
static gboolean
renew_view (ExpTextEdit *self, GError **error)
{
  if (self->pending.kept == 0)
    return TRUE;
  ExpView *view = exp_view_open (&exp_view_text, self->base.target.node, &(ExpViewOptions){ self->is_compact }, error);
  if (view == NULL)
    return FALSE;
  exp_view_unref (self->pending.base);
  self->pending.base = view;
  return TRUE;
}

static gboolean
store_rows (ExpTextEdit *self, gboolean is_last, gboolean *is_stored, GError **error)
{
  const gboolean has_added = self->pending.size > self->stored;
  const gboolean goes_on = self->is_positioned && !is_last;
  gboolean fits = TRUE;
  ExpTextScan added;
  Lines lines = { 0 };

  *is_stored = FALSE;
  if (self->dirty_from < self->stored && !has_equal_lines (self, &lines))
    return TRUE;
  if (self->dirty_from < self->stored && !check_lines_in_place (self, &lines, &fits, error))
    return FALSE;
  if (!fits || (has_added && !fits_type (self)))
    return TRUE;
  if (has_added && !scan_added (self, &added, error))
    return FALSE;
  if (self->dirty_from < self->stored && !store_in_place (self, &lines, is_last, error))
    return FALSE;
  if (has_added && goes_on && exp_info_n_elements (&self->base.target.info) <= NARROW_ELEMENTS
      && !exp_pending_materialise (&self->pending, error))
    return FALSE;
  if (has_added && (!add_rows (self, &added, error) || (goes_on && !renew_view (self, error))))
    return FALSE;
  if (has_added)
    self->stored = ends_line (self, self->pending.size) ? self->pending.size : EXP_TEXT_ALL_NEW;
  *is_stored = TRUE;
  return TRUE;
}

gboolean
exp_text_rows_store (ExpTextEdit *self, gboolean is_last, GError **error)
{
  const ExpInfo *info = &self->base.target.info;
  const gboolean has_rows = self->base.target.node != NULL && self->stored != EXP_TEXT_ALL_NEW
                            && self->pending.size >= self->stored && !info->is_null && info->rank > 0
                            && exp_info_n_elements (info) > 0;
  gboolean is_stored = FALSE;

  self->is_incomplete = self->is_no_text = FALSE;
  if (has_rows && !store_rows (self, is_last, &is_stored, error))
    return FALSE;
  return is_stored || store_all (self, error);
}

gboolean
exp_text_rows_check (ExpTextEdit *self, GError **error)
{
  return scan_all (self, NULL, error);
}
