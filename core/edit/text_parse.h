/* A piece of text as cells, by several threads: their number, the lines they make, what they could be, their values.
 * Used by the text edit. */
#pragma once

#include "text_cells.h"

/* What all cells of a text are. */
typedef enum
{
  EXP_TEXT_INTEGERS,
  EXP_TEXT_NUMBERS,
  EXP_TEXT_STRINGS,
} ExpTextKind;

/* What is known of a text that has been looked through from its start. Zeroed to begin with. */
typedef struct
{
  guint64 n_lines;
  guint64 columns; /* leaves of each line; 0: no line yet */
  guint64 current; /* leaves of the line that goes on */
  gboolean is_ragged;
  guint64 ragged_line; /* from 1; one that has another number of leaves than those before */
  ExpTextKind kind;
  gboolean is_no_text; /* bytes that are not UTF-8, or NULs; looked for with the kind */
} ExpTextShape;

typedef struct
{
  const ExpTextCells *cells; /* NULL: only their kind is looked for */
  gboolean splits_tabs;
  guint8 *values;    /* n_leaves / cells->n_leaves cells; NULL: parsed to see whether they can be */
  GPtrArray *memory; /* gets the ExpArrays in which texts and lists of the values live */
} ExpTextParse;

/* The number of leaves in `length` bytes of whole ones. */
guint64 exp_text_count_leaves (const char *text, gsize length, gboolean splits_tabs);

/* Parses a piece of whole leaves, of which the first is number `first_leaf` of its cell, and adds its lines to `shape`.
 * EXP_ERROR_INVALID names line and cell of what cannot be parsed. Text that is not split by tabs has no columns. */
gboolean exp_text_parse (const ExpTextParse *parse, const char *text, gsize length, guint64 first_leaf,
                         ExpTextShape *shape, GError **error);
