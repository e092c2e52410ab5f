/* The bytes of a pickle's program, through a window over its source.
 * Knows frames and the ends of lines; knows no opcode.
 * Called by the machine. */
#include "machine.h"
#include <string.h>

#define WINDOW 65536

/* TRUE when the program, and its frame, have n more bytes. */
static gboolean
has_bytes (ExpPickleMachine *machine, guint64 n)
{
  if (n > machine->size - machine->at)
    return exp_pickle_fail (machine, "it ends too early");
  if (machine->at < machine->frame_end && n > machine->frame_end - machine->at)
    return exp_pickle_fail (machine, "a value crosses the end of its frame");
  return TRUE;
}

/* Moves the window to where the program is. */
static gboolean
refill (ExpPickleMachine *machine)
{
  gsize length = MIN (machine->size - machine->at, WINDOW);

  if (machine->window == NULL)
    machine->window = g_malloc (MIN (machine->size, WINDOW));
  machine->window_length = 0;
  if (!exp_source_pread (machine->pickle->source, machine->at, length, machine->window,
                         machine->error == NULL ? &machine->error : NULL))
    return FALSE;
  machine->window_start = machine->at;
  machine->window_length = length;
  return TRUE;
}

const guint8 *
exp_pickle_take (ExpPickleMachine *machine, guint64 n)
{
  const guint8 *bytes;

  if (!has_bytes (machine, n))
    return NULL;
  if ((machine->at < machine->window_start || machine->at + n > machine->window_start + machine->window_length)
      && !refill (machine))
    return NULL;
  bytes = machine->window + (machine->at - machine->window_start);
  machine->at += n;
  return bytes;
}

gboolean
exp_pickle_take_uint (ExpPickleMachine *machine, guint n, guint64 *number)
{
  const guint8 *bytes = exp_pickle_take (machine, n);

  *number = 0;
  for (guint i = 0; bytes != NULL && i < n; i++)
    *number |= (guint64)bytes[i] << (8 * i);
  return bytes != NULL;
}

/* Bytes up to the next line feed. */
static gboolean
measure_line (ExpPickleMachine *machine, guint64 *length)
{
  guint64 start = machine->at;
  gboolean is_found = FALSE;

  while (machine->at < machine->size && !is_found)
    {
      if (machine->at < machine->window_start || machine->at >= machine->window_start + machine->window_length)
        if (!refill (machine))
          return FALSE;
      const guint8 *from = machine->window + (machine->at - machine->window_start);
      gsize n = machine->window_start + machine->window_length - machine->at;
      const guint8 *end = memchr (from, '\n', n);
      machine->at += end != NULL ? (gsize)(end - from) : n;
      is_found = end != NULL;
    }
  *length = machine->at - start;
  machine->at = start;
  return is_found || exp_pickle_fail (machine, "a line does not end");
}

const char *
exp_pickle_take_line (ExpPickleMachine *machine, gsize *length)
{
  guint64 n;

  if (!measure_line (machine, &n) || !has_bytes (machine, n + 1))
    return NULL;
  g_free (machine->line);
  machine->line = n < G_MAXSSIZE ? g_try_malloc (n + 1) : NULL;
  if (machine->line == NULL)
    {
      exp_pickle_fail_code (machine, EXP_ERROR_NO_MEMORY, "no memory for a line");
      return NULL;
    }
  if (machine->at >= machine->window_start && machine->at + n <= machine->window_start + machine->window_length)
    memcpy (machine->line, machine->window + (machine->at - machine->window_start), n);
  else if (!exp_source_pread (machine->pickle->source, machine->at, n, machine->line, &machine->error))
    return NULL;
  machine->line[n] = '\0';
  machine->at += n + 1;
  *length = n;
  return machine->line;
}

/* Length of the character that a byte begins, 0 for none; *least is the smallest second byte, *most the largest. */
static guint
utf8_length (guint8 first, guint8 *least, guint8 *most)
{
  *least = first == 0xe0 ? 0xa0 : first == 0xf0 ? 0x90 : 0x80;
  *most = first == 0xf4 ? 0x8f : 0xbf;
  return first < 0x80 ? 1 : first < 0xc2 ? 0 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : first < 0xf5 ? 4 : 0;
}

gboolean
exp_pickle_check_utf8 (const guint8 *bytes, gsize length, gsize *n_tail)
{
  guint8 least, most;

  *n_tail = 0;
  for (gsize i = 0; i < length;)
    {
      guint n = utf8_length (bytes[i], &least, &most);

      if (n == 0)
        return FALSE;
      for (guint k = 1; k < n; k++)
        {
          if (i + k >= length)
            {
              *n_tail = length - i;
              return TRUE;
            }
          if (bytes[i + k] < (k == 1 ? least : 0x80) || bytes[i + k] > (k == 1 ? most : 0xbf))
            return FALSE;
        }
      i += n;
    }
  return TRUE;
}

/* A long text that stays in the source is looked through a window at a time. */
static gboolean
check_text (ExpPickleMachine *machine, guint64 n)
{
  g_autofree guint8 *buffer = g_malloc (WINDOW);
  guint64 at = machine->at, end = at + n;
  gsize n_tail = 0;

  while (at < end)
    {
      gsize length = MIN (end - at, WINDOW);

      if (!exp_source_pread (machine->pickle->source, at, length, buffer, &machine->error))
        return FALSE;
      if (!exp_pickle_check_utf8 (buffer, length, &n_tail) || n_tail >= length || (n_tail > 0 && at + length == end))
        return exp_pickle_fail (machine, "a text is no UTF-8");
      at += length - n_tail;
    }
  return TRUE;
}

ExpPickleValue *
exp_pickle_take_text (ExpPickleMachine *machine, ExpPickleKind kind, guint64 n)
{
  ExpPickle *pickle = machine->pickle;
  ExpPickleValue *value;
  gsize n_tail;

  if (!has_bytes (machine, n))
    return NULL;
  if (n <= EXP_PICKLE_KEPT_TEXT)
    {
      const guint8 *bytes = exp_pickle_take (machine, n);

      if (bytes == NULL)
        return NULL;
      if (kind == EXP_PICKLE_TEXT && (!exp_pickle_check_utf8 (bytes, n, &n_tail) || n_tail > 0))
        {
          exp_pickle_fail (machine, "a text is no UTF-8");
          return NULL;
        }
      return exp_pickle_text_new (pickle, kind, bytes, n);
    }
  if (kind == EXP_PICKLE_TEXT && !check_text (machine, n))
    return NULL;
  value = exp_pickle_value_new (pickle, kind);
  value->located = exp_pickle_allocate (pickle, sizeof *value->located);
  if (value->located != NULL)
    {
      *value->located = (ExpPickleLocated){ pickle, machine->at };
      value->flags |= EXP_PICKLE_IS_LOCATED;
      value->length = n;
    }
  machine->at += n;
  return value;
}
