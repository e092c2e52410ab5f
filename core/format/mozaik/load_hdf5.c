/* The recordings of an Hdf5DataStore.
 * Knows where neo put what; segments are segment_hdf5.c's.
 * Called by store.c. */
#include "hdf5.h"

static void
add_recording (ExpMozaikStore *store, ExpMozaikPart *part, const ExpMozaikObject *object)
{
  ExpMozaikEntry *entry = exp_mozaik_part_add (part, EXP_MOZAIK_PART_RECORDINGS);
  const ExpPickleValue *annotations;
  g_autofree char *text = NULL;

  exp_pickle_unref (entry->pickle);
  entry->pickle = exp_mozaik_read_pickle (object->node, "annotations");
  entry->group = exp_node_ref (object->node);
  annotations = entry->pickle != NULL ? exp_pickle_root (entry->pickle) : NULL;
  if (annotations != NULL && annotations->kind == EXP_PICKLE_DICT)
    {
      entry->annotations = annotations;
      entry->sheet = exp_mozaik_dup_text (exp_pickle_get (annotations, "sheet_name"));
      text = exp_mozaik_dup_text (exp_pickle_get (annotations, "stimulus"));
      entry->stimulus = text != NULL ? exp_mozaik_store_stimulus (store, text) : NULL;
    }
  exp_mozaik_part_name (store, part, entry, entry->sheet, entry->stimulus != NULL ? entry->stimulus->name : NULL);
}

gboolean
exp_mozaik_load_hdf5 (ExpMozaikStore *store, ExpNode *root, ExpMozaikPart *part, GError **error)
{
  static const char *const block[] = { "Block", NULL }, *const segment[] = { "Segment", NULL };
  g_autoptr (GArray) blocks = exp_mozaik_find_objects (root, block, error);
  g_autoptr (GArray) segments = NULL;
  ExpNode *first;

  if (blocks == NULL)
    return FALSE;
  if (blocks->len == 0)
    {
      g_set_error (error, EXP_ERROR, EXP_ERROR_DAMAGED, "%s/%s: there is no Block in it", exp_mozaik_store_path (store),
                   EXP_MOZAIK_HDF5);
      return FALSE;
    }
  first = g_array_index (blocks, ExpMozaikObject, 0).node;
  part->pickle = exp_mozaik_read_pickle (first, "annotations");
  part->annotations = part->pickle != NULL ? exp_pickle_root (part->pickle) : NULL;
  if (part->annotations != NULL && part->annotations->kind != EXP_PICKLE_DICT)
    part->annotations = NULL;
  segments = exp_mozaik_find_objects (first, segment, error);
  for (guint i = 0; segments != NULL && i < segments->len; i++)
    add_recording (store, part, &g_array_index (segments, ExpMozaikObject, i));
  return segments != NULL;
}
