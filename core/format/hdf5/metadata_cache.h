/* Blocks of a file's own structures - nodes of trees, blocks of heaps and arrays - each read from the source once,
 * verified, and kept within a bound; and a cursor over their bytes.
 * Knows no structure. Used by the files of this folder that read structures without the HDF5 library. */
#pragma once

#include "expfs/error.h"
#include "expfs/source.h"

G_BEGIN_DECLS

/* What an address of all ones reads as: there is nothing. */
#define EXP_NO_ADDRESS G_MAXUINT64

typedef struct
{
  ExpSource *source;
  guint64 base;                      /* added to every address */
  guint sizeof_address, sizeof_size; /* bytes, 2 to 8, from the superblock */
  const char *name;                  /* of the structure, in messages; static */
  gsize limit;                       /* bytes */
  GMutex lock;                       /* guards the three below */
  GHashTable *held;                  /* address -> Block */
  GQueue recent;                     /* the latest first */
  gsize held_bytes;
} ExpMetadataCache;

/* Takes a reference on the source; costs nothing until the first block. At most about `limit` bytes are kept. */
ExpMetadataCache *exp_metadata_cache_new (ExpSource *source, guint64 base, guint sizeof_address, guint sizeof_size,
                                          const char *name, gsize limit);
void exp_metadata_cache_free (ExpMetadataCache *blocks);
/* Forgets all blocks: the source has changed. */
void exp_metadata_cache_drop_all (ExpMetadataCache *blocks);

/* At least `size` bytes at `address`, a new reference. The block must start with the four bytes of `signature` unless
 * that is NULL; with `has_checksum` the last four of the `size` bytes must be the checksum of the others.
 * EXP_ERROR_DAMAGED, for more than 64 MiB too, and EXP_ERROR_CHECKSUM. May be called from several threads at once. */
GBytes *exp_metadata_cache_get (ExpMetadataCache *blocks, guint64 address, guint64 size, const char *signature,
                                gboolean has_checksum, GError **error);

/* The same with the checksum at `sum_at`, computed over all of the block with zeros in its place. */
GBytes *exp_metadata_cache_get_summed (ExpMetadataCache *blocks, guint64 address, guint64 size, const char *signature,
                                       gsize sum_at, GError **error);

/* The first form for a block whose size its first `least` bytes tell: `guess` bytes or as many as there are. */
GBytes *exp_metadata_cache_get_start (ExpMetadataCache *blocks, guint64 address, gsize least, gsize guess,
                                      const char *signature, GError **error);

/* EXP_ERROR_DAMAGED, "the NAME is damaged: WHAT"; FALSE. */
gboolean exp_metadata_cache_damaged (const ExpMetadataCache *blocks, const char *what, GError **error);

/* Little-endian bytes, read forwards. Reading past the end sets `is_short` and gives 0. */
typedef struct
{
  const guint8 *at, *end;
  gboolean is_short;
} ExpBytesCursor;

guint64 exp_cursor_uint (ExpBytesCursor *cursor, guint n_bytes);
void exp_cursor_skip (ExpBytesCursor *cursor, guint64 n_bytes);
/* An address: all ones become EXP_NO_ADDRESS. */
guint64 exp_cursor_address (ExpBytesCursor *cursor, guint n_bytes);

/* Number of bits below the highest one set: floor (log2 (n)), 0 for 0. */
guint exp_log2 (guint64 n);

G_END_DECLS
