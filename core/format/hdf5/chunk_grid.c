/* Positions in a dataset turned into chunks and back.
 * Knows the shapes of dataset and chunk only.
 * Called by chunk_prefetch.c and chunk_run.c. */
#include "chunk_grid.h"

guint64
exp_chunk_grid_count (const ExpChunkLayout *layout, guint axis)
{
  return layout->shape[axis] / layout->chunk[axis] + (layout->shape[axis] % layout->chunk[axis] != 0);
}

void
exp_chunk_grid_place (const ExpChunkLayout *layout, guint64 number, guint64 *scaled)
{
  for (guint i = layout->rank; i-- > 0;)
    {
      guint64 n = exp_chunk_grid_count (layout, i);

      scaled[i] = number % n;
      number /= n;
    }
}

guint64
exp_chunk_grid_number_at (const ExpChunkLayout *layout, guint64 at)
{
  guint64 place[EXP_MAX_RANK], number = 0;

  for (guint i = layout->rank; i-- > 0;)
    {
      place[i] = at % layout->shape[i] / layout->chunk[i];
      at /= layout->shape[i];
    }
  for (guint i = 0; i < layout->rank; i++)
    number = number * exp_chunk_grid_count (layout, i) + place[i];
  return number;
}

guint64
exp_chunk_grid_count_before (const ExpChunkLayout *layout, guint64 at)
{
  guint64 layer = layout->chunk[0], n_chunks = 1;

  for (guint i = 1; i < layout->rank; i++)
    {
      if (!g_uint64_checked_mul (&layer, layer, layout->shape[i]))
        return 0;
      n_chunks *= exp_chunk_grid_count (layout, i);
    }
  return at / layer * n_chunks;
}

guint64
exp_chunk_grid_run (const ExpChunkLayout *layout, guint64 first, guint64 *scaled, guint64 *within)
{
  guint64 place[EXP_MAX_RANK], inner = 1, inside = 0;
  guint axis = layout->rank - 1;

  *within = 0;
  for (guint i = layout->rank; i-- > 0; first /= layout->shape[i])
    {
      place[i] = first % layout->shape[i];
      scaled[i] = place[i] / layout->chunk[i];
    }
  for (guint i = 0; i < layout->rank; i++)
    *within = *within * layout->chunk[i] + place[i] % layout->chunk[i];
  /* Axes that one chunk holds just whole run on into the next slower one. */
  for (; axis > 0 && layout->chunk[axis] == layout->shape[axis]; axis--)
    {
      inside += place[axis] * inner;
      inner *= layout->shape[axis];
    }
  return MIN (layout->chunk[axis] - place[axis] % layout->chunk[axis], layout->shape[axis] - place[axis]) * inner
         - inside;
}
