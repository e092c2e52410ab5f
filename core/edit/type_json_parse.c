/* Types out of their JSON, as exp_dtype_to_json writes it.
 * Knows which keys belong together and what cannot be; knows no values and no stores.
 * Called by fs/ and attribute_types.c, with text that anybody may have written. */
#include "expfs/edit.h"
#include "expfs/number.h"
#include "json_cursor.h"
#include "type_json.h"
#include <string.h>

#define MAX_DEPTH  32 /* of types in types */
#define MAX_NUMBER 65536
#define MAX_SIZE   G_MAXINT32

/* What stands at the keys of one object; `at` NULL where there is none. The first ones say what the type is. */
enum
{
  ARRAY,
  BINARY128,
  BITFIELD,
  COMPOUND,
  ENUM,
  LIST,
  OPAQUE,
  REFERENCE,
  TEXT,
  N_KINDS,
  LENGTH = N_KINDS,
  MEMBERS,
  PADDING,
  SHAPE,
  SIZE,
  TAG,
  N_KEYS,
};

static const struct
{
  const char *name;
  guint others; /* a bit for each key that may stand beside it */
} keys[N_KEYS] = {
  [ARRAY] = { "array", 1 << SHAPE },
  [BINARY128] = { "binary128", 0 },
  [BITFIELD] = { "bitfield", 0 },
  [COMPOUND] = { "compound", 1 << SIZE },
  [ENUM] = { "enum", 1 << MEMBERS },
  [LIST] = { "list", 0 },
  [OPAQUE] = { "opaque", 1 << TAG },
  [REFERENCE] = { "reference", 0 },
  [TEXT] = { "string", 1 << LENGTH | 1 << PADDING },
  [LENGTH] = { "length", 0 },
  [MEMBERS] = { "members", 0 },
  [PADDING] = { "padding", 0 },
  [SHAPE] = { "shape", 0 },
  [SIZE] = { "size", 0 },
  [TAG] = { "tag", 0 },
};

static gboolean
take_uint (ExpJsonCursor *cursor, guint64 most, guint64 *value)
{
  const char *word;
  gsize length;

  return exp_json_take_word (cursor, &word, &length) && exp_uint_parse (word, length, value) && *value <= most;
}

/* A string without a NUL in it, the caller's; NULL for anything else. */
static char *
take_name (ExpJsonCursor *cursor)
{
  g_autoptr (GString) text = g_string_new (NULL);

  if (!exp_json_take_string (cursor, text) || strlen (text->str) != text->len)
    return NULL;
  return g_string_free (g_steal_pointer (&text), FALSE);
}

gboolean
exp_json_take_shape (ExpJsonCursor *cursor, guint *rank, guint64 *shape)
{
  gboolean is_right = TRUE;

  *rank = 0;
  if (!exp_json_take (cursor, '['))
    return FALSE;
  for (; exp_json_next (cursor, *rank, ']', &is_right); (*rank)++)
    if (*rank == EXP_MAX_RANK || !take_uint (cursor, G_MAXINT64, &shape[*rank]))
      return FALSE;
  return is_right;
}

/* "<i4", "<M8[ns]", and with is_quad the same of binary128. */
static ExpDtype *
take_number (ExpJsonCursor *cursor, gboolean is_quad)
{
  static const struct
  {
    char letter;
    ExpTypeClass type;
  } kinds[] = { { 'b', EXP_TYPE_BOOL },
                { 'i', EXP_TYPE_INT },
                { 'u', EXP_TYPE_UINT },
                { 'f', EXP_TYPE_FLOAT },
                { 'c', EXP_TYPE_COMPLEX } };
  g_autofree char *text = take_name (cursor);
  guint64 size = 0;
  guint i = 0;

  if (text == NULL || text[0] == '\0' || strchr ("<>|", text[0]) == NULL || text[1] == '\0')
    return NULL;
  if (g_ascii_tolower (text[1]) == 'm' && text[0] != '|')
    return is_quad ? NULL : exp_dtype_new_moment (text + 1, text[0] == '>');
  if (!exp_uint_parse (text + 1 + (text[1] != '\0'), strlen (text + 1 + (text[1] != '\0')), &size) || size == 0
      || size > MAX_NUMBER || (size > 1 && text[0] == '|'))
    return NULL;
  while (i < G_N_ELEMENTS (kinds) && kinds[i].letter != text[1])
    i++;
  if (i == G_N_ELEMENTS (kinds))
    return NULL;
  const ExpTypeClass type = kinds[i].type;
  const gsize part = type == EXP_TYPE_COMPLEX ? size / 2 : size;
  const gboolean is_real = type == EXP_TYPE_FLOAT || type == EXP_TYPE_COMPLEX;
  if ((type == EXP_TYPE_BOOL && size != 1) || (type == EXP_TYPE_COMPLEX && size % 2 != 0)
      || (is_real && part != 2 && part != 4 && part != 8 && part != 16) || (is_quad && (!is_real || part != 16)))
    return NULL;
  return is_quad ? exp_dtype_new_quad (type == EXP_TYPE_COMPLEX, text[0] == '>')
                 : exp_dtype_new_number (type, size, text[0] == '>');
}

static ExpDtype *
make_bitfield (ExpJsonCursor cursor)
{
  g_autoptr (ExpDtype) number = take_number (&cursor, FALSE);

  return number != NULL && number->type == EXP_TYPE_UINT
             ? exp_dtype_new_number (EXP_TYPE_BITFIELD, number->size, number->big_endian)
             : NULL;
}

static ExpDtype *
make_string (const ExpJsonCursor *values)
{
  static const char *const padding[] = { "terminated", "null", "space" };
  ExpJsonCursor at = values[TEXT];
  g_autofree char *charset = take_name (&at), *pad = NULL;
  guint64 size;
  guint i = 0;

  if (charset == NULL)
    return NULL;
  const gboolean is_utf8 = strcmp (charset, "utf-8") == 0, is_ucs4 = strcmp (charset, "ucs-4") == 0;
  if (!is_utf8 && !is_ucs4 && strcmp (charset, "ascii") != 0)
    return NULL;
  if (values[LENGTH].at == NULL)
    return values[PADDING].at == NULL && !is_ucs4 ? exp_dtype_new_vstring (is_utf8) : NULL;
  at = values[LENGTH];
  if (!take_uint (&at, MAX_SIZE, &size) || (is_ucs4 && size % 4 != 0))
    return NULL;
  if ((at = values[PADDING]).at != NULL)
    {
      if ((pad = take_name (&at)) == NULL)
        return NULL;
      while (i < G_N_ELEMENTS (padding) && strcmp (padding[i], pad) != 0)
        i++;
      if (i == G_N_ELEMENTS (padding))
        return NULL;
    }
  ExpDtype *dtype = exp_dtype_new_string (size, pad != NULL ? (ExpStringPad)i : EXP_PAD_NUL, is_utf8 || is_ucs4);
  dtype->is_ucs4 = is_ucs4;
  return dtype;
}

static ExpDtype *
make_opaque (const ExpJsonCursor *values)
{
  ExpJsonCursor at = values[OPAQUE];
  g_autofree char *tag = NULL;
  guint64 size;

  if (!take_uint (&at, MAX_SIZE, &size) || size == 0)
    return NULL;
  at = values[TAG];
  if (at.at != NULL && (tag = take_name (&at)) == NULL)
    return NULL;
  return exp_dtype_new_opaque (size, tag);
}

static ExpDtype *
make_reference (ExpJsonCursor cursor)
{
  g_autofree char *what = take_name (&cursor);

  if (what == NULL || (strcmp (what, "object") != 0 && strcmp (what, "region") != 0))
    return NULL;
  return exp_dtype_new_reference (*what == 'r');
}

/* --- enums -------------------------------------------------------------------------------------------------- */

static void
clear_enum_member (gpointer data)
{
  g_free (((ExpEnumMember *)data)->name);
}

static gboolean
take_enum_value (ExpJsonCursor *cursor, const ExpDtype *base, gint64 *value)
{
  const gsize bits = 8 * MIN (base->size, sizeof (gint64));
  const char *word;
  gsize length;
  guint64 big;

  if (!exp_json_take_word (cursor, &word, &length))
    return FALSE;
  if (base->type == EXP_TYPE_UINT)
    {
      if (!exp_uint_parse (word, length, &big) || (bits < 64 && big >> bits != 0))
        return FALSE;
      *value = (gint64)big;
      return TRUE;
    }
  return exp_int_parse (word, length, value) && (bits == 64 || (*value >> (bits - 1)) == (*value < 0 ? -1 : 0));
}

static gboolean
take_enum_members (ExpJsonCursor *cursor, const ExpDtype *base, GArray *members)
{
  g_autoptr (GHashTable) names = g_hash_table_new (g_str_hash, g_str_equal);
  gboolean is_right = TRUE;

  if (!exp_json_take (cursor, '{'))
    return FALSE;
  while (exp_json_next (cursor, members->len, '}', &is_right))
    {
      ExpEnumMember member = { take_name (cursor), 0 };

      if (member.name == NULL)
        return FALSE;
      g_array_append_val (members, member);
      if (!g_hash_table_add (names, member.name) || !exp_json_take (cursor, ':')
          || !take_enum_value (cursor, base, &g_array_index (members, ExpEnumMember, members->len - 1).value))
        return FALSE;
    }
  return is_right;
}

static ExpDtype *
make_enum (const ExpJsonCursor *values)
{
  g_autoptr (GArray) members = g_array_new (FALSE, FALSE, sizeof (ExpEnumMember));
  ExpJsonCursor at = values[ENUM];
  g_autoptr (ExpDtype) base = take_number (&at, FALSE);

  g_array_set_clear_func (members, clear_enum_member);
  if (base == NULL || (base->type != EXP_TYPE_INT && base->type != EXP_TYPE_UINT))
    return NULL;
  at = values[MEMBERS];
  if (at.at == NULL || !take_enum_members (&at, base, members))
    return NULL;
  return exp_dtype_new_enum (g_steal_pointer (&base), members->len, (const ExpEnumMember *)members->data);
}

/* --- compounds ---------------------------------------------------------------------------------------------- */

static void
clear_member (gpointer data)
{
  ExpMember *member = data;

  g_free (member->name);
  exp_dtype_unref (member->dtype);
}

/* ["name", type] behind the others, or ["name", type, offset]. */
static gboolean
take_member (ExpJsonCursor *cursor, guint depth, GArray *members, gsize *end)
{
  ExpMember member = { NULL, NULL, *end };
  guint64 offset;

  if (!exp_json_take (cursor, '['))
    return FALSE;
  g_array_append_val (members, member);
  ExpMember *made = &g_array_index (members, ExpMember, members->len - 1);
  if ((made->name = take_name (cursor)) == NULL || !exp_json_take (cursor, ',')
      || (made->dtype = exp_json_take_type (cursor, depth)) == NULL)
    return FALSE;
  if (exp_json_take (cursor, ','))
    {
      if (!take_uint (cursor, MAX_SIZE, &offset))
        return FALSE;
      made->offset = offset;
    }
  *end = MAX (*end, made->offset + made->dtype->size);
  return *end <= MAX_SIZE && exp_json_take (cursor, ']');
}

static ExpDtype *
make_compound (const ExpJsonCursor *values, guint depth)
{
  g_autoptr (GArray) members = g_array_new (FALSE, FALSE, sizeof (ExpMember));
  g_autoptr (GHashTable) names = g_hash_table_new (g_str_hash, g_str_equal);
  ExpJsonCursor at = values[COMPOUND];
  gboolean is_right = TRUE;
  guint64 size;
  gsize end = 0;

  g_array_set_clear_func (members, clear_member);
  if (!exp_json_take (&at, '['))
    return NULL;
  while (exp_json_next (&at, members->len, ']', &is_right))
    if (!take_member (&at, depth, members, &end)
        || !g_hash_table_add (names, g_array_index (members, ExpMember, members->len - 1).name))
      return NULL;
  size = end;
  at = values[SIZE];
  if (!is_right || (at.at != NULL && !take_uint (&at, MAX_SIZE, &size)) || size < end)
    return NULL;
  for (guint i = 0; i < members->len; i++)
    exp_dtype_ref (g_array_index (members, ExpMember, i).dtype);
  g_autoptr (ExpDtype) dtype = exp_dtype_new_compound (size, members->len, (ExpMember *)members->data, NULL);
  return dtype != NULL && !exp_dtype_has_overlaps (dtype) ? g_steal_pointer (&dtype) : NULL;
}

/* --- all ---------------------------------------------------------------------------------------------------- */

static ExpDtype *
make_array (const ExpJsonCursor *values, guint depth)
{
  ExpJsonCursor at = values[SHAPE];
  guint64 dims[EXP_MAX_RANK];
  guint n_dims;

  if (at.at == NULL || !exp_json_take_shape (&at, &n_dims, dims) || n_dims == 0)
    return NULL;
  for (guint i = 0; i < n_dims; i++)
    if (dims[i] == 0)
      return NULL;
  at = values[ARRAY];
  ExpDtype *base = exp_json_take_type (&at, depth);
  g_autoptr (ExpDtype) dtype = base != NULL ? exp_dtype_new_array (base, n_dims, dims, NULL) : NULL;
  return dtype != NULL && dtype->size <= MAX_SIZE ? g_steal_pointer (&dtype) : NULL;
}

static ExpDtype *
make_list (ExpJsonCursor at, guint depth)
{
  ExpDtype *base = exp_json_take_type (&at, depth);

  return base != NULL ? exp_dtype_new_vlen (base) : NULL;
}

static ExpDtype *
make (guint kind, const ExpJsonCursor *values, guint depth)
{
  ExpJsonCursor at = values[kind];

  switch (kind)
    {
    case ARRAY:
      return make_array (values, depth);
    case BINARY128:
      return take_number (&at, TRUE);
    case BITFIELD:
      return make_bitfield (at);
    case COMPOUND:
      return make_compound (values, depth);
    case ENUM:
      return make_enum (values);
    case LIST:
      return make_list (at, depth);
    case OPAQUE:
      return make_opaque (values);
    case REFERENCE:
      return make_reference (at);
    default:
      return make_string (values);
    }
}

/* Where the values of an object are, each key once and none that is not known. */
static gboolean
take_keys (ExpJsonCursor *cursor, ExpJsonCursor *values)
{
  gboolean is_right = TRUE;

  for (guint n = 0; exp_json_next (cursor, n, '}', &is_right); n++)
    {
      g_autofree char *name = take_name (cursor);
      guint key = 0;

      while (name != NULL && key < N_KEYS && strcmp (keys[key].name, name) != 0)
        key++;
      if (name == NULL || key == N_KEYS || values[key].at != NULL || !exp_json_take (cursor, ':'))
        return FALSE;
      values[key] = *cursor;
      if (!exp_json_skip (cursor, 4 * MAX_DEPTH))
        return FALSE;
    }
  return is_right;
}

ExpDtype *
exp_json_take_type (ExpJsonCursor *cursor, guint depth)
{
  ExpJsonCursor values[N_KEYS] = { { NULL, NULL } };
  guint kind = N_KINDS;

  if (exp_json_peek (cursor) == '"')
    return take_number (cursor, FALSE);
  if (depth == MAX_DEPTH || !exp_json_take (cursor, '{') || !take_keys (cursor, values))
    return NULL;
  for (guint key = 0; key < N_KINDS; key++)
    if (values[key].at != NULL && kind != N_KINDS)
      return NULL;
    else if (values[key].at != NULL)
      kind = key;
  if (kind == N_KINDS)
    return NULL;
  for (guint key = N_KINDS; key < N_KEYS; key++)
    if (values[key].at != NULL && !(keys[kind].others & 1u << key))
      return NULL;
  return make (kind, values, depth + 1);
}

ExpDtype *
exp_dtype_from_json (const char *text, gsize length, GError **error)
{
  ExpJsonCursor cursor = { text, text + length };
  g_autoptr (ExpDtype) dtype = exp_json_take_type (&cursor, 0);

  if (dtype != NULL && exp_json_peek (&cursor) == '\0' && cursor.at == cursor.end)
    return g_steal_pointer (&dtype);
  g_autofree char *start = g_utf8_make_valid (text, MIN (length, 60));
  g_set_error (error, EXP_ERROR, EXP_ERROR_INVALID, "'%s%s' is no type", start, length > 60 ? "..." : "");
  return NULL;
}
