/* Chunks in a version 1 B-tree (node type 1), the index of every format before HDF5 1.10 and of the library's default.
 * Knows nothing of the other kinds.
 * Called by chunk_index.c. */
#include "chunk_index_private.h"
#include <string.h>

/* Deeper than any tree that fits a file; a hostile one that points at itself ends here. */
#define MAX_DEPTH 32

typedef struct
{
  guint32 size, filter_mask;
  guint64 offset[EXP_MAX_RANK]; /* elements */
} Key;

static void
read_key (ExpBytesCursor *cursor, guint rank, Key *key)
{
  key->size = exp_cursor_uint (cursor, 4);
  key->filter_mask = exp_cursor_uint (cursor, 4);
  for (guint i = 0; i < rank; i++)
    key->offset[i] = exp_cursor_uint (cursor, 8);
  exp_cursor_skip (cursor, 8); /* along the axis of the element's bytes: always 0 */
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

static GBytes *
read_node (ExpChunkIndex *index, guint64 address, guint *level, guint *n_entries, GError **error)
{
  const ExpChunkLayout *layout = &index->layout;
  guint64 prefix = 8 + 2 * layout->size_of_offsets;
  guint64 key_size = 8 + 8 * (layout->rank + 1);
  g_autoptr (GBytes) head = exp_chunk_index_block (index, address, prefix, "TREE", FALSE, error);
  gsize length;

  if (head == NULL)
    return NULL;

  const guint8 *data = g_bytes_get_data (head, &length);
  ExpBytesCursor cursor = { data + 4, data + length, FALSE };
  guint type = exp_cursor_uint (&cursor, 1);
  *level = exp_cursor_uint (&cursor, 1);
  *n_entries = exp_cursor_uint (&cursor, 2);
  if (type != 1)
    {
      exp_chunk_index_damaged (index, "a node of its tree is of another tree", error);
      return NULL;
    }
  return exp_chunk_index_block (index, address, prefix + *n_entries * (key_size + layout->size_of_offsets) + key_size,
                                "TREE", FALSE, error);
}

/* The last entry whose key is not past the chunk; FALSE when there is none. */
static gboolean
search_node (ExpChunkIndex *index, GBytes *node, guint n_entries, const guint64 *scaled, Key *key, guint64 *child)
{
  const ExpChunkLayout *layout = &index->layout;
  gsize length;
  const guint8 *data = g_bytes_get_data (node, &length);
  gsize prefix = 8 + 2 * layout->size_of_offsets;
  gsize entry_size = 8 + 8 * (layout->rank + 1) + layout->size_of_offsets;
  guint low = 0, high = n_entries;

  while (low < high)
    {
      guint middle = low + (high - low) / 2;
      ExpBytesCursor cursor = { data + prefix + middle * entry_size, data + length, FALSE };

      read_key (&cursor, layout->rank, key);
      if (compare (key, layout, scaled) <= 0)
        low = middle + 1;
      else
        high = middle;
    }
  if (low == 0)
    return FALSE;

  ExpBytesCursor cursor = { data + prefix + (low - 1) * entry_size, data + length, FALSE };
  read_key (&cursor, layout->rank, key);
  *child = exp_cursor_address (&cursor, layout->size_of_offsets);
  return !cursor.is_short;
}

gboolean
exp_chunk_find_btree1 (ExpChunkIndex *index, const guint64 *scaled, ExpChunk *chunk, GError **error)
{
  guint64 address = index->layout.address;
  guint above = MAX_DEPTH;

  for (;;)
    {
      guint level, n_entries;
      g_autoptr (GBytes) node = read_node (index, address, &level, &n_entries, error);
      Key key;

      if (node == NULL)
        return FALSE;
      if (level >= above)
        return exp_chunk_index_damaged (index, "its tree does not descend", error);
      if (!search_node (index, node, n_entries, scaled, &key, &address))
        return TRUE;
      if (level == 0)
        {
          if (compare (&key, &index->layout, scaled) == 0)
            *chunk = (ExpChunk){ address, key.size, key.filter_mask };
          return TRUE;
        }
      above = level;
    }
}
