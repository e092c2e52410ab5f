/* Tokens of Python literals.
 * Knows nothing of types.
 * Called by npy_header.c and npy_dtype.c. */
#include "literal.h"
#include "expfs/error.h"
#include "expfs/number.h"
#include <string.h>

char
exp_literal_peek (ExpLiteral *literal)
{
  while (literal->at < literal->end && g_ascii_isspace (*literal->at))
    literal->at++;
  return literal->at < literal->end ? *literal->at : '\0';
}

gboolean
exp_literal_take (ExpLiteral *literal, char c)
{
  if (exp_literal_peek (literal) != c || c == '\0')
    return FALSE;
  literal->at++;
  return TRUE;
}

gboolean
exp_literal_fail (ExpLiteral *literal, const char *what)
{
  if (literal->error == NULL || *literal->error == NULL)
    g_set_error (literal->error, EXP_ERROR, EXP_ERROR_INVALID, "the NPY header has no %s where one is needed", what);
  return FALSE;
}

/* Between elements of a list, tuple or dictionary: FALSE behind the last, whose `close` is passed over. */
gboolean
exp_literal_next (ExpLiteral *literal, guint n, char close, gboolean *is_right)
{
  if (exp_literal_take (literal, close))
    return FALSE;
  *is_right = n == 0 || (exp_literal_take (literal, ',') && exp_literal_peek (literal) != ',');
  if (*is_right && n > 0 && exp_literal_take (literal, close))
    return FALSE;
  if (!*is_right)
    exp_literal_fail (literal, "comma");
  return *is_right;
}

/* The bytes of \xHH and of octal escapes are code points, as those of \u are. */
static gboolean
take_escape (ExpLiteral *literal, GString *out)
{
  static const char plain[] = "\\\\''\"\"n\nt\tr\ra\ab\bf\fv\v";
  const char c = *literal->at++;
  guint digits = c == 'x' ? 2 : c == 'u' ? 4 : c == 'U' ? 8 : 0;
  gunichar code = 0;

  for (guint i = 0; i < sizeof plain - 1; i += 2)
    if (plain[i] == c)
      {
        g_string_append_c (out, plain[i + 1]);
        return TRUE;
      }
  if (digits == 0)
    {
      g_string_append_printf (out, "\\%c", c);
      return TRUE;
    }
  for (; digits > 0 && literal->at < literal->end; digits--)
    {
      int digit = g_ascii_xdigit_value (*literal->at++);

      if (digit < 0)
        return FALSE;
      code = code << 4 | digit;
    }
  if (digits > 0 || code == 0 || !g_unichar_validate (code))
    return FALSE;
  g_string_append_unichar (out, code);
  return TRUE;
}

char *
exp_literal_take_string (ExpLiteral *literal)
{
  g_autoptr (GString) out = g_string_new (NULL);
  char quote = exp_literal_peek (literal);

  if ((quote == 'u' || quote == 'b') && literal->at + 1 < literal->end)
    {
      literal->at++;
      quote = *literal->at;
    }
  if (quote != '\'' && quote != '"')
    {
      exp_literal_fail (literal, "string");
      return NULL;
    }
  literal->at++;
  while (literal->at < literal->end && *literal->at != quote)
    {
      const char c = *literal->at++;

      if (c == '\0' || (c == '\\' && (literal->at == literal->end || !take_escape (literal, out))))
        break;
      if (c != '\\')
        g_string_append_c (out, c);
    }
  if (literal->at < literal->end && *literal->at == quote)
    {
      literal->at++;
      return g_string_free (g_steal_pointer (&out), FALSE);
    }
  exp_literal_fail (literal, "end of a string");
  return NULL;
}

gboolean
exp_literal_take_integer (ExpLiteral *literal, guint64 *value)
{
  const char *start;

  exp_literal_peek (literal);
  start = literal->at;
  while (literal->at < literal->end && g_ascii_isdigit (*literal->at))
    literal->at++;
  if (!exp_uint_parse (start, literal->at - start, value))
    return exp_literal_fail (literal, "size");
  if (literal->at < literal->end && *literal->at == 'L') /* Python 2 */
    literal->at++;
  return TRUE;
}

/* A number or a tuple of them. */
gboolean
exp_literal_take_shape (ExpLiteral *literal, guint *rank, guint64 *shape)
{
  gboolean is_right = TRUE;

  *rank = 0;
  if (!exp_literal_take (literal, '('))
    {
      *rank = 1;
      return exp_literal_take_integer (literal, shape);
    }
  for (; exp_literal_next (literal, *rank, ')', &is_right); (*rank)++)
    if (*rank == EXP_MAX_RANK || !exp_literal_take_integer (literal, &shape[*rank]))
      return exp_literal_fail (literal, "shape");
  return is_right;
}

gboolean
exp_literal_take_bool (ExpLiteral *literal, gboolean *value)
{
  *value = exp_literal_peek (literal) == 'T';

  const char *word = *value ? "True" : "False";
  if (strncmp (literal->at, word, MIN (strlen (word), (gsize)(literal->end - literal->at))) != 0)
    return exp_literal_fail (literal, "True or False");
  literal->at += strlen (word);
  return TRUE;
}
