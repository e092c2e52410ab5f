/* Types as JSON: every ExpDtype whole, as user.expfs.type says it.
 * Knows the spelling (edit.h has the grammar); knows no values and no stores.
 * Called by fs/ and attribute_types.c; type_json_parse.c is the inverse. */
#include "array/dtype_text.h"
#include "expfs/edit.h"
#include "view/view_private.h"
#include <string.h>

static void append_type (const ExpDtype *dtype, GString *out);

static void
append_real (char kind, const ExpDtype *dtype, GString *out)
{
  if (dtype->is_quad)
    g_string_append (out, "{\"binary128\": ");
  exp_dtype_append_number (dtype, kind, '\"', out);
  if (dtype->is_quad)
    g_string_append_c (out, '}');
}

static void
append_text (const ExpDtype *dtype, GString *out)
{
  static const char *const padding[] = { "terminated", "null", "space" };

  g_string_append_printf (out, "{\"string\": \"%s\"", dtype->is_ucs4 ? "ucs-4" : dtype->is_utf8 ? "utf-8" : "ascii");
  if (dtype->type == EXP_TYPE_STRING)
    g_string_append_printf (out, ", \"length\": %" G_GSIZE_FORMAT ", \"padding\": \"%s\"", dtype->size,
                            padding[dtype->pad]);
  g_string_append_c (out, '}');
}

static void
append_opaque (const ExpDtype *dtype, GString *out)
{
  g_string_append_printf (out, "{\"opaque\": %" G_GSIZE_FORMAT, dtype->size);
  if (dtype->tag != NULL)
    {
      g_string_append (out, ", ");
      exp_json_append_key ("tag", out);
      exp_json_append_string (dtype->tag, strlen (dtype->tag), out);
    }
  g_string_append_c (out, '}');
}

static void
append_enum (const ExpDtype *dtype, GString *out)
{
  g_string_append (out, "{\"enum\": ");
  append_type (dtype->base, out);
  g_string_append (out, ", \"members\": {");
  for (guint i = 0; i < dtype->n_enum_members; i++)
    {
      const gint64 value = dtype->enum_members[i].value;

      g_string_append (out, i > 0 ? ", " : "");
      exp_json_append_key (dtype->enum_members[i].name, out);
      if (dtype->base->type == EXP_TYPE_UINT)
        g_string_append_printf (out, "%" G_GUINT64_FORMAT, (guint64)value);
      else
        g_string_append_printf (out, "%" G_GINT64_FORMAT, value);
    }
  g_string_append (out, "}}");
}

static gboolean
has_gaps (const ExpDtype *dtype)
{
  gsize end = 0;

  for (guint i = 0; i < dtype->n_members; end += dtype->members[i++].dtype->size)
    if (dtype->members[i].offset != end)
      return TRUE;
  return end != dtype->size;
}

static void
append_compound (const ExpDtype *dtype, GString *out)
{
  const gboolean with_offsets = has_gaps (dtype);

  g_string_append (out, "{\"compound\": [");
  for (guint i = 0; i < dtype->n_members; i++)
    {
      const ExpMember *member = &dtype->members[i];

      g_string_append (out, i > 0 ? ", [" : "[");
      exp_json_append_string (member->name, strlen (member->name), out);
      g_string_append (out, ", ");
      append_type (member->dtype, out);
      if (with_offsets)
        g_string_append_printf (out, ", %" G_GSIZE_FORMAT, member->offset);
      g_string_append_c (out, ']');
    }
  g_string_append_c (out, ']');
  if (with_offsets)
    g_string_append_printf (out, ", \"size\": %" G_GSIZE_FORMAT, dtype->size);
  g_string_append_c (out, '}');
}

static void
append_inside (const char *key, const ExpDtype *dtype, GString *out)
{
  g_string_append_c (out, '{');
  exp_json_append_key (key, out);
  append_type (dtype->base, out);
  if (dtype->type == EXP_TYPE_ARRAY)
    {
      g_string_append (out, ", \"shape\": [");
      for (guint i = 0; i < dtype->n_dims; i++)
        g_string_append_printf (out, "%s%" G_GUINT64_FORMAT, i > 0 ? ", " : "", dtype->dims[i]);
      g_string_append_c (out, ']');
    }
  g_string_append_c (out, '}');
}

static void
append_type (const ExpDtype *dtype, GString *out)
{
  if (dtype->tag != NULL && dtype->type != EXP_TYPE_OPAQUE)
    {
      g_string_append_printf (out, "\"%c%s\"", dtype->big_endian ? '>' : '<', dtype->tag);
      return;
    }
  switch (dtype->type)
    {
    case EXP_TYPE_BOOL:
      g_string_append (out, "\"|b1\"");
      break;
    case EXP_TYPE_INT:
    case EXP_TYPE_UINT:
      exp_dtype_append_number (dtype, dtype->type == EXP_TYPE_INT ? 'i' : 'u', '\"', out);
      break;
    case EXP_TYPE_FLOAT:
    case EXP_TYPE_COMPLEX:
      append_real (dtype->type == EXP_TYPE_FLOAT ? 'f' : 'c', dtype, out);
      break;
    case EXP_TYPE_STRING:
    case EXP_TYPE_VSTRING:
      append_text (dtype, out);
      break;
    case EXP_TYPE_ENUM:
      append_enum (dtype, out);
      break;
    case EXP_TYPE_BITFIELD:
      g_string_append (out, "{\"bitfield\": ");
      exp_dtype_append_number (dtype, 'u', '\"', out);
      g_string_append_c (out, '}');
      break;
    case EXP_TYPE_OPAQUE:
      append_opaque (dtype, out);
      break;
    case EXP_TYPE_REFERENCE:
      g_string_append_printf (out, "{\"reference\": \"%s\"}", dtype->is_region ? "region" : "object");
      break;
    case EXP_TYPE_COMPOUND:
      append_compound (dtype, out);
      break;
    case EXP_TYPE_ARRAY:
      append_inside ("array", dtype, out);
      break;
    case EXP_TYPE_VLEN:
      append_inside ("list", dtype, out);
      break;
    }
}

char *
exp_dtype_to_json (const ExpDtype *dtype)
{
  GString *out = g_string_new (NULL);

  append_type (dtype, out);
  return g_string_free (out, FALSE);
}
