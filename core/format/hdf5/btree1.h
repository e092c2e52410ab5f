/* Nodes of version 1 B-trees.
 * Knows how a node lies (HDF5 File Format Specification 3.0, section III.A.1), no key's meaning.
 * Used by the readers of chunk indices and groups. */
#pragma once

#include "metadata_cache.h"

G_BEGIN_DECLS

/* Deeper than any tree that fits a file; a hostile one that points at itself ends here. */
#define EXP_BTREE1_MAX_DEPTH 32

typedef enum
{
  EXP_BTREE1_NAMES,
  EXP_BTREE1_CHUNKS,
} ExpBtree1Type;

typedef struct
{
  guint level; /* 0: its children are no nodes of the tree */
  guint n_children;
  const guint8 *keys;  /* n_children + 1, a child's address behind each but the last */
  gsize entry_size;    /* from one key to the next */
  gsize key_size;      /* bytes */
  guint address_width; /* bytes */
  GBytes *bytes;       /* owned */
} ExpBtree1Node;

void exp_btree1_node_clear (ExpBtree1Node *node);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (ExpBtree1Node, exp_btree1_node_clear)

/* Reads the node at `address`, which must be below level `above`: no tree that only descends is without end.
 * EXP_ERROR_DAMAGED. */
gboolean exp_btree1_node_read (ExpMetadataCache *blocks, guint64 address, ExpBtree1Type type, gsize key_size,
                               guint above, ExpBtree1Node *node, GError **error);

/* `which` is at most n_children; for children below that. */
const guint8 *exp_btree1_node_key (const ExpBtree1Node *node, guint which);
guint64 exp_btree1_node_child (const ExpBtree1Node *node, guint which);

G_END_DECLS
