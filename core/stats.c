/* Process-wide counters.
 * Does not know who counts.
 * Called from every layer; read by fs/'s .expfs/stats. */
#include "expfs/stats.h"

/* Threads count in different lines of memory, so that none waits for another's. A counter is the sum over all. */
#define N_SHARDS 16

typedef struct
{
  gint64 counters[EXP_N_STATS];
} __attribute__ ((aligned (128))) Shard;

static Shard shards[N_SHARDS];

static const char *const names[EXP_N_STATS] = {
  [EXP_STAT_DESCRIBED] = "described",           [EXP_STAT_BYTES_READ] = "bytes_read",
  [EXP_STAT_BYTES_DECODED] = "bytes_decoded",   [EXP_STAT_BYTES_SPLICED] = "bytes_spliced",
  [EXP_STAT_CHUNKS_DECODED] = "chunks_decoded", [EXP_STAT_CHUNK_HITS] = "chunk_hits",
  [EXP_STAT_CACHE_BYTES] = "cache_bytes",       [EXP_STAT_OPEN_DATASETS] = "open_datasets",
  [EXP_STAT_OPEN_STORES] = "open_stores",
};

guint
exp_stat_thread (void)
{
  static guint n_threads;
  static __thread guint thread;

  if (thread == 0)
    thread = __atomic_add_fetch (&n_threads, 1, __ATOMIC_RELAXED);
  return thread;
}

void
exp_stat_add (ExpStat stat, gint64 n)
{
  __atomic_fetch_add (&shards[exp_stat_thread () % N_SHARDS].counters[stat], n, __ATOMIC_RELAXED);
}

gint64
exp_stat_get (ExpStat stat)
{
  gint64 sum = 0;

  for (guint i = 0; i < N_SHARDS; i++)
    sum += __atomic_load_n (&shards[i].counters[stat], __ATOMIC_RELAXED);
  return sum;
}

const char *
exp_stat_name (ExpStat stat)
{
  return names[stat];
}
