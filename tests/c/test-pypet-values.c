/* How pypet's values show: types that it notes beside what is stored, dicts, split tables, array ranges, frames, sparse
 * matrices and pickles. */
#include "pypet_tree.h"
#include <math.h>

/* scipy.sparse.save_npz of csr_matrix ([[0, 1.5, 0], [2.5, 0, 0]]), in hexadecimal as pypet stores it. */
static const char csr_matrix[]
    = "504b0304140000000800000021008031a38748000000880000000b001400696e64696365732e6e7079010010008800000000000000480000"
      "00"
      "000000009bec17ea1b10c9c850c650ad9e925a9c5ca46ea5a06e9369a2aea3a09e965f54529498179f5f94920a12774bcc294e058a176724"
      "16"
      "a402f91a463a9a3a0ab50a14002e4606080000504b03041400000008000000210002ecbda94c0000008c0000000a001400696e647074722e"
      "6e"
      "7079010010008c000000000000004c000000000000009bec17ea1b10c9c850c650ad9e925a9c5ca46ea5a06e9369a2aea3a09e965f545294"
      "98"
      "179f5f94920a12774bcc294e058a17672416a402f91ac63a9a3a0ab50a14002e062060046226200600504b030414000000080000002100a3"
      "c3"
      "749745000000830000000a001400666f726d61742e6e707901001000830000000000000045000000000000009bec17ea1b10c9c850c650ad"
      "9e"
      "925a9c5ca46ea5a05e136cacaea3a09e965f54529498179f5f94920a12774bcc294e058a17672416a402f91a9a3a0ab50a1401aee4e22200"
      "50"
      "4b03041400000008000000210060487e0c4a000000900000000900140073686170652e6e70790100100090000000000000004a0000000000"
      "00"
      "009bec17ea1b10c9c850c650ad9e925a9c5ca46ea5a06e9369a1aea3a09e965f54529498179f5f94920a12774bcc294e058a17672416a402"
      "f9"
      "1a463a9a3a0ab50a14002e2606086086d200504b03041400000008000000210094de11c84c0000009000000008001400646174612e6e7079"
      "01"
      "00100090000000000000004c000000000000009bec17ea1b10c9c850c650ad9e925a9c5ca46ea5a06e9366a1aea3a09e965f54529498179f"
      "5f"
      "94920a12774bcc294e058a17672416a402f91a463a9a3a0ab50a14002e0630f8610fa1591c00504b01021403140000000800000021008031"
      "a3"
      "8748000000880000000b0000000000000000000000800100000000696e64696365732e6e7079504b010214031400000008000000210002ec"
      "bd"
      "a94c0000008c0000000a0000000000000000000000800185000000696e647074722e6e7079504b0102140314000000080000002100a3c374"
      "97"
      "45000000830000000a000000000000000000000080010d010000666f726d61742e6e7079504b010214031400000008000000210060487e0c"
      "4a"
      "0000009000000009000000000000000000000080018e01000073686170652e6e7079504b010214031400000008000000210094de11c84c00"
      "00"
      "0090000000080000000000000000000000800113020000646174612e6e7079504b0506000000000500050016010000990200000000";

/* pickle.dumps (numpy.array ([['x'], [None], [2.5]], dtype=object), 2) */
static const guint8 object_block[]
    = "\x80\x02"
      "cnumpy.core.multiarray\n_reconstruct\nq\x00"
      "cnumpy\nndarray\nq\x01K\x00\x85q\x02"
      "c_codecs\nencode\nq\x03"
      "X\x01\x00\x00\x00"
      "bq\x04X\x06\x00\x00\x00latin1q\x05\x86q\x06Rq\x07\x87q\x08Rq\x09(K\x01K\x03K\x01\x86q\x0a"
      "cnumpy\ndtype\nq\x0bX\x02\x00\x00\x00O8q\x0c\x89\x88\x87q\x0dRq\x0e(K\x03X\x01\x00\x00\x00|"
      "q\x0fNNNJ\xff\xff\xff\xff"
      "J\xff\xff\xff\xffK?tq\x10"
      "b\x89]q\x11(X\x01\x00\x00\x00xq\x12NG@\x04\x00\x00\x00\x00\x00\x00"
      "etq\x13"
      "b.";

/* A store with one trajectory; the group that holds results. */
static ExpNode *
new_store (ExpNode **results, ExpNode **parameters)
{
  ExpNode *store = exp_memory_group_new (NULL);
  ExpNode *trajectory = add_trajectory (store, "t", "0.7.0", 3);
  g_autoptr (ExpNode) first = exp_node_lookup (trajectory, "results", NULL);
  g_autoptr (ExpNode) second = exp_node_lookup (trajectory, "parameters", NULL);

  *results = first;
  if (parameters != NULL)
    *parameters = second;
  return store;
}

static ExpNode *
add_result (ExpNode *results, const char *name)
{
  return add_leaf (results, name, "Result");
}

static void
test_elements_become_what_was_noted (void)
{
  ExpNode *results;
  g_autoptr (ExpNode) store = new_store (&results, NULL);
  const double mixed[] = { 1, 2.5 };
  const guint8 bits[] = { 1, 0 };
  const guint64 two = 2;
  const gint32 zero_one[] = { 0, 1 };

  set_text (add_doubles (add_result (results, "ints"), "v", 2, mixed), "SRVC_DATA_SCALAR_TYPE", "int");
  set_text (add_doubles (add_result (results, "classic"), "v", 2, mixed), "SRVC_DATA_SCALAR_TYPE", "<type 'int'>");
  add_bytes (add_result (results, "bits"), "v", exp_dtype_new_number (EXP_TYPE_BITFIELD, 1, FALSE), 1, &two, bits);
  set_text (
      add_bytes (add_result (results, "bools"), "v", exp_dtype_new_number (EXP_TYPE_INT, 4, FALSE), 1, &two, zero_one),
      "SRVC_DATA_SCALAR_TYPE", "bool");
  set_text (
      add_bytes (add_result (results, "floats"), "v", exp_dtype_new_number (EXP_TYPE_INT, 4, FALSE), 1, &two, zero_one),
      "SRVC_DATA_SCALAR_TYPE", "float");
  set_text (add_doubles (add_result (results, "complex"), "v", 2, mixed), "SRVC_DATA_SCALAR_TYPE", "complex");
  set_text (add_strings (add_result (results, "text"), "v", 4, 0, 1, "a\0b\0"), "SRVC_DATA_SCALAR_TYPE", "str");

  g_autoptr (ExpNode) shown = show (store);
  assert_cells (shown, "t/results/ints", "1 2");
  assert_cells (shown, "t/results/classic", "1 2");
  assert_dtype (shown, "t/results/ints", "<i8");
  assert_cells (shown, "t/results/bits", "true false");
  assert_cells (shown, "t/results/bools", "false true");
  assert_dtype (shown, "t/results/bools", "|b1");
  assert_cells (shown, "t/results/floats", "0.0 1.0");
  assert_cells (shown, "t/results/complex", "[1.0, 0.0] [2.5, 0.0]");
  assert_cells (shown, "t/results/text", "\"a\\u0000b\"");
}

static void
test_what_cannot_be_the_noted_int_is_an_error (void)
{
  ExpNode *results;
  g_autoptr (ExpNode) store = new_store (&results, NULL);
  const double values[] = { 1, NAN };
  g_autoptr (GError) error = NULL;

  set_text (add_doubles (add_result (results, "nan"), "v", 2, values), "SRVC_DATA_SCALAR_TYPE", "int");
  g_autoptr (ExpNode) shown = show (store);
  g_autoptr (ExpNode) node = exp_node_resolve (shown, "t/results/nan", NULL);
  g_autoptr (ExpArray) array = exp_node_read_all (node, &error);
  g_assert_null (array);
  g_assert_error (error, EXP_ERROR, EXP_ERROR_DAMAGED);
}

static void
test_text_is_decoded_from_the_trajectorys_encoding (void)
{
  g_autoptr (ExpNode) store = exp_memory_group_new (NULL);
  ExpNode *trajectory = add_trajectory (store, "t", "0.7.0", 1);
  g_autoptr (ExpNode) overview = exp_node_lookup (trajectory, "overview", NULL);
  g_autoptr (ExpNode) results = exp_node_lookup (trajectory, "results", NULL);

  add_table (overview, "hdf5_settings", "encoding", exp_dtype_new_string (6, EXP_PAD_NUL, FALSE), 1, "latin1");
  set_text (add_strings (add_result (results, "text"), "v", 2, 0, 1, "\xfc!"), "SRVC_DATA_SCALAR_TYPE", "str");
  set_text (add_strings (add_result (results, "bytes"), "v", 2, 0, 1, "ok"), "SRVC_DATA_SCALAR_TYPE", "bytes");
  g_autoptr (ExpNode) shown = show (store);
  assert_cells (shown, "t/results/text", "\"\xc3\xbc!\"");
  assert_dtype (shown, "t/results/bytes", "|S2");
}

typedef struct
{
  gint32 i;
  float f;
  char s[4];
  gint64 pair[2];
} Row;

static ExpDtype *
row_type (void)
{
  const guint64 two = 2;
  ExpMember members[]
      = { { (char *)"i", exp_dtype_new_number (EXP_TYPE_INT, 4, FALSE), G_STRUCT_OFFSET (Row, i) },
          { (char *)"f", exp_dtype_new_number (EXP_TYPE_FLOAT, 4, FALSE), G_STRUCT_OFFSET (Row, f) },
          { (char *)"s", exp_dtype_new_string (4, EXP_PAD_NUL_TERMINATED, FALSE), G_STRUCT_OFFSET (Row, s) },
          { (char *)"pair", exp_dtype_new_array (exp_dtype_new_number (EXP_TYPE_INT, 8, FALSE), 1, &two, NULL),
            G_STRUCT_OFFSET (Row, pair) } };

  return exp_dtype_new_compound (sizeof (Row), G_N_ELEMENTS (members), members, NULL);
}

static void
test_a_dict_is_a_directory_and_a_table_is_a_table (void)
{
  const Row rows[] = { { 1, 0.5, "one", { 10, 11 } }, { 0, 1.5, "two", { 20, 21 } } };
  const guint64 n_rows[] = { 1, 2 };
  ExpNode *results;
  g_autoptr (ExpNode) store = new_store (&results, NULL);
  ExpNode *dict = add_bytes (add_result (results, "dict"), "d", row_type (), 1, &n_rows[0], rows);
  ExpNode *table = add_bytes (add_result (results, "table"), "t", row_type (), 1, &n_rows[1], rows);

  set_text (dict, "SRVC_STORE", "DICT");
  set_text (dict, "SRVC_DATA_COLL_TYPE", "COLL_DICT");
  set_text (dict, "SRVC_COLUMN_f_SCALAR_TYPE", "float32");
  set_text (table, "SRVC_STORE", "TABLE");
  set_text (table, "SRVC_COLUMN_i_SCALAR_TYPE", "bool");

  g_autoptr (ExpNode) shown = show (store);
  assert_names (shown, "t/results/dict", "i f s pair ");
  assert_cells (shown, "t/results/dict/i", "1");
  assert_dtype (shown, "t/results/dict/f", "<f8"); /* a dict has no NumPy scalars */
  assert_cells (shown, "t/results/dict/s", "\"one\"");
  assert_cells (shown, "t/results/dict/pair", "10 11");
  assert_dtype (shown, "t/results/table", "[('i', '|b1'), ('f', '<f4'), ('s', '|S4'), ('pair', '<i8', (2,))]");
  assert_cells (shown, "t/results/table",
                "{\"i\": true, \"f\": 0.5, \"s\": \"one\", \"pair\": [10, 11]} "
                "{\"i\": false, \"f\": 1.5, \"s\": \"two\", \"pair\": [20, 21]}");
}

static void
test_split_tables_are_joined (void)
{
  const gint32 first[] = { 1, 2 }, second[] = { 3, 4 };
  ExpNode *results;
  g_autoptr (ExpNode) store = new_store (&results, NULL);
  const char *const names[] = { "table", "dict" };

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      ExpNode *group = add_group (add_result (results, names[i]), names[i]);
      g_autofree char *next = g_strconcat (names[i], "_1", NULL);

      set_int (group, "SPLIT_TABLE", 1);
      set_text (group, "SRVC_STORE", i == 1 ? "DICT" : "TABLE");
      add_ints (group, names[i], "a", 2, first);
      add_ints (group, next, "b", 2, second);
    }
  g_autoptr (ExpNode) shown = show (store);
  assert_cells (shown, "t/results/table", "{\"a\": 1, \"b\": 3} {\"a\": 2, \"b\": 4}");
  assert_names (shown, "t/results/dict", "a b ");
  assert_cells (shown, "t/results/dict/b", "3");
}

/* An ArrayParameter of the newer generation, or a classic one, whose three runs have the arrays 0, 1, 0. */
static void
add_array_parameter (ExpNode *parameters, const char *name, gboolean is_classic, guint64 second_length)
{
  const double values[] = { 1, 2, 3, 4 };
  const gint32 order[] = { 0, 1, 0 };
  ExpNode *leaf = add_leaf (parameters, name, "ArrayParameter");
  ExpNode *place = is_classic ? leaf : add_group (add_group (leaf, "explored__rr__"), "set_00000");

  add_doubles (leaf, "data__rr__", 1, values);
  add_ints (leaf, "explored_data__rr__", "idx", 3, order);
  add_doubles (place, is_classic ? "xa__rr__00000000" : "xa_00000000", 2, values);
  add_doubles (place, is_classic ? "xa__rr__00000001" : "xa_00000001", second_length, values + 2);
}

static void
test_ranges_of_arrays_are_stacked_when_they_are_alike (void)
{
  ExpNode *results, *parameters;
  g_autoptr (ExpNode) store = new_store (&results, &parameters);
  g_auto (ExpInfo) info = { 0 };

  add_array_parameter (parameters, "alike", FALSE, 2);
  add_array_parameter (parameters, "classic", TRUE, 2);
  add_array_parameter (parameters, "unlike", FALSE, 1);
  g_autoptr (ExpNode) shown = show (store);
  assert_cells (shown, "t/parameters/alike", "1.0");
  assert_cells (shown, "t/parameters/alike.range", "1.0 2.0 3.0 4.0 1.0 2.0");
  assert_cells (shown, "t/parameters/classic.range", "1.0 2.0 3.0 4.0 1.0 2.0");
  describe_at (shown, "t/parameters/alike.range", &info);
  g_assert_cmpuint (info.rank, ==, 2);
  assert_names (shown, "t/parameters/unlike.range", "run_00000000 run_00000001 run_00000002 ");
  assert_cells (shown, "t/parameters/unlike.range/run_00000001", "3.0");
  assert_cells (shown, "t/.run/1/parameters/alike", "3.0 4.0");
}

static void
test_an_explored_value_that_is_missing_is_an_error (void)
{
  const gint32 order[] = { 0, 7, 0 };
  ExpNode *results, *parameters;
  g_autoptr (ExpNode) store = new_store (&results, &parameters);
  ExpNode *leaf = add_leaf (parameters, "p", "ArrayParameter");
  g_auto (ExpInfo) info = { 0 };
  g_autoptr (GError) error = NULL;
  const double value = 1;

  add_doubles (leaf, "data__rr__", 1, &value);
  add_ints (leaf, "explored_data__rr__", "idx", 3, order);
  g_autoptr (ExpNode) shown = show (store);
  g_autoptr (ExpNode) node = exp_node_resolve (shown, "t/.run/1/parameters/p", NULL);
  g_assert_false (exp_node_describe (node, &info, &error));
  g_assert_error (error, EXP_ERROR, EXP_ERROR_DAMAGED);
  assert_cells (shown, "t/parameters/p", "1.0");
}

static ExpNode *
add_labels (ExpNode *group, const char *name, gsize size, guint64 n, const char *bytes)
{
  ExpNode *labels = add_strings (group, name, size, 1, n, bytes);

  set_text (labels, "kind", "string");
  set_ascii (labels, "name", "N.");
  return labels;
}

static ExpNode *
add_matrix (ExpNode *group, const char *name, guint64 n_rows, guint64 n_columns, const double *values)
{
  const guint64 shape[] = { n_rows, n_columns };

  return add_bytes (group, name, exp_dtype_new_number (EXP_TYPE_FLOAT, 8, FALSE), 2, shape, values);
}

static ExpNode *
add_moments (ExpNode *group, const char *name)
{
  static const gint64 moments[] = { 0, 1395619200000000000, G_MININT64 };
  const guint64 n = G_N_ELEMENTS (moments);
  ExpNode *node = add_bytes (group, name, exp_dtype_new_number (EXP_TYPE_INT, 8, FALSE), 1, &n, moments);

  set_text (node, "kind", "datetime64");
  return node;
}

static void
add_object_block (ExpNode *group, const char *name)
{
  g_autoptr (ExpDtype) dtype = exp_dtype_new_vlen (exp_dtype_new_number (EXP_TYPE_UINT, 1, FALSE));
  const guint64 one = 1;
  g_autoptr (ExpArray) array = exp_array_new (dtype, 1, &one, NULL);
  ExpVlen cell = { sizeof object_block - 1, exp_array_allocate (array, sizeof object_block) };

  memcpy (cell.data, object_block, cell.length);
  memcpy (array->data, &cell, sizeof cell);
  add (group, name, exp_memory_dataset_new (array, NULL));
}

static void
test_frames_in_the_fixed_format_are_tables_in_their_own_order (void)
{
  const double values[] = { 1, 10, 2, 20, 3, 30 };
  ExpNode *results;
  g_autoptr (ExpNode) store = new_store (&results, NULL);
  ExpNode *leaf = add_result (results, "frame"), *group = add_group (leaf, "v");

  set_text (group, "pandas_type", "frame");
  set_int (group, "nblocks", 2);
  add_labels (group, "axis0", 1, 3, "bsa");
  set_text (add_moments (group, "axis1"), "name", "when");
  add_labels (group, "block0_items", 1, 2, "ab");
  add_matrix (group, "block0_values", 3, 2, values);
  add_labels (group, "block1_items", 1, 1, "s");
  add_object_block (group, "block1_values");

  g_autoptr (ExpNode) shown = show (store);
  g_auto (ExpInfo) info = { 0 };
  assert_dtype (shown, "t/results/frame", "[('when', '|S29'), ('b', '<f8'), ('s', '|O'), ('a', '<f8')]");
  assert_cells (shown, "t/results/frame",
                "{\"when\": \"1970-01-01T00:00:00\", \"b\": 10.0, \"s\": \"x\", \"a\": 1.0} "
                "{\"when\": \"2014-03-24T00:00:00\", \"b\": 20.0, \"s\": \"null\", \"a\": 2.0} "
                "{\"when\": \"NaT\", \"b\": 30.0, \"s\": \"2.5\", \"a\": 3.0}");
  describe_at (shown, "t/results/frame.pickle", &info);
  g_assert_true (info.is_bytes);
  g_assert_cmpuint (info.shape[0], ==, sizeof object_block - 1);
}

static void
test_several_levels_of_an_index_are_columns (void)
{
  const double values[] = { 1, 2, 3 };
  const gint8 codes[] = { 0, 1, -1 };
  const guint64 n = 3;
  ExpNode *results;
  g_autoptr (ExpNode) store = new_store (&results, NULL);
  ExpNode *group = add_group (add_result (results, "series"), "v");

  set_text (group, "pandas_type", "series");
  set_text (group, "index_variety", "multi");
  set_int (group, "index_nlevels", 2);
  set_text (group, "name", "height");
  set_text (add_strings (group, "index_level0", 1, 1, 2, "xy"), "name", "letter");
  add_bytes (group, "index_label0", exp_dtype_new_number (EXP_TYPE_INT, 1, FALSE), 1, &n, codes);
  set_ascii (add_doubles (group, "index_level1", 2, values), "name", "N.");
  add_bytes (group, "index_label1", exp_dtype_new_number (EXP_TYPE_INT, 1, FALSE), 1, &n, codes);
  add_doubles (group, "values", 3, values);

  g_autoptr (ExpNode) shown = show (store);
  assert_cells (
      shown, "t/results/series",
      "{\"letter\": \"x\", \"level_1\": 1.0, \"height\": 1.0} {\"letter\": \"y\", \"level_1\": 2.0, \"height\": 2.0} "
      "{\"letter\": \"nan\", \"level_1\": NaN, \"height\": 3.0}");
}

typedef struct
{
  gint64 index;
  double block[2];
  gint8 code;
} __attribute__ ((packed)) TableRow;

static void
test_frames_in_the_table_format_are_taken_apart_by_their_labels (void)
{
  const TableRow rows[] = { { 0, { 1, 2 }, 1 }, { 1395619200000000000, { 3, 4 }, 0 } };
  const guint64 two = 2;
  ExpMember members[] = { { (char *)"index", exp_dtype_new_number (EXP_TYPE_INT, 8, FALSE), 0 },
                          { (char *)"values_block_0",
                            exp_dtype_new_array (exp_dtype_new_number (EXP_TYPE_FLOAT, 8, FALSE), 1, &two, NULL), 8 },
                          { (char *)"k", exp_dtype_new_number (EXP_TYPE_INT, 1, FALSE), 24 } };
  ExpNode *results;
  g_autoptr (ExpNode) store = new_store (&results, NULL);
  ExpNode *group = add_group (add_result (results, "frame"), "v");
  ExpNode *meta = add_group (add_group (add_group (group, "meta"), "k"), "meta");
  ExpNode *table = add_bytes (group, "table", exp_dtype_new_compound (sizeof *rows, 3, members, NULL), 1, &two, rows);

  set_text (group, "pandas_type", "frame_table");
  set_ascii (group, "non_index_axes", "(lp0\n(I1\n(lp1\nVright\np2\naVk\np3\naVleft\np4\natp5\na.");
  set_text (table, "index_kind", "datetime64");
  set_ascii (table, "values_block_0_kind", "(lp0\nVleft\np1\naVright\np2\na.");
  set_text (table, "k_meta", "category");
  add_table (meta, "table", "values", exp_dtype_new_string (2, EXP_PAD_NUL, FALSE), 2, "hilo");

  g_autoptr (ExpNode) shown = show (store);
  assert_cells (shown, "t/results/frame",
                "{\"index\": \"1970-01-01T00:00:00\", \"right\": 2.0, \"k\": \"lo\", \"left\": 1.0} "
                "{\"index\": \"2014-03-24T00:00:00\", \"right\": 4.0, \"k\": \"hi\", \"left\": 3.0}");
}

static void
test_sparse_matrices_are_tables_of_their_numbers (void)
{
  ExpNode *results;
  g_autoptr (ExpNode) store = new_store (&results, NULL);
  ExpNode *leaf = add_leaf (results, "sparse", "SparseResult");
  g_autofree char *damaged = g_strdup (csr_matrix);
  g_auto (ExpInfo) info = { 0 };
  const double value = 1;

  damaged[150] = damaged[150] == '0' ? '1' : '0';
  add_strings (leaf, "m__spsp__", strlen (csr_matrix), 0, 1, csr_matrix);
  add_strings (leaf, "damaged__spsp__", strlen (damaged), 0, 1, damaged);
  add_doubles (leaf, "dense", 1, &value);
  g_autoptr (ExpNode) shown = show (store);
  assert_names (shown, "t/results/sparse", "m damaged dense ");
  assert_cells (shown, "t/results/sparse/m",
                "{\"row\": 0, \"col\": 1, \"value\": 1.5} {\"row\": 1, \"col\": 0, \"value\": 2.5}");
  assert_attribute (shown, "t/results/sparse/m", "shape", "[2, 3]");
  assert_attribute (shown, "t/results/sparse/m", "format", "csr");
  g_autoptr (ExpNode) node = exp_node_resolve (shown, "t/results/sparse/damaged", NULL);
  g_assert_false (exp_node_describe (node, &info, NULL));
}

static void
test_pickles_are_what_they_describe_and_their_bytes_lie_beside (void)
{
  static const char pickle[] = "(dp0\nVa\np1\n(lp2\nI1\naNasVb\np3\nF2.5\ns.";
  ExpNode *results;
  g_autoptr (ExpNode) store = new_store (&results, NULL);
  ExpNode *leaf = add_leaf (results, "pickled", "PickleResult");
  g_auto (ExpInfo) info = { 0 };
  const double protocol = 0;

  add_strings (leaf, "obj", strlen (pickle), 0, 1, pickle);
  add_strings (leaf, "none", 2, 0, 1, "N.");
  add_doubles (leaf, "__pckl_prtcl__", 1, &protocol);
  g_autoptr (ExpNode) shown = show (store);
  assert_names (shown, "t/results/pickled", "obj none ");
  assert_names (shown, "t/results/pickled/obj", "a b ");
  assert_cells (shown, "t/results/pickled/obj/a", "\"1\" \"null\"");
  assert_cells (shown, "t/results/pickled/obj/b", "2.5");
  assert_cells (shown, "t/results/pickled/none", "\"null\"");
  assert_attribute (shown, "t/results/pickled/obj", "pickle", "obj.pickle");
  describe_at (shown, "t/results/pickled/obj.pickle", &info);
  g_assert_true (info.is_bytes);
  g_autoptr (ExpNode) bytes = exp_node_resolve (shown, "t/results/pickled/obj.pickle", NULL);
  g_autoptr (ExpArray) array = exp_node_read_all (bytes, NULL);
  g_assert_cmpmem (array->data, array->n_elements, pickle, strlen (pickle));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/pypet-values/elements-become-what-was-noted", test_elements_become_what_was_noted);
  g_test_add_func ("/pypet-values/what-cannot-be-the-noted-int-is-an-error",
                   test_what_cannot_be_the_noted_int_is_an_error);
  g_test_add_func ("/pypet-values/text-is-decoded-from-the-trajectorys-encoding",
                   test_text_is_decoded_from_the_trajectorys_encoding);
  g_test_add_func ("/pypet-values/a-dict-is-a-directory-and-a-table-is-a-table",
                   test_a_dict_is_a_directory_and_a_table_is_a_table);
  g_test_add_func ("/pypet-values/split-tables-are-joined", test_split_tables_are_joined);
  g_test_add_func ("/pypet-values/ranges-of-arrays-are-stacked-when-they-are-alike",
                   test_ranges_of_arrays_are_stacked_when_they_are_alike);
  g_test_add_func ("/pypet-values/an-explored-value-that-is-missing-is-an-error",
                   test_an_explored_value_that_is_missing_is_an_error);
  g_test_add_func ("/pypet-values/frames-in-the-fixed-format-are-tables-in-their-own-order",
                   test_frames_in_the_fixed_format_are_tables_in_their_own_order);
  g_test_add_func ("/pypet-values/several-levels-of-an-index-are-columns", test_several_levels_of_an_index_are_columns);
  g_test_add_func ("/pypet-values/frames-in-the-table-format-are-taken-apart-by-their-labels",
                   test_frames_in_the_table_format_are_taken_apart_by_their_labels);
  g_test_add_func ("/pypet-values/sparse-matrices-are-tables-of-their-numbers",
                   test_sparse_matrices_are_tables_of_their_numbers);
  g_test_add_func ("/pypet-values/pickles-are-what-they-describe-and-their-bytes-lie-beside",
                   test_pickles_are_what_they_describe_and_their_bytes_lie_beside);
  return g_test_run ();
}
