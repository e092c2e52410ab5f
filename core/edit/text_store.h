/* Text that waits, looked through and then made elements of a dataset. Used by the text edit. */
#pragma once

#include "pending.h"
#include "target.h"
#include "text_parse.h"

/* A stretch of text, looked through as far as `at`. */
typedef struct
{
  guint64 start, at;
  const ExpTextCells *cells; /* NULL: only its kind is looked for */
  gboolean splits_tabs;
  ExpTextShape shape;
} ExpTextScan;

void exp_text_scan_init (ExpTextScan *scan, guint64 start, const ExpTextCells *cells, gboolean splits_tabs);
/* On to `end`. EXP_ERROR_INVALID as exp_text_parse; then the scan is as it was. */
gboolean exp_text_scan_advance (ExpTextScan *scan, ExpPending *pending, guint64 end, GError **error);

/* The one element of a text that has no more. NULL with EXP_ERROR_INVALID for one that is none. */
ExpArray *exp_text_read_one (const ExpTextCells *cells, ExpPending *pending, GError **error);
/* The text start ... end - 1 as elements first, first + 1, ... of the target's dataset, which must be there and as many
 * as the text has. */
gboolean exp_text_store (ExpTarget *target, const ExpTextCells *cells, guint64 first, ExpPending *pending,
                         guint64 start, guint64 end, gboolean splits_tabs, GError **error);
