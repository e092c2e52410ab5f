/* Which pages a journal holds, and where each stands: in memory or in the journal file.
 * Knows numbers and places; not who wrote them. Used in this folder only. */
#pragma once

#include "header.h"

G_BEGIN_DECLS

/* Not safe for threads; reading members may be called by several at once. */
typedef struct _ExpPages ExpPages;

/* Pages from one on that stand alike. */
typedef struct
{
  guint64 n;           /* how many */
  guint64 data;        /* those in the journal file: where the first stands, the others behind it; 0: elsewhere */
  const guint8 *dirty; /* one in memory, its bytes; NULL: none of them. Without both the journal does not hold them */
} ExpPageRun;

ExpPages *exp_pages_new (void);
void exp_pages_free (ExpPages *pages);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (ExpPages, exp_pages_free)

/* Of the `n` pages from `number` on, at least 1, the first ones that stand alike. */
ExpPageRun exp_pages_find (const ExpPages *pages, guint64 number, guint64 n);
gboolean exp_pages_is_empty (const ExpPages *pages);
guint64 exp_pages_count (const ExpPages *pages);

/* They stand in the journal file from `data` on; bytes in memory go. */
void exp_pages_set_data (ExpPages *pages, guint64 number, guint n, guint64 data);
/* A page in memory, EXP_PAGE_SIZE bytes of the caller's that the table owns from then on. */
void exp_pages_set_dirty (ExpPages *pages, guint64 number, guint8 *bytes);
/* Its bytes in memory, for writing; NULL when it is not there. */
guint8 *exp_pages_get_dirty (ExpPages *pages, guint64 number);
guint exp_pages_count_dirty (const ExpPages *pages);
/* The numbers of pages in memory, ascending: guint64. */
GArray *exp_pages_list_dirty (const ExpPages *pages);

/* Those that start at byte `size` or after it go. */
void exp_pages_cut (ExpPages *pages, guint64 size);
void exp_pages_clear (ExpPages *pages);

/* All that are held in the journal file, ascending, as runs that follow each other both in the store and the journal
 * file: ExpPageMove. */
typedef struct
{
  guint64 number, data;
  guint64 n;
} ExpPageMove;
GArray *exp_pages_list (const ExpPages *pages);

G_END_DECLS
