/* The filters of a chunk undone, without the HDF5 library.
 * Knows the filter pipeline message (HDF5 File Format Specification 3.0, section IV.A.2.l) and the filters gzip,
 * shuffle, fletcher32 and those of codec.h; leaves datasets with any other to the library. Used by chunk_decode.c and
 * chunks.c. */
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

/* Memory of a thread's own that filters work in; what `scratch` n gives stays until the thread asks for that n again.
 * At least `size` bytes; NULL when there is no memory. */
typedef enum
{
  EXP_SCRATCH_STORED, /* a chunk as it is stored */
  EXP_SCRATCH_A,      /* what one filter hands to the next */
  EXP_SCRATCH_B,
  EXP_N_SCRATCHES,
} ExpScratch;

guint8 *exp_pipeline_scratch (ExpScratch which, gsize size);
/* Gives back what is too large to be kept until the next chunk. */
void exp_pipeline_scratch_done (void);

/* Undoes the filters but those whose bit is set in `skipped`: `size` bytes at `stored` become exactly `chunk_size`
 * bytes at `to`. EXP_ERROR_DAMAGED, CHECKSUM or NO_MEMORY; `to` holds anything then. */
gboolean exp_pipeline_decode (const ExpPipeline *pipeline, guint32 skipped, const guint8 *stored, gsize size,
                              guint8 *to, gsize chunk_size, GError **error);

G_END_DECLS
