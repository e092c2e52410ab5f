/* x.npy written as NumPy's maps and interrupted copies write it. */
#include "edit_check.h"

/* The file of `n` doubles 0, 1, 2, ... */
static GString *
doubles (gsize n)
{
  g_autoptr (ExpDtype) dtype = exp_dtype_new_number (EXP_TYPE_FLOAT, 8, FALSE);
  g_autoptr (ExpNode) root = exp_memory_store_new ();
  g_autofree double *values = g_new (double, n);

  for (gsize i = 0; i < n; i++)
    values[i] = i;
  g_autoptr (ExpNode) made = make_dataset (root, "x", dtype, 1, (guint64[]){ n }, values, FALSE);
  return show_child (root, "x", &exp_view_npy);
}

static gsize
header_length (const GString *npy)
{
  return 10 + ((guchar)npy->str[8] | (guchar)npy->str[9] << 8);
}

static void
expect_npy (ExpNode *root, const GString *wanted)
{
  g_autoptr (GString) shown = show_child (root, "x", &exp_view_npy);

  g_assert_true (shown->len == wanted->len && memcmp (shown->str, wanted->str, wanted->len) == 0);
}

/* open_memmap (mode='w+'): the header and a close, then a byte at the end, then pages in any order. */
static void
a_map_of_a_new_file_is_zeros_first (void)
{
  for (guint has_close = 0; has_close < 2; has_close++)
    {
      g_autoptr (ExpNode) root = new_store ();
      g_autoptr (GString) npy = doubles (3000);
      const gsize before = header_length (npy), page = 4096;
      ExpEdit *edit = edit_child (root, "x", &exp_view_npy);

      g_assert_true (exp_edit_pwrite (edit, 0, before, npy->str, NULL));
      if (has_close)
        {
          g_assert_true (exp_edit_finish (edit, NULL));
          exp_edit_free (edit);
          g_autoptr (GString) zeros = show_child (root, "x", &exp_view_raw);
          g_assert_cmpuint (zeros->len, ==, 24000);
          for (gsize i = 0; i < zeros->len; i++)
            g_assert_cmpint (zeros->str[i], ==, 0);
          edit = edit_child (root, "x", &exp_view_npy);
        }
      g_assert_true (exp_edit_pwrite (edit, npy->len - 1, 1, "", NULL));
      for (gsize at = npy->len / page * page + page; at > 0; at -= page)
        g_assert_true (
            exp_edit_pwrite (edit, at - page, MIN (page, npy->len - (at - page)), npy->str + at - page, NULL));
      g_assert_true (exp_edit_finish (edit, NULL));
      exp_edit_free (edit);
      expect_npy (root, npy);
    }
}

static void
pages_change_just_their_elements (void)
{
  g_autoptr (ExpNode) root = new_store ();
  g_autoptr (GString) npy = doubles (3000);
  ExpEdit *edit = edit_child (root, "x", &exp_view_npy);
  g_autoptr (GError) error = NULL;

  g_assert_true (exp_edit_pwrite (edit, 0, npy->len, npy->str, NULL));
  g_assert_true (exp_edit_finish (edit, NULL));
  g_assert_false (exp_edit_is_pending (edit));
  memset (npy->str + 5000, 1, 3);
  g_assert_true (exp_edit_pwrite (edit, 4096, 4096, npy->str + 4096, NULL));
  g_assert_true (exp_edit_pwrite (edit, 0, 4096, npy->str, NULL));
  g_assert_false (exp_edit_is_pending (edit));
  g_assert_false (exp_edit_pwrite (edit, npy->len - 1, 2, "ab", &error));
  g_assert_error (error, EXP_ERROR, EXP_ERROR_INVALID);
  exp_edit_free (edit);
  expect_npy (root, npy);
}

static void
an_interrupted_copy_leaves_nothing_new (void)
{
  g_autoptr (ExpNode) root = new_store ();
  g_autoptr (GString) npy = doubles (1000), old = doubles (7);
  g_autoptr (GError) error = NULL;
  ExpEdit *edit = edit_child (root, "x", &exp_view_npy);

  g_assert_true (exp_edit_pwrite (edit, 0, npy->len - 1, npy->str, NULL));
  g_assert_nonnull (exp_edit_get_node (edit));
  g_assert_false (exp_edit_flush (edit, &error));
  g_assert_error (error, EXP_ERROR, EXP_ERROR_INVALID);
  g_clear_error (&error);
  g_assert_false (exp_edit_finish (edit, &error));
  g_clear_error (&error);
  g_assert_null (exp_edit_get_node (edit));
  g_assert_null (exp_node_lookup (root, "x", NULL));

  g_assert_true (exp_edit_pwrite (edit, 0, old->len, old->str, NULL));
  g_assert_true (exp_edit_finish (edit, NULL));
  g_assert_true (exp_edit_truncate (edit, 0, NULL));
  g_assert_true (exp_edit_pwrite (edit, 0, npy->len - 1, npy->str, NULL));
  g_assert_false (exp_edit_finish (edit, &error));
  exp_edit_free (edit);
  expect_npy (root, old);
}

static void
a_copy_in_two_goes_is_whole (void)
{
  g_autoptr (ExpNode) root = new_store ();
  g_autoptr (GString) npy = doubles (1000);
  ExpEdit *edit = edit_child (root, "x", &exp_view_npy);

  g_assert_true (exp_edit_pwrite (edit, 0, 1001, npy->str, NULL));
  g_assert_false (exp_edit_flush (edit, NULL));
  g_assert_true (exp_edit_append (edit, npy->len - 1001, npy->str + 1001, NULL));
  g_assert_true (exp_edit_flush (edit, NULL));
  g_autoptr (GString) shown = show_edit (edit);
  g_assert_true (shown->len == npy->len && memcmp (shown->str, npy->str, npy->len) == 0);
  g_assert_true (exp_edit_finish (edit, NULL));
  exp_edit_free (edit);
  expect_npy (root, npy);
}

/* dd conv=notrunc of a file with another header. */
static void
another_header_changes_the_shape (void)
{
  g_autoptr (ExpNode) root = new_store ();
  g_autoptr (GString) npy = doubles (1000), more = doubles (1001);
  ExpEdit *edit = edit_child (root, "x", &exp_view_npy);

  g_assert_true (exp_edit_pwrite (edit, 0, npy->len, npy->str, NULL));
  g_assert_true (exp_edit_finish (edit, NULL));
  g_assert_true (exp_edit_pwrite (edit, 0, 512, more->str, NULL));
  g_assert_true (exp_edit_pwrite (edit, 512, more->len - 512, more->str + 512, NULL));
  g_assert_true (exp_edit_finish (edit, NULL));
  exp_edit_free (edit);
  expect_npy (root, more);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/edit/npy/a-map-of-a-new-file", a_map_of_a_new_file_is_zeros_first);
  g_test_add_func ("/edit/npy/pages-change-their-elements", pages_change_just_their_elements);
  g_test_add_func ("/edit/npy/an-interrupted-copy", an_interrupted_copy_leaves_nothing_new);
  g_test_add_func ("/edit/npy/a-copy-in-two-goes", a_copy_in_two_goes_is_whole);
  g_test_add_func ("/edit/npy/another-header", another_header_changes_the_shape);
  return g_test_run ();
}
