/* Symbol table nodes: the links of a group of the old kind, a handful at a time.
 * Knows nodes and their entries (HDF5 File Format Specification 3.0, sections III.B and III.C), and that names lie in a
 * local heap; knows no tree. Used by symbol_table.c and symbol_walk.c. */
#pragma once

#include "links.h"
#include "local_heap.h"

G_BEGIN_DECLS

/* What reading a group's entries takes, not thread-safe: one for each call that reads. */
typedef struct
{
  ExpMetadataCache *blocks; /* borrowed */
  ExpLocalHeap heap;
  guint64 file_size;
  gsize entry_size;
} ExpSymbols;

gboolean exp_symbols_open (ExpSymbols *symbols, ExpHdf5File *file, guint64 heap, GError **error);
void exp_symbols_clear (ExpSymbols *symbols);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (ExpSymbols, exp_symbols_clear)

/* The node at `address`, which has *n entries; a new reference. */
GBytes *exp_symbols_node (const ExpSymbols *symbols, guint64 address, guint *n, GError **error);
const guint8 *exp_symbols_entry (const ExpSymbols *symbols, GBytes *node, guint which);

/* An entry's name, borrowed until the next call for one. */
const char *exp_symbols_name (ExpSymbols *symbols, const guint8 *entry, gsize *length, GError **error);

/* Make a link of an entry: all but its name and value, and all with the name as given. */
void exp_symbols_fill (const ExpSymbols *symbols, const guint8 *entry, ExpHdf5Link *link);
gboolean
exp_symbols_copy (ExpSymbols *symbols, const guint8 *entry, const char *name, ExpHdf5Link *link, GError **error);

G_END_DECLS
