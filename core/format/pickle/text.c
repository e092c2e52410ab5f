/* Arguments of opcodes that are written as text, and integers of any length.
 * Knows Python's escapes.
 * Called by machine.c. */
#include "expfs/number.h"
#include "machine.h"
#include <string.h>

/* Digits of a longer integer would cost more than their bytes are worth. */
#define MAX_LONG_BYTES 4096

static ExpPickleValue *
kept_text (ExpPickleMachine *machine, ExpPickleKind kind, GString *text)
{
  ExpPickleValue *value = exp_pickle_value_new (machine->pickle, kind);

  value->length = text->len;
  value->text = g_string_chunk_insert_len (machine->pickle->texts, text->str, text->len);
  return value;
}

/* I and L: 12, 01 (true), 12L; of any length. */
gboolean
exp_pickle_parse_line_int (ExpPickleMachine *machine, const char *line, gsize length, ExpPickleValue **value)
{
  gint64 number;

  if (length > 0 && line[length - 1] == 'L')
    length--;
  if (length == 2 && line[0] == '0' && (line[1] == '0' || line[1] == '1'))
    {
      *value = exp_pickle_value_new (machine->pickle, EXP_PICKLE_BOOL);
      (*value)->integer = line[1] == '1';
      return TRUE;
    }
  if (exp_int_parse (line, length, &number))
    {
      *value = exp_pickle_value_new (machine->pickle, EXP_PICKLE_INT);
      (*value)->integer = number;
      return TRUE;
    }
  for (gsize i = 0; i < length; i++)
    if (!g_ascii_isdigit (line[i]) && !(i == 0 && line[i] == '-'))
      return FALSE;
  if (length == 0)
    return FALSE;
  *value = exp_pickle_value_new (machine->pickle, EXP_PICKLE_BIG_INT);
  (*value)->text = line;
  (*value)->length = length;
  return TRUE;
}

static int
hex_digits (const char *text, gsize length, guint n, guint32 *number)
{
  *number = 0;
  if (length < n)
    return FALSE;
  for (guint i = 0; i < n; i++)
    {
      int digit = g_ascii_xdigit_value (text[i]);

      if (digit < 0)
        return FALSE;
      *number = *number << 4 | (guint32)digit;
    }
  return TRUE;
}

static char
simple_escape (char c)
{
  switch (c)
    {
    case 'n':
      return '\n';
    case 't':
      return '\t';
    case 'r':
      return '\r';
    case 'a':
      return '\a';
    case 'b':
      return '\b';
    case 'f':
      return '\f';
    case 'v':
      return '\v';
    default:
      return c;
    }
}

/* S: a str of Python 2 as its repr. */
ExpPickleValue *
exp_pickle_unquote (ExpPickleMachine *machine, const char *line, gsize length)
{
  g_autoptr (GString) text = g_string_new (NULL);
  guint32 code;

  if (length < 2 || (line[0] != '\'' && line[0] != '"') || line[length - 1] != line[0])
    return NULL;
  for (gsize i = 1; i < length - 1; i++)
    {
      if (line[i] != '\\' || i + 1 >= length - 1)
        g_string_append_c (text, line[i]);
      else if (line[++i] == 'x' && hex_digits (line + i + 1, length - 2 - i, 2, &code))
        {
          g_string_append_c (text, (char)code);
          i += 2;
        }
      else
        g_string_append_c (text, simple_escape (line[i]));
    }
  return kept_text (machine, g_utf8_validate (text->str, text->len, NULL) ? EXP_PICKLE_TEXT : EXP_PICKLE_BYTES, text);
}

/* V: raw-unicode-escape; other bytes are Latin-1. */
ExpPickleValue *
exp_pickle_unescape_unicode (ExpPickleMachine *machine, const char *line, gsize length)
{
  g_autoptr (GString) text = g_string_new (NULL);
  guint32 code, low;

  for (gsize i = 0; i < length; i++)
    {
      guint n = 0;

      if (line[i] == '\\' && i + 1 < length)
        n = line[i + 1] == 'u' ? 4 : line[i + 1] == 'U' ? 8 : 0;
      if (n == 0 || !hex_digits (line + i + 2, length - i - 2, n, &code))
        {
          g_string_append_unichar (text, (guchar)line[i]);
          continue;
        }
      i += 1 + n;
      if (code >= 0xd800 && code < 0xdc00 && i + 6 < length + 0 && line[i + 1] == '\\' && line[i + 2] == 'u'
          && hex_digits (line + i + 3, length - i - 3, 4, &low) && low >= 0xdc00 && low < 0xe000)
        {
          code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
          i += 6;
        }
      g_string_append_unichar (text, code <= 0x10ffff && !(code >= 0xd800 && code < 0xe000) ? code : 0xfffd);
    }
  return kept_text (machine, EXP_PICKLE_TEXT, text);
}

/* Decimal digits of a magnitude, by repeated division. */
static void
append_magnitude (GString *text, guint8 *magnitude, gsize length)
{
  g_autoptr (GString) reversed = g_string_new (NULL);

  while (length > 0)
    {
      guint remainder = 0;

      for (gsize i = length; i > 0; i--)
        {
          remainder = remainder << 8 | magnitude[i - 1];
          magnitude[i - 1] = (guint8)(remainder / 10);
          remainder %= 10;
        }
      g_string_append_c (reversed, (char)('0' + remainder));
      while (length > 0 && magnitude[length - 1] == 0)
        length--;
    }
  for (gsize i = reversed->len; i > 0; i--)
    g_string_append_c (text, reversed->str[i - 1]);
}

ExpPickleValue *
exp_pickle_long (ExpPickleMachine *machine, const guint8 *bytes, gsize length)
{
  gboolean is_negative = length > 0 && (bytes[length - 1] & 0x80) != 0;

  if (length <= 8)
    {
      guint64 number = is_negative ? G_MAXUINT64 : 0;
      ExpPickleValue *value = exp_pickle_value_new (machine->pickle, EXP_PICKLE_INT);

      for (gsize i = length; i > 0; i--)
        number = number << 8 | bytes[i - 1];
      value->integer = (gint64)number;
      return value;
    }
  if (length > MAX_LONG_BYTES)
    return NULL;

  g_autofree guint8 *magnitude = g_memdup2 (bytes, length);
  g_autoptr (GString) text = g_string_new (is_negative ? "-" : NULL);
  guint carry = 1;
  for (gsize i = 0; is_negative && i < length; i++)
    {
      carry += (guint8)~magnitude[i];
      magnitude[i] = (guint8)carry;
      carry >>= 8;
    }
  append_magnitude (text, magnitude, length);
  return kept_text (machine, EXP_PICKLE_BIG_INT, text);
}
