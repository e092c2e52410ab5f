/* Types and conversions: what the Python types that pypet notes make of the stored ones, and nodes that convert while
 * reading. Knows no tree.
 * Used by the files of this folder that make datasets. */
#pragma once

#include "expfs/node.h"

G_BEGIN_DECLS

/* The type of the elements that pypet would hand back for elements stored as `stored`, noted to be of the Python type
 * `scalar_type` ("int", "<type 'numpy.int8'>", ...; NULL: not noted). Text is decoded from `encoding`. */
ExpDtype *exp_pypet_type_new (ExpDtype *stored, const char *scalar_type, const char *encoding);

/* TRUE when cells of both types have the same bytes, so that nothing is to be converted. */
gboolean exp_cast_is_identity (const ExpDtype *from, const ExpDtype *to);

/* Converts one cell between the types of exp_pypet_type_new. Variable-length bytes go to the heap of `array`; an
 * identical variable-length cell still points into its old array: exp_array_own_cells. */
gboolean exp_cast_cell (const ExpDtype *from, const guint8 *cell, const ExpDtype *to, guint8 *out, const char *encoding,
                        ExpArray *array, GError **error);

/* Reads `slab` of a dataset of type `from` into `array`, converting. */
gboolean exp_cast_read (ExpNode *inner, const ExpDtype *from, const ExpSlab *slab, ExpArray *array,
                        const char *encoding, GError **error);

/* A dataset whose elements are converted. Members of a compound are noted one by one as SRVC_COLUMN_..._SCALAR_TYPE. */
ExpNode *exp_pypet_typed_new (ExpNode *inner, const char *scalar_type, const char *encoding, GError **error);

#define EXP_ALL_ROWS G_MAXUINT64

/* One column of a table (1-D compound), or its value in one row. `scalar_type` NULL: as the table's attributes say. */
ExpNode *exp_pypet_field_new (ExpNode *table, const char *column, guint64 row, const char *scalar_type,
                              const char *encoding, GError **error);

/* The noted type of a table's column; NULL for none. Caller frees. */
char *exp_pypet_column_type (ExpNode *table, const char *column);

/* Bytes of the text of a moment, "2014-03-24T10:00:00.000000001". */
#define EXP_DATETIME_SIZE 29
/* Writes EXP_DATETIME_SIZE bytes, padded with NULs: ISO 8601 with as many digits of the second as needed, "NaT" for the
 * least integer. */
void exp_pypet_datetime_format (gint64 nanoseconds, char *text);

G_END_DECLS
