/* Reads global heap collections from the source and checks every length in them.
 * Knows no types.
 * Called by decode.c. */
#include "heap.h"
#include <string.h>

#define MAX_HELD (32 * 1024 * 1024)

/* HDF5 makes collections of 4 KiB unless an object is larger. */
#define N_RECENT   256
#define MAX_RECENT (16 * 1024)

typedef struct
{
  guint index;
  gsize at; /* where its header starts */
} Object;

/* Immutable once loaded. */
typedef struct
{
  gatomicrefcount references;
  GBytes *bytes;
  GArray *objects; /* Object, by index */
} Collection;

struct _ExpHdf5Heap
{
  ExpHdf5File *file;       /* borrowed */
  GHashTable *collections; /* guint64 address -> Collection */
  gsize held;
};

static gpointer
collection_ref (gpointer data)
{
  g_atomic_ref_count_inc (&((Collection *)data)->references);
  return data;
}

static void
collection_unref (gpointer data)
{
  Collection *collection = data;

  if (!g_atomic_ref_count_dec (&collection->references))
    return;
  g_bytes_unref (collection->bytes);
  g_array_unref (collection->objects);
  g_free (collection);
}

ExpRecent *
exp_hdf5_heap_collections_new (void)
{
  return exp_recent_new (N_RECENT, collection_ref, collection_unref);
}

ExpHdf5Heap *
exp_hdf5_heap_new (ExpHdf5File *file)
{
  ExpHdf5Heap *heap = g_new0 (ExpHdf5Heap, 1);

  heap->file = file;
  heap->collections = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, collection_unref);
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

static gint
compare_objects (gconstpointer a, gconstpointer b)
{
  const Object *x = a, *y = b;

  return (x->index > y->index) - (x->index < y->index);
}

/* The objects in a collection of `size` bytes. Index 0 is the free space and ends it. */
static GArray *
find_objects (const guint8 *bytes, gsize size, guint sizeof_size)
{
  GArray *objects = g_array_new (FALSE, FALSE, sizeof (Object));
  const gsize header = 8 + sizeof_size;
  gboolean is_sorted = TRUE;

  for (gsize at = header; at + header <= size;)
    {
      const Object object = { bytes[at] | bytes[at + 1] << 8, at };
      guint64 length = exp_hdf5_decode_uint (bytes + at + 8, sizeof_size);

      if (object.index == 0 || length > size - at - header)
        break;
      if (objects->len > 0 && g_array_index (objects, Object, objects->len - 1).index >= object.index)
        is_sorted = FALSE;
      g_array_append_val (objects, object);
      at += header + ((length + 7) & ~(guint64)7);
    }
  if (!is_sorted)
    g_array_sort (objects, compare_objects);
  return objects;
}

static const Object *
find_object (const Collection *collection, guint index)
{
  const GArray *objects = collection->objects;
  const Object wanted = { index, 0 };
  guint at;

  /* HDF5 numbers them from 1 on. */
  if (index >= 1 && index <= objects->len && g_array_index (objects, Object, index - 1).index == index)
    return &g_array_index (objects, Object, index - 1);
  return g_array_binary_search ((GArray *)objects, &wanted, compare_objects, &at) ? &g_array_index (objects, Object, at)
                                                                                  : NULL;
}

/* A new reference. */
static Collection *
load (ExpHdf5File *file, guint64 address, GError **error)
{
  const guint sizeof_size = file->sizeof_size;
  guint8 header[16];
  guint64 at, file_size;

  if (!g_uint64_checked_add (&at, address, file->base))
    {
      damaged (error, address);
      return NULL;
    }
  if (!exp_source_pread (file->source, at, 8 + sizeof_size, header, error))
    {
      g_prefix_error (error, "the heap at %" G_GUINT64_FORMAT ": ", address);
      return NULL;
    }

  guint64 size = exp_hdf5_decode_uint (header + 8, sizeof_size);
  if (memcmp (header, "GCOL\1", 5) != 0 || size < 8 + sizeof_size || !exp_source_size (file->source, &file_size, NULL)
      || at > file_size || size > file_size - at)
    {
      damaged (error, address);
      return NULL;
    }
  g_autofree guint8 *bytes = g_try_malloc (size);
  if (bytes == NULL)
    {
      g_set_error (error, EXP_ERROR, EXP_ERROR_NO_MEMORY, "no memory for a heap of %" G_GUINT64_FORMAT " bytes", size);
      return NULL;
    }
  if (!exp_source_pread (file->source, at, size, bytes, error))
    return NULL;

  Collection *collection = g_new (Collection, 1);
  g_atomic_ref_count_init (&collection->references);
  collection->objects = find_objects (bytes, size, sizeof_size);
  collection->bytes = g_bytes_new_take (g_steal_pointer (&bytes), size);
  return collection;
}

/* Borrowed from the heap. */
static Collection *
get_collection (ExpHdf5Heap *heap, guint64 address, GError **error)
{
  ExpHdf5File *file = heap->file;
  Collection *collection = g_hash_table_lookup (heap->collections, &address);
  gsize size;

  if (collection != NULL)
    return collection;
  if (!file->is_growing)
    collection = exp_recent_find (file->heap_collections, address);
  if (collection == NULL)
    {
      collection = load (file, address, error);
      if (collection == NULL)
        return NULL;
      if (!file->is_growing && g_bytes_get_size (collection->bytes) <= MAX_RECENT)
        exp_recent_keep (file->heap_collections, address, collection);
    }
  size = g_bytes_get_size (collection->bytes);
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
  const Collection *collection = get_collection (heap, address, error);

  if (collection == NULL)
    return NULL;

  const Object *object = find_object (collection, index);
  if (object == NULL)
    {
      g_set_error (error, EXP_ERROR, EXP_ERROR_DAMAGED,
                   "the heap at %" G_GUINT64_FORMAT " has no object %" G_GUINT32_FORMAT, address, index);
      return NULL;
    }

  const guint8 *bytes = g_bytes_get_data (collection->bytes, NULL);
  *size = exp_hdf5_decode_uint (bytes + object->at + 8, heap->file->sizeof_size);
  *keep = g_bytes_ref (collection->bytes);
  return bytes + object->at + 8 + heap->file->sizeof_size;
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
