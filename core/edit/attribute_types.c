/* What attributes' texts do not say: their types and shapes, as JSON.
 * Knows which texts say enough by themselves; knows no nodes.
 * Called by fs/ for user.expfs.attributes. */
#include "expfs/edit.h"
#include "type_json.h"
#include <string.h>

static gboolean
is_null (const ExpArray *value)
{
  return value->rank == 0 && value->n_elements == 0;
}

static gboolean
is_like (const ExpArray *value, const ExpDtype *dtype, gboolean without_elements, guint rank, const guint64 *shape)
{
  return exp_dtype_equal (value->dtype, dtype) && is_null (value) == without_elements && value->rank == rank
         && (rank == 0 || memcmp (value->shape, shape, rank * sizeof *shape) == 0);
}

gboolean
exp_attribute_needs_type (const ExpArray *value, const char *text, gsize length)
{
  g_autoptr (ExpArray) parsed = exp_array_parse_text (text, length, NULL);

  return parsed == NULL || !is_like (parsed, value->dtype, is_null (value), value->rank, value->shape);
}

void
exp_attribute_type_append (const ExpArray *value, GString *out)
{
  g_autofree char *type = exp_dtype_to_json (value->dtype);

  g_string_append_printf (out, "{\"type\": %s", type);
  if (is_null (value))
    g_string_append (out, ", \"shape\": null");
  else if (value->rank > 0)
    {
      g_string_append (out, ", \"shape\": [");
      for (guint i = 0; i < value->rank; i++)
        g_string_append_printf (out, "%s%" G_GUINT64_FORMAT, i > 0 ? ", " : "", value->shape[i]);
      g_string_append_c (out, ']');
    }
  g_string_append_c (out, '}');
}

void
exp_attribute_type_free (ExpAttributeType *type)
{
  exp_dtype_unref (type->dtype);
  g_free (type);
}

static gboolean
take_null (ExpJsonCursor *cursor)
{
  const char *word;
  gsize length;

  return exp_json_take_word (cursor, &word, &length) && length == 4 && memcmp (word, "null", 4) == 0;
}

/* {"type": TYPE, "shape": ...} in either order. */
static gboolean
take_attribute (ExpJsonCursor *cursor, ExpAttributeType *type)
{
  gboolean is_right = TRUE, has_shape = FALSE;

  if (!exp_json_take (cursor, '{'))
    return FALSE;
  for (guint n = 0; exp_json_next (cursor, n, '}', &is_right); n++)
    {
      g_autoptr (GString) key = g_string_new (NULL);

      if (!exp_json_take_string (cursor, key) || !exp_json_take (cursor, ':'))
        return FALSE;
      if (strcmp (key->str, "type") == 0 && type->dtype == NULL)
        {
          if ((type->dtype = exp_json_take_type (cursor, 0)) == NULL)
            return FALSE;
        }
      else if (strcmp (key->str, "shape") == 0 && !has_shape)
        {
          has_shape = TRUE;
          type->is_null = exp_json_peek (cursor) == 'n';
          if (type->is_null ? !take_null (cursor) : !exp_json_take_shape (cursor, &type->rank, type->shape))
            return FALSE;
        }
      else
        return FALSE;
    }
  return is_right && type->dtype != NULL;
}

GHashTable *
exp_attribute_types_parse (const char *text, gsize length, GError **error)
{
  g_autoptr (GHashTable) types
      = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify)exp_attribute_type_free);
  ExpJsonCursor cursor = { text, text + length };
  gboolean is_right = exp_json_take (&cursor, '{'), is_going_on = is_right;

  for (guint n = 0; is_going_on && exp_json_next (&cursor, n, '}', &is_right); n++)
    {
      g_autoptr (GString) name = g_string_new (NULL);
      ExpAttributeType *type = g_new0 (ExpAttributeType, 1);

      is_going_on = exp_json_take_string (&cursor, name) && strlen (name->str) == name->len
                    && exp_json_take (&cursor, ':') && take_attribute (&cursor, type);
      if (!is_going_on)
        exp_attribute_type_free (type);
      else
        g_hash_table_insert (types, g_strdup (name->str), type);
    }
  if (is_right && is_going_on && exp_json_peek (&cursor) == '\0' && cursor.at == cursor.end)
    return g_steal_pointer (&types);
  g_set_error (error, EXP_ERROR, EXP_ERROR_INVALID, "no object of attributes' types");
  return NULL;
}

/* An element of more bytes than this has no text of 64 KiB. */
#define MAX_ELEMENT (16 << 20)

ExpArray *
exp_attribute_parse_as (const ExpAttributeType *type, const char *text, gsize length, GError **error)
{
  g_autoptr (ExpArray) value = NULL;

  if (type->is_null && length == 0)
    {
      value = exp_array_new (type->dtype, 0, NULL, error);
      if (value != NULL)
        value->n_elements = 0;
      return g_steal_pointer (&value);
    }
  if (type->dtype->size <= MAX_ELEMENT)
    value = exp_attribute_parse (type->dtype, type->rank, type->shape, text, length, error);
  else
    g_set_error (error, EXP_ERROR, EXP_ERROR_TOO_LARGE, "an attribute's element of %" G_GSIZE_FORMAT " bytes",
                 type->dtype->size);
  if (value != NULL && !is_like (value, type->dtype, type->is_null, type->rank, type->shape))
    {
      g_set_error (error, EXP_ERROR, EXP_ERROR_INVALID, "the attribute's text is of another shape or longer");
      return NULL;
    }
  return g_steal_pointer (&value);
}
