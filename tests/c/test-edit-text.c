/* The text of a dataset written as shells, editors and loggers write it. */
#include "edit_check.h"

static void
write_all (ExpEdit *edit, const char *text)
{
  g_autoptr (GError) error = NULL;

  g_assert_true (exp_edit_truncate (edit, 0, &error));
  g_assert_true (exp_edit_pwrite (edit, 0, strlen (text), text, &error));
  g_assert_no_error (error);
}

/* As `echo ... > name` does it, with the close of the shell's own descriptor before the first byte. */
static void
set_text (ExpNode *root, const char *name, const char *text)
{
  ExpEdit *edit = edit_child (root, name, &exp_view_text);
  g_autoptr (GError) error = NULL;

  g_assert_true (exp_edit_truncate (edit, 0, &error));
  g_assert_true (exp_edit_flush (edit, &error));
  g_assert_true (exp_edit_pwrite (edit, 0, strlen (text), text, &error));
  g_assert_no_error (error);
  g_assert_true (exp_edit_flush (edit, &error));
  g_assert_no_error (error);
  g_assert_true (exp_edit_finish (edit, &error));
  g_assert_no_error (error);
  exp_edit_free (edit);
}

static void
append_text (ExpNode *root, const char *name, const char *text)
{
  ExpEdit *edit = edit_child (root, name, &exp_view_text);
  g_autoptr (GError) error = NULL;

  g_assert_true (exp_edit_append (edit, strlen (text), text, &error));
  g_assert_true (exp_edit_finish (edit, &error));
  g_assert_no_error (error);
  exp_edit_free (edit);
}

static void
expect_text (ExpNode *root, const char *name, const char *text)
{
  g_autoptr (GString) shown = show_child (root, name, &exp_view_text);

  g_assert_cmpstr (shown->str, ==, text);
}

/* The write or the close fails, and the old value stays. */
static void
refuse_text (ExpNode *root, const char *name, const char *text)
{
  g_autoptr (GString) old = show_child (root, name, &exp_view_text);
  ExpEdit *edit = edit_child (root, name, &exp_view_text);
  g_autoptr (GError) error = NULL;

  g_assert_true (exp_edit_truncate (edit, 0, &error));
  g_assert_false (exp_edit_pwrite (edit, 0, strlen (text), text, &error) && exp_edit_finish (edit, &error));
  g_assert_error (error, EXP_ERROR, EXP_ERROR_INVALID);
  g_clear_error (&error);
  g_assert_true (exp_edit_finish (edit, &error));
  exp_edit_free (edit);
  expect_text (root, name, old->str);
}

static ExpDtype *
number (ExpTypeClass type, gsize size)
{
  return exp_dtype_new_number (type, size, FALSE);
}

static void
a_new_text_has_the_type_and_shape_of_its_cells (void)
{
  g_autoptr (ExpNode) root = new_store ();

  set_text (root, "scalar", "42\n");
  expect_shape (root, "scalar", EXP_TYPE_INT, 8, 0, NULL);
  set_text (root, "row", "1\n-2\n3\n");
  expect_shape (root, "row", EXP_TYPE_INT, 8, 1, (guint64[]){ 3 });
  set_text (root, "matrix", "1\t2.5\r\n nan\t-inf\r\n");
  expect_shape (root, "matrix", EXP_TYPE_FLOAT, 8, 2, (guint64[]){ 2, 2 });
  expect_text (root, "matrix", " 1.0\t 2.5\n nan\t-inf\n");
  set_text (root, "words", "one\ntwo words\n");
  expect_shape (root, "words", EXP_TYPE_VSTRING, sizeof (ExpVlen), 1, (guint64[]){ 2 });
  expect_text (root, "words", "one\ntwo words\n");
  set_text (root, "large", "9223372036854775808");
  expect_shape (root, "large", EXP_TYPE_FLOAT, 8, 0, NULL);
  set_text (root, "ragged", "1\t2\n3\n");
  expect_shape (root, "ragged", EXP_TYPE_VSTRING, sizeof (ExpVlen), 1, (guint64[]){ 2 });
  expect_text (root, "ragged", "1\\t2\n3\n");
  set_text (root, "blank", "1\n\n2\n");
  expect_text (root, "blank", "1\n\n2\n");
  set_text (root, "table", "a\tb\n1\t2\n");
  expect_shape (root, "table", EXP_TYPE_VSTRING, sizeof (ExpVlen), 2, (guint64[]){ 2, 2 });
}

static void
a_touched_file_takes_its_type_from_the_first_text (void)
{
  g_autoptr (ExpNode) root = new_store ();
  ExpEdit *edit = edit_child (root, "x", &exp_view_text);

  g_assert_true (exp_edit_is_pending (edit));
  g_assert_true (exp_edit_flush (edit, NULL));
  g_assert_nonnull (exp_edit_get_node (edit));
  g_assert_true (exp_edit_finish (edit, NULL));
  exp_edit_free (edit);
  expect_text (root, "x", "");
  set_text (root, "x", "text\n");
  expect_shape (root, "x", EXP_TYPE_VSTRING, sizeof (ExpVlen), 0, NULL);
}

static void
text_that_is_there_keeps_its_type (void)
{
  g_autoptr (ExpNode) root = new_store ();
  g_autoptr (ExpDtype) small = number (EXP_TYPE_INT, 2), half = number (EXP_TYPE_FLOAT, 2);
  g_autoptr (ExpNode) row = make_dataset (root, "row", small, 1, (guint64[]){ 2 }, NULL, FALSE);
  g_autoptr (ExpNode) scalar = make_dataset (root, "scalar", half, 0, NULL, NULL, FALSE);
  g_autoptr (ExpNode) cube = make_dataset (root, "cube", small, 3, (guint64[]){ 2, 2, 2 }, NULL, FALSE);

  set_text (root, "row", "7\n8\n9\n");
  expect_shape (root, "row", EXP_TYPE_INT, 2, 1, (guint64[]){ 3 });
  set_text (root, "row", "7");
  expect_shape (root, "row", EXP_TYPE_INT, 2, 1, (guint64[]){ 1 });
  refuse_text (root, "row", "1.5\n");
  refuse_text (root, "row", "40000\n");
  refuse_text (root, "row", "1\n2\t3\n");
  refuse_text (root, "row", "1\nx");
  set_text (root, "row", "7\t8\n9\t10\n");
  expect_shape (root, "row", EXP_TYPE_INT, 2, 2, (guint64[]){ 2, 2 });
  set_text (root, "scalar", "1.5\n");
  expect_shape (root, "scalar", EXP_TYPE_FLOAT, 2, 0, NULL);
  set_text (root, "scalar", "1.5\n2\n");
  expect_shape (root, "scalar", EXP_TYPE_FLOAT, 2, 1, (guint64[]){ 2 });
  set_text (root, "cube", "1\t2\n3\t4\n5\t6\n7\t8\n9\t10\n11\t12\n");
  expect_shape (root, "cube", EXP_TYPE_INT, 2, 3, (guint64[]){ 3, 2, 2 });
  refuse_text (root, "cube", "1\t2\n3\t4\n5\t6\n");
  refuse_text (root, "cube", "1\t2\t3\n4\t5\t6\n");
  expect_text (root, "cube", " 1\t 2\n 3\t 4\n 5\t 6\n 7\t 8\n 9\t10\n11\t12\n");
}

static void
appended_lines_are_rows (void)
{
  g_autoptr (ExpNode) root = new_store ();
  g_autoptr (ExpDtype) small = number (EXP_TYPE_INT, 2), text = exp_dtype_new_string (4, EXP_PAD_NUL, TRUE);
  g_autoptr (ExpNode) matrix = make_dataset (root, "matrix", small, 2, (guint64[]){ 2, 2 }, NULL, FALSE);
  g_autoptr (ExpNode) scalar = make_dataset (root, "scalar", small, 0, NULL, NULL, FALSE);
  g_autoptr (ExpNode) cube = make_dataset (root, "cube", small, 3, (guint64[]){ 1, 2, 1 }, NULL, TRUE);
  g_autoptr (ExpNode) words = make_dataset (root, "words", text, 1, (guint64[]){ 1 }, "abcd", TRUE);
  g_autoptr (GError) error = NULL;

  append_text (root, "matrix", "5\t600\n");
  expect_text (root, "matrix", "  0\t  0\n  0\t  0\n  5\t600\n");
  append_text (root, "scalar", "3\n");
  expect_text (root, "scalar", "0\n3\n");
  append_text (root, "cube", "1\n2\n3\n4\n");
  expect_shape (root, "cube", EXP_TYPE_INT, 2, 3, (guint64[]){ 3, 2, 1 });
  append_text (root, "words", "a\tb\n");
  append_text (root, "words", "end");
  expect_text (root, "words", "abcd\na\\tb\nend\n");

  ExpEdit *edit = edit_child (root, "matrix", &exp_view_text);
  g_assert_true (exp_edit_append (edit, 4, "7\t8\n", &error));
  g_assert_false (exp_edit_append (edit, 4, "9\tx\n", &error));
  g_assert_error (error, EXP_ERROR, EXP_ERROR_INVALID);
  g_clear_error (&error);
  g_assert_false (exp_edit_append (edit, 2, "9\n", &error));
  g_clear_error (&error);
  g_assert_true (exp_edit_append (edit, 2, "9\t", &error));
  g_assert_true (exp_edit_append (edit, 3, "10\n", &error));
  g_assert_true (exp_edit_finish (edit, &error));
  exp_edit_free (edit);
  expect_text (root, "matrix", "  0\t  0\n  0\t  0\n  5\t600\n  7\t  8\n  9\t 10\n");

  edit = edit_child (root, "cube", &exp_view_text);
  g_assert_true (exp_edit_append (edit, 2, "5\n", &error));
  g_assert_false (exp_edit_flush (edit, &error));
  g_clear_error (&error);
  g_assert_true (exp_edit_append (edit, 2, "6\n", &error));
  g_assert_true (exp_edit_finish (edit, &error));
  exp_edit_free (edit);
  expect_shape (root, "cube", EXP_TYPE_INT, 2, 3, (guint64[]){ 4, 2, 1 });
}

static void
overwritten_lines_change_their_rows (void)
{
  g_autoptr (ExpNode) root = new_store ();
  ExpEdit *edit;

  set_text (root, "x", "100\n200\n300\n400\n");
  edit = edit_child (root, "x", &exp_view_text);
  g_assert_true (exp_edit_pwrite (edit, 4, 4, " 25\n", NULL));
  g_assert_true (exp_edit_pwrite (edit, 13, 1, "7", NULL));
  g_assert_true (exp_edit_flush (edit, NULL));
  expect_text (root, "x", "100\n 25\n300\n470\n");
  /* Lines of other lengths: the whole text counts. */
  g_assert_true (exp_edit_pwrite (edit, 0, 8, "1\n2\n3333", NULL));
  g_assert_true (exp_edit_truncate (edit, 12, NULL));
  g_assert_true (exp_edit_finish (edit, NULL));
  exp_edit_free (edit);
  expect_text (root, "x", "      1\n      2\n3333300\n");
}

/* A program that goes on after fsync, and a shell whose children close their copies of a descriptor: offsets are those
 * of the bytes written, however the view aligns them. */
static void
offsets_stay_those_of_the_writer (void)
{
  g_autoptr (ExpNode) root = new_store ();
  ExpEdit *edit = edit_child (root, "x", &exp_view_text);
  g_autoptr (GString) all = g_string_new (NULL);

  for (guint i = 0; i < 200; i++)
    {
      g_autofree char *line = g_strdup_printf ("%u\n", i * i);
      g_autoptr (GError) error = NULL;

      g_assert_true (exp_edit_pwrite (edit, all->len, strlen (line), line, &error));
      g_string_append (all, line);
      g_assert_true (exp_edit_flush (edit, &error));
      g_assert_no_error (error);
      g_autoptr (GString) shown = show_edit (edit);
      g_assert_cmpstr (shown->str, ==, all->str);
    }
  g_assert_true (exp_edit_finish (edit, NULL));
  exp_edit_free (edit);
  g_autoptr (GString) text = show_child (root, "x", &exp_view_text);
  g_autofree char *packed = g_strdup (text->str);
  char *to = packed;
  for (const char *from = text->str; *from != '\0'; from++)
    if (*from != ' ')
      *to++ = *from;
  *to = '\0';
  g_assert_cmpstr (packed, ==, all->str);
}

static void
emptied_text_is_empty_at_the_last_close (void)
{
  g_autoptr (ExpNode) root = new_store ();
  g_autoptr (ExpDtype) small = number (EXP_TYPE_INT, 2);
  g_autoptr (ExpNode) cube = make_dataset (root, "cube", small, 3, (guint64[]){ 2, 2, 2 }, NULL, FALSE);
  ExpEdit *edit = edit_child (root, "cube", &exp_view_text);

  g_assert_true (exp_edit_truncate (edit, 0, NULL));
  g_assert_true (exp_edit_flush (edit, NULL));
  expect_shape (root, "cube", EXP_TYPE_INT, 2, 3, (guint64[]){ 2, 2, 2 });
  g_assert_true (exp_edit_finish (edit, NULL));
  exp_edit_free (edit);
  expect_shape (root, "cube", EXP_TYPE_INT, 2, 3, (guint64[]){ 0, 2, 2 });
  set_text (root, "scalar", "7\n");
  edit = edit_child (root, "scalar", &exp_view_text);
  write_all (edit, "");
  g_assert_true (exp_edit_finish (edit, NULL));
  exp_edit_free (edit);
  expect_text (root, "scalar", "");
}

/* Lines that are not in memory are the view's, and change with the dataset: by what is stored from them, and when it
 * has to lie elsewhere. */
static void
a_long_text_stays_as_written_over_a_changed_dataset (void)
{
  g_autoptr (ExpNode) root = new_store ();
  g_autoptr (ExpDtype) dtype = number (EXP_TYPE_FLOAT, 8);
  const gsize n = 6000, line = 25;
  g_autofree double *values = g_new (double, n);

  for (gsize i = 0; i < n; i++)
    values[i] = i;
  g_autoptr (ExpNode) made = make_dataset (root, "x", dtype, 1, (guint64[]){ n }, values, FALSE);
  ExpEdit *edit = edit_child (root, "x", &exp_view_text);
  g_autoptr (GString) file = show_edit (edit);
  g_assert_cmpuint (file->len, ==, n * line);
  g_assert_true (exp_edit_pwrite (edit, 101 * line - 4, 3, "1e1", NULL));
  memcpy (file->str + 101 * line - 4, "1e1", 3);
  g_assert_true (exp_edit_flush (edit, NULL));
  g_autoptr (GString) changed = show_edit (edit);
  g_assert_cmpstr (changed->str, ==, file->str);

  g_assert_true (exp_edit_pwrite (edit, file->len, 2, "7\n", NULL));
  g_string_append (file, "7\n");
  g_assert_true (exp_edit_flush (edit, NULL));
  memset (values, 0x55, n * sizeof *values);
  g_autoptr (ExpNode) other = make_dataset (root, "other", dtype, 1, (guint64[]){ n }, values, FALSE);
  g_autoptr (GString) longer = show_edit (edit);
  g_assert_cmpstr (longer->str, ==, file->str);
  exp_edit_free (edit);
  expect_shape (root, "x", EXP_TYPE_FLOAT, 8, 1, (guint64[]){ n + 1 });
}

/* What comes later decides as well, as long as nobody has closed the new file for the last time. */
static void
a_new_file_changes_its_type_while_it_is_open (void)
{
  for (guint is_append = 0; is_append < 2; is_append++)
    {
      g_autoptr (ExpNode) root = new_store ();
      static const char *const lines[] = { "1\n", "2\n", "2.5\n", "3\n", "four\n", "5\n" };
      ExpEdit *edit = edit_child (root, "x", &exp_view_text);
      gsize at = 0;

      for (guint i = 0; i < G_N_ELEMENTS (lines); at += strlen (lines[i++]))
        {
          g_assert_true (is_append ? exp_edit_append (edit, strlen (lines[i]), lines[i], NULL)
                                   : exp_edit_pwrite (edit, at, strlen (lines[i]), lines[i], NULL));
          g_assert_true (exp_edit_flush (edit, NULL));
          if (i == 0)
            expect_shape (root, "x", EXP_TYPE_INT, 8, 0, NULL);
          if (i == 1)
            expect_shape (root, "x", EXP_TYPE_INT, 8, 1, (guint64[]){ 2 });
          if (i == 3)
            expect_text (root, "x", "1.0\n2.0\n2.5\n3.0\n");
        }
      g_assert_true (exp_edit_finish (edit, NULL));
      exp_edit_free (edit);
      expect_shape (root, "x", EXP_TYPE_VSTRING, sizeof (ExpVlen), 1, (guint64[]){ 6 });
    }
}

static void
texts_take_any_line (void)
{
  g_autoptr (ExpNode) root = new_store ();

  set_text (root, "x", "one\ntwo\n");
  set_text (root, "x", "a\tb\nno tab\n\\alpha \\\\ \\t\n");
  expect_shape (root, "x", EXP_TYPE_VSTRING, sizeof (ExpVlen), 1, (guint64[]){ 3 });
  expect_text (root, "x", "a\\tb\nno tab\n\\\\alpha \\\\ \\t\n");
}

static void
what_is_no_text_is_kept_as_it_is (void)
{
  g_autoptr (ExpNode) root = new_store ();
  char bytes[4];
  gsize n;
  ExpEdit *edit;

  set_text (root, "latin", "caf\xe9\nau lait");
  expect_text (root, "latin", "caf\xe9\nau lait");
  expect_shape (root, "latin", EXP_TYPE_OPAQUE, 1, 1, (guint64[]){ 12 });
  set_text (root, "latin", "1\n");
  expect_text (root, "latin", "1\n");
  edit = edit_child (root, "bytes", &exp_view_text);
  g_assert_true (exp_edit_pwrite (edit, 0, 2, "1\n", NULL));
  g_assert_true (exp_edit_flush (edit, NULL));
  expect_shape (root, "bytes", EXP_TYPE_INT, 8, 0, NULL);
  g_assert_true (exp_edit_pwrite (edit, 2, 2, "a\0", NULL));
  g_assert_true (exp_edit_pread (edit, 0, sizeof bytes, bytes, &n, NULL));
  g_assert_cmpmem (bytes, n, "1\na\0", 4);
  g_assert_true (exp_edit_finish (edit, NULL));
  exp_edit_free (edit);
  expect_shape (root, "bytes", EXP_TYPE_OPAQUE, 1, 1, (guint64[]){ 4 });
}

static void
a_table_needs_all_its_columns (void)
{
  g_autoptr (ExpNode) root = new_store ();
  ExpMember members[] = {
    { (char *)"a", number (EXP_TYPE_INT, 4), 0 },
    { (char *)"b", exp_dtype_new_array (number (EXP_TYPE_FLOAT, 8), 1, (guint64[]){ 2 }, NULL), 8 },
  };
  g_autoptr (ExpDtype) table = exp_dtype_new_compound (24, 2, members, NULL);
  g_autoptr (ExpNode) made = make_dataset (root, "x", table, 1, (guint64[]){ 1 }, NULL, FALSE);
  g_autoptr (GError) error = NULL;
  ExpEdit *edit;

  set_text (root, "x", "1\t2\t3\n4\t5\t6\n");
  append_text (root, "x", "7\t8\t9\n");
  expect_text (root, "x", "1\t2.0\t3.0\n4\t5.0\t6.0\n7\t8.0\t9.0\n");
  refuse_text (root, "x", "1\t2\n");
  refuse_text (root, "x", "1\t2\t3\t4\t5\t6\n");
  edit = edit_child (root, "x", &exp_view_text);
  g_assert_true (exp_edit_append (edit, 6, "1\t2\t3\n", &error));
  g_assert_false (exp_edit_append (edit, 6, "1\tx\t3\n", &error));
  g_assert_nonnull (strstr (error->message, "line 2, cell 2: 'x'"));
  exp_edit_free (edit);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/edit/text/new", a_new_text_has_the_type_and_shape_of_its_cells);
  g_test_add_func ("/edit/text/touched", a_touched_file_takes_its_type_from_the_first_text);
  g_test_add_func ("/edit/text/keeps-its-type", text_that_is_there_keeps_its_type);
  g_test_add_func ("/edit/text/appended-lines-are-rows", appended_lines_are_rows);
  g_test_add_func ("/edit/text/overwritten-lines", overwritten_lines_change_their_rows);
  g_test_add_func ("/edit/text/offsets-stay-those-of-the-writer", offsets_stay_those_of_the_writer);
  g_test_add_func ("/edit/text/emptied", emptied_text_is_empty_at_the_last_close);
  g_test_add_func ("/edit/text/stays-as-written", a_long_text_stays_as_written_over_a_changed_dataset);
  g_test_add_func ("/edit/text/changes-its-type", a_new_file_changes_its_type_while_it_is_open);
  g_test_add_func ("/edit/text/takes-any-line", texts_take_any_line);
  g_test_add_func ("/edit/text/no-text", what_is_no_text_is_kept_as_it_is);
  g_test_add_func ("/edit/text/a-table-needs-all-its-columns", a_table_needs_all_its_columns);
  return g_test_run ();
}
