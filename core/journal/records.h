/* The records of a journal file, written one after the other and read back up to the first that is not whole.
 * Knows their layout (include/expfs/journal.h); knows nothing of what pages mean. Used in this folder only. */
#pragma once

#include "header.h"

G_BEGIN_DECLS

#define EXP_RECORD_SIZE 32
/* Pages in a record. */
#define EXP_RECORD_MAX_PAGES 256

typedef enum
{
  EXP_RECORD_PAGES = 1,
  EXP_RECORD_COMMIT = 2,
  EXP_RECORD_CUT = 3,
} ExpRecordKind;

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
  guint n_pages;
  guint64 number, kept; /* as the layout has it at 8 and 16 */
  guint64 data;         /* where the pages' bytes stand in the journal file */
} ExpRecord;

void exp_records_start (ExpRecords *records, ExpSource *file, guint64 salt);

/* Pages that follow each other, 1 to EXP_RECORD_MAX_PAGES; *data becomes where they stand. When it fails nothing counts
 * as written. */
gboolean exp_records_add_run (ExpRecords *records, guint64 number, guint n_pages, const guint8 *bytes, guint64 *data,
                              GError **error);
/* Any pages, one by one: data[i] becomes where page numbers[i] stands; numbers ascend. */
gboolean exp_records_add_pages (ExpRecords *records, guint n, const guint64 *numbers, guint8 *const *pages,
                                guint64 *data, GError **error);
gboolean exp_records_add (ExpRecords *records, ExpRecordKind kind, guint64 number, guint64 kept, GError **error);

/* Reads records from the first on. */
typedef struct
{
  ExpRecords at;
  guint64 size;   /* of the file */
  guint8 *window; /* bytes of the file from `start` on */
  guint64 start;
  gsize length;
} ExpRecordReader;

gboolean exp_record_reader_init (ExpRecordReader *reader, ExpSource *file, guint64 salt, GError **error);
void exp_record_reader_clear (ExpRecordReader *reader);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (ExpRecordReader, exp_record_reader_clear)

/* FALSE when there is none that is whole, with an error only when the file cannot be read. */
gboolean exp_record_reader_next (ExpRecordReader *reader, ExpRecord *record, GError **error);

G_END_DECLS
