/* One chunk of a dataset, read and decoded by the calling thread unless the cache has it.
 * Used by chunk_prefetch.c, chunk_read.c and chunk_run.c. */
#pragma once

#include "source/chunk_cache.h"
#include "chunks.h"

G_BEGIN_DECLS

/* The decoded bytes of `chunk`, which must be allocated; to be given back with exp_chunk_cache_release.
 * EXP_ERROR_DAMAGED, EXP_ERROR_CHECKSUM, EXP_ERROR_NO_MEMORY, or the source's errors. */
const ExpCachedChunk *
exp_chunk_decode (ExpHdf5File *file, const ExpChunks *chunks, const ExpChunk *chunk, GError **error);

G_END_DECLS
