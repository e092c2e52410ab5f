/* Members of a zip archive, stored or deflated.
 * Knows headers; what an NPY file says is npy.c's.
 * Called by sparse.c. */
#include "npz.h"
#include "expfs/error.h"
#include <libdeflate.h>
#include <string.h>

#define END_SIZE    22
#define MAX_COMMENT 65535
#define ENTRY_SIZE  46
#define LOCAL_SIZE  30

/* Deflate cannot do better than this. */
#define MAX_RATIO 1040

/* What is unpacked whole in memory. */
#define MAX_MEMBER (1u << 30)

typedef struct
{
  guint method;
  guint32 crc, stored_size, size, local;
} Entry;

static guint
get_u16 (const guint8 *at)
{
  return at[0] | at[1] << 8;
}

static guint32
get_u32 (const guint8 *at)
{
  return get_u16 (at) | (guint32)get_u16 (at + 2) << 16;
}

/* The record at the end, behind which there may be a comment. */
static const guint8 *
find_end (const guint8 *data, gsize size)
{
  for (gsize back = END_SIZE; back <= size && back <= END_SIZE + MAX_COMMENT; back++)
    if (memcmp (data + size - back, "PK\5\6", 4) == 0)
      return data + size - back;
  return NULL;
}

static gboolean
find_entry (const guint8 *data, gsize size, const char *name, Entry *entry, GError **error)
{
  const guint8 *end = find_end (data, size);
  gsize at = end != NULL ? get_u32 (end + 16) : size;
  guint n = end != NULL ? get_u16 (end + 10) : 0;

  for (guint i = 0; i < n && at < size && size - at >= ENTRY_SIZE; i++)
    {
      const guint8 *header = data + at;
      gsize name_length = get_u16 (header + 28);
      gsize length = ENTRY_SIZE + name_length + get_u16 (header + 30) + get_u16 (header + 32);

      if (memcmp (header, "PK\1\2", 4) != 0 || length > size - at)
        break;
      if (name_length == strlen (name) && memcmp (header + ENTRY_SIZE, name, name_length) == 0)
        {
          *entry = (Entry){ get_u16 (header + 10), get_u32 (header + 16), get_u32 (header + 20), get_u32 (header + 24),
                            get_u32 (header + 42) };
          return TRUE;
        }
      at += length;
    }
  g_set_error (error, EXP_ERROR, end != NULL ? EXP_ERROR_NOT_FOUND : EXP_ERROR_DAMAGED,
               end != NULL ? "the archive has no member '%s'" : "no archive where '%s' should be", name);
  return FALSE;
}

static gboolean
inflate (const Entry *entry, const guint8 *stored, guint8 *out)
{
  struct libdeflate_decompressor *decompressor;
  gsize written = 0;

  if (entry->method == 0)
    {
      memcpy (out, stored, entry->size);
      return entry->stored_size == entry->size;
    }
  decompressor = libdeflate_alloc_decompressor ();
  if (decompressor == NULL)
    return FALSE;
  enum libdeflate_result result
      = libdeflate_deflate_decompress (decompressor, stored, entry->stored_size, out, entry->size, &written);
  libdeflate_free_decompressor (decompressor);
  return result == LIBDEFLATE_SUCCESS && written == entry->size;
}

static guint8 *
read_entry (const guint8 *data, gsize size, const Entry *entry, GError **error)
{
  gsize at = entry->local, rest = at < size ? size - at : 0;

  if (entry->method != 0 && entry->method != 8)
    {
      g_set_error (error, EXP_ERROR, EXP_ERROR_UNSUPPORTED, "an archive with compression method %u", entry->method);
      return NULL;
    }
  gsize header = rest >= LOCAL_SIZE ? LOCAL_SIZE + get_u16 (data + at + 26) + get_u16 (data + at + 28) : 0;
  if (header == 0 || memcmp (data + at, "PK\3\4", 4) != 0 || header > rest || entry->stored_size > rest - header
      || (entry->method == 0 && entry->size != entry->stored_size)
      || entry->size > (guint64)entry->stored_size * MAX_RATIO + 64)
    {
      g_set_error (error, EXP_ERROR, EXP_ERROR_DAMAGED, "a member of the archive is damaged");
      return NULL;
    }

  if (entry->size > MAX_MEMBER)
    {
      g_set_error (error, EXP_ERROR, EXP_ERROR_TOO_LARGE, "a member of the archive has %u bytes", entry->size);
      return NULL;
    }

  g_autofree guint8 *out = g_try_malloc (MAX (entry->size, 1));
  if (out == NULL)
    {
      g_set_error (error, EXP_ERROR, EXP_ERROR_NO_MEMORY, "no memory for %u bytes of an archive", entry->size);
      return NULL;
    }
  if (!inflate (entry, data + at + header, out))
    {
      g_set_error (error, EXP_ERROR, EXP_ERROR_DAMAGED, "a member of the archive cannot be decompressed");
      return NULL;
    }
  if (libdeflate_crc32 (0, out, entry->size) != entry->crc)
    {
      g_set_error (error, EXP_ERROR, EXP_ERROR_CHECKSUM, "a member of the archive does not fit its checksum");
      return NULL;
    }
  return g_steal_pointer (&out);
}

ExpArray *
exp_npz_read (GBytes *archive, const char *name, GError **error)
{
  g_autofree char *member = g_strconcat (name, ".npy", NULL);
  gsize size;
  const guint8 *data = g_bytes_get_data (archive, &size);
  Entry entry;

  if (!find_entry (data, size, member, &entry, error))
    return NULL;
  g_autofree guint8 *bytes = read_entry (data, size, &entry, error);
  return bytes != NULL ? exp_npy_parse (bytes, entry.size, error) : NULL;
}
