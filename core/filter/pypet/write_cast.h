/* The way back: from the types that are shown to the stored ones.
 * Knows no names and no tree.
 * Used by field.c, typed.c and the files of this folder that write. */
#pragma once

#include "expfs/node.h"

G_BEGIN_DECLS

/* Writes `array`, whose cells are of a shown type, to `slab` of a dataset whose cells are of type `to`. Text is stored
 * in `encoding`. EXP_ERROR_INVALID for a value that does not fit. */
gboolean exp_cast_write (ExpNode *inner, ExpDtype *to, const ExpSlab *slab, const ExpArray *array, const char *encoding,
                         GError **error);
/* The cells of `array` as cells of type `to`, a new reference: `array` itself when they are already. */
ExpArray *exp_cast_back (const ExpArray *array, ExpDtype *to, const char *encoding, GError **error);
gboolean exp_cast_back_cell (const ExpDtype *from, const guint8 *cell, const ExpDtype *to, guint8 *out,
                             const char *encoding, GError **error);
/* Bytes of the longest text among the cells as they would be stored; 0 when they are no text. */
gsize exp_cast_longest_text (const ExpArray *array, const char *encoding);
gboolean exp_cast_is_ascii (const ExpArray *array);

G_END_DECLS
