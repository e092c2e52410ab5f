/* What the tests of edits share: a store, and files that are written in it. The same tests run over a store in memory
 * and, where EXPFS_TEST_STORE is "hdf5", over a file; where it is "draft", over a draft. */
#pragma once

#include "memory_draft.h"
#include <glib/gstdio.h>
#include <stdlib.h>
#include <string.h>

static const ExpViewOptions no_options = { 0 };

static inline gboolean
is_in_hdf5 (void)
{
  return g_strcmp0 (g_getenv ("EXPFS_TEST_STORE"), "hdf5") == 0;
}

static struct
{
  ExpStore *store;
  char *directory, *path;
} hdf5;

/* The store must be free of users by then: its journal goes into the file. */
static void
close_store (void)
{
  g_autoptr (GError) error = NULL;

  if (hdf5.store == NULL)
    return;
  g_assert_true (exp_store_commit (hdf5.store, TRUE, &error));
  g_clear_pointer (&hdf5.store, exp_store_unref);
  g_assert_cmpint (g_unlink (hdf5.path), ==, 0);
  g_assert_cmpint (g_rmdir (hdf5.directory), ==, 0);
  g_clear_pointer (&hdf5.path, g_free);
  g_clear_pointer (&hdf5.directory, g_free);
}

/* An empty store's root; the store of the call before goes. */
static inline ExpNode *
new_store (void)
{
  static gboolean is_closed_at_exit;
  g_autoptr (GError) error = NULL;

  if (g_strcmp0 (g_getenv ("EXPFS_TEST_STORE"), "draft") == 0)
    return memory_draft_new (&memory_draft_class, NULL);
  if (!is_in_hdf5 ())
    return exp_memory_store_new ();
  close_store ();
  if (!is_closed_at_exit)
    atexit (close_store);
  is_closed_at_exit = TRUE;
  hdf5.directory = g_dir_make_tmp ("expfs-edit-XXXXXX", NULL);
  hdf5.path = g_build_filename (hdf5.directory, "store.h5", NULL);
  g_assert_true (exp_store_create (hdf5.path, "hdf5", &(ExpStoreOptions){ 0 }, &error));
  hdf5.store = exp_store_open (hdf5.path, &(ExpStoreOptions){ .is_writable = TRUE, .format = "hdf5" }, &error);
  g_assert_no_error (error);
  return exp_node_ref (exp_store_get_root (hdf5.store));
}

/* A dataset of zeros, or of the values given; NULL for a type that the store cannot hold. */
static inline ExpNode *
try_dataset (ExpNode *parent, const char *name, ExpDtype *dtype, guint rank, const guint64 *shape, gconstpointer values,
             gboolean is_extensible)
{
  g_autoptr (GError) error = NULL;
  ExpNewDataset dataset = { .dtype = dtype, .rank = rank, .is_extensible = is_extensible };
  g_auto (ExpInfo) info = { 0 };

  if (rank > 0)
    memcpy (dataset.shape, shape, rank * sizeof *shape);
  ExpNode *node = exp_node_create_dataset (parent, name, &dataset, &error);
  if (node != NULL)
    exp_node_describe (node, &info, &error);
  if (node != NULL && values != NULL)
    exp_node_write_flat (node, &info, 0, exp_info_n_elements (&info), values, &error);
  if (g_error_matches (error, EXP_ERROR, EXP_ERROR_UNSUPPORTED))
    {
      g_test_message ("%s", error->message);
      g_clear_pointer (&node, exp_node_unref);
      return NULL;
    }
  g_assert_no_error (error);
  return node;
}

static inline ExpNode *
make_dataset (ExpNode *parent, const char *name, ExpDtype *dtype, guint rank, const guint64 *shape,
              gconstpointer values, gboolean is_extensible)
{
  ExpNode *node = try_dataset (parent, name, dtype, rank, shape, values, is_extensible);

  g_assert_nonnull (node);
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

  exp_view_size (view, &size, &error);
  g_assert_no_error (error);
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
