/* Reads texts out of local heaps, a page at a time, so that a heap's size costs no memory.
 * Knows no links.
 * Called by symbol_table.c. */
#include "local_heap.h"
#include <string.h>

#define PAGE_SIZE 4096
#define MAX_TEXT  (1024 * 1024)

gboolean
exp_local_heap_open (ExpLocalHeap *heap, ExpMetadataCache *blocks, guint64 address, GError **error)
{
  gsize size = 8 + 2 * blocks->sizeof_size + blocks->sizeof_address;
  g_autoptr (GBytes) block = exp_metadata_cache_get (blocks, address, size, "HEAP", FALSE, error);

  if (block == NULL)
    return FALSE;

  const guint8 *data = g_bytes_get_data (block, NULL);
  ExpBytesCursor cursor = { data + 8, data + size, FALSE };
  if (data[4] != 0)
    {
      g_set_error (error, EXP_ERROR, EXP_ERROR_VERSION, "a local heap of version %u", data[4]);
      return FALSE;
    }
  memset (heap, 0, sizeof *heap);
  heap->blocks = blocks;
  heap->size = exp_cursor_uint (&cursor, blocks->sizeof_size);
  exp_cursor_skip (&cursor, blocks->sizeof_size);
  heap->address = exp_cursor_address (&cursor, blocks->sizeof_address);
  return heap->address <= G_MAXUINT64 - heap->size || exp_metadata_cache_damaged (blocks, "its heap overflows", error);
}

void
exp_local_heap_clear (ExpLocalHeap *heap)
{
  g_clear_pointer (&heap->page, g_bytes_unref);
  if (heap->joined != NULL)
    g_string_free (heap->joined, TRUE);
  heap->joined = NULL;
}

/* What the heap holds from `offset` to the end of a page. */
static const char *
read_page (ExpLocalHeap *heap, guint64 offset, gsize *n, GError **error)
{
  guint64 start = offset / PAGE_SIZE * PAGE_SIZE, length = MIN (PAGE_SIZE, heap->size - start);

  if (heap->page == NULL || heap->page_at != start)
    {
      g_clear_pointer (&heap->page, g_bytes_unref);
      heap->page_at = start;
      heap->page = exp_metadata_cache_get (heap->blocks, heap->address + start, MAX (length, 8), NULL, FALSE, error);
      if (heap->page == NULL)
        return NULL;
    }
  *n = length - (offset - start);
  return (const char *)g_bytes_get_data (heap->page, NULL) + (offset - start);
}

const char *
exp_local_heap_text (ExpLocalHeap *heap, guint64 offset, gsize *length, GError **error)
{
  gboolean is_joined = FALSE;

  while (offset < heap->size)
    {
      gsize n;
      const char *start = read_page (heap, offset, &n, error);
      if (start == NULL)
        return NULL;

      const char *end = memchr (start, '\0', n);
      if (end != NULL && !is_joined)
        {
          *length = end - start;
          return start;
        }
      if (heap->joined == NULL)
        heap->joined = g_string_new (NULL);
      if (!is_joined)
        g_string_truncate (heap->joined, 0);
      is_joined = TRUE;
      g_string_append_len (heap->joined, start, end != NULL ? end - start : (gssize)n);
      *length = heap->joined->len;
      if (end != NULL)
        return heap->joined->str;
      if (*length > MAX_TEXT)
        break;
      offset += n;
    }
  exp_metadata_cache_damaged (heap->blocks, "a name does not end in its heap", error);
  return NULL;
}
