/* The machine's stack and the bytes of its program.
 * Knows no opcode.
 * Called by opcodes.c. */
#include "machine.h"
#include <string.h>

/* Deeper stacks are not what Python writes. */
#define MAX_STACK (1 << 24)

ExpPickleValue *
exp_pickle_value_new (ExpPickle *pickle, ExpPickleKind kind)
{
  ExpPickleValue *value = g_new0 (ExpPickleValue, 1);

  value->kind = kind;
  g_ptr_array_add (pickle->values, value);
  return value;
}

void
exp_pickle_add_item (ExpPickleValue *value, ExpPickleValue *item)
{
  if (value->items == NULL)
    value->items = g_ptr_array_new ();
  g_ptr_array_add (value->items, item);
}

gboolean
exp_pickle_fail (ExpPickleMachine *machine, const char *reason)
{
  if (machine->error == NULL)
    g_set_error (&machine->error, EXP_ERROR, EXP_ERROR_DAMAGED, "the pickle is damaged at byte %" G_GSIZE_FORMAT ": %s",
                 machine->at, reason);
  return FALSE;
}

gboolean
exp_pickle_push (ExpPickleMachine *machine, ExpPickleValue *value)
{
  if (value == NULL)
    return exp_pickle_fail (machine, "a value cannot be read");
  if (machine->stack->len >= MAX_STACK)
    return exp_pickle_fail (machine, "too deep");
  g_ptr_array_add (machine->stack, value);
  return TRUE;
}

gboolean
exp_pickle_push_mark (ExpPickleMachine *machine)
{
  if (machine->stack->len >= MAX_STACK)
    return exp_pickle_fail (machine, "too deep");
  g_ptr_array_add (machine->stack, NULL);
  return TRUE;
}

ExpPickleValue *
exp_pickle_pop (ExpPickleMachine *machine)
{
  ExpPickleValue *value = machine->stack->len > 0 ? machine->stack->pdata[machine->stack->len - 1] : NULL;

  if (value == NULL)
    exp_pickle_fail (machine, "nothing on the stack");
  else
    g_ptr_array_set_size (machine->stack, machine->stack->len - 1);
  return value;
}

ExpPickleValue *
exp_pickle_top (ExpPickleMachine *machine)
{
  ExpPickleValue *value = machine->stack->len > 0 ? machine->stack->pdata[machine->stack->len - 1] : NULL;

  if (value == NULL)
    exp_pickle_fail (machine, "nothing on the stack");
  return value;
}

/* Index of the first value above the last mark; G_MAXUINT without one. */
guint
exp_pickle_find_mark (ExpPickleMachine *machine)
{
  for (guint i = machine->stack->len; i > 0; i--)
    if (machine->stack->pdata[i - 1] == NULL)
      return i;
  exp_pickle_fail (machine, "no mark");
  return G_MAXUINT;
}

/* `n` bytes of the program, NULL past its end. */
const guint8 *
exp_pickle_take (ExpPickleMachine *machine, guint64 n)
{
  const guint8 *bytes = machine->data + machine->at;

  if (n > machine->size - machine->at)
    {
      exp_pickle_fail (machine, "it ends too early");
      return NULL;
    }
  machine->at += n;
  return bytes;
}

gboolean
exp_pickle_take_uint (ExpPickleMachine *machine, guint n, guint64 *number)
{
  const guint8 *bytes = exp_pickle_take (machine, n);

  *number = 0;
  for (guint i = 0; bytes != NULL && i < n; i++)
    *number |= (guint64)bytes[i] << (8 * i);
  return bytes != NULL;
}

const char *
exp_pickle_take_line (ExpPickleMachine *machine, gsize *length)
{
  const guint8 *start = machine->data + machine->at;
  const guint8 *end = memchr (start, '\n', machine->size - machine->at);

  if (end == NULL)
    {
      exp_pickle_fail (machine, "a line does not end");
      return NULL;
    }
  *length = end - start;
  machine->at += *length + 1;
  return (const char *)start;
}
