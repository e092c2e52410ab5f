/* Arrays and stored forms as text and back.
 * Knows types as JSON, deflate and base64; knows no pypet.
 * Called by form.c and write_form.c. */
#include "expfs/edit.h"
#include "form.h"
#include <libdeflate.h>
#include <string.h>

#define SIZE_BYTES 4 /* of the unpacked form, before the packed one */
#define LEVEL      6

/* Deflate cannot do better than this. */
#define MAX_RATIO 1040

static gboolean
fail (GError **error, int code, const char *why)
{
  g_set_error (error, EXP_ERROR, code, "a stored form %s", why);
  return FALSE;
}

/* Cells that are their bytes, and nothing else. */
static gboolean
is_flat (const ExpDtype *dtype)
{
  if (dtype->type == EXP_TYPE_VLEN || dtype->type == EXP_TYPE_VSTRING || dtype->type == EXP_TYPE_REFERENCE)
    return FALSE;
  if (dtype->base != NULL && !is_flat (dtype->base))
    return FALSE;
  for (guint i = 0; i < dtype->n_members; i++)
    if (!is_flat (dtype->members[i].dtype))
      return FALSE;
  return TRUE;
}

/* Bytes of one element of what a cell points to; 0 for cells that point to nothing or to what points further. */
static gsize
element_size (const ExpDtype *dtype)
{
  if (dtype->type == EXP_TYPE_VSTRING)
    return 1;
  return dtype->type == EXP_TYPE_VLEN && is_flat (dtype->base) ? dtype->base->size : 0;
}

static GBytes *
gather_cells (const ExpArray *array, gsize size)
{
  GByteArray *all = g_byte_array_new ();

  for (gsize i = 0; i < array->n_elements; i++)
    {
      const ExpVlen *cell = (const ExpVlen *)(array->data + i * array->dtype->size);
      guint32 length = (guint32)cell->length;

      g_byte_array_append (all, (const guint8 *)&length, sizeof length);
      if (length > 0)
        g_byte_array_append (all, cell->data, length * size);
    }
  return g_byte_array_free_to_bytes (all);
}

GVariant *
exp_form_pack_array (const ExpArray *array, GError **error)
{
  const ExpDtype *dtype = array->dtype;
  const gboolean is_null = array->rank == 0 && array->n_elements == 0, is_plain = is_flat (dtype);
  const gsize size = is_plain ? 0 : element_size (dtype);
  g_autofree char *json = exp_dtype_to_json (dtype);
  g_autoptr (GBytes) bytes = NULL;

  if ((!is_plain && size == 0) || json == NULL)
    {
      fail (error, EXP_ERROR_UNSUPPORTED, "has no cells that point to others");
      return NULL;
    }
  bytes = is_plain ? g_bytes_new (array->data, array->n_elements * dtype->size) : gather_cells (array, size);
  return g_variant_new ("(sb@at@ay)", json, is_null,
                        g_variant_new_fixed_array (G_VARIANT_TYPE_UINT64, array->shape, array->rank, sizeof (guint64)),
                        g_variant_new_from_bytes (G_VARIANT_TYPE_BYTESTRING, bytes, TRUE));
}

static gboolean
scatter_cells (ExpArray *array, const guint8 *data, gsize left, gsize size)
{
  for (gsize i = 0; i < array->n_elements; i++)
    {
      ExpVlen *cell = (ExpVlen *)(array->data + i * array->dtype->size);
      guint32 length;

      if (left < sizeof length)
        return FALSE;
      memcpy (&length, data, sizeof length);
      data += sizeof length;
      left -= sizeof length;
      if (length > left / size)
        return FALSE;
      cell->length = length;
      cell->data = length > 0 ? exp_array_allocate (array, length * size) : NULL;
      if (length > 0 && cell->data == NULL)
        return FALSE;
      if (length > 0)
        memcpy (cell->data, data, length * size);
      data += length * size;
      left -= length * size;
    }
  return left == 0;
}

/* Memory is asked for only as the bytes that are there have a right to. */
static gboolean
fits (gsize n_bytes, gsize rank, const guint64 *shape, gsize cell_size)
{
  gsize n = 1;

  for (gsize i = 0; i < rank; i++)
    if (shape[i] > G_MAXSIZE || !g_size_checked_mul (&n, n, (gsize)shape[i]))
      return FALSE;
  return n <= n_bytes / MAX (cell_size, 1);
}

ExpArray *
exp_form_unpack_array (GVariant *packed, GError **error)
{
  const char *json;
  gboolean is_null;
  g_autoptr (GVariant) shape_variant = NULL, data_variant = NULL;
  gsize rank, n_bytes;

  g_variant_get (packed, "(&sb@at@ay)", &json, &is_null, &shape_variant, &data_variant);
  const guint64 *shape = g_variant_get_fixed_array (shape_variant, &rank, sizeof (guint64));
  const guint8 *data = g_variant_get_fixed_array (data_variant, &n_bytes, 1);
  g_autoptr (ExpDtype) dtype = exp_dtype_from_json (json, strlen (json), error);
  if (dtype == NULL)
    return NULL;
  const gboolean is_plain = is_flat (dtype);
  const gsize size = is_plain ? 0 : element_size (dtype);
  if (rank > EXP_MAX_RANK || (is_null && rank > 0) || (!is_plain && size == 0)
      || (!is_null && !fits (n_bytes, rank, shape, is_plain ? dtype->size : sizeof (guint32))))
    {
      fail (error, EXP_ERROR_INVALID, "has an array that is none");
      return NULL;
    }
  g_autoptr (ExpArray) array = exp_array_new (dtype, (guint)rank, shape, error);
  if (array == NULL)
    return NULL;
  if (is_null)
    array->n_elements = 0;
  if (is_plain ? n_bytes != array->n_elements * dtype->size : !scatter_cells (array, data, n_bytes, size))
    {
      fail (error, EXP_ERROR_INVALID, "has an array of another size");
      return NULL;
    }
  if (is_plain && n_bytes > 0)
    memcpy (array->data, data, n_bytes);
  return g_steal_pointer (&array);
}

/* --- as text ------------------------------------------------------------------------------------------------ */

char *
exp_form_to_text (GVariant *form, GError **error)
{
  const gsize size = g_variant_get_size (form);
  struct libdeflate_compressor *compressor = size <= EXP_FORM_MAX ? libdeflate_alloc_compressor (LEVEL) : NULL;
  gsize room = compressor != NULL ? libdeflate_deflate_compress_bound (compressor, size) : 0;
  g_autofree guint8 *packed = compressor != NULL ? g_try_malloc (SIZE_BYTES + room) : NULL;
  guint32 stored_size = GUINT32_TO_LE ((guint32)size);

  if (packed != NULL)
    {
      memcpy (packed, &stored_size, SIZE_BYTES);
      room = libdeflate_deflate_compress (compressor, g_variant_get_data (form), size, packed + SIZE_BYTES, room);
    }
  if (compressor != NULL)
    libdeflate_free_compressor (compressor);
  if (packed != NULL && room > 0)
    return g_base64_encode (packed, SIZE_BYTES + room);
  fail (error, EXP_ERROR_TOO_LARGE, "is too large");
  return NULL;
}

static GBytes *
inflate (const guint8 *packed, gsize packed_size, GError **error)
{
  guint32 size;

  if (packed_size <= SIZE_BYTES)
    {
      fail (error, EXP_ERROR_INVALID, "has an end too early");
      return NULL;
    }
  memcpy (&size, packed, SIZE_BYTES);
  size = GUINT32_FROM_LE (size);
  struct libdeflate_decompressor *decompressor = libdeflate_alloc_decompressor ();
  const gboolean may_be = size <= EXP_FORM_MAX && size <= (packed_size - SIZE_BYTES) * MAX_RATIO + 64;
  guint8 *data = may_be && decompressor != NULL ? g_try_malloc (MAX (size, 1)) : NULL;
  const gboolean is_whole
      = data != NULL
        && libdeflate_deflate_decompress (decompressor, packed + SIZE_BYTES, packed_size - SIZE_BYTES, data, size, NULL)
               == LIBDEFLATE_SUCCESS;
  if (decompressor != NULL)
    libdeflate_free_decompressor (decompressor);
  if (is_whole)
    return g_bytes_new_take (data, size);
  g_free (data);
  fail (error, EXP_ERROR_INVALID, "is damaged");
  return NULL;
}

GVariant *
exp_form_from_text (const char *text, GError **error)
{
  gsize packed_size;
  g_autofree guint8 *packed = g_base64_decode (text, &packed_size);
  g_autoptr (GBytes) bytes = inflate (packed, packed_size, error);

  if (bytes == NULL)
    return NULL;
  g_autoptr (GVariant) form = g_variant_ref_sink (g_variant_new_from_bytes (G_VARIANT_TYPE (EXP_FORM), bytes, FALSE));
  if (g_variant_is_normal_form (form))
    return g_steal_pointer (&form);
  fail (error, EXP_ERROR_INVALID, "is damaged");
  return NULL;
}
