/* Python's own types as pickles have them: containers, bytes, complex, range, numbers that are text, paths.
 * Knows what their __reduce__ gives, of Python 2 and 3.
 * Called by meaning.c. */
#include "meaning.h"
#include <string.h>

/* Longer ranges are shown as Python writes them, not as their numbers. */
#define MAX_RANGE 1000000

/* Of a slice; they may be anything. */
#define MAX_BOUND 256

/* The items of a list, tuple or set, or none for nothing. */
static ExpPickleValue *
sequence (const ExpPickleReading *reading, ExpPickleKind kind)
{
  ExpPickleValue *from = exp_pickle_argument (reading, 0);

  if (!exp_pickle_is_bare (reading) || exp_pickle_n_arguments (reading) > 1)
    return NULL;
  reading->call->class_name = NULL;
  if (exp_pickle_n_arguments (reading) == 0)
    return exp_pickle_value_new (reading->pickle, kind);
  if (from == NULL || from->kind < EXP_PICKLE_LIST || from->kind > EXP_PICKLE_FROZENSET)
    return NULL;
  return exp_pickle_share (reading->pickle, kind, from);
}

static ExpPickleValue *
known_set (const ExpPickleReading *reading)
{
  return sequence (reading, EXP_PICKLE_SET);
}

static ExpPickleValue *
known_frozenset (const ExpPickleReading *reading)
{
  return sequence (reading, EXP_PICKLE_FROZENSET);
}

/* Characters of a text in the source that are all below 256; FALSE when one is not. Reading it counts as memory does.
 */
static gboolean
count_latin (const ExpPickleValue *text, guint64 *n)
{
  guint8 buffer[4096];

  *n = 0;
  if (!exp_pickle_spend (text->located->pickle, text->length))
    return FALSE;
  for (guint64 at = 0; at < text->length; at += sizeof buffer)
    {
      gsize length = MIN (text->length - at, sizeof buffer);

      if (!exp_source_pread (text->located->pickle->source, text->located->offset + at, length, buffer, NULL))
        return FALSE;
      for (gsize i = 0; i < length; i++)
        {
          if (buffer[i] > 0xc3)
            return FALSE;
          *n += (buffer[i] & 0xc0) != 0x80;
        }
    }
  return TRUE;
}

/* bytes as Python 3 writes them with protocols 0 to 2: text, of which each character is one byte. */
static ExpPickleValue *
from_latin (ExpPickle *pickle, const ExpPickleValue *text, ExpPickleKind kind)
{
  ExpPickleValue *bytes;
  guint64 n;

  if ((text->flags & EXP_PICKLE_IS_LOCATED) != 0)
    {
      if (!count_latin (text, &n))
        return NULL;
      bytes = exp_pickle_value_new (pickle, kind);
      bytes->flags = EXP_PICKLE_IS_LOCATED | EXP_PICKLE_IS_LATIN;
      bytes->length = text->length;
      bytes->located = exp_pickle_allocate (pickle, sizeof *bytes->located);
      if (bytes->located != NULL)
        *bytes->located = (ExpPickleLocated){ pickle, text->located->offset, n };
      return bytes;
    }
  g_autofree guint8 *decoded = g_try_malloc (text->length + 1);
  if (decoded == NULL)
    return NULL;
  n = 0;
  for (guint64 i = 0; i < text->length; i++)
    {
      guint8 byte = (guint8)text->text[i];

      if (byte > 0xc3)
        return NULL;
      if (byte >= 0xc2)
        byte = (guint8)(byte << 6 | ((guint8)text->text[++i] & 0x3f));
      decoded[n++] = byte;
    }
  return exp_pickle_text_new (pickle, kind, decoded, n);
}

static ExpPickleValue *
known_encode (const ExpPickleReading *reading)
{
  const ExpPickleValue *text = exp_pickle_argument (reading, 0), *codec = exp_pickle_argument (reading, 1);

  if (!exp_pickle_is_bare (reading) || text == NULL || text->kind != EXP_PICKLE_TEXT
      || !(exp_pickle_is_text (codec, "latin1") || exp_pickle_is_text (codec, "latin-1")))
    return NULL;
  reading->call->class_name = NULL;
  return from_latin (reading->pickle, text, EXP_PICKLE_BYTES);
}

static ExpPickleValue *
as_bytes (const ExpPickleReading *reading, ExpPickleKind kind)
{
  const ExpPickleValue *first = exp_pickle_argument (reading, 0);
  ExpPickleValue *bytes;

  if (!exp_pickle_is_bare (reading))
    return NULL;
  reading->call->class_name = NULL;
  if (exp_pickle_n_arguments (reading) == 0)
    return exp_pickle_text_new (reading->pickle, kind, "", 0);
  if (first == NULL)
    return NULL;
  if (first->kind == EXP_PICKLE_TEXT)
    return from_latin (reading->pickle, first, kind);
  if (first->kind != EXP_PICKLE_BYTES && first->kind != EXP_PICKLE_STR8)
    return NULL;
  bytes = exp_pickle_value_new (reading->pickle, kind);
  *bytes = *first;
  bytes->kind = kind;
  return bytes;
}

static ExpPickleValue *
known_bytes (const ExpPickleReading *reading)
{
  return as_bytes (reading, EXP_PICKLE_BYTES);
}

static ExpPickleValue *
known_bytearray (const ExpPickleReading *reading)
{
  return as_bytes (reading, EXP_PICKLE_BYTEARRAY);
}

static gboolean
get_double (const ExpPickleValue *value, double *number)
{
  if (value == NULL || (value->kind != EXP_PICKLE_FLOAT && value->kind != EXP_PICKLE_INT))
    return FALSE;
  *number = value->kind == EXP_PICKLE_FLOAT ? value->real : (double)value->integer;
  return TRUE;
}

static ExpPickleValue *
known_complex (const ExpPickleReading *reading)
{
  double real, imaginary;

  if (!exp_pickle_is_bare (reading) || !get_double (exp_pickle_argument (reading, 0), &real)
      || !get_double (exp_pickle_argument (reading, 1), &imaginary))
    return NULL;
  ExpPickleValue *value = exp_pickle_value_new (reading->pickle, EXP_PICKLE_COMPLEX);
  value->real = real;
  value->imaginary = imaginary;
  reading->call->class_name = NULL;
  return value;
}

ExpPickleValue *
exp_pickle_range (const ExpPickleReading *reading)
{
  gint64 start, stop, step;
  ExpPickleValue *value;

  if (!exp_pickle_is_bare (reading) || exp_pickle_n_arguments (reading) != 3
      || !exp_pickle_get_int (exp_pickle_argument (reading, 0), &start)
      || !exp_pickle_get_int (exp_pickle_argument (reading, 1), &stop)
      || !exp_pickle_get_int (exp_pickle_argument (reading, 2), &step) || step == 0 || step == G_MININT64)
    return NULL;
  value = exp_pickle_value_new (reading->pickle, EXP_PICKLE_RANGE);
  value->range = exp_pickle_allocate (reading->pickle, sizeof *value->range);
  if (value->range == NULL)
    return NULL;
  __int128 length = step > 0 ? (__int128)stop - start : (__int128)start - stop;
  gint64 stride = step > 0 ? step : -step;
  length = length > 0 ? (length + stride - 1) / stride : 0;
  reading->call->class_name = "range";
  if (length > MAX_RANGE)
    return exp_pickle_new_text (
        reading->pickle, "range(%" G_GINT64_FORMAT ", %" G_GINT64_FORMAT ", %" G_GINT64_FORMAT ")", start, stop, step);
  *value->range = (ExpPickleRange){ start, step, (guint64)length };
  return value;
}

static void
append_bound (GString *text, const ExpPickleValue *bound)
{
  if (bound != NULL && bound->kind != EXP_PICKLE_NONE)
    exp_pickle_append_limited (bound, text, MAX_BOUND);
}

/* slice (1, None, 2) as 1::2 */
static ExpPickleValue *
known_slice (const ExpPickleReading *reading)
{
  g_autoptr (GString) text = g_string_new (NULL);
  const ExpPickleValue *step = exp_pickle_argument (reading, 2);

  if (!exp_pickle_is_bare (reading) || exp_pickle_n_arguments (reading) != 3)
    return NULL;
  append_bound (text, exp_pickle_argument (reading, 0));
  g_string_append_c (text, ':');
  append_bound (text, exp_pickle_argument (reading, 1));
  if (step == NULL || step->kind != EXP_PICKLE_NONE)
    g_string_append_c (text, ':');
  append_bound (text, step);
  reading->call->class_name = "slice";
  return exp_pickle_text_new (reading->pickle, EXP_PICKLE_TEXT, text->str, text->len);
}

/* A list of pairs, as Python 2 wrote it, or what was put in. */
static ExpPickleValue *
known_ordered_dict (const ExpPickleReading *reading)
{
  ExpPickleValue *dict = exp_pickle_value_new (reading->pickle, EXP_PICKLE_DICT), *pairs;

  if (reading->call->states != NULL || reading->items != NULL || exp_pickle_n_arguments (reading) > 1)
    return NULL;
  pairs = exp_pickle_argument (reading, 0);
  if (exp_pickle_n_arguments (reading) == 1 && (pairs == NULL || pairs->kind != EXP_PICKLE_LIST))
    return NULL;
  for (guint i = 0; pairs != NULL && i < pairs->n_items; i++)
    {
      const ExpPickleValue *pair = pairs->items[i];

      if ((pair->kind != EXP_PICKLE_LIST && pair->kind != EXP_PICKLE_TUPLE) || pair->n_items != 2)
        {
          reading->call->refusal = "an OrderedDict of what are no pairs";
          return NULL;
        }
      exp_pickle_add_items (reading->pickle, dict, pair->items, 2);
    }
  if (reading->pairs != NULL)
    exp_pickle_add_items (reading->pickle, dict, reading->pairs->items, reading->pairs->n_items);
  return dict;
}

static ExpPickleValue *
known_defaultdict (const ExpPickleReading *reading)
{
  if (reading->call->states != NULL || reading->items != NULL || exp_pickle_n_arguments (reading) > 1)
    return NULL;
  if (exp_pickle_n_arguments (reading) == 1)
    exp_pickle_set_attribute (reading, "default_factory", reading->arguments->items[0]);
  return reading->pairs != NULL ? reading->pairs : exp_pickle_value_new (reading->pickle, EXP_PICKLE_DICT);
}

static ExpPickleValue *
known_counter (const ExpPickleReading *reading)
{
  ExpPickleValue *counts = exp_pickle_argument (reading, 0);

  if (!exp_pickle_is_bare (reading) || exp_pickle_n_arguments (reading) > 1)
    return NULL;
  if (exp_pickle_n_arguments (reading) == 0)
    return exp_pickle_value_new (reading->pickle, EXP_PICKLE_DICT);
  return counts != NULL && counts->kind == EXP_PICKLE_DICT ? counts : NULL;
}

static ExpPickleValue *
known_deque (const ExpPickleReading *reading)
{
  guint n = exp_pickle_n_arguments (reading);
  const ExpPickleValue *first = exp_pickle_argument (reading, 0);
  ExpPickleValue *list = exp_pickle_value_new (reading->pickle, EXP_PICKLE_LIST);

  if (reading->call->states != NULL || reading->pairs != NULL || n > 2
      || (n > 0 && (first == NULL || (first->kind != EXP_PICKLE_LIST && first->kind != EXP_PICKLE_TUPLE))))
    return NULL;
  if (first != NULL)
    exp_pickle_add_items (reading->pickle, list, first->items, first->n_items);
  if (reading->items != NULL)
    exp_pickle_add_items (reading->pickle, list, reading->items->items, reading->items->n_items);
  if (n == 2)
    exp_pickle_set_attribute (reading, "maxlen", reading->arguments->items[1]);
  return list;
}

static gboolean
is_digits (const ExpPickleValue *value)
{
  return value != NULL && (value->kind == EXP_PICKLE_INT || value->kind == EXP_PICKLE_BIG_INT);
}

static ExpPickleValue *
text_argument (const ExpPickleReading *reading)
{
  ExpPickleValue *text = exp_pickle_argument (reading, 0);

  return exp_pickle_is_bare (reading) && exp_pickle_n_arguments (reading) == 1 && text != NULL
                 && (text->kind == EXP_PICKLE_TEXT || text->kind == EXP_PICKLE_STR8)
             ? text
             : NULL;
}

static ExpPickleValue *
known_fraction (const ExpPickleReading *reading)
{
  const ExpPickleValue *over = exp_pickle_argument (reading, 0), *under = exp_pickle_argument (reading, 1);
  g_autoptr (GString) text = g_string_new (NULL);

  if (exp_pickle_n_arguments (reading) != 2 || !exp_pickle_is_bare (reading) || !is_digits (over) || !is_digits (under))
    return text_argument (reading);
  exp_pickle_append_text (over, text);
  if (under->kind != EXP_PICKLE_INT || under->integer != 1)
    {
      g_string_append_c (text, '/');
      exp_pickle_append_text (under, text);
    }
  return exp_pickle_text_new (reading->pickle, EXP_PICKLE_TEXT, text->str, text->len);
}

/* A number of up to 128 bits. */
static gboolean
get_uint128 (const ExpPickleValue *value, unsigned __int128 *number)
{
  *number = 0;
  if (value == NULL || !is_digits (value))
    return FALSE;
  if (value->kind == EXP_PICKLE_INT)
    {
      *number = (guint64)value->integer;
      return value->integer >= 0;
    }
  if (value->length > 39)
    return FALSE;
  for (guint64 i = 0; i < value->length; i++)
    {
      if (!g_ascii_isdigit (value->text[i]))
        return FALSE;
      *number = *number * 10 + (guint)(value->text[i] - '0');
    }
  return TRUE;
}

static ExpPickleValue *
known_uuid (const ExpPickleReading *reading)
{
  const ExpPickleValue *state = exp_pickle_state (reading);
  unsigned __int128 number;

  if (exp_pickle_n_arguments (reading) > 0 || reading->items != NULL || reading->pairs != NULL || state == NULL
      || state->kind != EXP_PICKLE_DICT || !exp_pickle_spend (reading->pickle, state->n_items * sizeof *state->items)
      || !get_uint128 (exp_pickle_get (state, "int"), &number))
    return NULL;
  guint64 high = (guint64)(number >> 64), low = (guint64)number;
  return exp_pickle_new_text (reading->pickle, "%08x-%04x-%04x-%04x-%012" G_GINT64_MODIFIER "x", (guint)(high >> 32),
                              (guint)(high >> 16 & 0xffff), (guint)(high & 0xffff), (guint)(low >> 48),
                              low & G_GUINT64_CONSTANT (0xffffffffffff));
}

/* A path by its parts, of which the first may be the root. */
static ExpPickleValue *
known_path (const ExpPickleReading *reading)
{
  char separator = strstr (reading->klass->text, "Windows") != NULL ? '\\' : '/';
  g_autoptr (GString) path = g_string_new (NULL);

  if (!exp_pickle_is_bare (reading)
      || !exp_pickle_spend (reading->pickle, exp_pickle_n_arguments (reading) * sizeof *reading->arguments->items))
    return NULL;
  for (guint i = 0; i < exp_pickle_n_arguments (reading); i++)
    {
      const ExpPickleValue *part = exp_pickle_argument (reading, i);

      if (part == NULL || part->kind != EXP_PICKLE_TEXT || (part->flags & EXP_PICKLE_IS_LOCATED) != 0)
        return NULL;
      if (path->len > 0 && path->str[path->len - 1] != separator)
        g_string_append_c (path, separator);
      g_string_append_len (path, part->text, part->length);
    }
  if (path->len == 0)
    g_string_append_c (path, '.');
  return exp_pickle_text_new (reading->pickle, EXP_PICKLE_TEXT, path->str, path->len);
}

const ExpPickleKnown exp_pickle_known_python[] = {
  { "builtins.set", known_set },
  { "builtins.frozenset", known_frozenset },
  { "builtins.bytes", known_bytes },
  { "builtins.bytearray", known_bytearray },
  { "builtins.complex", known_complex },
  { "builtins.range", exp_pickle_range },
  { "builtins.slice", known_slice },
  { "_codecs.encode", known_encode },
  { "collections.OrderedDict", known_ordered_dict },
  { "collections.defaultdict", known_defaultdict },
  { "collections.Counter", known_counter },
  { "collections.deque", known_deque },
  { "decimal.Decimal", text_argument },
  { "fractions.Fraction", known_fraction },
  { "uuid.UUID", known_uuid },
  { "pathlib.PurePosixPath", known_path },
  { "pathlib.PosixPath", known_path },
  { "pathlib.PureWindowsPath", known_path },
  { "pathlib.WindowsPath", known_path },
  { NULL, NULL },
};
