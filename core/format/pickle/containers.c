/* Opcodes that make containers and put values into them.
 * Knows lists, tuples, sets, dicts, and objects that take the same.
 * Called by opcodes.c. */
#include "machine.h"

/* Python has no hash for these. */
static gboolean
is_hashable (const ExpPickleValue *value)
{
  return value->kind != EXP_PICKLE_LIST && value->kind != EXP_PICKLE_DICT && value->kind != EXP_PICKLE_SET
         && value->kind != EXP_PICKLE_BYTEARRAY;
}

static gboolean
add (ExpPickleMachine *machine, ExpPickleValue *container, ExpPickleValue *const *values, gsize n)
{
  gboolean is_dict = container->kind == EXP_PICKLE_DICT;
  gboolean is_set = container->kind == EXP_PICKLE_SET || container->kind == EXP_PICKLE_FROZENSET;

  if (is_dict && n % 2 != 0)
    return exp_pickle_fail (machine, "a key without a value");
  for (gsize i = 0; i < n; i++)
    {
      if ((is_set || (is_dict && i % 2 == 0)) && !is_hashable (values[i]))
        return exp_pickle_fail (machine, "a list, dict or set as a key");
      if (!exp_pickle_nest (machine, container, values[i]))
        return FALSE;
    }
  exp_pickle_add_items (machine->pickle, container, values, n);
  return TRUE;
}

/* What lies above the mark as a new container. */
static gboolean
collect (ExpPickleMachine *machine, ExpPickleKind kind)
{
  ExpPickleValue **values, *container;
  gsize n;

  if (!exp_pickle_pop_mark (machine, &values, &n))
    return FALSE;
  container = exp_pickle_value_new (machine->pickle, kind);
  return add (machine, container, values, n) && exp_pickle_push (machine, container);
}

static gboolean
collect_tuple (ExpPickleMachine *machine, guint n)
{
  ExpPickleValue *values[3], *tuple = exp_pickle_value_new (machine->pickle, EXP_PICKLE_TUPLE);

  for (guint i = n; i > 0; i--)
    if ((values[i - 1] = exp_pickle_pop (machine)) == NULL)
      return FALSE;
  return add (machine, tuple, values, n) && exp_pickle_push (machine, tuple);
}

/* What takes the values: the container itself, or a part of an object. */
static ExpPickleValue *
receiver (ExpPickleMachine *machine, ExpPickleKind kind)
{
  ExpPickleValue *top = exp_pickle_top (machine), **part;

  if (top == NULL || top->kind == kind)
    return top;
  if (top->kind == EXP_PICKLE_CALL)
    {
      part = kind == EXP_PICKLE_DICT ? &top->call->pairs : &top->call->items;
      top->call->adds_items |= kind == EXP_PICKLE_SET;
      if (*part == NULL)
        *part = exp_pickle_value_new (machine->pickle, kind == EXP_PICKLE_DICT ? EXP_PICKLE_DICT : EXP_PICKLE_LIST);
      return *part;
    }
  exp_pickle_fail (machine, kind == EXP_PICKLE_DICT  ? "what takes keys is no dict"
                            : kind == EXP_PICKLE_SET ? "what takes elements is no set"
                                                     : "what takes items is no list");
  return NULL;
}

static gboolean
put (ExpPickleMachine *machine, ExpPickleKind kind, ExpPickleValue *const *values, gsize n)
{
  ExpPickleValue *container = receiver (machine, kind);

  if (container == NULL || !add (machine, container, values, n))
    return FALSE;
  ExpPickleValue *top = exp_pickle_top (machine);
  return top == container || n == 0 || exp_pickle_nest (machine, top, container);
}

static gboolean
put_marked (ExpPickleMachine *machine, ExpPickleKind kind)
{
  ExpPickleValue **values;
  gsize n;

  return exp_pickle_pop_mark (machine, &values, &n) && put (machine, kind, values, n);
}

static gboolean
put_last (ExpPickleMachine *machine, ExpPickleKind kind, guint n)
{
  ExpPickleValue *values[2];

  for (guint i = n; i > 0; i--)
    if ((values[i - 1] = exp_pickle_pop (machine)) == NULL)
      return FALSE;
  return put (machine, kind, values, n);
}

static gboolean
push_empty (ExpPickleMachine *machine, ExpPickleKind kind)
{
  return exp_pickle_push (machine, exp_pickle_value_new (machine->pickle, kind));
}

gboolean
exp_pickle_run_container (ExpPickleMachine *machine, guint8 opcode)
{
  switch (opcode)
    {
    case ')':
      if (machine->empty_tuple == NULL)
        machine->empty_tuple = exp_pickle_value_new (machine->pickle, EXP_PICKLE_TUPLE);
      return exp_pickle_push (machine, machine->empty_tuple);
    case ']':
      return push_empty (machine, EXP_PICKLE_LIST);
    case '}':
      return push_empty (machine, EXP_PICKLE_DICT);
    case 0x8f:
      return push_empty (machine, EXP_PICKLE_SET);
    case 't':
      return collect (machine, EXP_PICKLE_TUPLE);
    case 'l':
      return collect (machine, EXP_PICKLE_LIST);
    case 'd':
      return collect (machine, EXP_PICKLE_DICT);
    case 0x91:
      return collect (machine, EXP_PICKLE_FROZENSET);
    case 'a':
      return put_last (machine, EXP_PICKLE_LIST, 1);
    case 's':
      return put_last (machine, EXP_PICKLE_DICT, 2);
    case 'e':
      return put_marked (machine, EXP_PICKLE_LIST);
    case 'u':
      return put_marked (machine, EXP_PICKLE_DICT);
    case 0x90:
      return put_marked (machine, EXP_PICKLE_SET);
    default: /* 0x85 0x86 0x87 */
      return collect_tuple (machine, opcode - 0x84);
    }
}
