/* Arrays: what the map says they are, and their elements in the data file.
 * Knows which files are open; how elements lie and are read the npz folder knows.
 * Made by node.c. */
#include "hmf.h"
#include <string.h>

/* --- data files --------------------------------------------------------------------------------------------- */

static ExpNode *
find_open (ExpHmfTree *tree, const ExpHmfEntry *entry)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&tree->lock);

  for (guint i = 0; i < G_N_ELEMENTS (tree->open); i++)
    if (tree->open[i].entry == entry)
      return exp_node_ref (tree->open[i].node);
  return NULL;
}

/* In place of the one that was opened first. */
static void
remember_open (ExpHmfTree *tree, const ExpHmfEntry *entry, ExpNode *node)
{
  g_autoptr (ExpNode) old = NULL;
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&tree->lock);
  const guint i = tree->n_opened++ % G_N_ELEMENTS (tree->open);

  old = tree->open[i].node;
  tree->open[i].entry = entry;
  tree->open[i].node = exp_node_ref (node);
  g_clear_pointer (&locker, g_mutex_locker_free);
}

/* By the name that the file has now. With the folder's lock. */
static ExpSource *
open_named (ExpHmfTree *tree, const ExpHmfEntry *entry, GError **error)
{
  const char *renamed = tree->renamed != NULL ? g_hash_table_lookup (tree->renamed, entry) : NULL;

  return exp_hmf_folder_open (tree->folder, renamed != NULL ? renamed : entry->file, error);
}

static ExpSource *
open_file (ExpHmfTree *tree, const ExpHmfEntry *entry, GError **error)
{
  g_autoptr (GRWLockReaderLocker) locker = g_rw_lock_reader_locker_new (&tree->folder->lock);

  return entry->kept != NULL ? exp_source_ref (entry->kept) : open_named (tree, entry, error);
}

void
exp_hmf_keep_file (ExpHmfTree *tree, ExpHmfEntry *entry)
{
  if (entry->kept == NULL && entry->file != NULL && g_atomic_int_get (&entry->n_nodes) > 0)
    g_atomic_pointer_set (&entry->kept, open_named (tree, entry, NULL));
}

/* The elements, a new reference. */
static ExpNode *
open_elements (ExpHmfNode *self, GError **error)
{
  const ExpHmfEntry *entry = self->entry;
  g_autoptr (GError) local = NULL;
  ExpNode *node = entry->error == NULL ? find_open (self->tree, entry) : NULL;

  if (node != NULL)
    return node;
  if (entry->error != NULL)
    {
      g_propagate_error (error, g_error_copy (entry->error));
      return NULL;
    }
  g_autoptr (ExpSource) source = open_file (self->tree, entry, &local);
  node = source != NULL ? exp_npy_elements_new (source, entry->header, &local) : NULL;
  if (node != NULL)
    remember_open (self->tree, entry, node);
  else if (g_error_matches (local, EXP_ERROR, EXP_ERROR_NOT_FOUND))
    g_set_error (error, EXP_ERROR, EXP_ERROR_DAMAGED, "'%s': its data file %s is missing", entry->name, entry->file);
  else if (g_error_matches (local, EXP_ERROR, EXP_ERROR_INVALID))
    g_set_error (error, EXP_ERROR, EXP_ERROR_DAMAGED, "'%s': its data file %s is no regular file", entry->name,
                 entry->file);
  else
    g_propagate_error (error, g_steal_pointer (&local));
  return node;
}

/* --- the node ----------------------------------------------------------------------------------------------- */

static gboolean
array_describe (ExpNode *node, ExpInfo *info, GError **error)
{
  const ExpHmfEntry *entry = ((ExpHmfNode *)node)->entry;

  if (entry->error != NULL)
    {
      g_propagate_error (error, g_error_copy (entry->error));
      return FALSE;
    }
  info->kind = EXP_KIND_DATASET;
  info->dtype = exp_npy_stored_dtype (entry->header->dtype);
  info->rank = entry->header->rank;
  memcpy (info->shape, entry->header->shape, sizeof info->shape);
  return TRUE;
}

static gboolean
array_layout (ExpNode *node, ExpLayout *layout, GError **error)
{
  const ExpHmfEntry *entry = ((ExpHmfNode *)node)->entry;

  layout->layout = "contiguous";
  layout->storage = entry->header->n_bytes;
  return TRUE;
}

static gboolean
array_read (ExpNode *node, const ExpSlab *slab, ExpArray *array, GError **error)
{
  g_autoptr (ExpNode) elements = open_elements ((ExpHmfNode *)node, error);

  return elements != NULL && elements->klass->read (elements, slab, array, error);
}

static void
release_elements (gconstpointer owner)
{
  exp_node_unref ((ExpNode *)owner);
}

static gboolean
array_locate (ExpNode *node, guint64 first, gsize n, ExpRun *run)
{
  g_autoptr (ExpNode) elements = open_elements ((ExpHmfNode *)node, NULL);

  if (elements == NULL || !elements->klass->locate (elements, first, n, run))
    return FALSE;
  run->release = release_elements;
  run->owner = g_steal_pointer (&elements);
  return TRUE;
}

const ExpNodeClass exp_hmf_array_class = {
  .free = exp_hmf_node_free,
  .describe = array_describe,
  .layout = array_layout,
  .read = array_read,
  .locate = array_locate,
  .list_attributes = exp_hmf_list_attributes,
  .read_attribute = exp_hmf_read_attribute,
};
