/* Changes what a file says of its free space.
 * Knows one message and the checksum of what holds it.
 * Called by file.c. */
#include "free_space.h"
#include "header.h"
#include "object_checksum.h"
#include <string.h>

#define MESSAGE_FREE_SPACE 0x17
#define OLD_ALL_PERSIST    1 /* strategy of version 0 */

/* Of version 1: version, strategy, whether track is kept; then a threshold and the size of a page, 2 bytes, where the
 * file ended before its managers of free space, and the addresses of these. */
#define IS_KEPT 2

static const ExpHdf5Message *
find_message (const ExpHdf5Header *header)
{
  for (guint i = 0; i < header->messages->len; i++)
    {
      const ExpHdf5Message *message = &g_array_index (header->messages, ExpHdf5Message, i);

      if (message->type == MESSAGE_FREE_SPACE && !message->is_shared && message->size > IS_KEPT)
        return message;
    }
  return NULL;
}

/* The block of the header, of version 2, that holds the message: where it starts, and how long it is. */
static gboolean
find_block (ExpHdf5File *file, guint64 address, const ExpHdf5Header *header, const ExpHdf5Message *message,
            guint64 *start, guint64 *size, GError **error)
{
  guint8 first[32] = { 0 };
  guint flags, width, at;

  for (guint i = 0; i < header->messages->len; i++)
    {
      const ExpHdf5Message *other = &g_array_index (header->messages, ExpHdf5Message, i);

      if (other->type != EXP_MESSAGE_CONTINUATION)
        continue;
      *start = exp_hdf5_decode_uint (other->bytes, file->sizeof_address) + file->base;
      *size = exp_hdf5_decode_uint (other->bytes + file->sizeof_address, file->sizeof_size);
      if (message->at >= *start && message->at - *start < *size)
        return TRUE;
    }
  *start = address + file->base;
  if (!exp_source_pread (file->source, *start, sizeof first, first, error))
    return FALSE;
  flags = first[5];
  width = 1 << (flags & 3);
  at = 6 + (flags & 0x20 ? 16 : 0) + (flags & 0x10 ? 4 : 0);
  *size = at + width + exp_hdf5_decode_uint (first + at, width) + 4;
  return TRUE;
}

/* Writes the message's new bytes, and the checksum of what holds them. */
static gboolean
write_message (ExpHdf5File *file, guint64 address, const ExpHdf5Header *header, const ExpHdf5Message *message,
               const guint8 *bytes, GError **error)
{
  guint64 start, size;
  guint32 sum;

  if (header->is_old)
    return exp_source_pwrite (file->source, message->at, message->size, bytes, error);
  if (!find_block (file, address, header, message, &start, &size, error))
    return FALSE;
  g_autofree guint8 *block = size > 4 && size < G_MAXUINT16 ? g_malloc (size) : NULL;
  if (block == NULL || message->at < start || message->at + message->size > start + size - 4)
    {
      g_set_error (error, EXP_ERROR, EXP_ERROR_DAMAGED, "what it says of its free space is damaged");
      return FALSE;
    }
  if (!exp_source_pread (file->source, start, size, block, error))
    return FALSE;
  memcpy (block + (message->at - start), bytes, message->size);
  sum = GUINT32_TO_LE (exp_object_checksum (block, size - 4));
  memcpy (block + size - 4, &sum, sizeof sum);
  return exp_source_pwrite (file->source, start, size, block, error);
}

/* Either way nothing is known to be free, nor where the file ended without its managers. */
static gboolean
set_kept (ExpHdf5File *file, guint64 extension, const ExpHdf5Header *header, const ExpHdf5Message *message,
          gboolean is_kept, GError **error)
{
  const gsize known = IS_KEPT + 1 + 2 * file->sizeof_size + 2;
  g_autofree guint8 *bytes = g_memdup2 (message->bytes, message->size);

  if (message->size < known)
    {
      g_set_error (error, EXP_ERROR, EXP_ERROR_DAMAGED, "what it says of its free space is damaged");
      return FALSE;
    }
  bytes[IS_KEPT] = is_kept;
  memset (bytes + known, 0xff, message->size - known);
  return write_message (file, extension, header, message, bytes, error);
}

gboolean
exp_hdf5_free_space_suspend (ExpHdf5File *file, guint64 extension, gboolean *is_kept, GError **error)
{
  const ExpHdf5Message *message;

  *is_kept = FALSE;
  if (extension == G_MAXUINT64)
    return TRUE;
  g_autoptr (ExpHdf5Header) header = exp_hdf5_header_read (file, extension, error);
  if (header == NULL)
    return FALSE;
  message = find_message (header);
  if (message == NULL || (message->bytes[0] == 1 && message->bytes[IS_KEPT] == 0)
      || (message->bytes[0] == 0 && message->bytes[1] != OLD_ALL_PERSIST))
    return TRUE;
  if (message->bytes[0] != 1)
    {
      g_set_error (
          error, EXP_ERROR, EXP_ERROR_UNSUPPORTED,
          "it keeps track of its free space in a way that cannot be written here (h5repack makes it writable)");
      return FALSE;
    }

  *is_kept = TRUE;
  return set_kept (file, extension, header, message, FALSE, error);
}

gboolean
exp_hdf5_free_space_resume (ExpHdf5File *file, guint64 extension, GError **error)
{
  g_autoptr (ExpHdf5Header) header = exp_hdf5_header_read (file, extension, error);
  const ExpHdf5Message *message = header != NULL ? find_message (header) : NULL;

  if (message == NULL || message->bytes[0] != 1)
    return header != NULL;
  return set_kept (file, extension, header, message, TRUE, error);
}
