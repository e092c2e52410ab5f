/* Files of every kind opened, read by several threads, and closed. */
#include "made_files.h"
#include "made_hdf5.h"
#include <glib/gstdio.h>
#include <string.h>

static void
files_of_several_members_open_by_the_first (void)
{
  const char *names[] = { "family_old00000.h5", "family_new00000.h5", "split_old-m.h5",
                          "split_new-m.h5",     "multi_old-s.h5",     "multi_new-s.h5" };

  if (!made_is_there ())
    return;
  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (ExpStore) store = made_open (names[i], &error);
      g_assert_no_error (error);
      g_autoptr (ExpNode) node = exp_node_resolve (exp_store_get_root (store), "x", &error);
      g_autoptr (ExpArray) array = exp_node_read_all (node, &error);
      g_assert_no_error (error);
      g_assert_cmpint (exp_cell_int (array->dtype, array->data + 4 * 4999), ==, 4999);
      made_assert_dataset (names[i], "s", "|O", "\"hello\" \"world\"");
    }
}

static void
a_missing_member_is_named (void)
{
  const char *const cases[][2] = { { "family_old00000.h5", "family_old00003.h5" },
                                   { "split_old-m.h5", "split_old-r.h5" },
                                   { "multi_old-s.h5", "multi_old-l.h5" } };

  if (!made_is_there ())
    return;
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autofree char *member = g_build_filename (made_directory, cases[i][1], NULL);
      g_autofree char *away = g_strconcat (member, ".away", NULL);

      g_assert_cmpint (g_rename (member, away), ==, 0);
      g_assert_null (made_open (cases[i][0], &error));
      g_assert_cmpint (g_rename (away, member), ==, 0);
      g_assert_error (error, EXP_ERROR, EXP_ERROR_DAMAGED);
      g_assert_nonnull (strstr (error->message, cases[i][1]));
    }
}

static void
a_user_block_is_passed_over (void)
{
  if (!made_is_there ())
    return;
  made_assert_dataset ("user_block.h5", "a", "<i8", "0 1 2");
  made_assert_dataset ("user_block.h5", "s", "|O", "\"p\" \"q\"");
}

static void
what_is_no_hdf5_says_what_it_is (void)
{
  static const char zeros[4096];
  const struct
  {
    const char *contents;
    gsize size;
    const char *words;
  } cases[] = { { "", 0, "empty" }, { zeros, sizeof zeros, "zeros" }, { "plain text\n", 11, "no signature" } };

  if (!made_is_there ())
    return;
  g_autofree char *path = g_build_filename (made_directory, "other", NULL);
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_true (g_file_set_contents (path, cases[i].contents, cases[i].size, NULL));
      g_assert_false (exp_format_hdf5.recognise (path));
      g_assert_null (made_open ("other", &error));
      g_assert_error (error, EXP_ERROR, EXP_ERROR_NOT_A_STORE);
      g_assert_nonnull (strstr (error->message, cases[i].words));
    }
}

static void
a_growing_file_shows_its_new_rows (void)
{
  if (!made_is_there ())
    return;

  /* A writer that died leaves the mark of SWMR behind, which is all that opening looks at. */
  g_assert_cmpint (made_files_run_python ("import os\n"
                                          "f = h5py.File(sys.argv[1] + '/growing.h5', 'r+', libver='latest')\n"
                                          "f.swmr_mode = True\n"
                                          "f['x'].resize((5,)); f['x'][3:] = [3, 4]; f['x'].flush(); f.flush()\n"
                                          "os._exit(0)\n",
                                          made_directory),
                   ==, 0);
  g_autoptr (GError) error = NULL;
  g_autoptr (ExpStore) store = made_open ("growing.h5", &error);
  g_assert_no_error (error);
  g_autoptr (ExpNode) node = exp_node_resolve (exp_store_get_root (store), "x", &error);
  g_auto (ExpInfo) info = { 0 };
  g_assert_true (exp_node_describe (node, &info, &error));
  g_assert_true (info.is_growing);
  g_assert_cmpuint (info.shape[0], ==, 5);
  made_assert_dataset ("growing.h5", "x", "<i8", "0 1 2 3 4");
}

typedef struct
{
  ExpStore *store;
  guint seed;
} Worker;

static gpointer
read_at_random (gpointer data)
{
  static const char *const paths[] = { "gzip",       "cube",    "cube_chunked", "vstring", "mixed",
                                       "references", "regions", "group/hard",   "beside",  "named" };
  Worker *worker = data;
  g_autoptr (GRand) random = g_rand_new_with_seed (worker->seed);

  for (guint i = 0; i < 200; i++)
    {
      g_autoptr (GError) error = NULL;
      const char *path = paths[g_rand_int_range (random, 0, G_N_ELEMENTS (paths))];
      g_autoptr (ExpNode) node = exp_node_resolve (exp_store_get_root (worker->store), path, &error);
      g_auto (ExpInfo) info = { 0 };

      g_assert_no_error (error);
      g_assert_true (exp_node_describe (node, &info, &error));
      if (info.kind == EXP_KIND_LINK)
        continue;
      g_autoptr (ExpArray) array = exp_node_read_all (node, &error);
      g_assert_no_error (error);
      g_auto (GStrv) names = exp_node_list_attributes (node, &error);
      g_assert_nonnull (names);
    }
  return NULL;
}

static void
threads_may_read_at_once (void)
{
  GThread *threads[8];
  Worker workers[G_N_ELEMENTS (threads)];

  if (!made_is_there ())
    return;
  g_autoptr (GError) error = NULL;
  g_autoptr (ExpStore) store = made_open ("made.h5", &error);
  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    {
      workers[i] = (Worker){ store, i };
      threads[i] = g_thread_new ("reader", read_at_random, &workers[i]);
    }
  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    g_thread_join (threads[i]);
}

static void
closing_the_store_closes_everything (void)
{
  if (!made_is_there ())
    return;
  gint64 stores = exp_stat_get (EXP_STAT_OPEN_STORES);
  g_autoptr (GError) error = NULL;
  ExpStore *store = made_open ("made.h5", &error);
  g_autoptr (ExpNode) far = exp_node_resolve (exp_store_get_root (store), ".external/sub/deep.h5/a", &error);

  g_assert_cmpint (exp_stat_get (EXP_STAT_OPEN_STORES), ==, stores + 2);
  exp_store_unref (store);
  g_assert_cmpint (exp_stat_get (EXP_STAT_OPEN_STORES), ==, stores + 1);
  g_autoptr (ExpArray) array = exp_node_read_all (far, &error);
  g_assert_no_error (error);
  g_clear_pointer (&far, exp_node_unref);
  g_assert_cmpint (exp_stat_get (EXP_STAT_OPEN_STORES), ==, stores);
  g_assert_cmpint (exp_stat_get (EXP_STAT_OPEN_DATASETS), ==, 0);
}

int
main (int argc, char **argv)
{
  made_init (&argc, &argv);
#define ADD(test) g_test_add_func ("/hdf5-files/" #test, test)
  ADD (files_of_several_members_open_by_the_first);
  ADD (a_missing_member_is_named);
  ADD (a_user_block_is_passed_over);
  ADD (what_is_no_hdf5_says_what_it_is);
  ADD (a_growing_file_shows_its_new_rows);
  ADD (threads_may_read_at_once);
  ADD (closing_the_store_closes_everything);
  return made_run ();
}
