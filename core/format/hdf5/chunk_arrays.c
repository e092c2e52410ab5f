/* Chunks in a fixed array (a finite maximal shape) or an extensible array (one unlimited axis), in the latest format.
 * Knows nothing of the other kinds.
 * Called by chunk_index.c with a chunk's number along the array. */
#include "chunk_index_private.h"

/* More would not fit any file; keeps the shifts below defined. */
#define MAX_BITS 48

static gboolean
page_is_written (const guint8 *bits, guint64 page)
{
  return (bits[page / 8] & (0x80 >> (page % 8))) != 0;
}

/* The element at `n` of a page or block that starts at `address` and has `n_elements`, after `prefix` bytes. */
static gboolean
read_element (ExpChunkIndex *index, guint64 address, const char *signature, guint64 prefix, guint64 n_elements,
              guint element_size, guint64 n, ExpChunk *chunk, GError **error)
{
  g_autoptr (GBytes) block
      = exp_metadata_cache_get (index->blocks, address, prefix + n_elements * element_size + 4, signature, TRUE, error);
  gsize length;

  if (block == NULL)
    return FALSE;

  const guint8 *data = g_bytes_get_data (block, &length);
  ExpBytesCursor cursor = { data + prefix + n * element_size, data + length - 4, FALSE };
  return exp_chunk_element (index, &cursor, element_size, chunk, error);
}

gboolean
exp_chunk_find_fixed (ExpChunkIndex *index, guint64 n, ExpChunk *chunk, GError **error)
{
  const ExpChunkLayout *layout = &index->layout;
  guint64 header_size = 4 + 4 + layout->size_of_lengths + layout->size_of_offsets + 4;
  g_autoptr (GBytes) header = exp_metadata_cache_get (index->blocks, layout->address, header_size, "FAHD", TRUE, error);
  gsize length;

  if (header == NULL)
    return FALSE;

  const guint8 *data = g_bytes_get_data (header, &length);
  ExpBytesCursor cursor = { data + 6, data + length, FALSE };
  guint element_size = exp_cursor_uint (&cursor, 1);
  guint page_bits = exp_cursor_uint (&cursor, 1);
  guint64 n_elements = exp_cursor_uint (&cursor, layout->size_of_lengths);
  guint64 address = exp_cursor_address (&cursor, layout->size_of_offsets);
  guint64 prefix = 4 + 2 + layout->size_of_offsets;

  if (element_size < layout->size_of_offsets || page_bits > MAX_BITS || n_elements >> MAX_BITS != 0)
    return exp_metadata_cache_damaged (index->blocks, "the header of its fixed array", error);
  if (n >= n_elements || address == EXP_CHUNK_UNALLOCATED)
    return TRUE;

  guint64 page_elements = G_GUINT64_CONSTANT (1) << page_bits;
  if (n_elements <= page_elements)
    return read_element (index, address, "FADB", prefix, n_elements, element_size, n, chunk, error);

  guint64 n_pages = (n_elements + page_elements - 1) / page_elements, page = n / page_elements;
  guint64 bitmap = (n_pages + 7) / 8;
  g_autoptr (GBytes) head = exp_metadata_cache_get (index->blocks, address, prefix + bitmap + 4, "FADB", TRUE, error);
  if (head == NULL)
    return FALSE;
  if (!page_is_written ((const guint8 *)g_bytes_get_data (head, NULL) + prefix, page))
    return TRUE;
  return read_element (index, address + prefix + bitmap + 4 + page * (page_elements * element_size + 4), NULL, 0,
                       MIN (page_elements, n_elements - page * page_elements), element_size, n % page_elements, chunk,
                       error);
}

/* --- extensible array --------------------------------------------------------------------------------------- */

typedef struct
{
  guint element_size, max_bits, n_in_index_block, least_elements, least_pointers, page_bits;
  guint64 index_block;
  guint offset_bytes; /* width of a block's own offset */
} Extensible;

static gboolean
read_extensible_header (ExpChunkIndex *index, Extensible *array, GError **error)
{
  const ExpChunkLayout *layout = &index->layout;
  guint64 size = 4 + 2 + 6 + 6 * layout->size_of_lengths + layout->size_of_offsets + 4;
  g_autoptr (GBytes) header = exp_metadata_cache_get (index->blocks, layout->address, size, "EAHD", TRUE, error);
  gsize length;

  if (header == NULL)
    return FALSE;

  const guint8 *data = g_bytes_get_data (header, &length);
  ExpBytesCursor cursor = { data + 6, data + length, FALSE };
  array->element_size = exp_cursor_uint (&cursor, 1);
  array->max_bits = exp_cursor_uint (&cursor, 1);
  array->n_in_index_block = exp_cursor_uint (&cursor, 1);
  array->least_elements = exp_cursor_uint (&cursor, 1);
  array->least_pointers = exp_cursor_uint (&cursor, 1);
  array->page_bits = exp_cursor_uint (&cursor, 1);
  exp_cursor_skip (&cursor, 6 * layout->size_of_lengths);
  array->index_block = exp_cursor_address (&cursor, layout->size_of_offsets);
  array->offset_bytes = (array->max_bits + 7) / 8;
  if (array->element_size < layout->size_of_offsets || array->max_bits > 64 || array->least_elements == 0
      || array->least_pointers < 2 || array->page_bits > MAX_BITS || exp_log2 (array->least_elements) > array->max_bits
      || (array->least_elements & (array->least_elements - 1)) != 0
      || (array->least_pointers & (array->least_pointers - 1)) != 0)
    return exp_metadata_cache_damaged (index->blocks, "the header of its extensible array", error);
  return TRUE;
}

/* Element `n` of a data block of `n_elements`. With `page_bits` NULL the block is never paged. */
static gboolean
read_data_block (ExpChunkIndex *index, const Extensible *array, guint64 address, guint64 n_elements, guint64 n,
                 const guint8 *written, guint64 first_page, ExpChunk *chunk, GError **error)
{
  guint64 prefix = 4 + 2 + index->layout.size_of_offsets + array->offset_bytes;
  guint64 page_elements = G_GUINT64_CONSTANT (1) << array->page_bits;

  if (address == EXP_CHUNK_UNALLOCATED)
    return TRUE;
  if (n_elements <= page_elements || written == NULL)
    return read_element (index, address, "EADB", prefix, n_elements, array->element_size, n, chunk, error);

  guint64 page = n / page_elements;
  if (!page_is_written (written, first_page + page))
    return TRUE;
  return read_element (index, address + prefix + 4 + page * (page_elements * array->element_size + 4), NULL, 0,
                       page_elements, array->element_size, n % page_elements, chunk, error);
}

/* Element `n` of the super block `which`, which has 2^(which/2) data blocks. */
static gboolean
read_super_block (ExpChunkIndex *index, const Extensible *array, guint64 address, guint which, guint64 block_elements,
                  guint64 n, ExpChunk *chunk, GError **error)
{
  guint offsets = index->layout.size_of_offsets;
  guint64 n_blocks = G_GUINT64_CONSTANT (1) << (which / 2);
  guint64 page_elements = G_GUINT64_CONSTANT (1) << array->page_bits;
  guint64 n_pages = block_elements > page_elements ? block_elements / page_elements : 0;
  guint64 bitmap = n_blocks * ((n_pages + 7) / 8);
  guint64 prefix = 4 + 2 + offsets + array->offset_bytes;
  guint64 which_block = n / block_elements;

  if (address == EXP_CHUNK_UNALLOCATED)
    return TRUE;
  g_autoptr (GBytes) block
      = exp_metadata_cache_get (index->blocks, address, prefix + bitmap + n_blocks * offsets + 4, "EASB", TRUE, error);
  if (block == NULL)
    return FALSE;

  gsize length;
  const guint8 *data = g_bytes_get_data (block, &length);
  ExpBytesCursor cursor = { data + prefix + bitmap + which_block * offsets, data + length - 4, FALSE };
  guint64 data_block = exp_cursor_address (&cursor, offsets);
  if (cursor.is_short)
    return exp_metadata_cache_damaged (index->blocks, "a super block is too short", error);
  return read_data_block (index, array, data_block, block_elements, n % block_elements,
                          n_pages > 0 ? data + prefix : NULL, which_block * n_pages, chunk, error);
}

gboolean
exp_chunk_find_extensible (ExpChunkIndex *index, guint64 n, ExpChunk *chunk, GError **error)
{
  guint offsets = index->layout.size_of_offsets;
  Extensible array;

  if (!read_extensible_header (index, &array, error))
    return FALSE;
  if (array.index_block == EXP_CHUNK_UNALLOCATED)
    return TRUE;

  guint n_super = 1 + array.max_bits - exp_log2 (array.least_elements);
  guint n_direct = 2 * exp_log2 (array.least_pointers); /* super blocks whose data blocks the index block points at */
  guint64 n_blocks = 2 * ((guint64)array.least_pointers - 1);
  guint64 elements_at = 4 + 2 + offsets, blocks_at = elements_at + array.n_in_index_block * array.element_size;
  guint64 supers_at = blocks_at + n_blocks * offsets;
  guint64 size = supers_at + (n_super > n_direct ? n_super - n_direct : 0) * offsets + 4;
  g_autoptr (GBytes) block = exp_metadata_cache_get (index->blocks, array.index_block, size, "EAIB", TRUE, error);
  if (block == NULL)
    return FALSE;

  const guint8 *data = g_bytes_get_data (block, NULL);
  ExpBytesCursor cursor = { data + elements_at, data + size - 4, FALSE };
  if (n < array.n_in_index_block)
    {
      exp_cursor_skip (&cursor, n * array.element_size);
      return exp_chunk_element (index, &cursor, array.element_size, chunk, error);
    }

  /* Super block k holds 2^k times least_elements, so the ones before it hold 2^k - 1 times that. */
  n -= array.n_in_index_block;
  guint which = exp_log2 (n / array.least_elements + 1);
  if (which >= n_super || which > MAX_BITS)
    return TRUE;
  n -= ((G_GUINT64_CONSTANT (1) << which) - 1) * array.least_elements;
  guint64 block_elements = (G_GUINT64_CONSTANT (1) << ((which + 1) / 2)) * array.least_elements;

  if (which >= n_direct)
    {
      cursor.at = data + supers_at + (which - n_direct) * offsets;
      return read_super_block (index, &array, exp_cursor_address (&cursor, offsets), which, block_elements, n, chunk,
                               error);
    }

  /* Data blocks of the super blocks before: 2 * (2^(which/2) - 1), and once more 2^(which/2) for an odd one. */
  guint64 before
      = 2 * ((G_GUINT64_CONSTANT (1) << (which / 2)) - 1) + (which % 2 ? G_GUINT64_CONSTANT (1) << (which / 2) : 0);
  cursor.at = data + blocks_at + (before + n / block_elements) * offsets;
  return read_data_block (index, &array, exp_cursor_address (&cursor, offsets), block_elements, n % block_elements,
                          NULL, 0, chunk, error);
}
