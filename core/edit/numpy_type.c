/* Types by the names that NumPy has for them: the inverse of exp_dtype_to_numpy.
 * Knows that an NPY header says the same; knows no stores.
 * Called by fs/. */
#include "expfs/edit.h"
#include "npy_header.h"
#include <string.h>

ExpDtype *
exp_dtype_from_numpy (const char *text, GError **error)
{
  gboolean is_plain = strchr ("[{(", *text) == NULL;
  g_autoptr (GString) header = g_string_new_len ("\x93NUMPY\2\0\0\0\0\0", 12);
  g_auto (ExpNpyHeader) parsed = { 0 };

  if (is_plain && strpbrk (text, "'\\") != NULL)
    {
      g_set_error (error, EXP_ERROR, EXP_ERROR_INVALID, "'%s' is no type", text);
      return NULL;
    }
  g_string_append_printf (header, is_plain ? "{'descr': '%s'" : "{'descr': %s", text);
  g_string_append (header, ", 'fortran_order': False, 'shape': (), }\n");
  if (header->len > G_MAXUINT16)
    {
      g_set_error_literal (error, EXP_ERROR, EXP_ERROR_TOO_LARGE, "the type's name is too long");
      return NULL;
    }
  header->str[8] = (char)((header->len - 12) & 0xff);
  header->str[9] = (char)((header->len - 12) >> 8);
  if (!exp_npy_header_parse ((const guint8 *)header->str, header->len, &parsed, error))
    return NULL;
  return exp_dtype_ref (parsed.dtype);
}
