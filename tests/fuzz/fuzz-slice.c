/* Any text as slices of a small dataset, whose shape the first bytes say: x[TEXT], and x[A][B] where there is a "][".
 * Holds that a slice is refused or has the elements that its shape says, all of them the dataset's own, and that parts
 * of it are what the whole has there. */
#include "expfs/expfs.h"
#include "expfs/memory_node.h"
#include "expfs/select.h"
#include "fuzz.h"
#include <string.h>

#define MAX_RANK 4

/* Elements are their own numbers. */
static ExpNode *
make_dataset (const guint8 *shape_bytes)
{
  g_autoptr (ExpDtype) dtype = exp_dtype_new_number (EXP_TYPE_INT, 8, FALSE);
  guint rank = shape_bytes[0] % (MAX_RANK + 1);
  guint64 shape[MAX_RANK];

  for (guint i = 0; i < rank; i++)
    shape[i] = shape_bytes[1 + i] % 9;
  g_autoptr (ExpArray) array = exp_array_new (dtype, rank, shape, NULL);
  for (gsize i = 0; i < array->n_elements; i++)
    ((gint64 *)array->data)[i] = i;
  return exp_memory_dataset_new (array, NULL);
}

static void
check (ExpNode *node, gint64 n_whole, guint choice)
{
  g_autoptr (ExpArray) all = exp_node_read_all (node, NULL);
  g_auto (ExpInfo) info = { 0 };
  guint64 first, n;

  g_assert_nonnull (all);
  g_assert_true (exp_node_describe (node, &info, NULL));
  g_assert_cmpuint (exp_info_n_elements (&info), ==, all->n_elements);
  g_assert_cmpint (all->n_elements, <=, n_whole);
  for (gsize i = 0; i < all->n_elements; i++)
    {
      gint64 value = ((const gint64 *)all->data)[i];
      g_assert_true (value >= 0 && value < n_whole);
    }
  if (all->n_elements == 0)
    return;
  first = choice % all->n_elements;
  n = 1 + choice / 7 % (all->n_elements - first);
  g_autoptr (ExpArray) part = exp_node_read_flat (node, &info, first, n, NULL);
  g_assert_nonnull (part);
  g_assert_cmpmem (part->data, n * 8, all->data + first * 8, n * 8);
}

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  if (size <= MAX_RANK + 1)
    return 0;

  g_autoptr (ExpNode) node = make_dataset (data);
  g_autofree char *text = g_strndup ((const char *)data + MAX_RANK + 1, size - MAX_RANK - 1);
  g_auto (GStrv) slices = g_strsplit (text, "][", 4);
  g_auto (ExpInfo) info = { 0 };
  guint choice = (guint)size;

  for (gsize i = 0; i < size; i++)
    choice = choice * 31 + data[i];
  g_assert_true (exp_node_describe (node, &info, NULL));
  for (char **slice = slices; *slice != NULL; slice++)
    {
      g_autoptr (GError) error = NULL;
      ExpNode *next = exp_slice_new (node, *slice, &error);

      g_assert_true ((next == NULL) == (error != NULL));
      if (next == NULL)
        return 0;
      exp_node_unref (node);
      node = next;
      check (node, exp_info_n_elements (&info), choice);
    }
  return 0;
}
