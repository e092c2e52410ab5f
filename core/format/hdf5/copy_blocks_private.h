/* What the files of copy_blocks share: a walk over the blocks of all objects of a tree, made twice. The first finds out
 * what there is and where it will lie, and writes nothing; the second writes the same blocks in the same order.
 * Knows how blocks are noted and addresses written, no structure. */
#pragma once

#include "copy_blocks.h"
#include "header.h"
#include <string.h>

G_BEGIN_DECLS

typedef struct
{
  guint64 from, to;   /* addresses; `to` and those below count from the start of the copy */
  guint64 tree, heap; /* of a group's copy; 0 for others */
  guint32 n_links;    /* that lead to it within the copy */
  guint32 depth;      /* of groups within each other */
} ExpMovedObject;

typedef enum
{
  EXP_BLOCK_HEADER,
  EXP_BLOCK_CONTINUATION, /* of a header */
  EXP_BLOCK_NAMES,        /* node of a group's tree */
  EXP_BLOCK_SYMBOLS,
  EXP_BLOCK_HEAP,
  EXP_BLOCK_HEAP_DATA,
  EXP_BLOCK_CHUNKS, /* node of a dataset's tree */
  EXP_BLOCK_DATA,   /* as it is */
} ExpBlockKind;

#define EXP_BLOCK_ROOT G_MAXUINT8 /* level of a tree's first node, which tells its level itself */

typedef struct
{
  guint64 from, to, size;
  ExpBlockKind kind : 8;
  guint8 level;
} ExpMovedBlock;

typedef struct _ExpBlockWriter ExpBlockWriter;

typedef struct
{
  ExpHdf5File *file;                 /* the source's */
  guint64 file_size;                 /* of the source, from its base */
  guint internal_k, leaf_k, chunk_k; /* of the trees, in both files: nodes have room for twice as many */
  GArray *objects;                   /* ExpMovedObject, as they are met */
  GHashTable *places;                /* address -> index + 1 in `objects` */
  GArray *extents;                   /* ExpMovedBlock: all blocks; NULL the second time */
  guint64 taken;                     /* bytes of the source so far */
  guint64 position;                  /* of the next block, from the start of the copy */
  guint64 limit;                     /* of `position` */
  guint64 start;                     /* address of the copy; 0 the first time */
  ExpBlockWriter *writer;            /* NULL the first time */
} ExpBlockCopy;

/* One object on the way. */
typedef struct
{
  ExpBlockCopy *copy;
  guint index;    /* in copy->objects */
  GArray *blocks; /* ExpMovedBlock, in the order in which they are read and written */
  guint n_messages, said_messages;
  gboolean is_group, is_dataset, has_space, has_type;
  guint64 heap_data, heap_size; /* of a group, in the source */
  guint64 heap_end;             /* no text of the heap's that ends within starts past this */
  guint n_dims;                 /* of a chunk: one more than the dataset's */
} ExpObjectCopy;

/* What is said where a tree turns out not to be one that can be moved: the first time nobody hears it. FALSE. */
gboolean exp_block_copy_refuse (GError **error);

/* Adds the block of `size` bytes at `from` to those of the object: `*to` is where it goes. */
gboolean exp_block_copy_add (ExpObjectCopy *object, ExpBlockKind kind, guint level, guint64 from, guint64 size,
                             guint64 *to, GError **error);

/* The object at `from`, to which a link of this one leads: borrowed, until the next call. */
ExpMovedObject *exp_block_copy_reach (ExpObjectCopy *object, guint64 from, GError **error);

/* `size` bytes of the source. */
gboolean exp_block_copy_read (ExpBlockCopy *copy, guint64 from, gsize size, guint8 *bytes, GError **error);

/* The neighbours of the node that is block `i`: the nodes before and behind it at the same level, written to where a
 * node has their addresses, as is their absence. */
void exp_block_copy_set_siblings (const ExpObjectCopy *object, guint i, guint8 *bytes);

/* Rewrite the bytes of block `i`, and add the blocks that it leads to. */
gboolean exp_block_copy_header (ExpObjectCopy *object, guint i, guint8 *bytes, GError **error);
gboolean exp_block_copy_names (ExpObjectCopy *object, guint i, guint8 *bytes, GError **error);
gboolean exp_block_copy_symbols (ExpObjectCopy *object, guint i, guint8 *bytes, GError **error);
gboolean exp_block_copy_heap (ExpObjectCopy *object, guint i, guint8 *bytes, GError **error);
gboolean exp_block_copy_heap_data (ExpObjectCopy *object, guint i, guint8 *bytes, GError **error);
gboolean exp_block_copy_chunks (ExpObjectCopy *object, guint i, guint8 *bytes, GError **error);

/* The messages that lead to blocks: rewrite the addresses in them. */
gboolean exp_block_copy_symbol_table (ExpObjectCopy *object, guint8 *bytes, gsize size, GError **error);
gboolean exp_block_copy_layout (ExpObjectCopy *object, guint8 *bytes, gsize size, GError **error);

/* TRUE for all other messages that may stay as they are. */
gboolean exp_block_message_can_move (ExpHdf5File *file, const ExpHdf5Message *message);

/* Writes one block behind the other, from `address` on, each at a multiple of 8, through a buffer of constant size. */
ExpBlockWriter *exp_block_writer_new (ExpSource *target, guint64 address);
void exp_block_writer_free (ExpBlockWriter *writer);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (ExpBlockWriter, exp_block_writer_free)
gboolean exp_block_writer_put (ExpBlockWriter *writer, const guint8 *bytes, gsize size, GError **error);
gboolean
exp_block_writer_copy (ExpBlockWriter *writer, ExpSource *source, guint64 offset, guint64 size, GError **error);
gboolean exp_block_writer_flush (ExpBlockWriter *writer, GError **error);

static inline ExpMovedObject *
exp_block_copy_self (const ExpObjectCopy *object)
{
  return &g_array_index (object->copy->objects, ExpMovedObject, object->index);
}

static inline guint64
exp_block_u64 (const guint8 *bytes)
{
  guint64 value;

  memcpy (&value, bytes, sizeof value);
  return GUINT64_FROM_LE (value);
}

static inline void
exp_block_set_u64 (guint8 *bytes, guint64 value)
{
  value = GUINT64_TO_LE (value);
  memcpy (bytes, &value, sizeof value);
}

G_END_DECLS
