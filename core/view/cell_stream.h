/* Text that is a prefix, one piece per cell and a suffix, where pieces vary in length: csv, json, ndjson and text with
 * strings. A sparse index of the text's offsets is built on first need, by several threads, and kept with the view.
 * Used by core/view only. */
#pragma once

#include "node/grid.h"

typedef struct _ExpCellStream ExpCellStream;

/* Appends the pieces of `n` cells, from number `first` on, separators included. Called from several threads. */
typedef void (*ExpCellRenderFunc) (const ExpGrid *grid, guint64 first, gsize n, const guint8 *cells, gpointer data,
                                   GString *out);

/* The length of what is rendered of these cells, where it is known without; FALSE where it is not. The same. */
typedef gboolean (*ExpCellMeasureFunc) (const ExpGrid *grid, guint64 first, gsize n, guint64 *length);

/* Blocks whose text is kept after a read: those in which it began or ended, and where others go on. */
#define EXP_KEPT_BLOCKS 2

struct _ExpCellStream
{
  ExpGrid grid;             /* owned */
  GString *prefix, *suffix; /* owned */
  ExpCellRenderFunc render;
  ExpCellMeasureFunc measure; /* NULL: what is rendered tells; to be set before the first size or pread */
  gpointer data;              /* borrowed, for render */

  GMutex lock; /* guards the making of the index, and the blocks kept */
  gboolean is_indexed;
  guint64 cells_per_block;
  guint64 n_blocks;
  guint64 *offsets; /* n_blocks + 1; immutable once is_indexed */
  guint64 n_known;  /* blocks whose offsets another stream has measured: the first n_known + 1 offsets are there */
  GString **made;   /* n_blocks: texts that the index was made from, each until it is read; NULL: none */
  struct
  {
    guint64 block;
    GString *text; /* NULL: none */
  } kept[EXP_KEPT_BLOCKS];
  guint next_kept; /* the one to be replaced */
};

/* Takes over nothing but what it copies; prefix and suffix may be appended to until the first size or pread. */
gboolean exp_cell_stream_init (ExpCellStream *stream, ExpNode *node, const ExpInfo *info, ExpCellRenderFunc render,
                               gpointer data, GError **error);
void exp_cell_stream_clear (ExpCellStream *stream);
/* What `old` has measured, whose cells are the first ones of this stream, with the same text: to be called before
 * others have the stream. */
void exp_cell_stream_continue (ExpCellStream *stream, ExpCellStream *old);
gboolean exp_cell_stream_size (ExpCellStream *stream, guint64 *size, GError **error);
gboolean exp_cell_stream_pread (ExpCellStream *stream, guint64 offset, gsize length, char *buffer, gsize *n_read,
                                GError **error);
