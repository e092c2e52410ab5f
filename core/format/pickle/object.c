/* Objects of classes that nobody knows: what they were made with and what was set on them, as a directory.
 * Knows how Python hands attributes over; no class.
 * Called by meaning.c. */
#include "meaning.h"

/* The attributes that a state is: a dict, or a dict or None and a dict of slots. */
static gboolean
add_attributes (ExpPickle *pickle, ExpPickleValue *attributes, const ExpPickleValue *state)
{
  if (state->kind == EXP_PICKLE_DICT)
    {
      exp_pickle_add_items (pickle, attributes, state->items, state->n_items);
      return TRUE;
    }
  if (state->kind != EXP_PICKLE_TUPLE || state->n_items != 2)
    return FALSE;
  for (guint i = 0; i < 2; i++)
    if (state->items[i]->kind != EXP_PICKLE_NONE && state->items[i]->kind != EXP_PICKLE_DICT)
      return FALSE;
  for (guint i = 0; i < 2; i++)
    if (state->items[i]->kind == EXP_PICKLE_DICT)
      add_attributes (pickle, attributes, state->items[i]);
  return TRUE;
}

/* All that was set: attributes; or states as they are, when the class has its own way with them. */
static ExpPickleValue *
read_states (ExpPickle *pickle, const ExpPickleValue *states, gboolean *are_attributes)
{
  ExpPickleValue *attributes = exp_pickle_value_new (pickle, EXP_PICKLE_DICT);

  *are_attributes = TRUE;
  for (guint i = 0; i < states->n_items; i++)
    if (!add_attributes (pickle, attributes, states->items[i]))
      {
        *are_attributes = FALSE;
        return states->n_items == 1 ? states->items[0] : (ExpPickleValue *)states;
      }
  return attributes;
}

/* One part alone is the directory itself; several are directories in it. */
ExpPickleValue *
exp_pickle_object (const ExpPickleReading *reading)
{
  ExpPickle *pickle = reading->pickle;
  ExpPickleValue *parts = exp_pickle_value_new (pickle, EXP_PICKLE_DICT), *last = NULL;
  gboolean are_attributes = TRUE;

  if (reading->klass->kind == EXP_PICKLE_CALL)
    exp_pickle_add_pair (pickle, parts, "function", (ExpPickleValue *)reading->klass);
  if (reading->arguments->n_items > 0)
    exp_pickle_add_pair (pickle, parts, "args", last = reading->arguments);
  if (reading->keywords != NULL && reading->keywords->n_items > 0)
    exp_pickle_add_pair (pickle, parts, "kwargs", last = reading->keywords);
  if (reading->items != NULL)
    exp_pickle_add_pair (pickle, parts, "items", last = reading->items);
  if (reading->pairs != NULL)
    exp_pickle_add_pair (pickle, parts, "pairs", last = reading->pairs);
  if (reading->call->states != NULL)
    exp_pickle_add_pair (pickle, parts, "state", last = read_states (pickle, reading->call->states, &are_attributes));
  if (parts->n_items == 2 && last != NULL && are_attributes)
    parts = exp_pickle_share (pickle, last->kind, last);
  parts->flags |= EXP_PICKLE_IS_OBJECT;
  parts->call = reading->call;
  return parts;
}
