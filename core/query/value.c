/* Values: what a literal means, and how values compare with each other.
 * Knows no parameters and no nodes.
 * Called by expressions, indexes and whoever compares what is in them. */
#include "value.h"
#include "expfs/number.h"
#include <math.h>
#include <string.h>

/* --- literals ----------------------------------------------------------------------------------------------- */

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

static gboolean
is_one_of (const char *text, const char *a, const char *b)
{
  return strcmp (text, a) == 0 || strcmp (text, b) == 0;
}

static gboolean
is_list (const char *text)
{
  gsize length = strlen (text);

  return length >= 2 && ((text[0] == '[' && text[length - 1] == ']') || (text[0] == '(' && text[length - 1] == ')'));
}

void
exp_value_init (ExpValue *value, const char *text, gboolean is_quoted)
{
  *value = (ExpValue){ .text = text, .kind = EXP_VALUE_TEXT, .is_quoted = is_quoted };
  if (is_quoted)
    return;
  if (parse_number (text, &value->number))
    value->kind = EXP_VALUE_NUMBER;
  else if (is_one_of (text, "true", "True") || is_one_of (text, "false", "False"))
    {
      value->kind = EXP_VALUE_BOOLEAN;
      value->number = text[0] == 't' || text[0] == 'T';
    }
  else if (is_one_of (text, "null", "None"))
    value->kind = EXP_VALUE_NONE;
  else if (is_list (text))
    value->kind = EXP_VALUE_LIST;
}

char *
exp_text_take_quoted (const char **at)
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

void
exp_text_append_quoted (const char *text, GString *out)
{
  g_string_append_c (out, '"');
  for (; *text != '\0'; text++)
    {
      if (*text == '"' || *text == '\\')
        g_string_append_c (out, '\\');
      g_string_append_c (out, *text);
    }
  g_string_append_c (out, '"');
}

void
exp_value_append_literal (const ExpValue *value, gboolean is_strict, gboolean in_expression, GString *out)
{
  const char *text = value->text;
  gsize length = strlen (text);
  ExpValue meant;

  exp_value_init (&meant, text, FALSE);
  gboolean is_plain = value->kind != EXP_VALUE_TEXT || (meant.kind == EXP_VALUE_TEXT && length > 0) || !is_strict;
  if (in_expression && value->kind == EXP_VALUE_TEXT)
    is_plain &= text[strcspn (text, ",|\"")] == '\0' && text[0] != ' ' && (length == 0 || text[length - 1] != ' ');
  else if (value->kind == EXP_VALUE_TEXT && is_strict)
    is_plain &= text[0] != '"';
  if (is_plain)
    g_string_append (out, text);
  else
    exp_text_append_quoted (text, out);
}

/* --- comparing ---------------------------------------------------------------------------------------------- */

static gboolean
is_number (const ExpValue *value)
{
  return value->kind == EXP_VALUE_NUMBER || value->kind == EXP_VALUE_SINGLE || value->kind == EXP_VALUE_BOOLEAN;
}

gboolean
exp_value_order (const ExpValue *value, const ExpValue *literal, int *order)
{
  if (value->kind == EXP_VALUE_TEXT && literal->kind == EXP_VALUE_TEXT)
    {
      *order = strcmp (value->text, literal->text);
      return TRUE;
    }
  if (!is_number (value) || !is_number (literal))
    return FALSE;
  long double a = value->number;
  long double b = value->kind == EXP_VALUE_SINGLE ? (float)literal->number : literal->number;
  if (isnan (a) || isnan (b))
    return FALSE;
  *order = (a > b) - (a < b);
  return TRUE;
}

/* The next element of a list's text, up to its comma or end; FALSE when there is none. Texts may hold commas. */
static gboolean
take_element (const char **at, char **element)
{
  const char *start = *at + strspn (*at, " "), *c = start;
  guint depth = 0;
  gboolean is_text = FALSE;

  if (*start == '\0')
    return FALSE;
  for (; *c != '\0' && (is_text || depth > 0 || *c != ','); c++)
    if (is_text && *c == '\\' && c[1] != '\0')
      c++;
    else if (*c == '"')
      is_text = !is_text;
    else if (!is_text && (*c == '[' || *c == '('))
      depth++;
    else if (!is_text && (*c == ']' || *c == ')') && depth > 0)
      depth--;
  *element = g_strchomp (g_strndup (start, c - start));
  *at = *c == ',' ? c + 1 : c;
  return TRUE;
}

#define MAX_LIST_DEPTH 20

/* Element by element, so that [1, 2] is [1.0,2]. */
static gboolean
are_equal_lists (const char *a, const char *b, guint depth)
{
  g_autofree char *a_inside = g_strndup (a + 1, strlen (a) - 2), *b_inside = g_strndup (b + 1, strlen (b) - 2);
  const char *a_at = a_inside, *b_at = b_inside;

  for (;;)
    {
      g_autofree char *x_text = NULL, *y_text = NULL;
      gboolean has_x = take_element (&a_at, &x_text), has_y = take_element (&b_at, &y_text);
      ExpValue x, y;
      int order;

      if (!has_x || !has_y)
        return has_x == has_y;
      exp_value_init (&x, x_text, FALSE);
      exp_value_init (&y, y_text, FALSE);
      if (x.kind == EXP_VALUE_LIST && y.kind == EXP_VALUE_LIST && depth < MAX_LIST_DEPTH)
        {
          if (!are_equal_lists (x_text, y_text, depth + 1))
            return FALSE;
        }
      else if (!exp_value_order (&x, &y, &order) ? strcmp (x_text, y_text) != 0 : order != 0)
        return FALSE;
    }
}

gboolean
exp_value_is_equal (const ExpValue *value, const ExpValue *literal, gboolean is_strict)
{
  int order;

  if (is_strict && literal->text[0] == '\0' && literal->kind == EXP_VALUE_TEXT && !literal->is_quoted)
    return FALSE;
  if (value->kind == EXP_VALUE_LIST && literal->kind == EXP_VALUE_LIST)
    return is_list (value->text) && are_equal_lists (value->text, literal->text, 0);
  if (value->kind == EXP_VALUE_NONE && literal->kind == EXP_VALUE_NONE)
    return TRUE;
  /* A text may look like a number, "007", and is what it looks like only to the bytewise eye. */
  return (!is_strict && strcmp (value->text, literal->text) == 0)
         || (exp_value_order (value, literal, &order) && order == 0);
}

gint
exp_value_compare (const ExpValue *a, const ExpValue *b)
{
  if (is_number (a) != is_number (b))
    return is_number (a) ? -1 : 1;
  if (is_number (a) && a->number != b->number && !isnan (a->number) && !isnan (b->number))
    return a->number < b->number ? -1 : 1;
  return strcmp (a->text, b->text);
}

/* Where the last * stood and how far it reached is all that has to be gone back to: an earlier one need not reach
 * further, whatever follows. */
gboolean
exp_text_matches (const char *text, const char *pattern)
{
  const char *star = NULL, *reached = NULL;

  while (*text != '\0')
    if (*pattern == '*')
      {
        star = ++pattern;
        reached = text;
      }
    else if (*pattern == '?' || *pattern == *text)
      {
        gboolean is_any = *pattern++ == '?';

        text++;
        while (is_any && (*text & 0xc0) == 0x80)
          text++;
      }
    else if (star != NULL)
      {
        pattern = star;
        text = ++reached;
      }
    else
      return FALSE;
  return pattern[strspn (pattern, "*")] == '\0';
}
