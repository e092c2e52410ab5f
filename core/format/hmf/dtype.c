/* Types as the map names them: what Python's str makes of a NumPy dtype.
 * Knows NumPy's names; npy_dtype.c knows its type strings.
 * Called by the files of this folder. */
#include "hmf.h"
#include "numpy/literal.h"
#include <string.h>

/* Those of the machine's own byte order have names, by kind and size. */
static const struct
{
  const char *name, *code;
} names[] = {
  { "bool", "?" },         { "int8", "i1" },         { "int16", "i2" },     { "int32", "i4" },
  { "int64", "i8" },       { "uint8", "u1" },        { "uint16", "u2" },    { "uint32", "u4" },
  { "uint64", "u8" },      { "float16", "f2" },      { "float32", "f4" },   { "float64", "f8" },
  { "float128", "f16" },   { "longdouble", "f16" },  { "complex64", "c8" }, { "complex128", "c16" },
  { "complex256", "c32" }, { "clongdouble", "c32" }, { "bool_", "?" },
};

#define DATETIME  "datetime64"
#define TIMEDELTA "timedelta64"

/* As a header of an NPY file has it. Caller frees. */
static char *
descr_of (const char *text)
{
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    if (strcmp (names[i].name, text) == 0)
      return g_strdup_printf ("'=%s'", names[i].code);
  if (g_str_has_prefix (text, DATETIME))
    return g_strdup_printf ("'=M8%s'", text + strlen (DATETIME));
  if (g_str_has_prefix (text, TIMEDELTA))
    return g_strdup_printf ("'=m8%s'", text + strlen (TIMEDELTA));
  return strchr ("[{(", *text) != NULL ? g_strdup (text) : g_strdup_printf ("'%s'", text);
}

ExpDtype *
exp_hmf_dtype_parse (const char *text, GError **error)
{
  g_autofree char *descr = NULL;

  if (strcmp (text, "object") == 0 || strcmp (text, "|O") == 0)
    {
      g_set_error (error, EXP_ERROR, EXP_ERROR_UNSUPPORTED,
                   "an array of Python's objects: its file has only the addresses where these were in memory");
      return NULL;
    }
  descr = descr_of (text);
  ExpLiteral literal = { .at = descr, .end = descr + strlen (descr), .error = error, .has_moments = TRUE };
  ExpDtype *dtype = exp_npy_take_dtype (&literal);
  if (dtype == NULL || exp_literal_peek (&literal) == '\0')
    return dtype;
  exp_dtype_unref (dtype);
  g_set_error (error, EXP_ERROR, EXP_ERROR_DAMAGED, "'%s' is no type of NumPy's", text);
  return NULL;
}

char *
exp_hmf_dtype_name (const char *descr)
{
  const char order = G_BYTE_ORDER == G_BIG_ENDIAN ? '>' : '<';
  const gsize length = strlen (descr);
  g_autofree char *text = length > 2 && *descr == '\'' ? g_strndup (descr + 1, length - 2) : g_strdup (descr);

  if (strcmp (text, "|b1") == 0)
    return g_strdup ("bool");
  if (*text == order && g_str_has_prefix (text + 1, "M8"))
    return g_strconcat (DATETIME, text + 3, NULL);
  if (*text == order && g_str_has_prefix (text + 1, "m8"))
    return g_strconcat (TIMEDELTA, text + 3, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    if ((*text == order || *text == '|') && strcmp (names[i].code, text + 1) == 0)
      return g_strdup (names[i].name);
  return g_steal_pointer (&text);
}
