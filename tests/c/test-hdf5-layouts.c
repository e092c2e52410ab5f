/* Datasets of every layout, whole and by slabs. */
#include "core/source/chunk_cache.h"
#include "made_hdf5.h"

static void
every_layout_reads_the_same (void)
{
  static const struct
  {
    const char *path, *layout, *filters, *cells;
  } cases[] = {
    { "scalar", "contiguous", NULL, "3.25" },
    { "null", "contiguous", NULL, "" },
    { "zero", "contiguous", NULL, "" },
    { "rank32", "contiguous", NULL, "0 1 2 3 4 5 6 7" },
    { "unallocated", "contiguous", NULL, "42 42 42 42" },
    { "sparse", "chunked", NULL, "1 7 7 7" },
    { "compact", "compact", NULL, "1 2 3" },
    { "external", "external", NULL, "1 2 3 4 5 100 101 102 0 0" },
    { "gzip", "chunked", "shuffle,gzip(4),fletcher32", NULL },
    { "szip", "chunked", "szip", NULL },
    { "scaleoffset", "chunked", "scaleoffset", NULL },
  };

  if (!made_is_there ())
    return;
  g_autoptr (GError) error = NULL;
  g_autoptr (ExpStore) store = made_open ("made.h5", &error);
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (ExpNode) node = exp_node_resolve (exp_store_get_root (store), cases[i].path, &error);
      g_auto (ExpLayout) layout = { 0 };

      g_assert_true (exp_node_layout (node, &layout, &error));
      g_assert_cmpstr (layout.layout, ==, cases[i].layout);
      g_assert_cmpstr (layout.filters, ==, cases[i].filters);
      g_autoptr (ExpArray) array = exp_node_read_all (node, &error);
      g_assert_no_error (error);
      g_autofree char *cells = made_to_json (array);
      if (cases[i].cells != NULL)
        g_assert_cmpstr (cells, ==, cases[i].cells);
      else
        g_assert_true (g_str_has_suffix (cells, " 97 98 99"));
    }
}

/* Any slab of a cube whose element at (i, j, k) is its position, from contiguous and from chunked storage. */
static void
slabs_hold_what_they_select (void)
{
  const guint64 edge = 40;
  g_autoptr (GRand) random = g_rand_new_with_seed (7);
  const char *paths[] = { "cube", "cube_chunked" };

  if (!made_is_there ())
    return;
  g_autoptr (GError) error = NULL;
  g_autoptr (ExpStore) store = made_open ("made.h5", &error);
  for (guint p = 0; p < G_N_ELEMENTS (paths); p++)
    for (guint round = 0; round < 300; round++)
      {
        g_autoptr (ExpNode) node = exp_node_resolve (exp_store_get_root (store), paths[p], &error);
        g_auto (ExpInfo) info = { 0 };
        ExpSlab slab = { .rank = 3 };

        g_assert_true (exp_node_describe (node, &info, &error));
        for (guint i = 0; i < 3; i++)
          {
            slab.start[i] = g_rand_int_range (random, 0, edge);
            slab.step[i] = g_rand_int_range (random, 1, 9);
            slab.count[i] = g_rand_int_range (random, 1, (edge - 1 - slab.start[i]) / slab.step[i] + 2);
          }
        g_autoptr (ExpArray) array = exp_node_read (node, &info, &slab, &error);
        g_assert_no_error (error);

        const guint8 *cell = array->data;
        for (guint64 i = 0; i < slab.count[0]; i++)
          for (guint64 j = 0; j < slab.count[1]; j++)
            for (guint64 k = 0; k < slab.count[2]; k++, cell += 4)
              g_assert_cmpint (exp_cell_int (array->dtype, cell), ==,
                               ((slab.start[0] + i * slab.step[0]) * edge + slab.start[1] + j * slab.step[1]) * edge
                                   + slab.start[2] + k * slab.step[2]);
      }
}

static void
variable_length_members_read_out_of_chunks (void)
{
  const char *empty = "{\"a\": 0, \"v\": [], \"s\": [\"\", \"\"]}";
  g_autofree char *cells = g_strdup_printf ("%s {\"a\": 7, \"v\": [1.0, 2.5], \"s\": [\"p\", \"q\"]} %s %s %s", empty,
                                            empty, empty, empty);

  if (made_is_there ())
    made_assert_dataset ("made.h5", "vlen_chunked", NULL, cells);
}

static void
virtual_datasets_read_what_their_sources_hold (void)
{
  if (!made_is_there ())
    return;
  made_assert_dataset ("virtual.h5", "texts", "|O", "\"x\" \"yy\" \"zzz\" \"\" \"\" \"\"");
  made_assert_dataset ("virtual.h5", "widened", "<f8", "0.0 1.0 2.0 3.0");
}

/* Behind the reader lie a million million chunks. */
static void
reading_on_into_the_next_layer_costs_what_is_read (void)
{
  const guint64 layer = (guint64)2 << 40;
  static double piece[16384];

  if (!made_is_there ())
    return;
  g_autoptr (GError) error = NULL;
  g_autoptr (ExpStore) store = made_open ("layers.h5", &error);
  g_autoptr (ExpNode) node = exp_node_resolve (exp_store_get_root (store), "x", &error);
  g_auto (ExpInfo) info = { 0 };
  g_assert_true (exp_node_describe (node, &info, &error));
  g_test_expect_message ("expfs", G_LOG_LEVEL_WARNING, "*cache=20971521M *");
  for (guint64 at = layer - 4 * G_N_ELEMENTS (piece); at < layer + 16 * G_N_ELEMENTS (piece);
       at += G_N_ELEMENTS (piece))
    {
      g_assert_true (exp_node_read_flat_into (node, &info, at, G_N_ELEMENTS (piece), piece, &error));
      for (guint i = 0; i < G_N_ELEMENTS (piece); i++)
        g_assert_cmpfloat (piece[i], ==, 1.5);
    }
  g_test_assert_expected_messages ();
}

/* A reply of many runs holds as many chunks, which may be large where its bytes are few. */
static void
chunks_are_lent_when_many_fit_the_cache (void)
{
  const guint64 row = 16384;
  ExpRun run;

  if (!made_is_there ())
    return;
  g_autoptr (GError) error = NULL;
  g_autoptr (ExpStore) store = made_open ("layers.h5", &error);
  g_autoptr (ExpNode) node = exp_node_resolve (exp_store_get_root (store), "rows", &error);
  g_assert_true (exp_node_locate (node, 0, 2 * row, &run));
  g_assert_cmpuint (run.length, ==, row * sizeof (double));
  exp_run_release (&run);
  exp_chunk_cache_set_limit (8 * row * sizeof (double));
  g_assert_false (exp_node_locate (node, 0, 2 * row, &run));
  g_assert_true (exp_node_locate (node, 0, row, &run));
  exp_run_release (&run);
}

int
main (int argc, char **argv)
{
  made_init (&argc, &argv);
#define ADD(test) g_test_add_func ("/hdf5-layouts/" #test, test)
  ADD (every_layout_reads_the_same);
  ADD (slabs_hold_what_they_select);
  ADD (variable_length_members_read_out_of_chunks);
  ADD (virtual_datasets_read_what_their_sources_hold);
  ADD (reading_on_into_the_next_layer_costs_what_is_read);
  ADD (chunks_are_lent_when_many_fit_the_cache);
  return made_run ();
}
