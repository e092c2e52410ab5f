/* The journal file: headers and records, written one after the other and read back up to the first that is not whole.
 * Knows its layout (include/expfs/journal.h); knows nothing of what pages mean. Used in this folder only. */
#pragma once

#include "expfs/journal.h"

G_BEGIN_DECLS

#define EXP_PAGE_SIZE     4096
#define EXP_RECORDS_START (2 * EXP_PAGE_SIZE)

typedef enum
{
  EXP_RECORD_PAGE = 1,
  EXP_RECORD_COMMIT = 2,
  EXP_RECORD_CHECKPOINT = 3,
  EXP_RECORD_CUT = 4,
} ExpRecordKind;

typedef struct
{
  guint64 generation, salt;
  ExpIdentity store;
  guint64 start_hash; /* of the store's first page */
} ExpJournalHeader;

/* A place in the chain of records. */
typedef struct
{
  ExpSource *file; /* borrowed */
  guint64 end;     /* where the next record goes */
  guint64 hash;    /* of the last one, or the salt */
} ExpRecords;

typedef struct
{
  ExpRecordKind kind;
  guint64 number, kept; /* as the layout has it at 8 and 16 */
  guint64 data;         /* where a page's bytes stand in the journal file */
} ExpRecord;

/* The header that counts. FALSE without an error when the file has none and no record either. EXP_ERROR_DAMAGED,
 * EXP_ERROR_VERSION. */
gboolean exp_journal_read_header (ExpSource *file, ExpJournalHeader *header, GError **error);
/* Over the older of the two; durable when it returns. */
gboolean exp_journal_write_header (ExpSource *file, const ExpJournalHeader *header, GError **error);
/* What identifies the store as it is now, for a header; its generation and salt are left alone. */
gboolean exp_journal_identify (ExpSource *store, ExpJournalHeader *header, GError **error);

void exp_records_start (ExpRecords *records, ExpSource *file, guint64 salt);
/* Reads the record at the end of those read so far; FALSE when there is none that is whole, with an error only when
 * the file cannot be read. */
gboolean exp_records_next (ExpRecords *records, ExpRecord *record, GError **error);

/* Writes `n` pages; data[i] becomes where page numbers[i] stands. Nothing counts as written when it fails. */
gboolean exp_records_add_pages (ExpRecords *records, guint n, const guint64 *numbers, const guint8 *const *pages,
                                guint64 *data, GError **error);
gboolean exp_records_add (ExpRecords *records, ExpRecordKind kind, guint64 number, guint64 kept, GError **error);

G_END_DECLS
