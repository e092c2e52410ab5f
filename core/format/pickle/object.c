/* What calls of well-known names stand for: sets, bytes, complex numbers, NumPy's arrays and scalars; other objects are
 * kept with their class.
 * Knows names that Python's own and NumPy's pickles use; calls none of them.
 * Called by machine.c. */
#include "machine.h"
#include <string.h>

guint
exp_pickle_n_items (const ExpPickleValue *value)
{
  return value->items != NULL ? value->items->len : 0;
}

const ExpPickleValue *
exp_pickle_item (const ExpPickleValue *value, guint index)
{
  return index < exp_pickle_n_items (value) ? value->items->pdata[index] : NULL;
}

gboolean
exp_pickle_is_text (const ExpPickleValue *value, const char *text)
{
  return value != NULL && value->text != NULL && value->length == strlen (text)
         && memcmp (value->text, text, value->length) == 0;
}

const ExpPickleValue *
exp_pickle_get (const ExpPickleValue *dict, const char *key)
{
  for (guint i = 0; dict->kind == EXP_PICKLE_DICT && i + 1 < exp_pickle_n_items (dict); i += 2)
    {
      const ExpPickleValue *name = exp_pickle_item (dict, i);

      if ((name->kind == EXP_PICKLE_TEXT || name->kind == EXP_PICKLE_BYTES) && exp_pickle_is_text (name, key))
        return exp_pickle_item (dict, i + 1);
    }
  return NULL;
}

gboolean
exp_pickle_get_int (const ExpPickleValue *value, gint64 *number)
{
  if (value == NULL || (value->kind != EXP_PICKLE_INT && value->kind != EXP_PICKLE_BOOL))
    return FALSE;
  *number = value->integer;
  return TRUE;
}

/* TRUE when the callable is NAME of one of the modules that Python 2 and 3 call it by. */
static gboolean
is_builtin (const ExpPickleValue *callable, const char *name)
{
  static const char *const modules[] = { "builtins", "__builtin__" };

  for (guint i = 0; i < G_N_ELEMENTS (modules); i++)
    {
      g_autofree char *full = g_strconcat (modules[i], ".", name, NULL);

      if (exp_pickle_is_text (callable, full))
        return TRUE;
    }
  return FALSE;
}

static ExpPickleValue *
object_new (ExpPickle *pickle, const ExpPickleValue *klass, const ExpPickleValue *arguments)
{
  ExpPickleValue *object = exp_pickle_value_new (pickle, EXP_PICKLE_OBJECT);

  object->text = klass->text != NULL ? klass->text : "object";
  object->length = klass->text != NULL ? klass->length : strlen ("object");
  object->items = arguments->items != NULL ? g_ptr_array_ref (arguments->items) : NULL;
  return object;
}

static ExpPickleValue *
copy_as (ExpPickle *pickle, ExpPickleKind kind, const ExpPickleValue *from)
{
  ExpPickleValue *value = exp_pickle_value_new (pickle, kind);

  for (guint i = 0; from != NULL && i < exp_pickle_n_items (from); i++)
    exp_pickle_add_item (value, from->items->pdata[i]);
  return value;
}

/* bytes that Python 3 wrote with protocols 0 to 2: text, as Latin-1. */
static ExpPickleValue *
encode (ExpPickle *pickle, const ExpPickleValue *text)
{
  gsize written;
  g_autofree char *latin = g_convert (text->text, text->length, "ISO-8859-1", "UTF-8", NULL, &written, NULL);

  if (latin == NULL)
    return NULL;
  ExpPickleValue *value = exp_pickle_value_new (pickle, EXP_PICKLE_BYTES);
  value->text = g_string_chunk_insert_len (pickle->texts, latin, written);
  value->length = written;
  return value;
}

static gboolean
as_double (const ExpPickleValue *value, double *number)
{
  if (value->kind == EXP_PICKLE_FLOAT)
    *number = value->real;
  else if (value->kind == EXP_PICKLE_INT)
    *number = (double)value->integer;
  else
    return FALSE;
  return TRUE;
}

static ExpPickleValue *
new_complex (ExpPickle *pickle, const ExpPickleValue *arguments)
{
  double real, imaginary;

  if (!as_double (exp_pickle_item (arguments, 0), &real) || !as_double (exp_pickle_item (arguments, 1), &imaginary))
    return NULL;
  ExpPickleValue *value = exp_pickle_value_new (pickle, EXP_PICKLE_COMPLEX);
  value->real = real;
  value->imaginary = imaginary;
  return value;
}

/* A list of pairs as a dict. */
static ExpPickleValue *
from_pairs (ExpPickle *pickle, const ExpPickleValue *pairs)
{
  ExpPickleValue *dict = exp_pickle_value_new (pickle, EXP_PICKLE_DICT);

  for (guint i = 0; i < exp_pickle_n_items (pairs); i++)
    {
      const ExpPickleValue *pair = exp_pickle_item (pairs, i);

      if (exp_pickle_n_items (pair) != 2)
        return NULL;
      exp_pickle_add_item (dict, pair->items->pdata[0]);
      exp_pickle_add_item (dict, pair->items->pdata[1]);
    }
  return dict;
}

/* NULL for what has no meaning here. */
static ExpPickleValue *
reduce_known (ExpPickle *pickle, const ExpPickleValue *callable, const ExpPickleValue *arguments)
{
  guint n = exp_pickle_n_items (arguments);
  const ExpPickleValue *first = exp_pickle_item (arguments, 0);

  if (is_builtin (callable, "set") || is_builtin (callable, "frozenset"))
    return copy_as (pickle, EXP_PICKLE_SET, first);
  if (is_builtin (callable, "complex") && n == 2)
    return new_complex (pickle, arguments);
  if (exp_pickle_is_text (callable, "_codecs.encode") && n >= 1 && first->kind == EXP_PICKLE_TEXT)
    return encode (pickle, first);
  if ((is_builtin (callable, "bytes") || is_builtin (callable, "bytearray")) && n == 0)
    return exp_pickle_value_new (pickle, EXP_PICKLE_BYTES);
  if (is_builtin (callable, "bytearray") && first->kind == EXP_PICKLE_BYTES)
    return arguments->items->pdata[0];
  if (exp_pickle_is_text (callable, "collections.OrderedDict"))
    return n == 0 ? exp_pickle_value_new (pickle, EXP_PICKLE_DICT) : from_pairs (pickle, first);
  if (n == 2
      && (exp_pickle_is_text (callable, "numpy.core.multiarray.scalar")
          || exp_pickle_is_text (callable, "numpy._core.multiarray.scalar")))
    return exp_pickle_scalar (pickle, first, exp_pickle_item (arguments, 1));
  if (n == 3
      && (exp_pickle_is_text (callable, "copy_reg._reconstructor")
          || exp_pickle_is_text (callable, "copyreg._reconstructor")))
    return object_new (pickle, first, exp_pickle_value_new (pickle, EXP_PICKLE_TUPLE));
  return NULL;
}

ExpPickleValue *
exp_pickle_reduce (ExpPickle *pickle, const ExpPickleValue *callable, ExpPickleValue *arguments)
{
  ExpPickleValue *known = NULL;

  if (arguments->kind == EXP_PICKLE_TUPLE && callable->kind == EXP_PICKLE_GLOBAL)
    known = reduce_known (pickle, callable, arguments);
  return known != NULL ? known : object_new (pickle, callable, arguments);
}

void
exp_pickle_build (ExpPickle *pickle, ExpPickleValue *object, ExpPickleValue *state)
{
  if (object->kind != EXP_PICKLE_OBJECT)
    return;
  object->state = state;
  if (exp_pickle_is_ndarray (object))
    exp_pickle_build_ndarray (pickle, object, state);
}
