/* NumPy's archives, made: a stored member for each array.
 * Knows the headers of zip and NPY that npz.c and npy.c read; knows no matrices.
 * Called by write_sparse.c. */
#include "expfs/error.h"
#include "npz.h"
#include <libdeflate.h>
#include <string.h>

#define MAX_ARCHIVE (1u << 30)
#define ALIGNMENT   64 /* of what follows the header of an NPY file */
#define MAGIC_SIZE  10

static void
put_u16 (GByteArray *out, guint value)
{
  const guint8 bytes[] = { value & 255, value >> 8 & 255 };

  g_byte_array_append (out, bytes, sizeof bytes);
}

static void
put_u32 (GByteArray *out, guint32 value)
{
  put_u16 (out, value & 0xffff);
  put_u16 (out, value >> 16);
}

static char *
header_text (const ExpArray *array, const char *descr)
{
  GString *text = g_string_new (NULL);

  g_string_printf (text, "{'descr': '%s', 'fortran_order': False, 'shape': (", descr);
  for (guint i = 0; i < array->rank; i++)
    g_string_append_printf (text, "%" G_GUINT64_FORMAT ",", array->shape[i]);
  g_string_append (text, "), }");
  while ((MAGIC_SIZE + text->len + 1) % ALIGNMENT != 0)
    g_string_append_c (text, ' ');
  g_string_append_c (text, '\n');
  return g_string_free (text, FALSE);
}

/* The whole of an NPY file. */
static GByteArray *
make_npy (const ExpArray *array, GError **error)
{
  g_autofree char *descr = exp_dtype_to_numpy (array->dtype, FALSE);

  if (descr == NULL || exp_dtype_has_vlen (array->dtype) || array->dtype->type == EXP_TYPE_COMPOUND)
    {
      g_set_error (error, EXP_ERROR, EXP_ERROR_UNSUPPORTED, "an array of another type than numbers or texts");
      return NULL;
    }
  g_autofree char *header = header_text (array, descr);
  GByteArray *out = g_byte_array_new ();
  g_byte_array_append (out, (const guint8 *)"\x93NUMPY\1\0", 8);
  put_u16 (out, strlen (header));
  g_byte_array_append (out, (const guint8 *)header, strlen (header));
  if (array->n_elements > 0)
    g_byte_array_append (out, array->data, array->n_elements * array->dtype->size);
  return out;
}

/* What both headers of a member have: the version to read it with, to the lengths of its name and of nothing more. */
static void
put_common (GByteArray *out, const GByteArray *npy, const char *name)
{
  put_u16 (out, 20);
  put_u16 (out, 0);
  put_u16 (out, 0);
  put_u16 (out, 0);
  put_u16 (out, 1 << 5 | 1); /* the first day that there is */
  put_u32 (out, libdeflate_crc32 (0, npy->data, npy->len));
  put_u32 (out, npy->len);
  put_u32 (out, npy->len);
  put_u16 (out, strlen (name));
  put_u16 (out, 0);
}

static void
put_member (GByteArray *out, GByteArray *directory, const char *name, const GByteArray *npy)
{
  const guint32 at = out->len;

  put_u32 (out, 0x04034b50);
  put_common (out, npy, name);
  g_byte_array_append (out, (const guint8 *)name, strlen (name));
  g_byte_array_append (out, npy->data, npy->len);

  put_u32 (directory, 0x02014b50);
  put_u16 (directory, 20);
  put_common (directory, npy, name);
  put_u16 (directory, 0);
  put_u16 (directory, 0);
  put_u16 (directory, 0);
  put_u32 (directory, 0);
  put_u32 (directory, at);
  g_byte_array_append (directory, (const guint8 *)name, strlen (name));
}

GBytes *
exp_npz_write (guint n, const char *const *names, ExpArray *const *arrays, GError **error)
{
  g_autoptr (GByteArray) out = g_byte_array_new ();
  g_autoptr (GByteArray) directory = g_byte_array_new ();
  guint64 size = 0;

  for (guint i = 0; i < n; i++)
    size += (guint64)arrays[i]->n_elements * arrays[i]->dtype->size;
  if (size > MAX_ARCHIVE)
    {
      g_set_error (error, EXP_ERROR, EXP_ERROR_TOO_LARGE, "%" G_GUINT64_FORMAT " bytes are too much for one archive",
                   size);
      return NULL;
    }
  for (guint i = 0; i < n; i++)
    {
      g_autofree char *name = g_strconcat (names[i], ".npy", NULL);
      g_autoptr (GByteArray) npy = make_npy (arrays[i], error);

      if (npy == NULL)
        return NULL;
      put_member (out, directory, name, npy);
    }
  const guint32 at = out->len;
  g_byte_array_append (out, directory->data, directory->len);
  put_u32 (out, 0x06054b50);
  put_u16 (out, 0);
  put_u16 (out, 0);
  put_u16 (out, n);
  put_u16 (out, n);
  put_u32 (out, directory->len);
  put_u32 (out, at);
  put_u16 (out, 0);
  return g_byte_array_free_to_bytes (g_steal_pointer (&out));
}
