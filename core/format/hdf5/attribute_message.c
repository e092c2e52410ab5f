/* Takes attribute messages apart and checks every length in them.
 * Knows no HDF5 identifiers.
 * Called by attribute.c. */
#include "attribute_message.h"
#include <string.h>

/* A dataspace message. */
static gboolean
parse_shape (ExpHdf5File *file, const guint8 *bytes, gsize size, ExpHdf5Attribute *attribute)
{
  const guint width = file->sizeof_size;
  gsize header = size > 0 && bytes[0] == 1 ? 8 : 4;

  if (size < header || (bytes[0] != 1 && bytes[0] != 2) || bytes[1] > EXP_MAX_RANK)
    return FALSE;
  attribute->rank = bytes[1];
  attribute->is_null = bytes[0] == 2 && bytes[3] == 2;
  if (size - header < (gsize)attribute->rank * width)
    return FALSE;
  for (guint i = 0; i < attribute->rank; i++)
    attribute->shape[i] = exp_hdf5_decode_uint (bytes + header + i * width, width);
  return TRUE;
}

gboolean
exp_hdf5_attribute_parse (ExpHdf5File *file, const ExpHdf5Message *message, ExpHdf5Attribute *attribute,
                          gboolean *needs_library)
{
  const guint8 *at = message->bytes;
  gsize left = message->size, sizes[3];

  memset (attribute, 0, sizeof *attribute);
  *needs_library = FALSE;
  if (left < 9 || at[0] < 1 || at[0] > 3)
    return FALSE;

  guint version = at[0], flags = version > 1 ? at[1] : 0;
  gsize header = version == 3 ? 9 : 8;
  for (guint i = 0; i < 3; i++)
    sizes[i] = exp_hdf5_decode_uint (at + 2 + 2 * i, 2);
  at += header;
  left -= header;

  const guint8 *parts[3];
  for (guint i = 0; i < 3; i++)
    {
      gsize filled = version == 1 ? (sizes[i] + 7) / 8 * 8 : sizes[i];

      if (filled > left)
        return FALSE;
      parts[i] = at;
      at += filled;
      left -= filled;
    }
  if (sizes[0] == 0 || memchr (parts[0], '\0', sizes[0]) == NULL)
    return FALSE;
  *needs_library = (flags & 2) != 0;
  attribute->name = (const char *)parts[0];
  attribute->has_shared_type = (flags & 1) != 0;
  attribute->type = parts[1];
  attribute->type_size = sizes[1];
  attribute->value = at;
  attribute->value_size = left;
  return !*needs_library && parse_shape (file, parts[2], sizes[2], attribute);
}
