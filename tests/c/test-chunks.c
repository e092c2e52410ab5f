/* Chunks: filters undone, the cache of decoded chunks, and what is read ahead. */
#include "core/source/chunk_cache.h"
#include "core/format/hdf5/chunk_readahead.h"
#include "core/format/hdf5/pipeline.h"
#include "core/format/hdf5/unshuffle.h"
#include "expfs/stats.h"
#include <string.h>

#define KIB 1024

static void
shuffle (const guint8 *in, gsize size, gsize element, guint8 *out)
{
  gsize n = size / element;

  memcpy (out, in, size);
  for (gsize i = 0; i < n; i++)
    for (gsize k = 0; k < element; k++)
      out[k * n + i] = in[i * element + k];
}

static void
test_unshuffle_inverts_shuffle (void)
{
  guint8 plain[1500], shuffled[1500], back[1500];

  for (gsize i = 0; i < sizeof plain; i++)
    plain[i] = g_random_int ();
  for (gsize element = 1; element <= 20; element++)
    for (gsize size = 0; size < sizeof plain; size += 1 + size / 7)
      {
        shuffle (plain, size, element, shuffled);
        memset (back, 0, sizeof back);
        exp_unshuffle (shuffled, size, element, back);
        g_assert_cmpmem (back, size, plain, size);
      }
}

/* --- the pipeline ------------------------------------------------------------------------------------------- */

/* As HDF5's own code defines it, word by word. */
static guint32
slow_fletcher32 (const guint8 *data, gsize size)
{
  guint64 sum1 = 0, sum2 = 0;

  for (gsize i = 0; i < size; i += 2)
    {
      sum1 += data[i] << 8 | (i + 1 < size ? data[i + 1] : 0);
      sum1 = (sum1 & 0xffff) + (sum1 >> 16);
      sum2 += sum1;
      sum2 = (sum2 & 0xffff) + (sum2 >> 16);
    }
  return sum2 << 16 | sum1;
}

static const ExpPipeline fletcher32 = { 1, { { 3, 0 } } };

static gboolean
passes (const guint8 *data, gsize size, guint32 checksum)
{
  g_autofree guint8 *stored = g_malloc (size + 4), *decoded = g_malloc (size);
  g_autoptr (GError) error = NULL;

  memcpy (stored, data, size);
  for (guint i = 0; i < 4; i++)
    stored[size + i] = checksum >> 8 * i;
  if (!exp_pipeline_decode (&fletcher32, 0, stored, size + 4, decoded, size, &error))
    {
      g_assert_error (error, EXP_ERROR, EXP_ERROR_CHECKSUM);
      return FALSE;
    }
  g_assert_cmpmem (decoded, size, data, size);
  return TRUE;
}

static void
test_fletcher32_accepts_only_its_checksum (void)
{
  static const int fills[] = { 0, 0xff, 0x80, -1 };
  guint8 data[3000];

  for (gsize f = 0; f < G_N_ELEMENTS (fills); f++)
    for (gsize size = 1; size < sizeof data; size += 1 + size / 5)
      {
        for (gsize i = 0; i < size; i++)
          data[i] = fills[f] < 0 ? g_random_int () : (guint32)fills[f];

        guint32 checksum = slow_fletcher32 (data, size);
        g_assert_true (passes (data, size, checksum));
        g_assert_false (passes (data, size, checksum ^ 0x10000));
        data[size / 2] ^= 1;
        g_assert_false (passes (data, size, checksum));
      }
}

static void
test_chunks_of_a_wrong_size_are_refused (void)
{
  static const ExpPipeline none = { 0 };
  guint8 to[64] = { 0 }, from[64] = { 0 };
  g_autoptr (GError) error = NULL;

  g_assert_false (exp_pipeline_decode (&none, 0, from, 63, to, 64, &error));
  g_assert_error (error, EXP_ERROR, EXP_ERROR_DAMAGED);
}

/* --- the cache ---------------------------------------------------------------------------------------------- */

static guint n_made;

static gboolean
make (gpointer data, guint8 *to, GError **error)
{
  __atomic_fetch_add (&n_made, 1, __ATOMIC_RELAXED);
  memset (to, GPOINTER_TO_UINT (data), KIB);
  return TRUE;
}

static gboolean
fail (gpointer data, guint8 *to, GError **error)
{
  g_set_error (error, EXP_ERROR, EXP_ERROR_DAMAGED, "broken");
  return FALSE;
}

static gboolean
make_byte (gpointer data, guint8 *to, GError **error)
{
  *to = 1;
  return TRUE;
}

static void
touch (guint64 address)
{
  const ExpCachedChunk *chunk = exp_chunk_cache_get (&n_made, address, KIB, make, GUINT_TO_POINTER (address), NULL);

  g_assert_nonnull (chunk);
  g_assert_cmpuint (chunk->size, ==, KIB);
  g_assert_cmpuint (chunk->bytes[0], ==, address & 0xff);
  g_assert_cmpuint (chunk->bytes[KIB - 1], ==, address & 0xff);
  exp_chunk_cache_release (chunk);
}

static gboolean
has (guint64 address)
{
  return exp_chunk_cache_has (&n_made, address, KIB);
}

static void
start_cache (guint chunks)
{
  exp_chunk_cache_forget (&n_made);
  exp_chunk_cache_set_limit (chunks * (KIB + EXP_CHUNK_CACHE_ENTRY));
  n_made = 0;
}

static void
test_cache_drops_what_was_used_longest_ago (void)
{
  start_cache (4);
  for (guint i = 1; i <= 4; i++)
    touch (i);
  touch (1);
  g_assert_cmpuint (n_made, ==, 4);
  touch (5);
  g_assert_true (has (1));
  g_assert_false (has (2));
  g_assert_cmpint (exp_stat_get (EXP_STAT_CACHE_BYTES), ==, 4 * (KIB + EXP_CHUNK_CACHE_ENTRY));
  for (guint i = 0; i < 1000; i++)
    touch (i);
  g_assert_cmpint (exp_stat_get (EXP_STAT_CACHE_BYTES), ==, 4 * (KIB + EXP_CHUNK_CACHE_ENTRY));
}

static void
test_cache_drops_passed_chunks_first (void)
{
  start_cache (8);
  for (guint i = 1; i <= 8; i++)
    touch (i);
  exp_chunk_cache_pass (&n_made, 7, KIB);
  exp_chunk_cache_pass (&n_made, 8, KIB);
  touch (9);
  g_assert_true (has (1));
  g_assert_false (has (7));
  touch (8); /* wanted again, so no longer passed */
  touch (10);
  g_assert_true (has (8));
  g_assert_false (has (1));
}

/* A million chunks of a byte each are not a megabyte. */
static void
test_cache_counts_what_small_chunks_cost (void)
{
  guint n_kept = 0;

  start_cache (4);
  for (guint i = 0; i < 10000; i++)
    exp_chunk_cache_release (exp_chunk_cache_get (&n_made, i, 1, make_byte, NULL, NULL));
  for (guint i = 0; i < 10000; i++)
    n_kept += exp_chunk_cache_has (&n_made, i, 1);
  g_assert_cmpuint (n_kept, >, 0);
  g_assert_cmpuint (n_kept, <, 4 * (KIB + EXP_CHUNK_CACHE_ENTRY) / 100);
}

static void
test_cache_keeps_a_chunk_in_use (void)
{
  start_cache (1);
  const ExpCachedChunk *chunk = exp_chunk_cache_get (&n_made, 77, KIB, make, GUINT_TO_POINTER (77), NULL);
  for (guint i = 0; i < 10; i++)
    touch (i);
  exp_chunk_cache_forget (&n_made);
  for (gsize i = 0; i < KIB; i++)
    g_assert_cmpuint (chunk->bytes[i], ==, 77);
  exp_chunk_cache_release (chunk);
}

static void
test_cache_asks_again_after_a_failure (void)
{
  g_autoptr (GError) error = NULL;

  start_cache (4);
  g_assert_null (exp_chunk_cache_get (&n_made, 3, KIB, fail, NULL, &error));
  g_assert_error (error, EXP_ERROR, EXP_ERROR_DAMAGED);
  g_assert_false (has (3));
  touch (3);
}

static void
test_cache_tells_sizes_and_owners_apart (void)
{
  start_cache (8);
  touch (5);
  g_assert_false (exp_chunk_cache_has (&n_made, 5, KIB / 2));
  g_assert_false (exp_chunk_cache_has (&has, 5, KIB));
}

static gboolean
make_slowly (gpointer data, guint8 *to, GError **error)
{
  g_usleep (1000);
  return make (data, to, error);
}

static gpointer
read_all (gpointer unused)
{
  for (guint i = 0; i < 50; i++)
    {
      const ExpCachedChunk *chunk = exp_chunk_cache_get (&n_made, i, KIB, make_slowly, GUINT_TO_POINTER (i), NULL);

      g_assert_cmpuint (chunk->bytes[KIB / 2], ==, i);
      exp_chunk_cache_release (chunk);
    }
  return NULL;
}

static void
test_cache_makes_each_chunk_once_for_many_readers (void)
{
  GThread *threads[16];

  start_cache (64);
  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    threads[i] = g_thread_new ("reader", read_all, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    g_thread_join (threads[i]);
  g_assert_cmpuint (n_made, ==, 50);
}

/* --- reading ahead ------------------------------------------------------------------------------------------ */

static void
test_readahead_grows_with_what_was_read_in_order (void)
{
  ExpReadahead readahead = { 0 };
  ExpReadaheadPlan plan = exp_readahead_note (&readahead, 0, 100, 50, 10000);

  g_assert_cmpuint (plan.fetch, ==, 100);
  g_assert_cmpuint (plan.fetch_end, ==, 300);
  plan = exp_readahead_note (&readahead, 100, 200, 50, 10000);
  g_assert_cmpuint (plan.fetch, ==, 300);
  g_assert_cmpuint (plan.fetch_end, ==, 600);
  for (guint64 at = 200; at < 20000; at += 100)
    plan = exp_readahead_note (&readahead, at, at + 100, 50, 10000);
  g_assert_cmpuint (readahead.ahead, <=, 30000);
  g_assert_cmpuint (readahead.ahead, >=, 25000);
}

static void
test_readahead_bears_requests_out_of_order (void)
{
  ExpReadahead readahead = { 0 };

  exp_readahead_note (&readahead, 0, 100, 200, 10000);
  exp_readahead_note (&readahead, 200, 300, 200, 10000);
  exp_readahead_note (&readahead, 100, 200, 200, 10000);
  ExpReadaheadPlan plan = exp_readahead_note (&readahead, 300, 400, 200, 10000);
  g_assert_cmpuint (readahead.start, ==, 0);
  g_assert_cmpuint (readahead.end, ==, 400);
  g_assert_cmpuint (plan.pass_end, ==, 200);
}

static void
test_readahead_fetches_nothing_for_random_reads (void)
{
  ExpReadahead readahead = { 0 };
  guint64 at = 1000000;

  for (guint i = 0; i < 100; i++)
    {
      ExpReadaheadPlan plan = exp_readahead_note (&readahead, at, at + 10, 100, 10000);

      g_assert_cmpuint (plan.fetch, ==, plan.fetch_end);
      g_assert_cmpuint (plan.pass, ==, plan.pass_end);
      at = at * 7 % 999983 * 1000;
    }
}

typedef struct
{
  guint n_run, n_freed;
} Count;

static void
run_slowly (gpointer data)
{
  g_usleep (100);
  __atomic_fetch_add (&((Count *)data)->n_run, 1, __ATOMIC_RELAXED);
}

static void
count_free (gpointer data)
{
  __atomic_fetch_add (&((Count *)data)->n_freed, 1, __ATOMIC_RELAXED);
}

static void
test_readahead_ends_with_its_file (void)
{
  ExpReadaheadTasks tasks = { 0 };
  Count count = { 0 };

  for (guint i = 0; i < 1000; i++)
    exp_readahead_later (&tasks, run_slowly, &count, count_free);
  while (__atomic_load_n (&count.n_run, __ATOMIC_RELAXED) == 0)
    g_usleep (100);
  exp_readahead_close (&tasks);
  guint n_run = count.n_run;
  g_assert_cmpuint (n_run, >, 0);
  g_assert_cmpuint (count.n_freed, ==, 1000);
  exp_readahead_later (&tasks, run_slowly, &count, count_free);
  g_assert_cmpuint (count.n_freed, ==, 1001);
  g_assert_cmpuint (count.n_run, ==, n_run);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/chunks/unshuffle inverts shuffle", test_unshuffle_inverts_shuffle);
  g_test_add_func ("/chunks/fletcher32 accepts only its checksum", test_fletcher32_accepts_only_its_checksum);
  g_test_add_func ("/chunks/a wrong size is refused", test_chunks_of_a_wrong_size_are_refused);
  g_test_add_func ("/cache/drops what was used longest ago", test_cache_drops_what_was_used_longest_ago);
  g_test_add_func ("/cache/drops passed chunks first", test_cache_drops_passed_chunks_first);
  g_test_add_func ("/cache/counts what small chunks cost", test_cache_counts_what_small_chunks_cost);
  g_test_add_func ("/cache/keeps a chunk in use", test_cache_keeps_a_chunk_in_use);
  g_test_add_func ("/cache/asks again after a failure", test_cache_asks_again_after_a_failure);
  g_test_add_func ("/cache/tells sizes and owners apart", test_cache_tells_sizes_and_owners_apart);
  g_test_add_func ("/cache/makes each chunk once for many readers", test_cache_makes_each_chunk_once_for_many_readers);
  g_test_add_func ("/readahead/grows with what was read in order", test_readahead_grows_with_what_was_read_in_order);
  g_test_add_func ("/readahead/bears requests out of order", test_readahead_bears_requests_out_of_order);
  g_test_add_func ("/readahead/fetches nothing for random reads", test_readahead_fetches_nothing_for_random_reads);
  g_test_add_func ("/readahead/ends with its file", test_readahead_ends_with_its_file);
  return g_test_run ();
}
