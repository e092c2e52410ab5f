/* The machine's stack, its marks and its memo.
 * Knows no opcode.
 * Called by opcodes.c and its like. */
#include "machine.h"
#include <string.h>

gboolean
exp_pickle_fail_code (ExpPickleMachine *machine, ExpError code, const char *reason)
{
  if (machine->error == NULL)
    g_set_error (&machine->error, EXP_ERROR, code, "the pickle cannot be read at byte %" G_GUINT64_FORMAT ": %s",
                 machine->opcode_at, reason);
  return FALSE;
}

gboolean
exp_pickle_fail (ExpPickleMachine *machine, const char *reason)
{
  if (machine->error == NULL)
    g_set_error (&machine->error, EXP_ERROR, EXP_ERROR_DAMAGED,
                 "the pickle is damaged at byte %" G_GUINT64_FORMAT ": %s", machine->opcode_at, reason);
  return FALSE;
}

/* Makes room for one more; the room counts as the pickle's memory, though it is given back at the end. */
static gboolean
grow (ExpPickleMachine *machine, ExpPickleValue ***table, gsize *n_room, gsize n_needed)
{
  gsize n = MAX (MAX (*n_room * 2, n_needed), 64);
  ExpPickleValue **grown;

  if (!exp_pickle_spend (machine->pickle, (n - *n_room) * sizeof **table))
    return FALSE;
  grown = g_try_realloc_n (*table, n, sizeof **table);
  if (grown == NULL)
    {
      machine->pickle->is_exhausted = TRUE;
      return FALSE;
    }
  memset (grown + *n_room, 0, (n - *n_room) * sizeof **table);
  *table = grown;
  *n_room = n;
  return TRUE;
}

gboolean
exp_pickle_push (ExpPickleMachine *machine, ExpPickleValue *value)
{
  if (value == NULL)
    return exp_pickle_fail (machine, "a value cannot be read");
  if (machine->n_stack == machine->n_stack_room
      && !grow (machine, &machine->stack, &machine->n_stack_room, machine->n_stack + 1))
    return FALSE;
  machine->stack[machine->n_stack++] = value;
  return TRUE;
}

gboolean
exp_pickle_push_mark (ExpPickleMachine *machine)
{
  if (machine->n_marks == G_N_ELEMENTS (machine->marks))
    return exp_pickle_fail (machine, "marks inside more than 1000 others");
  machine->marks[machine->n_marks++] = machine->n_stack;
  return TRUE;
}

static gsize
bottom (const ExpPickleMachine *machine)
{
  return machine->n_marks > 0 ? machine->marks[machine->n_marks - 1] : 0;
}

ExpPickleValue *
exp_pickle_top (ExpPickleMachine *machine)
{
  if (machine->n_stack > bottom (machine))
    return machine->stack[machine->n_stack - 1];
  exp_pickle_fail (machine, machine->n_marks > 0 ? "nothing above the last mark" : "nothing on the stack");
  return NULL;
}

ExpPickleValue *
exp_pickle_pop (ExpPickleMachine *machine)
{
  ExpPickleValue *value = exp_pickle_top (machine);

  if (value != NULL)
    machine->n_stack--;
  return value;
}

gboolean
exp_pickle_pop_mark (ExpPickleMachine *machine, ExpPickleValue ***values, gsize *n)
{
  if (machine->n_marks == 0)
    return exp_pickle_fail (machine, "no mark");
  gsize height = machine->marks[--machine->n_marks];
  *values = machine->stack != NULL ? machine->stack + height : NULL;
  *n = machine->n_stack - height;
  machine->n_stack = height;
  return TRUE;
}

/* A table: numbers are dense in what Python writes, and what was optimised has numbers of opcodes that are gone, which
 * are no more than the bytes before. */
gboolean
exp_pickle_remember (ExpPickleMachine *machine, guint64 number)
{
  ExpPickleValue *value = exp_pickle_top (machine);

  if (value == NULL)
    return FALSE;
  if (number > machine->at + 1024)
    return exp_pickle_fail (machine, "the number of a memo is far too large");
  if (number >= machine->n_memo_room && !grow (machine, &machine->memo, &machine->n_memo_room, number + 1))
    return FALSE;
  machine->n_memo += machine->memo[number] == NULL;
  machine->memo[number] = value;
  return TRUE;
}

gboolean
exp_pickle_recall (ExpPickleMachine *machine, guint64 number)
{
  if (number >= machine->n_memo_room || machine->memo[number] == NULL)
    return exp_pickle_fail (machine, "a memo that was never set");
  return exp_pickle_push (machine, machine->memo[number]);
}

gboolean
exp_pickle_nest (ExpPickleMachine *machine, ExpPickleValue *outer, const ExpPickleValue *inner)
{
  if (inner->depth >= EXP_PICKLE_MAX_DEPTH)
    return exp_pickle_fail (machine, "values inside more than 1000 others");
  outer->depth = MAX (outer->depth, inner->depth + 1);
  return TRUE;
}
