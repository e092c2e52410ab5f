/* Reads global heap collections from the source and checks every length in them.
 * Knows no types.
 * Called by decode.c. */
#include "heap.h"
#include <string.h>

#define MAX_HELD (32 * 1024 * 1024)

typedef struct
{
  GBytes *bytes;
  GHashTable *objects; /* index -> offset of its header */
} Collection;

struct _ExpHdf5Heap
{
  ExpHdf5File *file;       /* borrowed */
  GHashTable *collections; /* guint64 address -> Collection */
  gsize held;
};

static void
collection_free (gpointer data)
{
  Collection *collection = data;

  g_bytes_unref (collection->bytes);
  g_hash_table_unref (collection->objects);
  g_free (collection);
}

ExpHdf5Heap *
exp_hdf5_heap_new (ExpHdf5File *file)
{
  ExpHdf5Heap *heap = g_new0 (ExpHdf5Heap, 1);

  heap->file = file;
  heap->collections = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, collection_free);
  return heap;
}

void
exp_hdf5_heap_free (ExpHdf5Heap *heap)
{
  g_hash_table_unref (heap->collections);
  g_free (heap);
}

static void
damaged (GError **error, guint64 address)
{
  g_set_error (error, EXP_ERROR, EXP_ERROR_DAMAGED, "the heap at %" G_GUINT64_FORMAT " is damaged", address);
}

/* The offsets of the objects in a collection of `size` bytes. Index 0 is the free space and ends it. */
static GHashTable *
index_objects (const guint8 *bytes, gsize size, guint sizeof_size)
{
  GHashTable *objects = g_hash_table_new (NULL, NULL);
  const gsize header = 8 + sizeof_size;

  for (gsize at = header; at + header <= size;)
    {
      guint index = bytes[at] | bytes[at + 1] << 8;
      guint64 length = exp_hdf5_decode_uint (bytes + at + 8, sizeof_size);

      if (index == 0 || length > size - at - header)
        break;
      g_hash_table_insert (objects, GUINT_TO_POINTER (index), GSIZE_TO_POINTER (at));
      at += header + ((length + 7) & ~(guint64)7);
    }
  return objects;
}

static Collection *
load (ExpHdf5Heap *heap, guint64 address, GError **error)
{
  const guint sizeof_size = heap->file->sizeof_size;
  guint8 header[16];
  guint64 at, file_size;

  if (!g_uint64_checked_add (&at, address, heap->file->base))
    {
      damaged (error, address);
      return NULL;
    }
  if (!exp_source_pread (heap->file->source, at, 8 + sizeof_size, header, error))
    {
      g_prefix_error (error, "the heap at %" G_GUINT64_FORMAT ": ", address);
      return NULL;
    }

  guint64 size = exp_hdf5_decode_uint (header + 8, sizeof_size);
  if (memcmp (header, "GCOL\1", 5) != 0 || size < 8 + sizeof_size
      || !exp_source_size (heap->file->source, &file_size, NULL) || at > file_size || size > file_size - at)
    {
      damaged (error, address);
      return NULL;
    }
  guint8 *bytes = g_try_malloc (size);
  if (bytes == NULL)
    {
      g_set_error (error, EXP_ERROR, EXP_ERROR_NO_MEMORY, "no memory for a heap of %" G_GUINT64_FORMAT " bytes", size);
      return NULL;
    }
  if (!exp_source_pread (heap->file->source, at, size, bytes, error))
    {
      g_free (bytes);
      return NULL;
    }

  Collection *collection = g_new (Collection, 1);
  collection->objects = index_objects (bytes, size, sizeof_size);
  collection->bytes = g_bytes_new_take (bytes, size);
  if (heap->held + size > MAX_HELD)
    {
      g_hash_table_remove_all (heap->collections);
      heap->held = 0;
    }
  heap->held += size;
  g_hash_table_insert (heap->collections, g_memdup2 (&address, sizeof address), collection);
  return collection;
}

const guint8 *
exp_hdf5_heap_get (ExpHdf5Heap *heap, guint64 address, guint32 index, gsize *size, GBytes **keep, GError **error)
{
  Collection *collection = g_hash_table_lookup (heap->collections, &address);
  gpointer offset;

  if (collection == NULL)
    collection = load (heap, address, error);
  if (collection == NULL)
    return NULL;
  if (index == 0 || !g_hash_table_lookup_extended (collection->objects, GUINT_TO_POINTER (index), NULL, &offset))
    {
      g_set_error (error, EXP_ERROR, EXP_ERROR_DAMAGED,
                   "the heap at %" G_GUINT64_FORMAT " has no object %" G_GUINT32_FORMAT, address, index);
      return NULL;
    }

  const guint8 *bytes = g_bytes_get_data (collection->bytes, NULL);
  *size = exp_hdf5_decode_uint (bytes + GPOINTER_TO_SIZE (offset) + 8, heap->file->sizeof_size);
  *keep = g_bytes_ref (collection->bytes);
  return bytes + GPOINTER_TO_SIZE (offset) + 8 + heap->file->sizeof_size;
}

static gboolean
is_sound (const guint8 *bytes, gsize size, guint sizeof_size, guint32 index, guint64 most)
{
  const gsize header = 8 + sizeof_size;
  gsize at = header;

  while (at + header <= size)
    {
      guint found = bytes[at] | bytes[at + 1] << 8;
      guint64 length = exp_hdf5_decode_uint (bytes + at + 8, sizeof_size);

      if (length > size - at || (found == 0 && length < header) || (found == index && length > most))
        return FALSE;
      at += found == 0 ? length : header + ((length + 7) & ~(guint64)7); /* free space counts its header */
    }
  return at <= size;
}

gboolean
exp_hdf5_heap_is_sound (ExpHdf5File *file, guint64 address, guint32 index, guint64 most)
{
  const guint sizeof_size = file->sizeof_size;
  guint8 header[16];
  guint64 at, file_size;

  if (!exp_source_size (file->source, &file_size, NULL) || !g_uint64_checked_add (&at, address, file->base)
      || at > file_size || file_size - at < sizeof header || !exp_source_pread (file->source, at, 16, header, NULL)
      || memcmp (header, "GCOL\1", 5) != 0)
    return TRUE;

  guint64 size = exp_hdf5_decode_uint (header + 8, sizeof_size);
  g_autofree guint8 *bytes = size <= file_size - at ? g_try_malloc (MAX (size, 1)) : NULL;
  return bytes != NULL && exp_source_pread (file->source, at, size, bytes, NULL)
         && is_sound (bytes, size, sizeof_size, index, most);
}
