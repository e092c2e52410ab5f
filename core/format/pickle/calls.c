/* Opcodes that would import and call: they leave records of it.
 * Knows how each has its name and its arguments; not what classes mean.
 * Called by opcodes.c. */
#include "machine.h"
#include <string.h>

static ExpPickleValue *
global_new (ExpPickleMachine *machine, const char *module, gsize module_length, const char *name, gsize name_length)
{
  g_autoptr (GString) text = g_string_sized_new (64);
  ExpPickleValue *value;

  if (module_length + name_length > EXP_PICKLE_KEPT_TEXT)
    {
      exp_pickle_fail (machine, "a name of more than 4096 bytes");
      return NULL;
    }
  g_string_append_len (text, module, module_length);
  g_string_append_c (text, '.');
  g_string_append_len (text, name, name_length);
  value = exp_pickle_text_new (machine->pickle, EXP_PICKLE_GLOBAL, text->str, text->len);
  value->n_room = (guint32)module_length;
  if (machine->protocol < 3)
    value->flags |= EXP_PICKLE_IS_OLD_NAME;
  return value;
}

static ExpPickleValue *
take_global (ExpPickleMachine *machine)
{
  gsize module_length, name_length;
  const char *line = exp_pickle_take_line (machine, &module_length);

  if (line == NULL)
    return NULL;
  g_autofree char *module = g_strndup (line, MIN (module_length, EXP_PICKLE_KEPT_TEXT + 1));
  const char *name = exp_pickle_take_line (machine, &name_length);
  return name != NULL ? global_new (machine, module, module_length, name, name_length) : NULL;
}

static gboolean
stack_global (ExpPickleMachine *machine)
{
  ExpPickleValue *name = exp_pickle_pop (machine);
  ExpPickleValue *module = name != NULL ? exp_pickle_pop (machine) : NULL;

  if (module == NULL)
    return FALSE;
  if (module->kind != EXP_PICKLE_TEXT || name->kind != EXP_PICKLE_TEXT
      || ((module->flags | name->flags) & EXP_PICKLE_IS_LOCATED) != 0)
    return exp_pickle_fail (machine, "a name that is no text");
  return exp_pickle_push (machine, global_new (machine, module->text, module->length, name->text, name->length));
}

static gboolean
push_call (ExpPickleMachine *machine, ExpPickleHow how, ExpPickleValue *callable, ExpPickleValue *arguments,
           ExpPickleValue *keywords)
{
  if (callable->kind != EXP_PICKLE_GLOBAL && callable->kind != EXP_PICKLE_CALL)
    return exp_pickle_fail (machine, "a call of what is neither class nor function");
  if (arguments->kind != EXP_PICKLE_TUPLE)
    return exp_pickle_fail (machine, "arguments that are no tuple");
  if (keywords != NULL && keywords->kind != EXP_PICKLE_DICT)
    return exp_pickle_fail (machine, "keywords that are no dict");

  ExpPickleCall *call = exp_pickle_call_new (machine->pickle, how);
  call->callable = callable;
  call->arguments = arguments;
  call->keywords = keywords;
  return exp_pickle_nest (machine, call->self, callable) && exp_pickle_nest (machine, call->self, arguments)
         && (keywords == NULL || exp_pickle_nest (machine, call->self, keywords))
         && exp_pickle_push (machine, call->self);
}

static gboolean
call (ExpPickleMachine *machine, ExpPickleHow how)
{
  ExpPickleValue *keywords = how == EXP_PICKLE_NEWOBJ_EX ? exp_pickle_pop (machine) : NULL;
  ExpPickleValue *arguments, *callable;

  if (how == EXP_PICKLE_NEWOBJ_EX && keywords == NULL)
    return FALSE;
  arguments = exp_pickle_pop (machine);
  callable = arguments != NULL ? exp_pickle_pop (machine) : NULL;
  return callable != NULL && push_call (machine, how, callable, arguments, keywords);
}

/* INST and OBJ: what it is made with, above a mark; for OBJ the class comes first there. */
static gboolean
instantiate (ExpPickleMachine *machine, ExpPickleHow how)
{
  ExpPickleValue *klass = NULL, **values;
  ExpPickleValue *arguments = exp_pickle_value_new (machine->pickle, EXP_PICKLE_TUPLE);
  gsize n, first = 0;

  if (how == EXP_PICKLE_INST && (klass = take_global (machine)) == NULL)
    return FALSE;
  if (!exp_pickle_pop_mark (machine, &values, &n))
    return FALSE;
  if (klass == NULL)
    {
      if (n == 0)
        return exp_pickle_fail (machine, "an object without a class");
      klass = values[0];
      first = 1;
    }
  for (gsize i = first; i < n; i++)
    if (!exp_pickle_nest (machine, arguments, values[i]))
      return FALSE;
  if (n > first)
    exp_pickle_add_items (machine->pickle, arguments, values + first, n - first);
  return push_call (machine, how, klass, arguments, NULL);
}

static gboolean
build (ExpPickleMachine *machine)
{
  ExpPickleValue *state = exp_pickle_pop (machine);
  ExpPickleValue *object = state != NULL ? exp_pickle_top (machine) : NULL;

  if (object == NULL)
    return FALSE;
  if (object->kind != EXP_PICKLE_CALL)
    return exp_pickle_fail (machine, "state for what is no object");
  if (object->call->states == NULL)
    object->call->states = exp_pickle_value_new (machine->pickle, EXP_PICKLE_LIST);
  exp_pickle_add_items (machine->pickle, object->call->states, &state, 1);
  return exp_pickle_nest (machine, object, state);
}

gboolean
exp_pickle_run_call (ExpPickleMachine *machine, guint8 opcode)
{
  switch (opcode)
    {
    case 'c':
      return exp_pickle_push (machine, take_global (machine));
    case 0x93:
      return stack_global (machine);
    case 'R':
      return call (machine, EXP_PICKLE_REDUCE);
    case 0x81:
      return call (machine, EXP_PICKLE_NEWOBJ);
    case 0x92:
      return call (machine, EXP_PICKLE_NEWOBJ_EX);
    case 'i':
      return instantiate (machine, EXP_PICKLE_INST);
    case 'o':
      return instantiate (machine, EXP_PICKLE_OBJ);
    default: /* 'b' */
      return build (machine);
    }
}
