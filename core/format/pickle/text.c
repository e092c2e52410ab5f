/* Arguments of opcodes that are written as text.
 * Knows Python's escapes.
 * Called by opcodes.c. */
#include "expfs/number.h"
#include "machine.h"
#include <string.h>

/* As many digits as Python itself takes. */
#define MAX_DIGITS 4300

static ExpPickleValue *
fail (ExpPickleMachine *machine, const char *reason)
{
  exp_pickle_fail (machine, reason);
  return NULL;
}

/* I and L: 12, 12L for the latter; of any length. */
ExpPickleValue *
exp_pickle_line_int (ExpPickleMachine *machine, const char *line, gsize length, gboolean is_long)
{
  gint64 number;

  if (is_long && length > 0 && line[length - 1] == 'L')
    length--;
  if (exp_int_parse (line, length, &number))
    {
      ExpPickleValue *value = exp_pickle_value_new (machine->pickle, EXP_PICKLE_INT);

      value->integer = number;
      return value;
    }
  gsize first = length > 0 && line[0] == '-' ? 1 : 0;
  if (length == first)
    return fail (machine, "an integer without digits");
  if (length - first > MAX_DIGITS)
    return fail (machine, "an integer of more than 4300 digits");
  for (gsize i = first; i < length; i++)
    if (!g_ascii_isdigit (line[i]))
      return fail (machine, "no integer");
  return exp_pickle_text_new (machine->pickle, EXP_PICKLE_BIG_INT, line, length);
}

ExpPickleValue *
exp_pickle_line_float (ExpPickleMachine *machine, const char *line, gsize length)
{
  double number;

  if (memchr (line, 'x', length) != NULL || memchr (line, 'X', length) != NULL
      || !exp_double_parse (line, length, &number))
    return fail (machine, "no number");
  ExpPickleValue *value = exp_pickle_value_new (machine->pickle, EXP_PICKLE_FLOAT);
  value->real = number;
  return value;
}

static gboolean
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

/* One escape of a str of Python 2, behind its backslash; its length, 0 when it is malformed. */
static gsize
unescape (const char *at, gsize length, GString *text)
{
  static const char letters[] = "\\\\''\"\"a\ab\bf\fn\nr\rt\tv\v";
  guint32 code;
  gsize n = 0;

  for (const char *letter = letters; *letter != '\0'; letter += 2)
    if (*letter == *at)
      {
        g_string_append_c (text, letter[1]);
        return 1;
      }
  if (*at == '\n')
    return 1;
  if (*at == 'x')
    {
      if (!hex_digits (at + 1, length - 1, 2, &code))
        return 0;
      g_string_append_c (text, (char)code);
      return 3;
    }
  for (code = 0; n < 3 && n < length && at[n] >= '0' && at[n] <= '7'; n++)
    code = code * 8 + (guint32)(at[n] - '0');
  if (n > 0)
    {
      g_string_append_c (text, (char)code);
      return n;
    }
  g_string_append_c (text, '\\');
  g_string_append_c (text, *at);
  return 1;
}

/* S: a str of Python 2 as its repr. */
ExpPickleValue *
exp_pickle_unquote (ExpPickleMachine *machine, const char *line, gsize length)
{
  g_autoptr (GString) text = g_string_new (NULL);

  if (length < 2 || (line[0] != '\'' && line[0] != '"') || line[length - 1] != line[0])
    return fail (machine, "a string without its quotes");
  for (gsize i = 1; i < length - 1;)
    {
      gsize n = 1;

      if (line[i] != '\\')
        g_string_append_c (text, line[i]);
      else if (i + 1 == length - 1 || (n = unescape (line + i + 1, length - 2 - i, text)) == 0)
        return fail (machine, "a malformed escape");
      else
        n++;
      i += n;
    }
  return exp_pickle_text_new (machine->pickle, EXP_PICKLE_STR8, text->str, text->len);
}

/* A character, be it half of a pair of surrogates, as Python's "surrogatepass" has it. */
static void
append_character (GString *text, guint32 code)
{
  if (code < 0xd800 || code > 0xdfff)
    {
      g_string_append_unichar (text, code);
      return;
    }
  g_string_append_c (text, (char)(0xe0 | code >> 12));
  g_string_append_c (text, (char)(0x80 | (code >> 6 & 0x3f)));
  g_string_append_c (text, (char)(0x80 | (code & 0x3f)));
}

/* The second half of a character above the first 65,536, as narrow builds of Python wrote them; 0 for none. */
static guint32
low_half (const char *at, gsize length)
{
  guint32 low;

  return length >= 6 && at[0] == '\\' && at[1] == 'u' && hex_digits (at + 2, length - 2, 4, &low) && low >= 0xdc00
                 && low < 0xe000
             ? low
             : 0;
}

/* V: raw-unicode-escape; other bytes are Latin-1. */
ExpPickleValue *
exp_pickle_unescape_unicode (ExpPickleMachine *machine, const char *line, gsize length)
{
  g_autoptr (GString) text = g_string_sized_new (MIN (length, 1 << 20) + 1);
  guint32 code, low;

  for (gsize i = 0; i < length; i++)
    {
      guint n = line[i] == '\\' && i + 1 < length ? (line[i + 1] == 'u' ? 4 : line[i + 1] == 'U' ? 8 : 0) : 0;

      if (n == 0)
        {
          gsize end = i + 1;

          /* Backslashes in a row stand for themselves, two by two. */
          if (line[i] == '\\' && end < length && line[end] == '\\')
            g_string_append_c (text, line[i++]);
          g_string_append_unichar (text, (guchar)line[i]);
          continue;
        }
      if (!hex_digits (line + i + 2, length - i - 2, n, &code) || code > 0x10ffff)
        return fail (machine, "a malformed escape");
      i += 1 + n;
      low = code >= 0xd800 && code < 0xdc00 ? low_half (line + i + 1, length - i - 1) : 0;
      if (low != 0)
        {
          code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
          i += 6;
        }
      append_character (text, code);
    }
  return exp_pickle_text_new (machine->pickle, EXP_PICKLE_TEXT, text->str, text->len);
}
