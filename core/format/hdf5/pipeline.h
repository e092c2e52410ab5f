/* The filters of a chunk undone, without the HDF5 library.
 * Knows the filter pipeline message (HDF5 File Format Specification 3.0, section IV.A.2.l) and the filters gzip,
 * shuffle, fletcher32 and those of codec.h; leaves datasets with any other to the library. Used by chunks.c. */
#pragma once

#include "expfs/error.h"

G_BEGIN_DECLS

#define EXP_PIPELINE_MAX 8

typedef struct
{
  guint id;
  guint parameter; /* shuffle: bytes of an element */
} ExpPipelineFilter;

typedef struct
{
  guint n;
  ExpPipelineFilter filters[EXP_PIPELINE_MAX]; /* in the order in which they were applied */
} ExpPipeline;

/* FALSE when the message is damaged or names a filter that is not known here. */
gboolean exp_pipeline_parse (const guint8 *message, gsize size, ExpPipeline *pipeline);

/* Undoes the filters but those whose bit is set in `skipped`. `stored` is consumed and freed. A chunk of exactly
 * `chunk_size` bytes, which the caller frees with g_free; EXP_ERROR_DAMAGED, CHECKSUM or NO_MEMORY. */
guint8 *exp_pipeline_decode (const ExpPipeline *pipeline, guint32 skipped, guint8 *stored, gsize size, gsize chunk_size,
                             GError **error);

G_END_DECLS
