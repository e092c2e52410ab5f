/* The shuffle filter undone. Knows bytes only. Used by pipeline.c. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* `size` bytes that were sorted by their place in elements of `element` (at least 1) bytes go back, from `in` to `out`;
 * what does not fill an element stands at the end of both. */
void exp_unshuffle (const guint8 *in, gsize size, gsize element, guint8 *out);

G_END_DECLS
