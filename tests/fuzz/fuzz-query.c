/* Any text as a query of a small tree, the first byte says of which kind: .where, .by, .or, .same and what may come
 * after them, parted by slashes.
 * Holds that what is found is listed by its own names, and that both ways to ask for the same find the same. */
#include "expfs/expfs.h"
#include "expfs/memory_node.h"
#include "expfs/query.h"
#include "fuzz.h"
#include <string.h>

#define MAX_STEPS 8

static void
add (ExpNode *group, const char *name, double x, gint64 n, const char *word, gboolean has_all)
{
  g_autoptr (ExpNode) child = exp_memory_group_new (NULL);
  g_autoptr (ExpArray) number = exp_array_new_float (x), integer = exp_array_new_int (n),
                       text = exp_array_new_text (word);
  g_autoptr (ExpArray) flag = exp_array_new_bool (n > 1);

  exp_memory_node_set_attribute (child, "x", number);
  exp_memory_node_set_attribute (child, "group.n", integer);
  exp_memory_node_set_attribute (child, "st_word", text);
  if (has_all)
    exp_memory_node_set_attribute (child, "other.n", flag);
  exp_memory_group_add (group, name, child);
}

static ExpQueryScope *
make_scope (void)
{
  g_autoptr (ExpNode) root = exp_memory_group_new (NULL), below = exp_memory_group_new (NULL);

  add (root, "a", 0.5, 1, "V1", TRUE);
  add (root, "b", -1e300, 2, "V1 \"quoted\", |", FALSE);
  add (root, "c,=|", 0.1, -7, "", TRUE);
  add (below, "d", 5e-324, G_MAXINT64, "\xff\xfe", FALSE);
  exp_memory_group_add (root, "below", below);
  return exp_query_scope_new (root);
}

static gboolean
look_at (const char *name, ExpNode *child, gpointer data)
{
  g_autoptr (ExpNode) found = exp_node_lookup (data, name, NULL);
  g_auto (ExpInfo) info = { 0 }, again = { 0 };

  g_assert_nonnull (found);
  g_assert_true (exp_node_describe (child, &info, NULL));
  g_assert_true (exp_node_describe (found, &again, NULL));
  g_assert_cmpint (info.kind, ==, again.kind);
  g_assert_cmpstr (info.target, ==, again.target);
  return TRUE;
}

static gboolean
count (const char *name, ExpNode *child, gpointer data)
{
  g_auto (ExpInfo) info = { 0 };

  if (exp_node_describe (child, &info, NULL) && info.kind == EXP_KIND_LINK)
    ++*(guint *)data;
  return TRUE;
}

static void
find (ExpQueryScope *scope, const char *text)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (ExpQuery) query = exp_query_parse (text, &error);

  g_assert_true ((query == NULL) == (error != NULL));
  if (query == NULL)
    return;
  g_autoptr (GPtrArray) found = exp_query_scope_find (scope, query, &error);
  g_assert_true ((found == NULL) == (error != NULL));
  g_autoptr (ExpNode) where = exp_query_group_open (scope, ".where", NULL);
  g_autoptr (ExpNode) group = exp_node_lookup (where, text, NULL);
  g_assert_true ((group == NULL) == (found == NULL));
  if (group == NULL)
    return;

  guint n = 0;
  g_assert_true (exp_node_list (group, 0, count, &n, NULL));
  g_assert_cmpuint (n, ==, found->len);
}

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  static const char *const kinds[] = { ".where", ".by", ".or", ".same", ".varying" };
  g_autoptr (ExpQueryScope) scope = make_scope ();

  if (size < 2)
    return 0;
  g_autofree char *text = g_strndup ((const char *)data + 1, size - 1);
  g_auto (GStrv) steps = g_strsplit (text, "/", MAX_STEPS);
  g_autoptr (ExpNode) at = exp_query_group_open (scope, kinds[data[0] % G_N_ELEMENTS (kinds)], NULL);
  if (steps[0] != NULL)
    find (scope, steps[0]);
  for (char **step = steps; at != NULL; step++)
    {
      g_auto (ExpInfo) info = { 0 };

      if (exp_node_describe (at, &info, NULL) && info.kind == EXP_KIND_GROUP)
        exp_node_list (at, 0, look_at, at, NULL);
      if (*step == NULL)
        break;
      ExpNode *next = exp_node_lookup (at, *step, NULL);
      exp_node_unref (at);
      at = next;
    }
  return 0;
}
