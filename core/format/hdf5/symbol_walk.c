/* Walks through symbol tables, and remembers where walks were left.
 * Knows what no tree can be: one without end.
 * Called by symbol_table.c. */
#include "symbol_walk.h"
#include <string.h>

#define MAX_PLACES 64

struct _ExpSymbolPlaces
{
  GMutex lock;
  GQueue places; /* ExpSymbolPlace, the latest first */
};

void
exp_symbol_place_init (ExpSymbolPlace *place, guint64 tree)
{
  memset (place, 0, sizeof *place);
  place->tree = tree;
  place->depth = 1;
  place->steps[0] = (ExpSymbolStep){ .address = tree, .above = EXP_BTREE1_MAX_DEPTH };
}

ExpSymbolPlaces *
exp_symbol_places_new (void)
{
  ExpSymbolPlaces *places = g_new0 (ExpSymbolPlaces, 1);

  g_mutex_init (&places->lock);
  return places;
}

void
exp_symbol_places_free (ExpSymbolPlaces *places)
{
  if (places == NULL)
    return;
  g_queue_clear_full (&places->places, g_free);
  g_mutex_clear (&places->lock);
  g_free (places);
}

void
exp_symbol_places_drop_all (ExpSymbolPlaces *places)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&places->lock);

  g_queue_clear_full (&places->places, g_free);
}

void
exp_symbol_places_take (ExpSymbolPlaces *places, guint64 tree, guint64 position, ExpSymbolPlace *place)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&places->lock);

  exp_symbol_place_init (place, tree);
  for (GList *at = position > 0 ? places->places.head : NULL; at != NULL; at = at->next)
    {
      const ExpSymbolPlace *known = at->data;

      if (known->tree == tree && known->position <= position && known->position > place->position)
        *place = *known;
    }
}

void
exp_symbol_places_keep (ExpSymbolPlaces *places, const ExpSymbolPlace *place)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&places->lock);

  for (GList *at = places->places.head; at != NULL; at = at->next)
    {
      const ExpSymbolPlace *known = at->data;

      if (known->tree == place->tree && known->position == place->position)
        {
          g_queue_unlink (&places->places, at);
          g_queue_push_head_link (&places->places, at);
          return;
        }
    }
  g_queue_push_head (&places->places, g_memdup2 (place, sizeof *place));
  if (places->places.length > MAX_PLACES)
    g_free (g_queue_pop_tail (&places->places));
}

/* The least node of the tree: no file has more than that of its size makes room for. */
static guint64
least_node (const ExpSymbols *symbols)
{
  return 8 + 2 * symbols->blocks->sizeof_address;
}

/* To the next child of the node of the tree at the end of the place, or out of it. */
static gboolean
step_down (ExpSymbolWalk *walk, GError **error)
{
  ExpSymbolPlace *place = walk->place;
  ExpSymbolStep *step = &place->steps[place->depth - 1];
  g_auto (ExpBtree1Node) node = { 0 };

  if (step->index == 0 && place->n_nodes++ > walk->symbols->file_size / least_node (walk->symbols))
    return exp_metadata_cache_damaged (walk->symbols->blocks, "its tree leads back to itself", error);
  if (!exp_btree1_node_read (walk->symbols->blocks, step->address, EXP_BTREE1_NAMES, walk->symbols->blocks->sizeof_size,
                             step->above, &node, error))
    return FALSE;
  if (step->index >= node.n_children)
    place->depth--;
  else
    place->steps[place->depth++]
        = (ExpSymbolStep){ exp_btree1_node_child (&node, step->index++), 0, node.level, node.level == 0 };
  return TRUE;
}

/* Through the rest of the symbol node at the end of the place, and out of it unless the walk ends before. */
static gboolean
step_over (ExpSymbolWalk *walk, gboolean *goes_on, GError **error)
{
  ExpSymbolPlace *place = walk->place;
  ExpSymbols *symbols = walk->symbols;
  ExpSymbolStep *step = &place->steps[place->depth - 1];
  guint n;
  g_autoptr (GBytes) node = exp_symbols_node (symbols, step->address, &n, error);

  if (node == NULL)
    return FALSE;
  if (step->index == 0
      && (place->n_nodes++ > symbols->file_size / least_node (symbols)
          || place->position > symbols->file_size / symbols->entry_size))
    return exp_metadata_cache_damaged (symbols->blocks, "its tree leads back to itself", error);
  if (place->position < walk->start)
    {
      guint skipped = MIN (walk->start - place->position, n - MIN (step->index, n));

      step->index += skipped;
      place->position += skipped;
    }
  while (step->index < n && *goes_on)
    {
      g_autoptr (GError) local = NULL;
      const guint8 *entry = exp_symbols_entry (symbols, node, step->index);
      gsize length;
      const char *name = exp_symbols_name (symbols, entry, &length, error);

      if (name == NULL)
        return FALSE;
      place->n_bytes += length + 1;
      if (place->n_bytes > symbols->heap.size)
        return exp_metadata_cache_damaged (symbols->blocks, "its names do not fit its heap", error);
      *goes_on = walk->func (symbols, entry, name, length, walk->data, &local);
      if (local != NULL)
        {
          g_propagate_error (error, g_steal_pointer (&local));
          return FALSE;
        }
      step->index++;
      place->position++;
    }
  if (step->index >= n)
    place->depth--;
  return TRUE;
}

gboolean
exp_symbol_walk (ExpSymbolWalk *walk, GError **error)
{
  gboolean goes_on = TRUE;

  while (goes_on && walk->place->depth > 0)
    {
      const ExpSymbolPlace *place = walk->place;

      if (!(place->steps[place->depth - 1].is_leaf ? step_over (walk, &goes_on, error) : step_down (walk, error)))
        return FALSE;
    }
  return TRUE;
}
