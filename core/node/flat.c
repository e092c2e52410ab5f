/* Elements in C order as hyperslabs.
 * Knows no node.
 * Called by node.c and change.c. */
#include "flat.h"

guint64
exp_flat_next_slab (const ExpInfo *info, guint64 at, guint64 end, ExpSlab *slab)
{
  guint64 block = 1, rest = at; /* elements of one step along the axis */
  guint axis = info->rank;

  slab->rank = info->rank;
  for (guint i = info->rank; i-- > 0;)
    {
      slab->start[i] = rest % info->shape[i];
      rest /= info->shape[i];
      slab->count[i] = slab->step[i] = 1;
    }
  while (axis-- > 0)
    {
      guint64 size = block * info->shape[axis];
      guint64 left = info->shape[axis] - slab->start[axis];

      slab->count[axis] = MIN (left, (end - at) / block);
      if (slab->start[axis] != 0 || size > end - at || axis == 0)
        return slab->count[axis] * block;
      block = size;
    }
  return 1;
}
