/* Python's datetime types as pickles have them: text in ISO 8601, time spans as Python prints them.
 * Knows how each lies in its bytes.
 * Called by meaning.c. */
#include "meaning.h"
#include <string.h>

/* The bytes of the first argument when it has n of them. */
static const guint8 *
moment_bytes (const ExpPickleReading *reading, guint n)
{
  const ExpPickleValue *first = exp_pickle_argument (reading, 0);

  if (!exp_pickle_is_bare (reading) || first == NULL || first->length != n
      || (first->kind != EXP_PICKLE_BYTES && first->kind != EXP_PICKLE_STR8 && first->kind != EXP_PICKLE_TEXT))
    return NULL;
  return (const guint8 *)first->text;
}

static void
append_date (GString *text, const guint8 *bytes)
{
  g_string_append_printf (text, "%04u-%02u-%02u", bytes[0] << 8 | bytes[1], bytes[2] & 0x7f, bytes[3]);
}

static void
append_time (GString *text, const guint8 *bytes)
{
  guint microseconds = (guint)bytes[3] << 16 | (guint)bytes[4] << 8 | bytes[5];

  g_string_append_printf (text, "%02u:%02u:%02u", bytes[0] & 0x7f, bytes[1], bytes[2]);
  if (microseconds > 0)
    g_string_append_printf (text, ".%06u", microseconds);
}

/* The zone: known ones are text like +01:00, others are told beside. */
static void
append_zone (const ExpPickleReading *reading, GString *text)
{
  const ExpPickleValue *zone;

  if (exp_pickle_n_arguments (reading) < 2)
    return;
  zone = exp_pickle_argument (reading, 1);
  if (zone != NULL && zone->kind == EXP_PICKLE_TEXT && zone->length > 0
      && (zone->text[0] == '+' || zone->text[0] == '-'))
    g_string_append (text, zone->text);
  else
    exp_pickle_set_attribute (reading, "tzinfo", reading->arguments->items[1]);
}

/* Bytes of a date, of a time, or of both. */
static ExpPickleValue *
read_moment (const ExpPickleReading *reading, gboolean has_date, gboolean has_time)
{
  const guint8 *bytes = moment_bytes (reading, (has_date ? 4 : 0) + (has_time ? 6 : 0));
  g_autoptr (GString) text = g_string_new (NULL);

  if (bytes == NULL)
    return NULL;
  if (has_date)
    append_date (text, bytes);
  if (has_date && has_time)
    g_string_append_c (text, 'T');
  if (has_time)
    {
      append_time (text, bytes + (has_date ? 4 : 0));
      append_zone (reading, text);
    }
  return exp_pickle_text_new (reading->pickle, EXP_PICKLE_TEXT, text->str, text->len);
}

static ExpPickleValue *
known_datetime (const ExpPickleReading *reading)
{
  return read_moment (reading, TRUE, TRUE);
}

static ExpPickleValue *
known_date (const ExpPickleReading *reading)
{
  return read_moment (reading, TRUE, FALSE);
}

static ExpPickleValue *
known_time (const ExpPickleReading *reading)
{
  return read_moment (reading, FALSE, TRUE);
}

/* Days, seconds and microseconds, the latter two not negative, as str() has them: -1 day, 0:00:05.000007 */
static ExpPickleValue *
known_timedelta (const ExpPickleReading *reading)
{
  g_autoptr (GString) text = g_string_new (NULL);
  gint64 parts[3];

  if (!exp_pickle_is_bare (reading) || exp_pickle_n_arguments (reading) != 3)
    return NULL;
  for (guint i = 0; i < 3; i++)
    if (!exp_pickle_get_int (exp_pickle_argument (reading, i), &parts[i]))
      return NULL;
  if (parts[1] < 0 || parts[1] >= 86400 || parts[2] < 0 || parts[2] >= 1000000)
    return NULL;
  if (parts[0] != 0)
    g_string_append_printf (text, "%" G_GINT64_FORMAT " day%s, ", parts[0], parts[0] == 1 || parts[0] == -1 ? "" : "s");
  g_string_append_printf (text, "%u:%02u:%02u", (guint)(parts[1] / 3600), (guint)(parts[1] / 60 % 60),
                          (guint)(parts[1] % 60));
  if (parts[2] > 0)
    g_string_append_printf (text, ".%06u", (guint)parts[2]);
  return exp_pickle_text_new (reading->pickle, EXP_PICKLE_TEXT, text->str, text->len);
}

/* A zone by the timedelta of its offset. */
static ExpPickleValue *
known_timezone (const ExpPickleReading *reading)
{
  const ExpPickleValue *delta = exp_pickle_n_arguments (reading) > 0 ? reading->arguments->items[0] : NULL;
  const ExpPickleValue *parts;
  gint64 days, seconds;

  if (!exp_pickle_is_bare (reading) || delta == NULL || delta->kind != EXP_PICKLE_CALL
      || !exp_pickle_is_named (delta, "datetime.timedelta"))
    return NULL;
  parts = delta->call->arguments;
  if (!exp_pickle_get_int (exp_pickle_item (parts, 0), &days) || days < -1 || days > 0
      || !exp_pickle_get_int (exp_pickle_item (parts, 1), &seconds) || seconds < 0 || seconds >= 86400)
    return NULL;
  seconds += days * 86400;
  guint distance = (guint)(seconds < 0 ? -seconds : seconds);
  ExpPickleValue *text = exp_pickle_new_text (reading->pickle, "%c%02u:%02u", seconds < 0 ? '-' : '+', distance / 3600,
                                              distance / 60 % 60);
  if (distance % 60 != 0)
    text = exp_pickle_new_text (reading->pickle, "%s:%02u", text->text, distance % 60);
  return text;
}

static ExpPickleValue *
known_utc (const ExpPickleReading *reading)
{
  return exp_pickle_is_bare (reading) && exp_pickle_n_arguments (reading) == 0
             ? exp_pickle_new_text (reading->pickle, "+00:00")
             : NULL;
}

const ExpPickleKnown exp_pickle_known_moments[] = {
  { "datetime.datetime", known_datetime },
  { "datetime.date", known_date },
  { "datetime.time", known_time },
  { "datetime.timedelta", known_timedelta },
  { "datetime.timezone", known_timezone },
  { "pytz._UTC", known_utc },
  { NULL, NULL },
};
