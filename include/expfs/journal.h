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
 *       16  u64 generation               24  u64 salt, new whenever the records before are void
 *       32  u64 the store's inode        40  u64 its bytes         48  i64 its time of change, nanoseconds
 *       56  u64 XXH3 of its first 4,096 bytes (or all, when it has fewer)
 *       64  u64 1 from when pages are being moved into the store, else 0
 *       72  u64 the writer's process     80  i64 since when, seconds since 1970     88  its host, 64 bytes, zeros last
 *      152  zeros                      4088  u64 XXH3 of all before
 *
 *   Records from 8,192 on, each 32 bytes and, for pages, their bytes:
 *        0  u32 kind: 1 pages, 2 commit, 3 cut          4  u32 pages: how many, 1 to 256; others: 0
 *        8  u64 pages: the first one's number; commit: the store's bytes; cut: the bytes that the store is cut to,
 *           which takes away pages before this record that start there or later
 *       16  u64 commit: how many of the store's bytes are still its own, those after it being zeros where no page says
 *           otherwise; others: zeros
 *       24  u64 XXH3 of the record's first 24 bytes, seeded with that of the record before (the first: with the salt);
 *           for pages then XXH3 of their bytes, seeded with that: so a commit is valid only when all before it is whole
 *
 * Recovery takes all records up to the last valid commit; those after it never happened. Writing happens in this
 * order: pages, commit record, fsync of the journal (that is a commit); page 0 in a
 * commit of its own if it is not there, a header that says that pages are being moved, fsync of the journal, room for all in the store, a mark over the store's first bytes, fsync
 * of the store, pages into the store but for its first 512 bytes, fsync of the store, those, fsync of the store, a header
 * with a new salt, fsync of the journal, cutting of the records (that is a checkpoint). So a store that is half moved
 * when the computer stops is of no format until it is recovered: nobody takes it for whole and writes to it.
 *
 * Locks, by flock(2) and never waited for: a writer holds the journal exclusively and the store shared, so that other
 * programs can read the store but not write it, and the store exclusively while it moves pages. Who reads a store
 * through the journal of a writer that died holds both shared. */
#pragma once

#include "expfs/source.h"

G_BEGIN_DECLS

/* What a recovery found. */
typedef struct
{
  gboolean is_found; /* a journal file */
  guint64 n_commits; /* whole ones that the store itself did not have */
  guint64 n_pages;   /* of 4,096 bytes in them, each counted once */
  guint64 n_dropped; /* records after the last commit */
} ExpRecovery;

/* The store at `path`, for writing. Its journal lies beside the file itself (symbolic links are followed), with its
 * owner and mode, and is removed when the last reference goes and nothing is left in it. What a writer that died
 * committed is there; it is moved into the store at once, or by the next checkpoint when other programs read the store.
 * `recovery` may be NULL. EXP_ERROR_NOT_FOUND, PERMISSION, NO_SPACE, IO; EXP_ERROR_BUSY when another program writes the
 * store (and which), or when the journal belongs to another file or the store was changed since: nothing is touched
 * then; EXP_ERROR_READ_ONLY when the file system has no locks; EXP_ERROR_DAMAGED, EXP_ERROR_VERSION for a journal that
 * is none. */
ExpSource *exp_journal_open_path (const char *path, ExpLockMode lock, ExpRecovery *recovery, GError **error);

/* The store at `path`, for reading: the plain file, after the recovery of what a writer that died left; where that
 * cannot be moved into the store, the bytes as if it had been. While a writer lives, the store's last checkpoint, which
 * stays what it is: the source holds the store shared. A journal that does not belong to the store is a warning. */
ExpSource *exp_journal_open_path_for_reading (const char *path, ExpLockMode lock, GError **error);

/* Moves all that a writer that died committed into the store and removes the journal. Nothing to do is TRUE. Errors as
 * above; EXP_ERROR_BUSY also when other programs read the store. */
gboolean exp_journal_recover_path (const char *path, ExpRecovery *recovery, GError **error);

/* Over two sources that are writable, for tests. Takes references on both and locks neither; else as by path. */
ExpSource *exp_journal_open (ExpSource *store, ExpSource *journal, ExpRecovery *recovery, GError **error);

/* Moves what is committed into the store and empties the journal, when that is possible now: while other programs read
 * the store, or it has no room for all, it is put off, exp_journal_size says so, the first time a message says why, and
 * all goes on. EXP_ERROR_INVALID while something is not committed. After any other error, also EXP_ERROR_BUSY because
 * another program has changed the store, there is a failure (below). */
gboolean exp_journal_checkpoint (ExpSource *source, GError **error);

/* Commits, and checkpoints for the last time: what is put off is tried again for so many seconds. EXP_ERROR_BUSY,
 * EXP_ERROR_NO_SPACE when it then has to stay in the journal; other errors as above. */
gboolean exp_journal_finish (ExpSource *source, guint seconds, GError **error);

/* Bytes of records in the journal, 0 when the store has all, and pages written since the last commit; for deciding when
 * to commit and checkpoint. */
guint64 exp_journal_size (ExpSource *source);
guint64 exp_journal_uncommitted (ExpSource *source);

/* Why nothing can be written any more, a new error; NULL while all is well. Set by the first write, commit or
 * checkpoint that fails; what was written since the last commit is still read, and will be lost. */
GError *exp_journal_get_failure (ExpSource *source);

G_END_DECLS
