/* Chunks of a dataset that is read in order, decoded by other threads before they are wanted.
 * Used by chunk_read.c and chunk_run.c. */
#pragma once

#include "chunks.h"

G_BEGIN_DECLS

/* Has chunks `first` ... `end` - 1, by their numbers in the grid, decoded soon in other threads. What fails, or what
 * there is no room for, is left to the reader. */
void exp_chunk_prefetch (ExpHdf5File *file, ExpChunks *chunks, guint64 first, guint64 end);

/* Notes that `n` elements in C order from `first` on are being read; where that goes on what was read before, has the
 * chunks after them decoded and lets those behind all readers go. */
void exp_chunk_read_ahead (ExpHdf5File *file, ExpChunks *chunks, guint64 first, guint64 n);

G_END_DECLS
