/* How chunks tile a dataset. They are numbered in C order, and those that stick out over the dataset's edge count
 * whole. No axis of the dataset may be 0 long. Used by chunk_prefetch.c and chunk_run.c. */
#pragma once

#include "chunk_index.h"

G_BEGIN_DECLS

/* Chunks along one axis. */
guint64 exp_chunk_grid_count (const ExpChunkLayout *layout, guint axis);

/* Where chunk `number` stands: its offset divided by the chunk's shape, along each of the layout's axes. */
void exp_chunk_grid_place (const ExpChunkLayout *layout, guint64 number, guint64 *scaled);

/* The number of the chunk that holds element `at` in C order. */
guint64 exp_chunk_grid_number_at (const ExpChunkLayout *layout, guint64 at);

/* The number of chunks all of whose elements stand before element `at` in C order: whole layers of chunks along the
 * slowest axis. */
guint64 exp_chunk_grid_count_before (const ExpChunkLayout *layout, guint64 at);

/* Where the chunk stands that holds element `first` in C order (as exp_chunk_grid_place has it), which of the chunk's
 * own elements in C order that is, and, returned, how many elements of the dataset from it on stand one after the other
 * in the chunk: 1 at least. */
guint64 exp_chunk_grid_run (const ExpChunkLayout *layout, guint64 first, guint64 *scaled, guint64 *within);

G_END_DECLS
