/* Reads the driver information block, or the message of that kind in the superblock's extension.
 * Knows no driver.
 * Called by members.c. */
#include "driver_info.h"
#include "expfs/error.h"
#include "file.h"
#include <string.h>

#define MAX_HEADER          (64 * 1024)
#define MESSAGE_DRIVER_INFO 0x14

static gboolean
set_info (ExpDriverInfo *info, const guint8 *id, const guint8 *bytes, gsize size)
{
  if (size > sizeof info->bytes)
    return FALSE;
  memcpy (info->id, id, 8);
  memcpy (info->bytes, bytes, size);
  info->size = size;
  return TRUE;
}

static gboolean
read_block (ExpSource *source, guint64 at, ExpDriverInfo *info, GError **error)
{
  guint8 bytes[16 + sizeof info->bytes];

  if (!exp_source_pread (source, at, 16, bytes, error))
    return FALSE;

  gsize size = exp_hdf5_decode_uint (bytes + 4, 4);
  if (bytes[0] != 0 || size > sizeof info->bytes)
    {
      g_set_error (error, EXP_ERROR, EXP_ERROR_DAMAGED, "the driver information block is damaged");
      return FALSE;
    }
  return exp_source_pread (source, at + 16, size, bytes + 16, error) && set_info (info, bytes + 8, bytes + 16, size);
}

/* Looks through the messages in one chunk of an object header; `header` is the size of what precedes each message's
 * data: 8 in version 1, 4 or 6 in version 2. What is damaged ends the search: HDF5 itself will say so. */
static void
find_message (const guint8 *bytes, gsize size, gsize header, ExpDriverInfo *info)
{
  for (gsize at = 0; at + header <= size;)
    {
      gboolean is_old = header == 8;
      guint type = is_old ? bytes[at] | bytes[at + 1] << 8 : bytes[at];
      gsize length = bytes[at + (is_old ? 2 : 1)] | bytes[at + (is_old ? 3 : 2)] << 8;
      const guint8 *data = bytes + at + header;

      if (length > size - at - header)
        return;
      if (type == MESSAGE_DRIVER_INFO && length >= 11)
        {
          gsize n = data[9] | data[10] << 8;

          if (n <= length - 11)
            set_info (info, data + 1, data + 11, n);
          return;
        }
      at += header + length;
    }
}

static gboolean
read_extension (ExpSource *source, guint64 at, ExpDriverInfo *info, GError **error)
{
  guint64 size;

  if (!exp_source_size (source, &size, error))
    return FALSE;
  if (at >= size || size - at < 16)
    return TRUE; /* a truncated file; HDF5 says so */

  gsize n = MIN (size - at, MAX_HEADER);
  g_autofree guint8 *bytes = g_malloc (n);
  if (!exp_source_pread (source, at, n, bytes, error))
    return FALSE;
  if (memcmp (bytes, "OHDR\2", 5) == 0)
    {
      guint flags = bytes[5], width = 1 << (flags & 3);
      gsize start = 6 + (flags & 0x20 ? 16 : 0) + (flags & 0x10 ? 4 : 0);

      if (start + width > n)
        return TRUE;
      gsize length = exp_hdf5_decode_uint (bytes + start, width);
      start += width;
      find_message (bytes + start, MIN (length, n - start), flags & 4 ? 6 : 4, info);
    }
  else if (bytes[0] == 1)
    find_message (bytes + 16, MIN (exp_hdf5_decode_uint (bytes + 8, 4), n - 16), 8, info);
  return TRUE;
}

gboolean
exp_driver_info_read (ExpSource *source, const ExpSuperblock *superblock, ExpDriverInfo *info, GError **error)
{
  guint64 at = superblock->driver != G_MAXUINT64 ? superblock->driver : superblock->extension;

  memset (info, 0, sizeof *info);
  if (at == G_MAXUINT64 || !g_uint64_checked_add (&at, at, superblock->base))
    return TRUE;
  return superblock->driver != G_MAXUINT64 ? read_block (source, at, info, error)
                                           : read_extension (source, at, info, error);
}
