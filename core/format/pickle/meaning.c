/* What calls stand for: finds who knows the name, and takes out of copyreg's functions what they wrap.
 * Knows names; what each means is in the tables.
 * Called by pickle.c when a pickle has been read. */
#include "meaning.h"
#include <string.h>

static const ExpPickleKnown *const tables[]
    = { exp_pickle_known_python, exp_pickle_known_moments,       exp_pickle_known_numpy,
        exp_pickle_known_pandas, exp_pickle_known_pandas_arrays, exp_pickle_known_quantities };

/* Names that other versions have for the same. */
static const struct
{
  const char *theirs, *ours;
} renamed[] = {
  { "__builtin__.", "builtins." },   { "copy_reg.", "copyreg." },
  { "numpy._core.", "numpy.core." }, { "numpy.ma.MaskedArray", "numpy.ma.core.MaskedArray" },
  { "pathlib._local.", "pathlib." }, { "builtins.xrange", "builtins.range" },
};

/* A name in the words of Python 3 and NumPy 1, into `canonical`; FALSE when it is longer than any that is known. */
static gboolean
canonicalise (const ExpPickleValue *name, char *canonical, gsize size)
{
  if (name->kind != EXP_PICKLE_GLOBAL || name->length >= size - 8)
    return FALSE;
  g_strlcpy (canonical, name->text, size);
  for (guint i = 0; i < G_N_ELEMENTS (renamed); i++)
    if (g_str_has_prefix (canonical, renamed[i].theirs))
      {
        g_autofree char *rest = g_strdup (canonical + strlen (renamed[i].theirs));

        g_snprintf (canonical, size, "%s%s", renamed[i].ours, rest);
      }
  return TRUE;
}

gboolean
exp_pickle_is_named (const ExpPickleValue *value, const char *name)
{
  char canonical[128];

  if (value != NULL && value->kind == EXP_PICKLE_CALL)
    value = value->call->callable;
  return value != NULL && canonicalise (value, canonical, sizeof canonical) && strcmp (canonical, name) == 0;
}

static ExpPickleKnownFunc
find_known (const ExpPickleValue *klass)
{
  char canonical[128];

  if (!canonicalise (klass, canonical, sizeof canonical))
    return NULL;
  for (guint i = 0; i < G_N_ELEMENTS (tables); i++)
    for (const ExpPickleKnown *known = tables[i]; known->name != NULL; known++)
      if (strcmp (known->name, canonical) == 0)
        return known->func;
  return NULL;
}

static ExpPickleValue *
tuple_of (ExpPickle *pickle, ExpPickleValue *const *items, gsize n)
{
  ExpPickleValue *tuple = exp_pickle_value_new (pickle, EXP_PICKLE_TUPLE);

  exp_pickle_add_items (pickle, tuple, items, n);
  return tuple;
}

/* _reconstructor (class, base, value): the value holds what an object of a subclass of dict, list, ... has in it. */
static void
unwrap_reconstructor (ExpPickleReading *reading)
{
  ExpPickleValue **items = reading->arguments->items;
  ExpPickleValue *value = items[2];

  reading->klass = items[0];
  if (value->kind == EXP_PICKLE_TUPLE && exp_pickle_is_named (items[1], "builtins.tuple"))
    {
      reading->arguments = value;
      return;
    }
  reading->arguments = tuple_of (reading->pickle, &value, value->kind != EXP_PICKLE_NONE ? 1 : 0);
  if (value->kind == EXP_PICKLE_DICT && reading->pairs == NULL)
    reading->pairs = value;
  else if (value->kind == EXP_PICKLE_LIST && reading->items == NULL)
    reading->items = value;
  else
    return;
  reading->arguments = tuple_of (reading->pickle, NULL, 0);
}

static void
unwrap (ExpPickleReading *reading)
{
  ExpPickleValue **items = reading->arguments->items;
  guint n = reading->arguments->n_items;

  if (n == 0 || (items[0]->kind != EXP_PICKLE_GLOBAL && items[0]->kind != EXP_PICKLE_CALL))
    return;
  if (n == 3 && exp_pickle_is_named (reading->klass, "copyreg._reconstructor"))
    unwrap_reconstructor (reading);
  else if (exp_pickle_is_named (reading->klass, "copyreg.__newobj__"))
    {
      reading->klass = items[0];
      reading->arguments = tuple_of (reading->pickle, items + 1, n - 1);
    }
  else if (n == 3 && items[1]->kind == EXP_PICKLE_TUPLE && items[2]->kind == EXP_PICKLE_DICT
           && exp_pickle_is_named (reading->klass, "copyreg.__newobj_ex__"))
    {
      reading->klass = items[0];
      reading->arguments = items[1];
      reading->keywords = items[2];
    }
}

static void
resolve_call (ExpPickle *pickle, ExpPickleCall *call, guint depth)
{
  ExpPickleReading reading
      = { pickle, call, depth, call->callable, call->arguments, call->keywords, call->items, call->pairs };
  ExpPickleKnownFunc func;

  if (call->callable->kind == EXP_PICKLE_GLOBAL)
    unwrap (&reading);
  call->class_name = reading.klass->kind == EXP_PICKLE_GLOBAL ? reading.klass->text : NULL;
  func = reading.klass->kind == EXP_PICKLE_GLOBAL ? find_known (reading.klass) : NULL;
  call->meaning = func != NULL ? func (&reading) : NULL;
  if (call->meaning == NULL && call->refusal == NULL)
    call->meaning = exp_pickle_object (&reading);
  if (call->meaning != NULL && call->meaning->kind == EXP_PICKLE_CALL)
    call->meaning = (ExpPickleValue *)exp_pickle_meaning (call->meaning);
}

ExpPickleValue *
exp_pickle_resolve (ExpPickle *pickle, ExpPickleValue *value, guint depth)
{
  enum
  {
    WAITING,
    BUSY,
    DONE
  };
  ExpPickleCall *call;

  if (value->kind != EXP_PICKLE_CALL)
    return value;
  call = value->call;
  if (call->progress == WAITING && depth < EXP_PICKLE_MAX_MEANING && !pickle->is_exhausted)
    {
      call->progress = BUSY;
      resolve_call (pickle, call, depth);
      call->progress = DONE;
    }
  return call->progress == DONE ? call->meaning : NULL;
}

void
exp_pickle_resolve_all (ExpPickle *pickle)
{
  for (ExpPickleCall *call = pickle->first_call; call != NULL && !pickle->is_exhausted; call = call->next)
    exp_pickle_resolve (pickle, call->self, 0);
}

guint
exp_pickle_n_arguments (const ExpPickleReading *reading)
{
  return reading->arguments->n_items;
}

ExpPickleValue *
exp_pickle_argument (const ExpPickleReading *reading, guint index)
{
  if (index >= reading->arguments->n_items)
    return NULL;
  return exp_pickle_resolve (reading->pickle, reading->arguments->items[index], reading->depth + 1);
}

ExpPickleValue *
exp_pickle_state (const ExpPickleReading *reading)
{
  const ExpPickleValue *states = reading->call->states;

  return states != NULL && states->n_items == 1 ? states->items[0] : NULL;
}

gboolean
exp_pickle_is_bare (const ExpPickleReading *reading)
{
  return reading->call->states == NULL && reading->items == NULL && reading->pairs == NULL
         && (reading->keywords == NULL || reading->keywords->n_items == 0);
}

void
exp_pickle_set_attribute (const ExpPickleReading *reading, const char *name, ExpPickleValue *value)
{
  ExpPickleCall *call = reading->call;

  if (call->attributes == NULL)
    call->attributes = exp_pickle_value_new (reading->pickle, EXP_PICKLE_DICT);
  exp_pickle_add_pair (reading->pickle, call->attributes, name, value);
}

void
exp_pickle_copy_attributes (const ExpPickleReading *reading, const ExpPickleValue *from)
{
  ExpPickleCall *call = reading->call;

  if (from->kind != EXP_PICKLE_CALL || from->call->attributes == NULL || from->call == call)
    return;
  if (call->attributes == NULL)
    call->attributes = exp_pickle_value_new (reading->pickle, EXP_PICKLE_DICT);
  exp_pickle_add_items (reading->pickle, call->attributes, from->call->attributes->items,
                        from->call->attributes->n_items);
}

ExpPickleValue *
exp_pickle_new_text (ExpPickle *pickle, const char *format, ...)
{
  va_list arguments;

  va_start (arguments, format);
  g_autofree char *text = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  return exp_pickle_text_new (pickle, EXP_PICKLE_TEXT, text, strlen (text));
}
