/* Lists and finds links in symbol tables.
 * Knows how names find their way down the tree; nodes are symbol_node.c's, listings' places symbol_walk.c's.
 * Called by links.c. */
#include "symbol_table.h"
#include "symbol_walk.h"
#include <string.h>

#define MAX_BYTES (4 * 1024 * 1024) /* of the names that are read at once */

typedef struct
{
  GArray *links;
  guint limit;
  gsize n_bytes;
} Batch;

static gboolean
add_entry (ExpSymbols *symbols, const guint8 *entry, const char *name, gsize length, gpointer data, GError **error)
{
  Batch *batch = data;
  ExpHdf5Link link = { .name = g_strndup (name, length) };

  exp_symbols_fill (symbols, entry, &link);
  g_array_append_val (batch->links, link);
  batch->n_bytes += length;
  return batch->links->len < batch->limit && batch->n_bytes < MAX_BYTES;
}

gboolean
exp_symbol_table_read (ExpHdf5File *file, guint64 tree, guint64 heap, guint64 *position, guint limit, GArray *links,
                       gboolean *is_last, GError **error)
{
  g_auto (ExpSymbols) symbols = { 0 };
  Batch batch = { links, limit, 0 };
  const guint before = links->len;
  ExpSymbolPlace place;
  ExpSymbolWalk walk = { &symbols, &place, *position, add_entry, &batch };

  if (!exp_symbols_open (&symbols, file, heap, error))
    return FALSE;
  exp_symbol_places_take (file->places, tree, *position, &place);
  gboolean is_good = exp_symbol_walk (&walk, error);
  *position += links->len - before;
  *is_last = is_good && place.depth == 0;
  if (is_good && place.depth > 0)
    exp_symbol_places_keep (file->places, &place);
  return is_good;
}

/* The child that would hold the name: each key is the last name of the child before it. */
static gboolean
search_node (ExpSymbols *symbols, const ExpBtree1Node *node, const char *name, guint *which, GError **error)
{
  guint low = 0, high = node->n_children;

  while (low < high)
    {
      guint middle = low + (high - low) / 2;
      gsize length;
      const char *last = exp_local_heap_text (
          &symbols->heap, exp_hdf5_decode_uint (exp_btree1_node_key (node, middle + 1), node->key_size), &length,
          error);

      if (last == NULL)
        return FALSE;
      if (strcmp (name, last) <= 0)
        high = middle;
      else
        low = middle + 1;
    }
  *which = low;
  return TRUE;
}

static gboolean
search_symbols (ExpSymbols *symbols, guint64 address, const char *name, ExpHdf5Link *link, GError **error)
{
  guint n;
  g_autoptr (GBytes) node = exp_symbols_node (symbols, address, &n, error);

  if (node == NULL)
    return FALSE;
  for (guint low = 0, high = n; low < high;)
    {
      guint middle = low + (high - low) / 2;
      const guint8 *entry = exp_symbols_entry (symbols, node, middle);
      gsize length;
      const char *found = exp_symbols_name (symbols, entry, &length, error);

      if (found == NULL)
        return FALSE;
      int order = strcmp (name, found);
      if (order == 0)
        return exp_symbols_copy (symbols, entry, name, link, error);
      if (order < 0)
        high = middle;
      else
        low = middle + 1;
    }
  return TRUE;
}

static gboolean
search_tree (ExpSymbols *symbols, guint64 address, const char *name, ExpHdf5Link *link, GError **error)
{
  for (guint above = EXP_BTREE1_MAX_DEPTH; above > 0;)
    {
      g_auto (ExpBtree1Node) node = { 0 };
      guint which;

      if (!exp_btree1_node_read (symbols->blocks, address, EXP_BTREE1_NAMES, symbols->blocks->sizeof_size, above, &node,
                                 error)
          || !search_node (symbols, &node, name, &which, error))
        return FALSE;
      if (which >= node.n_children)
        return TRUE;
      address = exp_btree1_node_child (&node, which);
      above = node.level;
    }
  return search_symbols (symbols, address, name, link, error);
}

typedef struct
{
  const char *name;
  ExpHdf5Link *link;
} Search;

static gboolean
compare_entry (ExpSymbols *symbols, const guint8 *entry, const char *name, gsize length, gpointer data, GError **error)
{
  const Search *search = data;

  if (strcmp (name, search->name) != 0)
    return TRUE;
  exp_symbols_copy (symbols, entry, search->name, search->link, error);
  return FALSE;
}

gboolean
exp_symbol_table_find (ExpHdf5File *file, guint64 tree, guint64 heap, const char *name, ExpHdf5Link *link,
                       GError **error)
{
  g_auto (ExpSymbols) symbols = { 0 };
  Search search = { name, link };
  ExpSymbolPlace place;
  ExpSymbolWalk walk = { &symbols, &place, 0, compare_entry, &search };

  if (!exp_symbols_open (&symbols, file, heap, error) || !search_tree (&symbols, tree, name, link, error))
    return FALSE;
  exp_symbol_place_init (&place, tree);

  /* Names that HDF5 itself would not write were put there by other means, and may not lie in order. */
  return link->name != NULL || !exp_hdf5_name_is_path (name) || exp_symbol_walk (&walk, error);
}
