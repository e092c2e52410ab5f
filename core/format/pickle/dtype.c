/* Element types as pickled numpy.dtypes describe them.
 * Knows their names, their state, and how each kind of element is shown.
 * Called by ndarray.c and known_numpy.c. */
#include "meaning.h"
#include <stdlib.h>
#include <string.h>

/* What a field of an ExpDtype takes. */
#define DTYPE_MEMBER 96

static ExpPickleType *
type_new (ExpPickle *pickle, ExpPickleTypeClass klass, gsize size, ExpDtype *dtype)
{
  ExpPickleType *type
      = dtype != NULL || klass == EXP_PICKLE_TYPE_OBJECT ? exp_pickle_allocate (pickle, sizeof *type) : NULL;

  if (type == NULL)
    {
      exp_dtype_unref (dtype);
      return NULL;
    }
  type->klass = klass;
  type->is_plain = klass == EXP_PICKLE_TYPE_PLAIN;
  type->size = size;
  type->dtype = exp_pickle_keep_dtype (pickle, dtype);
  type->n_leaves = 1;
  type->n_cells = 1;
  return type;
}

/* The number behind the letter of a code: "f8", "U3". */
static gboolean
parse_code (const ExpPickleValue *code, char *letter, guint64 *number)
{
  if (code == NULL || (code->kind != EXP_PICKLE_TEXT && code->kind != EXP_PICKLE_STR8) || code->length == 0
      || code->length > 12)
    return FALSE;
  *letter = code->text[0];
  *number = 0;
  for (guint64 i = 1; i < code->length; i++)
    {
      if (!g_ascii_isdigit (code->text[i]))
        return FALSE;
      *number = *number * 10 + (guint)(code->text[i] - '0');
    }
  return *number <= G_MAXINT32;
}

/* Dates and time spans: the state's ninth item is (metadata, (unit, number, ...)). */
static ExpPickleType *
moment_type (ExpPickle *pickle, char letter, gboolean big_endian, const ExpPickleValue *state, guint depth)
{
  const ExpPickleValue *last = state != NULL && state->n_items > 8 ? state->items[8] : NULL;
  const ExpPickleValue *pair = last != NULL && last->kind == EXP_PICKLE_TUPLE ? exp_pickle_item (last, 1) : NULL;
  const ExpPickleValue *unit = pair != NULL && pair->kind == EXP_PICKLE_TUPLE && pair->n_items > 1
                                   ? exp_pickle_resolve (pickle, pair->items[0], depth + 1)
                                   : NULL;
  gboolean is_moment;
  ExpPickleType *type;
  gint64 n = 1;

  if (unit != NULL
      && (!exp_pickle_has_text (unit) || unit->length > 8 || !exp_pickle_get_int (exp_pickle_item (pair, 1), &n)))
    return NULL;
  is_moment = letter == 'M' && unit != NULL && exp_unit_is_moment (unit->text);
  type = type_new (pickle, is_moment ? EXP_PICKLE_TYPE_MOMENT : EXP_PICKLE_TYPE_PLAIN, 8,
                   is_moment ? exp_dtype_new_string (EXP_MOMENT_LENGTH, EXP_PAD_NUL, FALSE)
                             : exp_dtype_new_number (EXP_TYPE_INT, 8, big_endian));
  if (type == NULL)
    return NULL;
  type->big_endian = big_endian;
  type->unit = unit != NULL ? unit->text : "generic";
  type->n_units = n;
  return type;
}

static gboolean
read_dims (ExpPickle *pickle, const ExpPickleValue *shape, ExpPickleType *type)
{
  guint64 *dims;
  gint64 length;

  if (shape->kind != EXP_PICKLE_TUPLE || shape->n_items > EXP_MAX_RANK)
    return FALSE;
  dims = exp_pickle_allocate (pickle, MAX (shape->n_items, 1) * sizeof *dims);
  if (dims == NULL)
    return FALSE;
  type->n_elements = 1;
  for (guint i = 0; i < shape->n_items; i++)
    {
      if (!exp_pickle_get_int (exp_pickle_item (shape, i), &length) || length < 0
          || !g_size_checked_mul (&type->n_elements, type->n_elements, (gsize)length))
        return FALSE;
      dims[i] = (guint64)length;
    }
  type->dims = dims;
  type->n_dims = shape->n_items;
  return TRUE;
}

static ExpPickleType *
subarray_type (ExpPickle *pickle, const ExpPickleValue *pair, guint depth)
{
  const ExpPickleType *base = pair->n_items == 2 ? exp_pickle_type (pickle, pair->items[0], depth + 1) : NULL;
  ExpPickleType shape = { 0 }, *type;
  gsize size, n_cells;

  if (base == NULL || base->dtype == NULL || !read_dims (pickle, pair->items[1], &shape)
      || !g_size_checked_mul (&size, base->size, shape.n_elements)
      || !g_size_checked_mul (&n_cells, base->n_cells, shape.n_elements) || size == 0
      || n_cells > MAX (EXP_PICKLE_MAX_CELLS, pickle->size))
    return NULL;
  type = type_new (pickle, EXP_PICKLE_TYPE_SUBARRAY, size,
                   exp_dtype_new_array (exp_dtype_ref (base->dtype), shape.n_dims, shape.dims, NULL));
  if (type == NULL)
    return NULL;
  type->is_plain = base->is_plain;
  type->base = base;
  type->n_leaves = base->n_leaves;
  type->n_cells = n_cells;
  type->n_elements = shape.n_elements;
  type->dims = shape.dims;
  type->n_dims = shape.n_dims;
  return type;
}

static int
compare_offsets (gconstpointer a, gconstpointer b)
{
  const ExpPickleMember *left = a, *right = b;

  return left->from < right->from ? -1 : left->from > right->from;
}

/* TRUE when none lies over another or outside. */
static gboolean
are_apart (const ExpPickleType *type)
{
  g_autofree ExpPickleMember *sorted = g_memdup2 (type->members, type->n_members * sizeof *type->members);
  gsize end = 0;

  qsort (sorted, type->n_members, sizeof *sorted, compare_offsets);
  for (guint i = 0; i < type->n_members; i++)
    {
      if (sorted[i].from < end || sorted[i].from > type->size || sorted[i].type->size > type->size - sorted[i].from)
        return FALSE;
      end = sorted[i].from + sorted[i].type->size;
    }
  return TRUE;
}

static gboolean
is_same_text (const ExpPickleValue *a, const ExpPickleValue *b)
{
  return exp_pickle_has_text (a) && a->length == b->length && (a->flags & EXP_PICKLE_IS_LOCATED) == 0
         && memcmp (a->text, b->text, b->length) == 0;
}

/* The record of a field, as a rule in its name's place. Looking for it further counts as memory does, so that many
 * types with the same long list of fields take no time without end. */
static const ExpPickleValue *
find_field (ExpPickle *pickle, const ExpPickleValue *fields, const ExpPickleValue *name, guint index)
{
  if (index < fields->n_items / 2 && is_same_text (fields->items[2 * index], name))
    return fields->items[2 * index + 1];
  if (!exp_pickle_spend (pickle, fields->n_items))
    return NULL;
  for (guint i = 0; i + 1 < fields->n_items; i += 2)
    if (is_same_text (fields->items[i], name))
      return fields->items[i + 1];
  return NULL;
}

static gboolean
read_member (ExpPickle *pickle, const ExpPickleValue *fields, const ExpPickleValue *name, guint index, guint depth,
             ExpPickleMember *member)
{
  const ExpPickleValue *field;
  gint64 offset;

  if (!exp_pickle_has_text (name) || (name->flags & EXP_PICKLE_IS_LOCATED) != 0
      || memchr (name->text, '\0', name->length) != NULL)
    return FALSE;
  field = find_field (pickle, fields, name, index);
  if (field == NULL || field->kind != EXP_PICKLE_TUPLE || field->n_items < 2
      || !exp_pickle_get_int (exp_pickle_item (field, 1), &offset) || offset < 0)
    return FALSE;
  member->name = name->text;
  member->from = (gsize)offset;
  member->type = exp_pickle_type (pickle, field->items[0], depth + 1);
  return member->type != NULL && member->type->dtype != NULL;
}

/* As it lies when all members are shown so, else one after the other. */
static ExpDtype *
compound_dtype (ExpPickleType *type)
{
  g_autofree ExpMember *members = g_new0 (ExpMember, type->n_members);
  gsize size = 0;

  for (guint i = 0; i < type->n_members; i++)
    {
      ExpPickleMember *member = &type->members[i];

      member->to = type->is_plain ? member->from : size;
      size = (member->to + member->type->dtype->size + 7) & ~(gsize)7;
      members[i] = (ExpMember){ (char *)member->name, exp_dtype_ref (member->type->dtype), member->to };
    }
  return exp_dtype_new_compound (type->is_plain ? type->size : size, type->n_members, members, NULL);
}

static ExpPickleType *
compound_type (ExpPickle *pickle, const ExpPickleValue *names, const ExpPickleValue *fields, gsize size, guint depth)
{
  ExpPickleType *type = exp_pickle_allocate (pickle, sizeof *type);

  if (type == NULL || names->kind != EXP_PICKLE_TUPLE || fields->kind != EXP_PICKLE_DICT || names->n_items == 0
      || names->n_items > 4096)
    return NULL;
  type->klass = EXP_PICKLE_TYPE_COMPOUND;
  type->size = size;
  type->is_plain = TRUE;
  type->n_members = names->n_items;
  type->members = exp_pickle_allocate (pickle, type->n_members * sizeof *type->members);
  for (guint i = 0; type->members != NULL && i < type->n_members; i++)
    {
      if (!read_member (pickle, fields, names->items[i], i, depth, &type->members[i]))
        return NULL;
      type->is_plain = type->is_plain && type->members[i].type->is_plain;
      type->n_leaves += type->members[i].type->n_leaves;
      type->n_cells += type->members[i].type->n_cells;
      if (type->n_leaves > EXP_PICKLE_MAX_LEAVES || type->n_cells > MAX (EXP_PICKLE_MAX_CELLS, pickle->size))
        return NULL;
    }
  if (type->members == NULL || !are_apart (type) || !exp_pickle_spend (pickle, type->n_members * DTYPE_MEMBER))
    return NULL;
  type->dtype = exp_pickle_keep_dtype (pickle, compound_dtype (type));
  return type->dtype != NULL ? type : NULL;
}

/* (version, order, subdtype, names, fields, itemsize, alignment, flags): sizes of -1 are those of the name. */
static gsize
stated_size (const ExpPickleValue *state, guint64 of_name)
{
  gint64 size;

  return state != NULL && exp_pickle_get_int (exp_pickle_item (state, 5), &size) && size >= 0 && size <= G_MAXINT32
             ? (gsize)size
             : of_name;
}

static ExpPickleType *
simple_type (ExpPickle *pickle, char letter, guint64 number, const ExpPickleValue *state, guint depth)
{
  gboolean big_endian = state != NULL && exp_pickle_is_text (exp_pickle_item (state, 1), ">");
  ExpPickleType *type;
  gsize size;

  switch (letter)
    {
    case 'O':
      return type_new (pickle, EXP_PICKLE_TYPE_OBJECT, 8, NULL);
    case 'M':
    case 'm':
      return moment_type (pickle, letter, big_endian, state, depth);
    case 'U':
      size = stated_size (state, number * 4);
      type = size % 4 == 0 ? type_new (pickle, EXP_PICKLE_TYPE_UCS4, size, exp_dtype_new_vstring (TRUE)) : NULL;
      if (type != NULL)
        type->big_endian = big_endian;
      return type;
    default:
      size = letter == 'S' || letter == 'V' ? stated_size (state, number) : number;
      return type_new (pickle, EXP_PICKLE_TYPE_PLAIN, size, exp_dtype_new_numpy (letter, size, big_endian));
    }
}

static ExpPickleType *
read_type (ExpPickle *pickle, const ExpPickleCall *call, guint depth)
{
  const ExpPickleValue *code = call->arguments->items[0], *state = NULL;
  guint64 number = 0;
  char letter = 'V';

  if (code->kind != EXP_PICKLE_GLOBAL && !parse_code (code, &letter, &number))
    return NULL;
  if (call->states != NULL)
    {
      state = call->states->items[0];
      if (call->states->n_items != 1 || state->kind != EXP_PICKLE_TUPLE || state->n_items < 8)
        return NULL;
      if (state->items[2]->kind == EXP_PICKLE_TUPLE)
        return subarray_type (pickle, state->items[2], depth);
      if (state->items[3]->kind == EXP_PICKLE_TUPLE)
        return compound_type (pickle, state->items[3], state->items[4], stated_size (state, number), depth);
    }
  return simple_type (pickle, letter, number, state, depth);
}

const ExpPickleType *
exp_pickle_type (ExpPickle *pickle, const ExpPickleValue *value, guint depth)
{
  ExpPickleCall *call = value->kind == EXP_PICKLE_CALL ? value->call : NULL;

  if (call == NULL || depth >= EXP_PICKLE_MAX_MEANING || !exp_pickle_is_named (call->callable, "numpy.dtype")
      || call->arguments->n_items == 0)
    return NULL;
  if (!call->has_type)
    {
      /* One that is part of itself finds nothing. */
      call->has_type = TRUE;
      call->type = read_type (pickle, call, depth);
    }
  return call->type;
}

static void
append_members (const ExpPickleType *type, GString *out)
{
  g_string_append_c (out, '[');
  for (guint i = 0; i < type->n_members && out->len < EXP_PICKLE_KEPT_TEXT; i++)
    {
      g_string_append_printf (out, "%s('%s', ", i > 0 ? ", " : "", type->members[i].name);
      exp_pickle_type_append (type->members[i].type, out);
      g_string_append_c (out, ')');
    }
  g_string_append_c (out, ']');
}

void
exp_pickle_type_append (const ExpPickleType *type, GString *out)
{
  g_autofree char *plain = NULL;

  if (type->klass == EXP_PICKLE_TYPE_OBJECT)
    g_string_append (out, "'|O'");
  else if (type->klass == EXP_PICKLE_TYPE_COMPOUND && !type->is_plain)
    append_members (type, out);
  else if (type->klass == EXP_PICKLE_TYPE_UCS4)
    g_string_append_printf (out, "'%cU%" G_GSIZE_FORMAT "'", type->big_endian ? '>' : '<', type->size / 4);
  else if (type->klass == EXP_PICKLE_TYPE_SUBARRAY)
    {
      exp_pickle_type_append (type->base, out);
      g_string_append (out, ", (");
      for (guint i = 0; i < type->n_dims; i++)
        g_string_append_printf (out, "%" G_GUINT64_FORMAT "%s", type->dims[i],
                                i + 1 < type->n_dims ? ", "
                                : type->n_dims == 1  ? ","
                                                     : "");
      g_string_append_c (out, ')');
    }
  else if (type->unit != NULL)
    {
      g_string_append_printf (out, "'%c%c8", type->big_endian ? '>' : '<',
                              type->klass == EXP_PICKLE_TYPE_MOMENT ? 'M' : 'm');
      if (type->n_units != 1)
        g_string_append_printf (out, "[%" G_GINT64_FORMAT "%s]'", type->n_units, type->unit);
      else
        g_string_append_printf (out, "[%s]'", type->unit);
    }
  else
    {
      plain = exp_dtype_to_numpy (type->dtype, FALSE);
      g_string_append_printf (out, type->klass == EXP_PICKLE_TYPE_COMPOUND ? "%s" : "'%s'", plain);
    }
}

/* Text of fixed width, four bytes a character, NUL at the end. */
static gboolean
convert_ucs4 (const ExpPickleType *type, const guint8 *from, ExpVlen *cell, ExpArray *array)
{
  g_autoptr (GString) text = g_string_sized_new (type->size + 8);
  gsize n = type->size / 4;
  guint32 code;

  for (gsize i = 0; i < n; i++)
    {
      memcpy (&code, from + i * 4, sizeof code);
      code = type->big_endian ? GUINT32_FROM_BE (code) : GUINT32_FROM_LE (code);
      g_string_append_unichar (text, g_unichar_validate (code) || code == 0 ? code : 0xfffd);
    }
  while (text->len > 0 && text->str[text->len - 1] == '\0')
    g_string_truncate (text, text->len - 1);
  cell->length = text->len;
  cell->data = text->len > 0 ? exp_array_allocate (array, text->len) : NULL;
  if (cell->data == NULL)
    {
      cell->length = 0;
      return text->len == 0;
    }
  memcpy (cell->data, text->str, text->len);
  return TRUE;
}

gboolean
exp_pickle_convert (const ExpPickleType *type, const guint8 *from, guint8 *to, ExpArray *array)
{
  guint64 count;

  if (type->is_plain)
    {
      memcpy (to, from, type->size);
      return TRUE;
    }
  switch (type->klass)
    {
    case EXP_PICKLE_TYPE_UCS4:
      return convert_ucs4 (type, from, (ExpVlen *)to, array);
    case EXP_PICKLE_TYPE_MOMENT:
      memcpy (&count, from, sizeof count);
      count = type->big_endian ? GUINT64_FROM_BE (count) : GUINT64_FROM_LE (count);
      exp_moment_format ((gint64)count, type->unit, type->n_units, (char *)to);
      return TRUE;
    case EXP_PICKLE_TYPE_COMPOUND:
      for (guint i = 0; i < type->n_members; i++)
        if (!exp_pickle_convert (type->members[i].type, from + type->members[i].from, to + type->members[i].to, array))
          return FALSE;
      return TRUE;
    default: /* SUBARRAY */
      for (gsize i = 0; i < type->n_elements; i++)
        if (!exp_pickle_convert (type->base, from + i * type->base->size, to + i * type->base->dtype->size, array))
          return FALSE;
      return TRUE;
    }
}
