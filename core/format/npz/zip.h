/* ZIP archives: their directory, and the bytes of their members. After PKWARE's APPNOTE 6.3, with what Python's zipfile
 * makes of the parts that it leaves open. Used in this folder only. */
#pragma once

#include "expfs/error.h"
#include "expfs/node.h"
#include "expfs/source.h"

typedef enum
{
  EXP_ZIP_STORED = 0,
  EXP_ZIP_DEFLATE = 8,
  EXP_ZIP_BZIP2 = 12,
  EXP_ZIP_LZMA = 14,
} ExpZipMethod;

typedef struct
{
  char *name;             /* UTF-8, up to the first NUL as Python has it; owned */
  guint8 *stored_name;    /* as it stands in the archive; owned */
  guint stored_length;    /* bytes */
  guint flags, method;    /* method: ExpZipMethod, or another */
  guint32 crc;            /* CRC-32 of the decoded bytes */
  guint64 size, n_stored; /* bytes decoded, and in the archive */
  guint64 header;         /* where its local header begins */

  gint64 data;      /* where its bytes begin, when it was looked for; 0: not yet; atomic */
  gint is_verified; /* the CRC was right; atomic */

  /* Of a stored one that is too long to be looked at first, under the archive's lock: */
  guint64 n_seen;   /* bytes that were read from the beginning on */
  guint32 seen_crc; /* of these */
} ExpZipMember;

typedef struct
{
  gatomicrefcount references;
  ExpSource *source;
  GArray *members; /* of ExpZipMember, in the directory's order */
  GMutex lock;     /* guards what follows, and n_seen and seen_crc of members */
  GCond unpacked_is_made;
  GArray *unpacked; /* of zip_member.c */
} ExpZip;

/* EXP_ERROR_DAMAGED for what is no whole archive. */
ExpZip *exp_zip_open (ExpSource *source, GError **error);
ExpZip *exp_zip_ref (ExpZip *zip);
void exp_zip_unref (ExpZip *zip);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (ExpZip, exp_zip_unref)

/* Where the bytes of the member begin in the source. EXP_ERROR_DAMAGED when its own header is another's, or they do not
 * lie inside; EXP_ERROR_UNSUPPORTED for encrypted ones. */
gboolean exp_zip_member_find (ExpZip *zip, ExpZipMember *member, guint64 *data, GError **error);

/* zip_member.c: */

/* The first bytes, as many of `length` as there are, without the rest being decoded or checked. */
gboolean
exp_zip_member_read_head (ExpZip *zip, ExpZipMember *member, gsize length, guint8 *to, gsize *n_read, GError **error);
/* `length` decoded bytes at `offset`, which must be there. The first call decodes and checks what is decoded, and
 * checks what is stored unless it is longer than EXP_ZIP_MAX_VERIFIED: that is checked for who reads it from one end to
 * the other. EXP_ERROR_CHECKSUM. */
gboolean
exp_zip_member_read (ExpZip *zip, ExpZipMember *member, guint64 offset, gsize length, guint8 *to, GError **error);
/* Where `length` decoded bytes at `offset`, which must be there, lie in one piece; the caller releases the run. FALSE
 * when they do not, or decoding or checking them fails: exp_zip_member_read will tell then. */
gboolean exp_zip_member_locate (ExpZip *zip, ExpZipMember *member, guint64 offset, gsize length, ExpRun *run);
/* Of longer ones a read does not wait for a look at all of it. */
#define EXP_ZIP_MAX_VERIFIED ((guint64)256 << 20)

/* zip_decode.c: */

/* Decoded bytes in order. */
typedef struct _ExpZipDecoder ExpZipDecoder;

/* EXP_ERROR_NO_FILTER for a method that is not known. */
ExpZipDecoder *exp_zip_decoder_new (ExpZip *zip, ExpZipMember *member, GError **error);
void exp_zip_decoder_free (ExpZipDecoder *decoder);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (ExpZipDecoder, exp_zip_decoder_free)
/* The next `length` bytes, fewer only at the end of the member. EXP_ERROR_DAMAGED. */
gboolean exp_zip_decoder_read (ExpZipDecoder *decoder, gsize length, guint8 *to, gsize *n_read, GError **error);
/* All of a member at once into `to`, which has its size; not checked. */
gboolean exp_zip_decode_all (ExpZip *zip, ExpZipMember *member, guint8 *to, GError **error);
