/* Object headers: the messages that describe an object, as they lie in the file.
 * Knows how versions 1 and 2 chain their messages (HDF5 File Format Specification 3.0, section IV.A.1), not what the
 * messages say. Used where HDF5's own decoding does not survive damaged input, and where it is slow. */
#pragma once

#include "file.h"

G_BEGIN_DECLS

enum
{
  EXP_MESSAGE_DATASPACE = 0x01,
  EXP_MESSAGE_DATATYPE = 0x03,
  EXP_MESSAGE_ATTRIBUTE = 0x0c,
  EXP_MESSAGE_CONTINUATION = 0x10,
  EXP_MESSAGE_ATTRIBUTE_INFO = 0x15,
};

typedef struct
{
  guint type;
  gboolean is_shared; /* the body says where the message is */
  const guint8 *bytes;
  gsize size;
} ExpHdf5Message;

typedef struct
{
  GArray *messages;   /* ExpHdf5Message */
  GPtrArray *buffers; /* what they point into */
} ExpHdf5Header;

/* Reads all of the header at `address`. EXP_ERROR_DAMAGED. Without the HDF5 lock; checksums are HDF5's to verify. */
ExpHdf5Header *exp_hdf5_header_read (ExpHdf5File *file, guint64 address, GError **error);
void exp_hdf5_header_free (ExpHdf5Header *header);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (ExpHdf5Header, exp_hdf5_header_free)

/* The address that the body of a shared message names; FALSE when it is none of an object header. */
gboolean exp_hdf5_message_shared_address (ExpHdf5File *file, const guint8 *bytes, gsize size, guint64 *address);

G_END_DECLS
