/* Moves what groups with a symbol table consist of: a tree, its nodes of symbols, and the heap of their names.
 * Knows them as the library makes them (HDF5 File Format Specification 3.0, sections III.A.1, III.B, III.C, III.D).
 * Called by copy_blocks.c and copy_blocks_header.c. */
#include "btree1.h"
#include "copy_blocks_private.h"

/* A node: signature, kind, level, number of children; two siblings; then keys and children by turns. */
#define NODE_PREFIX 24
#define NODE_ENTRY  16

/* A node of symbols: signature, version, number; then for each where its name is, an address, a kind of cache and the
 * cache. */
#define SYMBOLS_PREFIX 8
#define SYMBOLS_ENTRY  40
#define CACHE_KIND     16
#define CACHE          24

enum
{
  CACHE_NOTHING,
  CACHE_GROUP,     /* addresses of its tree and heap */
  CACHE_SOFT_LINK, /* where in the heap its value is */
};

/* A heap: signature, version; the size of its data, where the first free ones are, their address. */
#define HEAP_SIZE 32

gboolean
exp_block_copy_symbol_table (ExpObjectCopy *object, guint8 *bytes, gsize size, GError **error)
{
  ExpBlockCopy *copy = object->copy;
  guint8 head[HEAP_SIZE];
  guint64 tree, heap, data;

  if (size < 16 || object->is_group)
    return exp_block_copy_refuse (error);
  object->is_group = TRUE;
  /* The heap comes first, so that what is known of it is known when the names in it are looked at. */
  if (!exp_block_copy_read (copy, exp_block_u64 (bytes + 8), sizeof head, head, error))
    return FALSE;
  object->heap_size = exp_block_u64 (head + 8);
  object->heap_data = exp_block_u64 (head + 24);
  if (!exp_block_copy_add (object, EXP_BLOCK_HEAP, 0, exp_block_u64 (bytes + 8), HEAP_SIZE, &heap, error)
      || !exp_block_copy_add (object, EXP_BLOCK_HEAP_DATA, 0, object->heap_data, object->heap_size, &data, error)
      || !exp_block_copy_add (object, EXP_BLOCK_NAMES, EXP_BLOCK_ROOT, exp_block_u64 (bytes),
                              NODE_PREFIX + 2 * copy->internal_k * NODE_ENTRY + 8, &tree, error))
    return FALSE;
  exp_block_copy_self (object)->tree = tree - copy->start;
  exp_block_copy_self (object)->heap = heap - copy->start;
  exp_block_set_u64 (bytes, tree);
  exp_block_set_u64 (bytes + 8, heap);
  return TRUE;
}

gboolean
exp_block_copy_heap (ExpObjectCopy *object, guint i, guint8 *bytes, GError **error)
{
  /* The data follow it in the copy. */
  const ExpMovedBlock *data = &g_array_index (object->blocks, ExpMovedBlock, i + 1);

  if (memcmp (bytes, "HEAP\0", 5) != 0 || exp_block_u64 (bytes + 8) != object->heap_size
      || exp_block_u64 (bytes + 24) != object->heap_data)
    return exp_block_copy_refuse (error);
  exp_block_set_u64 (bytes + 24, data->to);
  return TRUE;
}

gboolean
exp_block_copy_heap_data (ExpObjectCopy *object, guint i, guint8 *bytes, GError **error)
{
  const guint8 *last = memrchr (bytes, '\0', object->heap_size);

  if (last == NULL)
    return exp_block_copy_refuse (error);
  object->heap_end = last - bytes;
  return TRUE;
}

gboolean
exp_block_copy_names (ExpObjectCopy *object, guint i, guint8 *bytes, GError **error)
{
  const ExpMovedBlock block = g_array_index (object->blocks, ExpMovedBlock, i);
  guint level = bytes[5], n = bytes[6] | bytes[7] << 8;
  const guint64 symbols_size = SYMBOLS_PREFIX + 2 * object->copy->leaf_k * SYMBOLS_ENTRY;

  if (memcmp (bytes, "TREE\0", 5) != 0 || level >= EXP_BTREE1_MAX_DEPTH
      || (block.level != EXP_BLOCK_ROOT && block.level != level) || n > 2 * object->copy->internal_k)
    return exp_block_copy_refuse (error);
  exp_block_copy_set_siblings (object, i, bytes);
  for (guint k = 0; k <= n; k++)
    {
      guint8 *entry = bytes + NODE_PREFIX + k * NODE_ENTRY;
      guint64 to;

      if (exp_block_u64 (entry) > object->heap_end)
        return exp_block_copy_refuse (error);
      if (k == n)
        break;
      if (!(level > 0 ? exp_block_copy_add (object, EXP_BLOCK_NAMES, level - 1, exp_block_u64 (entry + 8), block.size,
                                            &to, error)
                      : exp_block_copy_add (object, EXP_BLOCK_SYMBOLS, 0, exp_block_u64 (entry + 8), symbols_size, &to,
                                            error)))
        return FALSE;
      exp_block_set_u64 (entry + 8, to);
    }
  gsize used = NODE_PREFIX + n * NODE_ENTRY + 8;
  memset (bytes + used, 0, block.size - used);
  return TRUE;
}

static gboolean
move_symbol (ExpObjectCopy *object, guint8 *entry, GError **error)
{
  guint64 kind = exp_hdf5_decode_uint (entry + CACHE_KIND, 4), start = object->copy->start;

  if (exp_block_u64 (entry) > object->heap_end || kind > CACHE_SOFT_LINK)
    return exp_block_copy_refuse (error);
  if (kind == CACHE_SOFT_LINK)
    return exp_hdf5_decode_uint (entry + CACHE, 4) <= object->heap_end || exp_block_copy_refuse (error);

  const ExpMovedObject *target = exp_block_copy_reach (object, exp_block_u64 (entry + 8), error);
  if (target == NULL)
    return FALSE;
  exp_block_set_u64 (entry + 8, start + target->to);
  memset (entry + CACHE_KIND, 0, SYMBOLS_ENTRY - CACHE_KIND);
  if (kind == CACHE_GROUP && target->tree != 0)
    {
      entry[CACHE_KIND] = CACHE_GROUP;
      exp_block_set_u64 (entry + CACHE, start + target->tree);
      exp_block_set_u64 (entry + CACHE + 8, start + target->heap);
    }
  return TRUE;
}

gboolean
exp_block_copy_symbols (ExpObjectCopy *object, guint i, guint8 *bytes, GError **error)
{
  guint n = bytes[6] | bytes[7] << 8;

  if (memcmp (bytes, "SNOD\1", 5) != 0 || n > 2 * object->copy->leaf_k)
    return exp_block_copy_refuse (error);
  for (guint k = 0; k < n; k++)
    if (!move_symbol (object, bytes + SYMBOLS_PREFIX + k * SYMBOLS_ENTRY, error))
      return FALSE;
  gsize used = SYMBOLS_PREFIX + n * SYMBOLS_ENTRY;
  memset (bytes + used, 0, g_array_index (object->blocks, ExpMovedBlock, i).size - used);
  return TRUE;
}
