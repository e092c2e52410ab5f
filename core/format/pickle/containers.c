/* Opcodes that put values into containers.
 * Knows lists, tuples, sets and dicts.
 * Called by opcodes.c. */
#include "machine.h"

/* Takes what lies above the mark into a value of that kind. */
ExpPickleValue *
exp_pickle_collect (ExpPickleMachine *machine, ExpPickleKind kind)
{
  guint first = exp_pickle_find_mark (machine);

  if (first == G_MAXUINT)
    return NULL;
  ExpPickleValue *value = exp_pickle_value_new (machine->pickle, kind);
  for (guint i = first; i < machine->stack->len; i++)
    exp_pickle_add_item (value, machine->stack->pdata[i]);
  g_ptr_array_set_size (machine->stack, first - 1);
  if (kind == EXP_PICKLE_DICT && exp_pickle_n_items (value) % 2 != 0)
    {
      exp_pickle_fail (machine, "a key without a value");
      return NULL;
    }
  return value;
}

gboolean
exp_pickle_collect_tuple (ExpPickleMachine *machine, guint n)
{
  if (machine->stack->len < n)
    return exp_pickle_fail (machine, "nothing on the stack");

  ExpPickleValue *value = exp_pickle_value_new (machine->pickle, EXP_PICKLE_TUPLE);
  for (guint i = machine->stack->len - n; i < machine->stack->len; i++)
    {
      if (machine->stack->pdata[i] == NULL)
        return exp_pickle_fail (machine, "a mark in a tuple");
      exp_pickle_add_item (value, machine->stack->pdata[i]);
    }
  g_ptr_array_set_size (machine->stack, machine->stack->len - n);
  return exp_pickle_push (machine, value);
}

/* Appends what lies above the mark to the container below it. */
gboolean
exp_pickle_extend (ExpPickleMachine *machine)
{
  ExpPickleValue *added = exp_pickle_collect (machine, EXP_PICKLE_LIST);
  ExpPickleValue *container = added != NULL ? exp_pickle_top (machine) : NULL;

  for (guint i = 0; container != NULL && i < exp_pickle_n_items (added); i++)
    exp_pickle_add_item (container, added->items->pdata[i]);
  if (container != NULL && container->kind == EXP_PICKLE_DICT && exp_pickle_n_items (container) % 2 != 0)
    return exp_pickle_fail (machine, "a key without a value");
  return container != NULL;
}

gboolean
exp_pickle_append (ExpPickleMachine *machine, guint n)
{
  ExpPickleValue *last = exp_pickle_pop (machine);
  ExpPickleValue *key = n == 2 && last != NULL ? exp_pickle_pop (machine) : last;
  ExpPickleValue *container = key != NULL ? exp_pickle_top (machine) : NULL;

  if (container == NULL)
    return FALSE;
  if (n == 2)
    exp_pickle_add_item (container, key);
  exp_pickle_add_item (container, last);
  return TRUE;
}
