/* Moving pages from the journal file into the store.
 * Knows pages and sources; the order of what is durable when is checkpoint.c's. Used in this folder only. */
#pragma once

#include "pages.h"

G_BEGIN_DECLS

/* Room in the store for all pages and for its last byte. EXP_ERROR_NO_SPACE. */
gboolean exp_pages_reserve (const ExpPages *pages, ExpSource *store, guint64 size, GError **error);

/* Makes the store what the pages say: `kept` of its bytes are its own, then zeros, `size` in all. Durable when it
 * returns. Page 0 is among them when `kept` is not 0; no page is in memory. */
gboolean
exp_pages_move (const ExpPages *pages, ExpSource *file, ExpSource *store, guint64 kept, guint64 size, GError **error);

G_END_DECLS
