/* Makes, shares, compares and packs element types.
 * Knows neither how they print (dtype_text.c) nor any file format.
 * Called by formats and filters that make types and by views that look at them. */
#include "expfs/array.h"
#include "expfs/error.h"
#include "moment.h"
#include <stdlib.h>
#include <string.h>

static ExpDtype *
dtype_new (ExpTypeClass type, gsize size)
{
  ExpDtype *dtype = g_new0 (ExpDtype, 1);

  g_atomic_ref_count_init (&dtype->references);
  dtype->type = type;
  dtype->size = size;
  return dtype;
}

ExpDtype *
exp_dtype_new_number (ExpTypeClass type, gsize size, gboolean big_endian)
{
  ExpDtype *dtype = dtype_new (type, size);

  dtype->big_endian = big_endian && size > 1;
  return dtype;
}

ExpDtype *
exp_dtype_new_quad (gboolean is_complex, gboolean big_endian)
{
  ExpDtype *dtype
      = exp_dtype_new_number (is_complex ? EXP_TYPE_COMPLEX : EXP_TYPE_FLOAT, is_complex ? 32 : 16, big_endian);

  dtype->is_quad = TRUE;
  return dtype;
}

ExpDtype *
exp_dtype_new_string (gsize size, ExpStringPad pad, gboolean is_utf8)
{
  ExpDtype *dtype = dtype_new (EXP_TYPE_STRING, size);

  dtype->pad = pad;
  dtype->is_utf8 = is_utf8;
  return dtype;
}

ExpDtype *
exp_dtype_new_vstring (gboolean is_utf8)
{
  ExpDtype *dtype = dtype_new (EXP_TYPE_VSTRING, sizeof (ExpVlen));

  dtype->is_utf8 = is_utf8;
  return dtype;
}

ExpDtype *
exp_dtype_new_reference (gboolean is_region)
{
  ExpDtype *dtype = dtype_new (EXP_TYPE_REFERENCE, sizeof (ExpVlen));

  dtype->is_region = is_region;
  return dtype;
}

ExpDtype *
exp_dtype_new_opaque (gsize size, const char *tag)
{
  ExpDtype *dtype = dtype_new (EXP_TYPE_OPAQUE, size);

  dtype->tag = g_strdup (tag);
  return dtype;
}

ExpDtype *
exp_dtype_new_moment (const char *tag, gboolean big_endian)
{
  gint64 n_units;
  g_autofree char *unit = exp_moment_unit (tag, &n_units);

  if (unit == NULL)
    return NULL;
  ExpDtype *dtype = *tag == 'M' && exp_unit_is_moment (unit)
                        ? exp_dtype_new_string (EXP_MOMENT_LENGTH, EXP_PAD_NUL, FALSE)
                        : exp_dtype_new_number (EXP_TYPE_INT, 8, FALSE);
  dtype->tag = g_strdup (tag);
  dtype->big_endian = big_endian;
  return dtype;
}

gboolean
exp_dtype_is_moment (const ExpDtype *dtype)
{
  return dtype->type == EXP_TYPE_STRING && dtype->tag != NULL;
}

ExpDtype *
exp_dtype_new_numpy (char letter, guint64 size, gboolean big_endian)
{
  gboolean is_power = size == 1 || size == 2 || size == 4 || size == 8;

  switch (letter)
    {
    case 'b':
      return size == 1 ? exp_dtype_new_number (EXP_TYPE_BOOL, 1, FALSE) : NULL;
    case 'i':
      return is_power ? exp_dtype_new_number (EXP_TYPE_INT, size, big_endian) : NULL;
    case 'u':
      return is_power ? exp_dtype_new_number (EXP_TYPE_UINT, size, big_endian) : NULL;
    case 'f':
      return (is_power && size > 1) || size == 16 ? exp_dtype_new_number (EXP_TYPE_FLOAT, size, big_endian) : NULL;
    case 'c':
      return size == 8 || size == 16 || size == 32 ? exp_dtype_new_number (EXP_TYPE_COMPLEX, size, big_endian) : NULL;
    case 'S':
      return size <= G_MAXINT32 ? exp_dtype_new_string (size, EXP_PAD_NUL, FALSE) : NULL;
    case 'V':
      return size > 0 && size <= G_MAXINT32 ? exp_dtype_new_opaque (size, NULL) : NULL;
    default:
      return NULL;
    }
}

ExpDtype *
exp_dtype_new_file_byte (void)
{
  return exp_dtype_new_opaque (1, EXP_FILE_BYTE_TAG);
}

gboolean
exp_dtype_is_file_byte (const ExpDtype *dtype)
{
  return dtype->type == EXP_TYPE_OPAQUE && dtype->size == 1 && g_strcmp0 (dtype->tag, EXP_FILE_BYTE_TAG) == 0;
}

ExpDtype *
exp_dtype_new_enum (ExpDtype *base, guint n_members, const ExpEnumMember *members)
{
  ExpDtype *dtype = dtype_new (EXP_TYPE_ENUM, base->size);

  dtype->base = base;
  dtype->n_enum_members = n_members;
  dtype->enum_members = g_new0 (ExpEnumMember, n_members);
  for (guint i = 0; i < n_members; i++)
    {
      dtype->enum_members[i].name = g_strdup (members[i].name);
      dtype->enum_members[i].value = members[i].value;
    }
  return dtype;
}

ExpDtype *
exp_dtype_new_vlen (ExpDtype *base)
{
  ExpDtype *dtype = dtype_new (EXP_TYPE_VLEN, sizeof (ExpVlen));

  dtype->base = base;
  return dtype;
}

ExpDtype *
exp_dtype_new_array (ExpDtype *base, guint n_dims, const guint64 *dims, GError **error)
{
  g_autoptr (ExpDtype) element = base;
  gsize size = base->size;
  gboolean fits = n_dims <= EXP_MAX_RANK;

  for (guint i = 0; fits && i < n_dims; i++)
    fits = g_size_checked_mul (&size, size, dims[i]);
  if (!fits)
    {
      g_set_error (error, EXP_ERROR, EXP_ERROR_DAMAGED, "an array type is larger than memory can address");
      return NULL;
    }

  ExpDtype *dtype = dtype_new (EXP_TYPE_ARRAY, size);
  dtype->base = g_steal_pointer (&element);
  dtype->n_dims = n_dims;
  memcpy (dtype->dims, dims, n_dims * sizeof *dims);
  return dtype;
}

ExpDtype *
exp_dtype_new_compound (gsize size, guint n_members, const ExpMember *members, GError **error)
{
  g_autoptr (ExpDtype) dtype = dtype_new (EXP_TYPE_COMPOUND, size);
  const char *outside = NULL;

  dtype->n_members = n_members;
  dtype->members = g_new0 (ExpMember, n_members);
  for (guint i = 0; i < n_members; i++)
    {
      gsize end;

      dtype->members[i].name = g_strdup (members[i].name);
      dtype->members[i].dtype = members[i].dtype;
      dtype->members[i].offset = members[i].offset;
      if (!g_size_checked_add (&end, members[i].offset, members[i].dtype->size) || end > size)
        outside = members[i].name;
    }
  if (outside != NULL)
    {
      g_set_error (error, EXP_ERROR, EXP_ERROR_DAMAGED, "member '%s' lies outside its compound type", outside);
      return NULL;
    }
  return g_steal_pointer (&dtype);
}

ExpDtype *
exp_dtype_ref (ExpDtype *dtype)
{
  g_atomic_ref_count_inc (&dtype->references);
  return dtype;
}

void
exp_dtype_unref (ExpDtype *dtype)
{
  if (dtype == NULL || !g_atomic_ref_count_dec (&dtype->references))
    return;
  exp_dtype_unref (dtype->base);
  for (guint i = 0; i < dtype->n_members; i++)
    {
      g_free (dtype->members[i].name);
      exp_dtype_unref (dtype->members[i].dtype);
    }
  g_free (dtype->members);
  for (guint i = 0; i < dtype->n_enum_members; i++)
    g_free (dtype->enum_members[i].name);
  g_free (dtype->enum_members);
  g_free (dtype->tag);
  g_free (dtype);
}

static gboolean
members_equal (const ExpDtype *a, const ExpDtype *b)
{
  if (a->n_members != b->n_members || a->n_enum_members != b->n_enum_members)
    return FALSE;
  for (guint i = 0; i < a->n_members; i++)
    if (a->members[i].offset != b->members[i].offset || strcmp (a->members[i].name, b->members[i].name) != 0
        || !exp_dtype_equal (a->members[i].dtype, b->members[i].dtype))
      return FALSE;
  for (guint i = 0; i < a->n_enum_members; i++)
    if (a->enum_members[i].value != b->enum_members[i].value
        || strcmp (a->enum_members[i].name, b->enum_members[i].name) != 0)
      return FALSE;
  return TRUE;
}

gboolean
exp_dtype_equal (const ExpDtype *a, const ExpDtype *b)
{
  if (a == b)
    return TRUE;
  if (a == NULL || b == NULL || a->type != b->type || a->size != b->size || a->big_endian != b->big_endian
      || a->is_quad != b->is_quad || a->pad != b->pad || a->is_utf8 != b->is_utf8 || a->is_ucs4 != b->is_ucs4
      || a->is_region != b->is_region || a->n_dims != b->n_dims || g_strcmp0 (a->tag, b->tag) != 0
      || memcmp (a->dims, b->dims, a->n_dims * sizeof *a->dims) != 0)
    return FALSE;
  return exp_dtype_equal (a->base, b->base) && members_equal (a, b);
}

gboolean
exp_dtype_has_vlen (const ExpDtype *dtype)
{
  switch (dtype->type)
    {
    case EXP_TYPE_VSTRING:
    case EXP_TYPE_REFERENCE:
    case EXP_TYPE_VLEN:
      return TRUE;
    case EXP_TYPE_ARRAY:
      return exp_dtype_has_vlen (dtype->base);
    case EXP_TYPE_COMPOUND:
      for (guint i = 0; i < dtype->n_members; i++)
        if (exp_dtype_has_vlen (dtype->members[i].dtype))
          return TRUE;
      return FALSE;
    default:
      return FALSE;
    }
}

gboolean
exp_dtype_is_numeric (const ExpDtype *dtype)
{
  switch (dtype->type)
    {
    case EXP_TYPE_STRING:
    case EXP_TYPE_VSTRING:
    case EXP_TYPE_REFERENCE:
    case EXP_TYPE_VLEN:
      return FALSE;
    case EXP_TYPE_ARRAY:
      return exp_dtype_is_numeric (dtype->base);
    case EXP_TYPE_COMPOUND:
      for (guint i = 0; i < dtype->n_members; i++)
        if (!exp_dtype_is_numeric (dtype->members[i].dtype))
          return FALSE;
      return TRUE;
    default:
      return TRUE;
    }
}

static int
by_offset (const void *a, const void *b)
{
  const gsize left = (*(const ExpMember *const *)a)->offset, right = (*(const ExpMember *const *)b)->offset;

  return left < right ? -1 : left > right;
}

gboolean
exp_dtype_has_overlaps (const ExpDtype *dtype)
{
  g_autofree const ExpMember **members = g_new (const ExpMember *, MAX (dtype->n_members, 1));
  gsize end = 0;

  if (dtype->base != NULL)
    return exp_dtype_has_overlaps (dtype->base);
  for (guint i = 0; i < dtype->n_members; i++)
    members[i] = &dtype->members[i];
  qsort (members, dtype->n_members, sizeof *members, by_offset);
  for (guint i = 0; i < dtype->n_members; i++)
    {
      if (members[i]->offset < end || exp_dtype_has_overlaps (members[i]->dtype))
        return TRUE;
      end = members[i]->offset + members[i]->dtype->size;
    }
  return FALSE;
}

static guint64
array_length (const ExpDtype *dtype)
{
  guint64 n = 1;

  for (guint i = 0; i < dtype->n_dims; i++)
    n *= dtype->dims[i];
  return n;
}

gsize
exp_dtype_packed_size (const ExpDtype *dtype)
{
  gsize size = 0;

  switch (dtype->type)
    {
    case EXP_TYPE_ARRAY:
      return exp_dtype_packed_size (dtype->base) * array_length (dtype);
    case EXP_TYPE_COMPOUND:
      for (guint i = 0; i < dtype->n_members; i++)
        size += exp_dtype_packed_size (dtype->members[i].dtype);
      return size;
    default:
      return dtype->size;
    }
}

ExpDtype *
exp_dtype_map_cells (ExpDtype *dtype, ExpDtypeFunc func, gpointer data)
{
  if (dtype->type == EXP_TYPE_ARRAY)
    return exp_dtype_new_array (exp_dtype_map_cells (dtype->base, func, data), dtype->n_dims, dtype->dims, NULL);
  if (dtype->type != EXP_TYPE_COMPOUND)
    return func (dtype, data);

  g_autofree ExpMember *members = g_new0 (ExpMember, dtype->n_members);
  gsize size = 0;
  for (guint i = 0; i < dtype->n_members; i++)
    {
      members[i].name = dtype->members[i].name;
      members[i].dtype = exp_dtype_map_cells (dtype->members[i].dtype, func, data);
      members[i].offset = size;
      size += members[i].dtype->size;
    }
  return exp_dtype_new_compound (size, dtype->n_members, members, NULL);
}
