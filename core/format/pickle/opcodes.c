/* The opcodes of protocols 0 to 5, but for those of containers and calls. Nothing is imported or called.
 * Knows what each does to the stack.
 * Called by pickle.c. */
#include "expfs/number.h"
#include "machine.h"
#include <string.h>

static ExpPickleValue *
int_new (ExpPickleMachine *machine, gint64 number)
{
  ExpPickleValue **known = number >= 0 && number < 256 ? &machine->small[number] : NULL;
  ExpPickleValue *value = known != NULL ? *known : NULL;

  if (value != NULL)
    return value;
  value = exp_pickle_value_new (machine->pickle, EXP_PICKLE_INT);
  value->integer = number;
  if (known != NULL)
    *known = value;
  return value;
}

static ExpPickleValue *
boolean (ExpPickleMachine *machine, gboolean is_true)
{
  ExpPickleValue **value = &machine->booleans[is_true ? 1 : 0];

  if (*value == NULL)
    {
      *value = exp_pickle_value_new (machine->pickle, EXP_PICKLE_BOOL);
      (*value)->integer = is_true;
    }
  return *value;
}

/* A text after `n` bytes of its length; one of BINSTRING has a sign. */
static gboolean
push_counted (ExpPickleMachine *machine, guint n, ExpPickleKind kind)
{
  guint64 length;

  if (!exp_pickle_take_uint (machine, n, &length))
    return FALSE;
  if (kind == EXP_PICKLE_STR8 && length > G_MAXINT32)
    return exp_pickle_fail (machine, "a negative length");
  return exp_pickle_push (machine, exp_pickle_take_text (machine, kind, length));
}

static gboolean
push_float (ExpPickleMachine *machine)
{
  const guint8 *bytes = exp_pickle_take (machine, 8);
  guint64 bits;

  if (bytes == NULL)
    return FALSE;
  memcpy (&bits, bytes, sizeof bits);
  bits = GUINT64_FROM_BE (bits);
  ExpPickleValue *value = exp_pickle_value_new (machine->pickle, EXP_PICKLE_FLOAT);
  memcpy (&value->real, &bits, sizeof bits);
  return exp_pickle_push (machine, value);
}

static gboolean
push_int (ExpPickleMachine *machine, guint n)
{
  guint64 number;

  if (!exp_pickle_take_uint (machine, n, &number))
    return FALSE;
  return exp_pickle_push (machine, int_new (machine, n == 4 ? (gint32)number : (gint64)number));
}

static gboolean
push_long (ExpPickleMachine *machine, guint n)
{
  guint64 length;

  if (!exp_pickle_take_uint (machine, n, &length))
    return FALSE;
  if (length > G_MAXINT32)
    return exp_pickle_fail (machine, "a negative length");
  return exp_pickle_push (machine, exp_pickle_take_long (machine, length));
}

static gboolean
push_line (ExpPickleMachine *machine, guint8 opcode)
{
  gsize length;
  const char *line = exp_pickle_take_line (machine, &length);

  if (line == NULL)
    return FALSE;
  switch (opcode)
    {
    case 'F':
      return exp_pickle_push (machine, exp_pickle_line_float (machine, line, length));
    case 'S':
      return exp_pickle_push (machine, exp_pickle_unquote (machine, line, length));
    case 'V':
      return exp_pickle_push (machine, exp_pickle_unescape_unicode (machine, line, length));
    case 'L':
      return exp_pickle_push (machine, exp_pickle_line_int (machine, line, length, TRUE));
    default: /* 'I' */
      if (length == 2 && line[0] == '0' && (line[1] == '0' || line[1] == '1'))
        return exp_pickle_push (machine, boolean (machine, line[1] == '1'));
      return exp_pickle_push (machine, exp_pickle_line_int (machine, line, length, FALSE));
    }
}

static gboolean
run_value (ExpPickleMachine *machine, guint8 opcode)
{
  switch (opcode)
    {
    case 'N':
      if (machine->none == NULL)
        machine->none = exp_pickle_value_new (machine->pickle, EXP_PICKLE_NONE);
      return exp_pickle_push (machine, machine->none);
    case 0x88:
    case 0x89:
      return exp_pickle_push (machine, boolean (machine, opcode == 0x88));
    case 'J':
      return push_int (machine, 4);
    case 'M':
      return push_int (machine, 2);
    case 'K':
      return push_int (machine, 1);
    case 'G':
      return push_float (machine);
    case 0x8a:
      return push_long (machine, 1);
    case 0x8b:
      return push_long (machine, 4);
    default:
      return push_line (machine, opcode);
    }
}

static gboolean
run_text (ExpPickleMachine *machine, guint8 opcode)
{
  switch (opcode)
    {
    case 'T':
      return push_counted (machine, 4, EXP_PICKLE_STR8);
    case 'U':
      return push_counted (machine, 1, EXP_PICKLE_STR8);
    case 'X':
      return push_counted (machine, 4, EXP_PICKLE_TEXT);
    case 0x8c:
      return push_counted (machine, 1, EXP_PICKLE_TEXT);
    case 0x8d:
      return push_counted (machine, 8, EXP_PICKLE_TEXT);
    case 'B':
      return push_counted (machine, 4, EXP_PICKLE_BYTES);
    case 'C':
      return push_counted (machine, 1, EXP_PICKLE_BYTES);
    case 0x8e:
      return push_counted (machine, 8, EXP_PICKLE_BYTES);
    default: /* 0x96 */
      return push_counted (machine, 8, EXP_PICKLE_BYTEARRAY);
    }
}

/* PUT, GET and their binary forms: `n` bytes of number, or a line of digits. */
static gboolean
use_memo (ExpPickleMachine *machine, guint n, gboolean (*use) (ExpPickleMachine *, guint64))
{
  guint64 number;
  gsize length;

  if (n > 0)
    return exp_pickle_take_uint (machine, n, &number) && use (machine, number);
  const char *line = exp_pickle_take_line (machine, &length);
  if (line == NULL)
    return FALSE;
  return exp_uint_parse (line, length, &number) ? use (machine, number)
                                                : exp_pickle_fail (machine, "a memo without a number");
}

static gboolean
run_memo (ExpPickleMachine *machine, guint8 opcode)
{
  switch (opcode)
    {
    case 'p':
      return use_memo (machine, 0, exp_pickle_remember);
    case 'q':
      return use_memo (machine, 1, exp_pickle_remember);
    case 'r':
      return use_memo (machine, 4, exp_pickle_remember);
    case 'g':
      return use_memo (machine, 0, exp_pickle_recall);
    case 'h':
      return use_memo (machine, 1, exp_pickle_recall);
    case 'j':
      return use_memo (machine, 4, exp_pickle_recall);
    default: /* 0x94 */
      return exp_pickle_remember (machine, machine->n_memo);
    }
}

static gboolean
run_protocol (ExpPickleMachine *machine)
{
  const guint8 *version = exp_pickle_take (machine, 1);

  if (version == NULL)
    return FALSE;
  machine->protocol = *version;
  return *version <= 5 || exp_pickle_fail_code (machine, EXP_ERROR_VERSION, "it is of a protocol above 5");
}

static gboolean
run_frame (ExpPickleMachine *machine)
{
  guint64 length;

  if (machine->at < machine->frame_end)
    return exp_pickle_fail (machine, "a frame inside a frame");
  if (!exp_pickle_take_uint (machine, 8, &length))
    return FALSE;
  if (length > machine->size - machine->at)
    return exp_pickle_fail (machine, "a frame that goes past the end");
  machine->frame_end = machine->at + length;
  return TRUE;
}

/* POP takes a mark away when nothing is above it. */
static gboolean
run_stack (ExpPickleMachine *machine, guint8 opcode)
{
  ExpPickleValue *value, **values;
  gsize n;

  switch (opcode)
    {
    case '(':
      return exp_pickle_push_mark (machine);
    case '0':
      if (machine->n_marks > 0 && machine->marks[machine->n_marks - 1] == machine->n_stack)
        return exp_pickle_pop_mark (machine, &values, &n);
      return exp_pickle_pop (machine) != NULL;
    case '1':
      return exp_pickle_pop_mark (machine, &values, &n);
    case '2':
      value = exp_pickle_top (machine);
      return value != NULL && exp_pickle_push (machine, value);
    case 0x98:
      value = exp_pickle_top (machine);
      return value != NULL
             && (value->kind == EXP_PICKLE_BYTES || value->kind == EXP_PICKLE_BYTEARRAY
                 || exp_pickle_fail (machine, "READONLY_BUFFER of what is no buffer"));
    default:
      return exp_pickle_fail (machine, "an unknown opcode");
    }
}

/* What refers to things that are outside of the file. */
static gboolean
refuse_outside (ExpPickleMachine *machine, guint8 opcode)
{
  const char *reason = opcode == 0x97 ? "NEXT_BUFFER: the array's bytes are in a buffer outside of the file"
                       : opcode == 'P' || opcode == 'Q'
                           ? "a persistent id: what it stands for only the program knows that wrote it"
                           : "an extension code: what it stands for is in the registry of the program that wrote it";

  return exp_pickle_fail_code (machine, EXP_ERROR_UNSUPPORTED, reason);
}

#define VALUE_CASES                                                                                                    \
  case 'N':                                                                                                            \
  case 0x88:                                                                                                           \
  case 0x89:                                                                                                           \
  case 'J':                                                                                                            \
  case 'M':                                                                                                            \
  case 'K':                                                                                                            \
  case 'G':                                                                                                            \
  case 0x8a:                                                                                                           \
  case 0x8b:                                                                                                           \
  case 'F':                                                                                                            \
  case 'I':                                                                                                            \
  case 'L':                                                                                                            \
  case 'S':                                                                                                            \
  case 'V'

#define TEXT_CASES                                                                                                     \
  case 'T':                                                                                                            \
  case 'U':                                                                                                            \
  case 'X':                                                                                                            \
  case 0x8c:                                                                                                           \
  case 0x8d:                                                                                                           \
  case 'B':                                                                                                            \
  case 'C':                                                                                                            \
  case 0x8e:                                                                                                           \
  case 0x96

#define MEMO_CASES                                                                                                     \
  case 'p':                                                                                                            \
  case 'q':                                                                                                            \
  case 'r':                                                                                                            \
  case 'g':                                                                                                            \
  case 'h':                                                                                                            \
  case 'j':                                                                                                            \
  case 0x94

#define CONTAINER_CASES                                                                                                \
  case ')':                                                                                                            \
  case ']':                                                                                                            \
  case '}':                                                                                                            \
  case 0x8f:                                                                                                           \
  case 't':                                                                                                            \
  case 'l':                                                                                                            \
  case 'd':                                                                                                            \
  case 0x91:                                                                                                           \
  case 'a':                                                                                                            \
  case 's':                                                                                                            \
  case 'e':                                                                                                            \
  case 'u':                                                                                                            \
  case 0x90:                                                                                                           \
  case 0x85:                                                                                                           \
  case 0x86:                                                                                                           \
  case 0x87

gboolean
exp_pickle_run_opcode (ExpPickleMachine *machine, guint8 opcode)
{
  switch (opcode)
    {
    VALUE_CASES:
      return run_value (machine, opcode);
    TEXT_CASES:
      return run_text (machine, opcode);
    MEMO_CASES:
      return run_memo (machine, opcode);
    CONTAINER_CASES:
      return exp_pickle_run_container (machine, opcode);
    case 'c':
    case 0x93:
    case 'R':
    case 0x81:
    case 0x92:
    case 'i':
    case 'o':
    case 'b':
      return exp_pickle_run_call (machine, opcode);
    case 'P':
    case 'Q':
    case 0x82:
    case 0x83:
    case 0x84:
    case 0x97:
      return refuse_outside (machine, opcode);
    case 0x80:
      return run_protocol (machine);
    case 0x95:
      return run_frame (machine);
    default:
      return run_stack (machine, opcode);
    }
}
