/* Copies all of an HDF5 store as the group `copy` of a new one, for check_copies.py.
 * Arguments: the store, the new one, and "own" for a new one that nobody else has, into which trees may go block by
 * block, or "shared" for one with a journal, into which the library copies. Prints which of both it was. */
#include "core/format/hdf5/changes.h"
#include "core/format/hdf5/copy_blocks.h"
#include "core/format/hdf5/object.h"
#include "expfs/store.h"
#include <stdlib.h>
#include <string.h>

static void
stop (GError *error, const char *what)
{
  if (error == NULL)
    return;
  g_printerr ("%s: %s\n", what, error->message);
  exit (EXIT_FAILURE);
}

static ExpStore *
open_new (const char *path, gboolean is_own)
{
  const ExpStoreOptions options = { .format = "hdf5", .is_own = is_own, .is_writable = TRUE };
  GError *error = NULL;

  exp_store_create (path, "hdf5", &options, &error);
  stop (error, path);
  ExpStore *store = exp_store_open (path, &options, &error);
  stop (error, path);
  return store;
}

/* What exp_node_copy does with the same two. */
static gboolean
goes_block_by_block (ExpNode *from, const char *path)
{
  g_autofree char *tried = g_strconcat (path, ".tried", NULL);
  ExpStore *store = open_new (tried, TRUE);
  const ExpHdf5Object *object = (ExpHdf5Object *)from;
  GError *error = NULL;
  guint64 address = 0;

  exp_hdf5_copy_blocks (object->file, object->address, ((ExpHdf5Object *)exp_store_get_root (store))->file, &address,
                        &error);
  stop (error, path);
  exp_store_unref (store);
  remove (tried);
  return address != 0;
}

int
main (int argc, char **argv)
{
  const ExpStoreOptions options = { .format = "hdf5" };
  GError *error = NULL;

  if (argc != 4)
    return EXIT_FAILURE;
  gboolean is_own = strcmp (argv[3], "own") == 0;
  ExpStore *from = exp_store_open (argv[1], &options, &error);
  stop (error, argv[1]);
  g_print ("%s\n", is_own && goes_block_by_block (exp_store_get_root (from), argv[2]) ? "blocks" : "library");
  ExpStore *to = open_new (argv[2], is_own);
  exp_node_copy (exp_store_get_root (to), "copy", exp_store_get_root (from), &error);
  stop (error, argv[1]);
  exp_store_commit (to, TRUE, &error);
  stop (error, argv[2]);
  exp_store_unref (from);
  exp_store_unref (to);
  return EXIT_SUCCESS;
}
