/* Collections as trees of nodes: what names stand for, when they stand for something else, and what is refused. */
#include "expfs/expfs.h"
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <utime.h>

/* An array of one byte, as NumPy saves it. */
static void
write_npy (const char *path, char value)
{
  static const char header[] = "\x93NUMPY\1\0\x76\0{'descr': '|u1', 'fortran_order': False, 'shape': (1,), }";
  char bytes[129];

  memset (bytes, ' ', sizeof bytes);
  memcpy (bytes, header, sizeof header - 1);
  bytes[127] = '\n';
  bytes[128] = value;
  g_assert_true (g_file_set_contents (path, bytes, sizeof bytes, NULL));
}

typedef struct
{
  char *path;
  ExpStore *store;
  ExpNode *root;
} Fixture;

static char *
at (const Fixture *fixture, const char *name)
{
  return g_build_filename (fixture->path, name, NULL);
}

static void
set_up (Fixture *fixture, gconstpointer data)
{
  fixture->path = g_dir_make_tmp ("collection-XXXXXX", NULL);
  g_autofree char *sub = at (fixture, "sub"), *array = at (fixture, "sub/a.npy"), *text = at (fixture, "text");

  g_assert_cmpint (g_mkdir (sub, 0777), ==, 0);
  write_npy (array, 7);
  g_assert_true (g_file_set_contents (text, "hello\n", -1, NULL));
  fixture->store = exp_store_open (fixture->path, &(ExpStoreOptions){ 0 }, NULL);
  g_assert_nonnull (fixture->store);
  fixture->root = exp_store_get_root (fixture->store);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  static const char *const names[] = { "sub/a.npy", "sub", "text", "other", "link" };

  exp_store_unref (fixture->store);
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autofree char *path = at (fixture, names[i]);
      g_remove (path);
    }
  g_assert_cmpint (g_rmdir (fixture->path), ==, 0);
  g_free (fixture->path);
}

static void
stores_are_groups_and_other_files_their_bytes (Fixture *fixture, gconstpointer data)
{
  g_autoptr (ExpNode) stored = exp_node_resolve (fixture->root, "sub/a.npy", NULL);
  g_autoptr (ExpNode) value = exp_node_resolve (fixture->root, "sub/a.npy/value", NULL);
  g_autoptr (ExpNode) text = exp_node_lookup (fixture->root, "text", NULL);
  g_auto (ExpInfo) info = { 0 }, text_info = { 0 };
  ExpOutside outside;

  g_assert_cmpstr (exp_store_get_format (fixture->store), ==, "collection");
  g_assert_true (exp_node_describe (stored, &info, NULL));
  g_assert_cmpint (info.kind, ==, EXP_KIND_GROUP);
  g_assert_true (exp_node_look_outside (stored, &outside, NULL) && outside.is_store && !outside.is_folder);
  g_assert_cmpstr (exp_node_format_name (stored, NULL), ==, "npy");
  g_autoptr (ExpArray) elements = exp_node_read_all (value, NULL);
  g_assert_cmpint (*(guint8 *)elements->data, ==, 7);
  g_assert_cmpuint (exp_node_version (value), ==, 0);

  g_assert_true (exp_node_describe (text, &text_info, NULL));
  g_assert_true (text_info.is_bytes && text_info.is_growing);
  g_autoptr (ExpArray) bytes = exp_node_read_all (text, NULL);
  g_assert_cmpmem (bytes->data, bytes->n_elements, "hello\n", 6);
}

static void
no_name_leads_out_of_the_directory (Fixture *fixture, gconstpointer data)
{
  static const char *const names[] = { "", ".", "..", "sub/a.npy", "../x", "nothing" };

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autoptr (GError) error = NULL;
      g_assert_null (exp_node_lookup (fixture->root, names[i], &error));
      g_assert_error (error, EXP_ERROR, EXP_ERROR_NOT_FOUND);
    }
}

static void
a_version_lasts_as_long_as_what_it_is_of (Fixture *fixture, gconstpointer data)
{
  g_autoptr (ExpNode) sub = exp_node_lookup (fixture->root, "sub", NULL);
  g_autoptr (ExpNode) stored = exp_node_lookup (sub, "a.npy", NULL), again = NULL, changed = NULL, plain = NULL;
  g_autofree char *path = at (fixture, "sub/a.npy");
  const guint64 version = exp_node_version (stored);
  g_autoptr (GError) error = NULL;

  again = exp_node_lookup (sub, "a.npy", NULL);
  g_assert_cmpuint (exp_node_version (again), ==, version);
  write_npy (path, 8);
  g_assert_cmpint (g_utime (path, &(struct utimbuf){ 1000, 1000 }), ==, 0);
  changed = exp_node_lookup (sub, "a.npy", NULL);
  g_assert_cmpuint (exp_node_version (changed), !=, version);
  /* What was found before and never opened is not what is there now. */
  g_assert_null (exp_node_lookup (stored, "value", &error));
  g_assert_error (error, EXP_ERROR, EXP_ERROR_STALE);
  g_assert_true (g_file_set_contents (path, "text", -1, NULL));
  plain = exp_node_lookup (sub, "a.npy", NULL);
  g_auto (ExpInfo) info = { 0 };
  g_assert_true (exp_node_describe (plain, &info, NULL));
  g_assert_cmpint (info.kind, ==, EXP_KIND_DATASET);
}

static void
a_file_that_went_is_stale_unless_it_is_open (Fixture *fixture, gconstpointer data)
{
  g_autoptr (ExpNode) one = exp_node_lookup (fixture->root, "text", NULL);
  g_autoptr (ExpNode) other = exp_node_lookup (fixture->root, "text", NULL);
  g_autofree char *path = at (fixture, "text");
  g_autoptr (GError) error = NULL;
  g_autoptr (ExpArray) bytes = exp_node_read_all (one, NULL), after = NULL;

  g_assert_cmpint (g_unlink (path), ==, 0);
  after = exp_node_read_all (one, NULL);
  g_assert_cmpmem (after->data, after->n_elements, "hello\n", 6);
  g_assert_null (exp_node_read_all (other, &error));
  g_assert_error (error, EXP_ERROR, EXP_ERROR_STALE);
}

static void
links_stay_inside_or_lead_where_they_lead (Fixture *fixture, gconstpointer data)
{
  g_autofree char *path = at (fixture, "link"), *inside = at (fixture, "sub/a.npy");
  const struct
  {
    const char *target, *shown;
    gboolean is_external;
  } cases[] = { { "sub/a.npy", "sub/a.npy", FALSE }, { inside, "/sub/a.npy", FALSE }, { "/etc/x", "/etc/x", TRUE } };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_auto (ExpInfo) info = { 0 };
      g_remove (path);
      g_assert_cmpint (symlink (cases[i].target, path), ==, 0);
      g_autoptr (ExpNode) link = exp_node_lookup (fixture->root, "link", NULL);
      g_assert_true (exp_node_describe (link, &info, NULL));
      g_assert_cmpint (info.kind, ==, EXP_KIND_LINK);
      g_assert_cmpstr (info.target, ==, cases[i].shown);
      g_assert_cmpint (info.is_external, ==, cases[i].is_external);
    }
}

static void
writing_is_refused (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (exp_store_open (fixture->path, &(ExpStoreOptions){ .is_writable = TRUE }, &error));
  g_assert_error (error, EXP_ERROR, EXP_ERROR_UNSUPPORTED);
  g_assert_nonnull (strstr (error->message, fixture->path));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(name, func) g_test_add ("/collection/" name, Fixture, NULL, set_up, func, tear_down)
  ADD ("stores-are-groups-and-other-files-their-bytes", stores_are_groups_and_other_files_their_bytes);
  ADD ("no-name-leads-out-of-the-directory", no_name_leads_out_of_the_directory);
  ADD ("a-version-lasts-as-long-as-what-it-is-of", a_version_lasts_as_long_as_what_it_is_of);
  ADD ("a-file-that-went-is-stale-unless-it-is-open", a_file_that_went_is_stale_unless_it_is_open);
  ADD ("links-stay-inside-or-lead-where-they-lead", links_stay_inside_or_lead_where_they_lead);
  ADD ("writing-is-refused", writing_is_refused);
  return g_test_run ();
}
