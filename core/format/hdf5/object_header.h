/* What an object header says of a group or dataset, in a few microseconds and without the HDF5 library.
 * Knows the common messages (HDF5 File Format Specification 3.0, section IV.A.2); whatever is rare, shared or unknown
 * is left to the library. Used by object.c. */
#pragma once

#include "expfs/array.h"
#include "header.h"

G_BEGIN_DECLS

typedef enum
{
  EXP_HEADER_UNSURE, /* ask the library: rare, damaged, or neither group nor dataset */
  EXP_HEADER_GROUP,
  EXP_HEADER_DATASET,
} ExpHeaderKind;

typedef struct
{
  ExpHeaderKind kind;
  guint n_links;
  gint64 mtime; /* seconds since 1970, 0 where the header has none */
  /* DATASET: */
  guint rank;
  gboolean is_null;
  guint64 shape[EXP_MAX_RANK];
  gboolean is_chunked, is_compact;
  guint64 data;      /* where contiguous or compact data lie in the source; G_MAXUINT64 when nowhere or in chunks */
  guint64 data_size; /* bytes there */
  const guint8 *datatype; /* the datatype message, in `messages` */
  gsize datatype_size;
  ExpHdf5Header *messages; /* owned */
} ExpObjectHeader;

void exp_object_header_clear (ExpObjectHeader *header);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (ExpObjectHeader, exp_object_header_clear)

/* Reads the header at `address`. Never fails: what cannot be told is UNSURE. */
void exp_object_header_read (ExpHdf5File *file, guint64 address, ExpObjectHeader *header);

G_END_DECLS
