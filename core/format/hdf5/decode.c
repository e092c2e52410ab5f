/* Turns stored bytes into cells, and follows lengths and addresses into the heaps.
 * Knows no HDF5 identifiers.
 * Called by read.c and attribute.c with the bytes that HDF5 or the source delivered. */
#include "decode.h"
#include "heap.h"
#include "reference.h"
#include <string.h>

/* Cells that share an object of the heap share its decoded form, or a small file could ask for any amount of memory. */
#define SHARED_MIN 256

typedef struct
{
  guint64 address;
  guint64 index;
  const ExpStoredType *type;
  ExpVlen cell;
} Shared;

typedef struct
{
  ExpHdf5File *file;
  ExpArray *array;
  ExpHdf5Heap *heap;
  GHashTable *shared; /* a set of Shared */
} Decoder;

static gboolean
decode (Decoder *decoder, const ExpStoredType *type, const guint8 *stored, gsize n, guint8 *cells, GError **error);

static guint
shared_hash (gconstpointer data)
{
  const Shared *shared = data;

  return g_int64_hash (&shared->address) * 31 + (guint)shared->index;
}

static gboolean
shared_equal (gconstpointer a, gconstpointer b)
{
  const Shared *left = a, *right = b;

  return left->address == right->address && left->index == right->index && left->type == right->type;
}

static gpointer
allocate (Decoder *decoder, gsize size, GError **error)
{
  gpointer data = exp_array_allocate (decoder->array, size);

  if (data == NULL)
    g_set_error (error, EXP_ERROR, EXP_ERROR_NO_MEMORY, "no memory for %" G_GSIZE_FORMAT " bytes", size);
  return data;
}

static gboolean
set_text (Decoder *decoder, const char *text, gsize length, guint8 *cell, GError **error)
{
  ExpVlen vlen = { length, allocate (decoder, length, error) };

  if (vlen.data == NULL)
    return FALSE;
  memcpy (vlen.data, text, length);
  memcpy (cell, &vlen, sizeof vlen);
  return TRUE;
}

/* `length` elements at `bytes` into a cell of a VLEN or VSTRING type. */
static gboolean
set_cell (Decoder *decoder, const ExpStoredType *type, const guint8 *bytes, gsize length, ExpVlen *cell, GError **error)
{
  gsize size;

  if (type->kind == EXP_STORED_VSTRING)
    {
      length = strnlen ((const char *)bytes, length);
      cell->data = allocate (decoder, length, error);
      if (cell->data == NULL)
        return FALSE;
      memcpy (cell->data, bytes, length);
      cell->length = length;
      return TRUE;
    }
  if (!g_size_checked_mul (&size, length, type->base->dtype->size))
    {
      g_set_error (error, EXP_ERROR, EXP_ERROR_DAMAGED, "a variable-length cell is too long");
      return FALSE;
    }
  cell->data = allocate (decoder, size, error);
  cell->length = length;
  return cell->data != NULL && decode (decoder, type->base, bytes, length, cell->data, error);
}

static const guint8 *
heap_get (Decoder *decoder, guint64 address, guint32 index, gsize *size, GBytes **keep, GError **error)
{
  if (decoder->heap == NULL)
    decoder->heap = exp_hdf5_heap_new (decoder->file);
  return exp_hdf5_heap_get (decoder->heap, address, index, size, keep, error);
}

static gboolean
decode_in_file (Decoder *decoder, const ExpStoredType *type, const guint8 *stored, guint8 *cell, GError **error)
{
  const guint sizeof_address = decoder->file->sizeof_address;
  guint64 length = exp_hdf5_decode_uint (stored, 4);
  Shared key = { .address = exp_hdf5_decode_uint (stored + 4, sizeof_address),
                 .index = exp_hdf5_decode_uint (stored + 4 + sizeof_address, 4),
                 .type = type };
  gsize element = type->kind == EXP_STORED_VLEN ? type->base->stored_size : 1, size;
  g_autoptr (GBytes) keep = NULL;

  if (length == 0 || key.address == 0)
    return TRUE; /* the cell is zeroed */

  gboolean may_share = length * element >= SHARED_MIN || (type->base != NULL && type->base->kind != EXP_STORED_PLAIN);
  const Shared *known = may_share && decoder->shared != NULL ? g_hash_table_lookup (decoder->shared, &key) : NULL;
  if (known != NULL)
    {
      memcpy (cell, &known->cell, sizeof known->cell);
      return TRUE;
    }

  const guint8 *bytes = heap_get (decoder, key.address, key.index, &size, &keep, error);
  if (bytes == NULL)
    return FALSE;
  if (length > size / element)
    {
      g_set_error (error, EXP_ERROR, EXP_ERROR_DAMAGED, "a variable-length cell is longer than what the heap holds");
      return FALSE;
    }
  if (!set_cell (decoder, type, bytes, length, &key.cell, error))
    return FALSE;
  memcpy (cell, &key.cell, sizeof key.cell);
  if (may_share)
    {
      if (decoder->shared == NULL)
        decoder->shared = g_hash_table_new_full (shared_hash, shared_equal, g_free, NULL);
      g_hash_table_add (decoder->shared, g_memdup2 (&key, sizeof key));
    }
  return TRUE;
}

static gboolean
decode_in_memory (Decoder *decoder, const ExpStoredType *type, const guint8 *stored, guint8 *cell, GError **error)
{
  hvl_t vlen = { 0, NULL };
  ExpVlen decoded = { 0, NULL };

  if (type->kind == EXP_STORED_VSTRING)
    {
      memcpy (&vlen.p, stored, sizeof vlen.p);
      vlen.len = vlen.p != NULL ? strlen (vlen.p) : 0;
    }
  else
    memcpy (&vlen, stored, sizeof vlen);
  if (vlen.len == 0 || vlen.p == NULL)
    return TRUE;
  if (!set_cell (decoder, type, vlen.p, vlen.len, &decoded, error))
    return FALSE;
  memcpy (cell, &decoded, sizeof decoded);
  return TRUE;
}

static gboolean
decode_reference (Decoder *decoder, const ExpStoredType *type, const guint8 *stored, guint8 *cell, GError **error)
{
  const guint sizeof_address = decoder->file->sizeof_address;
  guint64 address = exp_hdf5_decode_uint (stored, sizeof_address);
  g_autoptr (GString) text = g_string_new (NULL);
  g_autoptr (GBytes) keep = NULL;
  gsize size;

  if (address == 0 || address == exp_hdf5_undefined (sizeof_address))
    return TRUE;
  if (type->kind == EXP_STORED_OBJECT_REF)
    exp_hdf5_append_path (decoder->file, address, text);
  else
    {
      const guint8 *region
          = heap_get (decoder, address, exp_hdf5_decode_uint (stored + sizeof_address, 4), &size, &keep, error);
      if (region == NULL || !exp_hdf5_append_region (decoder->file, region, size, text, error))
        return FALSE;
    }
  return set_text (decoder, text->str, text->len, cell, error);
}

static gboolean
decode_cell (Decoder *decoder, const ExpStoredType *type, const guint8 *stored, guint8 *cell, GError **error)
{
  switch (type->kind)
    {
    case EXP_STORED_NUMBER:
      exp_stored_number_decode (&type->number, stored, type->dtype->size, cell);
      return TRUE;
    case EXP_STORED_COMPOUND:
      for (guint i = 0; i < type->n_members; i++)
        if (!decode (decoder, type->members[i].type, stored + type->members[i].stored_offset, 1,
                     cell + type->members[i].offset, error))
          return FALSE;
      return TRUE;
    case EXP_STORED_VLEN:
    case EXP_STORED_VSTRING:
      return type->cells == EXP_CELLS_IN_MEMORY ? decode_in_memory (decoder, type, stored, cell, error)
                                                : decode_in_file (decoder, type, stored, cell, error);
    default:
      return decode_reference (decoder, type, stored, cell, error);
    }
}

static gboolean
decode (Decoder *decoder, const ExpStoredType *type, const guint8 *stored, gsize n, guint8 *cells, GError **error)
{
  if (type->kind == EXP_STORED_PLAIN)
    {
      memcpy (cells, stored, n * type->stored_size);
      return TRUE;
    }
  if (type->kind == EXP_STORED_ARRAY)
    return decode (decoder, type->base, stored, n * type->n, cells, error);
  for (gsize i = 0; i < n; i++, stored += type->stored_size, cells += type->dtype->size)
    if (!decode_cell (decoder, type, stored, cells, error))
      return FALSE;
  return TRUE;
}

gboolean
exp_hdf5_decode (ExpHdf5File *file, const ExpStoredType *type, const guint8 *stored, gsize n, ExpArray *array,
                 GError **error)
{
  Decoder decoder = { file, array, NULL, NULL };
  gboolean is_decoded = decode (&decoder, type, stored, n, array->data, error);

  g_clear_pointer (&decoder.heap, exp_hdf5_heap_free);
  g_clear_pointer (&decoder.shared, g_hash_table_unref);
  return is_decoded;
}
