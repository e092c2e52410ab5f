/* Types as text: NumPy's descr, and a description for people.
 * Knows nothing of values.
 * Called by the npy view, user.expfs.dtype and named datatypes. */
#include "dtype_text.h"
#include <string.h>

static void append_numpy (const ExpDtype *dtype, gboolean packed, GString *out);

/* A Python string literal: names may hold any bytes. */
static void
append_literal (const char *text, GString *out)
{
  gboolean is_utf8 = g_utf8_validate (text, -1, NULL);

  g_string_append_c (out, '\'');
  for (const char *c = text; *c != '\0'; c++)
    if (*c == '\'' || *c == '\\')
      g_string_append_printf (out, "\\%c", *c);
    else if ((guchar)*c < 0x20 || *c == 0x7f || (!is_utf8 && (guchar)*c >= 0x80))
      g_string_append_printf (out, "\\x%02x", (guchar)*c);
    else
      g_string_append_c (out, *c);
  g_string_append_c (out, '\'');
}

static void
append_dims (const ExpDtype *dtype, GString *out)
{
  g_string_append_c (out, '(');
  for (guint i = 0; i < dtype->n_dims; i++)
    g_string_append_printf (out, "%s%" G_GUINT64_FORMAT, i > 0 ? ", " : "", dtype->dims[i]);
  g_string_append (out, dtype->n_dims == 1 ? ",)" : ")");
}

static gboolean
has_gaps (const ExpDtype *dtype)
{
  gsize end = 0;

  for (guint i = 0; i < dtype->n_members; i++)
    {
      if (dtype->members[i].offset != end)
        return TRUE;
      end += dtype->members[i].dtype->size;
    }
  return end != dtype->size;
}

static void
append_fields (const ExpDtype *dtype, gboolean packed, GString *out)
{
  g_string_append_c (out, '[');
  for (guint i = 0; i < dtype->n_members; i++)
    {
      const ExpDtype *member = dtype->members[i].dtype;

      g_string_append (out, i > 0 ? ", (" : "(");
      append_literal (dtype->members[i].name, out);
      g_string_append (out, ", ");
      append_numpy (member->type == EXP_TYPE_ARRAY ? member->base : member, packed, out);
      if (member->type == EXP_TYPE_ARRAY)
        {
          g_string_append (out, ", ");
          append_dims (member, out);
        }
      g_string_append_c (out, ')');
    }
  g_string_append_c (out, ']');
}

static void
append_padded_fields (const ExpDtype *dtype, GString *out)
{
  g_string_append (out, "{'names': [");
  for (guint i = 0; i < dtype->n_members; i++)
    {
      g_string_append (out, i > 0 ? ", " : "");
      append_literal (dtype->members[i].name, out);
    }
  g_string_append (out, "], 'formats': [");
  for (guint i = 0; i < dtype->n_members; i++)
    {
      g_string_append (out, i > 0 ? ", " : "");
      append_numpy (dtype->members[i].dtype, FALSE, out);
    }
  g_string_append (out, "], 'offsets': [");
  for (guint i = 0; i < dtype->n_members; i++)
    g_string_append_printf (out, "%s%" G_GSIZE_FORMAT, i > 0 ? ", " : "", dtype->members[i].offset);
  g_string_append_printf (out, "], 'itemsize': %" G_GSIZE_FORMAT "}", dtype->size);
}

void
exp_dtype_append_number (const ExpDtype *dtype, char kind, char quote, GString *out)
{
  char order = dtype->size == 1 ? '|' : dtype->big_endian ? '>' : '<';

  g_string_append_printf (out, "%c%c%c%" G_GSIZE_FORMAT "%c", quote, order, kind, dtype->size, quote);
}

/* NumPy has no complex number of halves: its two parts, as h5py names them. */
static void
append_half_complex (const ExpDtype *dtype, GString *out)
{
  char order = dtype->big_endian ? '>' : '<';

  g_string_append_printf (out, "[('r', '%cf2'), ('i', '%cf2')]", order, order);
}

/* With quotes, as it stands inside a descr. */
static void
append_numpy (const ExpDtype *dtype, gboolean packed, GString *out)
{
  gboolean is_wide = dtype->is_quad
                     || (dtype->type != EXP_TYPE_FLOAT && dtype->type != EXP_TYPE_COMPLEX && dtype->size != 1
                         && dtype->size != 2 && dtype->size != 4 && dtype->size != 8);

  if (dtype->tag != NULL && dtype->type != EXP_TYPE_OPAQUE)
    {
      g_string_append_printf (out, "'%c%s'", dtype->big_endian ? '>' : '<', dtype->tag);
      return;
    }
  switch (dtype->type)
    {
    case EXP_TYPE_BOOL:
      g_string_append (out, "'|b1'");
      break;
    case EXP_TYPE_INT:
    case EXP_TYPE_UINT:
    case EXP_TYPE_BITFIELD:
    case EXP_TYPE_FLOAT:
    case EXP_TYPE_COMPLEX:
      if (dtype->type == EXP_TYPE_COMPLEX && dtype->size == 4)
        append_half_complex (dtype, out);
      else if (is_wide)
        g_string_append_printf (out, "'|V%" G_GSIZE_FORMAT "'", dtype->size);
      else
        exp_dtype_append_number (dtype,
                                 dtype->type == EXP_TYPE_INT       ? 'i'
                                 : dtype->type == EXP_TYPE_FLOAT   ? 'f'
                                 : dtype->type == EXP_TYPE_COMPLEX ? 'c'
                                                                   : 'u',
                                 '\'', out);
      break;
    case EXP_TYPE_ENUM:
      append_numpy (dtype->base, packed, out);
      break;
    case EXP_TYPE_STRING:
      g_string_append_printf (out, "'%s%" G_GSIZE_FORMAT "'", dtype->is_ucs4 ? "<U" : "|S",
                              dtype->is_ucs4 ? dtype->size / 4 : dtype->size);
      break;
    case EXP_TYPE_OPAQUE:
      g_string_append_printf (out, "'|V%" G_GSIZE_FORMAT "'", dtype->size);
      break;
    case EXP_TYPE_VSTRING:
      if (dtype->n_characters > 0)
        g_string_append_printf (out, "'<U%u'", dtype->n_characters);
      else
        g_string_append (out, "'|O'");
      break;
    case EXP_TYPE_ARRAY:
      g_string_append_c (out, '(');
      append_numpy (dtype->base, packed, out);
      g_string_append (out, ", ");
      append_dims (dtype, out);
      g_string_append_c (out, ')');
      break;
    case EXP_TYPE_COMPOUND:
      if (!packed && has_gaps (dtype))
        append_padded_fields (dtype, out);
      else
        append_fields (dtype, packed, out);
      break;
    default:
      g_string_append (out, "'|O'");
    }
}

char *
exp_dtype_to_numpy (const ExpDtype *dtype, gboolean packed)
{
  GString *out = g_string_new (NULL);

  append_numpy (dtype, packed, out);
  if (out->str[0] == '\'')
    {
      g_string_erase (out, 0, 1);
      g_string_truncate (out, out->len - 1);
    }
  return g_string_free (out, FALSE);
}

/* --- for people --------------------------------------------------------------------------------------------- */

static void
append_order (const ExpDtype *dtype, GString *out)
{
  if (dtype->size > 1)
    g_string_append (out, dtype->big_endian ? " big-endian" : " little-endian");
}

/* Names may hold any bytes, and the description stays one line. */
static void
append_name (const char *name, GString *out)
{
  for (const char *c = name; *c != '\0'; c++)
    if (*c == '\\')
      g_string_append (out, "\\\\");
    else if ((guchar)*c < 0x20 || *c == 0x7f)
      g_string_append_printf (out, "\\x%02x", (guchar)*c);
    else
      g_string_append_c (out, *c);
}

static void
append_enum (const ExpDtype *dtype, GString *out)
{
  g_autofree char *base = exp_dtype_to_text (dtype->base);

  g_string_append_printf (out, "enum of %s {", base);
  for (guint i = 0; i < dtype->n_enum_members; i++)
    {
      gint64 value = dtype->enum_members[i].value;

      g_string_append (out, i > 0 ? ", " : "");
      append_name (dtype->enum_members[i].name, out);
      if (dtype->base->type == EXP_TYPE_UINT)
        g_string_append_printf (out, " = %" G_GUINT64_FORMAT, (guint64)value);
      else
        g_string_append_printf (out, " = %" G_GINT64_FORMAT, value);
    }
  g_string_append_c (out, '}');
}

static void
append_compound (const ExpDtype *dtype, GString *out)
{
  g_string_append_printf (out, "compound of %" G_GSIZE_FORMAT " bytes {", dtype->size);
  for (guint i = 0; i < dtype->n_members; i++)
    {
      g_autofree char *member = exp_dtype_to_text (dtype->members[i].dtype);

      g_string_append (out, i > 0 ? ", " : "");
      append_name (dtype->members[i].name, out);
      g_string_append_printf (out, ": %s at %" G_GSIZE_FORMAT, member, dtype->members[i].offset);
    }
  g_string_append_c (out, '}');
}

static void
append_text (const ExpDtype *dtype, GString *out)
{
  static const char *const padding[] = { "NUL-terminated", "NUL-padded", "space-padded" };
  g_autofree char *base = dtype->base != NULL ? exp_dtype_to_text (dtype->base) : NULL;
  gsize bits = 8 * dtype->size;

  switch (dtype->type)
    {
    case EXP_TYPE_BOOL:
      g_string_append (out, "boolean");
      break;
    case EXP_TYPE_INT:
    case EXP_TYPE_UINT:
      g_string_append_printf (out, "%s%" G_GSIZE_FORMAT, dtype->type == EXP_TYPE_INT ? "int" : "uint", bits);
      append_order (dtype, out);
      break;
    case EXP_TYPE_FLOAT:
    case EXP_TYPE_COMPLEX:
      g_string_append_printf (out, "%s%s", dtype->type == EXP_TYPE_FLOAT ? "float" : "complex",
                              dtype->is_quad ? " of binary128" : "");
      if (!dtype->is_quad)
        g_string_append_printf (out, "%" G_GSIZE_FORMAT, bits);
      append_order (dtype, out);
      break;
    case EXP_TYPE_BITFIELD:
      g_string_append_printf (out, "bitfield%" G_GSIZE_FORMAT, bits);
      append_order (dtype, out);
      break;
    case EXP_TYPE_STRING:
      g_string_append_printf (out, "string of %" G_GSIZE_FORMAT " bytes, %s, %s", dtype->size, padding[dtype->pad],
                              dtype->is_utf8 ? "UTF-8" : "ASCII");
      break;
    case EXP_TYPE_VSTRING:
      g_string_append_printf (out, "string of variable length, %s", dtype->is_utf8 ? "UTF-8" : "ASCII");
      break;
    case EXP_TYPE_REFERENCE:
      g_string_append (out, dtype->is_region ? "region reference" : "reference");
      break;
    case EXP_TYPE_OPAQUE:
      g_string_append_printf (out, "opaque of %" G_GSIZE_FORMAT " bytes", dtype->size);
      if (dtype->tag != NULL && *dtype->tag != '\0')
        {
          g_string_append (out, ", tag \"");
          append_name (dtype->tag, out);
          g_string_append_c (out, '"');
        }
      break;
    case EXP_TYPE_ENUM:
      append_enum (dtype, out);
      break;
    case EXP_TYPE_COMPOUND:
      append_compound (dtype, out);
      break;
    case EXP_TYPE_ARRAY:
      g_string_append (out, "array ");
      append_dims (dtype, out);
      g_string_append_printf (out, " of %s", base);
      break;
    case EXP_TYPE_VLEN:
      g_string_append_printf (out, "list of %s", base);
      break;
    }
}

char *
exp_dtype_to_text (const ExpDtype *dtype)
{
  GString *out = g_string_new (NULL);

  append_text (dtype, out);
  return g_string_free (out, FALSE);
}
