/* Counters that tell a user why something is slow; .expfs/stats shows them. Process-wide, lock-free, and no
 * line of memory is written by many threads. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef enum
{
  EXP_STAT_DESCRIBED,      /* nodes whose metadata was read from the store */
  EXP_STAT_BYTES_READ,     /* bytes read from sources */
  EXP_STAT_BYTES_DECODED,  /* bytes of elements delivered by formats */
  EXP_STAT_BYTES_SPLICED,  /* bytes of elements that the kernel took from the store's file itself */
  EXP_STAT_CHUNKS_DECODED, /* chunks whose filters were undone */
  EXP_STAT_CHUNK_HITS,     /* chunks found in the cache */
  EXP_STAT_CACHE_BYTES,    /* bytes of decoded data held now */
  EXP_STAT_OPEN_DATASETS,  /* datasets held open now */
  EXP_STAT_OPEN_STORES,    /* store files held open now */
  EXP_N_STATS,
} ExpStat;

void exp_stat_add (ExpStat stat, gint64 n);
gint64 exp_stat_get (ExpStat stat);
const char *exp_stat_name (ExpStat stat); /* "bytes_read", ... */

/* A small number of the calling thread's own, counted from 1, for who counts in several places himself. */
guint exp_stat_thread (void);

G_END_DECLS
