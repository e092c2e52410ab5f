/* The journal as a source, for the files that share it: journal.c, checkpoint.c, path.c. */
#pragma once

#include "recovery.h"

G_BEGIN_DECLS

typedef enum
{
  EXP_JOURNAL_HOLDS_STORE = 1 << 0,  /* shared, and exclusively while it moves pages */
  EXP_JOURNAL_REMOVES_FILE = 1 << 1, /* when it is freed and nothing is left in it */
} ExpJournalFlags;

typedef struct
{
  ExpSource base;
  ExpSource *store, *file;
  ExpJournalFlags flags;

  GMutex writing;         /* who changes anything; guards: */
  ExpIdentity seen;       /* what the store was when it was last ours */
  gboolean is_changed;    /* since the last commit */
  gboolean has_said_why;  /* a checkpoint is put off */
  gboolean holds_commits; /* that the store does not have; in the file, or maybe */

  GRWLock lock; /* guards the rest; changes need `writing` too, so that who has that may read without */
  ExpJournalState state;
  guint64 n_uncommitted; /* pages written since the last commit */
  GError *failure;
} ExpJournal;

/* Takes what `state` points to, and references on both. For reading only: a source without members for writers. */
ExpSource *exp_journal_new_for_reading (ExpSource *store, ExpSource *file, ExpJournalState *state);
/* Loads, adopts, and makes one for writing; what was there is not moved into the store yet. */
ExpSource *
exp_journal_open_full (ExpSource *store, ExpSource *file, ExpJournalFlags flags, ExpRecovery *recovery, GError **error);

/* With `writing`: FALSE with the reason, once something has failed; keeping the reason, and handing it on. */
gboolean exp_journal_may_write (ExpJournal *self, GError **error);
gboolean exp_journal_fail (ExpJournal *self, GError *failure, GError **error);

/* By its name, if that is still its name. */
void exp_journal_remove_file (ExpSource *file);

G_END_DECLS
