/* A change of a pypet store is whole or none: each kind of change with each of its steps failing in turn. */
#include "faulty_node.h"

static ExpNode *stored, *shown;

static ExpNode *
at (const char *path)
{
  g_autoptr (GError) error = NULL;
  ExpNode *node = exp_node_resolve (shown, path, &error);

  g_assert_no_error (error);
  return node;
}

static gboolean
put (const char *dir, const char *name, ExpArray *given, GError **error)
{
  g_autoptr (ExpArray) value = given;
  g_autoptr (ExpNode) parent = at (dir);
  g_autoptr (ExpNode) there = exp_node_lookup (parent, name, NULL);
  ExpNewDataset dataset = { .dtype = value->dtype, .rank = value->rank };
  ExpSlab slab;

  memcpy (dataset.shape, value->shape, sizeof value->shape);
  exp_slab_init_all (&slab, value->rank, value->shape);
  g_autoptr (ExpNode) node = there != NULL ? exp_node_replace_dataset (parent, name, &dataset, error)
                                           : exp_node_create_dataset (parent, name, &dataset, error);
  return node != NULL && exp_node_write (node, &slab, value, error);
}

static ExpArray *
counted (guint64 n)
{
  g_autoptr (ExpDtype) dtype = exp_dtype_new_number (EXP_TYPE_INT, 8, FALSE);
  ExpArray *array = exp_array_new (dtype, 1, &n, NULL);

  for (gint64 i = 0; i < (gint64)n; i++)
    memcpy (array->data + i * 8, &i, 8);
  return array;
}

/* A trajectory with all overview tables that take rows, of either generation. */
static void
add_overview (ExpNode *trajectory, const char *table, const char *const *columns)
{
  g_autoptr (ExpNode) overview = exp_node_lookup (trajectory, "overview", NULL);
  g_autofree ExpMember *members = g_new0 (ExpMember, g_strv_length ((char **)columns));
  guint n = 0;
  gsize size = 0;

  for (; columns[n] != NULL; n++)
    {
      gboolean is_number = strcmp (columns[n], "length") == 0 || strcmp (columns[n], "number_of_items") == 0;

      members[n].name = (char *)columns[n];
      members[n].offset = size;
      members[n].dtype = is_number ? exp_dtype_new_number (EXP_TYPE_INT, 4, FALSE)
                                   : exp_dtype_new_string (64, EXP_PAD_NUL_TERMINATED, FALSE);
      size += members[n].dtype->size;
    }
  g_autoptr (ExpDtype) row = exp_dtype_new_compound (size, n, members, NULL);
  ExpNewDataset dataset = { .dtype = row, .rank = 1, .is_extensible = TRUE };
  g_autoptr (ExpNode) node = exp_node_create_dataset (overview, table, &dataset, NULL);
  g_assert_nonnull (node);
}

/* What is removed goes when the change is done already: failing to let go of its room is a warning only. */
static gboolean
is_fatal (const char *domain, GLogLevelFlags level, const char *message, gpointer data)
{
  return strstr (message, "still takes room") == NULL;
}

static void
keep_quiet (const char *domain, GLogLevelFlags level, const char *message, gpointer data)
{
  g_test_message ("%s", message);
}

static void
open_store (void)
{
  g_test_log_set_fatal_handler (is_fatal, NULL);
  g_log_set_handler ("expfs", G_LOG_LEVEL_WARNING | G_LOG_FLAG_FATAL, keep_quiet, NULL);
  static const char *const columns[] = { "location", "name", "value", "comment", "length", "range", NULL };
  static const char *const tables[] = { "parameters_overview", "explored_parameters_overview", "results_overview" };
  static const char *const summary[] = { "location", "name", "value", "hexdigest", "comment", NULL };
  g_autoptr (GError) error = NULL;
  ExpStoreOptions options = { .is_writable = TRUE };
  g_autoptr (ExpNode) memory = exp_memory_store_new ();

  stored = faulty_new (memory);
  shown = exp_filter_pypet.apply (stored, &options, &error);
  g_assert_no_error (error);
  g_autoptr (ExpNode) made = exp_node_create_group (shown, "t", &error);
  g_assert_no_error (error);
  g_autoptr (ExpNode) trajectory = exp_node_lookup (stored, "t", NULL);
  for (guint i = 0; i < G_N_ELEMENTS (tables); i++)
    add_overview (trajectory, tables[i], columns);
  add_overview (trajectory, "results_summary", summary);
}

static char *
in_words (void)
{
  GString *words = g_string_new (NULL);

  append_words (words, stored, "");
  return g_string_free (words, FALSE);
}

typedef gboolean (*Change) (GError **error);

/* The change with its first step failing, then with its second, ... until it is done. */
static void
check_undone (Change change)
{
  g_autofree char *before = in_words ();
  gboolean is_done = FALSE;
  int n;

  for (n = 0; !is_done; n++)
    {
      g_autoptr (GError) error = NULL;

      changes_to_fail = n;
      is_done = change (&error);
      changes_to_fail = -1;
      g_assert_true (is_done == (error == NULL));
      if (is_done)
        break;
      g_assert_error (error, EXP_ERROR, EXP_ERROR_IO);
      g_autofree char *after = in_words ();
      g_assert_cmpstr (after, ==, before);
    }
  g_assert_cmpint (n, >, 0);
}

static void
close_store (void)
{
  g_clear_pointer (&shown, exp_node_unref);
  g_clear_pointer (&stored, exp_node_unref);
}

static gboolean
begin_trajectory (GError **error)
{
  g_autoptr (ExpNode) made = exp_node_create_group (shown, "u", error);

  return made != NULL;
}

static void
test_a_new_trajectory (void)
{
  open_store ();
  check_undone (begin_trajectory);
  close_store ();
}

/* Makes only: what is written into it afterwards is another change. */
static gboolean
make_parameter (GError **error)
{
  g_autoptr (ExpNode) parent = at ("t/parameters");
  g_autoptr (ExpDtype) dtype = exp_dtype_new_number (EXP_TYPE_INT, 8, FALSE);
  ExpNewDataset dataset = { .dtype = dtype };
  g_autoptr (ExpNode) node = exp_node_create_dataset (parent, "p", &dataset, error);

  return node != NULL;
}

static gboolean
make_result_of_run (GError **error)
{
  g_autoptr (ExpNode) parent = at ("t/.run/0/results");
  g_autoptr (ExpDtype) dtype = exp_dtype_new_number (EXP_TYPE_FLOAT, 8, FALSE);
  ExpNewDataset dataset = { .dtype = dtype, .rank = 1, .shape = { 3 } };
  g_autoptr (ExpNode) node = exp_node_create_dataset (parent, "z", &dataset, error);

  return node != NULL;
}

static void
test_new_leaves (void)
{
  open_store ();
  check_undone (make_parameter);
  check_undone (make_result_of_run);
  close_store ();
}

static gboolean
write_text (GError **error)
{
  g_autoptr (ExpNode) node = at ("t/parameters/s");
  g_autoptr (ExpArray) text = exp_array_new_text ("a text that needs more room than the first");
  ExpSlab slab = { 0 };

  return exp_node_write (node, &slab, text, error);
}

static gboolean
replace_by_array (GError **error)
{
  g_autoptr (ExpNode) parent = at ("t/parameters");
  g_autoptr (ExpDtype) dtype = exp_dtype_new_number (EXP_TYPE_FLOAT, 8, FALSE);
  ExpNewDataset dataset = { .dtype = dtype, .rank = 1, .shape = { 3 } };
  g_autoptr (ExpNode) node = exp_node_replace_dataset (parent, "s", &dataset, error);

  return node != NULL;
}

static void
test_other_values (void)
{
  open_store ();
  g_assert_true (put ("t/parameters", "s", exp_array_new_text ("short"), NULL));
  check_undone (write_text);
  check_undone (replace_by_array);
  close_store ();
}

static gboolean
explore (GError **error)
{
  g_autoptr (ExpNode) parent = at ("t/parameters");
  g_autoptr (ExpDtype) dtype = exp_dtype_new_number (EXP_TYPE_INT, 8, FALSE);
  ExpNewDataset dataset = { .dtype = dtype, .rank = 1, .shape = { 3 } };
  g_autoptr (ExpNode) node = exp_node_create_dataset (parent, "a_long_name_for_a_parameter.range", &dataset, error);

  return node != NULL;
}

static gboolean
grow_range (GError **error)
{
  g_autoptr (ExpNode) node = at ("t/parameters/x.range");
  guint64 five = 5;

  return exp_node_resize (node, 1, &five, error);
}

static gboolean
remove_range (GError **error)
{
  g_autoptr (ExpNode) parent = at ("t/parameters");

  return exp_node_remove (parent, "x.range", error);
}

static void
test_ranges (void)
{
  open_store ();
  g_assert_true (put ("t/parameters", "x", exp_array_new_int (1), NULL));
  g_assert_true (put ("t/parameters", "a_long_name_for_a_parameter", exp_array_new_int (1), NULL));
  g_assert_true (put ("t/parameters", "x.range", counted (3), NULL));
  check_undone (explore);
  check_undone (grow_range);
  check_undone (remove_range);
  close_store ();
}

static gboolean
rename_group (GError **error)
{
  g_autoptr (ExpNode) parent = at ("t/parameters");

  return exp_node_move (parent, "g", parent, "h", 0, error);
}

static gboolean
put_in_place_of (GError **error)
{
  g_autoptr (ExpNode) parent = at ("t/results");

  return exp_node_move (parent, "a", parent, "b", 0, error);
}

static gboolean
rename_trajectory (GError **error)
{
  return exp_node_move (shown, "t", shown, "other", 0, error);
}

static void
test_other_names (void)
{
  open_store ();
  g_autoptr (ExpNode) parameters = at ("t/parameters");
  g_autoptr (ExpNode) group = exp_node_create_group (parameters, "g", NULL);
  g_assert_true (put ("t/parameters/g", "x", exp_array_new_int (1), NULL));
  g_assert_true (put ("t/parameters/g", "y", exp_array_new_int (1), NULL));
  g_assert_true (put ("t/parameters/g", "x.range", counted (2), NULL));
  g_assert_true (put ("t/results", "a", exp_array_new_int (1), NULL));
  g_assert_true (put ("t/results", "b", exp_array_new_int (2), NULL));
  check_undone (rename_group);
  check_undone (put_in_place_of);
  check_undone (rename_trajectory);
  close_store ();
}

static gboolean
set_comment (GError **error)
{
  g_autoptr (ExpNode) node = at ("t/results/a");
  g_autoptr (ExpArray) text = exp_array_new_text ("what it is");

  return exp_node_write_attribute (node, "comment", text, error);
}

static gboolean
set_annotation (GError **error)
{
  g_autoptr (ExpNode) node = at ("t/results/a");
  g_autoptr (ExpArray) text = exp_array_new_text ("ms");

  return exp_node_write_attribute (node, "annotation.unit", text, error);
}

static gboolean
remove_annotation (GError **error)
{
  g_autoptr (ExpNode) node = at ("t/results/a");

  return exp_node_remove_attribute (node, "annotation.unit", error);
}

static gboolean
set_comment_of_trajectory (GError **error)
{
  g_autoptr (ExpNode) node = at ("t");
  g_autoptr (ExpArray) text = exp_array_new_text ("all of it");

  return exp_node_write_attribute (node, "comment", text, error);
}

static void
test_attributes (void)
{
  open_store ();
  g_assert_true (put ("t/results", "a", exp_array_new_int (1), NULL));
  check_undone (set_comment);
  check_undone (set_annotation);
  check_undone (remove_annotation);
  check_undone (set_comment_of_trajectory);
  close_store ();
}

/* --- tasks: with each step failing, and ended at each of their own ----------------------------------------- */

static int steps_to_end = -1;

static gboolean
end_at_step (double fraction, const char *text, gpointer data)
{
  return steps_to_end != 0 && (steps_to_end < 0 || steps_to_end-- > 0);
}

static gboolean
perform (const char *path, const char *name, const char *const *arguments, const char *const *switches, GError **error)
{
  g_autoptr (ExpNode) node = *path != '\0' ? at (path) : exp_node_ref (shown);
  g_autoptr (GString) said = g_string_new (NULL);
  ExpTask task = { .name = name, .arguments = arguments, .switches = switches, .said = said, .progress = end_at_step };

  return exp_node_perform (node, &task, error);
}

static gboolean
explore_two (GError **error)
{
  static const char *const words[] = { "x=1,2,3", "a_long_name_for_a_parameter=5:7", NULL };

  return perform ("t", "explore", words, NULL, error);
}

static gboolean
prune (GError **error)
{
  return perform ("t", "prune", NULL, NULL, error);
}

static gboolean
delete_tree (GError **error)
{
  static const char *const words[] = { "tree", NULL }, *const switches[] = { "recursive", NULL };

  return perform ("t/results", "delete", words, switches, error);
}

static gboolean
delete_with_parents (GError **error)
{
  static const char *const words[] = { "only", NULL }, *const switches[] = { "remove-empty-groups", NULL };

  return perform ("t/results/deep/deeper", "delete", words, switches, error);
}

static gboolean
delete_trajectory (GError **error)
{
  static const char *const words[] = { "t", NULL }, *const switches[] = { "recursive", NULL };

  return perform ("", "delete", words, switches, error);
}

/* Ended at its first step, then at its second, ... by who asked for it; and not done at last. */
static void
check_ended (Change change)
{
  g_autofree char *before = in_words ();

  for (int n = 0; n < 100; n++)
    {
      g_autoptr (GError) error = NULL;
      int left = changes_to_fail = -1;

      steps_to_end = n;
      gboolean is_done = change (&error);
      left = steps_to_end;
      steps_to_end = -1;
      if (is_done)
        {
          g_assert_cmpint (n, >, 0);
          g_assert_cmpint (left, ==, 0);
          return;
        }
      g_assert_error (error, EXP_ERROR, EXP_ERROR_INTERRUPTED);
      g_autofree char *after = in_words ();
      g_assert_cmpstr (after, ==, before);
    }
  g_assert_not_reached ();
}

static void
make_directory (const char *parent, const char *name)
{
  g_autoptr (ExpNode) node = at (parent);
  g_autoptr (ExpNode) made = exp_node_create_group (node, name, NULL);

  g_assert_nonnull (made);
}

static void
make_all (void)
{
  open_store ();
  g_assert_true (put ("t/parameters", "x", exp_array_new_int (1), NULL));
  g_assert_true (put ("t/parameters", "a_long_name_for_a_parameter", exp_array_new_int (1), NULL));
  make_directory ("t/results", "tree");
  make_directory ("t/results/tree", "branch");
  g_assert_true (put ("t/results/tree/branch", "leaf", exp_array_new_int (1), NULL));
  g_assert_true (put ("t/results/tree", "other", exp_array_new_int (1), NULL));
  make_directory ("t/results", "deep");
  make_directory ("t/results/deep", "deeper");
  g_assert_true (put ("t/results/deep/deeper", "only", exp_array_new_int (1), NULL));
  make_directory ("t/results", "runs");
  make_directory ("t/results/runs", "run_00000000");
  g_assert_true (put ("t/results/runs/run_00000000", "z", exp_array_new_int (1), NULL));
}

static void
test_tasks (void)
{
  static const Change tasks[] = { explore_two, delete_tree, delete_with_parents, prune };

  make_all ();
  for (guint i = 0; i < G_N_ELEMENTS (tasks); i++)
    check_undone (tasks[i]);
  close_store ();
  make_all ();
  for (guint i = 0; i < G_N_ELEMENTS (tasks); i++)
    check_ended (tasks[i]);
  check_ended (delete_trajectory);
  close_store ();
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/pypet-undo/trajectory", test_a_new_trajectory);
  g_test_add_func ("/pypet-undo/leaves", test_new_leaves);
  g_test_add_func ("/pypet-undo/values", test_other_values);
  g_test_add_func ("/pypet-undo/ranges", test_ranges);
  g_test_add_func ("/pypet-undo/names", test_other_names);
  g_test_add_func ("/pypet-undo/attributes", test_attributes);
  g_test_add_func ("/pypet-undo/tasks", test_tasks);
  return g_test_run ();
}
