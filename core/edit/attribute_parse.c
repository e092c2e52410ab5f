/* Values out of an attribute's text: bare scalars and JSON, as exp_attribute_text prints them.
 * Knows nothing of stores; json_cursor.c reads tokens, core/array cells.
 * Called by fs/ for setxattr. */
#include "array/read.h"
#include "expfs/edit.h"
#include "expfs/number.h"
#include "json_cursor.h"
#include <string.h>

/* Levels of lists in an attribute: axes, array types and lists. */
#define MAX_DEPTH 64

static gboolean
is_text (const ExpDtype *dtype)
{
  return dtype->type == EXP_TYPE_STRING || dtype->type == EXP_TYPE_VSTRING || dtype->type == EXP_TYPE_REFERENCE;
}

static gboolean parse_cell (ExpJsonCursor *cursor, const ExpDtype *dtype, guint8 *cell, ExpArray *heap);

/* --- cells -------------------------------------------------------------------------------------------------- */

static gboolean
set_text (const ExpDtype *dtype, const char *text, gsize length, guint8 *cell, ExpArray *heap)
{
  ExpVlen vlen = { length, NULL };

  if (dtype->type == EXP_TYPE_STRING)
    {
      if (length > dtype->size)
        return FALSE;
      memcpy (cell, text, length);
      memset (cell + length, dtype->pad == EXP_PAD_SPACE ? ' ' : '\0', dtype->size - length);
      return TRUE;
    }
  vlen.data = exp_array_allocate (heap, length);
  if (vlen.data == NULL || memchr (text, '\0', length) != NULL)
    return FALSE;
  memcpy (vlen.data, text, length);
  memcpy (cell, &vlen, sizeof vlen);
  return TRUE;
}

/* `n` cells in a row, as nested lists of the given shape. */
static gboolean
parse_lists (ExpJsonCursor *cursor, const ExpDtype *dtype, guint rank, const guint64 *shape, guint8 **cell,
             ExpArray *heap)
{
  gboolean is_right = TRUE;
  guint64 n = 0;

  if (rank == 0)
    {
      *cell += dtype->size;
      return parse_cell (cursor, dtype, *cell - dtype->size, heap);
    }
  if (!exp_json_take (cursor, '['))
    return FALSE;
  for (; exp_json_next (cursor, n, ']', &is_right); n++)
    if (n == shape[0] || !parse_lists (cursor, dtype, rank - 1, shape + 1, cell, heap))
      return FALSE;
  return is_right && n == shape[0];
}

static gboolean
parse_vlen (ExpJsonCursor *cursor, const ExpDtype *dtype, guint8 *cell, ExpArray *heap)
{
  ExpJsonCursor ahead = *cursor;
  gboolean is_right = TRUE;
  ExpVlen vlen = { 0, NULL };
  gsize size;
  guint8 *at;

  if (!exp_json_take (&ahead, '['))
    return FALSE;
  for (; exp_json_next (&ahead, vlen.length, ']', &is_right); vlen.length++)
    if (!exp_json_skip (&ahead, MAX_DEPTH))
      return FALSE;
  if (!is_right || !g_size_checked_mul (&size, vlen.length, dtype->base->size))
    return FALSE;
  at = vlen.data = exp_array_allocate (heap, size);
  if (at == NULL || !parse_lists (cursor, dtype->base, 1, &(guint64){ vlen.length }, &at, heap))
    return FALSE;
  memcpy (cell, &vlen, sizeof vlen);
  return TRUE;
}

/* Members by their names in any order, all of them once. */
static gboolean
parse_object (ExpJsonCursor *cursor, const ExpDtype *dtype, guint8 *cell, ExpArray *heap)
{
  g_autoptr (GString) name = g_string_new (NULL);
  g_autofree gboolean *is_set = g_new0 (gboolean, dtype->n_members + 1);
  gboolean is_right = TRUE;
  guint n = 0;

  if (!exp_json_take (cursor, '{'))
    return FALSE;
  for (; exp_json_next (cursor, n, '}', &is_right); n++)
    {
      guint i = 0;

      g_string_truncate (name, 0);
      if (!exp_json_take_string (cursor, name) || !exp_json_take (cursor, ':'))
        return FALSE;
      while (i < dtype->n_members && (is_set[i] || strcmp (dtype->members[i].name, name->str) != 0))
        i++;
      if (i == dtype->n_members || !parse_cell (cursor, dtype->members[i].dtype, cell + dtype->members[i].offset, heap))
        return FALSE;
      is_set[i] = TRUE;
    }
  return is_right && n == dtype->n_members;
}

/* [re, im] */
static gboolean
parse_pair (ExpJsonCursor *cursor, const ExpDtype *dtype, guint8 *cell, ExpArray *heap)
{
  g_autoptr (ExpDtype) half = dtype->is_quad
                                  ? exp_dtype_new_quad (FALSE, dtype->big_endian)
                                  : exp_dtype_new_number (EXP_TYPE_FLOAT, dtype->size / 2, dtype->big_endian);

  return parse_lists (cursor, half, 1, &(guint64){ 2 }, &cell, heap);
}

static gboolean
parse_word (ExpJsonCursor *cursor, const ExpDtype *dtype, guint8 *cell)
{
  const char *word;
  gsize length;

  /* Numbers, unlike in text. */
  if (dtype->type == EXP_TYPE_ENUM)
    dtype = dtype->base;
  if (!exp_json_take_word (cursor, &word, &length))
    return FALSE;
  if (dtype->type != EXP_TYPE_BITFIELD)
    return exp_cell_parse (dtype, word, length, cell);
  ExpDtype number = { .type = EXP_TYPE_UINT, .size = dtype->size, .big_endian = dtype->big_endian };
  return exp_cell_parse (&number, word, length, cell);
}

static gboolean
parse_cell (ExpJsonCursor *cursor, const ExpDtype *dtype, guint8 *cell, ExpArray *heap)
{
  const gboolean is_quoted = exp_json_peek (cursor) == '"';

  if (is_text (dtype) || is_quoted)
    {
      g_autoptr (GString) text = g_string_new (NULL);

      return exp_json_take_string (cursor, text)
             && (is_text (dtype) ? set_text (dtype, text->str, text->len, cell, heap)
                                 : exp_cell_parse (dtype, text->str, text->len, cell));
    }
  switch (dtype->type)
    {
    case EXP_TYPE_COMPOUND:
      return parse_object (cursor, dtype, cell, heap);
    case EXP_TYPE_ARRAY:
      return parse_lists (cursor, dtype->base, dtype->n_dims, dtype->dims, &cell, heap);
    case EXP_TYPE_VLEN:
      return parse_vlen (cursor, dtype, cell, heap);
    case EXP_TYPE_COMPLEX:
      if (exp_json_peek (cursor) == '[')
        return parse_pair (cursor, dtype, cell, heap);
      break;
    default:
      break;
    }
  return parse_word (cursor, dtype, cell);
}

/* --- shapes ------------------------------------------------------------------------------------------------- */

/* The lengths of the first list of each of `rank` levels; others are held against them when values are read. Levels
 * that are not reached, below an empty list, keep theirs. */
static gboolean
measure (ExpJsonCursor cursor, guint rank, guint64 *shape)
{
  gboolean is_right = TRUE;
  guint64 n = 0;

  if (rank == 0)
    return TRUE;
  if (!exp_json_take (&cursor, '['))
    return FALSE;
  for (; exp_json_next (&cursor, n, ']', &is_right); n++)
    {
      if (n == 0 && !measure (cursor, rank - 1, shape + 1))
        return FALSE;
      if (!exp_json_skip (&cursor, MAX_DEPTH))
        return FALSE;
    }
  shape[0] = n;
  return is_right;
}

/* The longest string anywhere; for types of a fixed length. */
static gsize
longest_string (ExpJsonCursor cursor)
{
  g_autoptr (GString) text = g_string_new (NULL);
  gsize most = 0;

  while (cursor.at < cursor.end)
    if (*cursor.at != '"')
      cursor.at++;
    else
      {
        g_string_truncate (text, 0);
        if (!exp_json_take_string (&cursor, text))
          break;
        most = MAX (most, text->len);
      }
  return most;
}

/* A plain string type that has room for `length` bytes. */
static ExpDtype *
widen (const ExpDtype *dtype, gsize length)
{
  return dtype->type == EXP_TYPE_STRING && length > dtype->size
             ? exp_dtype_new_string (length, dtype->pad, dtype->is_utf8)
             : exp_dtype_ref ((ExpDtype *)dtype);
}

static ExpArray *
fail (const char *text, gsize length, GError **error)
{
  g_autofree char *start = g_utf8_make_valid (text, MIN (length, 40));

  g_set_error (error, EXP_ERROR, EXP_ERROR_INVALID, "'%s%s' is no value of the attribute's type", start,
               length > 40 ? "..." : "");
  return NULL;
}

static ExpArray *
parse_json (const ExpDtype *dtype, guint rank, const guint64 *old, const char *text, gsize length, GError **error)
{
  ExpJsonCursor cursor = { text, text + length };
  guint64 shape[EXP_MAX_RANK] = { 0 };
  g_autoptr (ExpDtype) type = widen (dtype, dtype->type == EXP_TYPE_STRING ? longest_string (cursor) : 0);

  if (rank > EXP_MAX_RANK)
    return fail (text, length, error);
  if (rank > 0)
    memcpy (shape, old, rank * sizeof *shape);
  if (!measure (cursor, rank, shape))
    return fail (text, length, error);

  g_autoptr (ExpArray) value = exp_array_new (type, rank, shape, error);
  if (value == NULL)
    return NULL;
  guint8 *cell = value->data;
  if (!parse_lists (&cursor, type, rank, shape, &cell, value) || exp_json_peek (&cursor) != '\0'
      || cursor.at != cursor.end)
    return fail (text, length, error);
  return g_steal_pointer (&value);
}

ExpArray *
exp_attribute_parse (const ExpDtype *dtype, guint rank, const guint64 *shape, const char *text, gsize length,
                     GError **error)
{
  const gboolean is_nested
      = dtype->type == EXP_TYPE_COMPOUND || dtype->type == EXP_TYPE_ARRAY || dtype->type == EXP_TYPE_VLEN;

  if (rank > 0 || is_nested)
    return parse_json (dtype, rank, shape, text, length, error);

  g_autoptr (ExpDtype) type = widen (dtype, length);
  g_autoptr (ExpArray) value = exp_array_new (type, 0, NULL, error);
  if (value == NULL)
    return NULL;
  if (length == 0 && !is_text (dtype))
    value->n_elements = 0; /* a null attribute */
  else if (is_text (dtype) ? !set_text (type, text, length, value->data, value)
                           : !exp_cell_parse (type, text, length, value->data))
    return fail (text, length, error);
  return g_steal_pointer (&value);
}

/* --- types that are not given ------------------------------------------------------------------------------- */

/* What all words of a list are; FALSE when it is no list of numbers or of strings. */
static gboolean
look_at_list (ExpJsonCursor *cursor, guint depth, gboolean *is_real, gboolean *has_numbers, gboolean *has_strings)
{
  gboolean is_right = TRUE;
  const char *word;
  gsize length;
  gint64 integer;

  if (exp_json_peek (cursor) == '"')
    {
      *has_strings = TRUE;
      return exp_json_skip (cursor, 0);
    }
  if (!exp_json_take (cursor, '['))
    {
      *has_numbers = TRUE;
      if (!exp_json_take_word (cursor, &word, &length))
        return FALSE;
      *is_real = *is_real || !exp_int_parse (word, length, &integer);
      return exp_text_is_number (word, length);
    }
  for (guint64 n = 0; exp_json_next (cursor, n, ']', &is_right); n++)
    if (depth == 0 || !look_at_list (cursor, depth - 1, is_real, has_numbers, has_strings))
      return FALSE;
  return is_right;
}

/* A list of equal lists of numbers, or of strings; NULL for other texts. */
static ExpArray *
parse_list (const char *text, gsize length)
{
  gboolean is_real = FALSE, has_numbers = FALSE, has_strings = FALSE;
  ExpJsonCursor cursor = { text, text + length }, levels = cursor;
  guint64 shape[EXP_MAX_RANK] = { 0 };
  guint rank = 0;

  if (exp_json_peek (&cursor) != '[' || !look_at_list (&cursor, EXP_MAX_RANK - 1, &is_real, &has_numbers, &has_strings)
      || (has_numbers && has_strings) || exp_json_peek (&cursor) != '\0' || cursor.at != cursor.end)
    return NULL;
  while (exp_json_take (&levels, '['))
    rank++;

  g_autoptr (ExpDtype) dtype = has_strings
                                   ? exp_dtype_new_vstring (g_utf8_validate (text, length, NULL))
                                   : exp_dtype_new_number (is_real || !has_numbers ? EXP_TYPE_FLOAT : EXP_TYPE_INT, 8,
                                                           G_BYTE_ORDER == G_BIG_ENDIAN);
  return parse_json (dtype, rank, shape, text, length, NULL);
}

ExpArray *
exp_array_parse_text (const char *text, gsize length, GError **error)
{
  gint64 integer;
  double real;
  ExpArray *list = parse_list (text, length);

  if (list != NULL)
    return list;
  if (exp_int_parse (text, length, &integer))
    return exp_array_new_int (integer);
  if (exp_text_is_number (text, length) && exp_double_parse (text, length, &real))
    return exp_array_new_float (real);

  g_autoptr (ExpDtype) string = exp_dtype_new_vstring (g_utf8_validate (text, length, NULL));
  return exp_attribute_parse (string, 0, NULL, text, length, error);
}
