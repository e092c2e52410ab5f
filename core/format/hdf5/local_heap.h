/* Local heaps: where a group of the old kind keeps the names of its links.
 * Knows the heap's own bytes (HDF5 File Format Specification 3.0, section III.D); knows no links.
 * Used by symbol_table.c. */
#pragma once

#include "metadata_cache.h"

G_BEGIN_DECLS

/* A reader of one heap, not thread-safe: one for each call that reads. */
typedef struct
{
  ExpMetadataCache *blocks; /* borrowed */
  guint64 address;          /* of the data */
  guint64 size;             /* bytes of it */
  GBytes *page;             /* the page read last */
  guint64 page_at;          /* where in the data it starts */
  GString *joined;          /* a text that goes over the end of a page */
} ExpLocalHeap;

/* Reads the header at `address`. EXP_ERROR_DAMAGED, EXP_ERROR_VERSION. */
gboolean exp_local_heap_open (ExpLocalHeap *heap, ExpMetadataCache *blocks, guint64 address, GError **error);
void exp_local_heap_clear (ExpLocalHeap *heap);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (ExpLocalHeap, exp_local_heap_clear)

/* The text at `offset` of the data, without its NUL `*length` bytes long; borrowed until the next call. NULL with an
 * error when it does not end in the heap, or not for a mebibyte. */
const char *exp_local_heap_text (ExpLocalHeap *heap, guint64 offset, gsize *length, GError **error);

G_END_DECLS
