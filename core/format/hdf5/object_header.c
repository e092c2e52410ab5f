/* Tells groups and datasets from their headers' messages.
 * Knows what the common messages say; how they are chained is header.c's.
 * Called by object.c for every object that somebody lists. */
#include "object_header.h"
#include <string.h>

typedef struct
{
  const ExpHdf5File *file;
  ExpObjectHeader *header;
  gboolean has_space, has_layout, is_group;
} Reader;

void
exp_object_header_clear (ExpObjectHeader *header)
{
  g_clear_pointer (&header->messages, exp_hdf5_header_free);
}

static gboolean
read_space (Reader *reader, const ExpHdf5Message *message)
{
  const guint width = reader->file->sizeof_size;
  const guint8 *data = message->bytes;
  ExpObjectHeader *header = reader->header;
  guint version = message->size >= 4 ? data[0] : 0, at = version == 1 ? 8 : 4;

  if ((version != 1 && version != 2) || data[1] > EXP_MAX_RANK || message->size < at + data[1] * width)
    return FALSE;
  header->rank = data[1];
  header->is_null = version == 2 && data[3] == 2;
  for (guint i = 0; i < header->rank; i++)
    header->shape[i] = exp_hdf5_decode_uint (data + at + i * width, width);
  reader->has_space = TRUE;
  return version == 1 || data[3] <= 2;
}

static gboolean
read_layout (Reader *reader, const ExpHdf5Message *message)
{
  const guint address_width = reader->file->sizeof_address, size_width = reader->file->sizeof_size;
  const guint8 *data = message->bytes;
  ExpObjectHeader *header = reader->header;
  guint64 address;

  if (message->size < 4 || (data[0] != 3 && data[0] != 4))
    return FALSE;
  reader->has_layout = TRUE;
  switch (data[1])
    {
    case 0: /* compact */
      header->is_compact = TRUE;
      header->data = message->at + 4;
      header->data_size = exp_hdf5_decode_uint (data + 2, 2);
      return header->data_size <= message->size - 4;
    case 1: /* contiguous */
      if (message->size < 2 + address_width + size_width)
        return FALSE;
      address = exp_hdf5_decode_uint (data + 2, address_width);
      header->data_size = exp_hdf5_decode_uint (data + 2 + address_width, size_width);
      return address == exp_hdf5_undefined (address_width)
             || g_uint64_checked_add (&header->data, address, reader->file->base);
    case 2:
      header->is_chunked = TRUE;
      return TRUE;
    default:
      return FALSE;
    }
}

static gboolean
read_message (Reader *reader, const ExpHdf5Message *message)
{
  ExpObjectHeader *header = reader->header;

  switch (message->type)
    {
    case EXP_MESSAGE_DATASPACE:
      return !message->is_shared && read_space (reader, message);
    case EXP_MESSAGE_DATATYPE:
      header->datatype = message->bytes;
      header->datatype_size = message->size;
      return !message->is_shared;
    case EXP_MESSAGE_LAYOUT:
      return !message->is_shared && read_layout (reader, message);
    case EXP_MESSAGE_LINK_INFO:
    case EXP_MESSAGE_SYMBOL_TABLE:
      reader->is_group = TRUE;
      return TRUE;
    case EXP_MESSAGE_TIME:
      if (message->size >= 8 && message->bytes[0] == 1)
        header->mtime = exp_hdf5_decode_uint (message->bytes + 4, 4);
      return TRUE;
    case EXP_MESSAGE_N_LINKS:
      if (message->size >= 5)
        header->n_links = exp_hdf5_decode_uint (message->bytes + 1, 4);
      return TRUE;
    case EXP_MESSAGE_EXTERNAL_FILES:
    case EXP_MESSAGE_OLD_TIME:
      return FALSE;
    default:
      return TRUE;
    }
}

void
exp_object_header_read (ExpHdf5File *file, guint64 address, ExpObjectHeader *header)
{
  Reader reader = { .file = file, .header = header };

  memset (header, 0, sizeof *header);
  header->data = G_MAXUINT64;
  header->messages = exp_hdf5_header_read (file, address, NULL);
  if (header->messages == NULL)
    return;
  header->n_links = header->messages->n_links;
  header->mtime = header->messages->mtime;
  for (guint i = 0; i < header->messages->messages->len; i++)
    if (!read_message (&reader, &g_array_index (header->messages->messages, ExpHdf5Message, i)))
      return;
  if (reader.is_group && !reader.has_layout)
    header->kind = EXP_HEADER_GROUP;
  else if (!reader.is_group && reader.has_layout && reader.has_space && header->datatype != NULL)
    header->kind = EXP_HEADER_DATASET;
}
