/* Reads Python's literals.
 * Knows their grammar and the few names that Mozaik's texts have; evaluates nothing.
 * Called by stimulus.c. */
#include "literal.h"
#include "expfs/number.h"
#include "literal_string.h"
#include <math.h>
#include <string.h>

/* Brackets inside brackets. */
#define MAX_DEPTH 100

/* Digits of an integer, as Python has it. */
#define MAX_DIGITS 4300

typedef struct
{
  const char *start, *at, *end;
  guint depth;
  GError **error;
} Parser;

static ExpMozaikLiteral *parse_value (Parser *parser);

static gpointer
fail (Parser *parser, const char *what)
{
  if (parser->error != NULL && *parser->error == NULL)
    g_set_error (parser->error, EXP_ERROR, EXP_ERROR_INVALID, "%s at character %" G_GSIZE_FORMAT, what,
                 (gsize)(parser->at - parser->start) + 1);
  return NULL;
}

void
exp_mozaik_literal_free (ExpMozaikLiteral *literal)
{
  if (literal == NULL)
    return;
  if (literal->kind == EXP_MOZAIK_BIG_INT || literal->kind == EXP_MOZAIK_TEXT)
    g_string_free (literal->text, TRUE);
  else if (literal->kind >= EXP_MOZAIK_LIST)
    g_ptr_array_unref (literal->items);
  g_free (literal);
}

static ExpMozaikLiteral *
literal_new (ExpMozaikLiteralKind kind)
{
  ExpMozaikLiteral *literal = g_new0 (ExpMozaikLiteral, 1);

  literal->kind = kind;
  if (kind >= EXP_MOZAIK_LIST)
    literal->items = g_ptr_array_new_with_free_func ((GDestroyNotify)exp_mozaik_literal_free);
  return literal;
}

static char
peek (Parser *parser)
{
  while (parser->at < parser->end && strchr (" \t\r\n\f", *parser->at) != NULL && *parser->at != '\0')
    parser->at++;
  return parser->at < parser->end ? *parser->at : '\0';
}

static gboolean
take (Parser *parser, char c)
{
  if (peek (parser) != c || parser->at == parser->end)
    return FALSE;
  parser->at++;
  return TRUE;
}

/* --- numbers ------------------------------------------------------------------------------------------------ */

static ExpMozaikLiteral *
new_integer (Parser *parser, const char *digits, gsize length, gboolean is_negative)
{
  g_autofree char *text = g_strdup_printf ("%s%.*s", is_negative ? "-" : "", (int)length, digits);
  ExpMozaikLiteral *literal;
  gint64 value;

  if (exp_int_parse (text, strlen (text), &value))
    {
      literal = literal_new (EXP_MOZAIK_INT);
      literal->integer = value;
      return literal;
    }
  if (length > MAX_DIGITS)
    return fail (parser, "an integer of more digits than Python reads");
  literal = literal_new (EXP_MOZAIK_BIG_INT);
  literal->text = g_string_new (text);
  return literal;
}

static ExpMozaikLiteral *
new_float (double value, gboolean is_negative)
{
  ExpMozaikLiteral *literal = literal_new (EXP_MOZAIK_FLOAT);

  literal->real = is_negative ? -value : value;
  return literal;
}

static ExpMozaikLiteral *
parse_number (Parser *parser, gboolean is_negative)
{
  const char *start = parser->at, *at = start;
  gboolean is_float = FALSE;
  double value;

  for (; at < parser->end; at++)
    if (*at == '.' || *at == 'e' || *at == 'E')
      is_float = TRUE;
    else if (!g_ascii_isdigit (*at) && !((*at == '-' || *at == '+') && at > start && (at[-1] | 0x20) == 'e'))
      break;
  parser->at = at;
  if (!is_float)
    {
      if (at < parser->end && (*at == 'L' || *at == 'l'))
        parser->at++;
      return new_integer (parser, start, (gsize)(at - start), is_negative);
    }
  if (!exp_double_parse (start, (gsize)(at - start), &value))
    return fail (parser, "a number that is none");
  return new_float (value, is_negative);
}

/* --- containers --------------------------------------------------------------------------------------------- */

/* The next item, or the value after a key. */
static gboolean
parse_into (Parser *parser, ExpMozaikLiteral *container)
{
  ExpMozaikLiteral *item = parse_value (parser);

  if (item != NULL)
    g_ptr_array_add (container->items, item);
  return item != NULL;
}

static ExpMozaikLiteral *
parse_container (Parser *parser, ExpMozaikLiteralKind kind, char close)
{
  g_autoptr (ExpMozaikLiteral) container = literal_new (kind);
  gboolean has_comma = TRUE;

  parser->at++;
  while (!take (parser, close))
    {
      if (!has_comma)
        return fail (parser, "no comma between two values");
      if (!parse_into (parser, container))
        return NULL;
      if (kind == EXP_MOZAIK_DICT && !take (parser, ':'))
        return fail (parser, "a key without a value");
      if (kind == EXP_MOZAIK_DICT && !parse_into (parser, container))
        return NULL;
      has_comma = take (parser, ',');
      if (parser->at == parser->end)
        return fail (parser, "a bracket that is not closed");
    }
  /* Brackets round one value are no tuple. */
  if (kind == EXP_MOZAIK_TUPLE && container->items->len == 1 && !has_comma)
    return g_ptr_array_steal_index (container->items, 0);
  return g_steal_pointer (&container);
}

/* --- names -------------------------------------------------------------------------------------------------- */

/* Passes over what stands up to the bracket that closes, strings and brackets in it included. */
static gboolean
skip_rest (Parser *parser)
{
  guint depth = 1;

  while (parser->at < parser->end)
    {
      const char c = *parser->at;

      if (c == '\'' || c == '"')
        {
          const char *end = memchr (parser->at + 1, c, (gsize)(parser->end - parser->at - 1));

          if (end == NULL)
            break;
          parser->at = end;
        }
      depth += c == '(' || c == '[' || c == '{';
      depth -= c == ')' || c == ']' || c == '}';
      parser->at++;
      if (depth == 0)
        return TRUE;
    }
  return fail (parser, "a bracket that is not closed") != NULL;
}

/* What is called is one of these, of which the first argument is the value; NumPy's scalars are called by their types.
 */
static ExpMozaikLiteral *
parse_call (Parser *parser, const char *name)
{
  const char *last = strrchr (name, '.') != NULL ? strrchr (name, '.') + 1 : name;
  const gboolean is_set = strcmp (last, "MozaikExtendedParameterSet") == 0 || strcmp (last, "ParameterSet") == 0;
  const gboolean has_more = strcmp (last, "ParameterWithUnitsAndPeriod") == 0;
  const gboolean is_scalar = g_str_has_prefix (name, "np.") || g_str_has_prefix (name, "numpy.");
  g_autoptr (ExpMozaikLiteral) value = NULL;

  if (!is_set && !has_more && !is_scalar)
    return fail (parser, "something to be called that is not understood");
  parser->at++;
  value = parse_value (parser);
  if (value == NULL)
    return NULL;
  if (is_set && value->kind != EXP_MOZAIK_DICT)
    return fail (parser, "a parameter set that is none");
  if (is_scalar && value->kind >= EXP_MOZAIK_LIST)
    return fail (parser, "a scalar of NumPy's that is none");
  if (has_more ? !skip_rest (parser) : !take (parser, ')'))
    return fail (parser, "a bracket that is not closed");
  value->is_set = is_set;
  return g_steal_pointer (&value);
}

static ExpMozaikLiteral *
parse_name (Parser *parser, gboolean is_negative)
{
  const char *start = parser->at;
  g_autofree char *name = NULL;
  ExpMozaikLiteral *literal;
  const char *last;

  while (parser->at < parser->end && (g_ascii_isalnum (*parser->at) || *parser->at == '_' || *parser->at == '.'))
    parser->at++;
  name = g_strndup (start, (gsize)(parser->at - start));
  last = g_str_has_prefix (name, "np.") ? name + 3 : g_str_has_prefix (name, "numpy.") ? name + 6 : name;
  if (strcmp (last, "nan") == 0)
    return new_float (NAN, FALSE);
  if (strcmp (last, "inf") == 0)
    return new_float (INFINITY, is_negative);
  if (is_negative)
    return fail (parser, "a sign in front of what is no number");
  if (strcmp (name, "None") == 0)
    return literal_new (EXP_MOZAIK_NONE);
  if (strcmp (last, "True") == 0 || strcmp (last, "False") == 0 || strcmp (last, "True_") == 0
      || strcmp (last, "False_") == 0)
    {
      literal = literal_new (EXP_MOZAIK_BOOL);
      literal->integer = *last == 'T';
      return literal;
    }
  if (peek (parser) == '(' && *name != '\0')
    return parse_call (parser, name);
  return fail (parser, "a word that is not understood");
}

static ExpMozaikLiteral *
parse_text (Parser *parser)
{
  g_autoptr (GString) text = g_string_new (NULL);
  const char *reason = exp_mozaik_take_string (&parser->at, parser->end, text);
  ExpMozaikLiteral *literal;

  if (reason != NULL)
    return fail (parser, reason);
  literal = literal_new (EXP_MOZAIK_TEXT);
  literal->text = g_steal_pointer (&text);
  return literal;
}

static ExpMozaikLiteral *
parse_unmarked (Parser *parser)
{
  const char c = peek (parser);
  gboolean is_negative = FALSE;

  if (exp_mozaik_is_string (parser->at, parser->end))
    return parse_text (parser);
  if (c == '[')
    return parse_container (parser, EXP_MOZAIK_LIST, ']');
  if (c == '(')
    return parse_container (parser, EXP_MOZAIK_TUPLE, ')');
  if (c == '{')
    return parse_container (parser, EXP_MOZAIK_DICT, '}');
  while (peek (parser) == '-' || peek (parser) == '+')
    is_negative ^= *parser->at++ == '-';
  if (g_ascii_isdigit (peek (parser)) || *parser->at == '.')
    return parse_number (parser, is_negative);
  return parse_name (parser, is_negative);
}

static ExpMozaikLiteral *
parse_value (Parser *parser)
{
  ExpMozaikLiteral *literal;
  const char *start;

  peek (parser);
  start = parser->at;
  if (start == parser->end)
    return fail (parser, "nothing where a value should be");
  if (++parser->depth > MAX_DEPTH)
    return fail (parser, "brackets too deep inside of each other");
  literal = parse_unmarked (parser);
  parser->depth--;
  if (literal == NULL)
    return NULL;
  literal->source = start;
  literal->source_length = (gsize)(parser->at - start);
  return literal;
}

ExpMozaikLiteral *
exp_mozaik_literal_parse (const char *text, gsize length, GError **error)
{
  g_autoptr (GError) local = NULL;
  Parser parser = { text, text, text + length, 0, &local };
  g_autoptr (ExpMozaikLiteral) literal = parse_value (&parser);

  if (literal != NULL && (peek (&parser), parser.at < parser.end))
    fail (&parser, "more than one value");
  if (local == NULL)
    return g_steal_pointer (&literal);
  g_propagate_error (error, g_steal_pointer (&local));
  return NULL;
}

/* --- as arrays ---------------------------------------------------------------------------------------------- */

static ExpArray *
new_text (const char *text, gsize length)
{
  g_autofree char *copy = g_strndup (text, length);

  return exp_array_new_text (copy);
}

/* The one kind of scalar that all have; NONE when they differ or are others. */
static ExpMozaikLiteralKind
common_kind (const GPtrArray *items)
{
  const ExpMozaikLiteral *first = items->len > 0 ? items->pdata[0] : NULL;

  if (first == NULL)
    return EXP_MOZAIK_FLOAT;
  for (guint i = 1; i < items->len; i++)
    if (((ExpMozaikLiteral *)items->pdata[i])->kind != first->kind)
      return EXP_MOZAIK_NONE;
  return first->kind == EXP_MOZAIK_BIG_INT || first->kind >= EXP_MOZAIK_LIST ? EXP_MOZAIK_NONE : first->kind;
}

static ExpArray *
items_array (const ExpMozaikLiteral *literal)
{
  const GPtrArray *items = literal->items;
  const ExpMozaikLiteralKind kind = common_kind (items);
  g_autoptr (GPtrArray) texts = g_ptr_array_new ();
  g_autoptr (ExpDtype) dtype = NULL;
  ExpArray *array;

  if (kind == EXP_MOZAIK_NONE)
    return new_text (literal->source, literal->source_length);
  for (guint i = 0; kind == EXP_MOZAIK_TEXT && i < items->len; i++)
    g_ptr_array_add (texts, ((ExpMozaikLiteral *)items->pdata[i])->text->str);
  if (kind == EXP_MOZAIK_TEXT)
    return exp_array_new_texts (texts->len, (const char *const *)texts->pdata);
  dtype = exp_dtype_new_number (kind == EXP_MOZAIK_BOOL  ? EXP_TYPE_BOOL
                                : kind == EXP_MOZAIK_INT ? EXP_TYPE_INT
                                                         : EXP_TYPE_FLOAT,
                                kind == EXP_MOZAIK_BOOL ? 1 : 8, G_BYTE_ORDER == G_BIG_ENDIAN);
  array = exp_array_new (dtype, 1, &(guint64){ items->len }, NULL);
  for (guint i = 0; array != NULL && i < items->len; i++)
    {
      const ExpMozaikLiteral *item = items->pdata[i];

      if (kind == EXP_MOZAIK_BOOL)
        array->data[i] = item->integer != 0;
      else
        memcpy (array->data + 8 * i, &item->integer, 8);
    }
  return array;
}

ExpArray *
exp_mozaik_literal_to_array (const ExpMozaikLiteral *literal)
{
  switch (literal->kind)
    {
    case EXP_MOZAIK_NONE:
      return exp_mozaik_none ();
    case EXP_MOZAIK_BOOL:
      return exp_array_new_bool (literal->integer != 0);
    case EXP_MOZAIK_INT:
      return exp_array_new_int (literal->integer);
    case EXP_MOZAIK_FLOAT:
      return exp_array_new_float (literal->real);
    case EXP_MOZAIK_BIG_INT:
    case EXP_MOZAIK_TEXT:
      return new_text (literal->text->str, literal->text->len);
    case EXP_MOZAIK_LIST:
    case EXP_MOZAIK_TUPLE:
      return items_array (literal);
    default:
      return new_text (literal->source, literal->source_length);
    }
}

ExpArray *
exp_mozaik_none (void)
{
  g_autoptr (ExpDtype) dtype = exp_dtype_new_number (EXP_TYPE_FLOAT, 8, G_BYTE_ORDER == G_BIG_ENDIAN);
  ExpArray *none = exp_array_new (dtype, 1, &(guint64){ 0 }, NULL);

  none->rank = 0;
  return none;
}
