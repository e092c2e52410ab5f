/* Which messages of an object header mean the same wherever they lie.
 * Knows them by what the specification says of each (HDF5 File Format Specification 3.0, section IV.A.2).
 * Called by copy_blocks_header.c. */
#include "attribute_message.h"
#include "copy_blocks_private.h"
#include "datatype_message.h"

#define MESSAGE_COMMENT 0x0d

static gboolean
can_move_attribute (ExpHdf5File *file, const ExpHdf5Message *message)
{
  ExpHdf5Attribute attribute;
  gboolean needs_library;

  return exp_hdf5_attribute_parse (file, message, &attribute, &needs_library) && !attribute.has_shared_type
         && exp_datatype_message_is_all_there (attribute.type, attribute.type_size, file->sizeof_address);
}

gboolean
exp_block_message_can_move (ExpHdf5File *file, const ExpHdf5Message *message)
{
  switch (message->type)
    {
    case EXP_MESSAGE_DATATYPE:
      return exp_datatype_message_is_all_there (message->bytes, message->size, file->sizeof_address);
    case EXP_MESSAGE_ATTRIBUTE:
      return can_move_attribute (file, message);
    case EXP_MESSAGE_DATASPACE:
    case EXP_MESSAGE_OLD_FILL: /* values of the type that the message beside it has */
    case EXP_MESSAGE_FILL:
    case EXP_MESSAGE_FILTERS:
    case EXP_MESSAGE_OLD_TIME:
    case EXP_MESSAGE_TIME:
    case MESSAGE_COMMENT:
      return TRUE;
    default:
      return FALSE;
    }
}
