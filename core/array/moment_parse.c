/* Moments out of ISO 8601, as moment.c writes them.
 * Knows the units and the calendar.
 * Called by formats. */
#include "moment.h"
#include <errno.h>
#include <string.h>

static const struct
{
  const char *name;
  gint64 seconds; /* 0: a part of one */
  gint64 per_second;
} units[] = {
  { "W", 7 * 86400, 0 }, { "D", 86400, 0 }, { "h", 3600, 0 },     { "m", 60, 0 },
  { "s", 1, 0 },         { "ms", 0, 1000 }, { "us", 0, 1000000 }, { "ns", 0, 1000000000 },
};

/* Days since 1970: Howard Hinnant, "chrono-compatible low-level date algorithms" (2013). */
static gint64
day_of (gint64 year, guint month, guint day)
{
  year -= month <= 2;
  gint64 era = (year >= 0 ? year : year - 399) / 400, of_era = year - era * 400;
  gint64 of_year = (153 * (gint64)(month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;

  return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
}

/* So many digits, or any number up to `most` of them when n is 0; FALSE when there are none. */
static gboolean
take_digits (const char **at, const char *end, guint n, guint most, gint64 *number, guint *n_taken)
{
  *number = 0;
  for (*n_taken = 0; *at < end && g_ascii_isdigit (**at) && *n_taken < (n > 0 ? n : most); (*n_taken)++)
    *number = *number * 10 + (*(*at)++ - '0');
  return *n_taken > 0 && (n == 0 || *n_taken == n);
}

typedef struct
{
  gint64 year, parts[5], nanoseconds; /* month, day, hour, minute, second */
} Moment;

static gboolean
parse (const char *at, const char *end, Moment *moment)
{
  static const char before[] = "--T::";
  static const gint64 least[] = { 1, 1, 0, 0, 0 }, most[] = { 12, 31, 23, 59, 59 };
  const gboolean is_negative = at < end && *at == '-';
  guint n;

  at += is_negative;
  if (!take_digits (&at, end, 0, 13, &moment->year, &n) || n < 4)
    return FALSE;
  moment->year = is_negative ? -moment->year : moment->year;
  memcpy (moment->parts, least, sizeof least);
  for (guint i = 0; i < G_N_ELEMENTS (least) && at < end; i++)
    {
      if (*at++ != before[i] || !take_digits (&at, end, 2, 2, &moment->parts[i], &n) || moment->parts[i] < least[i]
          || moment->parts[i] > most[i])
        return FALSE;
      if (i == 4 && at < end)
        {
          if (*at++ != '.' || !take_digits (&at, end, 0, 9, &moment->nanoseconds, &n))
            return FALSE;
          for (; n < 9; n++)
            moment->nanoseconds *= 10;
        }
    }
  return at == end;
}

/* In whole units, of which nothing is left over. */
static gboolean
count_units (const Moment *moment, const char *unit, gint64 *count)
{
  const gint64 *parts = moment->parts;
  const gboolean is_month
      = parts[1] == 1 && parts[2] == 0 && parts[3] == 0 && parts[4] == 0 && moment->nanoseconds == 0;
  __int128 seconds, whole;

  if (strcmp (unit, "Y") == 0 || strcmp (unit, "M") == 0)
    {
      *count = *unit == 'Y' ? moment->year - 1970 : (moment->year - 1970) * 12 + parts[0] - 1;
      return is_month && (*unit == 'M' || parts[0] == 1);
    }
  seconds = (__int128)day_of (moment->year, (guint)parts[0], (guint)parts[1]) * 86400 + parts[2] * 3600 + parts[3] * 60
            + parts[4];
  for (guint i = 0; i < G_N_ELEMENTS (units); i++)
    {
      if (strcmp (units[i].name, unit) != 0)
        continue;
      if (units[i].seconds > 0)
        {
          *count = (gint64)(seconds / units[i].seconds);
          return seconds % units[i].seconds == 0 && seconds / units[i].seconds == *count && moment->nanoseconds == 0;
        }
      const gint64 nanoseconds = 1000000000 / units[i].per_second;
      whole = seconds * units[i].per_second + moment->nanoseconds / nanoseconds;
      *count = (gint64)whole;
      return whole == *count && *count != G_MININT64 && moment->nanoseconds % nanoseconds == 0;
    }
  return FALSE;
}

/* "COUNT x STEP", of moments that no calendar has. */
static gboolean
parse_far (const char *text, gsize length, const char *unit, gint64 n_units, gint64 *count)
{
  g_autofree char *copy = g_strndup (text, length);
  g_autofree char *step = g_strdup_printf (" x %" G_GINT64_FORMAT "%s", n_units, unit);
  char *end;

  errno = 0;
  *count = g_ascii_strtoll (copy, &end, 10);
  return end != copy && errno == 0 && strcmp (end, step) == 0;
}

gboolean
exp_moment_parse (const char *text, gsize length, const char *unit, gint64 n_units, gint64 *count)
{
  Moment moment = { 0 };

  if (length == 3 && memcmp (text, "NaT", 3) == 0)
    {
      *count = G_MININT64;
      return TRUE;
    }
  if (parse_far (text, length, unit, n_units, count))
    return TRUE;
  if (!parse (text, text + length, &moment) || !count_units (&moment, unit, count) || *count % n_units != 0)
    return FALSE;
  *count /= n_units;
  return TRUE;
}
