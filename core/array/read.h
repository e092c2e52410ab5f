/* One number at a time out of text, for who reads many: a function for each type. Used in core only. */
#pragma once

#include "expfs/dtype.h"
#include <locale.h>

G_BEGIN_DECLS

/* The whole of `text` into a cell; FALSE when it is not such a value or does not fit. */
typedef gboolean (*ExpReadFunc) (const char *text, gsize length, guint8 *cell);

/* The function for BOOL, INT and UINT of 1, 2, 4 and 8 bytes, FLOAT of 4 and 8; NULL for others. */
ExpReadFunc exp_read_func (const ExpDtype *dtype);

/* Digits with sign, point and exponent as a double, where that is decided by one multiplication; FALSE for other texts,
 * and for numbers too close to the middle between two doubles, too small or too large. */
gboolean exp_double_read (const char *text, gsize length, double *value);

/* TRUE when a table would have it as a number: decimal digits, or nan, inf, infinity in any case. */
gboolean exp_text_is_number (const char *text, gsize length);

/* The half precision number next to `value`; in the middle between two the one on `side` (-1 towards zero, 1 away from
 * it), or the even one for 0. FALSE when that would be infinite and the value is not. */
gboolean exp_half_round (double value, int side, guint16 *bits);

/* The C locale, for the library's own conversions. */
locale_t exp_c_locale (void);

G_END_DECLS
