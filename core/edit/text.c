/* The text of a dataset, written: kept as it comes until a flush, and looked through meanwhile, so that what cannot be
 * a value is refused at once.
 * Knows neither how text becomes values (text_parse.c) nor rows (text_rows.c).
 * Called through the class of the text view. */
#include "node/grid.h"
#include "text_edit.h"
#include <string.h>

static ExpEdit *
text_new (const ExpTarget *target, const ExpViewOptions *options, GError **error)
{
  const ExpInfo *info = &target->info;

  if (target->node != NULL && info->is_bytes)
    return exp_edit_raw.new(target, options, error);

  g_autofree ExpTextEdit *self = g_new0 (ExpTextEdit, 1);
  g_autoptr (ExpTextCells) cells = NULL;
  /* What a file that was made and never written is. */
  self->is_inferred
      = target->node == NULL || (info->is_null && info->dtype->type == EXP_TYPE_FLOAT && info->dtype->size == 8);
  if (target->node != NULL)
    {
      ExpDtype *cell = info->dtype;

      while (cell->type == EXP_TYPE_ARRAY)
        cell = cell->base;
      cells = exp_text_cells_new (cell, error);
      if (cells == NULL)
        return NULL;
    }
  self->base.klass = &exp_edit_text;
  self->base.target = *target;
  self->is_compact = options->is_compact;
  self->cells = g_steal_pointer (&cells);
  return &g_steal_pointer (&self)->base;
}

/* Nothing waits any more; the file is the view's text again. */
static void
forget (ExpTextEdit *self)
{
  exp_pending_clear (&self->pending);
  self->has_file = self->is_changed = self->is_positioned = self->has_scan = FALSE;
}

static void
text_free (ExpEdit *edit)
{
  ExpTextEdit *self = (ExpTextEdit *)edit;

  forget (self);
  exp_text_cells_free (self->cells);
  exp_target_clear (&self->base.target);
  g_free (self);
}

static void
start_file (ExpTextEdit *self, ExpView *view, guint64 size)
{
  exp_pending_init (&self->pending, view, size);
  self->has_file = TRUE;
  self->stored = view != NULL ? size : EXP_TEXT_ALL_NEW;
  self->dirty_from = G_MAXUINT64;
  self->dirty_end = 0;
  self->has_scan = FALSE;
}

static gboolean
ensure_file (ExpTextEdit *self, GError **error)
{
  guint64 size;

  if (self->has_file)
    return TRUE;
  if (self->base.target.node == NULL)
    {
      start_file (self, NULL, 0);
      return TRUE;
    }
  g_autoptr (ExpView) view = exp_view_open_described (&exp_view_text, self->base.target.node, &self->base.target.info,
                                                      &(ExpViewOptions){ self->is_compact }, error);
  if (view == NULL || !exp_view_size (view, &size, error))
    return FALSE;
  start_file (self, view, size);
  return TRUE;
}

/* --- what is no text ---------------------------------------------------------------------------------------- */

/* From here on the bytes are those of a file that is kept as it is. */
static gboolean
become_file (ExpTextEdit *self, GError **error)
{
  ExpTarget target;

  if (!exp_pending_materialise (&self->pending, error))
    return FALSE;
  if (!exp_target_init (&target, self->base.target.parent, self->base.target.name, self->base.target.node, error))
    {
      exp_target_clear (&target);
      return FALSE;
    }
  self->base.successor = exp_edit_new_file (&target, &self->pending);
  forget (self);
  return TRUE;
}

static gboolean
is_file (const ExpTextEdit *self, gsize length, const char *bytes)
{
  return self->is_inferred && memchr (bytes, '\0', length) != NULL;
}

/* --- writing ------------------------------------------------------------------------------------------------ */

/* Looks through the lines that have come in whole. FALSE when they cannot be. */
static gboolean
look_ahead (ExpTextEdit *self, guint64 end, GError **error)
{
  const ExpTextCells *cells = self->is_inferred ? NULL : self->cells;
  const gboolean is_fresh = self->stored == EXP_TEXT_ALL_NEW || exp_info_n_elements (&self->base.target.info) == 0
                            || self->base.target.info.rank == 0;
  const gboolean takes_lines = cells != NULL && exp_text_takes_lines (self);
  const gboolean splits_tabs = !takes_lines || (is_fresh && !self->base.target.info.takes_lines);

  if (self->dirty_from < self->stored && self->stored != EXP_TEXT_ALL_NEW)
    return TRUE; /* the flush will look at all */
  if (!self->has_scan)
    exp_text_scan_init (&self->scan, is_fresh ? 0 : self->stored, cells, splits_tabs);
  self->has_scan = TRUE;
  if (end <= self->scan.at)
    return TRUE;
  if (!exp_text_scan_advance (&self->scan, &self->pending, end, error))
    {
      self->has_scan = FALSE;
      return takes_lines && is_fresh ? (g_clear_error (error), TRUE) : FALSE;
    }
  if (cells == NULL && self->scan.shape.is_no_text)
    return become_file (self, error);
  return cells == NULL || (takes_lines && is_fresh) || exp_text_check_lines (self, &self->scan.shape, is_fresh, error);
}

static void
mark_dirty (ExpTextEdit *self, guint64 from, guint64 end)
{
  self->is_changed = TRUE;
  self->dirty_from = MIN (self->dirty_from, from);
  self->dirty_end = MAX (self->dirty_end, end);
  if (self->has_scan && from < self->scan.at)
    self->has_scan = FALSE;
}

/* The bytes, and the end of the last whole line in them, 0 for none. */
static gboolean
put (ExpTextEdit *self, guint64 offset, gsize length, const char *bytes, guint64 *line_end, GError **error)
{
  const char *newline = memrchr (bytes, '\n', length);
  const guint64 old = self->pending.size;

  if (!exp_pending_pwrite (&self->pending, offset, length, bytes, error))
    return FALSE;
  if (length > 0)
    mark_dirty (self, MIN (offset, old), offset + length);
  *line_end = newline != NULL && offset == old ? offset + (newline + 1 - bytes) : 0;
  return TRUE;
}

static gboolean
text_pwrite (ExpEdit *edit, guint64 offset, gsize length, const char *bytes, GError **error)
{
  ExpTextEdit *self = (ExpTextEdit *)edit;
  guint64 line_end;

  if (!ensure_file (self, error))
    return FALSE;
  self->is_positioned = TRUE;
  if (!put (self, offset, length, bytes, &line_end, error))
    return FALSE;
  if (is_file (self, length, bytes))
    return become_file (self, error);
  if (line_end == 0 || look_ahead (self, line_end, error))
    return TRUE;
  forget (self);
  return FALSE;
}

/* Of a call that cannot be, nothing stays; what was appended before does. */
static gboolean
text_append (ExpEdit *edit, gsize length, const char *bytes, GError **error)
{
  ExpTextEdit *self = (ExpTextEdit *)edit;
  guint64 line_end;

  if (!ensure_file (self, error))
    return FALSE;

  const ExpTextEdit before = *self;
  const guint64 old = self->pending.size;
  self->has_appended = TRUE;
  if (!put (self, old, length, bytes, &line_end, error))
    return FALSE;
  if (is_file (self, length, bytes))
    return become_file (self, error);
  if (line_end == 0 || look_ahead (self, line_end, error))
    return TRUE;
  exp_pending_truncate (&self->pending, old);
  self->is_changed = before.is_changed;
  self->dirty_from = before.dirty_from;
  self->dirty_end = before.dirty_end;
  self->scan = before.scan;
  self->has_scan = before.has_scan;
  return FALSE;
}

static gboolean
text_truncate (ExpEdit *edit, guint64 size, GError **error)
{
  ExpTextEdit *self = (ExpTextEdit *)edit;

  if (size > G_MAXINT64)
    {
      g_set_error (error, EXP_ERROR, EXP_ERROR_TOO_LARGE, "a file cannot be that long");
      return FALSE;
    }
  if (size == 0)
    {
      exp_pending_clear (&self->pending);
      start_file (self, NULL, 0);
      self->is_changed = TRUE;
      return TRUE;
    }
  if (!ensure_file (self, error))
    return FALSE;
  if (size == self->pending.size)
    return TRUE;
  mark_dirty (self, MIN (size, self->pending.size), MAX (size, self->pending.size));
  exp_pending_truncate (&self->pending, size);
  self->is_positioned = TRUE;
  return TRUE;
}

/* --- reading ------------------------------------------------------------------------------------------------ */

static gboolean
text_size (ExpEdit *edit, guint64 *size, GError **error)
{
  ExpTextEdit *self = (ExpTextEdit *)edit;

  if (!ensure_file (self, error))
    return FALSE;
  *size = self->pending.size;
  return TRUE;
}

static gboolean
text_pread (ExpEdit *edit, guint64 offset, gsize length, char *buffer, gsize *n_read, GError **error)
{
  ExpTextEdit *self = (ExpTextEdit *)edit;

  return ensure_file (self, error) && exp_pending_pread (&self->pending, offset, length, buffer, n_read, error);
}

/* --- flush -------------------------------------------------------------------------------------------------- */

/* No lines: no rows, or nothing at all where there are no axes. */
static gboolean
store_nothing (ExpTextEdit *self, GError **error)
{
  ExpTarget *target = &self->base.target;
  const ExpInfo *info = &target->info;

  if (target->node != NULL && (info->is_null || (info->rank > 0 && info->shape[0] == 0)))
    return TRUE;
  if (target->node != NULL && info->rank > 0)
    return exp_target_set_n_rows (target, 0, error);

  g_autoptr (ExpDtype) dtype = target->node != NULL
                                   ? exp_dtype_ref (info->dtype)
                                   : exp_dtype_new_number (EXP_TYPE_FLOAT, 8, G_BYTE_ORDER == G_BIG_ENDIAN);
  ExpNewDataset nothing = { .dtype = dtype, .is_null = TRUE };
  if (!exp_target_make (target, &nothing, error))
    return FALSE;
  if (self->cells == NULL)
    self->cells = exp_text_cells_new (dtype, NULL);
  return TRUE;
}

static gboolean
text_flush (ExpEdit *edit, gboolean is_last, GError **error)
{
  ExpTextEdit *self = (ExpTextEdit *)edit;
  const gboolean is_empty = !self->has_file || self->pending.size == 0;
  g_autoptr (GError) reason = NULL;

  if (self->base.target.node != NULL && !self->is_changed)
    {
      if (is_last)
        forget (self);
      return TRUE;
    }
  if (is_empty && self->base.target.node != NULL && !is_last)
    return TRUE;
  if (is_empty ? store_nothing (self, &reason) : exp_text_rows_store (self, is_last, &reason))
    {
      self->is_changed = self->has_scan = FALSE;
      self->dirty_from = G_MAXUINT64;
      self->dirty_end = 0;
      if (is_last || (!self->is_positioned && !is_empty))
        forget (self);
      if (is_last)
        self->is_inferred = exp_target_has_no_type (&self->base.target);
      return TRUE;
    }
  if (self->is_no_text)
    return become_file (self, error) && self->base.successor->klass->flush (self->base.successor, is_last, error);
  if (is_last || (g_error_matches (reason, EXP_ERROR, EXP_ERROR_INVALID) && !self->is_incomplete))
    forget (self);
  g_propagate_error (error, g_steal_pointer (&reason));
  return FALSE;
}

static gboolean
text_is_pending (ExpEdit *edit)
{
  ExpTextEdit *self = (ExpTextEdit *)edit;

  return self->is_changed || self->base.target.node == NULL;
}

static gboolean
text_can_wait (ExpEdit *edit)
{
  ExpTextEdit *self = (ExpTextEdit *)edit;

  return self->has_file && self->pending.size > 0 && self->is_inferred && exp_text_rows_check (self, NULL);
}

static gboolean
text_is_number (ExpEdit *edit)
{
  return exp_text_is_one_number (&((ExpTextEdit *)edit)->scan.shape);
}

const ExpEditClass exp_edit_text = {
  .new = text_new,
  .free = text_free,
  .pwrite = text_pwrite,
  .append = text_append,
  .truncate = text_truncate,
  .size = text_size,
  .pread = text_pread,
  .flush = text_flush,
  .is_pending = text_is_pending,
  .can_wait = text_can_wait,
  .is_number = text_is_number,
};
