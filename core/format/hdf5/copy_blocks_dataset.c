/* Moves what datasets consist of: their data, or a tree of chunks and these.
 * Knows layouts of version 3 and trees of version 1 (HDF5 File Format Specification 3.0, sections III.A.1 and
 * IV.A.2.i). Called by copy_blocks.c and copy_blocks_header.c. */
#include "btree1.h"
#include "copy_blocks_private.h"

enum
{
  COMPACT,
  CONTIGUOUS,
  CHUNKED,
};

/* See copy_blocks_group.c. A key has a chunk's size, the filters that were left out, and where it lies. */
#define NODE_PREFIX 24

static gsize
key_size (const ExpObjectCopy *object)
{
  return 8 + 8 * object->n_dims;
}

static guint64
node_size (const ExpObjectCopy *object)
{
  return NODE_PREFIX + 2 * object->copy->chunk_k * (key_size (object) + 8) + key_size (object);
}

/* A block to which the address at `bytes` leads, if it leads anywhere. */
static gboolean
move_address (ExpObjectCopy *object, ExpBlockKind kind, guint8 *bytes, guint64 size, GError **error)
{
  guint64 to;

  if (exp_block_u64 (bytes) == G_MAXUINT64)
    return TRUE;
  if (!exp_block_copy_add (object, kind, EXP_BLOCK_ROOT, exp_block_u64 (bytes), size, &to, error))
    return FALSE;
  exp_block_set_u64 (bytes, to);
  return TRUE;
}

gboolean
exp_block_copy_layout (ExpObjectCopy *object, guint8 *bytes, gsize size, GError **error)
{
  if (size < 4 || bytes[0] != 3 || object->is_dataset)
    return exp_block_copy_refuse (error);
  object->is_dataset = TRUE;
  switch (bytes[1])
    {
    case COMPACT:
      return 4 + exp_hdf5_decode_uint (bytes + 2, 2) <= size || exp_block_copy_refuse (error);
    case CONTIGUOUS:
      if (size < 18)
        return exp_block_copy_refuse (error);
      return move_address (object, EXP_BLOCK_DATA, bytes + 2, exp_block_u64 (bytes + 10), error);
    case CHUNKED:
      object->n_dims = bytes[2];
      if (object->n_dims < 2 || object->n_dims > EXP_MAX_RANK + 1 || size < 11 + 4 * object->n_dims)
        return exp_block_copy_refuse (error);
      return move_address (object, EXP_BLOCK_CHUNKS, bytes + 3, node_size (object), error);
    default:
      return exp_block_copy_refuse (error);
    }
}

gboolean
exp_block_copy_chunks (ExpObjectCopy *object, guint i, guint8 *bytes, GError **error)
{
  const ExpMovedBlock block = g_array_index (object->blocks, ExpMovedBlock, i);
  const gsize entry_size = key_size (object) + 8;
  guint level = bytes[5], n = bytes[6] | bytes[7] << 8;

  if (memcmp (bytes, "TREE\1", 5) != 0 || level >= EXP_BTREE1_MAX_DEPTH
      || (block.level != EXP_BLOCK_ROOT && block.level != level) || n > 2 * object->copy->chunk_k)
    return exp_block_copy_refuse (error);
  exp_block_copy_set_siblings (object, i, bytes);
  for (guint k = 0; k < n; k++)
    {
      guint8 *key = bytes + NODE_PREFIX + k * entry_size, *child = key + key_size (object);
      guint64 to;

      if (!(level > 0 ? exp_block_copy_add (object, EXP_BLOCK_CHUNKS, level - 1, exp_block_u64 (child), block.size, &to,
                                            error)
                      : exp_block_copy_add (object, EXP_BLOCK_DATA, 0, exp_block_u64 (child),
                                            exp_hdf5_decode_uint (key, 4), &to, error)))
        return FALSE;
      exp_block_set_u64 (child, to);
    }
  gsize used = NODE_PREFIX + n * entry_size + key_size (object);
  memset (bytes + used, 0, block.size - used);
  return TRUE;
}
