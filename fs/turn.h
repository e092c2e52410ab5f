/* Who may have something pending of a dataset that is written through several views or names: one writer at a time. It
 * is put into the store before another one writes, which then looks at the dataset anew, so that nothing is lost.
 * Knows writers; knows neither the table of them nor requests. Called by writer.c and writers.c. */
#pragma once

#include "fs/writers.h"

G_BEGIN_DECLS

typedef struct _ExpTurn ExpTurn;

ExpTurn *exp_turn_new (void);
ExpTurn *exp_turn_ref (ExpTurn *turn);

/* Held while a writer changes or puts something into the store, before its own lock. */
void exp_turn_lock (ExpTurn *turn);
void exp_turn_unlock (ExpTurn *turn);

/* With the lock, between exp_change_begin and exp_change_end: nothing is pending, and the writer, which is new, looks
 * at the dataset as it is now. What the one before cannot put into the store is its failure. */
void exp_turn_join (ExpTurn *turn, ExpMount *mount, ExpWriter *writer);
/* The same, and it is the one that writes. */
void exp_turn_take (ExpTurn *turn, ExpMount *mount, ExpWriter *writer);
/* FALSE when another one has written since the writer looked. */
gboolean exp_turn_is_current (const ExpTurn *turn, const ExpWriter *writer);
/* Without the lock: the writer goes, and its reference. */
void exp_turn_leave (ExpTurn *turn, ExpWriter *writer);

G_END_DECLS
