/* NPY headers: a Python literal with a type's description.
 * Knows nothing of elements.
 * Called by npy.c when the first bytes of a file have come. */
#include "npy_header.h"
#include "expfs/error.h"
#include "expfs/number.h"
#include <string.h>

/* A header longer than this describes no type that anybody has. */
#define MAX_HEADER (16 * 1024 * 1024)
#define MAX_DEPTH  32

/* --- Python literals ---------------------------------------------------------------------------------------- */

typedef struct
{
  const char *at, *end;
  guint depth;
  GError **error;
} Literal;

static char
peek (Literal *literal)
{
  while (literal->at < literal->end && g_ascii_isspace (*literal->at))
    literal->at++;
  return literal->at < literal->end ? *literal->at : '\0';
}

static gboolean
take (Literal *literal, char c)
{
  if (peek (literal) != c || c == '\0')
    return FALSE;
  literal->at++;
  return TRUE;
}

static gboolean
fail (Literal *literal, const char *what)
{
  if (literal->error == NULL || *literal->error == NULL)
    g_set_error (literal->error, EXP_ERROR, EXP_ERROR_INVALID, "the NPY header has no %s where one is needed", what);
  return FALSE;
}

/* Between elements of a list, tuple or dictionary: FALSE behind the last, whose `close` is passed over. */
static gboolean
next (Literal *literal, guint n, char close, gboolean *is_right)
{
  if (take (literal, close))
    return FALSE;
  *is_right = n == 0 || (take (literal, ',') && peek (literal) != ',');
  if (*is_right && n > 0 && take (literal, close))
    return FALSE;
  if (!*is_right)
    fail (literal, "comma");
  return *is_right;
}

/* The bytes of \xHH and of octal escapes are code points, as those of \u are. */
static gboolean
take_escape (Literal *literal, GString *out)
{
  static const char plain[] = "\\\\''\"\"n\nt\tr\ra\ab\bf\fv\v";
  const char c = *literal->at++;
  guint digits = c == 'x' ? 2 : c == 'u' ? 4 : c == 'U' ? 8 : 0;
  gunichar code = 0;

  for (guint i = 0; i < sizeof plain - 1; i += 2)
    if (plain[i] == c)
      {
        g_string_append_c (out, plain[i + 1]);
        return TRUE;
      }
  if (digits == 0)
    {
      g_string_append_printf (out, "\\%c", c);
      return TRUE;
    }
  for (; digits > 0 && literal->at < literal->end; digits--)
    {
      int digit = g_ascii_xdigit_value (*literal->at++);

      if (digit < 0)
        return FALSE;
      code = code << 4 | digit;
    }
  if (digits > 0 || code == 0 || !g_unichar_validate (code))
    return FALSE;
  g_string_append_unichar (out, code);
  return TRUE;
}

static char *
take_string (Literal *literal)
{
  g_autoptr (GString) out = g_string_new (NULL);
  char quote = peek (literal);

  if ((quote == 'u' || quote == 'b') && literal->at + 1 < literal->end)
    {
      literal->at++;
      quote = *literal->at;
    }
  if (quote != '\'' && quote != '"')
    {
      fail (literal, "string");
      return NULL;
    }
  literal->at++;
  while (literal->at < literal->end && *literal->at != quote)
    {
      const char c = *literal->at++;

      if (c == '\0' || (c == '\\' && (literal->at == literal->end || !take_escape (literal, out))))
        break;
      if (c != '\\')
        g_string_append_c (out, c);
    }
  if (literal->at < literal->end && *literal->at == quote)
    {
      literal->at++;
      return g_string_free (g_steal_pointer (&out), FALSE);
    }
  fail (literal, "end of a string");
  return NULL;
}

static gboolean
take_integer (Literal *literal, guint64 *value)
{
  const char *start;

  peek (literal);
  start = literal->at;
  while (literal->at < literal->end && g_ascii_isdigit (*literal->at))
    literal->at++;
  if (!exp_uint_parse (start, literal->at - start, value))
    return fail (literal, "size");
  if (literal->at < literal->end && *literal->at == 'L') /* Python 2 */
    literal->at++;
  return TRUE;
}

/* A number or a tuple of them. */
static gboolean
take_shape (Literal *literal, guint *rank, guint64 *shape)
{
  gboolean is_right = TRUE;

  *rank = 0;
  if (!take (literal, '('))
    {
      *rank = 1;
      return take_integer (literal, shape);
    }
  for (; next (literal, *rank, ')', &is_right); (*rank)++)
    if (*rank == EXP_MAX_RANK || !take_integer (literal, &shape[*rank]))
      return fail (literal, "shape");
  return is_right;
}

static gboolean
take_bool (Literal *literal, gboolean *value)
{
  *value = peek (literal) == 'T';

  const char *word = *value ? "True" : "False";
  if (strncmp (literal->at, word, MIN (strlen (word), (gsize)(literal->end - literal->at))) != 0)
    return fail (literal, "True or False");
  literal->at += strlen (word);
  return TRUE;
}

/* --- types -------------------------------------------------------------------------------------------------- */

static ExpDtype *take_dtype (Literal *literal);

/* "<f8" and its like. */
static ExpDtype *
plain_dtype (Literal *literal, const char *text)
{
  const gboolean has_order = *text != '\0' && strchr ("<>|=", *text) != NULL;
  const gboolean is_big = *text == '>' || (*text == '=' && G_BYTE_ORDER == G_BIG_ENDIAN);
  const char kind = text[has_order];
  guint64 size = 0;

  if (kind != '\0' && text[has_order + 1] != '\0'
      && (!exp_uint_parse (text + has_order + 1, strlen (text + has_order + 1), &size) || size > G_MAXINT32))
    size = 0;
  const gboolean is_power = size == 1 || size == 2 || size == 4 || size == 8;
  switch (kind)
    {
    case '?':
    case 'b':
      if (kind == '?' || size == 1)
        return exp_dtype_new_number (EXP_TYPE_BOOL, 1, FALSE);
      break;
    case 'i':
    case 'u':
      if (is_power)
        return exp_dtype_new_number (kind == 'i' ? EXP_TYPE_INT : EXP_TYPE_UINT, size, is_big);
      break;
    case 'f':
      if ((is_power && size > 1) || size == 16)
        return exp_dtype_new_number (EXP_TYPE_FLOAT, size, is_big);
      break;
    case 'c':
      if (size == 8 || size == 16 || size == 32)
        return exp_dtype_new_number (EXP_TYPE_COMPLEX, size, is_big);
      break;
    case 'S':
    case 'a':
      if (size > 0)
        return exp_dtype_new_string (size, EXP_PAD_NUL, FALSE);
      break;
    case 'U':
      if (size > 0 && size <= G_MAXINT32 / 4)
        {
          ExpDtype *dtype = exp_dtype_new_string (4 * size, EXP_PAD_NUL, TRUE);

          dtype->is_ucs4 = TRUE;
          dtype->big_endian = is_big;
          return dtype;
        }
      break;
    case 'V':
      if (size > 0)
        return exp_dtype_new_opaque (size, NULL);
      break;
    default:
      break;
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
make_compound (Literal *literal, Fields *fields)
{
  GArray *members = fields->members;

  for (guint i = 0; i < members->len; i++)
    for (guint k = 0; k < i; k++)
      if (strcmp (g_array_index (members, ExpMember, i).name, g_array_index (members, ExpMember, k).name) == 0)
        {
          fail (literal, "other name for a field");
          return NULL;
        }
  if (members->len == 0 || fields->size == 0 || fields->size > G_MAXINT32)
    {
      fail (literal, "field");
      return NULL;
    }
  for (guint i = 0; i < members->len; i++)
    exp_dtype_ref (g_array_index (members, ExpMember, i).dtype);
  return exp_dtype_new_compound (fields->size, members->len, (ExpMember *)members->data, literal->error);
}

static ExpDtype *
with_shape (Literal *literal, ExpDtype *dtype, guint rank, const guint64 *shape)
{
  for (guint i = 0; i < rank; i++)
    if (shape[i] == 0)
      {
        exp_dtype_unref (dtype);
        fail (literal, "length of an array type");
        return NULL;
      }
  return rank == 0 ? dtype : exp_dtype_new_array (dtype, rank, shape, literal->error);
}

/* ('name', type), ('name', type, shape) or (('title', 'name'), type). What has no name is padding. */
static gboolean
take_field (Literal *literal, Fields *fields)
{
  g_autofree char *name = NULL, *title = NULL;
  guint64 shape[EXP_MAX_RANK];
  guint rank = 0;

  if (!take (literal, '('))
    return fail (literal, "field");
  if (take (literal, '('))
    {
      title = take_string (literal);
      if (title == NULL || !take (literal, ','))
        return fail (literal, "title");
      name = take_string (literal);
      if (name == NULL || !take (literal, ')'))
        return fail (literal, "name");
    }
  else
    name = take_string (literal);
  if (name == NULL || !take (literal, ','))
    return fail (literal, "name");

  ExpDtype *dtype = take_dtype (literal);
  if (dtype == NULL)
    return FALSE;
  if (take (literal, ',') && peek (literal) != ')')
    {
      if (!take_shape (literal, &rank, shape))
        {
          exp_dtype_unref (dtype);
          return FALSE;
        }
      take (literal, ',');
      dtype = with_shape (literal, dtype, rank, shape);
    }
  if (dtype == NULL || !take (literal, ')'))
    {
      exp_dtype_unref (dtype);
      return fail (literal, "end of a field");
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
take_fields (Literal *literal)
{
  Fields fields = { g_array_new (FALSE, FALSE, sizeof (ExpMember)), 0 };
  gboolean is_right = TRUE;
  ExpDtype *dtype = NULL;

  for (guint n = 0; next (literal, n, ']', &is_right); n++)
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
take_column (Literal *literal, const char *key, Fields *fields)
{
  gboolean is_right = TRUE;
  guint n = 0;

  if (strcmp (key, "itemsize") == 0)
    {
      guint64 size;

      if (!take_integer (literal, &size))
        return FALSE;
      fields->size = size;
      return TRUE;
    }
  const char close = take (literal, '[') ? ']' : take (literal, '(') ? ')' : '\0';
  if (close == '\0')
    return fail (literal, "list");
  for (; next (literal, n, close, &is_right); n++)
    {
      if (n >= fields->members->len)
        g_array_set_size (fields->members, n + 1);
      ExpMember *member = &g_array_index (fields->members, ExpMember, n);
      if (strcmp (key, "names") == 0)
        {
          g_free (member->name);
          is_right = (member->name = take_string (literal)) != NULL;
        }
      else if (strcmp (key, "formats") == 0)
        {
          exp_dtype_unref (member->dtype);
          is_right = (member->dtype = take_dtype (literal)) != NULL;
        }
      else if (strcmp (key, "offsets") == 0)
        is_right = take_integer (literal, &member->offset);
      else
        {
          g_autofree char *title = take_string (literal);
          is_right = title != NULL && strcmp (key, "titles") == 0;
        }
      if (!is_right)
        return fail (literal, "field");
    }
  return is_right;
}

static ExpDtype *
take_columns (Literal *literal)
{
  Fields fields = { g_array_new (FALSE, TRUE, sizeof (ExpMember)), 0 };
  gboolean is_right = TRUE;
  ExpDtype *dtype = NULL;

  for (guint n = 0; is_right && next (literal, n, '}', &is_right); n++)
    {
      g_autofree char *key = take_string (literal);

      is_right = key != NULL && (take (literal, ':') || fail (literal, "colon")) && take_column (literal, key, &fields);
    }
  for (guint i = 0; is_right && i < fields.members->len; i++)
    {
      const ExpMember *member = &g_array_index (fields.members, ExpMember, i);

      is_right = member->name != NULL && member->dtype != NULL;
    }
  if (is_right)
    dtype = make_compound (literal, &fields);
  else
    fail (literal, "field");
  clear_fields (&fields);
  return dtype;
}

static ExpDtype *
take_any_dtype (Literal *literal)
{
  guint64 shape[EXP_MAX_RANK];
  guint rank;

  if (take (literal, '['))
    return take_fields (literal);
  if (take (literal, '{'))
    return take_columns (literal);
  if (take (literal, '('))
    {
      ExpDtype *base = take_dtype (literal);

      if (base == NULL)
        return NULL;
      if (!take (literal, ',') || !take_shape (literal, &rank, shape) || !(take (literal, ',') || TRUE)
          || !take (literal, ')'))
        {
          exp_dtype_unref (base);
          fail (literal, "array type");
          return NULL;
        }
      return with_shape (literal, base, rank, shape);
    }
  g_autofree char *text = take_string (literal);
  return text != NULL ? plain_dtype (literal, text) : NULL;
}

static ExpDtype *
take_dtype (Literal *literal)
{
  ExpDtype *dtype = NULL;

  if (literal->depth == MAX_DEPTH)
    {
      fail (literal, "end of types in types");
      return NULL;
    }
  literal->depth++;
  dtype = take_any_dtype (literal);
  literal->depth--;
  return dtype;
}

/* --- the file's first bytes --------------------------------------------------------------------------------- */

void
exp_npy_header_clear (ExpNpyHeader *header)
{
  g_clear_pointer (&header->dtype, exp_dtype_unref);
}

gboolean
exp_npy_header_size (const guint8 *bytes, gsize n, gsize *size, GError **error)
{
  const gsize before = n > 6 && bytes[6] > 1 ? 12 : 10;

  if (memcmp (bytes, "\x93NUMPY", MIN (n, 6)) != 0 || (n > 6 && (bytes[6] < 1 || bytes[6] > 3)))
    {
      g_set_error (error, EXP_ERROR, EXP_ERROR_INVALID, "no NPY file of version 1, 2 or 3 begins so");
      return FALSE;
    }
  *size = before;
  if (n < before)
    return TRUE;
  gsize length = 0;
  for (gsize i = before; i-- > 8;)
    length = length << 8 | bytes[i];
  *size = before + length;
  if (*size <= MAX_HEADER)
    return TRUE;
  g_set_error (error, EXP_ERROR, EXP_ERROR_TOO_LARGE, "the NPY header is too long");
  return FALSE;
}

static gboolean
take_entries (Literal *literal, ExpNpyHeader *header)
{
  gboolean has_order = FALSE, has_shape = FALSE, is_right = TRUE;

  if (!take (literal, '{'))
    return fail (literal, "dictionary");
  for (guint n = 0; next (literal, n, '}', &is_right); n++)
    {
      g_autofree char *key = take_string (literal);

      if (key == NULL || !take (literal, ':'))
        return fail (literal, "key");
      if (strcmp (key, "descr") == 0 && header->dtype == NULL)
        is_right = (header->dtype = take_dtype (literal)) != NULL;
      else if (strcmp (key, "fortran_order") == 0 && !has_order)
        is_right = has_order = take_bool (literal, &header->is_fortran);
      else if (strcmp (key, "shape") == 0 && !has_shape)
        is_right = has_shape = peek (literal) == '(' && take_shape (literal, &header->rank, header->shape);
      else
        is_right = FALSE;
      if (!is_right)
        return fail (literal, "known key");
    }
  return is_right && ((header->dtype != NULL && has_order && has_shape) || fail (literal, "descr, order or shape"));
}

gboolean
exp_npy_header_parse (const guint8 *bytes, gsize n, ExpNpyHeader *header, GError **error)
{
  g_autoptr (GError) reason = NULL;
  Literal literal = { .error = &reason };

  memset (header, 0, sizeof *header);
  if (!exp_npy_header_size (bytes, n, &header->length, error))
    return FALSE;
  literal.at = (const char *)bytes + (bytes[6] > 1 ? 12 : 10);
  literal.end = (const char *)bytes + header->length;
  if (!take_entries (&literal, header))
    {
      exp_npy_header_clear (header);
      g_propagate_error (error, g_steal_pointer (&reason));
      return FALSE;
    }
  header->n_elements = 1;
  gboolean fits = TRUE;
  for (guint i = 0; i < header->rank; i++)
    fits = fits && g_uint64_checked_mul (&header->n_elements, header->n_elements, header->shape[i]);
  if (fits && g_uint64_checked_mul (&header->n_bytes, header->n_elements, header->dtype->size)
      && header->n_bytes < G_MAXINT64 - header->length)
    return TRUE;
  exp_npy_header_clear (header);
  g_set_error (error, EXP_ERROR, EXP_ERROR_TOO_LARGE, "the NPY header's shape has more bytes than a file can");
  return FALSE;
}
