/* Stored trees as pypet writes them, made in memory: the filter stands on nodes, so its tests need no file. */
#pragma once

#include "expfs/expfs.h"
#include <string.h>

static inline void
set_text (ExpNode *node, const char *name, const char *text)
{
  g_autoptr (ExpArray) value = exp_array_new_text (text);

  exp_memory_node_set_attribute (node, name, value);
}

static inline void
set_int (ExpNode *node, const char *name, gint64 number)
{
  g_autoptr (ExpArray) value = exp_array_new_int (number);

  exp_memory_node_set_attribute (node, name, value);
}

/* A text in ASCII, as PyTables stores pickles. */
static inline void
set_ascii (ExpNode *node, const char *name, const char *text)
{
  g_autoptr (ExpDtype) dtype = exp_dtype_new_string (strlen (text), EXP_PAD_NUL_TERMINATED, FALSE);
  g_autoptr (ExpArray) value = exp_array_new (dtype, 0, NULL, NULL);

  memcpy (value->data, text, strlen (text));
  exp_memory_node_set_attribute (node, name, value);
}

/* Adds the child and lets the parent own it. */
static inline ExpNode *
add (ExpNode *parent, const char *name, ExpNode *child)
{
  exp_memory_group_add (parent, name, child);
  exp_node_unref (child);
  return child;
}

static inline ExpNode *
add_group (ExpNode *parent, const char *name)
{
  return add (parent, name, exp_memory_group_new (NULL));
}

static inline ExpNode *
add_leaf (ExpNode *parent, const char *name, const char *class_name)
{
  ExpNode *leaf = add_group (parent, name);

  set_int (leaf, "SRVC_LEAF", 1);
  set_text (leaf, "SRVC_INIT_CLASS_NAME", class_name);
  return leaf;
}

/* A dataset of these bytes; takes over the type. */
static inline ExpNode *
add_bytes (ExpNode *parent, const char *name, ExpDtype *dtype, guint rank, const guint64 *shape, gconstpointer bytes)
{
  g_autoptr (ExpArray) array = exp_array_new (dtype, rank, shape, NULL);

  if (array->n_elements > 0)
    memcpy (array->data, bytes, array->n_elements * dtype->size);
  exp_dtype_unref (dtype);
  return add (parent, name, exp_memory_dataset_new (array, NULL));
}

static inline ExpNode *
add_doubles (ExpNode *parent, const char *name, guint64 n, const double *values)
{
  return add_bytes (parent, name, exp_dtype_new_number (EXP_TYPE_FLOAT, 8, FALSE), 1, &n, values);
}

/* Vectors and scalars of fixed text, padded with NULs in `bytes`. */
static inline ExpNode *
add_strings (ExpNode *parent, const char *name, gsize size, guint rank, guint64 n, const char *bytes)
{
  return add_bytes (parent, name, exp_dtype_new_string (size, EXP_PAD_NUL_TERMINATED, FALSE), rank, &n, bytes);
}

/* A table with one column; takes over the type. */
static inline ExpNode *
add_table (ExpNode *parent, const char *name, const char *column, ExpDtype *dtype, guint64 n, gconstpointer bytes)
{
  ExpMember member = { (char *)column, dtype, 0 };

  return add_bytes (parent, name, exp_dtype_new_compound (dtype->size, 1, &member, NULL), 1, &n, bytes);
}

static inline ExpNode *
add_ints (ExpNode *parent, const char *name, const char *column, guint64 n, const gint32 *values)
{
  return add_table (parent, name, column, exp_dtype_new_number (EXP_TYPE_INT, 4, FALSE), n, values);
}

/* overview/info and overview/runs, and the branches. */
static inline ExpNode *
add_trajectory (ExpNode *root, const char *name, const char *version, guint64 n_runs)
{
  ExpNode *trajectory = add_group (root, name);
  ExpNode *overview = add_group (trajectory, "overview");
  g_autofree gint32 *indices = g_new0 (gint32, n_runs + 1);
  char text[16] = { 0 };

  g_strlcpy (text, version, sizeof text);
  for (guint64 i = 0; i < n_runs; i++)
    indices[i] = (gint32)i;
  add_table (overview, "info", "version", exp_dtype_new_string (sizeof text, EXP_PAD_NUL, FALSE), 1, text);
  add_ints (overview, "runs", "idx", n_runs, indices);
  add_group (trajectory, "parameters");
  add_group (trajectory, "results");
  return trajectory;
}

/* A Parameter with an int as its value. */
static inline ExpNode *
add_parameter (ExpNode *parent, const char *name, gint32 value)
{
  ExpNode *leaf = add_leaf (parent, name, "Parameter");
  ExpNode *data = add_ints (leaf, "data", "data", 1, &value);

  set_text (data, "SRVC_COLUMN_data_SCALAR_TYPE", "int");
  return leaf;
}

static inline ExpNode *
show (ExpNode *root)
{
  ExpStoreOptions options = { 0 };
  g_autoptr (GError) error = NULL;

  g_assert_true (exp_filter_pypet.applies (root, &options));
  ExpNode *shown = exp_filter_pypet.apply (root, &options, &error);
  g_assert_no_error (error);
  return shown;
}

/* All cells of a dataset as JSON, with spaces between. */
static inline char *
cells_at (ExpNode *root, const char *path)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (ExpNode) node = exp_node_resolve (root, path, &error);
  g_assert_no_error (error);
  g_autoptr (ExpArray) array = exp_node_read_all (node, &error);
  g_assert_no_error (error);
  GString *json = g_string_new (NULL);

  for (gsize i = 0; i < array->n_elements; i++)
    {
      if (i > 0)
        g_string_append_c (json, ' ');
      exp_cell_to_json (array->dtype, array->data + i * array->dtype->size, json);
    }
  return g_string_free (json, FALSE);
}

static inline void
assert_cells (ExpNode *root, const char *path, const char *cells)
{
  g_autofree char *got = cells_at (root, path);

  g_assert_cmpstr (got, ==, cells);
}

static inline void
describe_at (ExpNode *root, const char *path, ExpInfo *info)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (ExpNode) node = exp_node_resolve (root, path, &error);

  g_assert_no_error (error);
  exp_node_describe (node, info, &error);
  g_assert_no_error (error);
}

static inline void
assert_dtype (ExpNode *root, const char *path, const char *numpy)
{
  g_auto (ExpInfo) info = { 0 };

  describe_at (root, path, &info);
  g_autofree char *got = exp_dtype_to_numpy (info.dtype, FALSE);
  g_assert_cmpstr (got, ==, numpy);
}

static inline void
assert_missing (ExpNode *root, const char *path)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (ExpNode) node = exp_node_resolve (root, path, &error);

  g_assert_null (node);
  g_assert_error (error, EXP_ERROR, EXP_ERROR_NOT_FOUND);
}

static inline gboolean
append_name (const char *name, ExpNode *child, gpointer data)
{
  g_string_append_printf (data, "%s ", name);
  return TRUE;
}

/* The names in a directory in its order, each followed by a space. */
static inline void
assert_names (ExpNode *root, const char *path, const char *names)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (ExpNode) node = exp_node_resolve (root, path, &error);
  g_autoptr (GString) got = g_string_new (NULL);

  g_assert_no_error (error);
  exp_node_list (node, 0, append_name, got, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (got->str, ==, names);
}

static inline void
assert_attribute (ExpNode *root, const char *path, const char *name, const char *text)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (ExpNode) node = exp_node_resolve (root, path, &error);
  g_autoptr (ExpArray) value = exp_node_read_attribute (node, name, &error);
  g_assert_no_error (error);
  gsize length;
  g_autofree char *got = exp_attribute_text (value, 0, &length, &error);

  g_assert_no_error (error);
  g_assert_cmpstr (got, ==, text);
}
