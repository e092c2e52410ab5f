/* Chunks in a version 2 B-tree (record types 10 and 11): datasets with two or more unlimited axes in the latest format.
 * Knows nothing of the other kinds.
 * Called by chunk_index.c. */
#include "chunk_index_private.h"

#define MAX_DEPTH 16

typedef struct
{
  guint64 node_size, record_size;
  guint depth;
  guint n_records_bytes;            /* width of a child's number of records */
  guint total_bytes[MAX_DEPTH + 1]; /* width of a child's total number, by the child's level; 0 for leaves */
  guint64 root;
  guint64 n_root_records;
  gboolean is_filtered;
} Tree;

static guint
bytes_for (guint64 limit)
{
  return exp_log2 (limit) / 8 + 1;
}

static gboolean
measure (Tree *tree, guint size_of_offsets)
{
  guint64 max_records = (tree->node_size - 10) / tree->record_size, total = max_records;

  tree->n_records_bytes = bytes_for (max_records);
  tree->total_bytes[0] = 0;
  for (guint level = 1; level <= tree->depth; level++)
    {
      guint64 pointer = size_of_offsets + tree->n_records_bytes + tree->total_bytes[level - 1];

      if (tree->node_size < 10 + pointer + tree->record_size)
        return FALSE;
      max_records = (tree->node_size - 10 - pointer) / (tree->record_size + pointer);
      if (!g_uint64_checked_mul (&total, total, max_records + 1) || !g_uint64_checked_add (&total, total, max_records))
        return FALSE;
      tree->total_bytes[level] = bytes_for (total);
    }
  return TRUE;
}

static gboolean
read_header (ExpChunkIndex *index, Tree *tree, GError **error)
{
  const ExpChunkLayout *layout = &index->layout;
  guint64 size = 4 + 2 + 4 + 2 + 2 + 2 + layout->size_of_offsets + 2 + layout->size_of_lengths + 4;
  g_autoptr (GBytes) block = exp_chunk_index_block (index, layout->address, size, "BTHD", TRUE, error);
  gsize length;

  if (block == NULL)
    return FALSE;

  const guint8 *data = g_bytes_get_data (block, &length);
  ExpBytesCursor cursor = { data + 5, data + length, FALSE };
  guint type = exp_cursor_uint (&cursor, 1);
  tree->node_size = exp_cursor_uint (&cursor, 4);
  tree->record_size = exp_cursor_uint (&cursor, 2);
  tree->depth = exp_cursor_uint (&cursor, 2);
  exp_cursor_skip (&cursor, 2);
  tree->root = exp_cursor_address (&cursor, layout->size_of_offsets);
  tree->n_root_records = exp_cursor_uint (&cursor, 2);
  tree->is_filtered = type == 11;

  guint64 least = layout->size_of_offsets + 8 * layout->rank + (tree->is_filtered ? 5 : 0);
  if ((type != 10 && type != 11) || tree->record_size < least || tree->record_size > least + 8
      || tree->node_size < 10 + tree->record_size || tree->depth > MAX_DEPTH
      || !measure (tree, layout->size_of_offsets))
    return exp_chunk_index_damaged (index, "the header of its tree", error);
  return TRUE;
}

/* Reads a record; returns how its chunk compares with the one that is sought. */
static int
read_record (ExpChunkIndex *index, const Tree *tree, ExpBytesCursor *cursor, const guint64 *scaled, ExpChunk *chunk)
{
  const ExpChunkLayout *layout = &index->layout;
  int order = 0;

  chunk->address = exp_cursor_address (cursor, layout->size_of_offsets);
  chunk->size = layout->chunk_size;
  chunk->filter_mask = 0;
  if (tree->is_filtered)
    {
      chunk->size = exp_cursor_uint (cursor, tree->record_size - layout->size_of_offsets - 4 - 8 * layout->rank);
      chunk->filter_mask = exp_cursor_uint (cursor, 4);
    }
  for (guint i = 0; i < layout->rank; i++)
    {
      guint64 at = exp_cursor_uint (cursor, 8);

      if (order == 0 && at != scaled[i])
        order = at < scaled[i] ? -1 : 1;
    }
  return order;
}

/* Looks among the records of a node; *position is the number of records before the chunk. */
static gboolean
search_node (ExpChunkIndex *index, const Tree *tree, const guint8 *records, guint64 n_records, const guint64 *scaled,
             ExpChunk *chunk, guint64 *position)
{
  guint64 low = 0, high = n_records;

  while (low < high)
    {
      guint64 middle = low + (high - low) / 2;
      const guint8 *at = records + middle * tree->record_size;
      ExpBytesCursor cursor = { at, at + tree->record_size, FALSE };
      ExpChunk candidate;
      int order = read_record (index, tree, &cursor, scaled, &candidate);

      if (order == 0)
        {
          *chunk = candidate;
          return TRUE;
        }
      if (order < 0)
        low = middle + 1;
      else
        high = middle;
    }
  *position = low;
  return FALSE;
}

gboolean
exp_chunk_find_btree2 (ExpChunkIndex *index, const guint64 *scaled, ExpChunk *chunk, GError **error)
{
  const ExpChunkLayout *layout = &index->layout;
  Tree tree = { 0 };

  if (!read_header (index, &tree, error))
    return FALSE;

  guint64 address = tree.root, n_records = tree.n_root_records;
  for (guint level = tree.depth; address != EXP_CHUNK_UNALLOCATED; level--)
    {
      guint64 pointer = level == 0 ? 0 : layout->size_of_offsets + tree.n_records_bytes + tree.total_bytes[level - 1];
      guint64 used = 6 + n_records * tree.record_size + (level == 0 ? 0 : (n_records + 1) * pointer) + 4;
      guint64 position;

      if (used > tree.node_size)
        return exp_chunk_index_damaged (index, "a node of its tree is overfull", error);

      g_autoptr (GBytes) node = exp_chunk_index_block (index, address, used, level == 0 ? "BTLF" : "BTIN", TRUE, error);
      if (node == NULL)
        return FALSE;

      const guint8 *data = g_bytes_get_data (node, NULL);
      if (search_node (index, &tree, data + 6, n_records, scaled, chunk, &position) || level == 0)
        return TRUE;

      const guint8 *at = data + 6 + n_records * tree.record_size + position * pointer;
      ExpBytesCursor cursor = { at, at + pointer, FALSE };
      address = exp_cursor_address (&cursor, layout->size_of_offsets);
      n_records = exp_cursor_uint (&cursor, tree.n_records_bytes);
    }
  return TRUE;
}
