/* Nanoseconds since 1970 as text.
 * Knows the proleptic Gregorian calendar and nothing else.
 * Called by table.c. */
#include "type.h"
#include "write_frame.h"
#include <string.h>

#define NS_PER_SECOND   G_GINT64_CONSTANT (1000000000)
#define SECONDS_PER_DAY 86400

/* Year, month and day of a day counted from 1970-01-01: eras of 400 years that begin on the first of March. */
static void
civil_date (gint64 days, int *year, int *month, int *day)
{
  gint64 shifted = days + 719468;
  gint64 era = (shifted >= 0 ? shifted : shifted - 146096) / 146097;
  int of_era = (int)(shifted - era * 146097);
  int year_of_era = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
  int of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  int from_march = (5 * of_year + 2) / 153;

  *day = of_year - (153 * from_march + 2) / 5 + 1;
  *month = from_march < 10 ? from_march + 3 : from_march - 9;
  *year = (int)(era * 400) + year_of_era + (*month <= 2);
}

void
exp_pypet_datetime_format (gint64 nanoseconds, char *text)
{
  char buffer[64];
  int year, month, day;

  memset (text, 0, EXP_DATETIME_SIZE);
  if (nanoseconds == G_MININT64)
    {
      memcpy (text, "NaT", 3);
      return;
    }

  gint64 seconds = nanoseconds / NS_PER_SECOND, fraction = nanoseconds % NS_PER_SECOND;
  if (fraction < 0)
    {
      fraction += NS_PER_SECOND;
      seconds--;
    }
  gint64 days = seconds / SECONDS_PER_DAY;
  int second = (int)(seconds % SECONDS_PER_DAY);
  if (second < 0)
    {
      second += SECONDS_PER_DAY;
      days--;
    }
  civil_date (days, &year, &month, &day);

  int length = g_snprintf (buffer, sizeof buffer, "%04d-%02d-%02dT%02d:%02d:%02d", year, month, day, second / 3600,
                           second / 60 % 60, second % 60);
  if (fraction % 1000 != 0)
    length += g_snprintf (buffer + length, sizeof buffer - length, ".%09d", (int)fraction);
  else if (fraction % 1000000 != 0)
    length += g_snprintf (buffer + length, sizeof buffer - length, ".%06d", (int)(fraction / 1000));
  else if (fraction != 0)
    length += g_snprintf (buffer + length, sizeof buffer - length, ".%03d", (int)(fraction / 1000000));
  memcpy (text, buffer, MIN (length, EXP_DATETIME_SIZE));
}

static gint64
days_of (int year, int month, int day)
{
  gint64 shifted = month <= 2 ? year - 1 : year;
  gint64 era = (shifted >= 0 ? shifted : shifted - 399) / 400;
  int of_era = (int)(shifted - era * 400);
  int of_year = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;

  return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
}

/* `n` digits; -1 for others. */
static int
digits (const char *text, guint n)
{
  int number = 0;

  for (guint i = 0; i < n; i++)
    {
      if (!g_ascii_isdigit (text[i]))
        return -1;
      number = number * 10 + (text[i] - '0');
    }
  return number;
}

gboolean
exp_pypet_datetime_parse (const char *text, gsize length, gint64 *nanoseconds)
{
  char shown[EXP_DATETIME_SIZE + 1] = { 0 };
  char own[EXP_DATETIME_SIZE + 1] = { 0 };
  int fraction = 0, n_digits;

  if (length == 3 && memcmp (text, "NaT", 3) == 0)
    {
      *nanoseconds = G_MININT64;
      return TRUE;
    }
  if (length < 19 || length > EXP_DATETIME_SIZE)
    return FALSE;
  memcpy (own, text, length);
  n_digits = length > 20 ? (int)length - 20 : 0;
  fraction = n_digits > 0 ? digits (own + 20, (guint)n_digits) : 0;
  for (int i = n_digits; i < 9; i++)
    fraction *= 10;
  int year = digits (own, 4), month = digits (own + 5, 2), day = digits (own + 8, 2);
  int hour = digits (own + 11, 2), minute = digits (own + 14, 2), second = digits (own + 17, 2);
  if (year < 1678 || year > 2261 || month < 1 || month > 12 || day < 1 || hour < 0 || minute < 0 || second < 0
      || fraction < 0)
    return FALSE;
  *nanoseconds = ((days_of (year, month, day) * 24 + hour) * 3600 + minute * 60 + second) * NS_PER_SECOND + fraction;
  /* What is written back the same was a moment. */
  exp_pypet_datetime_format (*nanoseconds, shown);
  return strcmp (shown, own) == 0;
}
