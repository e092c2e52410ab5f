/* Decoded chunks, shared by all readers of a process and bounded in bytes; no chunk is decoded twice at one time.
 * Knows nothing of HDF5. Used by formats whose data is compressed in pieces. */
#pragma once

#include "expfs/error.h"

G_BEGIN_DECLS

/* What keeping a chunk costs beside its own bytes: very small chunks cost mostly this. */
#define EXP_CHUNK_CACHE_ENTRY 160

/* Bytes that the cache may hold, EXP_CHUNK_CACHE_ENTRY for each chunk among them. The chunks in use come on top. */
void exp_chunk_cache_set_limit (guint64 bytes);
guint64 exp_chunk_cache_get_limit (void);

/* A chunk's bytes, there for as long as the reference is held. */
typedef struct
{
  const guint8 *bytes;
  gsize size;
} ExpCachedChunk;

/* Writes all the bytes of the chunk to `to`. Called without any lock of the cache's. */
typedef gboolean (*ExpChunkMakeFunc) (gpointer data, guint8 *to, GError **error);

/* The chunk of `size` bytes that stands at `address` of `owner` (any pointer that stands for a dataset's file while it
 * is open), from the cache or made now; a new reference. */
const ExpCachedChunk *exp_chunk_cache_get (gconstpointer owner, guint64 address, gsize size, ExpChunkMakeFunc make,
                                           gpointer data, GError **error);
void exp_chunk_cache_release (const ExpCachedChunk *chunk);

/* TRUE when the chunk is there or being made. */
gboolean exp_chunk_cache_has (gconstpointer owner, guint64 address, gsize size);

/* Tells that whoever reads from one end to the other has passed the chunk: it goes before those that may be wanted
 * again, so that one long read does not sweep the cache, and memory that is still in the processor's cache is used
 * again for what comes next. */
void exp_chunk_cache_pass (gconstpointer owner, guint64 address, gsize size);

/* Drops all chunks of `owner`. */
void exp_chunk_cache_forget (gconstpointer owner);

G_END_DECLS
