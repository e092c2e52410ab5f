/* Chunks in a version 2 B-tree (record types 10 and 11): datasets with two or more unlimited axes in the latest format.
 * Knows nothing of the other kinds.
 * Called by chunk_index.c. */
#include "btree2.h"
#include "chunk_index_private.h"

typedef struct
{
  const ExpChunkLayout *layout;
  const guint64 *scaled;
  guint64 record_size;
  gboolean is_filtered;
  ExpChunk *chunk;
} Search;

static int
compare (const guint8 *record, gpointer data)
{
  const Search *search = data;
  const ExpChunkLayout *layout = search->layout;
  ExpBytesCursor cursor = { record, record + search->record_size, FALSE };
  ExpChunk chunk = { .size = layout->chunk_size };

  chunk.address = exp_cursor_address (&cursor, layout->size_of_offsets);
  if (search->is_filtered)
    {
      chunk.size = exp_cursor_uint (&cursor, search->record_size - layout->size_of_offsets - 4 - 8 * layout->rank);
      chunk.filter_mask = exp_cursor_uint (&cursor, 4);
    }
  for (guint i = 0; i < layout->rank; i++)
    {
      guint64 at = exp_cursor_uint (&cursor, 8);

      if (at != search->scaled[i])
        return at < search->scaled[i] ? -1 : 1;
    }
  *search->chunk = chunk;
  return 0;
}

gboolean
exp_chunk_find_btree2 (ExpChunkIndex *index, const guint64 *scaled, ExpChunk *chunk, GError **error)
{
  const ExpChunkLayout *layout = &index->layout;
  ExpBtree2 tree;

  if (!exp_btree2_open (&tree, index->blocks, layout->address, error))
    return FALSE;

  gboolean is_filtered = tree.type == 11;
  guint64 least = layout->size_of_offsets + 8 * layout->rank + (is_filtered ? 5 : 0);
  if ((tree.type != 10 && tree.type != 11) || tree.record_size < least || tree.record_size > least + 8)
    return exp_metadata_cache_damaged (index->blocks, "the header of its tree", error);

  Search search = { layout, scaled, tree.record_size, is_filtered, chunk };
  return exp_btree2_find (&tree, compare, &search, error);
}
