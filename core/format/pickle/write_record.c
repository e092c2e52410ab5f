/* Records of pickles, written again: calls stay calls, what was one object stays one.
 * Knows the kinds of records; write.c knows the opcodes' arguments.
 * Called by formats that keep pickles. */
#include "machine.h"
#include "writer_private.h"
#include <string.h>

/* Records inside of records. Python itself gives up sooner. */
#define MAX_NESTED 3000

static gboolean write_record (ExpPickleWriter *writer, const ExpPickleValue *record, guint depth, GError **error);

/* --- numbers ------------------------------------------------------------------------------------------------ */

/* Decimal digits into a magnitude of 32-bit words; their number. */
static gsize
parse_decimal (const char *digits, gsize length, guint32 *words)
{
  gsize n = 0;

  for (gsize i = 0; i < length; i++)
    {
      guint64 carry = (guint64)(digits[i] - '0');

      for (gsize k = 0; k < n; k++)
        {
          carry += (guint64)words[k] * 10;
          words[k] = (guint32)carry;
          carry >>= 32;
        }
      if (carry != 0)
        words[n++] = (guint32)carry;
    }
  return n;
}

static gsize
parse_hex (const char *digits, gsize length, guint32 *words)
{
  for (gsize i = 0; i < length; i++)
    words[i / 8] |= (guint32)g_ascii_xdigit_value (digits[length - 1 - i]) << (4 * (i % 8));
  return (length + 7) / 8;
}

/* What long.c made of it. */
static gboolean
write_big_int (ExpPickleWriter *writer, const ExpPickleValue *record, GError **error)
{
  g_autoptr (GBytes) bytes = exp_pickle_load (record, G_MAXUINT64, FALSE, error);
  gsize length, n;

  if (bytes == NULL)
    return FALSE;
  const char *text = g_bytes_get_data (bytes, &length);
  const gboolean is_negative = length > 0 && *text == '-',
                 is_hex = length > is_negative + 2u && text[is_negative + 1] == 'x';
  const gsize skip = is_negative + (is_hex ? 2 : 0);
  g_autofree guint32 *words = g_try_new0 (guint32, length / 8 + 2);
  if (words == NULL)
    {
      g_set_error (error, EXP_ERROR, EXP_ERROR_NO_MEMORY, "no memory for a number of %" G_GSIZE_FORMAT " digits",
                   length);
      return FALSE;
    }
  n = is_hex ? parse_hex (text + skip, length - skip, words) : parse_decimal (text + skip, length - skip, words);
  g_autofree guint8 *number = g_malloc0 (4 * n + 1);
  guint carry = 1;
  for (gsize i = 0; i < 4 * n + 1; i++)
    {
      guint8 byte = i < 4 * n ? (guint8)(words[i / 4] >> (8 * (i % 4))) : 0;

      carry += (guint8)~byte;
      number[i] = is_negative ? (guint8)carry : byte;
      carry >>= 8;
    }
  exp_pickle_write_long (writer, number, 4 * n + 1);
  return TRUE;
}

/* --- texts and names ---------------------------------------------------------------------------------------- */

static gboolean
write_held (ExpPickleWriter *writer, const ExpPickleValue *record, GError **error)
{
  g_autoptr (GBytes) bytes = exp_pickle_load (record, G_MAXUINT64, FALSE, error);
  gsize length;

  if (bytes == NULL)
    return FALSE;
  const void *data = g_bytes_get_data (bytes, &length);
  switch (record->kind)
    {
    case EXP_PICKLE_TEXT:
      exp_pickle_put_text (writer, data, length);
      break;
    case EXP_PICKLE_STR8:
      exp_pickle_put_str8 (writer, data, length);
      break;
    case EXP_PICKLE_BYTES:
      exp_pickle_put_bytes (writer, data, length);
      break;
    default: /* BYTEARRAY, which has no opcode of its own before protocol 5 */
      exp_pickle_write_global (writer, "builtins", "bytearray");
      exp_pickle_put_bytes (writer, data, length);
      exp_pickle_write_opcode (writer, 0x85);
      exp_pickle_write_opcode (writer, 'R');
    }
  exp_pickle_writer_remember (writer, record);
  return TRUE;
}

static gboolean
is_old_name (const ExpPickleValue *record)
{
  return (record->flags & EXP_PICKLE_IS_OLD_NAME) != 0;
}

/* A name of an old protocol may be Python 2's: only there Python 3 knows what it is called today. */
static void
write_name (ExpPickleWriter *writer, const ExpPickleValue *record)
{
  g_autofree char *module = g_strndup (record->text, record->n_room);
  g_autofree char *name = g_strndup (record->text + record->n_room + 1, record->length - record->n_room - 1);

  if (is_old_name (record))
    exp_pickle_write_protocol (writer, 2);
  exp_pickle_write_global (writer, module, name);
  if (is_old_name (record))
    exp_pickle_write_protocol (writer, 4);
  exp_pickle_writer_remember (writer, record);
}

/* --- containers --------------------------------------------------------------------------------------------- */

static gboolean
write_items (ExpPickleWriter *writer, const ExpPickleValue *list, guint depth, GError **error)
{
  for (guint i = 0; i < list->n_items; i++)
    if (!write_record (writer, list->items[i], depth, error))
      return FALSE;
  return TRUE;
}

/* What is remembered before its items are there can be one of them. */
static gboolean
write_container (ExpPickleWriter *writer, const ExpPickleValue *record, guint8 empty, guint8 fill, guint depth,
                 GError **error)
{
  exp_pickle_write_opcode (writer, empty);
  exp_pickle_writer_remember (writer, record);
  if (record->n_items == 0)
    return TRUE;
  exp_pickle_write_opcode (writer, '(');
  if (!write_items (writer, record, depth, error))
    return FALSE;
  exp_pickle_write_opcode (writer, fill);
  return TRUE;
}

/* What is made of its items is remembered after it was written in one of them, if it was: that is the one. */
static gboolean
write_made (ExpPickleWriter *writer, const ExpPickleValue *record, guint8 make, guint depth, GError **error)
{
  exp_pickle_write_opcode (writer, '(');
  if (!write_items (writer, record, depth, error))
    return FALSE;
  if (exp_pickle_writer_remembers (writer, record))
    {
      exp_pickle_write_opcode (writer, '1');
      return exp_pickle_write_again (writer, record);
    }
  exp_pickle_write_opcode (writer, make);
  exp_pickle_writer_remember (writer, record);
  return TRUE;
}

/* --- calls -------------------------------------------------------------------------------------------------- */

/* INST and OBJ: the arguments lie above a mark, for OBJ behind the class. */
static gboolean
write_instance (ExpPickleWriter *writer, const ExpPickleCall *call, guint depth, GError **error)
{
  exp_pickle_write_opcode (writer, '(');
  if (!write_record (writer, call->callable, depth, error) || !write_items (writer, call->arguments, depth, error))
    return FALSE;
  exp_pickle_write_opcode (writer, 'o');
  return TRUE;
}

static gboolean
write_made_by_call (ExpPickleWriter *writer, const ExpPickleCall *call, guint depth, GError **error)
{
  static const guint8 opcodes[]
      = { [EXP_PICKLE_REDUCE] = 'R', [EXP_PICKLE_NEWOBJ] = 0x81, [EXP_PICKLE_NEWOBJ_EX] = 0x92 };

  if (call->how == EXP_PICKLE_INST || call->how == EXP_PICKLE_OBJ)
    return write_instance (writer, call, depth, error);
  if (!write_record (writer, call->callable, depth, error) || !write_record (writer, call->arguments, depth, error)
      || (call->keywords != NULL && !write_record (writer, call->keywords, depth, error)))
    return FALSE;
  exp_pickle_write_opcode (writer, opcodes[call->how]);
  return TRUE;
}

static gboolean
write_put (ExpPickleWriter *writer, const ExpPickleValue *items, guint8 opcode, guint depth, GError **error)
{
  if (items == NULL)
    return TRUE;
  exp_pickle_write_opcode (writer, '(');
  if (!write_items (writer, items, depth, error))
    return FALSE;
  exp_pickle_write_opcode (writer, opcode);
  return TRUE;
}

static gboolean
write_call (ExpPickleWriter *writer, const ExpPickleValue *record, guint depth, GError **error)
{
  const ExpPickleCall *call = record->call;

  if (!write_made_by_call (writer, call, depth, error))
    return FALSE;
  if (exp_pickle_writer_remembers (writer, record))
    {
      exp_pickle_write_opcode (writer, '0');
      return exp_pickle_write_again (writer, record);
    }
  exp_pickle_writer_remember (writer, record);
  if (!write_put (writer, call->items, call->adds_items ? 0x90 : 'e', depth, error)
      || !write_put (writer, call->pairs, 'u', depth, error))
    return FALSE;
  for (guint i = 0; call->states != NULL && i < call->states->n_items; i++)
    {
      if (!write_record (writer, call->states->items[i], depth, error))
        return FALSE;
      exp_pickle_write_opcode (writer, 'b');
    }
  return TRUE;
}

/* --- any ---------------------------------------------------------------------------------------------------- */

static gboolean
write_tuple (ExpPickleWriter *writer, const ExpPickleValue *record, guint depth, GError **error)
{
  if (record->n_items > 0)
    return write_made (writer, record, 't', depth, error);
  exp_pickle_write_opcode (writer, ')');
  return TRUE;
}

static gboolean
write_record (ExpPickleWriter *writer, const ExpPickleValue *record, guint depth, GError **error)
{
  if (exp_pickle_write_again (writer, record))
    return TRUE;
  if (++depth > MAX_NESTED)
    {
      g_set_error (error, EXP_ERROR, EXP_ERROR_UNSUPPORTED, "more than %d values in one another", MAX_NESTED);
      return FALSE;
    }
  switch (record->kind)
    {
    case EXP_PICKLE_NONE:
      exp_pickle_write_none (writer);
      return TRUE;
    case EXP_PICKLE_BOOL:
      exp_pickle_write_bool (writer, record->integer != 0);
      return TRUE;
    case EXP_PICKLE_INT:
      exp_pickle_write_int (writer, record->integer);
      return TRUE;
    case EXP_PICKLE_FLOAT:
      exp_pickle_write_float (writer, record->real);
      return TRUE;
    case EXP_PICKLE_BIG_INT:
      return write_big_int (writer, record, error);
    case EXP_PICKLE_TEXT:
    case EXP_PICKLE_STR8:
    case EXP_PICKLE_BYTES:
    case EXP_PICKLE_BYTEARRAY:
      return write_held (writer, record, error);
    case EXP_PICKLE_GLOBAL:
      write_name (writer, record);
      return TRUE;
    case EXP_PICKLE_LIST:
      return write_container (writer, record, ']', 'e', depth, error);
    case EXP_PICKLE_DICT:
      return write_container (writer, record, '}', 'u', depth, error);
    case EXP_PICKLE_SET:
      return write_container (writer, record, 0x8f, 0x90, depth, error);
    case EXP_PICKLE_FROZENSET:
      return write_made (writer, record, 0x91, depth, error);
    case EXP_PICKLE_TUPLE:
      return write_tuple (writer, record, depth, error);
    case EXP_PICKLE_CALL:
      return write_call (writer, record, depth, error);
    default: /* what values stand for, and not in any record */
      g_set_error (error, EXP_ERROR, EXP_ERROR_UNSUPPORTED, "a value that no pickle has as it is");
      return FALSE;
    }
}

gboolean
exp_pickle_write (ExpPickleWriter *writer, const ExpPickleValue *record, GError **error)
{
  return write_record (writer, record, 0, error);
}
