/* NPY files: the header's dict and the bytes behind it.
 * Knows element types that are one number or one fixed text.
 * Called by npz.c. */
#include "expfs/error.h"
#include "npz.h"
#include <string.h>

/* The value of a key in the header, a Python literal: a pointer to its first character. */
static const char *
find_key (const char *header, const char *key)
{
  const char *at = strstr (header, key);

  if (at == NULL)
    return NULL;
  at += strlen (key);
  while (*at == ' ' || *at == ':')
    at++;
  return at;
}

/* '<f8', '|b1', '|S3': NULL for what is none of these. */
static ExpDtype *
parse_descr (const char *descr)
{
  guint64 size;
  gboolean big_endian;

  if (descr == NULL || descr[0] != '\'' || strchr ("<>|=", descr[1]) == NULL || descr[1] == '\0' || descr[2] == '\0')
    return NULL;
  big_endian = descr[1] == '>';
  size = g_ascii_strtoull (descr + 3, NULL, 10);
  return size > 0 ? exp_dtype_new_numpy (descr[2], size, big_endian) : NULL;
}

static gboolean
parse_shape (const char *text, guint *rank, guint64 *shape)
{
  *rank = 0;
  if (text == NULL || *text++ != '(')
    return FALSE;
  while (*text != ')')
    {
      char *end;

      if (*text == ' ' || *text == ',')
        {
          text++;
          continue;
        }
      if (!g_ascii_isdigit (*text) || *rank == EXP_MAX_RANK)
        return FALSE;
      shape[(*rank)++] = g_ascii_strtoull (text, &end, 10);
      text = end;
      if (*text == 'L')
        text++;
    }
  return TRUE;
}

ExpArray *
exp_npy_parse (const guint8 *bytes, gsize size, GError **error)
{
  guint64 shape[EXP_MAX_RANK];
  guint rank;
  gsize start, length, n_bytes;

  if (size < 12 || memcmp (bytes, "\x93NUMPY", 6) != 0 || bytes[6] < 1 || bytes[6] > 3)
    {
      g_set_error (error, EXP_ERROR, EXP_ERROR_DAMAGED, "not an array of NumPy");
      return NULL;
    }
  start = bytes[6] == 1 ? 10 : 12;
  length = bytes[8] | bytes[9] << 8;
  if (bytes[6] > 1)
    length |= (gsize)bytes[10] << 16 | (gsize)bytes[11] << 24;
  if (length > size - start)
    {
      g_set_error (error, EXP_ERROR, EXP_ERROR_DAMAGED, "the header of an array of NumPy is cut off");
      return NULL;
    }

  g_autofree char *header = g_strndup ((const char *)bytes + start, length);
  const char *order = find_key (header, "'fortran_order'");
  g_autoptr (ExpDtype) dtype = parse_descr (find_key (header, "'descr'"));
  gboolean has_shape = parse_shape (find_key (header, "'shape'"), &rank, shape);
  if (dtype == NULL || !has_shape || order == NULL || (*order == 'T' && rank > 1))
    {
      g_set_error (error, EXP_ERROR, EXP_ERROR_UNSUPPORTED, "an array of NumPy of a kind that is not read here");
      return NULL;
    }
  n_bytes = dtype->size;
  for (guint i = 0; i < rank; i++)
    if (!g_size_checked_mul (&n_bytes, n_bytes, shape[i]))
      n_bytes = G_MAXSIZE;
  if (n_bytes > size - start - length)
    {
      g_set_error (error, EXP_ERROR, EXP_ERROR_DAMAGED, "an array of NumPy is cut off");
      return NULL;
    }

  ExpArray *array = exp_array_new (dtype, rank, shape, error);
  if (array != NULL && array->n_elements > 0)
    memcpy (array->data, bytes + start + length, array->n_elements * dtype->size);
  return array;
}
