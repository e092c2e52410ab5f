/* Object headers: the messages that describe an object, as they lie in the file.
 * Knows how versions 1 and 2 chain their messages (HDF5 File Format Specification 3.0, section IV.A.1), not what the
 * messages say. Used where HDF5's own decoding does not survive damaged input, and where it is slow. */
#pragma once

#include "file.h"

G_BEGIN_DECLS

enum
{
  EXP_MESSAGE_DATASPACE = 0x01,
  EXP_MESSAGE_LINK_INFO = 0x02,
  EXP_MESSAGE_DATATYPE = 0x03,
  EXP_MESSAGE_OLD_FILL = 0x04,
  EXP_MESSAGE_FILL = 0x05,
  EXP_MESSAGE_LINK = 0x06,
  EXP_MESSAGE_EXTERNAL_FILES = 0x07,
  EXP_MESSAGE_LAYOUT = 0x08,
  EXP_MESSAGE_FILTERS = 0x0b,
  EXP_MESSAGE_ATTRIBUTE = 0x0c,
  EXP_MESSAGE_OLD_TIME = 0x0e,
  EXP_MESSAGE_SHARED_TABLE = 0x0f,
  EXP_MESSAGE_CONTINUATION = 0x10,
  EXP_MESSAGE_SYMBOL_TABLE = 0x11,
  EXP_MESSAGE_TIME = 0x12,
  EXP_MESSAGE_ATTRIBUTE_INFO = 0x15,
  EXP_MESSAGE_N_LINKS = 0x16,
};

#define EXP_HEADER_FIRST 512 /* bytes that most headers fit into */

typedef struct
{
  guint type;
  gboolean is_shared; /* the body says where the message is */
  const guint8 *bytes;
  gsize size;
  guint64 at; /* where the bytes lie in the source */
} ExpHdf5Message;

typedef struct
{
  gboolean is_old;    /* version 1 */
  GArray *messages;   /* ExpHdf5Message */
  GPtrArray *buffers; /* what they point into, besides `first` */
  guint n_links;      /* as the first bytes have it; 1 in version 2, where a message may say more */
  gint64 mtime;       /* seconds since 1970 where the first bytes have it, else 0 */
  guint8 first[EXP_HEADER_FIRST];
} ExpHdf5Header;

/* Reads all of the header at `address` and verifies the checksums of version 2. EXP_ERROR_DAMAGED, EXP_ERROR_CHECKSUM.
 * Without the HDF5 lock. */
ExpHdf5Header *exp_hdf5_header_read (ExpHdf5File *file, guint64 address, GError **error);
void exp_hdf5_header_free (ExpHdf5Header *header);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (ExpHdf5Header, exp_hdf5_header_free)

/* The address that the body of a shared message names; FALSE when it is none of an object header. */
gboolean exp_hdf5_message_shared_address (ExpHdf5File *file, const guint8 *bytes, gsize size, guint64 *address);

G_END_DECLS
