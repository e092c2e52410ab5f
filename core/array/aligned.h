/* Many numbers at once as right-aligned text in fields of one width: one loop per type. Used by core/view. */
#pragma once

#include "expfs/dtype.h"

G_BEGIN_DECLS

/* Bytes behind the last field that may be overwritten, since digits are stored in steps of fixed lengths. */
#define EXP_ALIGNED_SLACK 64

/* Cells in memory, and fields in a text. */
typedef struct
{
  const ExpDtype *dtype; /* a type that exp_dtype_is_numeric */
  const guint8 *cells;
  gsize step; /* bytes from one cell to the next */
  gsize n;
  gsize width;    /* of a field in bytes */
  char separator; /* the byte that follows each */
  char *text;     /* fields and separators lie width + 1 bytes apart */
} ExpAligned;

/* FALSE when a number is wider than its field, or for want of memory. Fields are written from the first to the last, so
 * that what is overwritten behind one is the next one's place. */
typedef gboolean (*ExpAlignFunc) (const ExpAligned *aligned);

/* The loop for a type. */
ExpAlignFunc exp_align_func (const ExpDtype *dtype);

G_END_DECLS
