/* Nodes in memory, the answers for missing operations, sources, and the opening of what is no store. */
#include "expfs/expfs.h"
#include <glib/gstdio.h>
#include <string.h>

static gboolean
collect (const char *name, ExpNode *child, gpointer data)
{
  g_string_append_printf (data, "%s ", name);
  return ((GString *)data)->len < 8;
}

static ExpNode *
three_children (void)
{
  ExpNode *group = exp_memory_group_new ("leaf");
  g_autoptr (ExpArray) value = exp_array_new_int (7);
  g_autoptr (ExpNode) child = exp_memory_dataset_new (value, NULL);

  exp_memory_group_add (group, "c", child);
  exp_memory_group_add (group, "a", child);
  exp_memory_group_add_hidden (group, ".h", child);
  exp_memory_group_add (group, "b", child);
  return group;
}

static void
hidden_children_are_found_and_not_listed (void)
{
  g_autoptr (ExpNode) group = three_children ();
  g_autoptr (GString) names = g_string_new (NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (ExpNode) hidden = exp_node_lookup (group, ".h", NULL);

  g_assert_true (exp_node_list (group, 0, collect, names, NULL));
  g_assert_cmpstr (names->str, ==, "c a b ");
  g_string_truncate (names, 0);
  g_assert_true (exp_node_list (group, 1, collect, names, NULL));
  g_assert_cmpstr (names->str, ==, "a b ");
  g_assert_nonnull (hidden);
  g_assert_null (exp_node_lookup (group, "d", &error));
  g_assert_error (error, EXP_ERROR, EXP_ERROR_NOT_FOUND);
}

static void
a_path_leads_through_groups_only (void)
{
  g_autoptr (ExpNode) root = exp_memory_group_new (NULL);
  g_autoptr (ExpNode) group = three_children ();
  g_autoptr (GError) error = NULL;

  exp_memory_group_add (root, "g", group);
  g_autoptr (ExpNode) leaf = exp_node_resolve (root, "/g/b", NULL);
  g_assert_nonnull (leaf);
  g_assert_null (exp_node_resolve (root, "g/b/x", &error));
  g_assert_error (error, EXP_ERROR, EXP_ERROR_NOT_A_GROUP);
  g_assert_nonnull (strstr (error->message, "g/b/x"));
}

static void
a_hyperslab_of_a_cube_is_the_right_elements (void)
{
  g_autoptr (ExpDtype) i1 = exp_dtype_new_number (EXP_TYPE_INT, 1, FALSE);
  const guint64 shape[3] = { 3, 4, 5 };
  g_autoptr (ExpArray) cube = exp_array_new (i1, 3, shape, NULL);
  const guint8 want[] = { 21, 23, 31, 33, 41, 43, 51, 53 };
  const ExpSlab slab = { 3, { 1, 0, 1 }, { 2, 2, 2 }, { 1, 2, 2 } };

  for (guint i = 0; i < 60; i++)
    cube->data[i] = i;
  g_autoptr (ExpNode) node = exp_memory_dataset_new (cube, NULL);
  g_auto (ExpInfo) info = { 0 };
  g_assert_true (exp_node_describe (node, &info, NULL));
  g_autoptr (ExpArray) part = exp_node_read (node, &info, &slab, NULL);
  g_assert_cmpmem (part->data, part->n_elements, want, sizeof want);

  const ExpSlab outside = { 3, { 2, 0, 0 }, { 2, 1, 1 }, { 1, 1, 1 } };
  g_autoptr (GError) error = NULL;
  g_assert_null (exp_node_read (node, &info, &outside, &error));
  g_assert_error (error, EXP_ERROR, EXP_ERROR_INVALID);
}

static void
a_read_past_the_end_of_a_source_is_damage (void)
{
  g_autofree char *path = g_build_filename (g_get_tmp_dir (), "expfs-source-XXXXXX", NULL);
  int fd = g_mkstemp (path);
  g_autoptr (GError) error = NULL;
  char bytes[8];
  guint64 size;

  g_assert_cmpint (write (fd, "0123456789", 10), ==, 10);
  close (fd);
  g_autoptr (ExpSource) source = exp_source_open_file (path, NULL);
  g_assert_true (exp_source_size (source, &size, NULL));
  g_assert_cmpuint (size, ==, 10);
  g_assert_true (exp_source_pread (source, 2, 8, bytes, NULL));
  g_assert_cmpmem (bytes, 8, "23456789", 8);
  g_assert_false (exp_source_pread (source, 3, 8, bytes, &error));
  g_assert_error (error, EXP_ERROR, EXP_ERROR_DAMAGED);
  g_assert_nonnull (strstr (error->message, path));
  g_clear_error (&error);
  g_assert_false (exp_source_pread (source, G_MAXUINT64 - 2, 8, bytes, &error));
  g_assert_error (error, EXP_ERROR, EXP_ERROR_DAMAGED);
  g_unlink (path);
}

static void
refused (const char *path, const ExpStoreOptions *options, int code, const char *says)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (exp_store_open (path, options, &error));
  g_assert_error (error, EXP_ERROR, code);
  g_assert_nonnull (strstr (error->message, says));
}

static void
what_is_no_store_is_refused_with_its_reason (void)
{
  const char *const globs[] = { "x", NULL };
  g_autofree char *empty = g_dir_make_tmp (NULL, NULL);

  refused ("/nonexistent/store", &(ExpStoreOptions){ 0 }, EXP_ERROR_NOT_FOUND, "/nonexistent/store");
  refused ("/dev/null", &(ExpStoreOptions){ 0 }, EXP_ERROR_NOT_A_STORE, "/dev/null");
  refused (empty, &(ExpStoreOptions){ 0 }, EXP_ERROR_NOT_A_STORE, "not a store");
  refused (empty, &(ExpStoreOptions){ .format = "zarr" }, EXP_ERROR_INVALID, "zarr");
  refused (empty, &(ExpStoreOptions){ .only = globs, .except = globs }, EXP_ERROR_INVALID, "only=");
  g_rmdir (empty);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/node/hidden-children-are-found-and-not-listed", hidden_children_are_found_and_not_listed);
  g_test_add_func ("/node/a-path-leads-through-groups-only", a_path_leads_through_groups_only);
  g_test_add_func ("/node/a-hyperslab-of-a-cube", a_hyperslab_of_a_cube_is_the_right_elements);
  g_test_add_func ("/source/a-read-past-the-end-is-damage", a_read_past_the_end_of_a_source_is_damage);
  g_test_add_func ("/store/what-is-no-store-is-refused", what_is_no_store_is_refused_with_its_reason);
  return g_test_run ();
}
