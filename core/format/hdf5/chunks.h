/* How a dataset lies in chunks: their index, filters and fill value, as the header says, kept for the datasets read
 * last.
 * Knows what a dataset's header says of its chunks; leaves what is rare to the library. Used by the other chunk_*.c. */
#pragma once

#include "chunk_index.h"
#include "chunk_readahead.h"
#include "object.h"
#include "pipeline.h"

G_BEGIN_DECLS

/* Shared by reference counting; immutable once made, but for how it is being read. */
typedef struct
{
  gatomicrefcount references;
  guint64 address;      /* of the object */
  gboolean is_known;    /* FALSE: only the library can read it (a filter, a fill value, an index not known here) */
  ExpChunkIndex *index; /* NULL: contiguous, and never written */
  ExpPipeline pipeline;
  gsize element; /* stored bytes */
  guint8 *fill;  /* an element; NULL: zeros */
  ExpReadahead readahead;
  gint has_warned; /* atomic: that the cache is too small to read it in order */
} ExpChunks;

/* A new reference on what is known of a dataset; NULL for one that only the library can read. */
ExpChunks *exp_chunks_get_known (ExpHdf5Object *object, const ExpHdf5Description *description);
void exp_chunks_unref (ExpChunks *chunks);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (ExpChunks, exp_chunks_unref)

/* Forgets what is kept for the file, which has changed; tasks that read ahead by it come to nothing. */
void exp_chunks_drop (ExpHdf5File *file);
/* Closes what is kept for the file, before it is closed itself: nothing reads ahead in it when this returns. */
void exp_chunks_forget (ExpHdf5File *file);

G_END_DECLS
