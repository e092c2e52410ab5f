/* NPY headers: a magic, a length and a Python literal.
 * Knows nothing of elements; npy_dtype.c reads the type.
 * Called by npy.c when the first bytes of a file have come. */
#include "npy_header.h"
#include "expfs/error.h"
#include "literal.h"
#include <string.h>

/* A header longer than this describes no type that anybody has. */
#define MAX_HEADER (16 * 1024 * 1024)

void
exp_npy_header_clear (ExpNpyHeader *header)
{
  g_clear_pointer (&header->dtype, exp_dtype_unref);
}

gboolean
exp_npy_header_size (const guint8 *bytes, gsize n, gsize *size, GError **error)
{
  const gsize before = n > 6 && bytes[6] > 1 ? 12 : 10;

  if (memcmp (bytes, "\x93NUMPY", MIN (n, 6)) != 0 || (n > 6 && (bytes[6] < 1 || bytes[6] > 3))
      || (n > 7 && bytes[7] != 0))
    {
      g_set_error (error, EXP_ERROR, EXP_ERROR_INVALID, "no NPY file of version 1, 2 or 3 begins so");
      return FALSE;
    }
  *size = before;
  if (n < before)
    return TRUE;
  gsize length = 0;
  for (gsize i = before; i-- > 8;)
    length = length << 8 | bytes[i];
  *size = before + length;
  if (*size <= MAX_HEADER)
    return TRUE;
  g_set_error (error, EXP_ERROR, EXP_ERROR_TOO_LARGE, "the NPY header is too long");
  return FALSE;
}

static gboolean
take_entries (ExpLiteral *literal, ExpNpyHeader *header)
{
  gboolean has_order = FALSE, has_shape = FALSE, is_right = TRUE;

  if (!exp_literal_take (literal, '{'))
    return exp_literal_fail (literal, "dictionary");
  for (guint n = 0; exp_literal_next (literal, n, '}', &is_right); n++)
    {
      g_autofree char *key = exp_literal_take_string (literal);

      if (key == NULL || !exp_literal_take (literal, ':'))
        return exp_literal_fail (literal, "key");
      if (strcmp (key, "descr") == 0 && header->dtype == NULL)
        is_right = (header->dtype = exp_npy_take_dtype (literal)) != NULL;
      else if (strcmp (key, "fortran_order") == 0 && !has_order)
        is_right = has_order = exp_literal_take_bool (literal, &header->is_fortran);
      else if (strcmp (key, "shape") == 0 && !has_shape)
        is_right = has_shape
            = exp_literal_peek (literal) == '(' && exp_literal_take_shape (literal, &header->rank, header->shape);
      else
        is_right = FALSE;
      if (!is_right)
        return exp_literal_fail (literal, "known key");
    }
  return is_right
         && ((header->dtype != NULL && has_order && has_shape) || exp_literal_fail (literal, "descr, order or shape"));
}

static gboolean
parse (const guint8 *bytes, gsize n, gboolean has_moments, ExpNpyHeader *header, GError **error)
{
  g_autoptr (GError) reason = NULL;
  ExpLiteral literal = { .error = &reason, .has_moments = has_moments };

  memset (header, 0, sizeof *header);
  if (!exp_npy_header_size (bytes, n, &header->length, error))
    return FALSE;
  literal.at = (const char *)bytes + (bytes[6] > 1 ? 12 : 10);
  literal.end = (const char *)bytes + header->length;
  if (!take_entries (&literal, header))
    {
      exp_npy_header_clear (header);
      g_propagate_error (error, g_steal_pointer (&reason));
      return FALSE;
    }
  header->n_elements = 1;
  gboolean fits = TRUE;
  for (guint i = 0; i < header->rank; i++)
    fits = fits && g_uint64_checked_mul (&header->n_elements, header->n_elements, header->shape[i]);
  if (fits && g_uint64_checked_mul (&header->n_bytes, header->n_elements, header->dtype->size)
      && header->n_bytes < G_MAXINT64 - header->length)
    return TRUE;
  exp_npy_header_clear (header);
  g_set_error (error, EXP_ERROR, EXP_ERROR_TOO_LARGE, "the NPY header's shape has more bytes than a file can");
  return FALSE;
}

gboolean
exp_npy_header_parse (const guint8 *bytes, gsize n, ExpNpyHeader *header, GError **error)
{
  return parse (bytes, n, FALSE, header, error);
}

gboolean
exp_npy_header_parse_any (const guint8 *bytes, gsize n, ExpNpyHeader *header, GError **error)
{
  return parse (bytes, n, TRUE, header, error);
}
