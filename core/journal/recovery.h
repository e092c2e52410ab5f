/* What a journal file holds when it is opened.
 * Knows when a journal belongs to a store; knows no format. Used in this folder only. */
#pragma once

#include "pages.h"
#include "records.h"

G_BEGIN_DECLS

/* What is committed, and where the next record goes. */
typedef struct
{
  ExpJournalHeader header;
  ExpRecords records;
  ExpPages *pages;
  guint64 kept; /* bytes of the store that are its own; those behind are zeros where no page says otherwise */
  guint64 size; /* of the store with the pages in it */
  guint64 n_commits;
} ExpJournalState;

void exp_journal_state_clear (ExpJournalState *state);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (ExpJournalState, exp_journal_state_clear)

/* Reads the journal up to its last commit and checks that it belongs to the store, if it holds anything. Writes
 * nothing. EXP_ERROR_BUSY when it does not. `state` is to be cleared in any case. */
gboolean
exp_journal_load (ExpSource *store, ExpSource *file, ExpJournalState *state, ExpRecovery *recovery, GError **error);

/* Makes it this process' journal: what was loaded is durable, and what stood behind it is gone. */
gboolean exp_journal_adopt (ExpSource *store, ExpSource *file, ExpJournalState *state, GError **error);

/* The journal for the store as it is now, without records; writes its header. */
gboolean exp_journal_start (ExpSource *store, ExpSource *file, ExpJournalState *state, GError **error);

G_END_DECLS
