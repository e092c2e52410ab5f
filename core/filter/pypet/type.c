/* The types that pypet hands back: Python's and NumPy's, from what was noted beside the stored elements.
 * Knows no nodes.
 * Called by typed.c, field.c and table.c. */
#include "type.h"
#include <string.h>

typedef enum
{
  NOTED_NOTHING,
  NOTED_BOOL,
  NOTED_INT,
  NOTED_FLOAT,
  NOTED_FLOAT32,
  NOTED_COMPLEX,
  NOTED_COMPLEX64,
  NOTED_TEXT,
  NOTED_BYTES,
} Noted;

static const struct
{
  const char *name;
  Noted noted;
} noted_types[] = {
  { "bool", NOTED_BOOL },       { "bool_", NOTED_BOOL },         { "int", NOTED_INT },
  { "long", NOTED_INT },        { "int8", NOTED_INT },           { "int16", NOTED_INT },
  { "int32", NOTED_INT },       { "int64", NOTED_INT },          { "uint8", NOTED_INT },
  { "uint16", NOTED_INT },      { "uint32", NOTED_INT },         { "uint64", NOTED_INT },
  { "float", NOTED_FLOAT },     { "float64", NOTED_FLOAT },      { "float32", NOTED_FLOAT32 },
  { "complex", NOTED_COMPLEX }, { "complex128", NOTED_COMPLEX }, { "complex64", NOTED_COMPLEX64 },
  { "str", NOTED_TEXT },        { "unicode", NOTED_TEXT },       { "str_", NOTED_TEXT },
  { "unicode_", NOTED_TEXT },   { "bytes", NOTED_BYTES },        { "bytes_", NOTED_BYTES },
  { "string_", NOTED_BYTES },
};

/* Classic spells a type as Python 2 prints it: <type 'numpy.int8'>. */
static Noted
parse_noted (const char *text)
{
  g_autofree char *name = NULL;

  if (text == NULL)
    return NOTED_NOTHING;
  const char *quote = strchr (text, '\'');
  const char *end = quote != NULL ? strchr (quote + 1, '\'') : NULL;
  name = end != NULL ? g_strndup (quote + 1, end - quote - 1) : g_strdup (text);

  const char *last = strrchr (name, '.');
  last = last != NULL ? last + 1 : name;
  for (guint i = 0; i < G_N_ELEMENTS (noted_types); i++)
    if (strcmp (noted_types[i].name, last) == 0)
      return noted_types[i].noted;
  return NOTED_NOTHING;
}

static gboolean
is_utf8 (const char *encoding)
{
  return encoding == NULL || g_ascii_strcasecmp (encoding, "utf8") == 0 || g_ascii_strcasecmp (encoding, "utf-8") == 0
         || g_ascii_strcasecmp (encoding, "utf_8") == 0 || g_ascii_strcasecmp (encoding, "ascii") == 0
         || *encoding == '\0';
}

static gboolean
is_integer (const ExpDtype *dtype)
{
  return dtype->type == EXP_TYPE_INT || dtype->type == EXP_TYPE_UINT;
}

static gboolean
is_boolean (const ExpDtype *dtype)
{
  return dtype->type == EXP_TYPE_BOOL || (dtype->type == EXP_TYPE_BITFIELD && dtype->size == 1);
}

static gboolean
is_real (const ExpDtype *dtype)
{
  return is_boolean (dtype) || (is_integer (dtype) && dtype->size <= 8)
         || (dtype->type == EXP_TYPE_FLOAT && dtype->size <= 8);
}

static ExpDtype *
text_type (ExpDtype *stored, Noted noted, const char *encoding)
{
  if (noted == NOTED_BYTES)
    return exp_dtype_new_string (stored->size, EXP_PAD_NUL, FALSE);
  return is_utf8 (encoding) ? exp_dtype_new_string (stored->size, EXP_PAD_NUL, TRUE) : exp_dtype_new_vstring (TRUE);
}

/* Text is left as it is where a number was noted: real pypet fails to load that. */
static ExpDtype *
scalar_type_new (ExpDtype *stored, Noted noted, const char *encoding)
{
  if (stored->type == EXP_TYPE_STRING)
    return text_type (stored, noted, encoding);
  if (noted == NOTED_BOOL && is_real (stored))
    return exp_dtype_new_number (EXP_TYPE_BOOL, 1, FALSE);
  if (noted == NOTED_INT && is_real (stored) && !is_integer (stored))
    return exp_dtype_new_number (EXP_TYPE_INT, 8, FALSE);
  if (noted == NOTED_FLOAT && is_real (stored) && !(stored->type == EXP_TYPE_FLOAT && stored->size == 8))
    return exp_dtype_new_number (EXP_TYPE_FLOAT, 8, FALSE);
  if (noted == NOTED_FLOAT32 && is_real (stored) && stored->type != EXP_TYPE_FLOAT)
    return exp_dtype_new_number (EXP_TYPE_FLOAT, 4, FALSE);
  if ((noted == NOTED_COMPLEX || noted == NOTED_COMPLEX64) && is_real (stored))
    return exp_dtype_new_number (EXP_TYPE_COMPLEX, noted == NOTED_COMPLEX ? 16 : 8, FALSE);
  if (noted == NOTED_COMPLEX && stored->type == EXP_TYPE_COMPLEX && stored->size == 8)
    return exp_dtype_new_number (EXP_TYPE_COMPLEX, 16, FALSE);
  if (is_boolean (stored))
    return exp_dtype_new_number (EXP_TYPE_BOOL, 1, FALSE);
  return exp_dtype_ref (stored);
}

ExpDtype *
exp_pypet_type_new (ExpDtype *stored, const char *scalar_type, const char *encoding)
{
  if (stored->type != EXP_TYPE_ARRAY)
    return scalar_type_new (stored, parse_noted (scalar_type), encoding);

  ExpDtype *base = exp_pypet_type_new (stored->base, scalar_type, encoding);
  ExpDtype *array = exp_dtype_new_array (base, stored->n_dims, stored->dims, NULL);
  return array != NULL ? array : exp_dtype_ref (stored);
}
