/* What a journal holds when it is opened. Used by journal.c. */
#pragma once

#include "pages.h"

G_BEGIN_DECLS

/* Moves what was committed into the store and starts an empty generation: `header` is the new one. */
gboolean exp_journal_recover (ExpSource *store, ExpSource *file, ExpJournalHeader *header, ExpRecovery *recovery,
                              GError **error);

/* Starts the next generation for the store as it is now, without records. `header` holds the last one. */
gboolean exp_journal_renew (ExpSource *store, ExpSource *file, ExpJournalHeader *header, GError **error);

G_END_DECLS
