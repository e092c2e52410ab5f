/* A file over the bytes of a dataset, longer and shorter than it for a while.
 * Knows no header; target.c changes shapes.
 * Called by the raw and npy edits. */
#include "direct.h"
#include <string.h>

/* Rows are added when that many bytes wait. */
#define TAIL_BYTES (1024 * 1024)
#define ZEROS      (64 * 1024)

gboolean
exp_direct_init (ExpDirect *direct, ExpTarget *target, GError **error)
{
  direct->target = target;
  if (!exp_elements_init (&direct->elements, target, error))
    return FALSE;
  direct->size = direct->written = direct->elements.n_bytes;
  exp_pending_init (&direct->tail, NULL, direct->size);
  return TRUE;
}

void
exp_direct_clear (ExpDirect *direct)
{
  exp_elements_clear (&direct->elements);
  exp_pending_clear (&direct->tail);
  direct->target = NULL;
}

/* The dataset gets `n` rows. A scalar, or nothing, becomes a row of elements, and its own one waits with the tail. */
static gboolean
set_n_rows (ExpDirect *direct, guint64 n, GError **error)
{
  ExpTarget *target = direct->target;

  if (target->info.rank == 0)
    {
      const guint64 old = MIN (direct->elements.n_bytes, direct->size);
      g_autofree char *bytes = g_try_malloc (MAX (old, 1));

      if (n == 1 && !target->info.is_null)
        return TRUE;
      if (bytes == NULL)
        {
          g_set_error (error, EXP_ERROR, EXP_ERROR_NO_MEMORY, "no memory for an element");
          return FALSE;
        }
      if ((old > 0 && !exp_elements_read (&direct->elements, 0, old, bytes, error))
          || !exp_pending_pwrite (&direct->tail, 0, old, bytes, error)
          || !exp_target_reshape (target, 1, &n, FALSE, error))
        return FALSE;
    }
  else if (!exp_target_set_n_rows (target, n, error))
    return FALSE;
  if (!exp_elements_renew (&direct->elements, error))
    return FALSE;
  direct->written = direct->elements.n_bytes;
  return TRUE;
}

/* The tail's whole rows become rows of the dataset. */
static gboolean
store_tail (ExpDirect *direct, GError **error)
{
  const guint64 row = direct->elements.row;
  const guint64 n_rows = row > 0 ? direct->size / row : 0;
  g_autofree char *part = g_try_malloc (TAIL_BYTES);

  if (direct->size <= direct->elements.n_bytes || n_rows <= exp_target_n_rows (direct->target))
    return TRUE;
  if (part == NULL)
    {
      g_set_error (error, EXP_ERROR, EXP_ERROR_NO_MEMORY, "no memory for the rows");
      return FALSE;
    }
  if (!set_n_rows (direct, n_rows, error))
    return FALSE;
  for (guint i = 0; i < direct->tail.extents->len; i++)
    {
      ExpExtent extent = g_array_index (direct->tail.extents, ExpExtent, i);
      guint64 end = MIN (extent.offset + extent.length, direct->elements.n_bytes);

      for (guint64 at = extent.offset, n; at < end; at += n)
        {
          n = MIN (TAIL_BYTES, end - at);
          if (!exp_pending_read (&direct->tail, at, n, part, error)
              || !exp_elements_write (&direct->elements, at, n, part, error))
            return FALSE;
        }
    }
  exp_pending_drop_before (&direct->tail, direct->elements.n_bytes);
  return TRUE;
}

/* Zeros where the dataset has elements that the file had lost. */
static gboolean
write_zeros (ExpDirect *direct, guint64 offset, guint64 end, GError **error)
{
  static const char zeros[ZEROS];

  end = MIN (end, direct->written);
  for (guint64 n; offset < end; offset += n)
    {
      n = MIN (end - offset, ZEROS);
      if (!exp_elements_write (&direct->elements, offset, n, zeros, error))
        return FALSE;
    }
  return TRUE;
}

gboolean
exp_direct_pwrite (ExpDirect *direct, guint64 offset, gsize length, const char *bytes, GError **error)
{
  const guint64 inside = direct->elements.n_bytes, end = offset + length;

  if (end < offset || end > G_MAXINT64)
    {
      g_set_error (error, EXP_ERROR, EXP_ERROR_TOO_LARGE, "a file cannot be that long");
      return FALSE;
    }
  if (length == 0)
    return TRUE;
  if (direct->size < inside && !write_zeros (direct, direct->size, MIN (offset, inside), error))
    return FALSE;
  if (offset < inside)
    {
      const gsize n = MIN (length, inside - offset);

      if (!exp_elements_write (&direct->elements, offset, n, bytes, error))
        return FALSE;
      direct->size = MAX (direct->size, offset + n);
      direct->written = MAX (direct->written, offset + n);
      offset += n;
      bytes += n;
    }
  if (offset == end)
    return TRUE;
  if (!exp_pending_pwrite (&direct->tail, offset, end - offset, bytes, error))
    return FALSE;
  direct->size = MAX (direct->size, end);
  return (direct->tail.logged < TAIL_BYTES && !direct->target->info.takes_records) || store_tail (direct, error);
}

/* At once: which bytes make a record shows only while they are written. */
static gboolean
cut_records (ExpDirect *direct, guint64 size, GError **error)
{
  if (size > direct->size)
    {
      g_set_error (error, EXP_ERROR, EXP_ERROR_INVALID, "a record is as long as what is written");
      return FALSE;
    }
  exp_pending_truncate (&direct->tail, direct->elements.n_bytes);
  if (!set_n_rows (direct, size, error))
    return FALSE;
  direct->size = direct->elements.n_bytes;
  return TRUE;
}

gboolean
exp_direct_truncate (ExpDirect *direct, guint64 size, GError **error)
{
  if (size > G_MAXINT64)
    {
      g_set_error (error, EXP_ERROR, EXP_ERROR_TOO_LARGE, "a file cannot be that long");
      return FALSE;
    }
  if (direct->target->info.takes_records && size != direct->size)
    return cut_records (direct, size, error);
  if (size > direct->size && !write_zeros (direct, direct->size, MIN (size, direct->elements.n_bytes), error))
    return FALSE;
  exp_pending_truncate (&direct->tail, MAX (size, direct->elements.n_bytes));
  direct->size = size;
  return TRUE;
}

gboolean
exp_direct_pread (ExpDirect *direct, guint64 offset, gsize length, char *buffer, gsize *n_read, GError **error)
{
  const guint64 inside = MIN (direct->size, direct->elements.n_bytes);
  gsize n = 0;

  *n_read = 0;
  if (offset >= direct->size)
    return TRUE;
  length = MIN (length, direct->size - offset);
  if (offset < inside)
    {
      n = MIN (length, inside - offset);
      if (!exp_elements_read (&direct->elements, offset, n, buffer, error))
        return FALSE;
    }
  if (n < length && !exp_pending_read (&direct->tail, offset + n, length - n, buffer + n, error))
    return FALSE;
  *n_read = length;
  return TRUE;
}

void
exp_direct_drop (ExpDirect *direct)
{
  direct->size = direct->elements.n_bytes;
  exp_pending_truncate (&direct->tail, direct->size);
}

gboolean
exp_direct_is_pending (const ExpDirect *direct)
{
  return direct->size != direct->elements.n_bytes;
}

gboolean
exp_direct_store (ExpDirect *direct, GError **error)
{
  const guint64 row = direct->elements.row;

  if (!exp_direct_is_pending (direct))
    return TRUE;
  if (row == 0 || direct->size % row != 0)
    {
      g_set_error (error, EXP_ERROR, EXP_ERROR_INVALID,
                   "%" G_GUINT64_FORMAT " bytes are no whole number of rows, of which each has %" G_GUINT64_FORMAT,
                   direct->size, row);
      return FALSE;
    }
  if (direct->size > direct->elements.n_bytes)
    return store_tail (direct, error);
  if (direct->target->info.rank > 0)
    return set_n_rows (direct, direct->size / row, error);

  /* A scalar that was emptied. */
  g_autoptr (ExpDtype) dtype = exp_dtype_ref (direct->target->info.dtype);
  ExpNewDataset nothing = { .dtype = dtype, .is_null = TRUE };
  return exp_target_make (direct->target, &nothing, error) && exp_elements_renew (&direct->elements, error);
}
