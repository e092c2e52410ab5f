/* Archives as numpy.savez makes them: complete headers, no descriptors, ZIP64 only where a number needs it, one fixed
 * time.
 * Knows nothing of what members hold.
 * Called by save.c. */
#include "zip_write.h"
#include <errno.h>
#include <libdeflate.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

#define WINDOW (256 << 10)

#define LOCAL_LENGTH 30
#define IS_UTF8      (1 << 11)
/* 1 January 1980, and a regular file of its owner's on Unix. */
#define DATE       0x0021
#define ATTRIBUTES 0x01800000
/* The version of the format that is needed, and who made it. */
#define VERSION   20
#define VERSION64 45
#define ON_UNIX   (3 << 8)

typedef struct
{
  const char *name;
  guint method;
  guint32 crc;
  guint64 size, n_stored, header;
} Entry;

struct _ExpZipMemberWriter
{
  ExpZipWriter *writer;
  char *name;
  Entry entry;
  gboolean packs;
  z_stream deflate;
  guint8 window[WINDOW];
};

static void
put (GByteArray *bytes, guint64 value, guint n)
{
  for (guint i = 0; i < n; i++, value >>= 8)
    g_byte_array_append (bytes, &(guint8){ value & 0xff }, 1);
}

static gboolean
write_bytes (ExpZipWriter *writer, const GByteArray *bytes, guint64 at, GError **error)
{
  return exp_source_pwrite (writer->to, at, bytes->len, bytes->data, error);
}

void
exp_zip_writer_init (ExpZipWriter *writer, ExpSource *to)
{
  *writer = (ExpZipWriter){ .to = to, .directory = g_byte_array_new () };
}

void
exp_zip_writer_clear (ExpZipWriter *writer)
{
  g_clear_pointer (&writer->directory, g_byte_array_unref);
}

/* --- headers ------------------------------------------------------------------------------------------------ */

static guint32
low (guint64 value)
{
  return (guint32)MIN (value, G_MAXUINT32);
}

/* Numbers that do not fit into 32 bits, in the order that they have where they do. */
static void
put_extra (GByteArray *bytes, const Entry *entry, gboolean is_local)
{
  const guint64 fields[] = { entry->size, entry->n_stored, entry->header };
  g_autoptr (GByteArray) extra = g_byte_array_new ();

  for (guint i = 0; i < (is_local ? 2 : 3); i++)
    if (fields[i] >= G_MAXUINT32 || (is_local && (entry->size >= G_MAXUINT32 || entry->n_stored >= G_MAXUINT32)))
      put (extra, fields[i], 8);
  if (extra->len == 0)
    return;
  put (bytes, 1, 2);
  put (bytes, extra->len, 2);
  g_byte_array_append (bytes, extra->data, extra->len);
}

/* What both headers have, from the version that is needed to the lengths of name and extra field. In a local header
 * both sizes stand in the extra field when one of them does. */
static void
put_common (GByteArray *bytes, const Entry *entry, const GByteArray *extra, gboolean is_local)
{
  gboolean is_large = is_local && extra->len > 0;

  put (bytes, extra->len > 0 ? VERSION64 : VERSION, 2);
  put (bytes, g_str_is_ascii (entry->name) ? 0 : IS_UTF8, 2);
  put (bytes, entry->method, 2);
  put (bytes, 0, 2);
  put (bytes, DATE, 2);
  put (bytes, entry->crc, 4);
  put (bytes, is_large ? G_MAXUINT32 : low (entry->n_stored), 4);
  put (bytes, is_large ? G_MAXUINT32 : low (entry->size), 4);
  put (bytes, strlen (entry->name), 2);
  put (bytes, extra->len, 2);
}

static GByteArray *
local_header (const Entry *entry)
{
  GByteArray *bytes = g_byte_array_new ();
  g_autoptr (GByteArray) extra = g_byte_array_new ();

  put_extra (extra, entry, TRUE);
  g_byte_array_append (bytes, (const guint8 *)"PK\3\4", 4);
  put_common (bytes, entry, extra, TRUE);
  g_byte_array_append (bytes, (const guint8 *)entry->name, strlen (entry->name));
  g_byte_array_append (bytes, extra->data, extra->len);
  return bytes;
}

static void
add_to_directory (ExpZipWriter *writer, const Entry *entry)
{
  g_autoptr (GByteArray) extra = g_byte_array_new ();

  put_extra (extra, entry, FALSE);
  g_byte_array_append (writer->directory, (const guint8 *)"PK\1\2", 4);
  put (writer->directory, ON_UNIX | (extra->len > 0 ? VERSION64 : VERSION), 2);
  put_common (writer->directory, entry, extra, FALSE);
  put (writer->directory, 0, 2); /* comment */
  put (writer->directory, 0, 2); /* disk */
  put (writer->directory, 0, 2);
  put (writer->directory, ATTRIBUTES, 4);
  put (writer->directory, low (entry->header), 4);
  g_byte_array_append (writer->directory, (const guint8 *)entry->name, strlen (entry->name));
  g_byte_array_append (writer->directory, extra->data, extra->len);
  writer->n_members++;
}

/* --- members ------------------------------------------------------------------------------------------------ */

static gboolean
copy_by_hand (ExpSource *from, guint64 start, ExpSource *to, guint64 at, guint64 length, GError **error)
{
  g_autofree guint8 *piece = g_malloc (WINDOW);

  for (guint64 done = 0, n; done < length; done += n)
    {
      n = MIN (WINDOW, length - done);
      if (!exp_source_pread (from, start + done, n, piece, error)
          || !exp_source_pwrite (to, at + done, n, piece, error))
        return FALSE;
    }
  return TRUE;
}

/* The kernel copies, and where files share blocks, does not even do that. */
static gboolean
copy_bytes (ExpSource *from, guint64 start, ExpSource *to, guint64 at, guint64 length, GError **error)
{
  guint64 done = 0;

  while (done < length)
    {
      loff_t in = start + done, out = at + done;
      gssize n = copy_file_range (exp_source_fd (from), &in, exp_source_fd (to), &out, length - done, 0);

      if (n < 0 && errno == EINTR)
        continue;
      if (n <= 0)
        return copy_by_hand (from, start + done, to, at + done, length - done, error);
      done += n;
    }
  return TRUE;
}

gboolean
exp_zip_writer_copy (ExpZipWriter *writer, const char *name, ExpZip *from, ExpZipMember *member, GError **error)
{
  const Entry entry = { .name = name,
                        .method = member->method,
                        .crc = member->crc,
                        .size = member->size,
                        .n_stored = member->n_stored,
                        .header = writer->at };
  g_autoptr (GByteArray) header = local_header (&entry);
  guint64 data;

  if (!exp_zip_member_find (from, member, &data, error) || !write_bytes (writer, header, writer->at, error)
      || !copy_bytes (from->source, data, writer->to, writer->at + header->len, member->n_stored, error))
    return FALSE;
  writer->at += header->len + member->n_stored;
  add_to_directory (writer, &entry);
  return TRUE;
}

ExpZipMemberWriter *
exp_zip_writer_begin (ExpZipWriter *writer, const char *name, guint64 size, gboolean packs, GError **error)
{
  ExpZipMemberWriter *self = g_new0 (ExpZipMemberWriter, 1);

  self->writer = writer;
  self->name = g_strdup (name);
  self->packs = packs;
  /* As long as may be, so that the header keeps its length. */
  self->entry = (Entry){ .name = self->name,
                         .method = packs ? EXP_ZIP_DEFLATE : EXP_ZIP_STORED,
                         .size = size,
                         .n_stored = size,
                         .header = writer->at };
  g_autoptr (GByteArray) header = local_header (&self->entry);
  writer->at += header->len;
  if (packs)
    {
      self->entry.n_stored = 0;
      deflateInit2 (&self->deflate, Z_DEFAULT_COMPRESSION, Z_DEFLATED, -MAX_WBITS, 8, Z_DEFAULT_STRATEGY);
    }
  return self;
}

/* What deflate has, as long as it goes on having some. */
static gboolean
drain (ExpZipMemberWriter *self, int flush, GError **error)
{
  int result;

  do
    {
      self->deflate.next_out = self->window;
      self->deflate.avail_out = WINDOW;
      result = deflate (&self->deflate, flush);
      gsize n = WINDOW - self->deflate.avail_out;
      if (!exp_source_pwrite (self->writer->to, self->writer->at, n, self->window, error))
        return FALSE;
      self->writer->at += n;
      self->entry.n_stored += n;
    }
  while (self->deflate.avail_out == 0 || (flush == Z_FINISH && result == Z_OK));
  return TRUE;
}

gboolean
exp_zip_member_write (ExpZipMemberWriter *self, gsize length, const void *bytes, GError **error)
{
  self->entry.crc = libdeflate_crc32 (self->entry.crc, bytes, length);
  if (self->packs)
    {
      self->deflate.next_in = (guint8 *)bytes;
      self->deflate.avail_in = length;
      return drain (self, Z_NO_FLUSH, error);
    }
  if (!exp_source_pwrite (self->writer->to, self->writer->at, length, bytes, error))
    return FALSE;
  self->writer->at += length;
  return TRUE;
}

gboolean
exp_zip_member_end (ExpZipMemberWriter *self, GError **error)
{
  if (self->packs && !drain (self, Z_FINISH, error))
    return FALSE;
  g_autoptr (GByteArray) header = local_header (&self->entry);
  if (!write_bytes (self->writer, header, self->entry.header, error))
    return FALSE;
  add_to_directory (self->writer, &self->entry);
  return TRUE;
}

void
exp_zip_member_writer_free (ExpZipMemberWriter *self)
{
  if (self == NULL)
    return;
  if (self->packs)
    deflateEnd (&self->deflate);
  g_free (self->name);
  g_free (self);
}

/* --- the end ------------------------------------------------------------------------------------------------ */

static void
put_end64 (GByteArray *bytes, const ExpZipWriter *writer)
{
  const guint64 length = writer->directory->len;

  g_byte_array_append (bytes, (const guint8 *)"PK\6\6", 4);
  put (bytes, 44, 8); /* bytes of this record that follow */
  put (bytes, ON_UNIX | VERSION64, 2);
  put (bytes, VERSION64, 2);
  put (bytes, 0, 8); /* disks */
  put (bytes, writer->n_members, 8);
  put (bytes, writer->n_members, 8);
  put (bytes, length, 8);
  put (bytes, writer->at, 8);
  g_byte_array_append (bytes, (const guint8 *)"PK\6\7", 4);
  put (bytes, 0, 4);
  put (bytes, writer->at + length, 8);
  put (bytes, 1, 4);
}

gboolean
exp_zip_writer_finish (ExpZipWriter *writer, GError **error)
{
  g_autoptr (GByteArray) end = g_byte_array_new ();
  const guint64 length = writer->directory->len;
  const guint n = MIN (writer->n_members, G_MAXUINT16);

  if (writer->n_members >= G_MAXUINT16 || writer->at >= G_MAXUINT32 || length >= G_MAXUINT32)
    put_end64 (end, writer);
  g_byte_array_append (end, (const guint8 *)"PK\5\6", 4);
  put (end, 0, 4); /* disks */
  put (end, n, 2);
  put (end, n, 2);
  put (end, low (length), 4);
  put (end, low (writer->at), 4);
  put (end, 0, 2); /* comment */
  return write_bytes (writer, writer->directory, writer->at, error)
         && write_bytes (writer, end, writer->at + length, error);
}
