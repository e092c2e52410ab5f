/* NumPy's moments, a count of units since 1970, as ISO 8601.
 * Knows the units and the calendar.
 * Called by formats, NPY files and edits. */
#include "moment.h"
#include <string.h>

/* Units of a day and shorter: how many are in a day, or in a second, and the decimals of the second that they need. */
static const struct
{
  const char *name;
  gint64 per_day; /* 0: per_second says it */
  gint64 per_second;
  guint decimals;
} units[] = {
  { "W", 0, 0, 0 },     { "D", 1, 0, 0 },     { "h", 24, 0, 0 },       { "m", 1440, 0, 0 },
  { "s", 86400, 1, 0 }, { "ms", 0, 1000, 3 }, { "us", 0, 1000000, 6 }, { "ns", 0, 1000000000, 9 },
};

gboolean
exp_unit_is_moment (const char *unit)
{
  if (strcmp (unit, "Y") == 0 || strcmp (unit, "M") == 0)
    return TRUE;
  for (guint i = 0; i < G_N_ELEMENTS (units); i++)
    if (strcmp (units[i].name, unit) == 0)
      return TRUE;
  return FALSE;
}

/* The calendar's date of a day since 1970: Howard Hinnant, "chrono-compatible low-level date algorithms" (2013), which
 * counts years from March in eras of 400 years. */
static void
civil (gint64 day, gint64 *year, guint *month, guint *day_of_month)
{
  day += 719468;
  gint64 era = (day >= 0 ? day : day - 146096) / 146097;
  gint64 of_era = day - era * 146097;
  gint64 year_of_era = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
  gint64 of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  gint64 shifted = (5 * of_year + 2) / 153;

  *day_of_month = (guint)(of_year - (153 * shifted + 2) / 5 + 1);
  *month = (guint)(shifted < 10 ? shifted + 3 : shifted - 9);
  *year = year_of_era + era * 400 + (*month <= 2 ? 1 : 0);
}

static gint64
floor_divide (gint64 number, gint64 by, gint64 *rest)
{
  gint64 whole = number / by;

  *rest = number % by;
  if (*rest < 0)
    {
      *rest += by;
      whole--;
    }
  return whole;
}

static void
append_year (GString *out, gint64 year)
{
  g_string_append_printf (out, "%s%04" G_GINT64_FORMAT, year < 0 ? "-" : "", ABS (year));
}

static void
append_date (GString *out, gint64 day)
{
  gint64 year;
  guint month, day_of_month;

  civil (day, &year, &month, &day_of_month);
  append_year (out, year);
  g_string_append_printf (out, "-%02u-%02u", month, day_of_month);
}

static void
append_moment (GString *out, gint64 count, guint unit)
{
  gint64 rest, seconds, day;

  if (units[unit].decimals == 0)
    {
      day = unit == 0 ? count * 7 : floor_divide (count, units[unit].per_day, &rest);
      append_date (out, day);
      if (unit == 2)
        g_string_append_printf (out, "T%02u", (guint)rest);
      else if (unit == 3)
        g_string_append_printf (out, "T%02u:%02u", (guint)rest / 60, (guint)rest % 60);
      else if (unit == 4)
        g_string_append_printf (out, "T%02u:%02u:%02u", (guint)rest / 3600, (guint)rest / 60 % 60, (guint)rest % 60);
      return;
    }
  seconds = floor_divide (count, units[unit].per_second, &rest);
  append_moment (out, seconds, 4);
  g_string_append_printf (out, ".%0*" G_GINT64_FORMAT, (int)units[unit].decimals, rest);
}

/* Numbers of days and longer that no calendar has, nor the arithmetic on it. */
static gboolean
is_far (gint64 count, const char *unit)
{
  gboolean is_short = strcmp (unit, "ms") == 0 || strcmp (unit, "us") == 0 || strcmp (unit, "ns") == 0;

  return !is_short && (count > G_MAXINT64 / 1000000 || count < G_MININT64 / 1000000);
}

static void
append_count (GString *out, gint64 count, const char *unit)
{
  gint64 rest;
  guint index = 0;

  if (strcmp (unit, "Y") == 0)
    append_year (out, 1970 + count);
  else if (strcmp (unit, "M") == 0)
    {
      append_year (out, 1970 + floor_divide (count, 12, &rest));
      g_string_append_printf (out, "-%02u", (guint)rest + 1);
    }
  else
    {
      while (strcmp (units[index].name, unit) != 0)
        index++;
      append_moment (out, count, index);
    }
}

void
exp_moment_format (gint64 count, const char *unit, gint64 n_units, char *text)
{
  g_autoptr (GString) out = g_string_new (NULL);
  gint64 scaled;

  memset (text, 0, EXP_MOMENT_LENGTH);
  if (count == G_MININT64)
    g_string_append (out, "NaT");
  else if (__builtin_mul_overflow (count, n_units, &scaled) || is_far (scaled, unit))
    g_string_append_printf (out, "%" G_GINT64_FORMAT " x %" G_GINT64_FORMAT "%s", count, n_units, unit);
  else
    append_count (out, scaled, unit);
  memcpy (text, out->str, MIN (out->len, EXP_MOMENT_LENGTH));
}

/* --- types of moments --------------------------------------------------------------------------------------- */

char *
exp_moment_unit (const char *tag, gint64 *n_units)
{
  static const char *const others[] = { "ps", "fs", "as", "generic" };
  const char *unit = g_str_has_prefix (tag + 1, "8[") ? tag + 3 : NULL, *end = unit != NULL ? strchr (unit, ']') : NULL;
  const gsize digits = unit != NULL ? strspn (unit, "0123456789") : 0;

  *n_units = 1;
  if (strcmp (tag + 1, "8") == 0)
    return g_strdup ("generic");
  if (end == NULL || end[1] != '\0' || digits > 10)
    return NULL;
  if (digits > 0)
    *n_units = g_ascii_strtoll (unit, NULL, 10);
  g_autofree char *name = g_strndup (unit + digits, end - unit - digits);
  gboolean is_known = exp_unit_is_moment (name);
  for (guint i = 0; i < G_N_ELEMENTS (others); i++)
    is_known |= strcmp (name, others[i]) == 0;
  return is_known && *n_units > 0 && *n_units <= G_MAXINT32 ? g_steal_pointer (&name) : NULL;
}

void
exp_moment_to_bytes (const ExpDtype *dtype, const guint8 *text, guint8 *bytes)
{
  gint64 n_units, count = 0;
  g_autofree char *unit = exp_moment_unit (dtype->tag, &n_units);
  const gsize length = strnlen ((const char *)text, EXP_MOMENT_LENGTH);

  if (length > 0 && !exp_moment_parse ((const char *)text, length, unit, n_units, &count))
    count = G_MININT64;
  guint64 bits = dtype->big_endian ? GUINT64_TO_BE ((guint64)count) : GUINT64_TO_LE ((guint64)count);
  memcpy (bytes, &bits, sizeof bits);
}

void
exp_moment_from_bytes (const ExpDtype *dtype, const guint8 *bytes, guint8 *text)
{
  gint64 n_units;
  g_autofree char *unit = exp_moment_unit (dtype->tag, &n_units);
  guint64 bits;

  memcpy (&bits, bytes, sizeof bits);
  bits = dtype->big_endian ? GUINT64_FROM_BE (bits) : GUINT64_FROM_LE (bits);
  exp_moment_format ((gint64)bits, unit, n_units, (char *)text);
}

gboolean
exp_moment_take (const ExpDtype *dtype, const char *text, gsize length, guint8 *to)
{
  gint64 n_units, count;
  g_autofree char *unit = exp_moment_unit (dtype->tag, &n_units);

  if (!exp_moment_parse (text, length, unit, n_units, &count))
    return FALSE;
  exp_moment_format (count, unit, n_units, (char *)to);
  return TRUE;
}
