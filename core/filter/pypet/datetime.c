/* Nanoseconds since 1970 as text.
 * Knows the proleptic Gregorian calendar and nothing else.
 * Called by table.c. */
#include "type.h"
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
