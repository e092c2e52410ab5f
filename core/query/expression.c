/* Expressions of predicates: parsing them, and whether a value fulfils one.
 * Knows no parameters and no nodes.
 * Called by scopes. */
#include "expression.h"
#include "expfs/number.h"
#include <math.h>
#include <string.h>

#define MAX_PREDICATES 1000

/* --- values ------------------------------------------------------------------------------------------------- */

static gboolean
parse_number (const char *text, long double *number)
{
  gsize length = strlen (text);
  gint64 integer;
  guint64 natural;
  double real;

  if (exp_int_parse (text, length, &integer))
    *number = integer;
  else if (exp_uint_parse (text, length, &natural))
    *number = natural;
  else if (exp_double_parse (text, length, &real))
    *number = real;
  else
    return FALSE;
  return TRUE;
}

void
exp_value_init (ExpValue *value, const char *text)
{
  value->text = text;
  value->kind = parse_number (text, &value->number) ? EXP_VALUE_NUMBER : EXP_VALUE_TEXT;
}

/* How the value stands to the literal; FALSE when they do not compare: a number with a text, or anything with NaN. */
static gboolean
compare (const ExpValue *value, const ExpValue *literal, int *order)
{
  if (value->kind == EXP_VALUE_TEXT && literal->kind == EXP_VALUE_TEXT)
    {
      *order = strcmp (value->text, literal->text);
      return TRUE;
    }
  if (value->kind == EXP_VALUE_TEXT || literal->kind == EXP_VALUE_TEXT)
    return FALSE;
  long double a = value->number;
  long double b = value->kind == EXP_VALUE_SINGLE ? (float)literal->number : literal->number;
  if (isnan (a) || isnan (b))
    return FALSE;
  *order = (a > b) - (a < b);
  return TRUE;
}

/* A text may look like a number, "007", and is what it looks like only to the bytewise eye. */
static gboolean
is_equal (const ExpValue *value, const ExpValue *literal)
{
  int order;

  return strcmp (value->text, literal->text) == 0 || (compare (value, literal, &order) && order == 0);
}

gint
exp_value_compare (const ExpValue *a, const ExpValue *b)
{
  gboolean a_is_text = a->kind == EXP_VALUE_TEXT, b_is_text = b->kind == EXP_VALUE_TEXT;

  if (a_is_text != b_is_text)
    return a_is_text - b_is_text;
  if (!a_is_text && a->number != b->number && !isnan (a->number) && !isnan (b->number))
    return a->number < b->number ? -1 : 1;
  return strcmp (a->text, b->text);
}

static gboolean
fulfils (ExpOperator op, const ExpValue *value, const ExpValue *literal)
{
  int order;

  if (op == EXP_OPERATOR_EQUAL || op == EXP_OPERATOR_NOT_EQUAL)
    return is_equal (value, literal);
  if (op == EXP_OPERATOR_GLOB)
    return g_pattern_match_simple (literal->text, value->text);
  if (!compare (value, literal, &order))
    return FALSE;
  return op == EXP_OPERATOR_LESS         ? order < 0
         : op == EXP_OPERATOR_LESS_EQUAL ? order <= 0
         : op == EXP_OPERATOR_GREATER    ? order > 0
                                         : order >= 0;
}

gboolean
exp_predicate_matches (const ExpPredicate *predicate, const ExpValue *value)
{
  for (guint i = 0; i < predicate->literals->len; i++)
    if (fulfils (predicate->op, value, &g_array_index (predicate->literals, ExpValue, i)))
      return predicate->op != EXP_OPERATOR_NOT_EQUAL;
  return predicate->op == EXP_OPERATOR_NOT_EQUAL;
}

/* --- parsing ------------------------------------------------------------------------------------------------ */

static void
clear_literal (gpointer data)
{
  g_free ((char *)((ExpValue *)data)->text);
}

static void
clear_predicate (gpointer data)
{
  ExpPredicate *predicate = data;

  g_free (predicate->name);
  if (predicate->literals != NULL)
    g_array_unref (predicate->literals);
}

void
exp_query_free (ExpQuery *query)
{
  if (query == NULL)
    return;
  g_array_unref (query->predicates);
  g_free (query);
}

static gboolean
fail (const char *whole, const char *at, const char *what, GError **error)
{
  if (*at == '\0')
    g_set_error (error, EXP_ERROR, EXP_ERROR_INVALID, "'%s': %s at its end", whole, what);
  else
    g_set_error (error, EXP_ERROR, EXP_ERROR_INVALID, "'%s': %s at '%s'", whole, what, at);
  return FALSE;
}

/* The longer of two that begin alike comes first. */
static const struct
{
  const char *text;
  ExpOperator op;
} operators[] = {
  { "!=", EXP_OPERATOR_NOT_EQUAL }, { "<=", EXP_OPERATOR_LESS_EQUAL }, { ">=", EXP_OPERATOR_GREATER_EQUAL },
  { "==", EXP_OPERATOR_EQUAL },     { "=", EXP_OPERATOR_EQUAL },       { "<", EXP_OPERATOR_LESS },
  { ">", EXP_OPERATOR_GREATER },    { "~", EXP_OPERATOR_GLOB },
};

static gboolean
take_operator (const char **at, ExpOperator *op)
{
  for (guint i = 0; i < G_N_ELEMENTS (operators); i++)
    if (g_str_has_prefix (*at, operators[i].text))
      {
        *at += strlen (operators[i].text);
        *op = operators[i].op;
        return TRUE;
      }
  return FALSE;
}

/* A text in double quotes; NULL when they do not end. */
static char *
take_quoted (const char **at)
{
  GString *out = g_string_new (NULL);
  const char *c = *at + 1;

  for (; *c != '"' && *c != '\0'; c++)
    {
      if (*c == '\\' && (c[1] == '"' || c[1] == '\\'))
        c++;
      g_string_append_c (out, *c);
    }
  if (*c == '\0')
    {
      g_string_free (out, TRUE);
      return NULL;
    }
  *at = c + 1;
  return g_string_free (out, FALSE);
}

static char *
take_value (const char **at)
{
  *at += strspn (*at, " ");
  if (**at == '"')
    return take_quoted (at);
  gsize length = strcspn (*at, ",|");
  char *text = g_strndup (*at, length);
  *at += length;
  return g_strchomp (text);
}

static gboolean
parse_values (const char *whole, const char **at, ExpPredicate *predicate, GError **error)
{
  predicate->literals = g_array_new (FALSE, TRUE, sizeof (ExpValue));
  g_array_set_clear_func (predicate->literals, clear_literal);
  for (;;)
    {
      const char *start = *at;
      ExpValue literal = { 0 };
      char *text = take_value (at);

      if (text == NULL)
        return fail (whole, start, "a quote that does not end", error);
      exp_value_init (&literal, text);
      if (*start == '"' && literal.kind != EXP_VALUE_TEXT)
        literal.kind = EXP_VALUE_TEXT;
      g_array_append_val (predicate->literals, literal);
      *at += strspn (*at, " ");
      if (**at != '|')
        return **at == '\0' || **at == ',' || fail (whole, *at, "neither ',' nor '|'", error);
      (*at)++;
    }
}

static gboolean
parse_predicate (const char *whole, const char **at, ExpPredicate *predicate, GError **error)
{
  *at += strspn (*at, " ");
  if (**at == '"')
    predicate->name = take_quoted (at);
  else
    {
      gsize length = strcspn (*at, "=!<>~,|");
      predicate->name = g_strchomp (g_strndup (*at, length));
      *at += length;
    }
  *at += strspn (*at, " ");
  if (predicate->name == NULL || *predicate->name == '\0')
    return fail (whole, *at, "no parameter's name", error);
  if (!take_operator (at, &predicate->op))
    return fail (whole, *at, "none of = != < <= > >= ~", error);
  return parse_values (whole, at, predicate, error);
}

ExpQuery *
exp_query_parse (const char *text, GError **error)
{
  g_autoptr (ExpQuery) query = g_new0 (ExpQuery, 1);
  const char *at = text;

  query->predicates = g_array_new (FALSE, TRUE, sizeof (ExpPredicate));
  g_array_set_clear_func (query->predicates, clear_predicate);
  do
    {
      ExpPredicate predicate = { 0 };
      gboolean is_done = parse_predicate (text, &at, &predicate, error);

      g_array_append_val (query->predicates, predicate);
      if (!is_done)
        return NULL;
      if (query->predicates->len > MAX_PREDICATES)
        {
          fail (text, at, "too many predicates", error);
          return NULL;
        }
    }
  while (*at++ == ',');
  return g_steal_pointer (&query);
}
