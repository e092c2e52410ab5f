/* The opcodes of protocols 0 to 5. Nothing is imported or called.
 * Knows what each does to the stack; what the made objects mean is object.c's.
 * Called by pickle.c. */
#include "expfs/number.h"
#include "machine.h"
#include <string.h>

static ExpPickleValue *
new_int (ExpPickleMachine *machine, gint64 number, ExpPickleKind kind)
{
  ExpPickleValue *value = exp_pickle_value_new (machine->pickle, kind);

  value->integer = number;
  return value;
}

static ExpPickleValue *
new_text (ExpPickleMachine *machine, ExpPickleKind kind, const void *text, gsize length)
{
  ExpPickleValue *value = exp_pickle_value_new (machine->pickle, kind);

  value->text = text;
  value->length = length;
  return value;
}

/* A counted text: `n` bytes of count. */
static gboolean
push_counted (ExpPickleMachine *machine, guint n, ExpPickleKind kind)
{
  guint64 length;
  const guint8 *bytes;

  if (!exp_pickle_take_uint (machine, n, &length) || (bytes = exp_pickle_take (machine, length)) == NULL)
    return FALSE;
  return exp_pickle_push (machine, new_text (machine, kind, bytes, length));
}

/* Python 2's str: text when it is UTF-8, bytes else. */
static gboolean
push_string (ExpPickleMachine *machine, guint n)
{
  if (!push_counted (machine, n, EXP_PICKLE_BYTES))
    return FALSE;
  ExpPickleValue *value = exp_pickle_top (machine);
  if (g_utf8_validate (value->text, value->length, NULL))
    value->kind = EXP_PICKLE_TEXT;
  return TRUE;
}

static gboolean
push_bin_float (ExpPickleMachine *machine)
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
push_bin_int (ExpPickleMachine *machine, guint n)
{
  guint64 number;

  if (!exp_pickle_take_uint (machine, n, &number))
    return FALSE;
  return exp_pickle_push (machine, new_int (machine, n == 4 ? (gint32)number : (gint64)number, EXP_PICKLE_INT));
}

static gboolean
push_bin_long (ExpPickleMachine *machine, guint n)
{
  guint64 length;
  const guint8 *bytes;

  if (!exp_pickle_take_uint (machine, n, &length) || (bytes = exp_pickle_take (machine, length)) == NULL)
    return FALSE;
  return exp_pickle_push (machine, exp_pickle_long (machine, bytes, length));
}

static gboolean
push_line (ExpPickleMachine *machine, guint8 opcode)
{
  gsize length;
  const char *line = exp_pickle_take_line (machine, &length);
  ExpPickleValue *value = NULL;

  if (line == NULL)
    return FALSE;
  switch (opcode)
    {
    case 'F':
      {
        g_autofree char *text = g_strndup (line, length);
        value = exp_pickle_value_new (machine->pickle, EXP_PICKLE_FLOAT);
        value->real = g_ascii_strtod (text, NULL);
        break;
      }
    case 'S':
      value = exp_pickle_unquote (machine, line, length);
      break;
    case 'V':
      value = exp_pickle_unescape_unicode (machine, line, length);
      break;
    case 'P':
      value = new_text (machine, EXP_PICKLE_OBJECT, "persistent", strlen ("persistent"));
      break;
    default:
      if (!exp_pickle_parse_line_int (machine, line, length, &value))
        value = NULL;
    }
  return exp_pickle_push (machine, value);
}

/* A global by the two texts of its module and its name. */
static ExpPickleValue *
new_global (ExpPickleMachine *machine, const char *module, gsize module_length, const char *name, gsize name_length)
{
  g_autofree char *text
      = g_strdup_printf ("%.*s.%.*s", (int)MIN (module_length, 4096), module, (int)MIN (name_length, 4096), name);
  const char *kept = g_string_chunk_insert (machine->pickle->texts, text);

  return new_text (machine, EXP_PICKLE_GLOBAL, kept, strlen (kept));
}

static ExpPickleValue *
take_global (ExpPickleMachine *machine)
{
  gsize module_length, name_length;
  const char *module = exp_pickle_take_line (machine, &module_length);
  const char *name = module != NULL ? exp_pickle_take_line (machine, &name_length) : NULL;

  return name != NULL ? new_global (machine, module, module_length, name, name_length) : NULL;
}

static gboolean
call (ExpPickleMachine *machine, ExpPickleValue *arguments)
{
  ExpPickleValue *callable = arguments != NULL ? exp_pickle_pop (machine) : NULL;

  return callable != NULL && exp_pickle_push (machine, exp_pickle_reduce (machine->pickle, callable, arguments));
}

/* INST and OBJ: a class and what it is made with, above a mark. */
static gboolean
instantiate (ExpPickleMachine *machine, ExpPickleValue *klass)
{
  ExpPickleValue *arguments = exp_pickle_collect (machine, EXP_PICKLE_TUPLE);

  if (arguments == NULL)
    return FALSE;
  if (klass == NULL)
    {
      if (exp_pickle_n_items (arguments) == 0)
        return exp_pickle_fail (machine, "an object without a class");
      klass = g_ptr_array_remove_index (arguments->items, 0);
    }
  return exp_pickle_push (machine, exp_pickle_reduce (machine->pickle, klass, arguments));
}

static gboolean
new_with_keywords (ExpPickleMachine *machine)
{
  ExpPickleValue *keywords = exp_pickle_pop (machine);

  return keywords != NULL && call (machine, exp_pickle_pop (machine));
}

static gboolean
build (ExpPickleMachine *machine)
{
  ExpPickleValue *state = exp_pickle_pop (machine);
  ExpPickleValue *object = state != NULL ? exp_pickle_top (machine) : NULL;

  if (object == NULL)
    return FALSE;
  exp_pickle_build (machine->pickle, object, state);
  return TRUE;
}

static gboolean
stack_global (ExpPickleMachine *machine)
{
  ExpPickleValue *name = exp_pickle_pop (machine);
  ExpPickleValue *module = name != NULL ? exp_pickle_pop (machine) : NULL;

  if (module == NULL || module->kind != EXP_PICKLE_TEXT || name->kind != EXP_PICKLE_TEXT)
    return exp_pickle_fail (machine, "a class without a name");
  return exp_pickle_push (machine, new_global (machine, module->text, module->length, name->text, name->length));
}

static gboolean
remember (ExpPickleMachine *machine, guint64 number)
{
  ExpPickleValue *value = exp_pickle_top (machine);

  if (value != NULL)
    g_hash_table_insert (machine->memo, g_memdup2 (&number, sizeof number), value);
  return value != NULL;
}

static gboolean
recall (ExpPickleMachine *machine, guint64 number)
{
  ExpPickleValue *value = g_hash_table_lookup (machine->memo, &number);

  return value != NULL ? exp_pickle_push (machine, value) : exp_pickle_fail (machine, "an unknown reference");
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
                                                : exp_pickle_fail (machine, "a reference without a number");
}

static gboolean
run_container (ExpPickleMachine *machine, guint8 opcode)
{
  switch (opcode)
    {
    case ')':
      return exp_pickle_push (machine, exp_pickle_value_new (machine->pickle, EXP_PICKLE_TUPLE));
    case ']':
      return exp_pickle_push (machine, exp_pickle_value_new (machine->pickle, EXP_PICKLE_LIST));
    case '}':
      return exp_pickle_push (machine, exp_pickle_value_new (machine->pickle, EXP_PICKLE_DICT));
    case 0x8f:
      return exp_pickle_push (machine, exp_pickle_value_new (machine->pickle, EXP_PICKLE_SET));
    case 't':
      return exp_pickle_push (machine, exp_pickle_collect (machine, EXP_PICKLE_TUPLE));
    case 'l':
      return exp_pickle_push (machine, exp_pickle_collect (machine, EXP_PICKLE_LIST));
    case 'd':
      return exp_pickle_push (machine, exp_pickle_collect (machine, EXP_PICKLE_DICT));
    case 0x91:
      return exp_pickle_push (machine, exp_pickle_collect (machine, EXP_PICKLE_SET));
    case 'a':
      return exp_pickle_append (machine, 1);
    case 's':
      return exp_pickle_append (machine, 2);
    default: /* 'e' 'u' 0x90 */
      return exp_pickle_extend (machine);
    }
}

static gboolean
run_number (ExpPickleMachine *machine, guint8 opcode)
{
  switch (opcode)
    {
    case 'N':
      return exp_pickle_push (machine, exp_pickle_value_new (machine->pickle, EXP_PICKLE_NONE));
    case 0x88:
    case 0x89:
      return exp_pickle_push (machine, new_int (machine, opcode == 0x88, EXP_PICKLE_BOOL));
    case 'J':
      return push_bin_int (machine, 4);
    case 'M':
      return push_bin_int (machine, 2);
    case 'K':
      return push_bin_int (machine, 1);
    case 'G':
      return push_bin_float (machine);
    case 0x8a:
      return push_bin_long (machine, 1);
    default: /* 0x8b */
      return push_bin_long (machine, 4);
    }
}

static gboolean
run_text (ExpPickleMachine *machine, guint8 opcode)
{
  switch (opcode)
    {
    case 'T':
      return push_string (machine, 4);
    case 'U':
      return push_string (machine, 1);
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
    default: /* 0x8e, 0x96 */
      return push_counted (machine, 8, EXP_PICKLE_BYTES);
    }
}

static gboolean
run_object (ExpPickleMachine *machine, guint8 opcode)
{
  ExpPickleValue *klass;
  guint64 code;

  switch (opcode)
    {
    case 'c':
      return exp_pickle_push (machine, take_global (machine));
    case 0x93:
      return stack_global (machine);
    case 'R':
    case 0x81:
      return call (machine, exp_pickle_pop (machine));
    case 0x92:
      return new_with_keywords (machine);
    case 'i':
      klass = take_global (machine);
      return klass != NULL && instantiate (machine, klass);
    case 'o':
      return instantiate (machine, NULL);
    case 'b':
      return build (machine);
    case 'Q':
      return exp_pickle_pop (machine) != NULL
             && exp_pickle_push (machine, new_text (machine, EXP_PICKLE_OBJECT, "persistent", strlen ("persistent")));
    default: /* 0x82 0x83 0x84: the extension registry */
      return exp_pickle_take_uint (machine, 1u << (opcode - 0x82), &code)
             && exp_pickle_push (machine, new_text (machine, EXP_PICKLE_GLOBAL, "extension", strlen ("extension")));
    }
}

static gboolean
run_stack (ExpPickleMachine *machine, guint8 opcode)
{
  ExpPickleValue *value;
  guint mark;

  switch (opcode)
    {
    case '(':
      return exp_pickle_push_mark (machine);
    case '0':
      if (machine->stack->len == 0)
        return exp_pickle_fail (machine, "nothing on the stack");
      g_ptr_array_set_size (machine->stack, machine->stack->len - 1);
      return TRUE;
    case '1':
      mark = exp_pickle_find_mark (machine);
      if (mark == G_MAXUINT)
        return FALSE;
      g_ptr_array_set_size (machine->stack, mark - 1);
      return TRUE;
    case '2':
      value = exp_pickle_top (machine);
      return value != NULL && exp_pickle_push (machine, value);
    case 'p':
      return use_memo (machine, 0, remember);
    case 'q':
      return use_memo (machine, 1, remember);
    case 'r':
      return use_memo (machine, 4, remember);
    case 0x94:
      return remember (machine, g_hash_table_size (machine->memo));
    case 'g':
      return use_memo (machine, 0, recall);
    case 'h':
      return use_memo (machine, 1, recall);
    case 'j':
      return use_memo (machine, 4, recall);
    case 0x80:
      return exp_pickle_take (machine, 1) != NULL;
    case 0x95:
      return exp_pickle_take (machine, 8) != NULL;
    default:
      return exp_pickle_fail (machine, "an unknown opcode");
    }
}

gboolean
exp_pickle_run_opcode (ExpPickleMachine *machine, guint8 opcode)
{
  switch (opcode)
    {
    case ')':
    case ']':
    case '}':
    case 0x8f:
    case 't':
    case 'l':
    case 'd':
    case 0x91:
    case 'a':
    case 's':
    case 'e':
    case 'u':
    case 0x90:
      return run_container (machine, opcode);
    case 0x85:
    case 0x86:
    case 0x87:
      return exp_pickle_collect_tuple (machine, opcode - 0x84);
    case 'N':
    case 0x88:
    case 0x89:
    case 'J':
    case 'M':
    case 'K':
    case 'G':
    case 0x8a:
    case 0x8b:
      return run_number (machine, opcode);
    case 'F':
    case 'I':
    case 'L':
    case 'S':
    case 'V':
    case 'P':
      return push_line (machine, opcode);
    case 'T':
    case 'U':
    case 'X':
    case 0x8c:
    case 0x8d:
    case 'B':
    case 'C':
    case 0x8e:
    case 0x96:
      return run_text (machine, opcode);
    case 'c':
    case 0x93:
    case 'R':
    case 0x81:
    case 0x92:
    case 'i':
    case 'o':
    case 'b':
    case 'Q':
    case 0x82:
    case 0x83:
    case 0x84:
      return run_object (machine, opcode);
    default:
      return run_stack (machine, opcode);
    }
}
