/* Reads symbol table nodes.
 * Knows no tree.
 * Called by symbol_table.c and symbol_walk.c. */
#include "symbol_node.h"

#define GUESS     328 /* a node of the size that the library gives it: 8 entries */
#define SOFT_LINK 2   /* kind of an entry's cache */

void
exp_symbols_clear (ExpSymbols *symbols)
{
  exp_local_heap_clear (&symbols->heap);
}

gboolean
exp_symbols_open (ExpSymbols *symbols, ExpHdf5File *file, guint64 heap, GError **error)
{
  symbols->blocks = file->blocks;
  symbols->entry_size = file->sizeof_size + file->sizeof_address + 4 + 4 + 16;
  return exp_source_size (file->source, &symbols->file_size, error)
         && exp_local_heap_open (&symbols->heap, file->blocks, heap, error);
}

GBytes *
exp_symbols_node (const ExpSymbols *symbols, guint64 address, guint *n, GError **error)
{
  g_autoptr (GBytes) node = exp_metadata_cache_get_start (symbols->blocks, address, 8, GUESS, "SNOD", error);

  if (node == NULL)
    return NULL;

  const guint8 *data = g_bytes_get_data (node, NULL);
  *n = data[6] | data[7] << 8;
  if (data[4] != 1)
    {
      g_set_error (error, EXP_ERROR, EXP_ERROR_VERSION, "a symbol table node of version %u", data[4]);
      return NULL;
    }
  gsize size = 8 + *n * symbols->entry_size;
  return g_bytes_get_size (node) >= size
             ? g_steal_pointer (&node)
             : exp_metadata_cache_get (symbols->blocks, address, size, "SNOD", FALSE, error);
}

const guint8 *
exp_symbols_entry (const ExpSymbols *symbols, GBytes *node, guint which)
{
  return (const guint8 *)g_bytes_get_data (node, NULL) + 8 + which * symbols->entry_size;
}

const char *
exp_symbols_name (ExpSymbols *symbols, const guint8 *entry, gsize *length, GError **error)
{
  return exp_local_heap_text (&symbols->heap, exp_hdf5_decode_uint (entry, symbols->blocks->sizeof_size), length,
                              error);
}

/* The bytes that follow the address: kind of cache, reserved, cache. */
static const guint8 *
cache_of (const ExpSymbols *symbols, const guint8 *entry)
{
  return entry + symbols->blocks->sizeof_size + symbols->blocks->sizeof_address;
}

void
exp_symbols_fill (const ExpSymbols *symbols, const guint8 *entry, ExpHdf5Link *link)
{
  link->type = exp_hdf5_decode_uint (cache_of (symbols, entry), 4) == SOFT_LINK ? H5L_TYPE_SOFT : H5L_TYPE_HARD;
  if (link->type == H5L_TYPE_HARD)
    link->address = exp_hdf5_decode_uint (entry + symbols->blocks->sizeof_size, symbols->blocks->sizeof_address);
}

gboolean
exp_symbols_copy (ExpSymbols *symbols, const guint8 *entry, const char *name, ExpHdf5Link *link, GError **error)
{
  exp_symbols_fill (symbols, entry, link);
  if (link->type == H5L_TYPE_SOFT)
    {
      guint64 offset = exp_hdf5_decode_uint (cache_of (symbols, entry) + 8, 4);
      gsize length;
      const char *value = exp_local_heap_text (&symbols->heap, offset, &length, error);

      if (value == NULL)
        return FALSE;
      link->value = g_strndup (value, length);
      link->value_size = length;
    }
  link->name = g_strdup (name);
  return TRUE;
}
