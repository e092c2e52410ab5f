/* Moves object headers of version 1.
 * Knows how they chain their messages (HDF5 File Format Specification 3.0, section IV.A.1.a).
 * Called by copy_blocks.c. */
#include "copy_blocks_private.h"

#define PREFIX         16
#define MESSAGE_PREFIX 8
#define MESSAGE_NIL    0
#define IS_SHARED      2 /* of a message's flags */

static gboolean
move_continuation (ExpObjectCopy *object, guint8 *bytes, gsize size, GError **error)
{
  guint64 to;

  if (size < 16)
    return exp_block_copy_refuse (error);
  if (!exp_block_copy_add (object, EXP_BLOCK_CONTINUATION, 0, exp_block_u64 (bytes), exp_block_u64 (bytes + 8), &to,
                           error))
    return FALSE;
  exp_block_set_u64 (bytes, to);
  return TRUE;
}

static gboolean
move_message (ExpObjectCopy *object, guint type, guint8 *bytes, gsize size, GError **error)
{
  const ExpHdf5Message message = { .type = type, .bytes = bytes, .size = size };

  switch (type)
    {
    case MESSAGE_NIL:
      memset (bytes, 0, size);
      return TRUE;
    case EXP_MESSAGE_CONTINUATION:
      return move_continuation (object, bytes, size, error);
    case EXP_MESSAGE_SYMBOL_TABLE:
      return exp_block_copy_symbol_table (object, bytes, size, error);
    case EXP_MESSAGE_LAYOUT:
      return exp_block_copy_layout (object, bytes, size, error);
    default:
      object->has_space |= type == EXP_MESSAGE_DATASPACE;
      object->has_type |= type == EXP_MESSAGE_DATATYPE;
      return exp_block_message_can_move (object->copy->file, &message) || exp_block_copy_refuse (error);
    }
}

static gboolean
move_messages (ExpObjectCopy *object, guint8 *bytes, gsize size, GError **error)
{
  while (size >= MESSAGE_PREFIX)
    {
      guint type = exp_hdf5_decode_uint (bytes, 2);
      gsize length = exp_hdf5_decode_uint (bytes + 2, 2);

      if (length % 8 != 0 || length > size - MESSAGE_PREFIX || (bytes[4] & IS_SHARED))
        return exp_block_copy_refuse (error);
      if (!move_message (object, type, bytes + MESSAGE_PREFIX, length, error))
        return FALSE;
      object->n_messages++;
      bytes += MESSAGE_PREFIX + length;
      size -= MESSAGE_PREFIX + length;
    }
  return size == 0 || exp_block_copy_refuse (error);
}

gboolean
exp_block_copy_header (ExpObjectCopy *object, guint i, guint8 *bytes, GError **error)
{
  const ExpMovedBlock block = g_array_index (object->blocks, ExpMovedBlock, i);
  const guint32 n_links = GUINT32_TO_LE (exp_block_copy_self (object)->n_links);

  if (block.kind == EXP_BLOCK_CONTINUATION)
    return move_messages (object, bytes, block.size, error);
  if (block.size < PREFIX || bytes[0] != 1 || exp_hdf5_decode_uint (bytes + 8, 4) != block.size - PREFIX)
    return exp_block_copy_refuse (error);
  object->said_messages = exp_hdf5_decode_uint (bytes + 2, 2);
  memcpy (bytes + 4, &n_links, sizeof n_links);
  return move_messages (object, bytes + PREFIX, block.size - PREFIX, error);
}
