/* A disk in memory for tests: its files are sources, it records what is done to them, fails when told to, and knows
 * what might be left of them after a power loss. Not safe for threads. */
#pragma once

#include "expfs/error.h"
#include "expfs/source.h"

G_BEGIN_DECLS

typedef struct _FaultyDisk FaultyDisk;

FaultyDisk *faulty_disk_new (void);
FaultyDisk *faulty_disk_ref (FaultyDisk *disk);
void faulty_disk_unref (FaultyDisk *disk);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FaultyDisk, faulty_disk_unref)

/* A file of the disk, 0 or 1, as a source for writers; it may be opened several times. */
ExpSource *faulty_disk_open (FaultyDisk *disk, guint file);
/* What is in it now, borrowed. */
const GByteArray *faulty_disk_content (FaultyDisk *disk, guint file);

/* Writes, truncations, reservations and commits so far, of both files. */
guint faulty_disk_count (FaultyDisk *disk);
/* The operation of this number, counted from 0, fails with this code, after half of its bytes where it writes; and all
 * after it when `for_good`. A commit that fails leaves what was written before it in memory, never to reach the disk.
 */
void faulty_disk_fail_at (FaultyDisk *disk, guint n, ExpError code, gboolean for_good);

/* The disk after its first `n` operations, when the program is killed, in the midst of the last write; these count as
 * its first ones, and what was not committed still is not. */
FaultyDisk *faulty_disk_killed_at (FaultyDisk *disk, guint n, GRand *rand);
/* The same when the power fails: what was committed is there; of what was not, any part in any order, and of each write
 * any of its sectors of 512 bytes. No operation counts for it. */
FaultyDisk *faulty_disk_without_power_at (FaultyDisk *disk, guint n, GRand *rand);

G_END_DECLS
