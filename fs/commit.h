/* When changes become durable: at once for who asks, else after commit= seconds, by a thread. Knows the store; knows
 * nothing of requests. Made by the mount, called by the operations, the session and .expfs/sync. */
#pragma once

#include "expfs/store.h"

G_BEGIN_DECLS

typedef struct _ExpCommitter ExpCommitter;

/* `seconds` is the longest that a change waits for its commit; 0: until somebody asks. `before` is called before each
 * commit of the thread; it may make changes. */
ExpCommitter *exp_committer_new (ExpStore *store, guint seconds, void (*before) (gpointer data), gpointer data);
/* Starts the thread; nothing for a store that is open for reading. */
void exp_committer_start (ExpCommitter *committer);
/* Ends the thread. May be called again. */
void exp_committer_stop (ExpCommitter *committer);
void exp_committer_free (ExpCommitter *committer);

/* A change was made. To be called between exp_store_begin and exp_store_end. */
void exp_committer_note (ExpCommitter *committer);

/* To be called after exp_store_end: waits for a checkpoint when the journal has taken much of the room that is left. */
void exp_committer_make_room (ExpCommitter *committer);

/* Makes durable what was changed before the call; several callers at once share one commit. With `checkpoint` other
 * programs see it afterwards, unless they hold the store: then it is put off, and exp_store_journal_size says so. The
 * first failure is logged. */
gboolean exp_committer_commit (ExpCommitter *committer, gboolean checkpoint, GError **error);

/* How many there were: after each of them things may lie elsewhere in the store. */
guint64 exp_committer_n_commits (ExpCommitter *committer);

G_END_DECLS
