/* Bytes that wait to be stored: a log of all that was written, and where in the file each part of it belongs.
 * Knows nothing of what the bytes mean.
 * Called by every edit. */
#include "pending.h"
#include <string.h>

/* What is kept in memory. */
#define MEMORY_LIMIT (16 * 1024 * 1024)
/* What is worth copying out of a log that is of no use otherwise. */
#define COMPACT_LIMIT (1024 * 1024)
#define COPY          65536

/* --- the log ------------------------------------------------------------------------------------------------ */

/* Moves the log from memory to a file that has no name. */
static gboolean
move_to_file (ExpPending *pending, GError **error)
{
  g_autofree char *name = g_strdup_printf ("the temporary file in %s", g_get_tmp_dir ());
  g_autoptr (ExpSource) file = exp_source_new_unnamed (NULL, name, error);

  if (file == NULL || !exp_source_pwrite (file, 0, pending->logged, pending->memory, error))
    return FALSE;
  g_clear_pointer (&pending->memory, g_free);
  pending->allocated = 0;
  pending->file = g_steal_pointer (&file);
  return TRUE;
}

static gboolean
write_log (ExpPending *pending, guint64 position, gsize length, const void *bytes, GError **error)
{
  guint64 end = position + length;

  if (pending->file == NULL && end > MEMORY_LIMIT && !move_to_file (pending, error))
    return FALSE;
  if (pending->file != NULL)
    return exp_source_pwrite (pending->file, position, length, bytes, error);
  if (end > pending->allocated)
    {
      gsize wanted = MIN (MAX (2 * pending->allocated, MAX (end, 256)), MEMORY_LIMIT);
      char *memory = g_try_realloc (pending->memory, wanted);

      if (memory == NULL)
        {
          g_set_error (error, EXP_ERROR, EXP_ERROR_NO_MEMORY, "no memory for what is written");
          return FALSE;
        }
      pending->memory = memory;
      pending->allocated = wanted;
    }
  memcpy (pending->memory + position, bytes, length);
  return TRUE;
}

static gboolean
read_log (const ExpPending *pending, guint64 position, gsize length, char *buffer, GError **error)
{
  if (pending->file != NULL)
    return exp_source_pread (pending->file, position, length, buffer, error);
  memcpy (buffer, pending->memory + position, length);
  return TRUE;
}

static void
drop_bytes (ExpPending *pending)
{
  g_clear_pointer (&pending->memory, g_free);
  pending->allocated = 0;
  pending->logged = 0;
  g_clear_pointer (&pending->file, exp_source_unref);
}

/* --- extents ------------------------------------------------------------------------------------------------ */

static inline ExpExtent *
extent_at (const ExpPending *pending, guint i)
{
  return &g_array_index (pending->extents, ExpExtent, i);
}

/* The first extent that ends behind `offset`. */
static guint
find_extent (const ExpPending *pending, guint64 offset)
{
  guint low = 0, high = pending->extents->len;

  while (low < high)
    {
      guint middle = low + (high - low) / 2;
      const ExpExtent *extent = extent_at (pending, middle);

      if (extent->offset + extent->length > offset)
        high = middle;
      else
        low = middle + 1;
    }
  return low;
}

/* Cuts the bytes offset ... end - 1 out of the extents. */
static void
cut_out (ExpPending *pending, guint64 offset, guint64 end)
{
  guint i = find_extent (pending, offset), n = 0;

  if (i < pending->extents->len && extent_at (pending, i)->offset < offset)
    {
      ExpExtent *left = extent_at (pending, i);
      guint64 left_end = left->offset + left->length;

      left->length = offset - left->offset;
      if (left_end > end)
        {
          ExpExtent right = { end, left_end - end, left->position + (end - left->offset) };

          g_array_insert_val (pending->extents, i + 1, right);
          return;
        }
      i++;
    }
  while (i + n < pending->extents->len
         && extent_at (pending, i + n)->offset + extent_at (pending, i + n)->length <= end)
    n++;
  if (n > 0)
    g_array_remove_range (pending->extents, i, n);
  if (i < pending->extents->len && extent_at (pending, i)->offset < end)
    {
      ExpExtent *right = extent_at (pending, i);
      guint64 cut = end - right->offset;

      right->offset += cut;
      right->position += cut;
      right->length -= cut;
    }
}

void
exp_pending_init (ExpPending *pending, ExpView *base, guint64 size)
{
  memset (pending, 0, sizeof *pending);
  pending->base = base != NULL ? exp_view_ref (base) : NULL;
  pending->kept = base != NULL ? size : 0;
  pending->size = size;
  pending->extents = g_array_new (FALSE, FALSE, sizeof (ExpExtent));
}

void
exp_pending_clear (ExpPending *pending)
{
  if (pending->extents == NULL)
    return;
  drop_bytes (pending);
  g_clear_pointer (&pending->extents, g_array_unref);
  g_clear_pointer (&pending->base, exp_view_unref);
}

gboolean
exp_pending_pwrite (ExpPending *pending, guint64 offset, gsize length, const void *bytes, GError **error)
{
  const guint64 end = offset + length;
  guint i = find_extent (pending, offset);

  if (end < offset || end > G_MAXINT64)
    {
      g_set_error (error, EXP_ERROR, EXP_ERROR_TOO_LARGE, "a file cannot be that long");
      return FALSE;
    }
  if (length == 0)
    return TRUE;
  if (i < pending->extents->len && extent_at (pending, i)->offset <= offset
      && extent_at (pending, i)->offset + extent_at (pending, i)->length >= end)
    return write_log (pending, extent_at (pending, i)->position + (offset - extent_at (pending, i)->offset), length,
                      bytes, error);
  if (!write_log (pending, pending->logged, length, bytes, error))
    return FALSE;
  cut_out (pending, offset, end);

  ExpExtent new = { offset, length, pending->logged };
  pending->logged += length;
  pending->size = MAX (pending->size, end);
  i = find_extent (pending, offset);
  ExpExtent *before = i > 0 ? extent_at (pending, i - 1) : NULL;
  if (before != NULL && before->offset + before->length == offset && before->position + before->length == new.position)
    before->length += length;
  else
    g_array_insert_val (pending->extents, i, new);
  return TRUE;
}

void
exp_pending_truncate (ExpPending *pending, guint64 size)
{
  if (size < pending->size)
    cut_out (pending, size, G_MAXUINT64);
  pending->size = size;
  pending->kept = MIN (pending->kept, size);
  if (pending->extents->len == 0)
    drop_bytes (pending);
}

gboolean
exp_pending_read (ExpPending *pending, guint64 offset, gsize length, char *buffer, GError **error)
{
  const guint64 end = offset + length;
  guint i = find_extent (pending, offset);

  while (offset < end)
    {
      const ExpExtent *extent = i < pending->extents->len ? extent_at (pending, i) : NULL;
      gsize n;

      if (extent != NULL && extent->offset <= offset)
        {
          n = MIN (end, extent->offset + extent->length) - offset;
          if (!read_log (pending, extent->position + (offset - extent->offset), n, buffer, error))
            return FALSE;
          i++;
        }
      else
        {
          n = (extent != NULL ? MIN (end, extent->offset) : end) - offset;
          gsize n_base = offset < pending->kept ? MIN (n, pending->kept - offset) : 0, n_read = 0;
          if (n_base > 0 && !exp_view_pread (pending->base, offset, n_base, buffer, &n_read, error))
            return FALSE;
          memset (buffer + n_read, 0, n - n_read);
        }
      buffer += n;
      offset += n;
    }
  return TRUE;
}

gboolean
exp_pending_pread (ExpPending *pending, guint64 offset, gsize length, char *buffer, gsize *n_read, GError **error)
{
  *n_read = 0;
  if (offset >= pending->size)
    return TRUE;
  length = MIN (length, pending->size - offset);
  if (!exp_pending_read (pending, offset, length, buffer, error))
    return FALSE;
  *n_read = length;
  return TRUE;
}

gboolean
exp_pending_materialise (ExpPending *pending, GError **error)
{
  ExpPending whole;
  char part[COPY];

  if (pending->kept == 0)
    return TRUE;
  exp_pending_init (&whole, NULL, 0);
  for (guint64 at = 0, n; at < pending->size; at += n)
    {
      n = MIN (sizeof part, pending->size - at);
      if (!exp_pending_read (pending, at, n, part, error) || !exp_pending_pwrite (&whole, at, n, part, error))
        {
          exp_pending_clear (&whole);
          return FALSE;
        }
    }
  exp_pending_clear (pending);
  *pending = whole;
  return TRUE;
}

/* Writes the log anew when little of it is left. Where that cannot be, the old one does as well. */
static void
compact (ExpPending *pending)
{
  guint64 left = 0;

  for (guint i = 0; i < pending->extents->len; i++)
    left += extent_at (pending, i)->length;
  if (left > COMPACT_LIMIT || left > pending->logged / 2)
    return;

  g_autofree char *bytes = g_try_malloc (MAX (left, 1));
  gsize at = 0;
  for (guint i = 0; i < pending->extents->len; at += extent_at (pending, i++)->length)
    if (bytes == NULL
        || !read_log (pending, extent_at (pending, i)->position, extent_at (pending, i)->length, bytes + at, NULL))
      return;
  char *memory = g_try_malloc (COMPACT_LIMIT);
  if (memory == NULL)
    return;
  memcpy (memory, bytes, left);
  at = 0;
  for (guint i = 0; i < pending->extents->len; at += extent_at (pending, i++)->length)
    extent_at (pending, i)->position = at;
  drop_bytes (pending);
  pending->memory = memory;
  pending->allocated = COMPACT_LIMIT;
  pending->logged = left;
}

void
exp_pending_drop_before (ExpPending *pending, guint64 offset)
{
  cut_out (pending, 0, offset);
  if (pending->extents->len == 0)
    drop_bytes (pending);
  else
    compact (pending);
}
