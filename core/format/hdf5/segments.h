/* One address space over several files: the members of a family or multi file, the raw data files of a dataset.
 * Knows no HDF5.
 * Made by members.c and external_data.c. */
#pragma once

#include "expfs/source.h"

G_BEGIN_DECLS

typedef struct
{
  guint64 start, length; /* in the address space */
  ExpSource *source;     /* a reference that the segments take over */
  guint64 offset;        /* of `start` in the source */
} ExpSegment;

/* A source over `segments`, which must be sorted by start and not overlap; takes over their sources. What lies past the
 * end of a segment's source reads as zeros when is_padded, and between segments always fails. */
ExpSource *exp_segments_new (const char *name, const ExpSegment *segments, guint n, gboolean is_padded);

G_END_DECLS
