/* Reads object headers and checks every length in them.
 * Knows no message's meaning but the one that continues the header elsewhere.
 * Called by attribute.c and object_header.c. */
#include "header.h"
#include "object_checksum.h"
#include <string.h>

#define FIRST_READ  EXP_HEADER_FIRST
#define MAX_BUFFERS 1024
#define MAX_BYTES   (64 * 1024 * 1024)

#define MAX_SPARE_MESSAGES 256

/* The last one that each thread freed, for its next: headers are read by the hundred thousand. */
static void free_spare (gpointer spare);
static GPrivate spare_header = G_PRIVATE_INIT (free_spare);

typedef struct
{
  ExpHdf5File *file;
  ExpHdf5Header *header;
  guint message_size; /* of what precedes each message: 8 in version 1, 4 or 6 in version 2 */
  gsize total;
} Reader;

static void
free_spare (gpointer spare)
{
  ExpHdf5Header *header = spare;

  g_array_unref (header->messages);
  g_ptr_array_unref (header->buffers);
  g_free (header);
}

static ExpHdf5Header *
header_new (void)
{
  ExpHdf5Header *header = g_private_get (&spare_header);

  if (header != NULL)
    {
      g_private_set (&spare_header, NULL);
      return header;
    }
  header = g_new0 (ExpHdf5Header, 1);
  header->messages = g_array_new (FALSE, FALSE, sizeof (ExpHdf5Message));
  header->buffers = g_ptr_array_new_with_free_func (g_free);
  return header;
}

void
exp_hdf5_header_free (ExpHdf5Header *header)
{
  if (g_private_get (&spare_header) != NULL || header->messages->len > MAX_SPARE_MESSAGES)
    {
      free_spare (header);
      return;
    }
  g_array_set_size (header->messages, 0);
  g_ptr_array_set_size (header->buffers, 0);
  header->is_old = FALSE;
  header->n_links = 0;
  header->mtime = 0;
  g_private_set (&spare_header, header);
}

static gboolean
damaged (GError **error, const char *what)
{
  g_set_error (error, EXP_ERROR, EXP_ERROR_DAMAGED, "the object's header is damaged: %s", what);
  return FALSE;
}

/* `size` bytes at `address`, kept with the header; NULL with an error. */
static guint8 *
read_bytes (Reader *reader, guint64 address, guint64 size, GError **error)
{
  guint64 at, file_size;

  if (!exp_source_size (reader->file->source, &file_size, error))
    return NULL;
  if (!g_uint64_checked_add (&at, address, reader->file->base) || at > file_size || size > file_size - at
      || size > MAX_BYTES - reader->total || reader->header->buffers->len >= MAX_BUFFERS)
    {
      damaged (error, "it goes on past the end of the file, or for ever");
      return NULL;
    }

  gboolean is_first = reader->total == 0 && size <= sizeof reader->header->first;
  guint8 *bytes = is_first ? reader->header->first : g_try_malloc (MAX (size, 1));
  if (bytes == NULL)
    {
      g_set_error (error, EXP_ERROR, EXP_ERROR_NO_MEMORY, "no memory for an object's header");
      return NULL;
    }
  if (!is_first)
    g_ptr_array_add (reader->header->buffers, bytes);
  reader->total += size;
  return exp_source_pread (reader->file->source, at, size, bytes, error) ? bytes : NULL;
}

/* The last four of `size` bytes are the checksum of the others. */
static gboolean
verify (const guint8 *bytes, gsize size, GError **error)
{
  if (exp_object_checksum (bytes, size - 4) == exp_hdf5_decode_uint (bytes + size - 4, 4))
    return TRUE;
  g_set_error (error, EXP_ERROR, EXP_ERROR_CHECKSUM, "the object's header fails its checksum");
  return FALSE;
}

/* `at_source` is where the messages' bytes lie in the source. */
static gboolean
add_messages (Reader *reader, const guint8 *bytes, gsize size, guint64 at_source, GError **error)
{
  gboolean is_old = reader->message_size == 8;

  for (gsize at = 0; at + reader->message_size <= size;)
    {
      const guint8 *start = bytes + at;
      ExpHdf5Message message = { .type = is_old ? exp_hdf5_decode_uint (start, 2) : start[0],
                                 .is_shared = (start[is_old ? 4 : 3] & 2) != 0,
                                 .bytes = start + reader->message_size,
                                 .size = exp_hdf5_decode_uint (start + (is_old ? 2 : 1), 2),
                                 .at = at_source + at + reader->message_size };

      if (message.size > size - at - reader->message_size)
        return damaged (error, "a message is longer than what holds it");
      g_array_append_val (reader->header->messages, message);
      at += reader->message_size + message.size;
    }
  return TRUE;
}

/* The first stretch of messages; `*bytes`, `*size` and `*at_source` say where. */
static gboolean
read_first (Reader *reader, guint64 address, const guint8 **bytes, gsize *size, guint64 *at_source, GError **error)
{
  guint64 file_size, at;
  gsize tail = 0; /* the checksum */

  if (!exp_source_size (reader->file->source, &file_size, error))
    return FALSE;
  if (!g_uint64_checked_add (&at, address, reader->file->base) || at >= file_size || file_size - at < 16)
    return damaged (error, "it lies past the end of the file");

  /* A file of several members may end the address space of one right behind the header. */
  gsize n = MIN (file_size - at, FIRST_READ), start;
  const guint8 *first = read_bytes (reader, address, n, NULL);
  if (first == NULL)
    first = read_bytes (reader, address, n = 16, error);
  if (first == NULL)
    return FALSE;
  if (memcmp (first, "OHDR\2", 5) == 0)
    {
      guint flags = first[5], width = 1 << (flags & 3);

      start = 6 + (flags & 0x20 ? 16 : 0) + (flags & 0x10 ? 4 : 0) + width;
      if (start > n)
        return damaged (error, "it lies past the end of the file");
      *size = exp_hdf5_decode_uint (first + start - width, width);
      reader->message_size = flags & 4 ? 6 : 4;
      reader->header->n_links = 1;
      if (flags & 0x20)
        reader->header->mtime = exp_hdf5_decode_uint (first + 10, 4);
      tail = 4;
    }
  else if (first[0] == 1)
    {
      reader->header->is_old = TRUE;
      start = 16;
      *size = exp_hdf5_decode_uint (first + 8, 4);
      reader->header->n_links = exp_hdf5_decode_uint (first + 4, 4);
      reader->message_size = 8;
    }
  else
    return damaged (error, "it does not start as one");

  if (*size > n - start || tail > n - start - *size)
    {
      first = *size <= MAX_BYTES ? read_bytes (reader, address, start + *size + tail, error) : NULL;
      if (first == NULL)
        return (error == NULL || *error != NULL) ? FALSE : damaged (error, "it is too long");
    }
  *bytes = first + start;
  *at_source = at + start;
  return tail == 0 || verify (first, start + *size + tail, error);
}

static gboolean
read_continuation (Reader *reader, const ExpHdf5Message *message, GError **error)
{
  const guint sizeof_address = reader->file->sizeof_address, sizeof_size = reader->file->sizeof_size;
  gboolean is_old = reader->message_size == 8;

  if (message->size < sizeof_address + sizeof_size)
    return damaged (error, "a continuation is too short");

  guint64 address = exp_hdf5_decode_uint (message->bytes, sizeof_address);
  guint64 size = exp_hdf5_decode_uint (message->bytes + sizeof_address, sizeof_size);
  const guint8 *bytes = read_bytes (reader, address, size, error);
  if (bytes == NULL)
    return FALSE;
  address += reader->file->base;
  if (is_old)
    return add_messages (reader, bytes, size, address, error);
  if (size < 8 || memcmp (bytes, "OCHK", 4) != 0)
    return damaged (error, "a continuation does not start as one");
  return verify (bytes, size, error) && add_messages (reader, bytes + 4, size - 8, address + 4, error);
}

ExpHdf5Header *
exp_hdf5_header_read (ExpHdf5File *file, guint64 address, GError **error)
{
  g_autoptr (ExpHdf5Header) header = header_new ();
  Reader reader = { .file = file, .header = header };
  const guint8 *bytes;
  guint64 at;
  gsize size;

  if (!read_first (&reader, address, &bytes, &size, &at, error) || !add_messages (&reader, bytes, size, at, error))
    return NULL;
  for (guint i = 0; i < header->messages->len; i++)
    {
      const ExpHdf5Message message = g_array_index (header->messages, ExpHdf5Message, i);

      if (message.type == EXP_MESSAGE_CONTINUATION && !read_continuation (&reader, &message, error))
        return NULL;
    }
  return g_steal_pointer (&header);
}

gboolean
exp_hdf5_message_shared_address (ExpHdf5File *file, const guint8 *bytes, gsize size, guint64 *address)
{
  gsize at = 2;

  if (size < 2 || bytes[0] < 1 || bytes[0] > 3 || (bytes[0] == 3 && bytes[1] != 2))
    return FALSE;
  if (bytes[0] == 1)
    at += 6 + file->sizeof_size;
  if (at + file->sizeof_address > size)
    return FALSE;
  *address = exp_hdf5_decode_uint (bytes + at, file->sizeof_address);
  return TRUE;
}
