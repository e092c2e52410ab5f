/* Bytes as x.raw shows them, back into elements.
 * Knows nothing of files and offsets beyond the dataset.
 * Called by the raw and npy edits. */
#include "elements.h"
#include "array/moment.h"
#include <string.h>

#define STEP (1024 * 1024)

static void
measure (ExpElements *elements)
{
  const ExpInfo *info = &elements->target->info;

  elements->element = elements->bytes.cell_size * elements->bytes.grid.cells_per_element;
  elements->row = elements->element;
  for (guint i = 1; i < info->rank; i++)
    elements->row *= info->shape[i];
  elements->n_bytes = exp_info_n_elements (info) * elements->element;
}

gboolean
exp_elements_init (ExpElements *elements, const ExpTarget *target, GError **error)
{
  guint64 size;

  memset (elements, 0, sizeof *elements);
  if (!exp_npy_bytes_applies (&target->info))
    {
      g_set_error (error, EXP_ERROR, EXP_ERROR_UNSUPPORTED, "lists of varying length have no bytes to be written");
      return FALSE;
    }
  if (!exp_npy_bytes_init (&elements->bytes, target->node, &target->info, error))
    return FALSE;
  elements->target = target;
  elements->is_same = elements->bytes.is_copy;
  if (exp_npy_bytes_size (&elements->bytes, &size, error))
    {
      measure (elements);
      return TRUE;
    }
  exp_npy_bytes_clear (&elements->bytes);
  return FALSE;
}

void
exp_elements_clear (ExpElements *elements)
{
  if (elements->target != NULL)
    exp_npy_bytes_clear (&elements->bytes);
  elements->target = NULL;
}

gboolean
exp_elements_renew (ExpElements *elements, GError **error)
{
  ExpNpyBytes *bytes = &elements->bytes;
  ExpGrid grid;

  if (!exp_grid_init (&grid, elements->target->node, &elements->target->info, error))
    return FALSE;
  exp_grid_clear (&bytes->grid);
  bytes->grid = grid;
  measure (elements);
  return TRUE;
}

gboolean
exp_elements_read (ExpElements *elements, guint64 offset, gsize length, char *buffer, GError **error)
{
  gsize n;

  if (!exp_npy_bytes_pread (&elements->bytes, offset, length, buffer, &n, error))
    return FALSE;
  if (n == length)
    return TRUE;
  g_set_error (error, EXP_ERROR, EXP_ERROR_FAILED, "the dataset has become shorter");
  return FALSE;
}

/* --- cells out of shown bytes ------------------------------------------------------------------------------- */

typedef struct
{
  const ExpElements *elements;
  const guint8 *from;
  ExpArray *heap;
  gboolean has_failed;
} Filler;

/* UTF-8 of code points, of which zeros at the end are padding; U+DC80 ... U+DCFF are bytes of their own. */
static gboolean
fill_text (Filler *filler, guint8 *cell, gsize n)
{
  g_autoptr (GString) text = g_string_new (NULL);
  ExpVlen vlen;
  guint32 code;

  for (; n > 0; n--)
    {
      memcpy (&code, filler->from + 4 * (n - 1), 4);
      if (code != 0)
        break;
    }
  for (gsize i = 0; i < n; i++)
    {
      memcpy (&code, filler->from + 4 * i, 4);
      code = GUINT32_FROM_LE (code);
      if (code >= 0xdc80 && code <= 0xdcff)
        g_string_append_c (text, (char)(code - 0xdc00));
      else if (code == 0 || !g_unichar_validate (code))
        return FALSE;
      else
        g_string_append_unichar (text, code);
    }
  vlen.length = text->len;
  vlen.data = exp_array_allocate (filler->heap, text->len + 1);
  if (vlen.data == NULL)
    return FALSE;
  memcpy (vlen.data, text->str, text->len);
  memcpy (cell, &vlen, sizeof vlen);
  return TRUE;
}

static gboolean
fill_leaf (const ExpDtype *dtype, const guint8 *leaf, guint column, gpointer data)
{
  Filler *filler = data;
  guint8 *cell = (guint8 *)leaf;

  if (dtype->type == EXP_TYPE_VSTRING || dtype->type == EXP_TYPE_REFERENCE)
    {
      gsize n = filler->elements->bytes.characters[column];

      filler->has_failed = filler->has_failed || !fill_text (filler, cell, n);
      filler->from += 4 * n;
      return !filler->has_failed;
    }
  if (exp_dtype_is_moment (dtype))
    {
      exp_moment_from_bytes (dtype, filler->from, cell);
      filler->from += sizeof (gint64);
      return TRUE;
    }
  memcpy (cell, filler->from, dtype->size);
  if (dtype->type == EXP_TYPE_STRING && dtype->pad == EXP_PAD_SPACE)
    for (gsize i = dtype->size; i > 0 && cell[i - 1] == '\0'; i--)
      cell[i - 1] = ' ';
  filler->from += dtype->size;
  return TRUE;
}

/* Whole elements out of their shown bytes. */
static gboolean
write_elements (ExpElements *elements, guint64 first, gsize n, const char *bytes, GError **error)
{
  const ExpTarget *target = elements->target;

  if (elements->is_same)
    return exp_node_write_flat (target->node, &target->info, first, n, bytes, error);

  g_autoptr (ExpArray) array = exp_array_new (target->info.dtype, 1, &(guint64){ n }, error);
  Filler filler = { elements, (const guint8 *)bytes, array };
  const ExpGrid *grid = &elements->bytes.grid;
  if (array == NULL)
    return FALSE;
  for (gsize i = 0; i < n * grid->cells_per_element && !filler.has_failed; i++)
    exp_cell_foreach_leaf (grid->cell, array->data + i * grid->cell->size, fill_leaf, &filler);
  if (filler.has_failed)
    {
      g_set_error (error, EXP_ERROR, EXP_ERROR_INVALID, "the bytes hold a character that cannot be");
      return FALSE;
    }
  return exp_node_write_flat (target->node, &target->info, first, n, array->data, error);
}

/* A part of one element. */
static gboolean
write_part (ExpElements *elements, guint64 offset, gsize length, const char *bytes, GError **error)
{
  const guint64 first = offset / elements->element, start = first * elements->element;
  g_autofree char *shown = g_try_malloc (elements->element);

  if (shown == NULL)
    {
      g_set_error (error, EXP_ERROR, EXP_ERROR_NO_MEMORY, "no memory for an element");
      return FALSE;
    }
  if (!exp_elements_read (elements, start, elements->element, shown, error))
    return FALSE;
  memcpy (shown + (offset - start), bytes, length);
  return write_elements (elements, first, 1, shown, error);
}

gboolean
exp_elements_write (ExpElements *elements, guint64 offset, gsize length, const char *bytes, GError **error)
{
  const gsize element = elements->element;

  while (length > 0)
    {
      const gsize into = offset % element;
      gsize n = MIN (length, element - into);
      gboolean is_written;

      if (into == 0 && length >= element)
        {
          n = MIN (length / element, MAX (STEP / element, 1)) * element;
          is_written = write_elements (elements, offset / element, n / element, bytes, error);
        }
      else
        is_written = write_part (elements, offset, n, bytes, error);
      if (!is_written)
        return FALSE;
      offset += n;
      bytes += n;
      length -= n;
    }
  return TRUE;
}
