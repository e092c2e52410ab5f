/* Slices, columns and attributes as nodes over nodes. */
#include "expfs/expfs.h"
#include <string.h>

/* What NumPy answers for numpy.arange (24).reshape (4, 6)[SLICE]. */
static const struct
{
  const char *slice, *shape, *values;
} numpy[] = {
  { "0", "6", "0 1 2 3 4 5" },
  { "-1", "6", "18 19 20 21 22 23" },
  { ":", "4x6", "0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23" },
  { "1:3", "2x6", "6 7 8 9 10 11 12 13 14 15 16 17" },
  { "::-1", "4x6", "18 19 20 21 22 23 12 13 14 15 16 17 6 7 8 9 10 11 0 1 2 3 4 5" },
  { "::2,1::2", "2x3", "1 3 5 13 15 17" },
  { "3,5", "", "23" },
  { "-4,-6", "", "0" },
  { "...,0", "4", "0 6 12 18" },
  { "0,...", "6", "0 1 2 3 4 5" },
  { "1:3,...", "2x6", "6 7 8 9 10 11 12 13 14 15 16 17" },
  { "...", "4x6", "0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23" },
  { "::-2,::-1", "2x6", "23 22 21 20 19 18 11 10 9 8 7 6" },
  { "-100:100", "4x6", "0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23" },
  { "5:1", "0x6", "" },
  { "5:1:-1,2", "2", "20 14" },
  { "1:3,2:4", "2x2", "8 9 14 15" },
  { "3:0:-2,-1:0:-3", "2x2", "23 20 11 8" },
  { ":,::4", "4x2", "0 4 6 10 12 16 18 22" },
  { "2,", "6", "12 13 14 15 16 17" },
  { "  1 , 2:5 ", "3", "8 9 10" },
  { "-1:-3:-1", "2x6", "18 19 20 21 22 23 12 13 14 15 16 17" },
  { "10:,0", "0", "" },
  { " 1 : 3 , : : 5", "2x2", "6 11 12 17" },
  { "+1,::99999999999999999999", "1", "6" },
  { "-99999999999999999999::-99999999999999999999", "0x6", "" },
  { ":99999999999999999999,-9223372036854775808:2:3", "4x1", "0 6 12 18" },
  { "-9223372036854775808::-9223372036854775808,1", "0", "" },
};

static ExpNode *
matrix (void)
{
  g_autoptr (ExpDtype) dtype = exp_dtype_new_number (EXP_TYPE_INT, 2, FALSE);
  g_autoptr (ExpArray) array = exp_array_new (dtype, 2, (guint64[]){ 4, 6 }, NULL);

  for (gint16 i = 0; i < 24; i++)
    memcpy (array->data + 2 * i, &i, 2);
  return exp_memory_dataset_new (array, NULL);
}

static char *
shape_text (ExpNode *node)
{
  g_auto (ExpInfo) info = { 0 };
  g_autoptr (GString) text = g_string_new (NULL);

  g_assert_true (exp_node_describe (node, &info, NULL));
  for (guint i = 0; i < info.rank; i++)
    g_string_append_printf (text, "%s%" G_GUINT64_FORMAT, i > 0 ? "x" : "", info.shape[i]);
  return g_strdup (text->str);
}

static char *
values_text (ExpNode *node)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (ExpArray) array = exp_node_read_all (node, &error);
  g_autoptr (GString) text = g_string_new (NULL);

  g_assert_no_error (error);
  for (gsize i = 0; i < array->n_elements; i++)
    {
      if (i > 0)
        g_string_append_c (text, ' ');
      exp_cell_format (array->dtype, array->data + i * array->dtype->size, text);
    }
  return g_strdup (text->str);
}

static void
slices_select_what_numpy_selects (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (numpy); i++)
    {
      g_autoptr (ExpNode) node = matrix ();
      g_autoptr (GError) error = NULL;
      g_autoptr (ExpNode) slice = exp_slice_new (node, numpy[i].slice, &error);

      g_assert_no_error (error);
      g_autofree char *shape = shape_text (slice), *values = values_text (slice);
      g_assert_cmpstr (shape, ==, numpy[i].shape);
      g_assert_cmpstr (values, ==, numpy[i].values);
    }
}

static void
malformed_slices_are_refused_by_name (void)
{
  static const char *const bad[] = { "",    "a",     "1.5", "4",       "-5",
                                     "0,6", "0,0,0", "::0", "1:2:3:4", "...,...",
                                     "--1", ",",     "0x1", ":,a:",    "99999999999999999999",
                                     "1 2", "-",     ":+",  "1:,,2" };

  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autoptr (ExpNode) node = matrix ();
      g_autoptr (GError) error = NULL;
      g_autofree char *quoted = g_strdup_printf ("[%s]", bad[i]);

      g_assert_null (exp_slice_new (node, bad[i], &error));
      g_assert_error (error, EXP_ERROR, EXP_ERROR_INVALID);
      g_assert_nonnull (strstr (error->message, quoted));
    }
}

static void
slices_of_slices_stack (void)
{
  g_autoptr (ExpNode) node = matrix ();
  g_autoptr (ExpNode) odd = exp_slice_new (node, "::-1,1::2", NULL);
  g_autoptr (ExpNode) part = exp_slice_new (odd, "1:3,::-1", NULL);
  g_autofree char *values = values_text (part);

  g_assert_cmpstr (values, ==, "17 15 13 11 9 7");
}

static void
texts_survive_reversal (void)
{
  g_autoptr (ExpArray) texts = exp_array_new_texts (3, (const char *[]){ "a", "bb", "ccc" });
  g_autoptr (ExpNode) node = exp_memory_dataset_new (texts, NULL);
  g_autoptr (ExpNode) reversed = exp_slice_new (node, "::-1", NULL);
  g_autoptr (ExpView) view = exp_view_open (&exp_view_text, reversed, &(ExpViewOptions){ 0 }, NULL);
  char text[16];
  gsize n;

  g_assert_true (exp_view_pread (view, 0, sizeof text, text, &n, NULL));
  g_assert_cmpmem (text, n, "ccc\nbb\na\n", 9);
}

/* id (i2) and word (text of variable length), two rows. */
static ExpNode *
table (void)
{
  ExpMember members[2] = {
    { (char *)"id", exp_dtype_new_number (EXP_TYPE_INT, 2, FALSE), 0 },
    { (char *)"word", exp_dtype_new_vstring (TRUE), 8 },
  };
  g_autoptr (ExpDtype) dtype = exp_dtype_new_compound (24, 2, members, NULL);
  g_autoptr (ExpArray) rows = exp_array_new (dtype, 1, (guint64[]){ 2 }, NULL);
  const char *words[] = { "one", "two" };

  for (guint i = 0; i < 2; i++)
    {
      ExpVlen word = { 3, exp_array_allocate (rows, 3) };

      memcpy (word.data, words[i], 3);
      rows->data[24 * i] = i + 1;
      memcpy (rows->data + 24 * i + 8, &word, sizeof word);
    }
  return exp_memory_dataset_new (rows, NULL);
}

static gboolean
collect (const char *name, ExpNode *child, gpointer data)
{
  g_string_append_printf (data, "%s ", name);
  return TRUE;
}

static void
columns_are_datasets (void)
{
  g_autoptr (ExpNode) node = table ();
  g_autoptr (ExpNode) columns = exp_columns_new (node, NULL);
  g_autoptr (GString) names = g_string_new (NULL);
  g_autoptr (GError) error = NULL;

  g_assert_true (exp_node_list (columns, 0, collect, names, NULL));
  g_assert_cmpstr (names->str, ==, "id word ");
  g_autoptr (ExpNode) id = exp_node_lookup (columns, "id", NULL);
  g_autofree char *values = values_text (id);
  g_assert_cmpstr (values, ==, "1 2");

  g_autoptr (ExpNode) word = exp_node_lookup (columns, "word", NULL);
  g_autoptr (ExpNode) last = exp_slice_new (word, "-1", NULL);
  g_autoptr (ExpArray) value = exp_node_read_all (last, NULL);
  g_autofree char *text = exp_array_dup_text (value);
  g_assert_cmpstr (text, ==, "two");

  g_assert_null (exp_node_lookup (columns, "none", &error));
  g_assert_error (error, EXP_ERROR, EXP_ERROR_NOT_FOUND);
  g_clear_error (&error);
  g_assert_null (exp_columns_new (id, &error));
  g_assert_error (error, EXP_ERROR, EXP_ERROR_UNSUPPORTED);
}

/* m: shape (2, 3), behind a byte; elements count up through the rows. */
static ExpNode *
table_of_matrices (guint64 n_rows)
{
  ExpMember members[2] = {
    { (char *)"id", exp_dtype_new_number (EXP_TYPE_UINT, 1, FALSE), 0 },
    { (char *)"m", exp_dtype_new_array (exp_dtype_new_number (EXP_TYPE_UINT, 1, FALSE), 2, (guint64[]){ 2, 3 }, NULL),
      1 },
  };
  g_autoptr (ExpDtype) dtype = exp_dtype_new_compound (7, 2, members, NULL);
  g_autoptr (ExpArray) rows = exp_array_new (dtype, 1, &n_rows, NULL);

  for (guint i = 0; i < n_rows; i++)
    for (guint j = 0; j < 6; j++)
      rows->data[7 * i + 1 + j] = 6 * i + j;
  return exp_memory_dataset_new (rows, NULL);
}

static void
columns_of_fixed_arrays_have_their_axes (void)
{
  g_autoptr (ExpNode) node = table_of_matrices (4);
  g_autoptr (ExpNode) columns = exp_columns_new (node, NULL);
  g_autoptr (ExpNode) matrices = exp_node_lookup (columns, "m", NULL);
  g_autofree char *shape = shape_text (matrices), *values = values_text (matrices);
  g_autoptr (ExpNode) slice = exp_slice_new (matrices, "::-2,1,::2", NULL);
  g_autofree char *part_shape = shape_text (slice), *part = values_text (slice);

  g_assert_cmpstr (shape, ==, "4x2x3");
  g_assert_cmpstr (values, ==, "0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23");
  g_assert_cmpstr (part_shape, ==, "2x2");
  g_assert_cmpstr (part, ==, "21 23 9 11");
}

/* A table of text inside a table, two-dimensional. */
static void
columns_of_columns_stack (void)
{
  ExpMember inner_members[] = { { (char *)"n", exp_dtype_new_number (EXP_TYPE_UINT, 1, FALSE), 0 },
                                { (char *)"text", exp_dtype_new_vstring (TRUE), 8 } };
  ExpMember members[] = { { (char *)"pair", exp_dtype_new_compound (24, 2, inner_members, NULL), 0 } };
  g_autoptr (ExpDtype) dtype = exp_dtype_new_compound (24, 1, members, NULL);
  g_autoptr (ExpArray) rows = exp_array_new (dtype, 2, (guint64[]){ 2, 2 }, NULL);
  const char *words[] = { "a", "bb", "ccc", "" };

  for (guint i = 0; i < 4; i++)
    {
      ExpVlen word = { strlen (words[i]), (gpointer)words[i] };

      memcpy (rows->data + 24 * i + 8, &word, sizeof word);
    }

  g_autoptr (ExpNode) node = exp_memory_dataset_new (rows, NULL);
  g_autoptr (ExpNode) columns = exp_columns_new (node, NULL);
  g_autoptr (ExpNode) pair = exp_node_lookup (columns, "pair", NULL);
  g_autoptr (ExpNode) parts = exp_columns_new (pair, NULL);
  g_autoptr (ExpNode) text = exp_node_lookup (parts, "text", NULL);
  g_autoptr (ExpNode) reversed = exp_slice_new (text, "::-1,::-1", NULL);
  g_autoptr (ExpView) view = exp_view_open (&exp_view_text, reversed, &(ExpViewOptions){ 0 }, NULL);
  char shown[32];
  gsize n;

  g_assert_true (exp_view_pread (view, 0, sizeof shown, shown, &n, NULL));
  g_assert_cmpmem (shown, n, "\tccc\nbb\ta\n", 10);
}

/* --- rows made as they are read, too large to be read at once ------------------------------------------------- */

#define ROW_SIZE (3 * 1024 * 1024)
#define N_ROWS   100

static gsize most_rows_at_once;

static gboolean
rows_describe (ExpNode *node, ExpInfo *info, GError **error)
{
  ExpMember members[] = { { (char *)"i", exp_dtype_new_number (EXP_TYPE_UINT, 1, FALSE), 16 },
                          { (char *)"text", exp_dtype_new_vstring (TRUE), 0 } };

  info->kind = EXP_KIND_DATASET;
  info->dtype = exp_dtype_new_compound (ROW_SIZE, 2, members, NULL);
  info->rank = 2;
  info->shape[0] = 2;
  info->shape[1] = N_ROWS / 2;
  return TRUE;
}

static gboolean
rows_read (ExpNode *node, const ExpSlab *slab, ExpArray *array, GError **error)
{
  guint8 *row = array->data;

  for (guint64 i = 0; i < slab->count[0]; i++)
    for (guint64 j = 0; j < slab->count[1]; j++, row += ROW_SIZE)
      {
        ExpVlen text = { 2, exp_array_allocate (array, 2) };

        row[16] = (slab->start[0] + i * slab->step[0]) * N_ROWS / 2 + slab->start[1] + j * slab->step[1];
        memcpy (text.data, (char[]){ '0' + row[16] / 10, '0' + row[16] % 10 }, 2);
        memcpy (row, &text, sizeof text);
      }
  most_rows_at_once = MAX (most_rows_at_once, array->n_elements);
  return TRUE;
}

static void
rows_free (ExpNode *node)
{
  g_free (node);
}

static const ExpNodeClass rows_class = { .free = rows_free, .describe = rows_describe, .read = rows_read };

static void
columns_of_large_rows_are_read_in_parts (void)
{
  g_autoptr (ExpNode) node = g_new0 (ExpNode, 1);
  guint8 i = 0;

  exp_node_init (node, &rows_class);
  g_autoptr (ExpNode) columns = exp_columns_new (node, NULL);
  g_autoptr (ExpNode) numbers = exp_node_lookup (columns, "i", NULL);
  g_autoptr (ExpArray) all = exp_node_read_all (numbers, NULL);
  g_assert_cmpuint (all->n_elements, ==, N_ROWS);
  for (i = 0; i < N_ROWS; i++)
    g_assert_cmpuint (all->data[i], ==, i);

  g_autoptr (ExpNode) texts = exp_node_lookup (columns, "text", NULL);
  g_autoptr (ExpNode) some = exp_slice_new (texts, "::-1,1::3", NULL);
  g_autoptr (ExpArray) words = exp_node_read_all (some, NULL);
  g_assert_cmpuint (words->n_elements, ==, 34);
  for (i = 0; i < 34; i++)
    {
      gsize length;
      const char *text = exp_cell_text (words->dtype, words->data + i * sizeof (ExpVlen), &length);
      guint expected = (i < 17 ? 50 : 0) + 1 + 3 * (i % 17);

      g_assert_cmpmem (text, length, ((char[]){ '0' + expected / 10, '0' + expected % 10 }), 2);
    }
  g_assert_cmpuint (most_rows_at_once, <=, 16 * 1024 * 1024 / ROW_SIZE);
}

static void
attributes_are_datasets_of_any_length (void)
{
  g_autoptr (ExpArray) long_value = NULL, short_value = exp_array_new_text ("why");
  g_autoptr (ExpDtype) dtype = exp_dtype_new_number (EXP_TYPE_INT, 4, FALSE);
  g_autoptr (ExpNode) node = exp_memory_group_new (NULL);
  g_autoptr (GString) names = g_string_new (NULL);

  long_value = exp_array_new (dtype, 1, (guint64[]){ 100000 }, NULL);
  exp_memory_node_set_attribute (node, "long", long_value);
  exp_memory_node_set_attribute (node, "short", short_value);
  g_autoptr (ExpNode) attributes = exp_attributes_new (node, NULL);
  g_assert_true (exp_node_list (attributes, 1, collect, names, NULL));
  g_assert_cmpstr (names->str, ==, "short ");
  g_autoptr (ExpNode) attribute = exp_node_lookup (attributes, "long", NULL);
  g_autoptr (ExpNode) part = exp_slice_new (attribute, "99999", NULL);
  g_autofree char *values = values_text (part);
  g_assert_cmpstr (values, ==, "0");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/select/slices-select-what-numpy-selects", slices_select_what_numpy_selects);
  g_test_add_func ("/select/malformed-slices-are-refused", malformed_slices_are_refused_by_name);
  g_test_add_func ("/select/slices-of-slices", slices_of_slices_stack);
  g_test_add_func ("/select/texts-survive-reversal", texts_survive_reversal);
  g_test_add_func ("/select/columns-are-datasets", columns_are_datasets);
  g_test_add_func ("/select/columns-of-fixed-arrays", columns_of_fixed_arrays_have_their_axes);
  g_test_add_func ("/select/columns-of-columns", columns_of_columns_stack);
  g_test_add_func ("/select/columns-of-large-rows", columns_of_large_rows_are_read_in_parts);
  g_test_add_func ("/select/attributes-are-datasets", attributes_are_datasets_of_any_length);
  return g_test_run ();
}
