/* Our own reading of groups says what the HDF5 library says: every kind of group and link, of every size. */
#include "core/format/hdf5/links_library.h"
#include "made_groups.h"

static char *directory; /* NULL: h5py is not there */

static void
assert_same_link (const ExpHdf5Link *link, const ExpHdf5Link *expected)
{
  g_assert_cmpstr (link->name, ==, expected->name);
  g_assert_cmpint (link->type, ==, expected->type);
  g_assert_cmphex (link->address, ==, expected->address);
  g_assert_cmpmem (link->value, link->value_size, expected->value, expected->value_size);
}

static void
assert_same_links (GArray *links, GArray *expected)
{
  g_assert_cmpuint (links->len, ==, expected->len);
  for (guint i = 0; i < links->len; i++)
    assert_same_link (&g_array_index (links, ExpHdf5Link, i), &g_array_index (expected, ExpHdf5Link, i));
}

static GArray *
read_by_library (ExpHdf5File *file, guint64 address)
{
  GArray *links = exp_hdf5_links_new ();
  g_autoptr (GError) error = NULL;
  guint64 position = 0;
  gboolean is_last;

  exp_hdf5_library_read_links (file, address, &position, G_MAXUINT, links, &is_last, &error);
  g_assert_no_error (error);
  g_assert_true (is_last);
  return links;
}

static GArray *
read_links (ExpHdf5File *file, guint64 address, guint at_once)
{
  GArray *links = exp_hdf5_links_new ();
  g_autoptr (GError) error = NULL;

  read_all (file, address, at_once, links, &error);
  g_assert_no_error (error);
  return links;
}

static void
assert_found (ExpHdf5File *file, guint64 address, const char *name)
{
  g_auto (ExpHdf5Link) link = { NULL };
  g_auto (ExpHdf5Link) expected = { NULL };
  g_autoptr (GError) error = NULL;

  exp_hdf5_links_find (file, address, name, &link, &error);
  g_assert_no_error (error);
  exp_hdf5_library_find_link (file, address, name, &expected, &error);
  g_assert_no_error (error);
  assert_same_link (&link, &expected);
}

static void
assert_not_found (ExpHdf5File *file, guint64 address, const char *name)
{
  g_auto (ExpHdf5Link) link = { NULL };
  g_autoptr (GError) error = NULL;

  g_assert_false (exp_hdf5_links_find (file, address, name, &link, &error));
  g_assert_error (error, EXP_ERROR, EXP_ERROR_NOT_FOUND);
}

static void
compare_group (ExpHdf5File *file, guint64 address)
{
  g_autoptr (GArray) links = read_links (file, address, 300);
  g_autoptr (GArray) expected = read_by_library (file, address);
  guint step = 1 + links->len / 2000;

  assert_same_links (links, expected);
  for (guint i = 0; i < links->len; i += step)
    assert_found (file, address, g_array_index (links, ExpHdf5Link, i).name);
  for (guint i = 0; i < 20; i++)
    {
      g_autofree char *name = g_strdup_printf ("%c-%u", 'a' + i, i);

      assert_not_found (file, address, name);
    }
  assert_not_found (file, address, "");
  assert_not_found (file, address, "a/b");
  assert_not_found (file, address, ".");
}

static void
groups_list_and_find_what_the_library_does (void)
{
  g_autoptr (GDir) dir = directory != NULL ? g_dir_open (directory, 0, NULL) : NULL;
  const char *name;
  guint n = 0;

  if (dir == NULL)
    {
      g_test_skip ("python3-h5py is not installed");
      return;
    }
  while ((name = g_dir_read_name (dir)) != NULL)
    {
      g_autoptr (ExpHdf5File) file = open_made (directory, name);
      g_autoptr (GArray) addresses = group_addresses (file);

      for (guint i = 0; i < addresses->len; i++)
        compare_group (file, g_array_index (addresses, guint64, i));
      n += addresses->len;
    }
  g_assert_cmpuint (n, >, 200);
}

/* The library is only asked about groups with filters. */
static void
the_library_is_left_alone (void)
{
  if (directory == NULL)
    {
      g_test_skip ("python3-h5py is not installed");
      return;
    }
  g_autoptr (ExpHdf5File) file = open_made (directory, "sized_new.h5");
  g_autoptr (GArray) links = read_links (file, file->root, 100);
  for (guint i = 0; i < links->len; i++)
    {
      const ExpHdf5Link *group = &g_array_index (links, ExpHdf5Link, i);
      g_autoptr (GArray) inside = read_links (file, group->address, 1000);
      g_auto (ExpHdf5Link) link = { NULL };
      gboolean is_open;

      exp_hdf5_links_find (file, group->address, "n0", &link, NULL);
      exp_hdf5_lock ();
      is_open = file->open != NULL && g_hash_table_contains (file->open, &group->address);
      exp_hdf5_unlock ();
      g_assert_cmpint (is_open, ==, g_str_has_prefix (group->name, "filtered") && inside->len > 0);
    }
}

/* Every listing goes on at any position, and several at once do not disturb each other. */
static void
listings_go_on_anywhere (void)
{
  const char *const names[] = { "sized_old.h5", "sized_new.h5", "changed_old.h5", "k1_1.h5", "k1_300.h5" };

  for (guint k = 0; k < G_N_ELEMENTS (names) && directory != NULL; k++)
    {
      g_autoptr (ExpHdf5File) file = open_made (directory, names[k]);
      g_autoptr (GArray) addresses = group_addresses (file);
      g_autoptr (GRand) rand = g_rand_new_with_seed (7);

      for (guint i = 0; i < addresses->len; i++)
        {
          guint64 address = g_array_index (addresses, guint64, i);
          g_autoptr (GArray) whole = read_links (file, address, G_MAXUINT / 2);

          if (whole->len <= 1000)
            {
              g_autoptr (GArray) singly = read_links (file, address, 1);
              assert_same_links (singly, whole);
            }
          for (guint trial = 0; trial < 50; trial++)
            {
              guint64 start = g_rand_int_range (rand, 0, whole->len + 2), position = start;
              guint limit = g_rand_int_range (rand, 1, 20);
              g_autoptr (GArray) part = exp_hdf5_links_new ();
              gboolean is_last;

              g_assert_true (exp_hdf5_links_read (file, address, &position, limit, part, &is_last, NULL));
              g_assert_cmpuint (part->len, ==, MIN (limit, whole->len - MIN (start, whole->len)));
              g_assert_cmpuint (position, ==, start + part->len);
              for (guint j = 0; j < part->len; j++)
                assert_same_link (&g_array_index (part, ExpHdf5Link, j),
                                  &g_array_index (whole, ExpHdf5Link, start + j));
            }
        }
    }
}

static gpointer
list_and_find (gpointer data)
{
  ExpHdf5File *file = data;
  g_autoptr (GArray) groups = read_links (file, file->root, 7);
  guint64 n = 0;

  for (guint i = 0; i < groups->len; i++)
    {
      guint64 address = g_array_index (groups, ExpHdf5Link, i).address;
      g_autoptr (GArray) links = read_links (file, address, 500);

      for (guint k = 0; k < links->len; k += 37)
        {
          g_auto (ExpHdf5Link) link = { NULL };

          n += exp_hdf5_links_find (file, address, g_array_index (links, ExpHdf5Link, k).name, &link, NULL);
        }
      n += links->len;
    }
  return GSIZE_TO_POINTER (n);
}

static void
threads_may_list_at_once (void)
{
  const char *const names[] = { "sized_old.h5", "sized_new.h5" };

  for (guint k = 0; k < G_N_ELEMENTS (names) && directory != NULL; k++)
    {
      g_autoptr (ExpHdf5File) file = open_made (directory, names[k]);
      gpointer expected = list_and_find (file);
      GThread *threads[6];

      g_assert_cmpuint (GPOINTER_TO_SIZE (expected), >, 50000);
      for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
        threads[i] = g_thread_new (NULL, list_and_find, file);
      for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
        g_assert_true (g_thread_join (threads[i]) == expected);
    }
}

/* A source that counts what is read of another. */
typedef struct
{
  ExpSource base;
  ExpSource *inner;
  guint64 n_bytes;
} Counting;

static gboolean
counting_size (ExpSource *source, guint64 *size, GError **error)
{
  return exp_source_size (((Counting *)source)->inner, size, error);
}

static gboolean
counting_pread (ExpSource *source, guint64 offset, gsize length, void *buffer, GError **error)
{
  Counting *counting = (Counting *)source;

  counting->n_bytes += length;
  return exp_source_pread (counting->inner, offset, length, buffer, error);
}

static const ExpSourceClass counting_class = { .size = counting_size, .pread = counting_pread };

/* Listing a group in batches reads its structures about once, not once for each batch, and keeps few of them. */
static void
batches_cost_what_they_hold (void)
{
  const struct
  {
    const char *name;
    guint at_once;
  } cases[] = { { "sized_old.h5", 100 }, { "sized_new.h5", 10000 } };

  for (guint k = 0; k < G_N_ELEMENTS (cases) && directory != NULL; k++)
    {
      g_autoptr (ExpHdf5File) file = open_made (directory, cases[k].name);
      Counting counting = { { .klass = &counting_class }, file->blocks->source, 0 };
      g_auto (ExpHdf5Link) group = { NULL };
      g_autoptr (GArray) links = exp_hdf5_links_new ();
      guint64 size;

      g_assert_true (exp_source_size (file->source, &size, NULL));
      g_assert_true (exp_hdf5_links_find (file, file->root, "n50000", &group, NULL));
      file->blocks->source = &counting.base;
      file->blocks->limit = 1024 * 1024;
      read_all (file, group.address, cases[k].at_once, links, NULL);
      file->blocks->source = counting.inner;
      g_assert_cmpuint (links->len, ==, 50000);
      g_assert_cmpuint (counting.n_bytes, <, 10 * size);
      g_assert_cmpuint (file->blocks->held_bytes, <=, 2 * 1024 * 1024);
    }
}

/* A tree may name the same large object a thousand times over. */
static void
names_of_unknown_length_end_a_batch (void)
{
  if (directory == NULL)
    {
      g_test_skip ("python3-h5py is not installed");
      return;
    }
  g_autoptr (ExpHdf5File) file = open_made (directory, "huge_names.h5");
  g_auto (ExpHdf5Link) group = { NULL };
  g_autoptr (GArray) links = exp_hdf5_links_new ();
  guint64 position = 0;
  gboolean is_last;

  g_assert_true (exp_hdf5_links_find (file, file->root, "huge", &group, NULL));
  g_assert_true (exp_hdf5_links_read (file, group.address, &position, 1000, links, &is_last, NULL));
  g_assert_cmpuint (links->len, ==, 1);
  g_assert_false (is_last);
  g_assert_true (read_all (file, group.address, 1000, links, NULL));
  g_assert_cmpuint (links->len, ==, 21);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  directory = made_files_new ("make_groups.py");
#define ADD(test) g_test_add_func ("/groups/" #test, test)
  ADD (groups_list_and_find_what_the_library_does);
  ADD (the_library_is_left_alone);
  ADD (listings_go_on_anywhere);
  ADD (threads_may_list_at_once);
  ADD (batches_cost_what_they_hold);
  ADD (names_of_unknown_length_end_a_batch);
  int status = g_test_run ();

  made_files_free (directory);
  return status;
}
