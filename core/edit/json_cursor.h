/* JSON as Python's json module has it, read along a text. Used by core/edit only. */
#pragma once

#include <glib.h>

typedef struct
{
  const char *at, *end;
} ExpJsonCursor;

/* The next character that is no blank; '\0' at the end. */
char exp_json_peek (ExpJsonCursor *cursor);
/* TRUE, and passed over, when that is `c`. */
gboolean exp_json_take (ExpJsonCursor *cursor, char c);
/* A number, true, false, null, NaN, Infinity or -Infinity as it is written; FALSE when none follows. */
gboolean exp_json_take_word (ExpJsonCursor *cursor, const char **word, gsize *length);
/* A string's bytes, at the end of `out`: \udc80 ... \udcff are single bytes. */
gboolean exp_json_take_string (ExpJsonCursor *cursor, GString *out);
/* Any value. `depth` levels of lists and objects at most. */
gboolean exp_json_skip (ExpJsonCursor *cursor, guint depth);
/* Between elements: TRUE when another one follows, FALSE behind the last, whose `close` is passed over then; *is_right
 * FALSE when neither does. `n` elements were taken before. */
gboolean exp_json_next (ExpJsonCursor *cursor, guint64 n, char close, gboolean *is_right);
