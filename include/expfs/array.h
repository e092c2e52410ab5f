/* Arrays in memory and hyperslabs: what a node's read fills and a view renders. C order throughout.
 * Knows no file format. Callers: formats, filters, views. */
#pragma once

#include "expfs/dtype.h"

G_BEGIN_DECLS

/* A regular selection out of a dataset: along axis k the indices start[k] + i * step[k] for i < count[k].
 * step >= 1; a count of 0 selects nothing. Rank 0 selects the one element of a scalar. */
typedef struct
{
  guint rank;
  guint64 start[EXP_MAX_RANK];
  guint64 count[EXP_MAX_RANK];
  guint64 step[EXP_MAX_RANK];
} ExpSlab;

/* Selects all of `shape`. */
void exp_slab_init_all (ExpSlab *slab, guint rank, const guint64 *shape);

/* Number of elements selected; FALSE on overflow of gsize. */
gboolean exp_slab_count (const ExpSlab *slab, gsize *n_elements);

/* EXP_ERROR_INVALID unless the slab lies inside `shape`. */
gboolean exp_slab_check (const ExpSlab *slab, guint rank, const guint64 *shape, GError **error);

typedef struct _ExpArray ExpArray;

/* An array in memory: n_elements * dtype->size bytes at `data`, C order, and the heap that its ExpVlen cells point
 * into. Written by whoever made it, then shared read-only by reference counting. */
struct _ExpArray
{
  gatomicrefcount references;
  ExpDtype *dtype; /* owned */
  guint rank;
  guint64 shape[EXP_MAX_RANK];
  gsize n_elements;
  guint8 *data;               /* zeroed when made; NULL when it has no bytes */
  GPtrArray *heap;            /* blocks of exp_array_allocate; NULL while there are none */
  gsize heap_used, heap_size; /* of the last block */
};

/* A zeroed array; takes a reference of its own on dtype. EXP_ERROR_NO_MEMORY or EXP_ERROR_TOO_LARGE instead of an
 * abort, so sizes may come straight from a file. */
ExpArray *exp_array_new (ExpDtype *dtype, guint rank, const guint64 *shape, GError **error);
ExpArray *exp_array_new_for_slab (ExpDtype *dtype, const ExpSlab *slab, GError **error);

/* A scalar VSTRING (UTF-8), and a 1-D one of n strings; for values that a format makes up. */
ExpArray *exp_array_new_text (const char *text);
ExpArray *exp_array_new_texts (gsize n, const char *const *texts);
/* Scalars in native byte order. */
ExpArray *exp_array_new_int (gint64 value);
ExpArray *exp_array_new_float (double value);
ExpArray *exp_array_new_bool (gboolean value);

ExpArray *exp_array_ref (ExpArray *array);
void exp_array_unref (ExpArray *array);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (ExpArray, exp_array_unref)

/* Zeroed memory that lives as long as the array, aligned for any cell; NULL when there is none. Not thread-safe. */
gpointer exp_array_allocate (ExpArray *array, gsize size);

/* Copies what the array's ExpVlen cells point to, at any depth, into the array's own heap: for cells copied bytewise
 * out of another array. EXP_ERROR_NO_MEMORY. */
gboolean exp_array_own_cells (ExpArray *array, GError **error);

/* The bytes of a text cell (STRING without its padding, VSTRING, REFERENCE); borrowed, not terminated. */
const char *exp_cell_text (const ExpDtype *dtype, const guint8 *cell, gsize *length);

/* The value of an INT, UINT, BOOL, ENUM or BITFIELD cell of at most 8 bytes; unsigned ones as the same bits. */
gint64 exp_cell_int (const ExpDtype *dtype, const guint8 *cell);
/* The value of a FLOAT (rounded to double), or of an integer cell as above. */
double exp_cell_double (const ExpDtype *dtype, const guint8 *cell);

/* The whole array as one string when it is a scalar (or one-element) text; NULL otherwise. Caller frees. */
char *exp_array_dup_text (const ExpArray *array);
/* FALSE unless it has exactly one element with an integer, bool, bitfield or enum value. */
gboolean exp_array_get_int (const ExpArray *array, gint64 *value);

G_END_DECLS
