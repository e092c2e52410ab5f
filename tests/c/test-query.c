/* Queries: what an expression means, what it finds, and how that shows as groups. */
#include "expfs/memory_node.h"
#include "expfs/query.h"
#include <string.h>

static void
set_int (ExpNode *node, const char *name, gint64 value)
{
  g_autoptr (ExpArray) array = exp_array_new_int (value);
  exp_memory_node_set_attribute (node, name, array);
}

static void
set_float (ExpNode *node, const char *name, double value)
{
  g_autoptr (ExpArray) array = exp_array_new_float (value);
  exp_memory_node_set_attribute (node, name, array);
}

static void
set_text (ExpNode *node, const char *name, const char *value)
{
  g_autoptr (ExpArray) array = exp_array_new_text (value);
  exp_memory_node_set_attribute (node, name, array);
}

static void
set_single (ExpNode *node, const char *name, float value)
{
  g_autoptr (ExpDtype) dtype = exp_dtype_new_number (EXP_TYPE_FLOAT, 4, FALSE);
  g_autoptr (ExpArray) array = exp_array_new (dtype, 0, NULL, NULL);
  memcpy (array->data, &value, sizeof value);
  exp_memory_node_set_attribute (node, name, array);
}

static ExpNode *
add_dataset (ExpNode *group, const char *name)
{
  g_autoptr (ExpArray) value = exp_array_new_int (0);
  g_autoptr (ExpNode) node = exp_memory_dataset_new (value, NULL);
  exp_memory_group_add (group, name, node);
  return g_steal_pointer (&node);
}

/* a {n 1, f 0.1, t "one"}, b {n 2, f 0.2, t "two"}, g/a {n 9007199254740993, t "10"}, g/c {s 0.1f, st.x 5, t "a,b"} */
static ExpNode *
made_group (void)
{
  g_autoptr (ExpNode) root = exp_memory_group_new (NULL);
  g_autoptr (ExpNode) group = exp_memory_group_new (NULL);
  g_autoptr (ExpNode) a = add_dataset (root, "a"), b = add_dataset (root, "b");
  g_autoptr (ExpNode) ga = add_dataset (group, "a"), gc = add_dataset (group, "c");

  set_int (a, "n", 1), set_float (a, "f", 0.1), set_text (a, "t", "one");
  set_int (b, "n", 2), set_float (b, "f", 0.2), set_text (b, "t", "two");
  set_int (ga, "n", G_GINT64_CONSTANT (9007199254740993)), set_text (ga, "t", "10");
  set_single (gc, "s", 0.1f), set_int (gc, "st.x", 5), set_text (gc, "t", "a,b");
  exp_memory_group_add (root, "g", group);
  return g_steal_pointer (&root);
}

/* The paths that the expression finds, with blanks between; or the error's code in brackets. */
static char *
found (const char *expression)
{
  g_autoptr (ExpNode) root = made_group ();
  g_autoptr (ExpQueryScope) scope = exp_query_scope_new (root);
  g_autoptr (GError) error = NULL;
  g_autoptr (ExpQuery) query = exp_query_parse (expression, &error);
  g_autoptr (GPtrArray) paths = query != NULL ? exp_query_scope_find (scope, query, &error) : NULL;

  if (paths == NULL)
    return g_strdup_printf ("[%d]", error->code);
  g_ptr_array_add (paths, NULL);
  return g_strjoinv (" ", (char **)paths->pdata);
}

static void
assert_finds (const char *expression, const char *expected)
{
  g_autofree char *paths = found (expression);

  if (strcmp (paths, expected) != 0)
    g_test_message ("%s found %s, not %s", expression, paths, expected);
  g_assert_cmpstr (paths, ==, expected);
}

static void
test_numbers (void)
{
  assert_finds ("n=1", "a");
  assert_finds ("n=1.0", "a");
  assert_finds ("n==1", "a");
  assert_finds ("n!=1", "b g/a");
  assert_finds ("n>1", "b g/a");
  assert_finds ("n>=2,n<1e3", "b");
  assert_finds ("n<=2", "a b");
  assert_finds ("n=1|2", "a b");
  assert_finds ("n!=1|2", "g/a");
  assert_finds ("f=0.1", "a");
  assert_finds ("f=1e-1", "a");
  assert_finds ("n=nan", "");
}

static void
test_exact (void)
{
  assert_finds ("n=9007199254740993", "g/a");
  assert_finds ("n=9007199254740992", "");
  assert_finds ("n>9007199254740992", "g/a");
  assert_finds ("s=0.1", "g/c");
  assert_finds ("s<=0.1", "g/c");
  assert_finds ("s<0.1", "");
}

static void
test_texts (void)
{
  assert_finds ("t=one", "a");
  assert_finds ("t~t*", "b");
  assert_finds ("t~*o*|10", "a b g/a");
  assert_finds ("t>one", "b");
  assert_finds ("t=10", "g/a");
  assert_finds ("t=10.0", "");
  assert_finds ("t>9", "");
  assert_finds ("t=\"a,b\"", "g/c");
  assert_finds ("t = one , n = 1", "a");
}

static void
test_names (void)
{
  assert_finds ("st.x=5", "g/c");
  assert_finds ("x=5", "g/c");
  assert_finds ("\"st.x\"=5", "g/c");
  g_autofree char *missing = g_strdup_printf ("[%d]", EXP_ERROR_NOT_FOUND);
  assert_finds ("y=5", missing);
  assert_finds ("n=1,y=5", missing);
}

static void
test_malformed (void)
{
  static const char *const texts[] = { "", "n", "=1", "n=1,", "n?1", "n=\"1", "n=\"1\"2", "n=1,,n=2", "n=1|2,|" };
  g_autofree char *invalid = g_strdup_printf ("[%d]", EXP_ERROR_INVALID);

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    assert_finds (texts[i], invalid);
}

static gboolean
add_name (const char *name, ExpNode *child, gpointer data)
{
  g_ptr_array_add (data, g_strdup (name));
  return TRUE;
}

static void
assert_lists (ExpNode *root, const char *path, const char *expected)
{
  g_autoptr (GPtrArray) names = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GError) error = NULL;
  g_autoptr (ExpNode) node = exp_node_ref (root);
  g_auto (GStrv) parts = g_strsplit (path, ">>", -1);

  for (char **part = parts; *part != NULL; part++)
    if (**part != '\0')
      {
        ExpNode *child = exp_node_lookup (node, *part, &error);
        g_assert_no_error (error);
        exp_node_unref (node);
        node = child;
      }
  g_assert_true (exp_node_list (node, 0, add_name, names, &error));
  g_ptr_array_add (names, NULL);
  g_autofree char *list = g_strjoinv (" ", (char **)names->pdata);
  g_assert_cmpstr (list, ==, expected);
}

static void
test_groups (void)
{
  g_autoptr (ExpNode) root = made_group ();
  g_autoptr (ExpQueryScope) scope = exp_query_scope_new (root);
  g_autoptr (ExpNode) by = exp_query_group_open (scope, ".by", NULL),
                      where = exp_query_group_open (scope, ".where", NULL);

  assert_lists (by, "", "f n s st.x t");
  assert_lists (by, "n", "1 2 9007199254740993");
  assert_lists (by, "t", "10 a,b one two");
  /* Two things are called a: each is named by its path. */
  assert_lists (by, "n>>9007199254740993", "g/a");
  assert_lists (by, "n>>1", "a");
  assert_lists (by, "n>>1.0", "a");
  assert_lists (where, "", "");
  assert_lists (where, "n>=1", "a b g/a");
  assert_lists (where, "s>0", "c");
  assert_lists (where, "n>=1>>.by>>t", "10 one two");
  assert_lists (where, "n>=1>>.by>>t>>two>>.where>>f<1", "b");
  assert_lists (where, "n>=1>>.by>>t>>two>>.where>>f>1", "");
}

static void
test_links (void)
{
  g_autoptr (ExpNode) root = made_group ();
  g_autoptr (ExpQueryScope) scope = exp_query_scope_new (root);
  g_autoptr (ExpNode) where = exp_query_group_open (scope, ".where", NULL);
  g_autoptr (ExpNode) link = exp_node_resolve (where, "n>1/.by/t/10/g%2Fa", NULL);
  g_auto (ExpInfo) info = { 0 };

  g_assert_null (link);
  g_autoptr (ExpNode) matches = exp_node_resolve (where, "n>1/.by/t/10", NULL);
  link = exp_node_lookup (matches, "g/a", NULL);
  g_assert_true (exp_node_describe (link, &info, NULL));
  g_assert_cmpint (info.kind, ==, EXP_KIND_LINK);
  g_assert_cmpstr (info.target, ==, "../../../../../g/a");
  g_assert_null (exp_node_lookup (matches, "b", NULL));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/query/numbers compare as numbers", test_numbers);
  g_test_add_func ("/query/numbers compare exactly, and with as much precision as is stored", test_exact);
  g_test_add_func ("/query/texts compare as texts", test_texts);
  g_test_add_func ("/query/a parameter is known by its name or the end of it", test_names);
  g_test_add_func ("/query/what is no expression is refused", test_malformed);
  g_test_add_func ("/query/values and matches are groups, in which queries go on", test_groups);
  g_test_add_func ("/query/links lead out of the query", test_links);
  return g_test_run ();
}
