/* A cell's plain parts in the order of the text's columns, and their parsing. Used by the text edit and attributes. */
#pragma once

#include "array/read.h"
#include "expfs/node.h"

typedef struct
{
  const ExpDtype *dtype; /* borrowed from the cell's */
  gsize offset;          /* in the cell */
  ExpReadFunc read;      /* NULL: exp_text_parse_leaf */
  gboolean is_padded;    /* blanks around it mean nothing */
} ExpTextLeaf;

typedef struct
{
  ExpDtype *dtype; /* owned; of a cell */
  guint n_leaves;
  ExpTextLeaf *leaves;
} ExpTextCells;

/* EXP_ERROR_UNSUPPORTED for types whose text does not tell the value: lists in lists, and more columns than there is
 * use for. */
ExpTextCells *exp_text_cells_new (ExpDtype *cell, GError **error);
void exp_text_cells_free (ExpTextCells *cells);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (ExpTextCells, exp_text_cells_free)

/* Where texts and lists of cells live: a stretch of memory as long as the text that is parsed, and more for lists. */
typedef struct
{
  char *at;            /* room for the bytes of strings */
  ExpArray *heap;      /* for lists */
  gboolean is_in_list; /* blanks are escaped */
} ExpTextRoom;

/* The text of one part into its cell, blanks and escapes undone. FALSE when it is no such value. */
gboolean exp_text_parse_leaf (const ExpTextLeaf *leaf, const char *text, gsize length, guint8 *cell, ExpTextRoom *room);
