/* Pickled values as text and as arrays.
 * Knows how Python and JSON write values.
 * Called by node.c of this folder and by filters. */
#include "expfs/number.h"
#include "expfs/view.h"
#include "pickle.h"
#include <string.h>

#define MAX_DEPTH 16
#define MAX_TEXT  65536

/* Of all texts of one list: values that are reached in several ways are written as often. */
#define MAX_TEXTS ((gsize)1 << 28)

static void append_json (const ExpPickleValue *value, GString *out, guint depth);

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
append_double (double number, GString *out)
{
  char text[32];

  g_string_append_len (out, text, exp_double_format (number, text));
}

static void
append_array (const ExpArray *array, GString *out, guint axis, const guint8 **cell)
{
  if (axis == array->rank)
    {
      exp_cell_to_json (array->dtype, *cell, out);
      *cell += array->dtype->size;
      return;
    }
  g_string_append_c (out, '[');
  for (guint64 i = 0; i < array->shape[axis] && array->n_elements > 0 && out->len < MAX_TEXT; i++)
    {
      if (i > 0)
        g_string_append (out, ", ");
      append_array (array, out, axis + 1, cell);
    }
  g_string_append_c (out, ']');
}

static void
append_items (const ExpPickleValue *value, GString *out, guint depth)
{
  gboolean is_dict = value->kind == EXP_PICKLE_DICT;

  g_string_append_c (out, is_dict ? '{' : '[');
  for (guint i = 0; i < exp_pickle_n_items (value); i++)
    {
      if (out->len > MAX_TEXT || depth > MAX_DEPTH)
        {
          g_string_append (out, "...");
          break;
        }
      if (i > 0)
        g_string_append (out, is_dict && i % 2 == 1 ? ": " : ", ");
      append_json (exp_pickle_item (value, i), out, depth + 1);
    }
  g_string_append_c (out, is_dict ? '}' : ']');
}

static void
append_json (const ExpPickleValue *value, GString *out, guint depth)
{
  const guint8 *cell;

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
      g_string_append_len (out, value->text, value->length);
      break;
    case EXP_PICKLE_FLOAT:
      append_double (value->real, out);
      break;
    case EXP_PICKLE_COMPLEX:
      {
        double parts[2] = { value->real, value->imaginary };
        g_autoptr (ExpDtype) dtype = exp_dtype_new_number (EXP_TYPE_COMPLEX, 16, FALSE);
        exp_cell_format (dtype, (const guint8 *)parts, out);
        break;
      }
    case EXP_PICKLE_TEXT:
    case EXP_PICKLE_BYTES:
      append_quoted (value->text, value->length, out);
      break;
    case EXP_PICKLE_GLOBAL:
    case EXP_PICKLE_OBJECT:
      g_string_append_printf (out, "<%.*s>", (int)MIN (value->length, 1024), value->text);
      break;
    case EXP_PICKLE_ARRAY:
      if (value->array != NULL)
        {
          cell = value->array->data;
          append_array (value->array, out, 0, &cell);
          break;
        }
      append_items (value, out, depth);
      break;
    default:
      append_items (value, out, depth);
    }
}

void
exp_pickle_append_text (const ExpPickleValue *value, GString *out)
{
  if (value->kind == EXP_PICKLE_TEXT || value->kind == EXP_PICKLE_BYTES)
    g_string_append_len (out, value->text, value->length);
  else if (value->kind == EXP_PICKLE_ARRAY && value->array != NULL && value->array->rank == 0
           && exp_dtype_is_numeric (value->array->dtype))
    exp_cell_format (value->array->dtype, value->array->data, out);
  else
    append_json (value, out, 0);
}

static ExpArray *
text_scalar (const ExpPickleValue *value)
{
  g_autoptr (GString) text = g_string_new (NULL);

  exp_pickle_append_text (value, text);
  return exp_array_new_text (text->str);
}

gboolean
exp_pickle_put_text (ExpArray *array, gsize index, const ExpPickleValue *value, gsize *n_bytes)
{
  g_autoptr (GString) text = g_string_new (NULL);
  ExpVlen *cell = (ExpVlen *)array->data + index;

  exp_pickle_append_text (value, text);
  *n_bytes += text->len;
  if (*n_bytes > MAX_TEXTS)
    return FALSE;
  cell->data = exp_array_allocate (array, text->len);
  if (cell->data == NULL && text->len > 0)
    return FALSE;
  if (text->len > 0)
    memcpy (cell->data, text->str, text->len);
  cell->length = text->len;
  return TRUE;
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

static ExpDtype *
kind_dtype (ExpPickleKind kind)
{
  switch (kind)
    {
    case EXP_PICKLE_BOOL:
      return exp_dtype_new_number (EXP_TYPE_BOOL, 1, FALSE);
    case EXP_PICKLE_INT:
      return exp_dtype_new_number (EXP_TYPE_INT, 8, FALSE);
    case EXP_PICKLE_FLOAT:
      return exp_dtype_new_number (EXP_TYPE_FLOAT, 8, FALSE);
    case EXP_PICKLE_COMPLEX:
      return exp_dtype_new_number (EXP_TYPE_COMPLEX, 16, FALSE);
    default:
      return exp_dtype_new_vstring (TRUE);
    }
}

static gboolean
put_item (ExpArray *array, gsize index, ExpPickleKind kind, const ExpPickleValue *item, gsize *n_bytes)
{
  guint8 *cell = array->data + index * array->dtype->size;
  double parts[2] = { item->real, item->imaginary };

  switch (kind)
    {
    case EXP_PICKLE_BOOL:
      *cell = item->integer != 0;
      return TRUE;
    case EXP_PICKLE_INT:
      memcpy (cell, &item->integer, 8);
      return TRUE;
    case EXP_PICKLE_FLOAT:
      memcpy (cell, parts, 8);
      return TRUE;
    case EXP_PICKLE_COMPLEX:
      memcpy (cell, parts, 16);
      return TRUE;
    default:
      return exp_pickle_put_text (array, index, item, n_bytes);
    }
}

static ExpArray *
items_array (const ExpPickleValue *value, GError **error)
{
  ExpPickleKind kind = common_kind (value);
  g_autoptr (ExpDtype) dtype = kind_dtype (kind);
  guint64 length = exp_pickle_n_items (value);
  gsize n_bytes = 0;
  gboolean has_shape = value->kind == EXP_PICKLE_ARRAY;
  g_autoptr (ExpArray) array
      = has_shape ? exp_array_new (dtype, value->rank, value->shape, error) : exp_array_new (dtype, 1, &length, error);

  for (guint i = 0; array != NULL && i < MIN (length, array->n_elements); i++)
    if (!put_item (array, i, kind, exp_pickle_item (value, i), &n_bytes))
      {
        g_set_error (error, EXP_ERROR, EXP_ERROR_TOO_LARGE, "the texts of a pickled list take too much memory");
        return NULL;
      }
  return g_steal_pointer (&array);
}

ExpArray *
exp_pickle_to_array (const ExpPickleValue *value, GError **error)
{
  gsize n_bytes = 0;

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
        g_autoptr (ExpDtype) dtype = exp_dtype_new_number (EXP_TYPE_COMPLEX, 16, FALSE);
        ExpArray *array = exp_array_new (dtype, 0, NULL, error);
        if (array != NULL)
          put_item (array, 0, EXP_PICKLE_COMPLEX, value, &n_bytes);
        return array;
      }
    case EXP_PICKLE_LIST:
    case EXP_PICKLE_TUPLE:
    case EXP_PICKLE_SET:
      return items_array (value, error);
    case EXP_PICKLE_ARRAY:
      return value->array != NULL ? exp_array_ref (value->array) : items_array (value, error);
    default:
      return text_scalar (value);
    }
}
