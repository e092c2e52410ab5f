/* ZIP archives, written from one end to the other. Used in this folder only. */
#pragma once

#include "zip.h"

/* What goes into the directory, for each member; the name is UTF-8. */
typedef struct
{
  ExpSource *to; /* borrowed */
  guint64 at;    /* where the next byte goes */
  GByteArray *directory;
  guint64 n_members;
} ExpZipWriter;

void exp_zip_writer_init (ExpZipWriter *writer, ExpSource *to);
void exp_zip_writer_clear (ExpZipWriter *writer);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (ExpZipWriter, exp_zip_writer_clear)

/* A member as it stands in another archive, under this name. */
gboolean
exp_zip_writer_copy (ExpZipWriter *writer, const char *name, ExpZip *from, ExpZipMember *member, GError **error);
/* A new member of `size` bytes: begun, then its bytes in order, then ended. `packs`: deflated. */
typedef struct _ExpZipMemberWriter ExpZipMemberWriter;
ExpZipMemberWriter *
exp_zip_writer_begin (ExpZipWriter *writer, const char *name, guint64 size, gboolean packs, GError **error);
gboolean exp_zip_member_write (ExpZipMemberWriter *member, gsize length, const void *bytes, GError **error);
gboolean exp_zip_member_end (ExpZipMemberWriter *member, GError **error);
/* Also without having been ended. */
void exp_zip_member_writer_free (ExpZipMemberWriter *member);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (ExpZipMemberWriter, exp_zip_member_writer_free)
/* The directory and what comes behind it. */
gboolean exp_zip_writer_finish (ExpZipWriter *writer, GError **error);
