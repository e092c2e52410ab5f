/* Pickled values as text and as arrays.
 * Knows how Python and JSON write values.
 * Called by the files of this folder and by filters. */
#include "expfs/number.h"
#include "expfs/view.h"
#include "meaning.h"
#include <string.h>

#define MAX_DEPTH 16
#define MAX_TEXT  65536

/* Bytes of an array that are looked at for each one that is written. */
#define BYTES_READ 16

static void append_json (const ExpPickleValue *value, GString *out, guint depth, gsize limit);

static void
append_quoted (const char *text, gsize length, GString *out)
{
  g_string_append_c (out, '"');
  for (gsize i = 0; i < length; i++)
    {
      guchar c = (guchar)text[i];

      if (c == '"' || c == '\\')
        g_string_append_printf (out, "\\%c", c);
      else if (c == '\n')
        g_string_append (out, "\\n");
      else if (c == '\t')
        g_string_append (out, "\\t");
      else if (c == '\r')
        g_string_append (out, "\\r");
      else if (c < 0x20)
        g_string_append_printf (out, "\\u%04x", c);
      else
        g_string_append_c (out, (char)c);
    }
  g_string_append_c (out, '"');
}

static void
append_held (const ExpPickleValue *value, GString *out, guint64 most, gboolean is_quoted)
{
  g_autoptr (GBytes) bytes = exp_pickle_load (value, most, TRUE, NULL);
  gsize length = 0;
  const char *text = bytes != NULL ? g_bytes_get_data (bytes, &length) : "";

  if (is_quoted)
    append_quoted (text, length, out);
  else
    g_string_append_len (out, text, (gssize)length);
}

static void
append_double (double number, GString *out)
{
  char text[32];

  g_string_append_len (out, text, (gssize)exp_double_format (number, text));
}

static void
append_complex (const ExpPickleValue *value, GString *out)
{
  double parts[2] = { value->real, value->imaginary };
  g_autoptr (ExpDtype) dtype = exp_dtype_new_number (EXP_TYPE_COMPLEX, 16, G_BYTE_ORDER == G_BIG_ENDIAN);

  exp_cell_format (dtype, (const guint8 *)parts, out);
}

/* All of an array; NULL when it cannot be read. */
static ExpArray *
read_array (const ExpPickleArray *self, GError **error)
{
  g_autoptr (ExpArray) array = exp_array_new (self->dtype, self->rank, self->shape, error);
  g_autoptr (GBytes) decoded = NULL;
  ExpSlab slab;

  if (array == NULL)
    return NULL;
  if ((self->data->flags & EXP_PICKLE_IS_LATIN) != 0
      && (decoded = exp_pickle_load (self->data, G_MAXUINT64, FALSE, error)) == NULL)
    return NULL;
  exp_slab_init_all (&slab, self->rank, self->shape);
  return exp_pickle_array_read (self, decoded, &slab, array, error) ? g_steal_pointer (&array) : NULL;
}

static void
append_array (const ExpArray *array, GString *out, guint axis, const guint8 **cell, gsize limit)
{
  if (axis == array->rank)
    {
      exp_cell_to_json (array->dtype, *cell, out);
      *cell += array->dtype->size;
      return;
    }
  g_string_append_c (out, '[');
  for (guint64 i = 0; i < array->shape[axis] && array->n_elements > 0 && out->len < limit; i++)
    {
      if (i > 0)
        g_string_append (out, ", ");
      append_array (array, out, axis + 1, cell, limit);
    }
  g_string_append_c (out, ']');
}

static void
append_numbers (const ExpPickleArray *self, GString *out, gsize limit)
{
  g_autoptr (ExpArray) array = NULL;
  const guint8 *cell;
  guint64 n;

  if (g_uint64_checked_mul (&n, self->n_elements, MAX (self->type->n_cells, 1)) && n <= limit
      && g_uint64_checked_mul (&n, self->n_elements, self->type->size) && n / BYTES_READ <= limit)
    array = read_array (self, NULL);
  if (array == NULL)
    {
      g_string_append (out, "[...]");
      return;
    }
  cell = array->data;
  append_array (array, out, 0, &cell, limit);
}

static void
append_items (const ExpPickleValue *value, GString *out, guint depth, gsize limit)
{
  gboolean is_dict = value->kind == EXP_PICKLE_DICT;

  g_string_append_c (out, is_dict ? '{' : '[');
  for (guint i = 0; i < exp_pickle_n_items (value); i++)
    {
      if (out->len > limit || depth > MAX_DEPTH)
        {
          g_string_append (out, "...");
          break;
        }
      if (i > 0)
        g_string_append (out, is_dict && i % 2 == 1 ? ": " : ", ");
      append_json (exp_pickle_item (value, i), out, depth + 1, limit);
    }
  g_string_append_c (out, is_dict ? '}' : ']');
}

static void
append_class (const ExpPickleCall *call, GString *out)
{
  g_string_append_printf (out, "<%s>", call->class_name != NULL ? call->class_name : "object");
}

static void
append_json (const ExpPickleValue *value, GString *out, guint depth, gsize limit)
{
  if ((value->flags & EXP_PICKLE_IS_OBJECT) != 0)
    {
      append_class (value->call, out);
      return;
    }
  switch (value->kind)
    {
    case EXP_PICKLE_NONE:
      g_string_append (out, "null");
      break;
    case EXP_PICKLE_BOOL:
      g_string_append (out, value->integer != 0 ? "true" : "false");
      break;
    case EXP_PICKLE_INT:
      g_string_append_printf (out, "%" G_GINT64_FORMAT, value->integer);
      break;
    case EXP_PICKLE_BIG_INT:
    case EXP_PICKLE_GLOBAL:
      append_held (value, out, limit, FALSE);
      break;
    case EXP_PICKLE_FLOAT:
      append_double (value->real, out);
      break;
    case EXP_PICKLE_COMPLEX:
      append_complex (value, out);
      break;
    case EXP_PICKLE_TEXT:
    case EXP_PICKLE_STR8:
    case EXP_PICKLE_BYTES:
    case EXP_PICKLE_BYTEARRAY:
      append_held (value, out, limit, TRUE);
      break;
    case EXP_PICKLE_CALL: /* one that was refused */
      append_class (value->call, out);
      break;
    case EXP_PICKLE_RANGE:
      g_string_append_printf (
          out, "range(%" G_GINT64_FORMAT ", %" G_GINT64_FORMAT ", %" G_GINT64_FORMAT ")", value->range->start,
          value->range->start + (gint64)value->range->count * value->range->step, value->range->step);
      break;
    case EXP_PICKLE_ARRAY:
      if (value->array->type != NULL)
        {
          append_numbers (value->array, out, limit);
          break;
        }
      append_items (value, out, depth, limit);
      break;
    default:
      append_items (value, out, depth, limit);
    }
}

void
exp_pickle_append_limited (const ExpPickleValue *value, GString *out, gsize limit)
{
  if (exp_pickle_has_text (value))
    append_held (value, out, G_MAXUINT64, FALSE);
  else if (value->kind == EXP_PICKLE_ARRAY && value->array->type != NULL && value->array->rank == 0
           && exp_dtype_is_numeric (value->array->dtype))
    {
      g_autoptr (ExpArray) array = read_array (value->array, NULL);

      if (array != NULL)
        exp_cell_format (array->dtype, array->data, out);
    }
  else
    append_json (value, out, 0, limit);
}

void
exp_pickle_append_text (const ExpPickleValue *value, GString *out)
{
  exp_pickle_append_limited (value, out, MAX_TEXT);
}

static ExpArray *
text_scalar (const ExpPickleValue *value)
{
  g_autoptr (GString) text = g_string_new (NULL);

  exp_pickle_append_text (value, text);
  return exp_array_new_text (text->str);
}

/* The one kind that all items have; EXP_PICKLE_TEXT when they differ or have no numbers. */
static ExpPickleKind
common_kind (const ExpPickleValue *list)
{
  ExpPickleKind kind = exp_pickle_n_items (list) > 0 ? exp_pickle_item (list, 0)->kind : EXP_PICKLE_FLOAT;

  for (guint i = 1; i < exp_pickle_n_items (list); i++)
    if (exp_pickle_item (list, i)->kind != kind)
      return EXP_PICKLE_TEXT;
  return kind == EXP_PICKLE_BOOL || kind == EXP_PICKLE_INT || kind == EXP_PICKLE_FLOAT || kind == EXP_PICKLE_COMPLEX
             ? kind
             : EXP_PICKLE_TEXT;
}

ExpDtype *
exp_pickle_element_dtype (ExpPickleKind kind)
{
  gboolean big_endian = G_BYTE_ORDER == G_BIG_ENDIAN;

  switch (kind)
    {
    case EXP_PICKLE_BOOL:
      return exp_dtype_new_number (EXP_TYPE_BOOL, 1, FALSE);
    case EXP_PICKLE_INT:
      return exp_dtype_new_number (EXP_TYPE_INT, 8, big_endian);
    case EXP_PICKLE_FLOAT:
      return exp_dtype_new_number (EXP_TYPE_FLOAT, 8, big_endian);
    case EXP_PICKLE_COMPLEX:
      return exp_dtype_new_number (EXP_TYPE_COMPLEX, 16, big_endian);
    default:
      return exp_dtype_new_vstring (TRUE);
    }
}

void
exp_pickle_put_number (guint8 *cell, const ExpPickleValue *value)
{
  switch (value->kind)
    {
    case EXP_PICKLE_BOOL:
      *cell = value->integer != 0;
      break;
    case EXP_PICKLE_INT:
    case EXP_PICKLE_FLOAT:
      memcpy (cell, &value->integer, 8);
      break;
    default: /* COMPLEX */
      memcpy (cell, &value->real, 8);
      memcpy (cell + 8, &value->imaginary, 8);
    }
}

static ExpArray *
items_array (const ExpPickleValue *value, GError **error)
{
  ExpPickleKind kind = common_kind (value);
  g_autoptr (ExpDtype) dtype = exp_pickle_element_dtype (kind);
  const ExpPickleArray *shaped = value->kind == EXP_PICKLE_ARRAY ? value->array : NULL;
  guint64 length = exp_pickle_n_items (value);
  g_autoptr (ExpArray) array = shaped != NULL ? exp_array_new (dtype, shaped->rank, shaped->shape, error)
                                              : exp_array_new (dtype, 1, &length, error);

  if (array == NULL)
    return NULL;
  g_auto (ExpPickleTexts) texts = { 0 };
  exp_pickle_texts_init (&texts, array, length);
  for (guint i = 0; i < MIN (length, array->n_elements); i++)
    if (kind != EXP_PICKLE_TEXT)
      exp_pickle_put_number (array->data + i * dtype->size, exp_pickle_item (value, i));
    else if (!exp_pickle_texts_put (&texts, i, exp_pickle_item (value, i), error))
      return NULL;
  return g_steal_pointer (&array);
}

static ExpArray *
range_array (const ExpPickleRange *range, GError **error)
{
  g_autoptr (ExpDtype) dtype = exp_pickle_element_dtype (EXP_PICKLE_INT);
  ExpArray *array = exp_array_new (dtype, 1, &range->count, error);

  for (guint64 i = 0; array != NULL && i < range->count; i++)
    ((gint64 *)array->data)[i] = range->start + (gint64)i * range->step;
  return array;
}

ExpArray *
exp_pickle_to_array (const ExpPickleValue *value, GError **error)
{
  if ((value->flags & EXP_PICKLE_IS_OBJECT) != 0)
    return text_scalar (value);
  switch (value->kind)
    {
    case EXP_PICKLE_BOOL:
      return exp_array_new_bool (value->integer != 0);
    case EXP_PICKLE_INT:
      return exp_array_new_int (value->integer);
    case EXP_PICKLE_FLOAT:
      return exp_array_new_float (value->real);
    case EXP_PICKLE_COMPLEX:
      {
        g_autoptr (ExpDtype) dtype = exp_pickle_element_dtype (EXP_PICKLE_COMPLEX);
        ExpArray *array = exp_array_new (dtype, 0, NULL, error);
        if (array != NULL)
          exp_pickle_put_number (array->data, value);
        return array;
      }
    case EXP_PICKLE_LIST:
    case EXP_PICKLE_TUPLE:
    case EXP_PICKLE_SET:
    case EXP_PICKLE_FROZENSET:
      return items_array (value, error);
    case EXP_PICKLE_RANGE:
      return range_array (value->range, error);
    case EXP_PICKLE_ARRAY:
      return value->array->type != NULL ? read_array (value->array, error) : items_array (value, error);
    default:
      return text_scalar (value);
    }
}
