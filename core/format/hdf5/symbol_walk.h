/* Walks through the links of a group of the old kind, and the places where walks were left.
 * Knows the tree over the symbol table nodes (HDF5 File Format Specification 3.0, section III.A.1), which does not
 * count its links: a walk starts where an earlier one ended. Used by symbol_table.c. */
#pragma once

#include "btree1.h"
#include "symbol_node.h"

G_BEGIN_DECLS

/* A step from the root down: a node of the tree or, as the last, a symbol table node. */
typedef struct
{
  guint64 address;
  guint16 index; /* the child or entry that comes next */
  guint8 above;  /* its level is less than this */
  gboolean is_leaf : 8;
} ExpSymbolStep;

typedef struct
{
  guint64 tree;
  guint64 position; /* links before it */
  guint64 n_nodes;  /* read so far */
  guint64 n_bytes;  /* of names so far */
  guint depth;      /* steps; 0: at the end */
  ExpSymbolStep steps[EXP_BTREE1_MAX_DEPTH + 1];
} ExpSymbolPlace;

/* Before the first link of the tree at `tree`. */
void exp_symbol_place_init (ExpSymbolPlace *place, guint64 tree);

/* A bounded number of places for each file; may be used from several threads at once. */
ExpSymbolPlaces *exp_symbol_places_new (void);
void exp_symbol_places_free (ExpSymbolPlaces *places);
/* Forgets all: the groups have changed. */
void exp_symbol_places_drop_all (ExpSymbolPlaces *places);
/* The last known place that is not past `position`, or the start. */
void exp_symbol_places_take (ExpSymbolPlaces *places, guint64 tree, guint64 position, ExpSymbolPlace *place);
void exp_symbol_places_keep (ExpSymbolPlaces *places, const ExpSymbolPlace *place);

/* FALSE ends the walk behind that entry; with an error it failed. */
typedef gboolean (*ExpSymbolFunc) (ExpSymbols *symbols, const guint8 *entry, const char *name, gsize length,
                                   gpointer data, GError **error);

typedef struct
{
  ExpSymbols *symbols;
  ExpSymbolPlace *place; /* moves along */
  guint64 start;         /* position of the first entry that is wanted */
  ExpSymbolFunc func;
  gpointer data;
} ExpSymbolWalk;

gboolean exp_symbol_walk (ExpSymbolWalk *walk, GError **error);

G_END_DECLS
