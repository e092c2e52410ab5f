/* Expressions of predicates: parsing them, and whether a value fulfils one.
 * Knows no parameters and no nodes.
 * Called by scopes. */
#include "expression.h"
#include <string.h>

#define MAX_TEXT       (1 << 20) /* bytes */
#define MAX_PREDICATES 1000
#define MAX_VALUES     10000 /* of all predicates */

static gboolean
fulfils (ExpOperator op, const ExpValue *value, const ExpValue *literal, gboolean is_strict)
{
  int order;

  if (op == EXP_OPERATOR_EQUAL || op == EXP_OPERATOR_NOT_EQUAL)
    return exp_value_is_equal (value, literal, is_strict);
  if (op == EXP_OPERATOR_GLOB)
    return exp_text_matches (value->text, literal->text);
  if (!exp_value_order (value, literal, &order))
    return FALSE;
  return op == EXP_OPERATOR_LESS         ? order < 0
         : op == EXP_OPERATOR_LESS_EQUAL ? order <= 0
         : op == EXP_OPERATOR_GREATER    ? order > 0
                                         : order >= 0;
}

gboolean
exp_predicate_matches (const ExpPredicate *predicate, const ExpValue *value, gboolean is_strict)
{
  for (guint i = 0; i < predicate->literals->len; i++)
    if (fulfils (predicate->op, value, &g_array_index (predicate->literals, ExpValue, i), is_strict))
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

static ExpQuery *
query_new (void)
{
  ExpQuery *query = g_new0 (ExpQuery, 1);

  query->predicates = g_array_new (FALSE, TRUE, sizeof (ExpPredicate));
  g_array_set_clear_func (query->predicates, clear_predicate);
  return query;
}

static void
add_literal (ExpPredicate *predicate, char *text, gboolean is_quoted)
{
  ExpValue literal;

  exp_value_init (&literal, text, is_quoted);
  g_array_append_val (predicate->literals, literal);
}

static void
init_literals (ExpPredicate *predicate)
{
  predicate->literals = g_array_new (FALSE, TRUE, sizeof (ExpValue));
  g_array_set_clear_func (predicate->literals, clear_literal);
}

ExpQuery *
exp_query_new_equal (const char *name, const char *value)
{
  ExpQuery *query = query_new ();
  ExpPredicate predicate = { .name = g_strdup (name), .op = EXP_OPERATOR_EQUAL };
  const char *at = value;
  char *quoted = *value == '"' ? exp_text_take_quoted (&at) : NULL;

  if (quoted != NULL && *at != '\0')
    g_clear_pointer (&quoted, g_free);
  init_literals (&predicate);
  add_literal (&predicate, quoted != NULL ? quoted : g_strdup (value), quoted != NULL || *value == '\0');
  g_array_append_val (query->predicates, predicate);
  return query;
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

/* The length of a list in brackets, whose commas part its elements; 0 when none is here that ends. */
static gsize
length_of_list (const char *at)
{
  guint depth = 0;
  gboolean is_text = FALSE;

  if (*at != '[' && *at != '(')
    return 0;
  for (const char *c = at; *c != '\0'; c++)
    if (is_text && *c == '\\' && c[1] != '\0')
      c++;
    else if (*c == '"')
      is_text = !is_text;
    else if (!is_text && (*c == '[' || *c == '('))
      depth++;
    else if (!is_text && (*c == ']' || *c == ')') && --depth == 0)
      return c[1 + strspn (c + 1, " ")] == '\0' || c[1 + strspn (c + 1, " ")] == ',' || c[1] == '|' ? c + 1 - at : 0;
  return 0;
}

static char *
take_value (const char **at)
{
  *at += strspn (*at, " ");
  if (**at == '"')
    return exp_text_take_quoted (at);
  gsize length = length_of_list (*at);
  if (length == 0)
    length = strcspn (*at, ",|");
  char *text = g_strndup (*at, length);
  *at += length;
  return g_strchomp (text);
}

static gboolean
parse_values (const char *whole, const char **at, guint *n_values, ExpPredicate *predicate, GError **error)
{
  init_literals (predicate);
  for (;;)
    {
      const char *start = *at;
      char *text = take_value (at);

      if (text == NULL)
        return fail (whole, start, "a quote that does not end", error);
      add_literal (predicate, text, start[strspn (start, " ")] == '"');
      if (++*n_values > MAX_VALUES)
        return fail (whole, start, "too many values", error);
      *at += strspn (*at, " ");
      if (**at != '|')
        return **at == '\0' || **at == ',' || fail (whole, *at, "neither ',' nor '|'", error);
      (*at)++;
    }
}

static gboolean
parse_predicate (const char *whole, const char **at, guint *n_values, ExpPredicate *predicate, GError **error)
{
  gboolean is_optional = FALSE;

  *at += strspn (*at, " ");
  if (**at == '"')
    predicate->name = exp_text_take_quoted (at);
  else
    {
      gsize length = strcspn (*at, "=!<>~,|");

      is_optional = length > 0 && (*at)[length] != '\0' && (*at)[length - 1] == '?';
      predicate->name = g_strchomp (g_strndup (*at, length - is_optional));
      *at += length;
    }
  *at += strspn (*at, " ");
  if (predicate->name == NULL || *predicate->name == '\0')
    return fail (whole, *at, "no parameter's name", error);
  predicate->is_optional = is_optional || **at == '?';
  *at += **at == '?';
  if (!take_operator (at, &predicate->op))
    return fail (whole, *at, "none of = != < <= > >= ~", error);
  return parse_values (whole, at, n_values, predicate, error);
}

ExpQuery *
exp_query_parse (const char *text, GError **error)
{
  g_autoptr (ExpQuery) query = query_new ();
  const char *at = text;
  guint n_values = 0;

  if (strcmp (text, "*") == 0)
    return g_steal_pointer (&query);
  if (strlen (text) > MAX_TEXT)
    {
      g_set_error_literal (error, EXP_ERROR, EXP_ERROR_INVALID, "the expression is too long");
      return NULL;
    }
  do
    {
      ExpPredicate predicate = { 0 };
      gboolean is_done = parse_predicate (text, &at, &n_values, &predicate, error);

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
