/* Elements in C order as hyperslabs. Used in this folder only. */
#pragma once

#include "expfs/node.h"

/* The longest hyperslab that starts at flat index `at` and ends at or before `end`: an axis is taken as far as it goes
 * when all faster ones are whole. Returns the number of elements in it. */
guint64 exp_flat_next_slab (const ExpInfo *info, guint64 at, guint64 end, ExpSlab *slab);
