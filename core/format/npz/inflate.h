/* Raw deflate, undone a piece at a time. Used in this folder only. */
#pragma once

#include <glib.h>

typedef struct _ExpInflate ExpInflate;

/* NULL when there is no memory. */
ExpInflate *exp_inflate_new (void);
void exp_inflate_free (ExpInflate *inflate);
/* TRUE when all that it was fed is used up. */
gboolean exp_inflate_is_hungry (const ExpInflate *inflate);
/* More packed bytes, which stay the caller's and where they are until it is hungry again. */
void exp_inflate_feed (ExpInflate *inflate, gsize length, const guint8 *bytes);
/* What can be decoded of these into `room` bytes: their number in *n, and whether that was the end of the stream. FALSE
 * when the bytes are damaged. */
gboolean exp_inflate_step (ExpInflate *inflate, guint8 *to, gsize room, gsize *n, gboolean *is_end);
