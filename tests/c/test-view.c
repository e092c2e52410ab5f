/* Views over nodes in memory: exact sizes, exact bytes, reads at any offset. */
#include "expfs/expfs.h"
#include <string.h>

static ExpArray *
numbers (ExpTypeClass type, gsize size, guint rank, const guint64 *shape, gconstpointer values)
{
  g_autoptr (ExpDtype) dtype = exp_dtype_new_number (type, size, FALSE);
  ExpArray *array = exp_array_new (dtype, rank, shape, NULL);

  if (values != NULL)
    memcpy (array->data, values, array->n_elements * size);
  return array;
}

/* All of a view, read in steps of every length from 1 to 7 and whole, all of which must agree with each other and with
 * the size. */
static GString *
render (const ExpViewClass *klass, ExpArray *value, gboolean is_compact)
{
  g_autoptr (ExpNode) node = exp_memory_dataset_new (value, NULL);
  g_autoptr (GError) error = NULL;
  ExpViewOptions options = { is_compact, "/x" };
  GString *whole = g_string_new (NULL);
  guint64 size;
  gsize n;

  g_autoptr (ExpView) view = exp_view_open (klass, node, &options, &error);
  g_assert_no_error (error);
  g_assert_true (exp_view_size (view, &size, &error));
  g_assert_no_error (error);
  g_string_set_size (whole, size + 10);
  g_assert_true (exp_view_pread (view, 0, size + 10, whole->str, &n, NULL));
  g_assert_cmpuint (n, ==, size);
  g_string_truncate (whole, size);
  g_assert_true (exp_view_pread (view, size, 5, whole->str, &n, NULL));
  g_assert_cmpuint (n, ==, 0);
  for (gsize step = 1; step < 8 && size < 5000; step++)
    {
      g_autoptr (ExpView) fresh = exp_view_open (klass, node, &options, NULL);

      for (gsize at = 0; at < size; at += step)
        {
          char part[8];

          g_assert_true (exp_view_pread (fresh, at, step, part, &n, NULL));
          g_assert_cmpmem (part, n, whole->str + at, MIN (step, size - at));
        }
    }
  return whole;
}

static void
expect (const ExpViewClass *klass, ExpArray *value, const char *text)
{
  g_autoptr (GString) got = render (klass, value, FALSE);

  g_assert_cmpstr (got->str, ==, text);
}

static void
lines_of_a_numeric_array_have_one_length (void)
{
  const gint32 values[6] = { 1, -20, 300, 4, 5, 60000 };
  g_autoptr (ExpArray) flat = numbers (EXP_TYPE_INT, 4, 1, (guint64[]){ 6 }, values);
  g_autoptr (ExpArray) matrix = numbers (EXP_TYPE_INT, 4, 2, (guint64[]){ 2, 3 }, values);
  g_autoptr (ExpArray) cube = numbers (EXP_TYPE_INT, 4, 3, (guint64[]){ 3, 2, 1 }, values);

  expect (&exp_view_text, flat, "    1\n  -20\n  300\n    4\n    5\n60000\n");
  expect (&exp_view_text, matrix, "    1\t  -20\t  300\n    4\t    5\t60000\n");
  expect (&exp_view_text, cube, "    1\n  -20\n  300\n    4\n    5\n60000\n");

  g_autoptr (GString) compact = render (&exp_view_text, matrix, TRUE);
  g_assert_cmpstr (compact->str, ==, "1\t-20\t300\n4\t5\t60000\n");
}

static void
a_large_array_is_as_wide_as_its_type (void)
{
  g_autofree gint16 *values = g_new0 (gint16, 5000);
  g_autoptr (ExpArray) array = numbers (EXP_TYPE_INT, 2, 2, (guint64[]){ 50, 100 }, values);
  g_autoptr (GString) text = render (&exp_view_text, array, FALSE);

  g_assert_cmpuint (text->len, ==, 5000 * 7);
  g_assert_true (g_str_has_prefix (text->str, "     0\t     0\t"));
  g_assert_cmpint (text->str[100 * 7 - 1], ==, '\n');
}

static void
a_scalar_is_one_bare_line_and_nothing_is_empty (void)
{
  const double value = 0.1;
  g_autoptr (ExpArray) scalar = numbers (EXP_TYPE_FLOAT, 8, 0, NULL, &value);
  g_autoptr (ExpArray) empty = numbers (EXP_TYPE_FLOAT, 8, 2, (guint64[]){ 3, 0 }, NULL);
  g_autoptr (ExpArray) text = exp_array_new_text ("two\nlines\tand \\");

  expect (&exp_view_text, scalar, "0.1\n");
  expect (&exp_view_text, empty, "");
  expect (&exp_view_text, text, "two\\nlines\\tand \\\\\n");
  expect (&exp_view_csv, empty, "\n");
  expect (&exp_view_csv, scalar, "value\n0.1\n");
  expect (&exp_view_ndjson, empty, "");
  expect (&exp_view_ndjson, text, "\"two\\nlines\\tand \\\\\"\n");
}

static void
long_texts_are_escaped_wherever_it_is_needed (void)
{
  static const struct
  {
    char byte;
    const char *escape;
  } escapes[] = { { '\t', "\\t" }, { '\n', "\\n" }, { '\r', "\\r" }, { '\\', "\\\\" }, { ' ', " " }, { 1, "\1" } };

  for (guint n = 1; n < 200; n += 3)
    for (guint at = 0; at < n; at++)
      {
        const guint which = (n + at) % G_N_ELEMENTS (escapes);
        g_autoptr (GString) text = g_string_new (NULL);
        g_autoptr (GString) line = g_string_new (NULL);

        for (guint i = 0; i < n; i++)
          {
            char byte = i == at ? escapes[which].byte : i % 50 == 49 ? '\xe4' : (char)('a' + i % 26);
            g_string_append_c (text, byte);
          }
        g_string_append_len (line, text->str, at);
        g_string_append (line, escapes[which].escape);
        g_string_append (line, text->str + at + 1);
        g_string_append_c (line, '\n');
        g_autoptr (ExpArray) array = exp_array_new_text (text->str);
        expect (&exp_view_text, array, line->str);
      }
}

/* Two rows: a = 1, 20; s = "x,y", "q\"\n"; v = [0.5, -1], [10, 2]. */
static ExpArray *
table (void)
{
  ExpMember members[3] = {
    { (char *)"a", exp_dtype_new_number (EXP_TYPE_INT, 1, FALSE), 0 },
    { (char *)"s", exp_dtype_new_string (4, EXP_PAD_NUL, FALSE), 4 },
    { (char *)"v", exp_dtype_new_array (exp_dtype_new_number (EXP_TYPE_FLOAT, 8, FALSE), 1, (guint64[]){ 2 }, NULL),
      8 },
  };
  g_autoptr (ExpDtype) dtype = exp_dtype_new_compound (32, 3, members, NULL);
  ExpArray *array = exp_array_new (dtype, 1, (guint64[]){ 2 }, NULL);
  const double v[2][2] = { { 0.5, -1 }, { 10, 2 } };

  array->data[0] = 1;
  array->data[32] = 20;
  memcpy (array->data + 4, "x,y", 3);
  memcpy (array->data + 36, "q\"\n", 3);
  memcpy (array->data + 8, v[0], 16);
  memcpy (array->data + 40, v[1], 16);
  return array;
}

static void
a_table_is_flattened_to_columns (void)
{
  g_autoptr (ExpArray) rows = table ();

  expect (&exp_view_text, rows, " 1\tx,y\t 0.5\t-1.0\n20\tq\"\\n\t10.0\t 2.0\n");
  expect (&exp_view_csv, rows, "a,s,v,v[1]\n1,\"x,y\",0.5,-1.0\n20,\"q\"\"\n\",10.0,2.0\n");
  expect (&exp_view_tsv, rows, "a\ts\tv\tv[1]\n1\tx,y\t0.5\t-1.0\n20\t\"q\"\"\n\"\t10.0\t2.0\n");
  expect (&exp_view_ndjson, rows,
          "{\"a\": 1, \"s\": \"x,y\", \"v\": [0.5, -1.0]}\n{\"a\": 20, \"s\": \"q\\\"\\n\", \"v\": [10.0, 2.0]}\n");
}

static void
json_nests_by_shape (void)
{
  const guint8 values[6] = { 1, 2, 3, 4, 5, 6 };
  g_autoptr (ExpArray) cube = numbers (EXP_TYPE_UINT, 1, 3, (guint64[]){ 3, 1, 2 }, values);
  g_autoptr (ExpArray) empty = numbers (EXP_TYPE_UINT, 1, 3, (guint64[]){ 2, 2, 0 }, NULL);

  expect (&exp_view_json, cube,
          "{\"path\": \"/x\",\n\"dtype\": \"|u1\",\n\"shape\": [3, 1, 2],\n\"attributes\": {},\n"
          "\"value\": [[[1, 2]],\n[[3, 4]],\n[[5, 6]]]}\n");
  expect (&exp_view_json, empty,
          "{\"path\": \"/x\",\n\"dtype\": \"|u1\",\n\"shape\": [2, 2, 0],\n\"attributes\": {},\n"
          "\"value\": [[[], []], [[], []]]}\n");
}

static void
npy_is_packed_and_aligned (void)
{
  g_autoptr (ExpArray) rows = table ();
  g_autoptr (GString) npy = render (&exp_view_npy, rows, FALSE);
  g_autoptr (GString) raw = render (&exp_view_raw, rows, FALSE);
  gsize header = 10 + ((guchar)npy->str[8] | (guchar)npy->str[9] << 8);

  g_assert_cmpmem (npy->str, 8, "\x93NUMPY\x01\x00", 8);
  g_assert_cmpuint (header % 64, ==, 0);
  g_assert_nonnull (strstr (npy->str + 10, "[('a', '|i1'), ('s', '|S4'), ('v', '<f8', (2,))]"));
  g_assert_cmpuint (raw->len, ==, 2 * 21);
  g_assert_cmpmem (npy->str + header, npy->len - header, raw->str, raw->len);
  g_assert_cmpint (raw->str[21], ==, 20);
}

static void
text_of_any_length_has_a_fixed_width_in_npy (void)
{
  const char *words[] = { "a", "käse", "" };
  g_autoptr (ExpArray) texts = exp_array_new_texts (3, words);
  g_autoptr (GString) npy = render (&exp_view_npy, texts, FALSE);
  g_autoptr (GString) raw = render (&exp_view_raw, texts, FALSE);

  g_assert_nonnull (strstr (npy->str + 10, "'<U4'"));
  g_assert_cmpuint (raw->len, ==, 3 * 16);
  g_assert_cmpmem (raw->str + 16, 8, "k\0\0\0\xe4\0\0\0", 8);
}

/* As h5py hands such strings to NumPy; NumPy itself knows no padding but NUL. */
static void
padding_is_nul_in_npy (void)
{
  g_autoptr (ExpDtype) dtype = exp_dtype_new_string (4, EXP_PAD_SPACE, FALSE);
  g_autoptr (ExpArray) texts = exp_array_new (dtype, 1, (guint64[]){ 2 }, NULL);

  memcpy (texts->data, "ab  a   ", 8);
  g_autoptr (GString) raw = render (&exp_view_raw, texts, FALSE);
  g_assert_cmpmem (raw->str, raw->len, "ab\0\0a\0\0\0", 8);
}

static void
lists_are_separated_by_spaces_inside_their_cell (void)
{
  g_autoptr (ExpDtype) dtype = exp_dtype_new_vlen (exp_dtype_new_number (EXP_TYPE_INT, 2, FALSE));
  g_autoptr (ExpArray) lists = exp_array_new (dtype, 1, (guint64[]){ 3 }, NULL);
  ExpVlen *cells = (ExpVlen *)lists->data;
  gint16 values[3] = { 7, -8, 9 };

  cells[0] = (ExpVlen){ 3, values };
  cells[2] = (ExpVlen){ 1, values + 1 };
  expect (&exp_view_text, lists, "7 -8 9\n\n-8\n");
  expect (&exp_view_csv, lists, "value\n\"[7, -8, 9]\"\n[]\n[-8]\n");
  expect (&exp_view_ndjson, lists, "[7, -8, 9]\n[]\n[-8]\n");
  g_autoptr (ExpNode) node = exp_memory_dataset_new (lists, NULL);
  g_autoptr (GError) error = NULL;
  g_assert_null (exp_view_open (&exp_view_npy, node, &(ExpViewOptions){ 0 }, &error));
  g_assert_error (error, EXP_ERROR, EXP_ERROR_UNSUPPORTED);
}

/* Enough text for many blocks of the index: reads at random places must equal the same part of one whole read. */
static void
an_indexed_text_can_be_read_anywhere (void)
{
  const gsize n = 40000;
  g_autofree char **words = g_new0 (char *, n + 1);

  for (gsize i = 0; i < n; i++)
    words[i] = g_strnfill (i % 97, 'a' + i % 26);

  g_autoptr (ExpArray) texts = exp_array_new_texts (n, (const char *const *)words);
  g_autoptr (ExpNode) node = exp_memory_dataset_new (texts, NULL);
  g_autoptr (ExpView) view = exp_view_open (&exp_view_text, node, &(ExpViewOptions){ 0 }, NULL);
  g_autoptr (GString) whole = g_string_new (NULL);
  g_autoptr (GRand) rand = g_rand_new_with_seed (1);
  g_autofree char *part = g_malloc (300000);
  guint64 size;

  for (gsize i = 0; i < n; i++)
    g_string_append_printf (whole, "%s\n", words[i]);
  g_assert_true (exp_view_size (view, &size, NULL));
  g_assert_cmpuint (size, ==, whole->len);
  for (guint i = 0; i < 300; i++)
    {
      gsize at = g_rand_int_range (rand, 0, size), wanted = g_rand_int_range (rand, 1, 300000), got;

      g_assert_true (exp_view_pread (view, at, wanted, part, &got, NULL));
      g_assert_cmpmem (part, got, whole->str + at, MIN (wanted, size - at));
    }
  for (gsize i = 0; i < n; i++)
    g_free (words[i]);
}

static void
bytes_that_are_not_utf8_survive_in_json (void)
{
  g_autoptr (ExpArray) text = exp_array_new_text ("a\xff\"\x01");

  expect (&exp_view_ndjson, text, "\"a\\udcff\\\"\\u0001\"\n");
}

static void
an_attribute_is_bare_or_json (void)
{
  g_autoptr (ExpArray) text = exp_array_new_text ("tab\there");
  g_autoptr (ExpArray) texts = exp_array_new_texts (2, (const char *[]){ "a", "b\"" });
  g_autoptr (ExpArray) number = exp_array_new_float (2.5);
  g_autoptr (GError) error = NULL;
  gsize n;
  g_autofree char *bare = exp_attribute_text (text, 0, &n, NULL);
  g_autofree char *list = exp_attribute_text (texts, 0, &n, NULL);
  g_autofree char *half = exp_attribute_text (number, 0, &n, NULL);

  g_assert_cmpstr (bare, ==, "tab\there");
  g_assert_cmpstr (list, ==, "[\"a\", \"b\\\"\"]");
  g_assert_cmpstr (half, ==, "2.5");
  g_assert_null (exp_attribute_text (texts, 5, &n, &error));
  g_assert_error (error, EXP_ERROR, EXP_ERROR_TOO_LARGE);
}

static void
a_skeleton_names_all_nodes_and_no_values (void)
{
  g_autoptr (ExpNode) root = exp_memory_group_new ("trajectory"), group = exp_memory_group_new (NULL);
  g_autoptr (ExpArray) value = exp_array_new_int (123456);
  g_autoptr (ExpNode) leaf = exp_memory_dataset_new (value, "parameter");
  char text[512];
  gsize n;

  exp_memory_group_add (root, "g", group);
  exp_memory_group_add (group, "x", leaf);
  exp_memory_node_set_attribute (group, "why", value);
  g_autoptr (ExpView) view = exp_view_open (&exp_view_json, root, &(ExpViewOptions){ 0 }, NULL);
  g_assert_true (exp_view_pread (view, 0, sizeof text, text, &n, NULL));
  text[n] = '\0';
  g_assert_cmpstr (text, ==,
                   "{\"kind\": \"group\", \"role\": \"trajectory\", \"attributes\": {}, \"children\": {\n"
                   " \"g\": {\"kind\": \"group\", \"attributes\": {\"why\": 123456}, \"children\": {\n"
                   "  \"x\": {\"kind\": \"dataset\", \"role\": \"parameter\", \"dtype\": \"<i8\", \"shape\": [], "
                   "\"attributes\": {}}}}}}\n");
}

static void
the_longest_suffix_names_the_view (void)
{
  gsize stem;

  g_assert_true (exp_view_class_for_name ("x.ndjson", &stem) == &exp_view_ndjson);
  g_assert_cmpuint (stem, ==, 1);
  g_assert_true (exp_view_class_for_name ("a.csv.npy", &stem) == &exp_view_npy);
  g_assert_cmpuint (stem, ==, 5);
  g_assert_null (exp_view_class_for_name (".npy", &stem));
  g_assert_null (exp_view_class_for_name ("x", &stem));
}

/* Writing past a cell's place was once possible when a value grew after the widest was measured: a plain number, and a
 * cell of several parts. */
static void
values_that_outgrow_their_width_are_an_error (void)
{
  ExpMember members[] = { { (char *)"a", exp_dtype_new_number (EXP_TYPE_INT, 8, G_BYTE_ORDER == G_BIG_ENDIAN), 0 },
                          { (char *)"b", exp_dtype_new_number (EXP_TYPE_INT, 8, G_BYTE_ORDER == G_BIG_ENDIAN), 8 } };
  g_autoptr (ExpDtype) number = exp_dtype_new_number (EXP_TYPE_INT, 8, G_BYTE_ORDER == G_BIG_ENDIAN);
  g_autoptr (ExpDtype) table = exp_dtype_new_compound (16, 2, members, NULL);
  ExpDtype *dtypes[] = { number, table };

  for (guint i = 0; i < G_N_ELEMENTS (dtypes); i++)
    {
      g_autoptr (ExpArray) array = exp_array_new (dtypes[i], 1, (guint64[]){ 5 }, NULL);
      g_autoptr (ExpNode) node = exp_memory_dataset_new (array, NULL);
      g_autoptr (ExpView) view = exp_view_open (&exp_view_text, node, &(ExpViewOptions){ 0 }, NULL);
      g_autoptr (GError) error = NULL;
      gint64 grown = 1234567890123;
      char text[256];
      guint64 size;
      gsize n;

      g_assert_true (exp_view_size (view, &size, NULL));
      memcpy (array->data + 16, &grown, sizeof grown);
      g_assert_false (exp_view_pread (view, 0, sizeof text, text, &n, &error));
      g_assert_error (error, EXP_ERROR, EXP_ERROR_FAILED);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/view/text/lines-have-one-length", lines_of_a_numeric_array_have_one_length);
  g_test_add_func ("/view/text/a-large-array-is-as-wide-as-its-type", a_large_array_is_as_wide_as_its_type);
  g_test_add_func ("/view/text/long-texts-are-escaped", long_texts_are_escaped_wherever_it_is_needed);
  g_test_add_func ("/view/text/scalars-and-nothing", a_scalar_is_one_bare_line_and_nothing_is_empty);
  g_test_add_func ("/view/text/values-that-outgrow-their-width", values_that_outgrow_their_width_are_an_error);
  g_test_add_func ("/view/table-is-flattened", a_table_is_flattened_to_columns);
  g_test_add_func ("/view/json/nests-by-shape", json_nests_by_shape);
  g_test_add_func ("/view/npy/packed-and-aligned", npy_is_packed_and_aligned);
  g_test_add_func ("/view/npy/text-has-a-fixed-width", text_of_any_length_has_a_fixed_width_in_npy);
  g_test_add_func ("/view/npy/padding-is-nul", padding_is_nul_in_npy);
  g_test_add_func ("/view/lists", lists_are_separated_by_spaces_inside_their_cell);
  g_test_add_func ("/view/index/read-anywhere", an_indexed_text_can_be_read_anywhere);
  g_test_add_func ("/view/json/bytes-that-are-not-utf8", bytes_that_are_not_utf8_survive_in_json);
  g_test_add_func ("/view/attribute-is-bare-or-json", an_attribute_is_bare_or_json);
  g_test_add_func ("/view/skeleton", a_skeleton_names_all_nodes_and_no_values);
  g_test_add_func ("/view/the-longest-suffix", the_longest_suffix_names_the_view);
  return g_test_run ();
}
