/* x.raw written at any offset and of any length, beside a plain file in memory that is written the same way. */
#include "edit_check.h"

/* Random reads, writes, cuts and flushes; sizes are multiples of `unit` wherever they are stored. */
static void
fsx (ExpNode *root, ExpDtype *dtype, guint rank, const guint64 *shape, gboolean is_extensible, gsize unit,
     gboolean shifts, guint64 most, guint n_steps, guint32 seed)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (seed);
  g_autoptr (GByteArray) file = g_byte_array_new ();
  g_autoptr (ExpNode) made = make_dataset (root, "x", dtype, rank, shape, NULL, is_extensible);
  ExpEdit *edit = edit_child (root, "x", &exp_view_raw);
  g_autoptr (GError) error = NULL;
  g_autofree char *buffer = g_malloc (most + 1);
  guint64 size;

  g_assert_true (exp_edit_size (edit, &size, NULL));
  g_byte_array_set_size (file, size);
  memset (file->data, 0, size);
  for (guint step = 0; step < (is_in_hdf5 () ? n_steps / 10 : n_steps); step++)
    {
      gsize at = g_rand_int_range (rand, 0, most), n = g_rand_int_range (rand, 0, most - at + 1), n_read;
      gsize old = file->len;

      if (g_rand_int_range (rand, 0, 4) > 0)
        n = MIN (n, 64);
      if (!shifts)
        at -= at % unit, n -= n % unit;
      switch (g_rand_int_range (rand, 0, 8))
        {
        case 0:
        case 1:
        case 2:
          for (gsize i = 0; i < n; i++)
            buffer[i] = g_rand_int (rand);
          g_assert_true (exp_edit_pwrite (edit, at, n, buffer, &error));
          if (n > 0 && at + n > file->len)
            g_byte_array_set_size (file, at + n);
          if (n > 0 && at > old)
            memset (file->data + old, 0, at - old);
          memcpy (file->data + at, buffer, n);
          break;
        case 3:
          at -= at % unit;
          g_assert_true (exp_edit_truncate (edit, at, &error));
          g_byte_array_set_size (file, at);
          if (at > old)
            memset (file->data + old, 0, at - old);
          break;
        case 4:
          for (gsize i = 0; i < MIN (n, unit); i++)
            buffer[i] = g_rand_int (rand);
          if (old + n > most)
            break;
          g_assert_true (exp_edit_append (edit, MIN (n, unit), buffer, &error));
          g_byte_array_append (file, (guint8 *)buffer, MIN (n, unit));
          break;
        case 5:
          if (g_rand_int_range (rand, 0, 4) > 0)
            break;
          if (file->len % unit == 0)
            {
              g_assert_true (exp_edit_flush (edit, &error));
              g_assert_true (exp_edit_finish (edit, &error));
              g_autoptr (GString) shown = show_child (root, "x", &exp_view_raw);
              g_assert_cmpmem (shown->str, shown->len, file->data, file->len);
            }
          else
            {
              g_assert_false (exp_edit_flush (edit, &error));
              g_assert_error (error, EXP_ERROR, EXP_ERROR_INVALID);
              g_clear_error (&error);
            }
          break;
        default:
          g_assert_true (exp_edit_pread (edit, at, n, buffer, &n_read, &error));
          g_assert_cmpmem (buffer, n_read, file->data + MIN (at, file->len),
                           at < file->len ? MIN (n, file->len - at) : 0);
        }
      g_assert_no_error (error);
      g_assert_true (exp_edit_size (edit, &size, NULL));
      g_assert_cmpuint (size, ==, file->len);
    }
  g_autoptr (GString) shown = show_edit (edit);
  g_assert_cmpmem (shown->str, shown->len, file->data, file->len);
  exp_edit_free (edit);
  g_assert_true (exp_node_remove (root, "x", NULL));
}

static void
bytes_agree_with_a_plain_file (void)
{
  g_autoptr (ExpNode) root = new_store ();
  g_autoptr (ExpDtype) byte = exp_dtype_new_number (EXP_TYPE_UINT, 1, FALSE);

  fsx (root, byte, 1, (guint64[]){ 10 }, TRUE, 1, TRUE, 5000, 100000, 1);
  fsx (root, byte, 1, (guint64[]){ 3000 }, FALSE, 1, TRUE, 5000, 20000, 2);
  fsx (root, byte, 2, (guint64[]){ 30, 7 }, FALSE, 7, TRUE, 700, 20000, 3);
}

static void
elements_agree_with_a_plain_file (void)
{
  g_autoptr (ExpNode) root = new_store ();
  g_autoptr (ExpDtype) number = exp_dtype_new_number (EXP_TYPE_FLOAT, 8, FALSE);
  ExpMember members[] = { { (char *)"a", exp_dtype_new_number (EXP_TYPE_INT, 1, FALSE), 0 },
                          { (char *)"b", exp_dtype_new_number (EXP_TYPE_INT, 4, TRUE), 4 } };
  g_autoptr (ExpDtype) table = exp_dtype_new_compound (12, 2, members, NULL);
  g_autoptr (ExpDtype) pairs
      = exp_dtype_new_array (exp_dtype_new_number (EXP_TYPE_INT, 2, FALSE), 1, (guint64[]){ 3 }, NULL);

  fsx (root, number, 1, (guint64[]){ 100 }, TRUE, 8, TRUE, 4000, 50000, 4);
  fsx (root, number, 0, NULL, FALSE, 8, TRUE, 400, 20000, 5);
  fsx (root, number, 3, (guint64[]){ 4, 2, 3 }, FALSE, 48, TRUE, 1000, 20000, 6);
  fsx (root, table, 1, (guint64[]){ 9 }, TRUE, 5, TRUE, 500, 20000, 7);
  fsx (root, pairs, 1, (guint64[]){ 9 }, FALSE, 6, TRUE, 500, 20000, 8);
}

static void
a_new_file_is_a_row_of_bytes (void)
{
  g_autoptr (ExpNode) root = new_store ();
  ExpEdit *edit = edit_child (root, "new", &exp_view_raw);
  g_autoptr (GError) error = NULL;

  g_assert_true (exp_edit_is_pending (edit));
  g_assert_null (exp_edit_get_node (edit));
  g_assert_true (exp_edit_append (edit, 5, "hello", &error));
  g_assert_true (exp_edit_flush (edit, &error));
  g_assert_nonnull (exp_edit_get_node (edit));
  g_assert_true (exp_edit_pwrite (edit, 7, 5, "there", &error));
  g_assert_true (exp_edit_finish (edit, &error));
  exp_edit_free (edit);
  expect_shape (root, "new", EXP_TYPE_UINT, 1, 1, (guint64[]){ 12 });
  g_autoptr (GString) shown = show_child (root, "new", &exp_view_raw);
  g_assert_cmpmem (shown->str, shown->len, "hello\0\0there", 12);
}

/* More than what is gathered before a dataset is made, in pieces that fit nothing. */
static void
a_long_new_file_grows_on (void)
{
  g_autoptr (ExpNode) root = new_store ();
  ExpEdit *edit = edit_child (root, "new", &exp_view_raw);
  const gsize size = 40 * 1000 * 1000, piece = 300007;
  g_autofree guint8 *bytes = g_malloc (size);

  for (gsize i = 0; i < size; i++)
    bytes[i] = i * 7 + i / 1000;
  for (gsize at = 0; at < size; at += piece)
    g_assert_true (exp_edit_pwrite (edit, at, MIN (piece, size - at), bytes + at, NULL));
  g_assert_true (exp_edit_finish (edit, NULL));
  exp_edit_free (edit);
  g_autoptr (GString) shown = show_child (root, "new", &exp_view_raw);
  g_assert_true (shown->len == size && memcmp (shown->str, bytes, size) == 0);
}

static void
an_incomplete_row_waits_and_is_dropped_at_the_end (void)
{
  g_autoptr (ExpNode) root = new_store ();
  g_autoptr (ExpDtype) number = exp_dtype_new_number (EXP_TYPE_INT, 4, FALSE);
  g_autoptr (ExpNode) made = make_dataset (root, "x", number, 2, (guint64[]){ 2, 2 }, (gint32[]){ 1, 2, 3, 4 }, TRUE);
  ExpEdit *edit = edit_child (root, "x", &exp_view_raw);
  g_autoptr (GError) error = NULL;

  g_assert_true (exp_edit_append (edit, 4, "\5\0\0", &error));
  g_assert_false (exp_edit_flush (edit, &error));
  g_assert_error (error, EXP_ERROR, EXP_ERROR_INVALID);
  g_clear_error (&error);
  g_assert_true (exp_edit_append (edit, 5, "\6\0\0\0\7", &error));
  g_assert_false (exp_edit_finish (edit, &error));
  g_clear_error (&error);
  g_assert_false (exp_edit_is_pending (edit));
  exp_edit_free (edit);
  expect_shape (root, "x", EXP_TYPE_INT, 4, 2, (guint64[]){ 2, 2 });
  g_autoptr (GString) text = show_child (root, "x", &exp_view_text);
  g_assert_cmpstr (text->str, ==, "1\t2\n3\t4\n");
}

/* A cut that cannot be is no reason to lose what lies behind it. */
static void
a_cut_within_a_row_leaves_all_values (void)
{
  g_autoptr (ExpNode) root = new_store ();
  g_autoptr (ExpDtype) number = exp_dtype_new_number (EXP_TYPE_INT, 4, FALSE);
  g_autoptr (ExpNode) made = make_dataset (root, "x", number, 1, (guint64[]){ 3 }, (gint32[]){ 1, 2, 3 }, TRUE);
  ExpEdit *edit = edit_child (root, "x", &exp_view_raw);
  g_autoptr (GError) error = NULL;

  g_assert_true (exp_edit_truncate (edit, 6, &error));
  g_assert_false (exp_edit_finish (edit, &error));
  g_assert_error (error, EXP_ERROR, EXP_ERROR_INVALID);
  g_clear_error (&error);
  g_assert_true (exp_edit_truncate (edit, 0, &error));
  g_assert_true (exp_edit_pwrite (edit, 0, 3, "\7\0\0", &error));
  g_assert_false (exp_edit_finish (edit, &error));
  g_assert_error (error, EXP_ERROR, EXP_ERROR_INVALID);
  exp_edit_free (edit);
  g_autoptr (GString) text = show_child (root, "x", &exp_view_text);
  g_assert_cmpstr (text->str, ==, "7\n2\n3\n");
}

static void
strings_keep_their_width (void)
{
  g_autoptr (ExpNode) root = new_store ();
  g_autoptr (ExpDtype) text = exp_dtype_new_vstring (TRUE), spaced = exp_dtype_new_string (4, EXP_PAD_SPACE, FALSE);
  ExpVlen words[] = { { 2, (gpointer) "ab" }, { 3, (gpointer) "c\xc3\xa4" } };
  g_autoptr (ExpNode) texts = make_dataset (root, "t", text, 1, (guint64[]){ 2 }, words, FALSE);
  g_autoptr (ExpNode) padded = make_dataset (root, "p", spaced, 1, (guint64[]){ 2 }, "ab  cd  ", FALSE);
  ExpEdit *edit = edit_child (root, "t", &exp_view_raw);
  g_autoptr (GError) error = NULL;

  g_assert_true (exp_edit_pwrite (edit, 4, 8, "\xdf\0\0\0z\0\0\0", &error));
  g_assert_true (exp_edit_append (edit, 8, "q\0\0\0\0\0\0\0", &error));
  g_assert_true (exp_edit_finish (edit, &error));
  exp_edit_free (edit);
  g_autoptr (GString) got = show_child (root, "t", &exp_view_text);
  g_assert_cmpstr (got->str, ==, "aß\nzä\nq\n");

  edit = edit_child (root, "p", &exp_view_raw);
  g_assert_true (exp_edit_pwrite (edit, 2, 4, "x\0\0\0", &error));
  exp_edit_free (edit);
  g_autoptr (ExpArray) all = exp_node_read_all (padded, NULL);
  g_assert_cmpmem (all->data, 8, "abx     ", 8);
}

static void
what_has_no_bytes_is_refused (void)
{
  g_autoptr (ExpNode) root = new_store ();
  g_autoptr (ExpDtype) list = exp_dtype_new_vlen (exp_dtype_new_number (EXP_TYPE_INT, 4, FALSE));
  g_autoptr (ExpNode) made = make_dataset (root, "x", list, 1, (guint64[]){ 2 }, NULL, FALSE);
  g_autoptr (GError) error = NULL;

  g_assert_null (exp_edit_new (root, "x", made, &exp_view_raw, &no_options, &error));
  g_assert_error (error, EXP_ERROR, EXP_ERROR_UNSUPPORTED);
  g_clear_error (&error);
  g_assert_null (exp_edit_new (root, "x", made, &exp_view_json, &no_options, &error));
  g_assert_error (error, EXP_ERROR, EXP_ERROR_UNSUPPORTED);
}

/* Emptied, and written again before or after the first close. */
static void
an_emptied_file_keeps_its_shape_until_the_last_close (void)
{
  g_autoptr (ExpNode) root = new_store ();
  g_autoptr (ExpDtype) number = exp_dtype_new_number (EXP_TYPE_INT, 4, FALSE);
  g_autoptr (ExpNode) made = make_dataset (root, "x", number, 0, NULL, (gint32[]){ 7 }, FALSE);
  ExpEdit *edit = edit_child (root, "x", &exp_view_raw);

  g_assert_true (exp_edit_truncate (edit, 0, NULL));
  g_assert_true (exp_edit_flush (edit, NULL));
  expect_shape (root, "x", EXP_TYPE_INT, 4, 0, NULL);
  g_assert_true (exp_edit_pwrite (edit, 0, 4, "\x08\0\0\0", NULL));
  g_assert_true (exp_edit_finish (edit, NULL));
  expect_shape (root, "x", EXP_TYPE_INT, 4, 0, NULL);
  g_assert_true (exp_edit_truncate (edit, 0, NULL));
  g_assert_true (exp_edit_finish (edit, NULL));
  exp_edit_free (edit);
  g_autoptr (GString) empty = show_child (root, "x", &exp_view_raw);
  g_assert_cmpuint (empty->len, ==, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/edit/raw/bytes-agree-with-a-plain-file", bytes_agree_with_a_plain_file);
  g_test_add_func ("/edit/raw/elements-agree-with-a-plain-file", elements_agree_with_a_plain_file);
  g_test_add_func ("/edit/raw/a-new-file-is-a-row-of-bytes", a_new_file_is_a_row_of_bytes);
  g_test_add_func ("/edit/raw/a-long-new-file-grows-on", a_long_new_file_grows_on);
  g_test_add_func ("/edit/raw/an-incomplete-row-waits", an_incomplete_row_waits_and_is_dropped_at_the_end);
  g_test_add_func ("/edit/raw/a-cut-within-a-row", a_cut_within_a_row_leaves_all_values);
  g_test_add_func ("/edit/raw/strings-keep-their-width", strings_keep_their_width);
  g_test_add_func ("/edit/raw/what-has-no-bytes-is-refused", what_has_no_bytes_is_refused);
  g_test_add_func ("/edit/raw/an-emptied-file", an_emptied_file_keeps_its_shape_until_the_last_close);
  return g_test_run ();
}
