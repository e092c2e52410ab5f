/* pypet's tree: what is recognised, where leaves, runs and links are, and what trajectory=, only= and except= leave. */
#include "pypet_tree.h"

static ExpNode *
apply_filter (const ExpFilter *filter, ExpNode *root, const ExpStoreOptions *options, ExpError code, const char *words)
{
  g_autoptr (GError) error = NULL;
  ExpNode *node = filter->apply (root, options, &error);

  if (words == NULL)
    {
      g_assert_no_error (error);
      return node;
    }
  g_assert_null (node);
  g_assert_error (error, EXP_ERROR, (gint)code);
  g_assert_nonnull (strstr (error->message, words));
  return NULL;
}

static void
test_recognises_a_trajectory_and_nothing_else (void)
{
  ExpStoreOptions options = { 0 };
  g_autoptr (ExpNode) plain = exp_memory_group_new (NULL);
  g_autoptr (ExpNode) store = exp_memory_group_new (NULL);
  g_autoptr (ExpNode) by_attribute = exp_memory_group_new (NULL);

  g_assert_false (exp_filter_pypet.applies (plain, &options));
  add_group (add_group (plain, "data"), "overview");
  g_assert_false (exp_filter_pypet.applies (plain, &options));
  add_trajectory (store, "t", "0.7.0", 1);
  g_assert_true (exp_filter_pypet.applies (store, &options));
  set_text (add_group (by_attribute, "t"), "SRVC_INIT_COMMENT", "no overview");
  g_assert_true (exp_filter_pypet.applies (by_attribute, &options));
}

static void
test_unknown_versions_need_force (void)
{
  static const char *const known[] = { "0.7.0", "0.1b.4", "0.1b.6", "0.7.99" };
  static const char *const unknown[] = { "0.8.0", "1.0", "12", "", "newest" };
  ExpStoreOptions options = { 0 }, force = { .force = TRUE };

  for (guint i = 0; i < G_N_ELEMENTS (known); i++)
    {
      g_autoptr (ExpNode) store = exp_memory_group_new (NULL);
      add_trajectory (store, "t", known[i], 1);
      g_autoptr (ExpNode) shown = apply_filter (&exp_filter_pypet, store, &options, 0, NULL);
    }
  for (guint i = 0; i < G_N_ELEMENTS (unknown); i++)
    {
      g_autoptr (ExpNode) store = exp_memory_group_new (NULL);
      add_trajectory (store, "t", unknown[i], 1);
      apply_filter (&exp_filter_pypet, store, &options, EXP_ERROR_VERSION, "-o force");
      g_test_expect_message ("expfs", G_LOG_LEVEL_WARNING, "*does not know*");
      g_autoptr (ExpNode) shown = apply_filter (&exp_filter_pypet, store, &force, 0, NULL);
      g_test_assert_expected_messages ();
    }
}

static void
test_only_the_chosen_trajectory_must_have_a_known_version (void)
{
  ExpStoreOptions options = { .trajectory = "old" }, other = { .trajectory = "new" };
  g_autoptr (ExpNode) store = exp_memory_group_new (NULL);

  add_trajectory (store, "new", "3.0", 1);
  add_trajectory (store, "old", "0.7.0", 1);
  g_autoptr (ExpNode) shown = apply_filter (&exp_filter_pypet, store, &options, 0, NULL);
  apply_filter (&exp_filter_pypet, store, &other, EXP_ERROR_VERSION, "'new'");
}

static void
test_leaves_are_files_or_directories_of_items (void)
{
  g_autoptr (ExpNode) store = exp_memory_group_new (NULL);
  ExpNode *trajectory = add_trajectory (store, "t", "0.7.0", 1);
  g_autoptr (ExpNode) results = exp_node_lookup (trajectory, "results", NULL);
  g_autoptr (ExpNode) parameters = exp_node_lookup (trajectory, "parameters", NULL);
  const double values[] = { 1, 2, 3 };

  add_parameter (add_group (parameters, "group"), "p", 7);
  add_leaf (parameters, "none", "Parameter");
  add_doubles (add_leaf (results, "one", "Result"), "other_name", 3, values);
  ExpNode *several = add_leaf (results, "several", "Result");
  add_doubles (several, "a", 3, values);
  add_doubles (several, "b", 2, values);
  add_group (several, "_i_a");
  ExpNode *nested = add_group (several, "grp");
  set_text (nested, "SRVC_STORE", "NESTED_GROUP");
  add_doubles (nested, "inner", 1, values);
  add_leaf (results, "empty", "Result");

  g_autoptr (ExpNode) shown = show (store);
  g_auto (ExpInfo) info = { 0 };
  assert_cells (shown, "t/parameters/group/p", "7");
  assert_cells (shown, "t/parameters/none", "");
  assert_cells (shown, "t/results/one", "1.0 2.0 3.0");
  assert_names (shown, "t/results/several", "a b grp ");
  assert_cells (shown, "t/results/several/grp/inner", "1.0");
  assert_cells (shown, "t/results/several/grp.inner", "1.0");
  assert_missing (shown, "t/results/several/_i_a");
  assert_names (shown, "t/results/empty", "");
  describe_at (shown, "t/parameters/group/p", &info);
  g_assert_cmpstr (info.role, ==, "parameter");
  g_assert_cmpstr (info.class_name, ==, "Parameter");
}

static void
test_a_damaged_leaf_fails_alone (void)
{
  g_autoptr (ExpNode) store = exp_memory_group_new (NULL);
  ExpNode *trajectory = add_trajectory (store, "t", "0.7.0", 1);
  g_autoptr (ExpNode) results = exp_node_lookup (trajectory, "results", NULL);
  const double value = 1;

  ExpNode *broken = add_group (add_leaf (results, "broken", "Result"), "frame");
  set_text (broken, "pandas_type", "frame");
  add_doubles (add_leaf (results, "whole", "Result"), "whole", 1, &value);

  g_autoptr (ExpNode) shown = show (store);
  g_autoptr (ExpNode) node = exp_node_resolve (shown, "t/results/broken", NULL);
  g_auto (ExpInfo) info = { 0 };
  g_assert_nonnull (node);
  g_assert_false (exp_node_describe (node, &info, NULL));
  assert_names (shown, "t/results", "broken whole ");
  assert_cells (shown, "t/results/whole", "1.0");
}

static void
test_comments_and_annotations_are_attributes_and_services_are_not (void)
{
  g_autoptr (ExpNode) store = exp_memory_group_new (NULL);
  ExpNode *trajectory = add_trajectory (store, "t", "0.7.0", 1);
  g_autoptr (ExpNode) parameters = exp_node_lookup (trajectory, "parameters", NULL);
  ExpNode *leaf = add_parameter (parameters, "p", 1);

  set_text (leaf, "SRVC_INIT_COMMENT", "about p");
  set_text (leaf, "SRVC_AN_unit", "ms");
  set_ascii (leaf, "SRVC_AN_none", "N.");
  set_ascii (leaf, "SRVC_AN_list", "(lp0\nI1\naI2\na.");
  set_ascii (leaf, "SRVC_AN_sentence", "Not a pickle.");
  set_text (leaf, "TITLE", "");
  set_text (leaf, "mine", "kept");

  g_autoptr (ExpNode) shown = show (store);
  g_autoptr (ExpNode) node = exp_node_resolve (shown, "t/parameters/p", NULL);
  g_auto (GStrv) names = exp_node_list_attributes (node, NULL);
  g_autofree char *all = g_strjoinv (" ", names);
  g_assert_cmpstr (all, ==, "comment annotation.unit annotation.none annotation.list annotation.sentence mine");
  assert_attribute (shown, "t/parameters/p", "comment", "about p");
  assert_attribute (shown, "t/parameters/p", "annotation.unit", "ms");
  assert_attribute (shown, "t/parameters/p", "annotation.none", "null");
  assert_attribute (shown, "t/parameters/p", "annotation.list", "[1, 2]");
  assert_attribute (shown, "t/parameters/p", "annotation.sentence", "Not a pickle.");
  assert_attribute (shown, "t", "version", "0.7.0");
}

/* Three runs in the places that pypet's versions and wildcards use. */
static ExpNode *
store_with_runs (void)
{
  ExpNode *store = exp_memory_group_new (NULL);
  ExpNode *trajectory = add_trajectory (store, "t", "0.7.0", 3);
  g_autoptr (ExpNode) results = exp_node_lookup (trajectory, "results", NULL);
  g_autoptr (ExpNode) parameters = exp_node_lookup (trajectory, "parameters", NULL);
  const gint32 range[] = { 10, 20, 30 };
  ExpNode *runs = add_group (results, "runs"), *set = add_group (results, "run_set_00000");
  ExpNode *shared = add_group (results, "shared");

  add_ints (add_parameter (parameters, "x", 10), "explored_data", "data", 3, range);
  add_parameter (parameters, "y", 5);
  for (guint i = 0; i < 3; i++)
    {
      g_autofree char *name = g_strdup_printf ("run_%08u", i);
      double value = i;
      ExpNode *group = add_group (runs, name);

      add_doubles (add_leaf (group, "z", "Result"), "z", 1, &value);
      add_doubles (add_leaf (add_group (group, "shared"), "of_run", "Result"), "of_run", 1, &value);
      add_doubles (add_leaf (add_group (set, name), "in_set", "Result"), "in_set", 1, &value);
      add_doubles (add_leaf (add_group (results, name), "below_branch", "Result"), "below_branch", 1, &value);
    }
  double total = 42;
  add_doubles (add_leaf (shared, "total", "Result"), "total", 1, &total);
  add (trajectory, "link", exp_memory_link_new ("/t/parameters/x/data"));
  add (trajectory, "own", exp_memory_link_new ("/t/results/runs/run_00000001/z"));
  add (trajectory, "away", exp_memory_link_new ("/u/parameters"));
  return store;
}

static void
test_explored_parameters_have_a_range_and_a_value_in_each_run (void)
{
  g_autoptr (ExpNode) store = store_with_runs ();
  g_autoptr (ExpNode) shown = show (store);

  assert_cells (shown, "t/parameters/x", "10");
  assert_cells (shown, "t/parameters/x.range", "10 20 30");
  assert_attribute (shown, "t/parameters/x", "explored", "true");
  assert_missing (shown, "t/parameters/y.range");
  assert_names (shown, "t/parameters", "x y ");
  assert_cells (shown, "t/.run/1/parameters/x", "20");
  assert_cells (shown, "t/.run/run_00000002/parameters/x", "30");
  assert_cells (shown, "t/.run/-3/parameters/x", "10");
  assert_cells (shown, "t/.run/1/parameters/y", "5");
  assert_missing (shown, "t/.run/3");
  assert_missing (shown, "t/.run/-4");
  assert_names (shown, "t/.run", "run_00000000 run_00000001 run_00000002 ");
  assert_attribute (shown, "t/.run/2", "idx", "2");
}

static void
test_a_run_shows_its_results_in_place_of_all_runs (void)
{
  g_autoptr (ExpNode) store = store_with_runs ();
  g_autoptr (ExpNode) shown = show (store);

  assert_names (shown, "t/.run/1/results", "shared below_branch in_set z ");
  assert_names (shown, "t/.run/1/results/shared", "total of_run ");
  assert_cells (shown, "t/.run/1/results/z", "1.0");
  assert_cells (shown, "t/.run/2/results/shared/of_run", "2.0");
  assert_missing (shown, "t/.run/1/results/runs");
  assert_missing (shown, "t/.run/1/results/run_00000001");
  assert_missing (shown, "t/.run/1/overview");
  assert_names (shown, "t/results/runs/run_00000001", "z shared ");
}

static void
assert_target (ExpNode *root, const char *path, const char *target)
{
  g_auto (ExpInfo) info = { 0 };

  describe_at (root, path, &info);
  g_assert_cmpint (info.kind, ==, EXP_KIND_LINK);
  g_assert_cmpstr (info.target, ==, target);
}

static void
test_links_lead_to_what_is_shown (void)
{
  ExpStoreOptions options = { .trajectory = "t" };
  g_autoptr (ExpNode) store = store_with_runs ();
  g_autoptr (ExpNode) shown = show (store);
  g_autoptr (ExpNode) below = apply_filter (&exp_filter_trajectory, shown, &options, 0, NULL);

  assert_target (shown, "t/link", "/t/parameters/x");
  assert_target (shown, "t/.run/1/link", "/t/.run/run_00000001/parameters/x");
  assert_target (shown, "t/.run/1/own", "/t/.run/run_00000001/results/z");
  assert_target (shown, "t/.run/2/own", "/t/results/runs/run_00000001/z");
  assert_target (below, "link", "/parameters/x");
  assert_target (below, ".run/1/link", "/.run/run_00000001/parameters/x");
  assert_target (below, "away", "store:/u/parameters");
}

static void
test_trajectories_are_counted_in_bytewise_order (void)
{
  static const struct
  {
    const char *wanted, *name;
  } cases[] = { { "0", "Beta" }, { "1", "alpha" }, { "-1", "mid_9" }, { "-4", "Beta" }, { "mid_10", "mid_10" } };
  static const char *const names[] = { "mid_9", "alpha", "Beta", "mid_10" };
  g_autoptr (ExpNode) store = exp_memory_group_new (NULL);
  ExpStoreOptions options = { .trajectory = "4" };

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    add_group (add_group (store, names[i]), names[i]);
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      ExpStoreOptions chosen = { .trajectory = cases[i].wanted };
      g_autofree char *expected = g_strconcat (cases[i].name, " ", NULL);
      g_autoptr (ExpNode) node = apply_filter (&exp_filter_trajectory, store, &chosen, 0, NULL);

      assert_names (node, "", expected);
    }
  apply_filter (&exp_filter_trajectory, store, &options, EXP_ERROR_INVALID, "there are only 4 trajectories");
  options.trajectory = "gamma";
  apply_filter (&exp_filter_trajectory, store, &options, EXP_ERROR_INVALID, "no such trajectory");
}

static void
test_only_shows_matches_what_leads_to_them_and_what_lies_below (void)
{
  const char *by_name[] = { "z", NULL }, *by_path[] = { "t/*/runs/run_0000000[01]", NULL },
             *none[] = { "nobody", NULL };
  g_autoptr (ExpNode) store = store_with_runs ();
  g_autoptr (ExpNode) shown = show (store);
  ExpStoreOptions options = { .only = by_name };

  g_autoptr (ExpNode) named = apply_filter (&exp_filter_only, shown, &options, 0, NULL);
  assert_names (named, "t", "results ");
  assert_names (named, "t/results", "runs ");
  assert_names (named, "t/results/runs/run_00000001", "z ");
  assert_cells (named, "t/.run/2/results/z", "2.0");
  assert_missing (named, "t/parameters");

  options.only = by_path;
  g_autoptr (ExpNode) pathed = apply_filter (&exp_filter_only, shown, &options, 0, NULL);
  assert_names (pathed, "t/results/runs", "run_00000000 run_00000001 ");
  assert_names (pathed, "t/results/runs/run_00000001", "z shared ");

  options.only = none;
  g_test_expect_message ("expfs", G_LOG_LEVEL_WARNING, "only=nobody: nothing in the store matches it");
  g_autoptr (ExpNode) nothing = apply_filter (&exp_filter_only, shown, &options, 0, NULL);
  g_test_assert_expected_messages ();
  assert_names (nothing, "", "");
}

static void
test_only_keeps_what_belongs_to_a_shown_node (void)
{
  const char *globs[] = { "x", NULL };
  g_autoptr (ExpNode) store = store_with_runs ();
  g_autoptr (ExpNode) shown = show (store);
  ExpStoreOptions options = { .only = globs };
  g_autoptr (ExpNode) chosen = apply_filter (&exp_filter_only, shown, &options, 0, NULL);

  assert_names (chosen, "t/parameters", "x ");
  assert_cells (chosen, "t/parameters/x.range", "10 20 30");
  assert_cells (chosen, "t/.run/1/parameters/x", "20");
}

static void
test_except_hides_matches_and_what_lies_below (void)
{
  const char *globs[] = { "runs", "t/parameters/y", "run_*", NULL };
  g_autoptr (ExpNode) store = store_with_runs ();
  g_autoptr (ExpNode) shown = show (store);
  ExpStoreOptions options = { .except = globs };
  g_autoptr (ExpNode) rest = apply_filter (&exp_filter_only, shown, &options, 0, NULL);

  assert_names (rest, "t/parameters", "x ");
  assert_names (rest, "t/results", "shared ");
  assert_missing (rest, "t/results/runs");
  assert_missing (rest, "t/results/runs/run_00000000");
  assert_cells (rest, "t/.run/1/results/z", "1.0");
}

static void
test_listing_can_begin_anywhere (void)
{
  g_autoptr (ExpNode) store = store_with_runs ();
  g_autoptr (ExpNode) shown = show (store);
  g_autoptr (ExpNode) node = exp_node_resolve (shown, "t/.run/1/results", NULL);

  for (guint64 skip = 0; skip <= 5; skip++)
    {
      static const char *const rest[]
          = { "shared below_branch in_set z ", "below_branch in_set z ", "in_set z ", "z ", "", "" };
      g_autoptr (GString) got = g_string_new (NULL);

      g_assert_true (exp_node_list (node, skip, append_name, got, NULL));
      g_assert_cmpstr (got->str, ==, rest[skip]);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/pypet/recognises-a-trajectory-and-nothing-else", test_recognises_a_trajectory_and_nothing_else);
  g_test_add_func ("/pypet/unknown-versions-need-force", test_unknown_versions_need_force);
  g_test_add_func ("/pypet/only-the-chosen-trajectory-must-have-a-known-version",
                   test_only_the_chosen_trajectory_must_have_a_known_version);
  g_test_add_func ("/pypet/leaves-are-files-or-directories-of-items", test_leaves_are_files_or_directories_of_items);
  g_test_add_func ("/pypet/a-damaged-leaf-fails-alone", test_a_damaged_leaf_fails_alone);
  g_test_add_func ("/pypet/comments-and-annotations-are-attributes-and-services-are-not",
                   test_comments_and_annotations_are_attributes_and_services_are_not);
  g_test_add_func ("/pypet/explored-parameters-have-a-range-and-a-value-in-each-run",
                   test_explored_parameters_have_a_range_and_a_value_in_each_run);
  g_test_add_func ("/pypet/a-run-shows-its-results-in-place-of-all-runs",
                   test_a_run_shows_its_results_in_place_of_all_runs);
  g_test_add_func ("/pypet/links-lead-to-what-is-shown", test_links_lead_to_what_is_shown);
  g_test_add_func ("/pypet/listing-can-begin-anywhere", test_listing_can_begin_anywhere);
  g_test_add_func ("/trajectory/counted-in-bytewise-order", test_trajectories_are_counted_in_bytewise_order);
  g_test_add_func ("/only/shows-matches-what-leads-to-them-and-what-lies-below",
                   test_only_shows_matches_what_leads_to_them_and_what_lies_below);
  g_test_add_func ("/only/keeps-what-belongs-to-a-shown-node", test_only_keeps_what_belongs_to_a_shown_node);
  g_test_add_func ("/except/hides-matches-and-what-lies-below", test_except_hides_matches_and_what_lies_below);
  return g_test_run ();
}
