/* NPY headers, written.
 * Knows nothing of the elements' bytes; npy_bytes.c makes them.
 * Called by the npy view and by formats that keep arrays so. */
#include "npy_bytes.h"

/* NumPy aligns the data to this, so that a map of the file is aligned too. */
#define ALIGNMENT 64

static void
append_shape (const ExpGrid *grid, GString *out)
{
  if (grid->info.is_null)
    {
      g_string_append (out, "(0,)");
      return;
    }
  g_string_append_c (out, '(');
  for (guint i = 0; i < grid->rank; i++)
    g_string_append_printf (out, "%" G_GUINT64_FORMAT "%s", grid->shape[i],
                            grid->rank == 1      ? ","
                            : i + 1 < grid->rank ? ", "
                                                 : "");
  g_string_append_c (out, ')');
}

static gboolean
is_ascii (const char *text)
{
  for (; *text != '\0'; text++)
    if ((guchar)*text >= 0x80)
      return FALSE;
  return TRUE;
}

GString *
exp_npy_header_make (ExpNpyBytes *bytes, gboolean is_fortran)
{
  g_autoptr (GString) dict = g_string_new ("{'descr': ");
  g_autofree char *descr = exp_npy_bytes_descr (bytes);
  GString *header = g_string_new (NULL);
  gsize before;
  guint version;

  g_string_append (dict, descr);
  g_string_append_printf (dict, ", 'fortran_order': %s, 'shape': ", is_fortran ? "True" : "False");
  append_shape (&bytes->grid, dict);
  g_string_append (dict, ", }");

  version = !is_ascii (descr) ? 3 : dict->len + ALIGNMENT + 12 > G_MAXUINT16 ? 2 : 1;
  before = version == 1 ? 10 : 12;
  while ((before + dict->len + 1) % ALIGNMENT != 0)
    g_string_append_c (dict, ' ');
  g_string_append_c (dict, '\n');
  g_string_append_len (header, "\x93NUMPY", 6);
  g_string_append_c (header, version);
  g_string_append_c (header, 0);
  for (guint i = 0; i < before - 8; i++)
    g_string_append_c (header, (char)(dict->len >> (8 * i)));
  g_string_append_len (header, dict->str, dict->len);
  return header;
}
