/* Numbers out of text: whole words only, the C locale, correctly rounded.
 * Knows nothing of cells and types.
 * Called by slices, options and, for writers, the text parser. */
#include "expfs/number.h"
#include <errno.h>
#include <string.h>

/* Longer ones are legal, and are read from a copy on the heap. */
#define SHORT_NUMBER 64

gboolean
exp_double_parse (const char *text, gsize length, double *value)
{
  char buffer[SHORT_NUMBER];
  g_autofree char *copy = NULL;
  char *start = buffer, *end;

  if (length == 0 || g_ascii_isspace (text[0]) || memchr (text, '\0', length) != NULL)
    return FALSE;
  if (length >= sizeof buffer)
    start = copy = g_strndup (text, length);
  else
    {
      memcpy (buffer, text, length);
      buffer[length] = '\0';
    }
  errno = 0;
  *value = g_ascii_strtod (start, &end);
  /* ERANGE is also said of numbers that round to a denormal or to zero, which is what rounding means. */
  return end == start + length && !(errno == ERANGE && (*value > 1 || *value < -1));
}

gboolean
exp_uint_parse (const char *text, gsize length, guint64 *value)
{
  guint64 number = 0;

  if (length > 0 && *text == '+')
    {
      text++;
      length--;
    }
  if (length == 0)
    return FALSE;
  for (gsize i = 0; i < length; i++)
    if (!g_ascii_isdigit (text[i]) || !g_uint64_checked_mul (&number, number, 10)
        || !g_uint64_checked_add (&number, number, text[i] - '0'))
      return FALSE;
  *value = number;
  return TRUE;
}

gboolean
exp_int_parse (const char *text, gsize length, gint64 *value)
{
  gboolean is_negative = length > 0 && *text == '-';
  guint64 magnitude;

  if (is_negative && (length < 2 || !g_ascii_isdigit (text[1])))
    return FALSE;
  if (!exp_uint_parse (text + is_negative, length - is_negative, &magnitude)
      || magnitude > (guint64)G_MAXINT64 + is_negative)
    return FALSE;
  *value = is_negative ? (gint64)(0 - magnitude) : (gint64)magnitude;
  return TRUE;
}
