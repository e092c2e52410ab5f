/* Fractal heaps: where a group of the new kind keeps its links, and an object its attributes, once they are many.
 * Knows headers, blocks and the three kinds of objects (HDF5 File Format Specification 3.0, section III.G); knows
 * neither links nor attributes. Heaps with filters are left to the library.
 * Used by dense_links.c. */
#pragma once

#include "metadata_cache.h"

G_BEGIN_DECLS

typedef struct
{
  ExpMetadataCache *blocks; /* borrowed */
  guint64 address;          /* of the header */
  guint id_length;          /* bytes of an object's identifier */
  gboolean has_checksums;
  guint64 max_managed; /* bytes of the largest object that lies in a block */
  guint64 huge_tree;   /* index of the objects that do not */
  guint64 width;       /* blocks in a row */
  guint64 start_size;  /* bytes of a block of the first two rows; each further row has blocks twice as large */
  guint n_direct_rows; /* whose blocks hold objects; the others' hold blocks */
  guint max_bits;      /* of an offset in the heap */
  guint offset_bytes, length_bytes;
  guint64 root;
  guint n_root_rows; /* 0: the root is a block of objects */
} ExpFractalHeap;

/* Reads the header at `address`. EXP_ERROR_DAMAGED, EXP_ERROR_CHECKSUM; EXP_ERROR_UNSUPPORTED for one with filters,
 * EXP_ERROR_VERSION for an unknown one. */
gboolean exp_fractal_heap_open (ExpFractalHeap *heap, ExpMetadataCache *blocks, guint64 address, GError **error);

/* The object that the heap->id_length bytes of `id` name: its bytes, a new reference. */
GBytes *exp_fractal_heap_get (const ExpFractalHeap *heap, const guint8 *id, GError **error);

/* Where in the heap the object lies, as something to sort by; and its size in bytes, or the most that
 * it may have where the identifier does not say. */
guint64 exp_fractal_heap_place (const ExpFractalHeap *heap, const guint8 *id, guint64 *size);

G_END_DECLS
