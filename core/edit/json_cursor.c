/* Tokens of JSON.
 * Knows nothing of types and values.
 * Called by attribute_parse.c, attribute_types.c and type_json_parse.c. */
#include "json_cursor.h"
#include <string.h>

char
exp_json_peek (ExpJsonCursor *cursor)
{
  while (cursor->at < cursor->end && *cursor->at != '\0' && strchr (" \t\r\n", *cursor->at) != NULL)
    cursor->at++;
  return cursor->at < cursor->end ? *cursor->at : '\0';
}

gboolean
exp_json_take (ExpJsonCursor *cursor, char c)
{
  if (exp_json_peek (cursor) != c || cursor->at == cursor->end)
    return FALSE;
  cursor->at++;
  return TRUE;
}

gboolean
exp_json_take_word (ExpJsonCursor *cursor, const char **word, gsize *length)
{
  exp_json_peek (cursor);
  *word = cursor->at;
  while (cursor->at < cursor->end
         && (g_ascii_isalnum (*cursor->at) || *cursor->at == '-' || *cursor->at == '+' || *cursor->at == '.'))
    cursor->at++;
  *length = cursor->at - *word;
  return *length > 0;
}

/* Four digits. */
static gboolean
take_code (ExpJsonCursor *cursor, gunichar *code)
{
  *code = 0;
  if (cursor->end - cursor->at < 4)
    return FALSE;
  for (guint i = 0; i < 4; i++)
    {
      int digit = g_ascii_xdigit_value (*cursor->at++);

      if (digit < 0)
        return FALSE;
      *code = *code << 4 | digit;
    }
  return TRUE;
}

static gboolean
take_unicode (ExpJsonCursor *cursor, GString *out)
{
  gunichar code, second;

  if (!take_code (cursor, &code))
    return FALSE;
  if (code >= 0xdc80 && code <= 0xdcff)
    {
      g_string_append_c (out, (char)(code - 0xdc00));
      return TRUE;
    }
  if (code >= 0xd800 && code <= 0xdbff)
    {
      if (cursor->end - cursor->at < 6 || cursor->at[0] != '\\' || cursor->at[1] != 'u')
        return FALSE;
      cursor->at += 2;
      if (!take_code (cursor, &second) || second < 0xdc00 || second > 0xdfff)
        return FALSE;
      code = 0x10000 + ((code - 0xd800) << 10) + (second - 0xdc00);
    }
  else if (code >= 0xdc00 && code <= 0xdfff)
    return FALSE;
  if (code == 0)
    g_string_append_c (out, '\0');
  else
    g_string_append_unichar (out, code);
  return TRUE;
}

gboolean
exp_json_take_string (ExpJsonCursor *cursor, GString *out)
{
  static const char escapes[] = "\"\"\\\\//b\bf\fn\nr\rt\t";

  if (!exp_json_take (cursor, '"'))
    return FALSE;
  while (cursor->at < cursor->end)
    {
      const char c = *cursor->at++;

      if (c == '"')
        return TRUE;
      if (c != '\\')
        {
          g_string_append_c (out, c);
          continue;
        }
      if (cursor->at == cursor->end)
        return FALSE;
      const char next = *cursor->at++;
      const char *escape = NULL;
      for (guint i = 0; i < sizeof escapes - 1 && escape == NULL; i += 2)
        if (escapes[i] == next)
          escape = &escapes[i + 1];
      if (escape != NULL)
        g_string_append_c (out, *escape);
      else if (next != 'u' || !take_unicode (cursor, out))
        return FALSE;
    }
  return FALSE;
}

gboolean
exp_json_next (ExpJsonCursor *cursor, guint64 n, char close, gboolean *is_right)
{
  if (exp_json_take (cursor, close))
    return FALSE;
  *is_right = *is_right && (n == 0 || exp_json_take (cursor, ','));
  return *is_right;
}

gboolean
exp_json_skip (ExpJsonCursor *cursor, guint depth)
{
  const char open = exp_json_peek (cursor), close = open == '[' ? ']' : '}';
  gboolean is_right = TRUE;
  const char *word;
  gsize length;

  if (open == '"')
    {
      g_autoptr (GString) text = g_string_new (NULL);

      return exp_json_take_string (cursor, text);
    }
  if (open != '[' && open != '{')
    return exp_json_take_word (cursor, &word, &length);
  if (depth == 0)
    return FALSE;
  cursor->at++;
  for (guint64 n = 0; exp_json_next (cursor, n, close, &is_right); n++)
    {
      if (open == '{' && (!exp_json_skip (cursor, 0) || !exp_json_take (cursor, ':')))
        return FALSE;
      if (!exp_json_skip (cursor, depth - 1))
        return FALSE;
    }
  return is_right;
}
