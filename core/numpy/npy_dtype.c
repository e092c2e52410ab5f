/* Types as NumPy's headers describe them.
 * Knows nothing of headers and elements.
 * Called by npy_header.c and numpy_type.c. */
#include "expfs/error.h"
#include "expfs/number.h"
#include "literal.h"
#include "npy_header.h"
#include <string.h>

#define MAX_DEPTH 32

gboolean
exp_npy_is_moment (const ExpDtype *dtype)
{
  return dtype->type == EXP_TYPE_OPAQUE && dtype->tag != NULL && g_str_has_prefix (dtype->tag, "M8[");
}

/* "M8[25ns]", "m8" and their like, behind the order; NULL for others. */
static ExpDtype *
moment_dtype (const char *text, gboolean is_big)
{
  ExpDtype *shown = exp_dtype_new_moment (text, is_big), *dtype;

  if (shown == NULL || !exp_dtype_is_moment (shown))
    return shown;
  exp_dtype_unref (shown);
  dtype = exp_dtype_new_opaque (8, text);
  dtype->big_endian = is_big;
  return dtype;
}

static ExpDtype *
stored_cell (ExpDtype *cell, gpointer data)
{
  if (exp_npy_is_moment (cell))
    return exp_dtype_new_moment (cell->tag, cell->big_endian);
  if (cell->type != EXP_TYPE_STRING || !cell->is_ucs4)
    return exp_dtype_ref (cell);
  ExpDtype *text = exp_dtype_new_vstring (TRUE);
  text->n_characters = cell->size / 4;
  return text;
}

ExpDtype *
exp_npy_stored_dtype (ExpDtype *dtype)
{
  return exp_dtype_map_cells (dtype, stored_cell, NULL);
}

/* "<f8" and its like. */
static ExpDtype *
plain_dtype (ExpLiteral *literal, const char *text)
{
  const gboolean has_order = *text != '\0' && strchr ("<>|=", *text) != NULL;
  const gboolean is_big = *text == '>' || (*text == '=' && G_BYTE_ORDER == G_BIG_ENDIAN);
  const char kind = text[has_order];
  ExpDtype *plain;
  guint64 size = 0;

  if (kind != '\0' && text[has_order + 1] != '\0'
      && (!exp_uint_parse (text + has_order + 1, strlen (text + has_order + 1), &size) || size > G_MAXINT32))
    size = 0;
  switch (kind)
    {
    case '?':
      return exp_dtype_new_number (EXP_TYPE_BOOL, 1, FALSE);
    case 'U':
      if (size > 0 && size <= G_MAXINT32 / 4)
        {
          ExpDtype *dtype = exp_dtype_new_string (4 * size, EXP_PAD_NUL, TRUE);

          dtype->is_ucs4 = TRUE;
          dtype->big_endian = is_big;
          return dtype;
        }
      break;
    case 'M':
    case 'm':
      plain = literal->has_moments && text[has_order + 1] == '8' ? moment_dtype (text + has_order, is_big) : NULL;
      if (plain != NULL)
        return plain;
      break;
    case 'O':
      if (literal->objects_are_text)
        return exp_dtype_new_vstring (TRUE);
      break;
    default:
      plain = size > 0 ? exp_dtype_new_numpy (kind == 'a' ? 'S' : kind, size, is_big) : NULL;
      if (plain != NULL)
        return plain;
    }
  g_set_error (literal->error, EXP_ERROR, EXP_ERROR_UNSUPPORTED, "the NPY type '%s' cannot be stored", text);
  return NULL;
}

/* Members as they come; cleared with their types unless a compound takes these over. */
typedef struct
{
  GArray *members;
  gsize size;
} Fields;

static void
clear_fields (Fields *fields)
{
  for (guint i = 0; i < fields->members->len; i++)
    {
      ExpMember *member = &g_array_index (fields->members, ExpMember, i);

      g_free (member->name);
      exp_dtype_unref (member->dtype);
    }
  g_array_unref (fields->members);
}

static ExpDtype *
make_compound (ExpLiteral *literal, Fields *fields)
{
  GArray *members = fields->members;

  for (guint i = 0; i < members->len; i++)
    for (guint k = 0; k < i; k++)
      if (strcmp (g_array_index (members, ExpMember, i).name, g_array_index (members, ExpMember, k).name) == 0)
        {
          exp_literal_fail (literal, "other name for a field");
          return NULL;
        }
  if (members->len == 0 || fields->size == 0 || fields->size > G_MAXINT32)
    {
      exp_literal_fail (literal, "field");
      return NULL;
    }
  for (guint i = 0; i < members->len; i++)
    exp_dtype_ref (g_array_index (members, ExpMember, i).dtype);
  ExpDtype *dtype = exp_dtype_new_compound (fields->size, members->len, (ExpMember *)members->data, literal->error);
  /* Texts would lie where others write numbers. */
  if (dtype != NULL && exp_dtype_has_vlen (dtype) && exp_dtype_has_overlaps (dtype))
    {
      exp_dtype_unref (dtype);
      exp_literal_fail (literal, "field of its own");
      return NULL;
    }
  return dtype;
}

static ExpDtype *
with_shape (ExpLiteral *literal, ExpDtype *dtype, guint rank, const guint64 *shape)
{
  for (guint i = 0; i < rank; i++)
    if (shape[i] == 0)
      {
        exp_dtype_unref (dtype);
        exp_literal_fail (literal, "length of an array type");
        return NULL;
      }
  return rank == 0 ? dtype : exp_dtype_new_array (dtype, rank, shape, literal->error);
}

/* ('name', type), ('name', type, shape) or (('title', 'name'), type). What has no name is padding. */
static gboolean
take_field (ExpLiteral *literal, Fields *fields)
{
  g_autofree char *name = NULL, *title = NULL;
  guint64 shape[EXP_MAX_RANK];
  guint rank = 0;

  if (!exp_literal_take (literal, '('))
    return exp_literal_fail (literal, "field");
  if (exp_literal_take (literal, '('))
    {
      title = exp_literal_take_string (literal);
      if (title == NULL || !exp_literal_take (literal, ','))
        return exp_literal_fail (literal, "title");
      name = exp_literal_take_string (literal);
      if (name == NULL || !exp_literal_take (literal, ')'))
        return exp_literal_fail (literal, "name");
    }
  else
    name = exp_literal_take_string (literal);
  if (name == NULL || !exp_literal_take (literal, ','))
    return exp_literal_fail (literal, "name");

  ExpDtype *dtype = exp_npy_take_dtype (literal);
  if (dtype == NULL)
    return FALSE;
  if (exp_literal_take (literal, ',') && exp_literal_peek (literal) != ')')
    {
      if (!exp_literal_take_shape (literal, &rank, shape))
        {
          exp_dtype_unref (dtype);
          return FALSE;
        }
      exp_literal_take (literal, ',');
      dtype = with_shape (literal, dtype, rank, shape);
    }
  if (dtype == NULL || !exp_literal_take (literal, ')'))
    {
      exp_dtype_unref (dtype);
      return exp_literal_fail (literal, "end of a field");
    }
  ExpMember member = { NULL, dtype, fields->size };
  if (!g_size_checked_add (&fields->size, fields->size, dtype->size))
    fields->size = G_MAXSIZE;
  if (*name == '\0')
    exp_dtype_unref (dtype);
  else
    {
      member.name = g_steal_pointer (&name);
      g_array_append_val (fields->members, member);
    }
  return TRUE;
}

static ExpDtype *
take_fields (ExpLiteral *literal)
{
  Fields fields = { g_array_new (FALSE, FALSE, sizeof (ExpMember)), 0 };
  gboolean is_right = TRUE;
  ExpDtype *dtype = NULL;

  for (guint n = 0; exp_literal_next (literal, n, ']', &is_right); n++)
    if (!take_field (literal, &fields))
      {
        is_right = FALSE;
        break;
      }
  if (is_right)
    dtype = make_compound (literal, &fields);
  clear_fields (&fields);
  return dtype;
}

/* The list behind a key of {'names': [...], 'formats': [...], 'offsets': [...], 'itemsize': n}. */
static gboolean
take_column (ExpLiteral *literal, const char *key, Fields *fields)
{
  gboolean is_right = TRUE;
  guint n = 0;

  if (strcmp (key, "itemsize") == 0)
    {
      guint64 size;

      if (!exp_literal_take_integer (literal, &size))
        return FALSE;
      fields->size = size;
      return TRUE;
    }
  const char close = exp_literal_take (literal, '[') ? ']' : exp_literal_take (literal, '(') ? ')' : '\0';
  if (close == '\0')
    return exp_literal_fail (literal, "list");
  for (; exp_literal_next (literal, n, close, &is_right); n++)
    {
      if (n >= fields->members->len)
        g_array_set_size (fields->members, n + 1);
      ExpMember *member = &g_array_index (fields->members, ExpMember, n);
      if (strcmp (key, "names") == 0)
        {
          g_free (member->name);
          is_right = (member->name = exp_literal_take_string (literal)) != NULL;
        }
      else if (strcmp (key, "formats") == 0)
        {
          exp_dtype_unref (member->dtype);
          is_right = (member->dtype = exp_npy_take_dtype (literal)) != NULL;
        }
      else if (strcmp (key, "offsets") == 0)
        is_right = exp_literal_take_integer (literal, &member->offset);
      else
        {
          g_autofree char *title = exp_literal_take_string (literal);
          is_right = title != NULL && strcmp (key, "titles") == 0;
        }
      if (!is_right)
        return exp_literal_fail (literal, "field");
    }
  return is_right;
}

static ExpDtype *
take_columns (ExpLiteral *literal)
{
  Fields fields = { g_array_new (FALSE, TRUE, sizeof (ExpMember)), 0 };
  gboolean is_right = TRUE;
  ExpDtype *dtype = NULL;

  for (guint n = 0; is_right && exp_literal_next (literal, n, '}', &is_right); n++)
    {
      g_autofree char *key = exp_literal_take_string (literal);

      is_right = key != NULL && (exp_literal_take (literal, ':') || exp_literal_fail (literal, "colon"))
                 && take_column (literal, key, &fields);
    }
  for (guint i = 0; is_right && i < fields.members->len; i++)
    {
      const ExpMember *member = &g_array_index (fields.members, ExpMember, i);

      is_right = member->name != NULL && member->dtype != NULL;
    }
  if (is_right)
    dtype = make_compound (literal, &fields);
  else
    exp_literal_fail (literal, "field");
  clear_fields (&fields);
  return dtype;
}

static ExpDtype *
take_any_dtype (ExpLiteral *literal)
{
  guint64 shape[EXP_MAX_RANK];
  guint rank;

  if (exp_literal_take (literal, '['))
    return take_fields (literal);
  if (exp_literal_take (literal, '{'))
    return take_columns (literal);
  if (exp_literal_take (literal, '('))
    {
      ExpDtype *base = exp_npy_take_dtype (literal);

      if (base == NULL)
        return NULL;
      if (!exp_literal_take (literal, ',') || !exp_literal_take_shape (literal, &rank, shape)
          || !(exp_literal_take (literal, ',') || TRUE) || !exp_literal_take (literal, ')'))
        {
          exp_dtype_unref (base);
          exp_literal_fail (literal, "array type");
          return NULL;
        }
      return with_shape (literal, base, rank, shape);
    }
  g_autofree char *text = exp_literal_take_string (literal);
  return text != NULL ? plain_dtype (literal, text) : NULL;
}

ExpDtype *
exp_npy_take_dtype (ExpLiteral *literal)
{
  ExpDtype *dtype = NULL;

  if (literal->depth == MAX_DEPTH)
    {
      exp_literal_fail (literal, "end of types in types");
      return NULL;
    }
  literal->depth++;
  dtype = take_any_dtype (literal);
  literal->depth--;
  return dtype;
}

const char *
exp_npy_refused_type (const ExpDtype *dtype)
{
  switch (dtype->type)
    {
    case EXP_TYPE_ENUM:
      return "enumerations";
    case EXP_TYPE_BITFIELD:
      return "bit fields";
    case EXP_TYPE_REFERENCE:
      return "references";
    case EXP_TYPE_VLEN:
      return "lists of any length";
    case EXP_TYPE_INT:
    case EXP_TYPE_UINT:
      return dtype->size > 8 ? "integers of more than 8 bytes" : NULL;
    case EXP_TYPE_FLOAT:
    case EXP_TYPE_COMPLEX:
      return dtype->is_quad ? "IEEE binary128" : NULL;
    case EXP_TYPE_ARRAY:
      return exp_npy_refused_type (dtype->base);
    case EXP_TYPE_COMPOUND:
      for (guint i = 0; i < dtype->n_members; i++)
        if (exp_npy_refused_type (dtype->members[i].dtype) != NULL)
          return exp_npy_refused_type (dtype->members[i].dtype);
      return NULL;
    default:
      return NULL;
    }
}
