/* Python's strings, read and written as its repr does.
 * Knows prefixes, quotes and escapes of Python 2 and 3.
 * Called by literal.c and by who writes texts of stimuli and results. */
#include "literal_string.h"
#include "literal.h"
#include <string.h>

/* The letters in front of a string; its quote, or NULL when there is none. */
static const char *
skip_prefix (const char *at, const char *end, gboolean *is_raw)
{
  *is_raw = FALSE;
  for (guint n = 0; n < 3 && at < end; n++, at++)
    {
      if (*at == '\'' || *at == '"')
        return at;
      if (strchr ("uUbBrR", *at) == NULL || *at == '\0')
        return NULL;
      *is_raw |= (*at | 0x20) == 'r';
    }
  return NULL;
}

gboolean
exp_mozaik_is_string (const char *at, const char *end)
{
  gboolean is_raw;

  return skip_prefix (at, end, &is_raw) != NULL;
}

/* Up to n digits in base 8 or 16. */
static guint
take_digits (const char **at, const char *end, guint base, guint n, gunichar *value)
{
  guint i = 0;

  for (*value = 0; i < n && *at < end; i++, (*at)++)
    {
      const int digit = g_ascii_xdigit_value (**at);

      if (digit < 0 || digit >= (int)base)
        break;
      *value = *value * base + (guint)digit;
    }
  return i;
}

/* What a backslash that was passed over begins. FALSE when it has too few digits or is no character. */
static gboolean
take_escape (const char **at, const char *end, GString *out)
{
  static const char letters[] = "\\'\"abfnrtv", meanings[] = "\\'\"\a\b\f\n\r\t\v";
  const char c = *(*at)++, *letter = c != '\0' ? strchr (letters, c) : NULL;
  const guint n_digits = c == 'x' ? 2 : c == 'u' ? 4 : c == 'U' ? 8 : 0;
  gunichar value;

  if (c == '\n')
    return TRUE;
  if (letter != NULL)
    {
      g_string_append_c (out, meanings[letter - letters]);
      return TRUE;
    }
  if (n_digits > 0)
    {
      if (take_digits (at, end, 16, n_digits, &value) < n_digits || value > 0x10ffff)
        return FALSE;
      g_string_append_unichar (out, value);
      return TRUE;
    }
  if (c >= '0' && c <= '7')
    {
      (*at)--;
      take_digits (at, end, 8, 3, &value);
      g_string_append_unichar (out, value);
      return TRUE;
    }
  g_string_append_c (out, '\\');
  g_string_append_c (out, c);
  return TRUE;
}

const char *
exp_mozaik_take_string (const char **at, const char *end, GString *out)
{
  gboolean is_raw;
  const char *from = skip_prefix (*at, end, &is_raw);
  const char quote = *from++;

  while (from < end && *from != quote)
    {
      if (*from != '\\' || is_raw)
        {
          g_string_append_c (out, *from++);
          continue;
        }
      if (++from == end)
        break;
      if (!take_escape (&from, end, out))
        {
          *at = from;
          return "an escape that is none";
        }
    }
  *at = from;
  if (from == end)
    return "a string that does not end";
  (*at)++;
  return NULL;
}

/* --- writing ------------------------------------------------------------------------------------------------ */

static gboolean
is_printable (gunichar c)
{
  switch (g_unichar_type (c))
    {
    case G_UNICODE_CONTROL:
    case G_UNICODE_FORMAT:
    case G_UNICODE_UNASSIGNED:
    case G_UNICODE_PRIVATE_USE:
    case G_UNICODE_SURROGATE:
    case G_UNICODE_LINE_SEPARATOR:
    case G_UNICODE_PARAGRAPH_SEPARATOR:
      return FALSE;
    case G_UNICODE_SPACE_SEPARATOR:
      return c == ' ';
    default:
      return TRUE;
    }
}

static void
append_character (gunichar c, char quote, GString *out)
{
  if (c == (gunichar)quote || c == '\\')
    g_string_append_printf (out, "\\%c", (char)c);
  else if (c == '\n' || c == '\r' || c == '\t')
    g_string_append_printf (out, "\\%c", c == '\n' ? 'n' : c == '\r' ? 'r' : 't');
  else if (is_printable (c))
    g_string_append_unichar (out, c);
  else
    g_string_append_printf (out, c < 0x100 ? "\\x%02x" : c < 0x10000 ? "\\u%04x" : "\\U%08x", c);
}

void
exp_mozaik_append_repr (const char *text, gsize length, GString *out)
{
  const gboolean has_single = memchr (text, '\'', length) != NULL, has_double = memchr (text, '"', length) != NULL;
  const char quote = has_single && !has_double ? '"' : '\'', *end = text + length;

  g_string_append_c (out, quote);
  while (text < end)
    {
      const gunichar c = g_utf8_get_char_validated (text, end - text);

      if (c == (gunichar)-1 || c == (gunichar)-2)
        append_character ((guchar)*text++, quote, out);
      else
        {
          append_character (c, quote, out);
          text = g_utf8_next_char (text);
        }
    }
  g_string_append_c (out, quote);
}
