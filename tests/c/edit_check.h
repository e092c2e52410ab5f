/* What the tests of edits share: a store in memory, and files that are written in it. */
#pragma once

#include "expfs/expfs.h"
#include <string.h>

static const ExpViewOptions no_options = { 0 };

/* A dataset of zeros, or of the values given. */
static inline ExpNode *
make_dataset (ExpNode *parent, const char *name, ExpDtype *dtype, guint rank, const guint64 *shape,
              gconstpointer values, gboolean is_extensible)
{
  g_autoptr (GError) error = NULL;
  ExpNewDataset dataset = { .dtype = dtype, .rank = rank, .is_extensible = is_extensible };
  g_auto (ExpInfo) info = { 0 };

  if (rank > 0)
    memcpy (dataset.shape, shape, rank * sizeof *shape);
  ExpNode *node = exp_node_create_dataset (parent, name, &dataset, &error);
  g_assert_no_error (error);
  g_assert_true (exp_node_describe (node, &info, NULL));
  if (values != NULL)
    g_assert_true (exp_node_write_flat (node, &info, 0, exp_info_n_elements (&info), values, NULL));
  return node;
}

static inline ExpEdit *
edit_child (ExpNode *parent, const char *name, const ExpViewClass *klass)
{
  g_autoptr (ExpNode) node = exp_node_lookup (parent, name, NULL);
  g_autoptr (GError) error = NULL;
  ExpEdit *edit = exp_edit_new (parent, name, node, klass, &no_options, &error);

  g_assert_no_error (error);
  return edit;
}

/* All that the view of a child shows now. */
static inline GString *
show_child (ExpNode *parent, const char *name, const ExpViewClass *klass)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (ExpNode) node = exp_node_lookup (parent, name, &error);
  g_assert_no_error (error);
  g_autoptr (ExpView) view = exp_view_open (klass, node, &no_options, &error);
  g_assert_no_error (error);
  GString *text = g_string_new (NULL);
  guint64 size;
  gsize n;

  g_assert_true (exp_view_size (view, &size, &error));
  g_string_set_size (text, size);
  g_assert_true (exp_view_pread (view, 0, size, text->str, &n, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (n, ==, size);
  return text;
}

/* All that the edit shows. */
static inline GString *
show_edit (ExpEdit *edit)
{
  GString *text = g_string_new (NULL);
  guint64 size;
  gsize n;

  g_assert_true (exp_edit_size (edit, &size, NULL));
  g_string_set_size (text, size);
  g_assert_true (exp_edit_pread (edit, 0, size + 1, text->str, &n, NULL));
  g_assert_cmpuint (n, ==, size);
  return text;
}

static inline void
expect_shape (ExpNode *parent, const char *name, ExpTypeClass type, gsize size, guint rank, const guint64 *shape)
{
  g_auto (ExpInfo) info = { 0 };
  g_autoptr (ExpNode) node = exp_node_lookup (parent, name, NULL);

  g_assert_nonnull (node);
  g_assert_true (exp_node_describe (node, &info, NULL));
  g_assert_cmpint (info.dtype->type, ==, type);
  g_assert_cmpuint (info.dtype->size, ==, size);
  g_assert_false (info.is_null);
  g_assert_cmpuint (info.rank, ==, rank);
  for (guint i = 0; i < rank; i++)
    g_assert_cmpuint (info.shape[i], ==, shape[i]);
}
