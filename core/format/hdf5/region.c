/* Dataset regions as text.
 * Knows how HDF5 serialises selections (HDF5 File Format Specification, "Reference: Dataset Region"); knows no dataset.
 * Called by decode.c. */
#include "reference.h"
#include <string.h>

/* More blocks or points than this are cut short. */
#define MAX_SHOWN 1024

typedef struct
{
  const guint8 *at, *end;
  gboolean is_short;
} Cursor;

static guint64
take (Cursor *cursor, guint size)
{
  if (cursor->end - cursor->at < (gssize)size)
    {
      cursor->is_short = TRUE;
      return 0;
    }
  cursor->at += size;
  return exp_hdf5_decode_uint (cursor->at - size, size);
}

static gboolean
has_room (const Cursor *cursor, guint64 n, guint64 size)
{
  guint64 bytes;

  return g_uint64_checked_mul (&bytes, n, size) && bytes <= (guint64)(cursor->end - cursor->at);
}

static void
append_range (GString *text, guint axis, guint64 first, guint64 last, guint64 step)
{
  if (axis > 0)
    g_string_append_c (text, ',');
  if (first == last)
    g_string_append_printf (text, "%" G_GUINT64_FORMAT, first);
  else
    g_string_append_printf (text, "%" G_GUINT64_FORMAT ":%" G_GUINT64_FORMAT, first, last + 1);
  if (step > 1 && first != last)
    g_string_append_printf (text, ":%" G_GUINT64_FORMAT, step);
}

/* Blocks as stored: for each, the first index of every axis, then the last one. */
typedef struct
{
  const guint8 *bytes;
  guint rank, size;
} Blocks;

static guint64
corner (const Blocks *blocks, guint64 block, gboolean is_last, guint axis)
{
  return exp_hdf5_decode_uint (blocks->bytes + ((block * 2 + is_last) * blocks->rank + axis) * blocks->size,
                               blocks->size);
}

/* When the blocks are the points of one strided grid, in order, as HDF5 takes a regular hyperslab apart: its slice.
 * Single blocks are that as well. */
static gboolean
append_grid (const Blocks *blocks, guint64 n, GString *text)
{
  guint64 step[EXP_MAX_RANK], count[EXP_MAX_RANK], total = 1;

  for (guint axis = 0; axis < blocks->rank; axis++)
    {
      guint64 first = corner (blocks, 0, FALSE, axis), last = corner (blocks, n - 1, FALSE, axis), next = first;

      for (guint64 i = 0; i < n && next == first; i++)
        next = corner (blocks, i, FALSE, axis);
      step[axis] = next > first ? next - first : 1;
      if (last < first || (last - first) % step[axis] != 0)
        return FALSE;
      count[axis] = (last - first) / step[axis] + 1;
      if (!g_uint64_checked_mul (&total, total, count[axis])
          || (count[axis] > 1 && corner (blocks, 0, TRUE, axis) != first))
        return FALSE;
    }
  if (total != n)
    return FALSE;
  for (guint64 i = 0; i < n; i++)
    for (guint64 axis = blocks->rank, rest = i; axis-- > 0; rest /= count[axis])
      {
        guint64 want = corner (blocks, 0, FALSE, axis) + rest % count[axis] * step[axis];
        guint64 length = corner (blocks, 0, TRUE, axis) - corner (blocks, 0, FALSE, axis);

        if (corner (blocks, i, FALSE, axis) != want || corner (blocks, i, TRUE, axis) != want + length)
          return FALSE;
      }

  g_string_append_c (text, '[');
  for (guint axis = 0; axis < blocks->rank; axis++)
    append_range (text, axis, corner (blocks, 0, FALSE, axis), corner (blocks, n - 1, TRUE, axis), step[axis]);
  g_string_append_c (text, ']');
  return TRUE;
}

static gboolean
append_blocks (Cursor *cursor, guint rank, guint size, GString *text)
{
  guint64 n = take (cursor, size);
  const Blocks blocks = { cursor->at, rank, size };

  if (cursor->is_short || !has_room (cursor, n, (guint64)rank * 2 * size))
    return FALSE;
  if (n == 0)
    g_string_append (text, "[]");
  if (n == 0 || append_grid (&blocks, n, text))
    return TRUE;
  for (guint64 i = 0; i < n && i < MAX_SHOWN; i++)
    {
      g_string_append_c (text, '[');
      for (guint axis = 0; axis < rank; axis++)
        append_range (text, axis, corner (&blocks, i, FALSE, axis), corner (&blocks, i, TRUE, axis), 1);
      g_string_append_c (text, ']');
    }
  if (n > MAX_SHOWN)
    g_string_append (text, "...");
  return TRUE;
}

static gboolean
append_regular (Cursor *cursor, guint rank, guint size, GString *text)
{
  GString *blocks = g_string_new (NULL);
  gboolean has_blocks = FALSE;

  g_string_append_c (text, '[');
  for (guint axis = 0; axis < rank; axis++)
    {
      guint64 start = take (cursor, size), stride = take (cursor, size), count = take (cursor, size),
              block = take (cursor, size);

      if (cursor->is_short || count == 0 || block == 0)
        break;
      if (block > 1 && count > 1 && block != stride)
        {
          has_blocks = TRUE;
          g_string_append_printf (blocks, "%s%" G_GUINT64_FORMAT, blocks->len > 0 ? "," : "", block);
        }
      if (block == stride || count == 1)
        append_range (text, axis, start, start + (count - 1) * stride + block - 1, 1);
      else
        append_range (text, axis, start, start + (count - 1) * stride + block - 1, stride);
    }
  g_string_append_c (text, ']');
  if (has_blocks)
    g_string_append_printf (text, "(blocks of %s)", blocks->str);
  g_string_free (blocks, TRUE);
  return !cursor->is_short;
}

static gboolean
append_points (Cursor *cursor, guint rank, guint size, GString *text)
{
  guint64 n = take (cursor, size);

  if (cursor->is_short || !has_room (cursor, n, (guint64)rank * size))
    return FALSE;
  for (guint64 i = 0; i < n && i < MAX_SHOWN; i++)
    {
      g_string_append_c (text, '[');
      for (guint axis = 0; axis < rank; axis++)
        {
          guint64 at = take (cursor, size);

          append_range (text, axis, at, at, 1);
        }
      g_string_append_c (text, ']');
    }
  if (n > MAX_SHOWN)
    g_string_append (text, "...");
  return TRUE;
}

static gboolean
append_selection (Cursor *cursor, GString *text)
{
  enum
  {
    NONE,
    POINTS,
    HYPERSLAB,
    ALL
  };
  guint64 kind = take (cursor, 4), version = take (cursor, 4);
  gboolean is_regular = FALSE;
  guint size = 4;

  if (kind == NONE || kind == ALL)
    {
      g_string_append (text, kind == ALL ? "[...]" : "[]");
      return !cursor->is_short;
    }
  if (kind > ALL || version < 1 || version > 3)
    return FALSE;
  if (version == 1)
    take (cursor, 8); /* reserved, length */
  else if (kind == HYPERSLAB && version == 2)
    {
      is_regular = take (cursor, 1) & 1;
      take (cursor, 4);
      size = 8;
    }
  else
    {
      if (kind == HYPERSLAB)
        is_regular = take (cursor, 1) & 1;
      size = take (cursor, 1);
    }

  guint64 rank = take (cursor, 4);
  if (cursor->is_short || rank < 1 || rank > EXP_MAX_RANK || (size != 2 && size != 4 && size != 8))
    return FALSE;
  if (kind == POINTS)
    return append_points (cursor, rank, size, text);
  return is_regular ? append_regular (cursor, rank, size, text) : append_blocks (cursor, rank, size, text);
}

gboolean
exp_hdf5_append_region (ExpHdf5File *file, const guint8 *bytes, gsize size, GString *text, GError **error)
{
  Cursor cursor = { bytes, bytes + size, FALSE };
  guint64 address = take (&cursor, file->sizeof_address);

  if (!cursor.is_short)
    exp_hdf5_append_path (file, address, text);
  if (!cursor.is_short && append_selection (&cursor, text))
    return TRUE;
  g_set_error (error, EXP_ERROR, EXP_ERROR_DAMAGED, "a region reference is damaged");
  return FALSE;
}
