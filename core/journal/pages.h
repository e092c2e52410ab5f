/* The pages that a journal holds, by number, and their way into the store.
 * Knows where a page's bytes stand; not who wrote them. Used in this folder only. */
#pragma once

#include "records.h"

G_BEGIN_DECLS

typedef struct
{
  guint64 number;
  guint64 data;  /* where its bytes stand in the journal file; 0: nowhere yet */
  guint8 *dirty; /* its bytes in memory, newer than those; NULL: none */
} ExpPage;

/* Number -> ExpPage, which the table owns. */
GHashTable *exp_pages_new (void);
/* NULL when there is none; `add` makes one. */
ExpPage *exp_pages_find (GHashTable *pages, guint64 number);
ExpPage *exp_pages_add (GHashTable *pages, guint64 number);
/* All, or those with bytes in memory, in the order of their numbers; borrowed. */
GPtrArray *exp_pages_sorted (GHashTable *pages, gboolean only_dirty);
/* Those that start at byte `size` or after it go. */
void exp_pages_cut (GHashTable *pages, guint64 size);

/* Makes the store what the pages say: `kept` of its bytes are its own, then zeros, `size` in all. Durable when it
 * returns. */
gboolean
exp_pages_move (GHashTable *pages, ExpSource *journal, ExpSource *store, guint64 kept, guint64 size, GError **error);

G_END_DECLS
