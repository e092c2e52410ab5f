/* Reads nodes of version 1 B-trees.
 * Knows no key's meaning.
 * Called by chunk_btree1.c and symbol_table.c. */
#include "btree1.h"

/* Nodes of the sizes that the library gives them: 32 children by name, 64 by chunk. */
#define GUESS 2048

void
exp_btree1_node_clear (ExpBtree1Node *node)
{
  g_clear_pointer (&node->bytes, g_bytes_unref);
}

gboolean
exp_btree1_node_read (ExpMetadataCache *blocks, guint64 address, ExpBtree1Type type, gsize key_size, guint above,
                      ExpBtree1Node *node, GError **error)
{
  const gsize prefix = 8 + 2 * blocks->sizeof_address, entry_size = key_size + blocks->sizeof_address;
  g_autoptr (GBytes) head = exp_metadata_cache_get_start (blocks, address, prefix, GUESS, "TREE", error);

  if (head == NULL)
    return FALSE;

  const guint8 *data = g_bytes_get_data (head, NULL);
  node->level = data[5];
  node->n_children = data[6] | data[7] << 8;
  if (data[4] != type)
    return exp_metadata_cache_damaged (blocks, "a node of its tree is of another tree", error);
  if (node->level >= above)
    return exp_metadata_cache_damaged (blocks, "its tree does not descend", error);

  gsize size = prefix + node->n_children * entry_size + key_size;
  if (g_bytes_get_size (head) >= size)
    node->bytes = g_steal_pointer (&head);
  else
    node->bytes = exp_metadata_cache_get (blocks, address, size, "TREE", FALSE, error);
  if (node->bytes == NULL)
    return FALSE;
  node->keys = (const guint8 *)g_bytes_get_data (node->bytes, NULL) + prefix;
  node->key_size = key_size;
  node->entry_size = entry_size;
  node->address_width = blocks->sizeof_address;
  return TRUE;
}

const guint8 *
exp_btree1_node_key (const ExpBtree1Node *node, guint which)
{
  return node->keys + which * node->entry_size;
}

guint64
exp_btree1_node_child (const ExpBtree1Node *node, guint which)
{
  const guint8 *at = exp_btree1_node_key (node, which) + node->key_size;
  ExpBytesCursor cursor = { at, at + node->address_width, FALSE };

  return exp_cursor_address (&cursor, node->address_width);
}
