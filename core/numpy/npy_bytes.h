/* The bytes of a dataset as NumPy holds them: C order, compounds packed, text of variable length as UCS-4 of fixed
 * width. Used by formats, the npy and raw views, and edits. */
#pragma once

#include "node/grid.h"

typedef struct
{
  ExpGrid grid;
  gsize cell_size;   /* bytes of a cell as shown; 0 until measured when has_text */
  gboolean is_copy;  /* the array's own bytes are the shown ones */
  gboolean has_text; /* text of variable length inside: its width is found by reading all */
  guint n_columns;
  GMutex lock;
  gboolean is_measured; /* guarded by lock while it becomes true */
  guint *characters;    /* widest text of each plain part, in characters, at least 1; immutable once is_measured */
} ExpNpyBytes;

/* TRUE when the type has bytes of its own or can be given some: no VLEN inside. */
gboolean exp_npy_bytes_applies (const ExpInfo *info);
gboolean exp_npy_bytes_init (ExpNpyBytes *bytes, ExpNode *node, const ExpInfo *info, GError **error);
void exp_npy_bytes_clear (ExpNpyBytes *bytes);
gboolean exp_npy_bytes_measure (ExpNpyBytes *bytes, GError **error);
gboolean exp_npy_bytes_size (ExpNpyBytes *bytes, guint64 *size, GError **error);
gboolean
exp_npy_bytes_pread (ExpNpyBytes *bytes, guint64 offset, gsize length, char *buffer, gsize *n_read, GError **error);
/* As ExpViewClass has it. */
guint exp_npy_bytes_locate (ExpNpyBytes *bytes, guint64 offset, gsize length, ExpRun *runs, guint most);
/* The descr of the NPY header. Caller frees. Measured before. */
char *exp_npy_bytes_descr (ExpNpyBytes *bytes);
/* The whole header that stands in front of them, or of the same in Fortran order. Caller frees. Measured before. */
GString *exp_npy_header_make (ExpNpyBytes *bytes, gboolean is_fortran);
