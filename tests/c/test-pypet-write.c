/* Writing into pypet's tree, on a store in memory: which leaves, attributes and rows come of it, and what is refused.
 */
#include "pypet_tree.h"

typedef struct
{
  ExpNode *stored;
  ExpNode *shown;
} Store;

static void
open_store (Store *store)
{
  ExpStoreOptions options = { .is_writable = TRUE };
  g_autoptr (GError) error = NULL;

  store->stored = exp_memory_store_new ();
  store->shown = exp_filter_pypet.apply (store->stored, &options, &error);
  g_assert_no_error (error);
}

static void
clear_store (Store *store)
{
  exp_node_unref (store->shown);
  exp_node_unref (store->stored);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Store, clear_store)

/* With an empty trajectory `t`. */
static void
open_trajectory (Store *store)
{
  g_autoptr (GError) error = NULL;

  open_store (store);
  g_autoptr (ExpNode) made = exp_node_create_group (store->shown, "t", &error);
  g_assert_no_error (error);
}

static ExpNode *
at (ExpNode *root, const char *path)
{
  g_autoptr (GError) error = NULL;
  ExpNode *node = exp_node_resolve (root, path, &error);

  g_assert_no_error (error);
  return node;
}

/* What `> DIR/NAME` does with an array. */
static void
put (Store *store, const char *dir, const char *name, ExpArray *value)
{
  g_autoptr (ExpNode) parent = at (store->shown, dir);
  g_autoptr (ExpNode) there = exp_node_lookup (parent, name, NULL);
  g_autoptr (GError) error = NULL;
  ExpNewDataset dataset = { .dtype = value->dtype, .rank = value->rank };
  ExpSlab slab;

  memcpy (dataset.shape, value->shape, sizeof value->shape);
  exp_slab_init_all (&slab, value->rank, value->shape);
  g_autoptr (ExpNode) node = there != NULL ? exp_node_replace_dataset (parent, name, &dataset, &error)
                                           : exp_node_create_dataset (parent, name, &dataset, &error);
  g_assert_no_error (error);
  exp_node_write (node, &slab, value, &error);
  g_assert_no_error (error);
}

static void
put_int (Store *store, const char *dir, const char *name, gint64 number)
{
  g_autoptr (ExpArray) value = exp_array_new_int (number);

  put (store, dir, name, value);
}

static void
put_text (Store *store, const char *dir, const char *name, const char *text)
{
  g_autoptr (ExpArray) value = exp_array_new_text (text);

  put (store, dir, name, value);
}

static void
put_doubles (Store *store, const char *dir, const char *name, guint64 n, const double *values)
{
  g_autoptr (ExpDtype) dtype = exp_dtype_new_number (EXP_TYPE_FLOAT, 8, FALSE);
  g_autoptr (ExpArray) array = exp_array_new (dtype, 1, &n, NULL);

  memcpy (array->data, values, n * sizeof *values);
  put (store, dir, name, array);
}

static void
put_ints (Store *store, const char *dir, const char *name, guint64 n, const gint64 *values)
{
  g_autoptr (ExpDtype) dtype = exp_dtype_new_number (EXP_TYPE_INT, 8, FALSE);
  g_autoptr (ExpArray) array = exp_array_new (dtype, 1, &n, NULL);

  memcpy (array->data, values, n * sizeof *values);
  put (store, dir, name, array);
}

/* One cell of a stored table, as JSON. */
static void
assert_table_cell (Store *store, const char *path, const char *column, guint64 row, const char *json)
{
  g_autoptr (ExpNode) table = at (store->stored, path);
  g_autoptr (ExpArray) all = exp_node_read_all (table, NULL);
  g_autoptr (GString) got = g_string_new (NULL);

  g_assert_cmpuint (row, <, all->n_elements);
  for (guint i = 0; i < all->dtype->n_members; i++)
    if (strcmp (all->dtype->members[i].name, column) == 0)
      exp_cell_to_json (all->dtype->members[i].dtype,
                        all->data + row * all->dtype->size + all->dtype->members[i].offset, got);
  g_assert_cmpstr (got->str, ==, json);
}

static void
check_failure (gboolean is_done, GError **error, ExpError code, const char *words)
{
  g_assert_false (is_done);
  g_assert_error (*error, EXP_ERROR, (gint)code);
  if (words != NULL && strstr ((*error)->message, words) == NULL)
    g_error ("'%s' does not say '%s'", (*error)->message, words);
  g_clear_error (error);
}

/* `call` sets `error`, and says why it fails. */
#define assert_fails(call, code, words)                                                                                \
  G_STMT_START                                                                                                         \
  {                                                                                                                    \
    gboolean is_done_ = (call);                                                                                        \
    check_failure (is_done_, &error, code, words);                                                                     \
  }                                                                                                                    \
  G_STMT_END

static void
test_a_new_trajectory_has_what_pypet_needs (void)
{
  g_auto (Store) store = { 0 };

  open_trajectory (&store);
  assert_names (store.shown, "t", "config parameters derived_parameters results overview ");
  assert_names (store.stored, "t/overview", "info hdf5_settings runs explorations ");
  assert_table_cell (&store, "t/overview/info", "name", 0, "\"t\"");
  assert_table_cell (&store, "t/overview/info", "length", 0, "1");
  assert_table_cell (&store, "t/overview/runs", "runtime", 0, "\"forever and ever\"");
  assert_table_cell (&store, "t/overview/runs", "time", 0, "\">>Maybe time`s gone \"");
  assert_table_cell (&store, "t/overview/hdf5_settings", "complib", 0, "\"zlib\"");
  assert_attribute (store.stored, "t/overview/info", "CLASS", "TABLE");
  assert_attribute (store.stored, "t/overview/info", "NROWS", "1");
  assert_attribute (store.stored, "t/overview/info", "FIELD_2_NAME", "length");
  assert_attribute (store.stored, "t", "FILTERS", "65801");
  assert_attribute (store.shown, "t", "version", "0.7.0");
}

static void
test_a_number_is_a_parameter_or_a_result (void)
{
  g_auto (Store) store = { 0 };

  open_trajectory (&store);
  put_int (&store, "t/parameters", "n", 42);
  put_int (&store, "t/results", "n", 42);
  assert_cells (store.shown, "t/parameters/n", "42");
  assert_cells (store.shown, "t/results/n", "42");
  assert_names (store.stored, "t/parameters/n", "data ");
  assert_names (store.stored, "t/results/n", "n ");
  assert_attribute (store.stored, "t/parameters/n", "SRVC_INIT_CLASS_NAME", "Parameter");
  assert_attribute (store.stored, "t/parameters/n", "SRVC_LEAF", "0x01");
  assert_attribute (store.stored, "t/parameters/n/data", "SRVC_STORE", "TABLE");
  assert_attribute (store.stored, "t/parameters/n/data", "SRVC_COLUMN_data_SCALAR_TYPE", "int");
  assert_attribute (store.stored, "t/parameters/n/data", "SRVC_COLUMN_data_COLL_TYPE", "COLL_SCALAR");
  assert_attribute (store.stored, "t/parameters/n/data", "TITLE", "data");
  assert_attribute (store.stored, "t/results/n", "SRVC_INIT_CLASS_NAME", "Result");
  assert_attribute (store.stored, "t/results/n/n", "SRVC_STORE", "ARRAY");
  assert_attribute (store.stored, "t/results/n/n", "FLAVOR", "python");
  assert_attribute (store.stored, "t/results/n/n", "SRVC_DATA_SCALAR_TYPE", "int");
}

static void
test_text_is_as_long_as_it_is_written (void)
{
  g_auto (Store) store = { 0 };

  open_trajectory (&store);
  put_text (&store, "t/parameters", "s", "gr\xc3\xbc\xc3\x9f dich");
  assert_cells (store.shown, "t/parameters/s", "\"gr\xc3\xbc\xc3\x9f dich\"");
  assert_attribute (store.stored, "t/parameters/s/data", "SRVC_COLUMN_data_SCALAR_TYPE", "str");
  assert_dtype (store.stored, "t/parameters/s/data", "[('data', '|S16')]");
  put_text (&store, "t/results", "s", "short");
  put_text (&store, "t/results", "s", "a good deal longer");
  assert_cells (store.shown, "t/results/s", "\"a good deal longer\"");
  assert_dtype (store.stored, "t/results/s/s", "|S18");
}

static void
test_an_array_is_an_array_parameter_or_a_result (void)
{
  static const double values[] = { 0.5, 1.5, -2 };
  g_auto (Store) store = { 0 };

  open_trajectory (&store);
  put_doubles (&store, "t/parameters", "a", 3, values);
  put_doubles (&store, "t/results", "a", 3, values);
  assert_cells (store.shown, "t/parameters/a", "0.5 1.5 -2.0");
  assert_attribute (store.stored, "t/parameters/a", "SRVC_INIT_CLASS_NAME", "ArrayParameter");
  assert_names (store.stored, "t/parameters/a", "data__rr__ ");
  assert_attribute (store.stored, "t/parameters/a/data__rr__", "SRVC_STORE", "CARRAY");
  assert_attribute (store.stored, "t/results/a/a", "SRVC_DATA_COLL_TYPE", "COLL_NDARRAY");
  assert_attribute (store.stored, "t/results/a/a", "CLASS", "CARRAY");
}

static void
test_a_value_can_take_another_type (void)
{
  static const double values[] = { 0.5, 1.5 };
  g_auto (Store) store = { 0 };

  open_trajectory (&store);
  put_int (&store, "t/parameters", "p", 1);
  put_doubles (&store, "t/parameters", "p", 2, values);
  assert_cells (store.shown, "t/parameters/p", "0.5 1.5");
  assert_names (store.stored, "t/parameters/p", "data__rr__ ");
  assert_attribute (store.stored, "t/parameters/p", "SRVC_INIT_CLASS_NAME", "ArrayParameter");
  put_text (&store, "t/parameters", "p", "text");
  assert_cells (store.shown, "t/parameters/p", "\"text\"");
  assert_names (store.stored, "t/parameters/p", "data ");
  assert_attribute (store.stored, "t/parameters/p", "SRVC_INIT_CLASS_NAME", "Parameter");
}

static void
test_a_range_explores_the_trajectory (void)
{
  static const gint64 values[] = { 3, 4, 5 }, more[] = { 3, 4, 5, 6 };
  g_auto (Store) store = { 0 };

  open_trajectory (&store);
  put_int (&store, "t/parameters", "x", 0);
  put_ints (&store, "t/parameters", "x.range", 3, values);
  assert_cells (store.shown, "t/parameters/x.range", "3 4 5");
  assert_cells (store.shown, "t/parameters/x", "0");
  assert_cells (store.shown, "t/.run/2/parameters/x", "5");
  assert_table_cell (&store, "t/overview/info", "length", 0, "3");
  assert_table_cell (&store, "t/overview/runs", "name", 2, "\"run_00000002\"");
  assert_table_cell (&store, "t/overview/explorations", "explorations", 0, "\"parameters.x\"");
  assert_attribute (store.stored, "t/parameters/x/explored_data", "NROWS", "3");
  assert_attribute (store.stored, "t/overview/runs", "NROWS", "3");
  put_ints (&store, "t/parameters", "x.range", 4, more);
  assert_cells (store.shown, "t/parameters/x.range", "3 4 5 6");
  assert_table_cell (&store, "t/overview/info", "length", 0, "4");

  g_autoptr (ExpNode) parameters = at (store.shown, "t/parameters");
  g_autoptr (GError) error = NULL;
  g_assert_true (exp_node_remove (parameters, "x.range", &error));
  assert_missing (store.shown, "t/parameters/x.range");
  assert_names (store.stored, "t/parameters/x", "data ");
}

static void
test_a_range_needs_a_value_for_each_run (void)
{
  static const gint64 three[] = { 1, 2, 3 };
  static const double halves[] = { 0.5, 1.5, 2.5 };
  g_auto (Store) store = { 0 };
  g_autoptr (GError) error = NULL;
  ExpNewDataset dataset = { .rank = 1, .shape = { 2 } };

  open_trajectory (&store);
  put_int (&store, "t/parameters", "x", 0);
  put_int (&store, "t/parameters", "y", 0);
  put_ints (&store, "t/parameters", "x.range", 3, three);
  g_autoptr (ExpNode) parameters = at (store.shown, "t/parameters");
  g_autoptr (ExpDtype) ints = exp_dtype_new_number (EXP_TYPE_INT, 8, FALSE);
  dataset.dtype = ints;
  assert_fails (exp_node_create_dataset (parameters, "y.range", &dataset, &error) != NULL, EXP_ERROR_INVALID, "3 runs");
  assert_names (store.stored, "t/parameters/y", "data ");

  g_autoptr (ExpDtype) doubles = exp_dtype_new_number (EXP_TYPE_FLOAT, 8, FALSE);
  dataset.dtype = doubles;
  dataset.shape[0] = G_N_ELEMENTS (halves);
  assert_fails (exp_node_create_dataset (parameters, "y.range", &dataset, &error) != NULL, EXP_ERROR_INVALID, "type");
}

static void
test_what_a_run_stores_marks_it_completed (void)
{
  static const gint64 values[] = { 3, 4 };
  g_auto (Store) store = { 0 };

  open_trajectory (&store);
  put_int (&store, "t/parameters", "x", 0);
  put_ints (&store, "t/parameters", "x.range", 2, values);
  put_int (&store, "t/.run/1/results", "z", 7);
  assert_cells (store.stored, "t/results/runs/run_00000001/z/z", "7");
  assert_cells (store.shown, "t/.run/1/results/z", "7");
  assert_missing (store.shown, "t/.run/0/results/z");
  assert_table_cell (&store, "t/overview/runs", "completed", 0, "0");
  assert_table_cell (&store, "t/overview/runs", "completed", 1, "1");
  assert_table_cell (&store, "t/overview/runs", "parameter_summary", 1, "\"x: 4\"");
  assert_attribute (store.stored, "t/results/runs", "TITLE", "runs");
}

static gboolean
takes_number (Store *store, const char *dir, const char *name)
{
  g_autoptr (ExpNode) parent = at (store->shown, dir);

  return exp_node_takes_number (parent, name);
}

static guint64
part (Store *store, const char *path)
{
  g_autoptr (ExpNode) node = at (store->shown, path);

  return exp_node_part (node);
}

/* Whoever makes it later has to be right in what he says before. */
static void
test_only_a_number_of_a_run_can_be_made_later (void)
{
  static const gint64 values[] = { 3, 4 };
  g_auto (Store) store = { 0 };

  open_trajectory (&store);
  put_int (&store, "t/parameters", "x", 0);
  put_ints (&store, "t/parameters", "x.range", 2, values);
  g_assert_true (takes_number (&store, "t/.run/1/results", "z"));
  g_assert_false (takes_number (&store, "t/.run/1/results", "a b"));
  g_assert_false (takes_number (&store, "t/.run/1/results", "_z"));
  g_assert_false (takes_number (&store, "t/.run/1/results", ".z.Xy12"));
  g_assert_false (takes_number (&store, "t/.run/1/results", "run_00000001"));
  g_assert_false (takes_number (&store, "t/.run/1/results", "z.range"));
  g_assert_false (takes_number (&store, "t/.run/1/parameters", "z"));
  g_assert_false (takes_number (&store, "t/.run/1/derived_parameters", "z"));
  g_assert_false (takes_number (&store, "t/results", "z"));
  put_int (&store, "t/results", "shared", 1);
  g_assert_false (takes_number (&store, "t/.run/1/results", "shared"));
  put_int (&store, "t/.run/1/results", "z", 7);
  g_assert_false (takes_number (&store, "t/.run/1/results", "z"));
  g_assert_false (takes_number (&store, "t/results/runs/run_00000001", "y"));
  g_assert_true (takes_number (&store, "t/.run/1/results", "y"));
  g_assert_true (takes_number (&store, "t/.run/0/results", "z"));
}

static void
test_what_runs_show_is_in_parts_of_their_own (void)
{
  static const gint64 values[] = { 3, 4 };
  g_auto (Store) store = { 0 };

  open_trajectory (&store);
  put_int (&store, "t/parameters", "x", 0);
  put_ints (&store, "t/parameters", "x.range", 2, values);
  put_int (&store, "t/.run/1/results", "z", 7);
  g_assert_cmpuint (part (&store, "t"), ==, EXP_PART_ANY);
  g_assert_cmpuint (part (&store, "t/results"), ==, EXP_PART_ANY);
  g_assert_cmpuint (part (&store, "t/overview"), ==, EXP_PART_ANY);
  g_assert_cmpuint (part (&store, "t/results/runs/run_00000001"), ==, EXP_PART_ANY);
  g_assert_cmpuint (part (&store, "t/.run"), ==, EXP_PART_STEADY);
  g_assert_cmpuint (part (&store, "t/parameters"), ==, EXP_PART_STEADY);
  g_assert_cmpuint (part (&store, "t/.run/1/parameters/x"), ==, EXP_PART_STEADY);
  g_assert_cmpuint (part (&store, "t/.run/1/results"), >, EXP_PART_STEADY);
  g_assert_cmpuint (part (&store, "t/.run/1/results"), ==, part (&store, "t/.run/run_00000001/results/z"));
  g_assert_cmpuint (part (&store, "t/.run/1/results"), ==, part (&store, "t/.run/1"));
  g_assert_cmpuint (part (&store, "t/.run/1/results"), !=, part (&store, "t/.run/0/results"));
}

static void
test_a_number_is_made_in_one_step (void)
{
  static const gint64 values[] = { 3, 4 };
  g_auto (Store) store = { 0 };
  g_autoptr (GError) error = NULL;
  g_autoptr (ExpArray) value = exp_array_new_float (0.5);

  open_trajectory (&store);
  put_int (&store, "t/parameters", "x", 0);
  put_ints (&store, "t/parameters", "x.range", 2, values);
  g_autoptr (ExpNode) run = at (store.shown, "t/.run/1/results");
  g_autoptr (ExpNode) node = exp_node_put_number (run, "z", value, &error);
  g_assert_no_error (error);
  assert_cells (store.shown, "t/.run/1/results/z", "0.5");
  assert_cells (store.stored, "t/results/runs/run_00000001/z/z", "0.5");
  assert_attribute (store.stored, "t/results/runs/run_00000001/z/z", "SRVC_DATA_SCALAR_TYPE", "float");
  assert_attribute (store.stored, "t/results/runs/run_00000001/z", "SRVC_INIT_CLASS_NAME", "Result");
  assert_table_cell (&store, "t/overview/runs", "completed", 1, "1");
  assert_fails (exp_node_put_number (run, "z", value, &error) != NULL, EXP_ERROR_EXISTS, "exists");
  g_autoptr (ExpNode) parameters = at (store.shown, "t/parameters");
  assert_fails (exp_node_put_number (parameters, "y", value, &error) != NULL, EXP_ERROR_UNSUPPORTED, "one step");
  assert_missing (store.shown, "t/parameters/y");
}

static void
test_a_comment_and_annotations_are_service_attributes (void)
{
  g_auto (Store) store = { 0 };
  g_autoptr (GError) error = NULL;
  static const char *const words[] = { "a", "b\n\xc3\xa4" };
  g_autoptr (ExpArray) text = exp_array_new_text ("in ms"), year = exp_array_new_int (2014);
  g_autoptr (ExpArray) list = exp_array_new_texts (2, words);

  open_trajectory (&store);
  put_int (&store, "t/parameters", "n", 42);
  g_autoptr (ExpNode) node = at (store.shown, "t/parameters/n");
  g_assert_true (exp_node_write_attribute (node, "comment", text, &error));
  g_assert_true (exp_node_write_attribute (node, "annotation.year", year, &error));
  g_assert_true (exp_node_write_attribute (node, "annotation.words", list, &error));
  g_assert_no_error (error);
  assert_attribute (store.stored, "t/parameters/n", "SRVC_INIT_COMMENT", "in ms");
  assert_attribute (store.stored, "t/parameters/n", "SRVC_AN_year", "2014");
  assert_attribute (store.stored, "t/parameters/n", "SRVC_ANNOTATED", "0x01");
  assert_attribute (store.stored, "t/parameters/n", "SRVC_AN_words", "(lp0\nVa\np1\naVb\\u000a\\u00e4\np2\na.");
  assert_attribute (store.shown, "t/parameters/n", "annotation.words", "[\"a\", \"b\\n\xc3\xa4\"]");
  g_assert_true (exp_node_remove_attribute (node, "annotation.words", &error));
  g_assert_true (exp_node_remove_attribute (node, "annotation.year", &error));
  g_autoptr (ExpArray) gone = exp_node_read_attribute (node, "SRVC_ANNOTATED", NULL);
  g_assert_null (gone);
  assert_fails (exp_node_remove_attribute (node, "annotation.year", &error), EXP_ERROR_NOT_FOUND, NULL);
  assert_fails (exp_node_write_attribute (node, "SRVC_LEAF", year, &error), EXP_ERROR_UNSUPPORTED, "expfs");
}

static void
test_names_that_pypet_does_not_take_are_refused (void)
{
  static const char *const names[] = { "a.b", "_a", "a b", "\xc3\xa4", "" };
  g_auto (Store) store = { 0 };

  open_trajectory (&store);
  g_autoptr (ExpNode) parameters = at (store.shown, "t/parameters");
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autoptr (GError) error = NULL;
      assert_fails (exp_node_create_group (parameters, names[i], &error) != NULL, EXP_ERROR_INVALID, "pypet");
    }
  g_autofree char *long_name = g_strnfill (128, 'a');
  g_autoptr (GError) error = NULL;
  assert_fails (exp_node_create_group (parameters, long_name, &error) != NULL, EXP_ERROR_INVALID, "127");
}

static void
test_types_that_pypet_cannot_hold_are_refused (void)
{
  g_auto (Store) store = { 0 };
  g_autoptr (GError) error = NULL;
  g_autoptr (ExpDtype) half = exp_dtype_new_number (EXP_TYPE_FLOAT, 2, FALSE);
  g_autoptr (ExpDtype) opaque = exp_dtype_new_opaque (8, NULL);
  ExpMember member = { "a", exp_dtype_new_number (EXP_TYPE_INT, 8, FALSE), 0 };
  g_autoptr (ExpDtype) row = exp_dtype_new_compound (8, 1, &member, NULL);
  ExpNewDataset dataset = { .dtype = half, .rank = 1, .shape = { 2 } };

  open_trajectory (&store);
  g_autoptr (ExpNode) parameters = at (store.shown, "t/parameters");
  assert_fails (exp_node_create_dataset (parameters, "h", &dataset, &error) != NULL, EXP_ERROR_UNSUPPORTED,
                "pypet cannot hold");
  dataset.dtype = opaque;
  assert_fails (exp_node_create_dataset (parameters, "o", &dataset, &error) != NULL, EXP_ERROR_UNSUPPORTED, NULL);
  dataset.dtype = row;
  assert_fails (exp_node_create_dataset (parameters, "r", &dataset, &error) != NULL, EXP_ERROR_UNSUPPORTED,
                "table as a parameter");
  assert_names (store.stored, "t/parameters", "");
}

static void
test_a_table_is_a_result (void)
{
  static const guint8 rows[] = { 1, 0, 0, 0, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 0, 0, 0, 0 };
  ExpMember members[] = { { "n", exp_dtype_new_number (EXP_TYPE_INT, 8, FALSE), 0 },
                          { "ok", exp_dtype_new_number (EXP_TYPE_BOOL, 1, FALSE), 8 } };
  g_autoptr (ExpDtype) row = exp_dtype_new_compound (9, 2, members, NULL);
  guint64 two = 2;
  g_autoptr (ExpArray) table = exp_array_new (row, 1, &two, NULL);
  g_auto (Store) store = { 0 };

  memcpy (table->data, rows, sizeof rows);
  open_trajectory (&store);
  put (&store, "t/results", "tab", table);
  assert_cells (store.shown, "t/results/tab", "{\"n\": 1, \"ok\": true} {\"n\": 2, \"ok\": false}");
  assert_attribute (store.stored, "t/results/tab/tab", "SRVC_STORE", "TABLE");
  assert_attribute (store.stored, "t/results/tab/tab", "SRVC_COLUMN_n_SCALAR_TYPE", "int64");
  assert_attribute (store.stored, "t/results/tab/tab", "SRVC_COLUMN_ok_SCALAR_TYPE", "bool_");
  assert_attribute (store.stored, "t/results/tab/tab", "NROWS", "2");
}

static void
test_leaves_and_groups_are_removed_and_renamed (void)
{
  g_auto (Store) store = { 0 };
  g_autoptr (GError) error = NULL;

  open_trajectory (&store);
  g_autoptr (ExpNode) results = at (store.shown, "t/results");
  g_autoptr (ExpNode) group = exp_node_create_group (results, "g", &error);
  g_assert_no_error (error);
  put_int (&store, "t/results/g", "z", 1);
  assert_fails (exp_node_remove (results, "g", &error), EXP_ERROR_NOT_EMPTY, NULL);
  g_assert_true (exp_node_move (group, "z", results, "y", 0, &error));
  assert_cells (store.shown, "t/results/y", "1");
  assert_names (store.stored, "t/results/y", "y ");
  g_assert_true (exp_node_remove (results, "g", &error));
  put_int (&store, "t/results", "x", 2);
  assert_fails (exp_node_move (results, "x", results, "y", EXP_MOVE_NO_REPLACE, &error), EXP_ERROR_EXISTS, NULL);
  g_assert_true (exp_node_move (results, "x", results, "y", 0, &error));
  assert_cells (store.shown, "t/results/y", "2");
  assert_names (store.stored, "t/results", "y ");
  g_assert_true (exp_node_remove (results, "y", &error));
  assert_names (store.stored, "t/results", "");
  g_assert_true (exp_node_remove (store.shown, "t", &error));
  assert_names (store.stored, "", "");
}

static void
test_a_trajectory_goes_when_nothing_is_in_it (void)
{
  g_auto (Store) store = { 0 };
  g_autoptr (GError) error = NULL;

  open_trajectory (&store);
  put_int (&store, "t/results", "x", 2);
  g_autoptr (ExpNode) trajectory = at (store.shown, "t");
  g_autoptr (ExpNode) overview = at (store.shown, "t/overview");
  assert_fails (exp_node_remove (store.shown, "t", &error), EXP_ERROR_NOT_EMPTY, NULL);
  assert_fails (exp_node_remove (overview, "info", &error), EXP_ERROR_UNSUPPORTED, "overview");
  g_autoptr (ExpNode) results = at (store.shown, "t/results");
  g_assert_true (exp_node_remove (results, "x", &error));
  g_assert_true (exp_node_move (store.shown, "t", store.shown, "u", 0, &error));
  assert_table_cell (&store, "u/overview/info", "name", 0, "\"u\"");
  g_assert_true (exp_node_remove (overview, "info", &error));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/pypet-write/new-trajectory", test_a_new_trajectory_has_what_pypet_needs);
  g_test_add_func ("/pypet-write/number", test_a_number_is_a_parameter_or_a_result);
  g_test_add_func ("/pypet-write/text", test_text_is_as_long_as_it_is_written);
  g_test_add_func ("/pypet-write/array", test_an_array_is_an_array_parameter_or_a_result);
  g_test_add_func ("/pypet-write/another-type", test_a_value_can_take_another_type);
  g_test_add_func ("/pypet-write/range", test_a_range_explores_the_trajectory);
  g_test_add_func ("/pypet-write/range-refused", test_a_range_needs_a_value_for_each_run);
  g_test_add_func ("/pypet-write/run", test_what_a_run_stores_marks_it_completed);
  g_test_add_func ("/pypet-write/later", test_only_a_number_of_a_run_can_be_made_later);
  g_test_add_func ("/pypet-write/parts", test_what_runs_show_is_in_parts_of_their_own);
  g_test_add_func ("/pypet-write/number-in-one-step", test_a_number_is_made_in_one_step);
  g_test_add_func ("/pypet-write/attributes", test_a_comment_and_annotations_are_service_attributes);
  g_test_add_func ("/pypet-write/names", test_names_that_pypet_does_not_take_are_refused);
  g_test_add_func ("/pypet-write/types", test_types_that_pypet_cannot_hold_are_refused);
  g_test_add_func ("/pypet-write/table", test_a_table_is_a_result);
  g_test_add_func ("/pypet-write/remove-and-rename", test_leaves_and_groups_are_removed_and_renamed);
  g_test_add_func ("/pypet-write/remove-trajectory", test_a_trajectory_goes_when_nothing_is_in_it);
  return g_test_run ();
}
