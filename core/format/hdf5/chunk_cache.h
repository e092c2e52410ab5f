/* Decoded chunks, shared by all readers of a process and bounded in bytes; no chunk is decoded twice at one time.
 * Knows nothing of HDF5. Used by chunks.c. */
#pragma once

#include "expfs/error.h"

G_BEGIN_DECLS

/* Bytes that the cache may hold. The chunks in use come on top. */
void exp_chunk_cache_set_limit (guint64 bytes);

/* Makes the chunk: `size` bytes that g_free frees, or NULL with an error. Called without any lock of the cache's. */
typedef guint8 *(*ExpChunkMakeFunc) (gpointer data, gsize *size, GError **error);

/* The chunk `address` of `owner` (any pointer that stands for a dataset's file while it is open), from the cache or
 * made now; a new reference. */
GBytes *
exp_chunk_cache_get (gconstpointer owner, guint64 address, ExpChunkMakeFunc make, gpointer data, GError **error);

/* Drops all chunks of `owner`. */
void exp_chunk_cache_forget (gconstpointer owner);

G_END_DECLS
