/* The write-ahead journal: a source over a store file and a journal file beside it, STORE.expfs-wal. What is written
 * goes to the journal; commit makes all of it durable or none; a checkpoint moves what was committed into the store,
 * which at every moment between is a whole one: the last checkpoint. Knows no format.
 *
 * The journal file, all numbers little-endian:
 *
 *   Two headers of 4,096 bytes at 0 and 4,096, of which the valid one with the higher generation counts; a new one is
 *   written over the other, so that a torn write loses none.
 *        0  "expfswal"
 *        8  u32 version (1)              12  u32 bytes of a page (4,096)
 *       16  u64 generation               24  u64 salt, new with each generation
 *       32  u64 the store's inode        40  u64 its bytes         48  i64 its time of change, nanoseconds
 *       56  u64 XXH3 of its first 4,096 bytes (or all, when it has fewer)
 *       64  zeros                      4088  u64 XXH3 of all before
 *
 *   Records from 8,192 on, each 32 bytes and, for a page, its 4,096 bytes:
 *        0  u32 kind: 1 page, 2 commit, 3 checkpoint, 4 cut        4  u32 zeros
 *        8  u64 page: its number; commit: the store's bytes; cut: the bytes that the store is cut to, which takes away
 *           pages before this record that start there or later; checkpoint: zeros
 *       16  u64 commit: how many of the store's bytes are still its own, those after it being zeros where no page says
 *           otherwise; others: zeros
 *       24  u64 XXH3 of the record's first 24 bytes and the page, seeded with that of the record before (the first:
 *           with the salt), so that a commit is valid only when all before it is whole
 *
 * Recovery takes all records up to the last valid commit; those after it never happened. A valid checkpoint record
 * says that the store may hold some of the pages already. Writing happens in this order: pages, commit record,
 * fdatasync of the journal (that is a commit); checkpoint record, fdatasync of the journal, pages into the store,
 * fsync of the store, the new header, fdatasync of the journal, cutting of the records (that is a checkpoint). */
#pragma once

#include "expfs/source.h"

G_BEGIN_DECLS

/* What a recovery found. */
typedef struct
{
  guint64 n_commits; /* whole ones that were moved into the store */
  guint64 n_pages;   /* in them, each counted once */
  guint64 n_dropped; /* records after the last commit */
} ExpRecovery;

/* Takes references on both, which must be writable. First recovers what the journal holds for the store; `recovery`
 * may be NULL. EXP_ERROR_DAMAGED when the journal is not one, EXP_ERROR_VERSION, EXP_ERROR_BUSY when it belongs to
 * another file or the store was changed by another program since; nothing is touched then. Errors of either file. */
ExpSource *exp_journal_open (ExpSource *store, ExpSource *journal, ExpRecovery *recovery, GError **error);

/* Moves what is committed into the store and empties the journal. EXP_ERROR_BUSY when another program has changed the
 * store since it was opened: nothing is written to it then. EXP_ERROR_INVALID while something is not committed. */
gboolean exp_journal_checkpoint (ExpSource *source, GError **error);

/* Bytes in the journal file and pages written since the last commit, for deciding when to commit and checkpoint. */
guint64 exp_journal_size (ExpSource *source);
guint64 exp_journal_uncommitted (ExpSource *source);

/* Why nothing can be written any more, a new error; NULL while all is well. Set by the first commit or checkpoint that
 * fails; what was written since the last commit is still read, and will be lost. */
GError *exp_journal_get_failure (ExpSource *source);

G_END_DECLS
