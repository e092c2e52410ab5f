/* Python literals, read along a text: strings, numbers, and what stands between them. Used by npy_header.c and
 * npy_dtype.c. */
#pragma once

#include "expfs/array.h"

typedef struct
{
  const char *at, *end;
  guint depth; /* of types in types */
  GError **error;
  gboolean objects_are_text; /* "O" is UTF-8 of any length, not refused */
  gboolean has_moments;      /* "M8[...]" is OPAQUE with that for its tag, "m8[...]" an integer; not refused */
} ExpLiteral;

/* The next character that is no blank; '\0' at the end. */
char exp_literal_peek (ExpLiteral *literal);
/* TRUE, and passed over, when that is `c`. */
gboolean exp_literal_take (ExpLiteral *literal, char c);
/* Sets EXP_ERROR_INVALID unless there is an error already; FALSE. */
gboolean exp_literal_fail (ExpLiteral *literal, const char *what);
/* Between elements of a list, tuple or dictionary, of which `n` were taken: FALSE behind the last, whose `close` is
 * passed over, and with an error and *is_right FALSE where neither is. */
gboolean exp_literal_next (ExpLiteral *literal, guint n, char close, gboolean *is_right);
/* Those below set an error when something else follows. Strings are the caller's. */
char *exp_literal_take_string (ExpLiteral *literal);
gboolean exp_literal_take_integer (ExpLiteral *literal, guint64 *value);
/* A number or a tuple of them. */
gboolean exp_literal_take_shape (ExpLiteral *literal, guint *rank, guint64 *shape);
gboolean exp_literal_take_bool (ExpLiteral *literal, gboolean *value);

/* A type as NumPy describes it, a new reference. EXP_ERROR_UNSUPPORTED for types that cannot be stored. */
ExpDtype *exp_npy_take_dtype (ExpLiteral *literal);
