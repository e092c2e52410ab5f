/* Chunks in a version 1 B-tree (node type 1), the index of every format before HDF5 1.10 and of the library's default.
 * Knows nothing of the other kinds.
 * Called by chunk_index.c. */
#include "btree1.h"
#include "chunk_index_private.h"

typedef struct
{
  guint32 size, filter_mask;
  guint64 offset[EXP_MAX_RANK]; /* elements */
} Key;

/* Along the axis of the element's bytes there is one more offset, always 0. */
static void
read_key (const ExpBtree1Node *node, guint which, guint rank, Key *key)
{
  const guint8 *at = exp_btree1_node_key (node, which);
  ExpBytesCursor cursor = { at, at + node->key_size, FALSE };

  key->size = exp_cursor_uint (&cursor, 4);
  key->filter_mask = exp_cursor_uint (&cursor, 4);
  for (guint i = 0; i < rank; i++)
    key->offset[i] = exp_cursor_uint (&cursor, 8);
}

static int
compare (const Key *key, const ExpChunkLayout *layout, const guint64 *scaled)
{
  for (guint i = 0; i < layout->rank; i++)
    {
      guint64 at = key->offset[i] / layout->chunk[i];

      if (at != scaled[i])
        return at < scaled[i] ? -1 : 1;
    }
  return 0;
}

/* The last child whose key is not past the chunk; FALSE when there is none. */
static gboolean
search_node (const ExpChunkLayout *layout, const ExpBtree1Node *node, const guint64 *scaled, Key *key, guint64 *child)
{
  guint low = 0, high = node->n_children;

  while (low < high)
    {
      guint middle = low + (high - low) / 2;

      read_key (node, middle, layout->rank, key);
      if (compare (key, layout, scaled) <= 0)
        low = middle + 1;
      else
        high = middle;
    }
  if (low == 0)
    return FALSE;
  read_key (node, low - 1, layout->rank, key);
  *child = exp_btree1_node_child (node, low - 1);
  return TRUE;
}

gboolean
exp_chunk_find_btree1 (ExpChunkIndex *index, const guint64 *scaled, ExpChunk *chunk, GError **error)
{
  const ExpChunkLayout *layout = &index->layout;
  guint64 address = layout->address;

  for (guint above = EXP_BTREE1_MAX_DEPTH;;)
    {
      g_auto (ExpBtree1Node) node = { 0 };
      Key key;

      if (!exp_btree1_node_read (index->blocks, address, EXP_BTREE1_CHUNKS, 8 + 8 * (layout->rank + 1), above, &node,
                                 error))
        return FALSE;
      if (!search_node (layout, &node, scaled, &key, &address))
        return TRUE;
      if (node.level == 0)
        {
          if (compare (&key, layout, scaled) == 0)
            *chunk = (ExpChunk){ address, key.size, key.filter_mask };
          return TRUE;
        }
      above = node.level;
    }
}
