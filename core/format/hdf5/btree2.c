/* Searches and walks version 2 B-trees.
 * Knows no record's meaning.
 * Called by chunk_btree2.c, dense_links.c and fractal_heap.c. */
#include "btree2.h"

#define NODE_PREFIX   6 /* signature, version, type */
#define CHECKSUM_SIZE 4

typedef struct
{
  GBytes *bytes;
  guint level;
  guint64 n_records;
  const guint8 *records;
  const guint8 *children; /* above the leaves: n_records + 1 pointers */
} Node;

typedef struct
{
  guint64 address, n_records;
  guint64 total; /* below and in it */
} Child;

static guint
bytes_for (guint64 limit)
{
  return exp_log2 (limit) / 8 + 1;
}

/* Bytes of a pointer to a child of that level. */
static guint64
pointer_size (const ExpBtree2 *tree, guint child_level)
{
  return tree->blocks->sizeof_address + tree->n_records_bytes + tree->total_bytes[child_level];
}

static gboolean
measure (ExpBtree2 *tree)
{
  guint64 max_records = (tree->node_size - 10) / tree->record_size, total = max_records;

  tree->n_records_bytes = bytes_for (max_records);
  tree->total_bytes[0] = 0;
  for (guint level = 1; level <= tree->depth; level++)
    {
      guint64 pointer = pointer_size (tree, level - 1);

      if (tree->node_size < 10 + pointer + tree->record_size)
        return FALSE;
      max_records = (tree->node_size - 10 - pointer) / (tree->record_size + pointer);
      if (!g_uint64_checked_mul (&total, total, max_records + 1) || !g_uint64_checked_add (&total, total, max_records))
        return FALSE;
      tree->total_bytes[level] = bytes_for (total);
    }
  return TRUE;
}

gboolean
exp_btree2_open (ExpBtree2 *tree, ExpMetadataCache *blocks, guint64 address, GError **error)
{
  guint64 size = 4 + 2 + 4 + 2 + 2 + 2 + blocks->sizeof_address + 2 + blocks->sizeof_size + CHECKSUM_SIZE, file_size;
  g_autoptr (GBytes) block = exp_metadata_cache_get (blocks, address, size, "BTHD", TRUE, error);

  if (block == NULL || !exp_source_size (blocks->source, &file_size, error))
    return FALSE;

  const guint8 *data = g_bytes_get_data (block, NULL);
  ExpBytesCursor cursor = { data + 5, data + size, FALSE };
  tree->blocks = blocks;
  tree->type = exp_cursor_uint (&cursor, 1);
  tree->node_size = exp_cursor_uint (&cursor, 4);
  tree->record_size = exp_cursor_uint (&cursor, 2);
  tree->depth = exp_cursor_uint (&cursor, 2);
  exp_cursor_skip (&cursor, 2);
  tree->root = exp_cursor_address (&cursor, blocks->sizeof_address);
  tree->n_root_records = exp_cursor_uint (&cursor, 2);
  tree->n_records = exp_cursor_uint (&cursor, blocks->sizeof_size);
  if (data[4] != 0 || tree->record_size == 0 || tree->node_size < 10 + tree->record_size
      || tree->depth > EXP_BTREE2_MAX_DEPTH || !measure (tree) || tree->n_records > file_size / tree->record_size)
    return exp_metadata_cache_damaged (blocks, "the header of its tree", error);
  return TRUE;
}

static gboolean
read_node (const ExpBtree2 *tree, const Child *at, guint level, Node *node, GError **error)
{
  const guint64 pointers = level == 0 ? 0 : (at->n_records + 1) * pointer_size (tree, level - 1);
  const guint64 used = NODE_PREFIX + at->n_records * tree->record_size + pointers + CHECKSUM_SIZE;

  if (used > tree->node_size)
    return exp_metadata_cache_damaged (tree->blocks, "a node of its tree is overfull", error);
  node->bytes = exp_metadata_cache_get (tree->blocks, at->address, used, level == 0 ? "BTLF" : "BTIN", TRUE, error);
  if (node->bytes == NULL)
    return FALSE;
  node->level = level;
  node->n_records = at->n_records;
  node->records = (const guint8 *)g_bytes_get_data (node->bytes, NULL) + NODE_PREFIX;
  node->children = node->records + at->n_records * tree->record_size;
  return TRUE;
}

static Child
read_child (const ExpBtree2 *tree, const Node *node, guint64 which)
{
  const guint64 size = pointer_size (tree, node->level - 1);
  const guint8 *at = node->children + which * size;
  ExpBytesCursor cursor = { at, at + size, FALSE };
  Child child;

  child.address = exp_cursor_address (&cursor, tree->blocks->sizeof_address);
  child.n_records = exp_cursor_uint (&cursor, tree->n_records_bytes);
  child.total = node->level > 1 ? exp_cursor_uint (&cursor, tree->total_bytes[node->level - 1]) : child.n_records;
  return child;
}

/* TRUE when it is among the node's own records; else *position is the number of records before it. */
static gboolean
search_node (const ExpBtree2 *tree, const Node *node, ExpBtree2Compare compare, gpointer data, guint64 *position)
{
  guint64 low = 0, high = node->n_records;

  while (low < high)
    {
      guint64 middle = low + (high - low) / 2;
      int order = compare (node->records + middle * tree->record_size, data);

      if (order == 0)
        return TRUE;
      if (order < 0)
        low = middle + 1;
      else
        high = middle;
    }
  *position = low;
  return FALSE;
}

gboolean
exp_btree2_find (const ExpBtree2 *tree, ExpBtree2Compare compare, gpointer data, GError **error)
{
  Child at = { tree->root, tree->n_root_records, tree->n_records };

  for (guint level = tree->depth; at.address != EXP_NO_ADDRESS; level--)
    {
      Node node;
      guint64 position;

      if (!read_node (tree, &at, level, &node, error))
        return FALSE;
      gboolean is_over = search_node (tree, &node, compare, data, &position) || level == 0;
      if (!is_over)
        at = read_child (tree, &node, position);
      g_bytes_unref (node.bytes);
      if (is_over)
        return TRUE;
    }
  return TRUE;
}

typedef struct
{
  const ExpBtree2 *tree;
  guint64 skip;
  ExpBtree2Func func;
  gpointer data;
  gboolean is_over;
} Walk;

static void
visit (Walk *walk, const Node *node, guint64 which)
{
  if (walk->skip > 0)
    walk->skip--;
  else
    walk->is_over = !walk->func (node->records + which * walk->tree->record_size, walk->data);
}

/* The totals must add up: what is passed over is what would have been walked. */
static gboolean
adds_up (const Walk *walk, const Node *node, guint64 total)
{
  guint64 sum = node->n_records;

  for (guint64 i = 0; node->level > 0 && i <= node->n_records; i++)
    if (!g_uint64_checked_add (&sum, sum, read_child (walk->tree, node, i).total))
      return FALSE;
  return sum == total;
}

static gboolean walk_child (Walk *walk, const Child *child, guint level, GError **error);

static gboolean
walk_node (Walk *walk, const Node *node, GError **error)
{
  for (guint64 i = 0; !walk->is_over && (node->level > 0 ? i <= node->n_records : i < node->n_records); i++)
    {
      if (node->level > 0)
        {
          Child child = read_child (walk->tree, node, i);

          if (!walk_child (walk, &child, node->level - 1, error))
            return FALSE;
        }
      if (i < node->n_records && !walk->is_over)
        visit (walk, node, i);
    }
  return TRUE;
}

static gboolean
walk_child (Walk *walk, const Child *child, guint level, GError **error)
{
  Node node;

  if (child->total <= walk->skip)
    {
      walk->skip -= child->total;
      return TRUE;
    }
  if (!read_node (walk->tree, child, level, &node, error))
    return FALSE;
  gboolean is_good = adds_up (walk, &node, child->total)
                         ? walk_node (walk, &node, error)
                         : exp_metadata_cache_damaged (walk->tree->blocks, "its tree miscounts its records", error);
  g_bytes_unref (node.bytes);
  return is_good;
}

gboolean
exp_btree2_walk (const ExpBtree2 *tree, guint64 skip, ExpBtree2Func func, gpointer data, GError **error)
{
  Walk walk = { .tree = tree, .skip = skip, .func = func, .data = data };
  const Child root = { tree->root, tree->n_root_records, tree->n_records };

  return walk_child (&walk, &root, tree->depth, error);
}
