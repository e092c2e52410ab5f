/* The headers of a journal file: which store it belongs to, which records count, and who writes it.
 * Knows their layout (include/expfs/journal.h). Used in this folder only. */
#pragma once

#include "expfs/journal.h"

G_BEGIN_DECLS

#define EXP_PAGE_SIZE     4096
#define EXP_RECORDS_START (2 * EXP_PAGE_SIZE)

typedef struct
{
  guint64 generation, salt;
  ExpIdentity store;
  guint64 start_hash; /* of the store's first page */
  gboolean is_moving; /* the store may hold some of the pages already */
  guint64 process;
  gint64 since; /* seconds since 1970 */
  char host[65];
} ExpJournalHeader;

/* The header that counts. FALSE without an error when the file has none and no record either. EXP_ERROR_DAMAGED,
 * EXP_ERROR_VERSION. */
gboolean exp_journal_header_read (ExpSource *file, ExpJournalHeader *header, GError **error);
/* As the next generation over the older of the two; durable when it returns. */
gboolean exp_journal_header_write (ExpSource *file, ExpJournalHeader *header, GError **error);

/* Over itself, not durable yet. */
gboolean exp_journal_header_write_again (ExpSource *file, const ExpJournalHeader *header, GError **error);

/* What identifies the store as it is now, and nothing else. */
gboolean exp_journal_header_identify (ExpSource *store, ExpJournalHeader *header, GError **error);
/* This process, since now. */
void exp_journal_header_own (ExpJournalHeader *header);
/* A salt that no records before had. */
void exp_journal_header_renew (ExpJournalHeader *header);

G_END_DECLS
