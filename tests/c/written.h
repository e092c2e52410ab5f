/* Stores that a test writes: made by h5py in every version of the format, opened here for writing, and looked at by
 * h5py once they are closed. Knows where they are. Used by the test-hdf5-write*.c. */
#pragma once

#include "expfs/store.h"
#include <string.h>

typedef struct
{
  const char *name;
  const char *arguments; /* of h5py.File */
} WrittenKind;

static const WrittenKind written_kinds[] = {
  { "default", "" },
  { "v108", "libver=('v108', 'v108')" },
  { "latest", "libver='latest'" },
  { "ordered", "track_order=True" },
  { "user block", "userblock_size=1024" },
  { "free space kept", "fs_strategy='fsm', fs_persist=True" },
  { "paged, free space kept", "fs_strategy='page', fs_persist=True" },
  { "latest user block", "libver='latest', userblock_size=512" },
};

typedef struct
{
  const char *kind; /* its name, while for_each_kind runs */
  char *directory, *path;
  ExpStore *store;
  ExpNode *root; /* borrowed */
} Written;

static gboolean
run_python (const char *code, const char *path, char **output)
{
  const char *argv[] = { "/usr/bin/python3", "-c", code, path, NULL };
  g_autofree char *errors = NULL;
  int status = -1;

  if (g_spawn_sync (NULL, (char **)argv, NULL, G_SPAWN_DEFAULT, NULL, NULL, output, &errors, &status, NULL)
      && status == 0)
    return TRUE;
  g_test_message ("python: %s", errors);
  return FALSE;
}

static gboolean
has_h5py (void)
{
  static int has = -1;

  if (has < 0)
    {
      g_autofree char *output = NULL;
      has = run_python ("import h5py, numpy", "", &output);
    }
  return has;
}

/* Runs Python code in which `f` is the closed store, open in h5py for reading; it must succeed. */
static inline void
check_python (const Written *written, const char *code)
{
  g_autofree char *whole
      = g_strdup_printf ("import sys, h5py, numpy as np\nwith h5py.File(sys.argv[1], 'r') as f:\n  %s\n", code);
  g_autofree char *output = NULL;

  g_assert_true (run_python (whole, written->path, &output));
}

static void
open_written (Written *written, const ExpStoreOptions *options)
{
  ExpStoreOptions writable = options != NULL ? *options : (ExpStoreOptions){ 0 };
  g_autoptr (GError) error = NULL;

  writable.is_writable = TRUE;
  writable.format = "hdf5";
  written->store = exp_store_open (written->path, &writable, &error);
  g_assert_no_error (error);
  written->root = exp_store_get_root (written->store);
}

/* A store as h5py makes it; `code` fills it as `f` and may be NULL. */
static void
make_written (Written *written, const char *arguments, const char *code)
{
  g_autofree char *whole
      = g_strdup_printf ("import sys, h5py, numpy as np\nwith h5py.File(sys.argv[1], 'w'%s%s) as f:\n  %s\n",
                         *arguments != '\0' ? ", " : "", arguments, code != NULL ? code : "pass");
  g_autofree char *output = NULL;

  written->directory = g_dir_make_tmp ("expfs-write-XXXXXX", NULL);
  written->path = g_build_filename (written->directory, "store.h5", NULL);
  written->store = NULL;
  g_assert_true (run_python (whole, written->path, &output));
}

static void
close_written (Written *written)
{
  g_clear_pointer (&written->store, exp_store_unref);
}

static void
remove_written (Written *written)
{
  const char *remove[] = { "rm", "-r", written->directory, NULL };

  close_written (written);
  g_spawn_sync (NULL, (char **)remove, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, NULL, NULL, NULL, NULL);
  g_free (written->directory);
  g_free (written->path);
}

/* Runs `test` on a new store of each kind that `code` fills, and then `check` in h5py; both may be NULL. */
static inline void
for_each_kind (void (*test) (Written *written), const char *code, const char *check)
{
  if (!has_h5py ())
    {
      g_test_skip ("no h5py");
      return;
    }
  for (gsize i = 0; i < G_N_ELEMENTS (written_kinds); i++)
    {
      Written written;

      g_test_message ("a %s file", written_kinds[i].name);
      make_written (&written, written_kinds[i].arguments, code);
      written.kind = written_kinds[i].name;
      open_written (&written, NULL);
      test (&written);
      close_written (&written);
      if (check != NULL)
        check_python (&written, check);
      remove_written (&written);
    }
}

/* --- nodes --------------------------------------------------------------------------------------------------- */

static inline ExpNode *
find (ExpNode *root, const char *path)
{
  g_autoptr (GError) error = NULL;
  ExpNode *node = exp_node_resolve (root, path, &error);

  g_assert_no_error (error);
  return node;
}

static inline ExpNode *
make_ints (ExpNode *parent, const char *name, gboolean is_extensible, guint rank, const guint64 *shape)
{
  g_autoptr (ExpDtype) dtype = exp_dtype_new_number (EXP_TYPE_INT, 4, FALSE);
  g_autoptr (GError) error = NULL;
  ExpNewDataset dataset = { .dtype = dtype, .is_extensible = is_extensible, .rank = rank };

  if (rank > 0)
    memcpy (dataset.shape, shape, rank * sizeof *shape);
  ExpNode *made = exp_node_create_dataset (parent, name, &dataset, &error);
  g_assert_no_error (error);
  return made;
}

static inline ExpArray *
new_ints (guint rank, const guint64 *shape, gint32 first)
{
  g_autoptr (ExpDtype) dtype = exp_dtype_new_number (EXP_TYPE_INT, 4, FALSE);
  ExpArray *array = exp_array_new (dtype, rank, shape, NULL);

  for (gsize i = 0; i < array->n_elements; i++)
    ((gint32 *)array->data)[i] = first + i;
  return array;
}

static inline gboolean
write_ints (ExpNode *node, const ExpSlab *slab, gint32 first, GError **error)
{
  g_autoptr (ExpArray) array = new_ints (slab->rank, slab->count, first);

  return exp_node_write (node, slab, array, error);
}

static inline gint64
sum_of (ExpNode *node)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (ExpArray) array = exp_node_read_all (node, &error);
  gint64 sum = 0;

  g_assert_no_error (error);
  for (gsize i = 0; i < array->n_elements; i++)
    sum += exp_cell_int (array->dtype, array->data + i * array->dtype->size);
  return sum;
}
