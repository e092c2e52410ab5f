/* Version 2 B-trees: records of one size in an order of their own.
 * Knows headers and nodes (HDF5 File Format Specification 3.0, section III.A.2), no record's meaning.
 * Used by the readers of chunk indices, groups and heaps. */
#pragma once

#include "metadata_cache.h"

G_BEGIN_DECLS

#define EXP_BTREE2_MAX_DEPTH 16

typedef struct
{
  ExpMetadataCache *blocks; /* borrowed */
  guint type;               /* of its records */
  guint64 node_size, record_size;
  guint depth;
  guint n_records_bytes;                       /* width of a child's number of records */
  guint total_bytes[EXP_BTREE2_MAX_DEPTH + 1]; /* width of a child's total number, by the child's level; 0 for leaves */
  guint64 root, n_root_records;
  guint64 n_records; /* in all of it; no more than a file of that size can hold */
} ExpBtree2;

/* Reads the header at `address`. EXP_ERROR_DAMAGED, EXP_ERROR_CHECKSUM. */
gboolean exp_btree2_open (ExpBtree2 *tree, ExpMetadataCache *blocks, guint64 address, GError **error);

/* How the record (tree->record_size bytes) compares with the one that is sought: less than 0 when it comes before. */
typedef int (*ExpBtree2Compare) (const guint8 *record, gpointer data);

/* Descends to the record for which `compare` says 0, and ends there; whoever wants the record keeps it in `compare`. */
gboolean exp_btree2_find (const ExpBtree2 *tree, ExpBtree2Compare compare, gpointer data, GError **error);

/* FALSE ends the walk. */
typedef gboolean (*ExpBtree2Func) (const guint8 *record, gpointer data);

/* Calls `func` with the records in their order, after the first `skip`, which cost one descent. */
gboolean exp_btree2_walk (const ExpBtree2 *tree, guint64 skip, ExpBtree2Func func, gpointer data, GError **error);

G_END_DECLS
