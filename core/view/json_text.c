/* Values as JSON, as Python's json module reads and writes it.
 * Knows nothing of offsets and files.
 * Called by the json and ndjson views and for attributes. */
#include "expfs/number.h"
#include "view_private.h"
#include <math.h>
#include <string.h>

void
exp_json_append_string (const char *text, gsize length, GString *out)
{
  static const char hex[] = "0123456789abcdef";
  const char *end = text + length;

  g_string_append_c (out, '"');
  while (text < end)
    {
      const char *valid;

      g_utf8_validate_len (text, end - text, &valid);
      for (; text < valid; text++)
        if (*text == '"' || *text == '\\')
          g_string_append_printf (out, "\\%c", *text);
        else if (*text == '\n')
          g_string_append (out, "\\n");
        else if (*text == '\t')
          g_string_append (out, "\\t");
        else if (*text == '\r')
          g_string_append (out, "\\r");
        else if ((guchar)*text < 0x20 || *text == 0x7f)
          g_string_append_printf (out, "\\u%04x", *text);
        else
          g_string_append_c (out, *text);
      if (text < end)
        {
          guchar byte = *text++;

          if (byte == 0)
            g_string_append (out, "\\u0000");
          else
            {
              g_string_append (out, "\\udc");
              g_string_append_c (out, hex[byte >> 4]);
              g_string_append_c (out, hex[byte & 15]);
            }
        }
    }
  g_string_append_c (out, '"');
}

void
exp_json_append_key (const char *name, GString *out)
{
  exp_json_append_string (name, strlen (name), out);
  g_string_append (out, ": ");
}

static void
append_float (const ExpDtype *dtype, const guint8 *cell, GString *out)
{
  gsize start = out->len;

  exp_cell_format (dtype, cell, out);
  const char *text = out->str + start;
  const char *other = strcmp (text, "nan") == 0    ? "NaN"
                      : strcmp (text, "inf") == 0  ? "Infinity"
                      : strcmp (text, "-inf") == 0 ? "-Infinity"
                                                   : NULL;
  if (other != NULL)
    {
      g_string_truncate (out, start);
      g_string_append (out, other);
    }
}

static void
append_complex (const ExpDtype *dtype, const guint8 *cell, GString *out)
{
  g_autoptr (ExpDtype) half = dtype->is_quad
                                  ? exp_dtype_new_quad (FALSE, dtype->big_endian)
                                  : exp_dtype_new_number (EXP_TYPE_FLOAT, dtype->size / 2, dtype->big_endian);

  g_string_append_c (out, '[');
  append_float (half, cell, out);
  g_string_append (out, ", ");
  append_float (half, cell + dtype->size / 2, out);
  g_string_append_c (out, ']');
}

/* `n` cells as nested lists of the given shape. */
static const guint8 *
append_lists (const ExpDtype *dtype, const guint8 *cells, guint rank, const guint64 *shape, GString *out)
{
  if (rank == 0)
    {
      exp_cell_to_json (dtype, cells, out);
      return cells + dtype->size;
    }
  g_string_append_c (out, '[');
  for (guint64 i = 0; i < shape[0]; i++)
    {
      if (i > 0)
        g_string_append (out, ", ");
      cells = append_lists (dtype, cells, rank - 1, shape + 1, out);
    }
  g_string_append_c (out, ']');
  return cells;
}

static void
append_object (const ExpDtype *dtype, const guint8 *cell, GString *out)
{
  g_string_append_c (out, '{');
  for (guint i = 0; i < dtype->n_members; i++)
    {
      if (i > 0)
        g_string_append (out, ", ");
      exp_json_append_key (dtype->members[i].name, out);
      exp_cell_to_json (dtype->members[i].dtype, cell + dtype->members[i].offset, out);
    }
  g_string_append_c (out, '}');
}

void
exp_cell_to_json (const ExpDtype *dtype, const guint8 *cell, GString *out)
{
  switch (dtype->type)
    {
    case EXP_TYPE_FLOAT:
      append_float (dtype, cell, out);
      break;
    case EXP_TYPE_COMPLEX:
      append_complex (dtype, cell, out);
      break;
    case EXP_TYPE_ENUM:
      exp_cell_format (dtype->base, cell, out);
      break;
    case EXP_TYPE_BITFIELD:
      {
        g_autoptr (ExpDtype) number = exp_dtype_new_number (EXP_TYPE_UINT, dtype->size, dtype->big_endian);

        exp_cell_format (number, cell, out);
        break;
      }
    case EXP_TYPE_OPAQUE:
      g_string_append_c (out, '"');
      exp_cell_format (dtype, cell, out);
      g_string_append_c (out, '"');
      break;
    case EXP_TYPE_STRING:
    case EXP_TYPE_VSTRING:
    case EXP_TYPE_REFERENCE:
      {
        gsize length;
        const char *text = exp_cell_text (dtype, cell, &length);

        exp_json_append_string (text, length, out);
        break;
      }
    case EXP_TYPE_COMPOUND:
      append_object (dtype, cell, out);
      break;
    case EXP_TYPE_ARRAY:
      append_lists (dtype->base, cell, dtype->n_dims, dtype->dims, out);
      break;
    case EXP_TYPE_VLEN:
      {
        ExpVlen vlen;

        memcpy (&vlen, cell, sizeof vlen);
        append_lists (dtype->base, vlen.data, 1, &(guint64){ vlen.length }, out);
        break;
      }
    default:
      exp_cell_format (dtype, cell, out);
    }
}

void
exp_array_to_json (const ExpArray *value, GString *out)
{
  if (value->rank == 0 && value->n_elements == 0)
    g_string_append (out, "null");
  else
    append_lists (value->dtype, value->data, value->rank, value->shape, out);
}

void
exp_json_append_shape (const ExpInfo *info, GString *out)
{
  if (info->is_null)
    {
      g_string_append (out, "null");
      return;
    }
  g_string_append_c (out, '[');
  for (guint i = 0; i < info->rank; i++)
    g_string_append_printf (out, "%s%" G_GUINT64_FORMAT, i > 0 ? ", " : "", info->shape[i]);
  g_string_append_c (out, ']');
}

void
exp_json_append_attributes (ExpNode *node, GString *out)
{
  g_auto (GStrv) names = exp_node_list_attributes (node, NULL);

  g_string_append_c (out, '{');
  for (char **name = names; name != NULL && *name != NULL; name++)
    {
      g_autoptr (ExpArray) value = exp_node_read_attribute (node, *name, NULL);

      if (name != names)
        g_string_append (out, ", ");
      exp_json_append_key (*name, out);
      if (value != NULL)
        exp_array_to_json (value, out);
      else
        g_string_append (out, "null");
    }
  g_string_append_c (out, '}');
}

char *
exp_attribute_text (const ExpArray *value, gsize limit, gsize *length, GError **error)
{
  g_autoptr (GString) out = g_string_new (NULL);
  ExpTypeClass type = value->dtype->type;
  gboolean is_text = type == EXP_TYPE_STRING || type == EXP_TYPE_VSTRING || type == EXP_TYPE_REFERENCE;
  gboolean is_nested = type == EXP_TYPE_COMPOUND || type == EXP_TYPE_ARRAY || type == EXP_TYPE_VLEN;

  /* Each element needs a byte at least, so that a large array is refused before it is rendered. */
  if (limit > 0 && value->n_elements > limit)
    ;
  else if (value->rank == 0 && value->n_elements == 0)
    ;
  else if (value->rank > 0 || is_nested)
    exp_array_to_json (value, out);
  else if (is_text)
    {
      gsize n;
      const char *text = exp_cell_text (value->dtype, value->data, &n);

      g_string_append_len (out, text, n);
    }
  else
    exp_cell_format (value->dtype, value->data, out);
  if (limit > 0 && MAX (out->len, value->n_elements) > limit)
    {
      g_set_error (error, EXP_ERROR, EXP_ERROR_TOO_LARGE, "the attribute is longer than %" G_GSIZE_FORMAT " bytes",
                   limit);
      return NULL;
    }
  *length = out->len;
  return g_string_free (g_steal_pointer (&out), FALSE);
}
