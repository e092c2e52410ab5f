/* Finds objects in fractal heaps.
 * Knows neither links nor attributes.
 * Called by dense_links.c. */
#include "fractal_heap.h"
#include "btree2.h"
#include <string.h>

/* A block is read whole to verify its checksum; the library's own have 64 KiB. */
#define MAX_BLOCK  (16 * 1024 * 1024)
#define MAX_OBJECT (64 * 1024 * 1024)

enum
{
  MANAGED = 0,
  HUGE_OBJECT = 1,
  TINY = 2,
};

static gboolean
damaged (const ExpFractalHeap *heap, const char *what, GError **error)
{
  return exp_metadata_cache_damaged (heap->blocks, what, error);
}

static gboolean
is_power_of_two (guint64 n)
{
  return n != 0 && (n & (n - 1)) == 0;
}

/* Of the header's fields, those that are of use here, behind signature and version. */
static gboolean
parse_header (ExpFractalHeap *heap, ExpBytesCursor *cursor, guint64 *max_direct)
{
  const guint address = heap->blocks->sizeof_address, size = heap->blocks->sizeof_size;

  heap->id_length = exp_cursor_uint (cursor, 2);
  gboolean is_filtered = exp_cursor_uint (cursor, 2) != 0;
  heap->has_checksums = (exp_cursor_uint (cursor, 1) & 2) != 0;
  heap->max_managed = exp_cursor_uint (cursor, 4);
  exp_cursor_skip (cursor, size); /* the next huge object's number */
  heap->huge_tree = exp_cursor_address (cursor, address);
  exp_cursor_skip (cursor, size + address + 8 * size); /* free space, and statistics */
  heap->width = exp_cursor_uint (cursor, 2);
  heap->start_size = exp_cursor_uint (cursor, size);
  *max_direct = exp_cursor_uint (cursor, size);
  heap->max_bits = exp_cursor_uint (cursor, 2);
  exp_cursor_skip (cursor, 2);
  heap->root = exp_cursor_address (cursor, address);
  heap->n_root_rows = exp_cursor_uint (cursor, 2);
  return !is_filtered;
}

/* What follows from the header's numbers; FALSE when they cannot be. */
static gboolean
measure (ExpFractalHeap *heap, guint64 max_direct)
{
  if (!is_power_of_two (heap->width) || !is_power_of_two (heap->start_size) || !is_power_of_two (max_direct)
      || max_direct < heap->start_size || max_direct > G_GUINT64_CONSTANT (1) << 31 || heap->max_managed > max_direct
      || heap->max_bits > 64)
    return FALSE;

  guint first_bits = exp_log2 (heap->width) + exp_log2 (heap->start_size), direct_bits = exp_log2 (max_direct);
  if (first_bits > heap->max_bits)
    return FALSE;
  heap->n_direct_rows = direct_bits - exp_log2 (heap->start_size) + 2;
  heap->offset_bytes = (heap->max_bits + 7) / 8;
  heap->length_bytes = MIN ((direct_bits + 7) / 8, exp_log2 (heap->max_managed) / 8 + 1);
  return heap->n_root_rows <= heap->max_bits - first_bits + 1
         && heap->id_length > heap->offset_bytes + heap->length_bytes;
}

gboolean
exp_fractal_heap_open (ExpFractalHeap *heap, ExpMetadataCache *blocks, guint64 address, GError **error)
{
  guint64 size = 26 + 12 * blocks->sizeof_size + 3 * blocks->sizeof_address, max_direct;
  g_autoptr (GBytes) start = exp_metadata_cache_get_start (blocks, address, 9, size, "FRHP", error);

  if (start == NULL)
    return FALSE;

  const guint8 *data = g_bytes_get_data (start, NULL);
  gboolean is_known = data[4] == 0;
  if (!is_known || data[7] != 0 || data[8] != 0)
    {
      g_set_error (error, EXP_ERROR, is_known ? EXP_ERROR_UNSUPPORTED : EXP_ERROR_VERSION,
                   is_known ? "a heap with filters" : "a heap of another version");
      return FALSE;
    }
  g_autoptr (GBytes) block = exp_metadata_cache_get (blocks, address, size, "FRHP", TRUE, error);
  if (block == NULL)
    return FALSE;

  data = g_bytes_get_data (block, NULL);
  ExpBytesCursor cursor = { data + 5, data + size, FALSE };
  memset (heap, 0, sizeof *heap);
  heap->blocks = blocks;
  heap->address = address;
  return (parse_header (heap, &cursor, &max_direct) && measure (heap, max_direct))
         || damaged (heap, "the header of its heap", error);
}

/* Bytes of a block in that row, and of all rows before it. */
static guint64
row_size (const ExpFractalHeap *heap, guint row)
{
  return row == 0 ? heap->start_size : heap->start_size << (row - 1);
}

static guint64
row_start (const ExpFractalHeap *heap, guint row)
{
  return row == 0 ? 0 : (heap->start_size * heap->width) << (row - 1);
}

/* The row that holds `offset`. */
static guint
row_of (const ExpFractalHeap *heap, guint64 offset)
{
  const guint64 first = heap->start_size * heap->width;

  return offset < first ? 0 : exp_log2 (offset) - exp_log2 (first) + 1;
}

/* A block, which says whose it is and where in the heap. */
static GBytes *
read_block (const ExpFractalHeap *heap, guint64 address, guint64 size, guint64 start, const char *signature,
            gsize sum_at, GError **error)
{
  g_autoptr (GBytes) block = exp_metadata_cache_get_summed (heap->blocks, address, size, signature, sum_at, error);

  if (block == NULL)
    return NULL;

  const guint8 *data = g_bytes_get_data (block, NULL);
  ExpBytesCursor cursor = { data + 5, data + size, FALSE };
  guint64 owner = exp_cursor_address (&cursor, heap->blocks->sizeof_address);
  guint64 at = exp_cursor_uint (&cursor, heap->offset_bytes);
  if (data[4] == 0 && owner == heap->address && at == start && !cursor.is_short)
    return g_steal_pointer (&block);
  damaged (heap, "a block of its heap is of another place", error);
  return NULL;
}

/* A block in the table that is being descended. */
typedef struct
{
  guint64 address;
  guint64 start, size; /* in the heap */
  guint n_rows;        /* of a block of blocks */
} Place;

/* From a block of blocks to the child that holds `offset`. */
static gboolean
descend (const ExpFractalHeap *heap, Place *place, guint64 offset, GError **error)
{
  const guint width = heap->blocks->sizeof_address;
  guint64 prefix = 5 + width + heap->offset_bytes, size = prefix + place->n_rows * heap->width * width;
  g_autoptr (GBytes) block = read_block (heap, place->address, size + 4, place->start, "FHIB", size, error);

  if (block == NULL)
    return FALSE;

  guint64 inside = offset - place->start;
  guint row = row_of (heap, inside);
  if (row >= place->n_rows)
    return damaged (heap, "an object lies past the end of its heap", error);

  guint64 column = (inside - row_start (heap, row)) / row_size (heap, row);
  const guint8 *at = (const guint8 *)g_bytes_get_data (block, NULL) + prefix + (row * heap->width + column) * width;
  ExpBytesCursor cursor = { at, at + width, FALSE };
  place->address = exp_cursor_address (&cursor, width);
  place->start += row_start (heap, row) + column * row_size (heap, row);
  place->size = row_size (heap, row);
  place->n_rows = 0;
  if (row < heap->n_direct_rows)
    return TRUE;
  /* Fewer than here, so that the descent ends; such a block's rows hold as much as it has room in the heap. */
  place->n_rows = row - MIN (row, exp_log2 (heap->width));
  return place->n_rows > 0 || damaged (heap, "the table of its heap is too wide", error);
}

static GBytes *
get_managed (const ExpFractalHeap *heap, ExpBytesCursor *cursor, GError **error)
{
  guint64 offset = exp_cursor_uint (cursor, heap->offset_bytes), length = exp_cursor_uint (cursor, heap->length_bytes);
  gsize sum_at = 5 + heap->blocks->sizeof_address + heap->offset_bytes;
  Place place = { heap->root, 0, heap->start_size, heap->n_root_rows };

  while (place.n_rows > 0)
    if (!descend (heap, &place, offset, error))
      return NULL;

  guint64 inside = offset - place.start;
  if (inside < sum_at + (heap->has_checksums ? 4 : 0) || inside > place.size || length > place.size - inside)
    {
      damaged (heap, "an object lies outside of its heap's blocks", error);
      return NULL;
    }
  if (place.size > MAX_BLOCK)
    {
      g_set_error (error, EXP_ERROR, EXP_ERROR_UNSUPPORTED, "a heap with blocks of %" G_GUINT64_FORMAT " bytes",
                   place.size);
      return NULL;
    }
  g_autoptr (GBytes) block
      = read_block (heap, place.address, place.size, place.start, "FHDB", heap->has_checksums ? sum_at : 0, error);
  return block != NULL ? g_bytes_new_from_bytes (block, inside, length) : NULL;
}

/* --- objects too large for a block -------------------------------------------------------------------------- */

typedef struct
{
  const ExpFractalHeap *heap;
  guint64 number; /* of the object that is sought */
  guint64 address, length;
  gboolean is_found;
} HugeSearch;

/* Records of type 1: address, length, number. */
static int
compare_huge (const guint8 *record, gpointer data)
{
  HugeSearch *search = data;
  const ExpMetadataCache *blocks = search->heap->blocks;
  ExpBytesCursor cursor = { record, record + blocks->sizeof_address + 2 * blocks->sizeof_size, FALSE };
  guint64 address = exp_cursor_address (&cursor, blocks->sizeof_address);
  guint64 length = exp_cursor_uint (&cursor, blocks->sizeof_size);
  guint64 number = exp_cursor_uint (&cursor, blocks->sizeof_size);

  if (number != search->number)
    return number < search->number ? -1 : 1;
  search->address = address;
  search->length = length;
  search->is_found = TRUE;
  return 0;
}

static gboolean
find_huge (HugeSearch *search, GError **error)
{
  const ExpFractalHeap *heap = search->heap;
  ExpBtree2 tree;

  if (!exp_btree2_open (&tree, heap->blocks, heap->huge_tree, error))
    return FALSE;
  if (tree.type != 1 || tree.record_size != heap->blocks->sizeof_address + 2 * heap->blocks->sizeof_size)
    return damaged (heap, "the index of its large objects", error);
  return exp_btree2_find (&tree, compare_huge, search, error)
         && (search->is_found || damaged (heap, "a large object is missing", error));
}

static GBytes *
get_huge (const ExpFractalHeap *heap, ExpBytesCursor *cursor, GError **error)
{
  const guint address_width = heap->blocks->sizeof_address, size_width = heap->blocks->sizeof_size;
  HugeSearch search = { .heap = heap };
  guint64 at, file_size;

  if (heap->id_length > address_width + size_width) /* the identifier has room to say it itself */
    {
      search.address = exp_cursor_address (cursor, address_width);
      search.length = exp_cursor_uint (cursor, size_width);
    }
  else
    {
      search.number = exp_cursor_uint (cursor, MIN (heap->id_length - 1, sizeof search.number));
      if (!find_huge (&search, error))
        return NULL;
    }
  if (!exp_source_size (heap->blocks->source, &file_size, error))
    return NULL;
  if (!g_uint64_checked_add (&at, search.address, heap->blocks->base) || at > file_size
      || search.length > MIN (MAX_OBJECT, file_size - at))
    {
      damaged (heap, "a large object lies outside the file", error);
      return NULL;
    }

  g_autofree guint8 *bytes = g_try_malloc (MAX (search.length, 1));
  if (bytes == NULL)
    {
      g_set_error (error, EXP_ERROR, EXP_ERROR_NO_MEMORY, "no memory for a large object of the %s", heap->blocks->name);
      return NULL;
    }
  if (!exp_source_pread (heap->blocks->source, at, search.length, bytes, error))
    return NULL;
  return g_bytes_new_take (g_steal_pointer (&bytes), search.length);
}

/* In the identifier itself. A long one has the length in twelve bits, a short one in four. */
static GBytes *
get_tiny (const ExpFractalHeap *heap, const guint8 *id, GError **error)
{
  gboolean is_long = heap->id_length - 1 > 16;
  gsize length = 1 + (is_long ? (id[0] & 15) << 8 | id[1] : id[0] & 15), start = is_long ? 2 : 1;

  if (length > heap->id_length - start)
    {
      damaged (heap, "a small object is longer than what holds it", error);
      return NULL;
    }
  return g_bytes_new (id + start, length);
}

GBytes *
exp_fractal_heap_get (const ExpFractalHeap *heap, const guint8 *id, GError **error)
{
  ExpBytesCursor cursor = { id + 1, id + heap->id_length, FALSE };

  switch (id[0] >> 4)
    {
    case MANAGED:
      return get_managed (heap, &cursor, error);
    case HUGE_OBJECT:
      return get_huge (heap, &cursor, error);
    case TINY:
      return get_tiny (heap, id, error);
    default:
      damaged (heap, "an object of an unknown kind", error);
      return NULL;
    }
}

guint64
exp_fractal_heap_place (const ExpFractalHeap *heap, const guint8 *id, guint64 *size)
{
  ExpBytesCursor cursor = { id + 1, id + heap->id_length, FALSE };

  *size = id[0] >> 4 == TINY ? heap->id_length : MAX_OBJECT;
  if (id[0] >> 4 != MANAGED)
    return 0;
  guint64 offset = exp_cursor_uint (&cursor, heap->offset_bytes);
  *size = exp_cursor_uint (&cursor, heap->length_bytes);
  return offset;
}
