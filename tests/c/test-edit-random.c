/* Texts by chance: values of every type through text and back, and edits of lines beside a model of what they make. */
#include "edit_check.h"
#include "random_values.h"

/* EXPFS_TEST_SEED makes a run of other values. */
static guint32
other_seed (void)
{
  const char *seed = g_getenv ("EXPFS_TEST_SEED");

  return seed != NULL ? g_ascii_strtoull (seed, NULL, 10) : 0;
}

/* What two arrays hold is the same: their JSON tells all but the kinds of not-a-number. */
static void
expect_same (ExpNode *parent, const char *name, const char *other)
{
  static const ExpViewOptions options = { .path = "" };
  GString *texts[2];

  for (guint i = 0; i < 2; i++)
    {
      g_autoptr (ExpNode) node = exp_node_lookup (parent, i == 0 ? name : other, NULL);
      g_autoptr (ExpView) view = exp_view_open (&exp_view_json, node, &options, NULL);
      guint64 size;
      gsize n;

      texts[i] = g_string_new (NULL);
      g_assert_true (exp_view_size (view, &size, NULL));
      g_string_set_size (texts[i], size);
      g_assert_true (exp_view_pread (view, 0, size, texts[i]->str, &n, NULL));
    }
  g_assert_cmpstr (texts[0]->str, ==, texts[1]->str);
  for (guint i = 0; i < 2; i++)
    g_string_free (texts[i], TRUE);
}

/* Arrays in arrays, of texts or lists: HDF5 1.10.8 itself fails to write them. */
static gboolean
is_beyond_the_library (const ExpDtype *dtype)
{
  if (!is_in_hdf5 () || !exp_dtype_has_vlen (dtype))
    return FALSE;
  if (dtype->type == EXP_TYPE_ARRAY && dtype->base->type == EXP_TYPE_ARRAY)
    return TRUE;
  if (dtype->base != NULL)
    return is_beyond_the_library (dtype->base);
  for (guint i = 0; i < dtype->n_members; i++)
    if (is_beyond_the_library (dtype->members[i].dtype))
      return TRUE;
  return FALSE;
}

/* A text of zero columns tells nothing of its rows, and a list of nothing but an empty text none of that. */
static void
every_type_goes_through_text_and_back (void)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (11 + other_seed ());

  for (guint i = 0; i < (is_in_hdf5 () ? 300 : 2000); i++)
    {
      g_autoptr (ExpNode) root = new_store ();
      g_autoptr (ExpDtype) dtype = random_dtype (rand, 2, TRUE);
      g_autoptr (GError) error = NULL;
      const guint rank = g_rand_int_range (rand, 0, 4);
      guint64 shape[4], n = 1;

      for (guint k = 0; k < rank; k++)
        n *= shape[k] = g_rand_int_range (rand, 1, i % 100 == 0 ? 30 : 5);
      g_autoptr (ExpArray) value = exp_array_new (dtype, 1, &n, NULL);
      if (is_beyond_the_library (dtype))
        continue;
      fill_randomly (rand, dtype, value->data, n, value, TRUE);
      g_autofree char *type = exp_dtype_to_text (dtype);
      g_test_message ("%s, rank %u, %u elements", type, rank, (guint)n);
      g_autoptr (ExpNode) from = try_dataset (root, "from", dtype, rank, shape, value->data, FALSE);
      if (from == NULL)
        continue;
      g_autoptr (ExpNode) to = make_dataset (root, "to", dtype, rank, shape, NULL, FALSE);
      g_autoptr (GString) text = show_child (root, "from", &exp_view_text);
      ExpEdit *edit = exp_edit_new (root, "to", to, &exp_view_text, &no_options, &error);
      if (edit == NULL) /* lists in lists */
        {
          g_assert_error (error, EXP_ERROR, EXP_ERROR_UNSUPPORTED);
          continue;
        }
      g_assert_true (exp_edit_truncate (edit, 0, &error));
      for (gsize at = 0, length; at < text->len; at += length)
        {
          length = g_rand_int_range (rand, 1, 200);
          length = MIN (length, text->len - at);
          if (!exp_edit_pwrite (edit, at, length, text->str + at, &error))
            g_error ("%s in\n%s", error->message, text->str);
        }
      if (!exp_edit_finish (edit, &error))
        g_error ("%s in\n%s", error->message, text->str);
      exp_edit_free (edit);
      g_autoptr (GString) again = show_child (root, "to", &exp_view_text);
      g_assert_cmpstr (again->str, ==, text->str);
      expect_same (root, "from", "to");
    }
}

static void
blanks_in_names_are_not_those_of_lists (void)
{
  static const ExpEnumMember members[] = { { (char *)"a b", 0 }, { (char *)"a", 1 }, { (char *)"b", 2 } };
  static gint8 values[] = { 0, 1, 2, 0 };
  g_autoptr (ExpNode) root = new_store ();
  g_autoptr (ExpDtype) list
      = exp_dtype_new_vlen (exp_dtype_new_enum (exp_dtype_new_number (EXP_TYPE_INT, 1, FALSE), 3, members));
  ExpVlen lists[] = { { 4, values }, { 3, values + 1 } };
  guint64 shape[] = { 2 };
  g_autoptr (ExpNode) from = make_dataset (root, "from", list, 1, shape, (const guint8 *)lists, FALSE);
  g_autoptr (ExpNode) to = make_dataset (root, "to", list, 1, shape, NULL, FALSE);
  g_autoptr (GString) text = show_child (root, "from", &exp_view_text);
  g_autoptr (GError) error = NULL;
  ExpEdit *edit = exp_edit_new (root, "to", to, &exp_view_text, &no_options, &error);

  g_assert_cmpstr (text->str, ==, "a\\ b a b a\\ b\na b a\\ b\n");
  g_assert_true (exp_edit_truncate (edit, 0, &error));
  g_assert_true (exp_edit_pwrite (edit, 0, text->len, text->str, &error));
  g_assert_true (exp_edit_finish (edit, &error));
  exp_edit_free (edit);
  expect_same (root, "from", "to");
}

/* --- lines --------------------------------------------------------------------------------------------------- */

/* The dataset's rows as they should be: the lines without padding. */
static void
expect_lines (ExpNode *root, const GString *file)
{
  g_autoptr (GString) shown = show_child (root, "x", &exp_view_text);
  g_autoptr (GString) wanted = g_string_new (NULL), got = g_string_new (NULL);

  for (gsize i = 0; i < file->len; i++)
    if (file->str[i] != ' ')
      g_string_append_c (wanted, file->str[i]);
  if (wanted->len > 0 && wanted->str[wanted->len - 1] != '\n')
    g_string_append_c (wanted, '\n');
  for (gsize i = 0; i < shown->len; i++)
    if (shown->str[i] != ' ')
      g_string_append_c (got, shown->str[i]);
  g_assert_cmpstr (got->str, ==, wanted->str);
}

static void
random_line (GRand *rand, guint columns, GString *out)
{
  g_string_truncate (out, 0);
  for (guint i = 0; i < columns; i++)
    g_string_append_printf (out, "%d%c",
                            g_rand_int_range (rand, 0, 4) == 0 ? g_rand_int_range (rand, -99999, 99999)
                                                               : g_rand_int_range (rand, 0, 10),
                            i + 1 < columns ? '\t' : '\n');
}

static gsize
line_start (const GString *file, guint line)
{
  gsize at = 0;

  while (line-- > 0)
    at = strchr (file->str + at, '\n') + 1 - file->str;
  return at;
}

static void
put (GString *file, gsize at, const char *bytes, gsize length)
{
  if (at + length > file->len)
    g_string_set_size (file, at + length);
  memcpy (file->str + at, bytes, length);
}

/* One change of the file, as an editor or a logger makes it; the same to the model. */
static void
change (GRand *rand, ExpEdit *edit, GString *file, guint columns)
{
  g_autoptr (GString) line = g_string_new (NULL), tail = NULL;
  g_autoptr (GError) error = NULL;
  guint n_lines = 0;
  gsize at;

  for (gsize i = 0; i < file->len; i++)
    n_lines += file->str[i] == '\n';
  random_line (rand, columns, line);
  const guint kind = n_lines == 0 ? 0 : g_rand_int_range (rand, 0, 8);
  at = n_lines > 0 ? line_start (file, g_rand_int_range (rand, 0, n_lines)) : 0;
  switch (kind)
    {
    case 0: /* a line more, by its position or behind the last */
    case 1:
      if (g_rand_boolean (rand))
        g_assert_true (exp_edit_append (edit, line->len, line->str, &error));
      else
        g_assert_true (exp_edit_pwrite (edit, file->len, line->len, line->str, &error));
      g_string_append_len (file, line->str, line->len);
      break;
    case 2: /* a line inserted, and all behind it moved */
      tail = g_string_new (file->str + at);
      g_string_append (line, tail->str);
      g_assert_true (exp_edit_pwrite (edit, at, line->len, line->str, &error));
      put (file, at, line->str, line->len);
      break;
    case 3: /* cut behind a line */
      if (at == 0)
        break;
      g_assert_true (exp_edit_truncate (edit, at, &error));
      g_string_truncate (file, at);
      break;
    case 4: /* a line taken out, and the rest moved up */
      if (n_lines < 2)
        break;
      tail = g_string_new (strchr (file->str + at, '\n') + 1);
      if (tail->len == 0)
        break;
      g_assert_true (exp_edit_pwrite (edit, at, tail->len, tail->str, &error));
      g_assert_true (exp_edit_truncate (edit, at + tail->len, &error));
      put (file, at, tail->str, tail->len);
      g_string_truncate (file, at + tail->len);
      break;
    case 5: /* all anew */
      g_assert_true (exp_edit_truncate (edit, 0, &error));
      g_assert_true (exp_edit_pwrite (edit, 0, line->len, line->str, &error));
      g_string_assign (file, line->str);
      break;
    default: /* a digit in its place */
      for (; file->str[at] != '\n' && !g_ascii_isdigit (file->str[at]); at++)
        ;
      if (file->str[at] == '\n')
        break;
      file->str[at] = '0' + g_rand_int_range (rand, 1, 10);
      g_assert_true (exp_edit_pwrite (edit, at, 1, file->str + at, &error));
    }
  g_assert_no_error (error);
}

/* Edits, closes and openings by chance; the file that the writer sees is the one he wrote. */
static void
edit_lines (guint columns, guint n_steps, guint32 seed, guint n_first)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (seed + other_seed ());
  g_autoptr (ExpNode) root = new_store ();
  g_autoptr (ExpDtype) dtype = exp_dtype_new_number (EXP_TYPE_INT, 4, FALSE);
  g_autofree gint32 *values = g_new0 (gint32, n_first * columns);
  g_autoptr (ExpNode) made = make_dataset (root, "x", dtype, columns > 1 ? 2 : 1, (guint64[]){ n_first, columns },
                                           values, g_rand_boolean (rand));
  g_autoptr (GString) file = show_child (root, "x", &exp_view_text);
  ExpEdit *edit = edit_child (root, "x", &exp_view_text);
  g_autoptr (GError) error = NULL;

  for (guint step = 0; step < n_steps; step++)
    {
      change (rand, edit, file, columns);
      g_autoptr (GString) shown = show_edit (edit);
      g_assert_cmpstr (shown->str, ==, file->str);
      if (g_rand_int_range (rand, 0, 3) > 0)
        continue;
      const gboolean is_last = g_rand_boolean (rand);
      g_assert_true (is_last ? exp_edit_finish (edit, &error) : exp_edit_flush (edit, &error));
      g_assert_no_error (error);
      expect_lines (root, file);
      if (!is_last)
        {
          g_autoptr (GString) now = show_edit (edit);
          g_string_assign (file, now->str); /* the view's own when all was appended */
          continue;
        }
      exp_edit_free (edit);
      edit = edit_child (root, "x", &exp_view_text);
      g_string_free (g_steal_pointer (&file), TRUE);
      file = show_child (root, "x", &exp_view_text);
    }
  exp_edit_free (edit);
}

static void
edits_of_lines_agree_with_a_model (void)
{
  for (guint32 seed = 0; seed < (is_in_hdf5 () ? 12 : 60); seed++)
    edit_lines (1 + seed % 3, 100, seed, 1 + seed % 7);
}

/* So many rows that a column is as wide as its type, and unchanged ones are read from the dataset. */
static void
edits_of_many_lines_agree_with_a_model (void)
{
  for (guint32 seed = 0; seed < 4; seed++)
    edit_lines (1 + seed % 2, 60, 100 + seed, 4000 + 100 * seed);
}

/* Appending writers at the same time: lines stay whole. */
typedef struct
{
  ExpEdit *edit;
  guint writer;
} Appender;

static gpointer
append_lines (gpointer data)
{
  const Appender *appender = data;

  for (guint i = 0; i < 2000; i++)
    {
      g_autofree char *line = g_strdup_printf ("%u\t%u\n", appender->writer, i);

      g_assert_true (exp_edit_append (appender->edit, strlen (line), line, NULL));
      if (i % 100 == 0)
        g_assert_true (exp_edit_flush (appender->edit, NULL));
    }
  return NULL;
}

static void
lines_of_several_writers_stay_whole (void)
{
  g_autoptr (ExpNode) root = new_store ();
  ExpEdit *edit = edit_child (root, "x", &exp_view_text);
  GThread *threads[4];
  Appender appenders[4];
  guint next[4] = { 0 };

  for (guint i = 0; i < 4; i++)
    {
      appenders[i] = (Appender){ edit, i };
      threads[i] = g_thread_new ("appender", append_lines, &appenders[i]);
    }
  for (guint i = 0; i < 4; i++)
    g_thread_join (threads[i]);
  g_assert_true (exp_edit_finish (edit, NULL));
  exp_edit_free (edit);
  expect_shape (root, "x", EXP_TYPE_INT, 8, 2, (guint64[]){ 8000, 2 });
  g_autoptr (ExpNode) node = exp_node_lookup (root, "x", NULL);
  g_autoptr (ExpArray) all = exp_node_read_all (node, NULL);
  const gint64 *rows = (const gint64 *)all->data;
  for (guint i = 0; i < 8000; i++)
    g_assert_cmpint (rows[2 * i + 1], ==, next[rows[2 * i]]++);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/edit/random/every-type-through-text", every_type_goes_through_text_and_back);
  g_test_add_func ("/edit/random/blanks-in-names", blanks_in_names_are_not_those_of_lists);
  g_test_add_func ("/edit/random/lines", edits_of_lines_agree_with_a_model);
  g_test_add_func ("/edit/random/many-lines", edits_of_many_lines_agree_with_a_model);
  g_test_add_func ("/edit/random/several-writers", lines_of_several_writers_stay_whole);
  return g_test_run ();
}
