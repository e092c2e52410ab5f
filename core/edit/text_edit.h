/* The state of a text that is being written. Used by text.c, text_rows.c and text_shape.c. */
#pragma once

#include "edit_private.h"
#include "text_store.h"

/* Of ExpTextEdit.stored: the text is not that of the dataset's rows. */
#define EXP_TEXT_ALL_NEW G_MAXUINT64

typedef struct
{
  ExpEdit base;
  gboolean is_compact;
  gboolean is_inferred; /* there was no type when the edit began: the text decides it, each time it is stored */
  ExpTextCells *cells;  /* of the dataset that is there; NULL while there is none */
  ExpPending pending;   /* the file, over the view that the dataset had; not there before has_file */
  gboolean has_file;
  gboolean is_changed;
  gboolean is_positioned; /* somebody writes at offsets of his own, so that these must keep their meaning */
  gboolean has_appended;
  guint64 stored;                /* text before is that of the dataset's rows, or EXP_TEXT_ALL_NEW */
  guint64 dirty_from, dirty_end; /* what was written since */
  ExpTextScan scan;              /* of what comes behind `stored`, or of all */
  gboolean has_scan;
  gboolean is_incomplete; /* why the last store failed: more lines would make it right */
  gboolean is_no_text;    /* or where the text decides the type: it is none */
} ExpTextEdit;

/* What the lines of a text make of a dataset. */
typedef struct
{
  guint rank;
  guint64 shape[EXP_MAX_RANK];
} ExpTextExtent;

/* Leaves that each line must have; 0: whatever the first line has. `is_fresh`: the text is all of the dataset's. */
guint64 exp_text_leaves_per_line (const ExpTextEdit *self, gboolean is_fresh);
/* EXP_ERROR_INVALID when lines differ in length, or have another one than they must. */
gboolean exp_text_check_lines (const ExpTextEdit *self, const ExpTextShape *shape, gboolean is_fresh, GError **error);
/* TRUE when each line may be one string, tabs included. */
gboolean exp_text_takes_lines (const ExpTextEdit *self);
/* The shape that a whole text gives the dataset; EXP_ERROR_INVALID when its lines make no whole rows. */
gboolean exp_text_fresh_extent (ExpTextEdit *self, const ExpTextShape *shape, ExpTextExtent *extent, GError **error);
/* Rows of the first axis that further lines make. */
gboolean exp_text_added_rows (ExpTextEdit *self, const ExpTextShape *shape, guint64 *n_rows, GError **error);
/* TRUE when such a text is a single number. */
gboolean exp_text_is_one_number (const ExpTextShape *shape);
/* A text of this shape where there was no type. A new reference. */
ExpDtype *exp_text_infer (const ExpTextShape *shape, gboolean *splits_tabs);

/* FALSE for a text that cannot be stored where there is no type yet. */
gboolean exp_text_rows_check (ExpTextEdit *self, GError **error);
/* All that waits becomes elements. */
gboolean exp_text_rows_store (ExpTextEdit *self, gboolean is_last, GError **error);
