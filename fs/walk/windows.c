/* Reading a whole dataset in windows of bounded size.
 * Knows nodes only.
 * Called by the verb `check` and by prefetch. */
#include "fs/walk/windows.h"

#define WINDOW_BYTES    (4 * 1024 * 1024)
#define MAX_CHUNK_BYTES (64 * 1024 * 1024)
/* A cell of variable length has as many bytes as the file says. */
#define WINDOW_VLEN_ELEMENTS 256

/* The edges of a window: a chunk where there are chunks of bearable size, made longer from the last axis on. */
static void
choose_window (const ExpInfo *info, const ExpLayout *layout, guint64 *window)
{
  gboolean has_vlen = exp_dtype_has_vlen (info->dtype), has_chunks = layout->chunk_rank == info->rank;
  gsize size = MAX (1, info->dtype->size);
  guint64 budget = has_vlen ? WINDOW_VLEN_ELEMENTS : MAX (1, WINDOW_BYTES / size);
  guint64 n = 1;

  for (guint k = 0; k < info->rank && has_chunks; k++)
    {
      window[k] = CLAMP (layout->chunk[k], 1, info->shape[k]);
      has_chunks = g_uint64_checked_mul (&n, n, window[k]) && n <= (has_vlen ? budget : MAX_CHUNK_BYTES / size);
    }
  if (!has_chunks)
    {
      n = 1;
      for (guint k = 0; k < info->rank; k++)
        window[k] = 1;
    }
  for (guint k = info->rank; k-- > 0;)
    {
      guint64 unit = window[k], others = n / unit, fits = budget / others / unit * unit;

      window[k] = fits >= info->shape[k] ? info->shape[k] : MAX (fits, unit);
      n = others * window[k];
    }
}

/* Steps to the next window; FALSE past the last. */
static gboolean
advance (const ExpInfo *info, const guint64 *window, ExpSlab *slab)
{
  for (guint k = info->rank; k-- > 0;)
    {
      slab->start[k] += slab->count[k];
      if (slab->start[k] < info->shape[k])
        {
          slab->count[k] = MIN (window[k], info->shape[k] - slab->start[k]);
          return TRUE;
        }
      slab->start[k] = 0;
      slab->count[k] = MIN (window[k], info->shape[k]);
    }
  return FALSE;
}

gboolean
exp_windows_read (ExpNode *node, const ExpInfo *info, ExpWindowFunc func, gpointer data, GError **error)
{
  g_auto (ExpLayout) layout = { 0 };
  guint64 window[EXP_MAX_RANK] = { 0 };
  guint64 n_read = 0;
  ExpSlab slab = { .rank = info->rank };

  if (info->dtype == NULL || exp_info_n_elements (info) == 0)
    return TRUE;
  if (!exp_node_layout (node, &layout, error))
    return FALSE;

  gboolean is_unallocated
      = layout.storage == 0
        && (g_strcmp0 (layout.layout, "chunked") == 0 || g_strcmp0 (layout.layout, "contiguous") == 0);
  choose_window (info, &layout, window);
  for (guint k = 0; k < info->rank; k++)
    {
      slab.step[k] = 1;
      slab.count[k] = MIN (window[k], info->shape[k]);
    }
  do
    {
      g_autoptr (ExpArray) array = exp_node_read (node, info, &slab, error);
      if (array == NULL)
        return FALSE;
      n_read += array->n_elements;
      if (!func (n_read, array->n_elements * array->dtype->size, data) || is_unallocated)
        return TRUE;
    }
  while (advance (info, window, &slab));
  return TRUE;
}
