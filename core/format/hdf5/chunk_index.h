/* Where the chunks of an HDF5 dataset lie: read from the index structures in the source, without the library and its
 * global lock. Follows "HDF5 File Format Specification Version 3.0", sections III.A (version 1 B-trees, node type 1),
 * III.A.2 (version 2 B-trees, types 10 and 11), VIII (chunk indexing: single chunk, implicit, fixed array, extensible
 * array). One descent per lookup; blocks of the index are cached within a bound, so neither a dataset of a million
 * chunks nor a hostile index costs more memory. */
#pragma once

#include "expfs/array.h"
#include "expfs/source.h"

G_BEGIN_DECLS

#define EXP_CHUNK_UNALLOCATED G_MAXUINT64

typedef struct
{
  guint64 address;     /* in the source, base address included; EXP_CHUNK_UNALLOCATED: only fill values */
  guint64 size;        /* bytes stored there */
  guint32 filter_mask; /* bit k: filter k of the pipeline was skipped for this chunk */
} ExpChunk;

typedef enum
{
  EXP_CHUNKS_BTREE1,
  EXP_CHUNKS_SINGLE,
  EXP_CHUNKS_IMPLICIT,
  EXP_CHUNKS_FIXED_ARRAY,
  EXP_CHUNKS_EXTENSIBLE_ARRAY,
  EXP_CHUNKS_BTREE2,
} ExpChunkIndexKind;

/* What the layout message of a chunked dataset says. */
typedef struct
{
  ExpChunkIndexKind kind;
  guint rank;                      /* of the dataset */
  guint64 chunk[EXP_MAX_RANK];     /* elements along each axis, none of them 0 */
  guint64 chunk_size;              /* bytes of a whole unfiltered chunk */
  guint64 shape[EXP_MAX_RANK];     /* of the dataset */
  guint64 max_shape[EXP_MAX_RANK]; /* G_MAXUINT64: unlimited */
  gboolean has_filters;
  gboolean edges_are_unfiltered; /* partial chunks at the edge are stored without filters */
  guint64 address;               /* of the index, relative to the base address; EXP_CHUNK_UNALLOCATED: none */
  guint64 single_size;           /* SINGLE with filters */
  guint32 single_filter_mask;
  guint64 base_address;                   /* added to every address */
  guint size_of_offsets, size_of_lengths; /* bytes, 2 to 8, from the superblock */
} ExpChunkLayout;

/* Parses a layout message (versions 1 to 4, class chunked) into `layout`, whose shape, max_shape, has_filters,
 * base_address and sizes the caller has set. EXP_ERROR_DAMAGED, or EXP_ERROR_VERSION for one that is not known. */
gboolean exp_chunk_layout_parse (const guint8 *message, gsize length, ExpChunkLayout *layout, GError **error);

typedef struct _ExpChunkIndex ExpChunkIndex;

/* Takes a reference on the source. Costs nothing until the first lookup. */
ExpChunkIndex *exp_chunk_index_new (ExpSource *source, const ExpChunkLayout *layout);
void exp_chunk_index_free (ExpChunkIndex *index);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (ExpChunkIndex, exp_chunk_index_free)

const ExpChunkLayout *exp_chunk_index_get_layout (ExpChunkIndex *index);

/* The chunk at `scaled` (its offset divided by the chunk's shape, along each axis). May be called from several threads
 * at once. EXP_ERROR_DAMAGED, EXP_ERROR_CHECKSUM. */
gboolean exp_chunk_index_find (ExpChunkIndex *index, const guint64 *scaled, ExpChunk *chunk, GError **error);

G_END_DECLS
