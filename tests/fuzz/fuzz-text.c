/* Any bytes as the text of a new dataset. The first byte says how the text is shown.
 * Holds that what the text became, shown as text, becomes the same again: type, shape and text. */
#include "expfs/edit.h"
#include "expfs/expfs.h"
#include "expfs/memory_node.h"
#include "fuzz.h"
#include <string.h>

/* The dataset that a text makes in an empty store; NULL when it is refused. */
static ExpNode *
make (ExpNode *root, const char *name, const char *text, gsize length, const ExpViewOptions *options)
{
  g_autoptr (GError) error = NULL;
  ExpEdit *edit = exp_edit_new (root, name, NULL, &exp_view_text, options, &error);
  gboolean is_made;

  g_assert_no_error (error);
  is_made = exp_edit_pwrite (edit, 0, length, text, &error) && exp_edit_finish (edit, &error);
  g_assert_true (is_made == (error == NULL));
  exp_edit_free (edit);
  return is_made ? exp_node_lookup (root, name, NULL) : NULL;
}

static GString *
show (ExpNode *node, const ExpViewOptions *options)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (ExpView) view = exp_view_open (&exp_view_text, node, options, &error);
  g_autoptr (GString) text = g_string_new (NULL);
  guint64 size;
  gsize n;

  g_assert_no_error (error);
  exp_view_size (view, &size, &error);
  g_assert_no_error (error);
  g_string_set_size (text, size);
  g_assert_true (exp_view_pread (view, 0, size, text->str, &n, &error));
  g_assert_cmpuint (n, ==, size);
  return g_steal_pointer (&text);
}

static void
assert_same (ExpNode *a, ExpNode *b)
{
  g_auto (ExpInfo) left = { 0 }, right = { 0 };

  g_assert_true (exp_node_describe (a, &left, NULL));
  g_assert_true (exp_node_describe (b, &right, NULL));
  g_assert_true (exp_dtype_equal (left.dtype, right.dtype));
  g_assert_cmpuint (left.rank, ==, right.rank);
  for (guint i = 0; i < left.rank; i++)
    g_assert_cmpuint (left.shape[i], ==, right.shape[i]);
}

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  ExpViewOptions options = { .is_compact = size > 0 && (data[0] & 1) != 0 };
  g_autoptr (ExpNode) root = exp_memory_store_new ();

  if (size < 2)
    return 0;
  g_autoptr (ExpNode) first = make (root, "a", (const char *)data + 1, size - 1, &options);
  if (first == NULL)
    return 0;
  g_autoptr (GString) text = show (first, &options);
  if (text->len == 0)
    return 0;
  g_autoptr (ExpNode) second = make (root, "b", text->str, text->len, &options);
  g_assert_nonnull (second);
  g_autoptr (GString) again = show (second, &options);
  assert_same (first, second);
  g_assert_cmpmem (text->str, text->len, again->str, again->len);
  return 0;
}
