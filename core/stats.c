/* Process-wide counters.
 * Does not know who counts.
 * Called from every layer; read by fs/'s .expfs/stats. */
#include "expfs/stats.h"

static gint64 counters[EXP_N_STATS];

static const char *const names[EXP_N_STATS] = {
  [EXP_STAT_DESCRIBED] = "described",           [EXP_STAT_BYTES_READ] = "bytes_read",
  [EXP_STAT_BYTES_DECODED] = "bytes_decoded",   [EXP_STAT_BYTES_SPLICED] = "bytes_spliced",
  [EXP_STAT_CHUNKS_DECODED] = "chunks_decoded", [EXP_STAT_CHUNK_HITS] = "chunk_hits",
  [EXP_STAT_CACHE_BYTES] = "cache_bytes",       [EXP_STAT_OPEN_DATASETS] = "open_datasets",
  [EXP_STAT_OPEN_STORES] = "open_stores",
};

void
exp_stat_add (ExpStat stat, gint64 n)
{
  __atomic_fetch_add (&counters[stat], n, __ATOMIC_RELAXED);
}

gint64
exp_stat_get (ExpStat stat)
{
  return __atomic_load_n (&counters[stat], __ATOMIC_RELAXED);
}

const char *
exp_stat_name (ExpStat stat)
{
  return names[stat];
}
