/* The directory of a ZIP archive.
 * Knows nothing of what members hold; zip_member.c has their bytes.
 * Called by npz.c and save.c. */
#include "zip.h"
#include "source/chunk_cache.h"
#include <string.h>
#include <unistd.h>

#define END_LENGTH     22
#define LOCATOR_LENGTH 20
#define END64_LENGTH   56
#define ENTRY_LENGTH   46
#define LOCAL_LENGTH   30
#define MAX_COMMENT    65535

#define IS_ENCRYPTED (1 << 0)
#define IS_UTF8      (1 << 11)

static guint
get16 (const guint8 *bytes)
{
  return bytes[0] | (guint)bytes[1] << 8;
}

static guint32
get32 (const guint8 *bytes)
{
  return get16 (bytes) | (guint32)get16 (bytes + 2) << 16;
}

static guint64
get64 (const guint8 *bytes)
{
  return get32 (bytes) | (guint64)get32 (bytes + 4) << 32;
}

static gboolean
fail (ExpSource *source, const char *reason, GError **error)
{
  g_set_error (error, EXP_ERROR, EXP_ERROR_DAMAGED, "%s: %s", source->name, reason);
  return FALSE;
}

/* --- the end ------------------------------------------------------------------------------------------------ */

typedef struct
{
  guint64 offset, length, n; /* of the directory as said; members */
  guint64 at;                /* where the records that follow it begin */
} Directory;

/* A directory of more than 32 bits is said in front of the last record. */
static gboolean
read_end64 (ExpSource *source, guint64 at, Directory *directory, GError **error)
{
  guint8 locator[LOCATOR_LENGTH], end[END64_LENGTH];
  guint64 where;

  if (at < LOCATOR_LENGTH || !exp_source_pread (source, at - LOCATOR_LENGTH, LOCATOR_LENGTH, locator, NULL)
      || memcmp (locator, "PK\6\7", 4) != 0)
    return TRUE;
  /* In front of an archive others may put bytes that the offset does not know of. */
  where = get64 (locator + 8);
  if (at < LOCATOR_LENGTH + END64_LENGTH)
    return fail (source, "its ZIP64 records are cut off", error);
  if (where > at - LOCATOR_LENGTH - END64_LENGTH || !exp_source_pread (source, where, sizeof end, end, NULL)
      || memcmp (end, "PK\6\6", 4) != 0)
    where = at - LOCATOR_LENGTH - END64_LENGTH;
  if (!exp_source_pread (source, where, sizeof end, end, error) || memcmp (end, "PK\6\6", 4) != 0)
    return fail (source, "its ZIP64 record is not where it should be", error);
  directory->n = get64 (end + 32);
  directory->length = get64 (end + 40);
  directory->offset = get64 (end + 48);
  directory->at = where;
  return TRUE;
}

/* Of the records that it could be the one whose comment ends with the file, since a comment may hold such bytes too;
 * else the last one; `length` for none. */
static gsize
find_end_record (const guint8 *tail, gsize length)
{
  gsize last = length;

  for (gsize i = length - END_LENGTH + 1; i-- > 0;)
    {
      if (memcmp (tail + i, "PK\5\6", 4) != 0)
        continue;
      if (i + END_LENGTH + get16 (tail + i + 20) == length)
        return i;
      if (last == length)
        last = i;
    }
  return last;
}

static gboolean
find_end (ExpSource *source, guint64 size, Directory *directory, GError **error)
{
  const gsize length = MIN (size, END_LENGTH + MAX_COMMENT);
  g_autofree guint8 *tail = g_malloc (END_LENGTH + MAX_COMMENT);

  if (length < END_LENGTH)
    return fail (source, "it is too short for a ZIP archive", error);
  if (!exp_source_pread (source, size - length, length, tail, error))
    return FALSE;
  const gsize at = find_end_record (tail, length);
  if (at == length)
    return fail (source, "a ZIP archive that is cut off: its directory is missing", error);
  directory->n = get16 (tail + at + 10);
  directory->length = get32 (tail + at + 12);
  directory->offset = get32 (tail + at + 16);
  directory->at = size - length + at;
  return read_end64 (source, directory->at, directory, error);
}

/* --- members ------------------------------------------------------------------------------------------------ */

static void
clear_member (gpointer data)
{
  ExpZipMember *member = data;

  g_free (member->name);
  g_free (member->stored_name);
}

static char *
decode_name (const guint8 *bytes, gsize length, gboolean is_utf8)
{
  g_autofree char *name = g_strndup ((const char *)bytes, length); /* up to a NUL */

  if (is_utf8 || g_str_is_ascii (name))
    return g_steal_pointer (&name);
  char *converted = g_convert (name, -1, "UTF-8", "CP437", NULL, NULL, NULL);
  return converted != NULL ? converted : g_steal_pointer (&name);
}

/* Fields of which the 32-bit ones are all ones stand in the extra field, in this order. */
static gboolean
read_extra (ExpSource *source, const guint8 *extra, gsize length, ExpZipMember *member, GError **error)
{
  guint64 *const fields[] = { &member->size, &member->n_stored, &member->header };

  while (length >= 4)
    {
      const gsize n = get16 (extra + 2);
      const guint8 *at = extra + 4, *end = at + n;

      if (n > length - 4)
        break;
      for (guint i = 0; get16 (extra) == 1 && i < G_N_ELEMENTS (fields); i++)
        if (*fields[i] == G_MAXUINT32)
          {
            if (end - at < 8)
              return fail (source, "a ZIP64 field of its directory is cut off", error);
            *fields[i] = get64 (at);
            at += 8;
          }
      extra += 4 + n;
      length -= 4 + n;
    }
  return TRUE;
}

/* One entry of the directory; its bytes are at `entry`, with `length` left. */
static gboolean
read_entry (ExpZip *zip, const guint8 *entry, gsize length, guint64 shift, gsize *used, GError **error)
{
  ExpZipMember member = { 0 };

  if (length < ENTRY_LENGTH || memcmp (entry, "PK\1\2", 4) != 0)
    return fail (zip->source, "its directory holds something else than members", error);
  const gsize n_name = get16 (entry + 28), n_extra = get16 (entry + 30), n_comment = get16 (entry + 32);
  *used = ENTRY_LENGTH + n_name + n_extra + n_comment;
  if (*used > length)
    return fail (zip->source, "its directory is cut off", error);
  member.flags = get16 (entry + 8);
  member.method = get16 (entry + 10);
  member.crc = get32 (entry + 16);
  member.n_stored = get32 (entry + 20);
  member.size = get32 (entry + 24);
  member.header = get32 (entry + 42);
  if (!read_extra (zip->source, entry + ENTRY_LENGTH + n_name, n_extra, &member, error))
    return FALSE;
  if (!g_uint64_checked_add (&member.header, member.header, shift))
    return fail (zip->source, "a member begins past any possible end", error);
  member.stored_name = g_memdup2 (entry + ENTRY_LENGTH, n_name);
  member.stored_length = n_name;
  member.name = decode_name (entry + ENTRY_LENGTH, n_name, (member.flags & IS_UTF8) != 0);
  g_array_append_val (zip->members, member);
  return TRUE;
}

static gboolean
read_directory (ExpZip *zip, const Directory *directory, GError **error)
{
  if (directory->length > directory->at || directory->offset > directory->at - directory->length)
    return fail (zip->source, "its directory does not lie inside", error);

  const guint64 start = directory->at - directory->length, shift = start - directory->offset;
  g_autofree guint8 *bytes = g_try_malloc (MAX (directory->length, 1));
  if (bytes == NULL)
    {
      g_set_error (error, EXP_ERROR, EXP_ERROR_NO_MEMORY, "%s: no memory for its directory", zip->source->name);
      return FALSE;
    }
  if (!exp_source_pread (zip->source, start, directory->length, bytes, error))
    return FALSE;
  for (gsize at = 0, used; at < directory->length; at += used)
    if (!read_entry (zip, bytes + at, directory->length - at, shift, &used, error))
      return FALSE;
  return TRUE;
}

ExpZip *
exp_zip_open (ExpSource *source, GError **error)
{
  g_autoptr (ExpZip) zip = g_new0 (ExpZip, 1);
  Directory directory = { 0 };
  guint64 size;

  g_atomic_ref_count_init (&zip->references);
  g_mutex_init (&zip->lock);
  g_cond_init (&zip->unpacked_is_made);
  zip->source = exp_source_ref (source);
  zip->members = g_array_new (FALSE, FALSE, sizeof (ExpZipMember));
  g_array_set_clear_func (zip->members, clear_member);
  if (exp_source_size (source, &size, error) && find_end (source, size, &directory, error)
      && read_directory (zip, &directory, error))
    return g_steal_pointer (&zip);
  return NULL;
}

ExpZip *
exp_zip_ref (ExpZip *zip)
{
  g_atomic_ref_count_inc (&zip->references);
  return zip;
}

void
exp_zip_unref (ExpZip *zip)
{
  if (zip == NULL || !g_atomic_ref_count_dec (&zip->references))
    return;
  exp_chunk_cache_forget (zip);
  g_clear_pointer (&zip->unpacked, g_array_unref);
  g_array_unref (zip->members);
  exp_source_unref (zip->source);
  g_mutex_clear (&zip->lock);
  g_cond_clear (&zip->unpacked_is_made);
  g_free (zip);
}

gboolean
exp_zip_member_find (ExpZip *zip, ExpZipMember *member, guint64 *data, GError **error)
{
  guint8 header[LOCAL_LENGTH];
  guint64 size, end;

  *data = (guint64)__atomic_load_n (&member->data, __ATOMIC_ACQUIRE);
  if (*data != 0)
    return TRUE;
  if ((member->flags & IS_ENCRYPTED) != 0)
    {
      g_set_error (error, EXP_ERROR, EXP_ERROR_UNSUPPORTED, "%s: member '%s' is encrypted", zip->source->name,
                   member->name);
      return FALSE;
    }
  if (!exp_source_pread (zip->source, member->header, sizeof header, header, error))
    return FALSE;
  const gsize n_name = get16 (header + 26), n_extra = get16 (header + 28);
  g_autofree guint8 *name = g_malloc (n_name + 1);
  if (memcmp (header, "PK\3\4", 4) != 0 || n_name != member->stored_length
      || !exp_source_pread (zip->source, member->header + LOCAL_LENGTH, n_name, name, NULL)
      || memcmp (name, member->stored_name, n_name) != 0)
    {
      g_set_error (error, EXP_ERROR, EXP_ERROR_DAMAGED, "%s: where member '%s' should be is another, or none",
                   zip->source->name, member->name);
      return FALSE;
    }
  *data = member->header + LOCAL_LENGTH + n_name + n_extra;
  if (!exp_source_size (zip->source, &size, error))
    return FALSE;
  /* Deflate makes no more of a byte than 1,032. */
  if (!g_uint64_checked_add (&end, *data, member->n_stored) || end > size
      || (member->method == EXP_ZIP_DEFLATE && member->size / 1032 > member->n_stored)
      || (member->method == EXP_ZIP_STORED && member->size != member->n_stored))
    {
      g_set_error (error, EXP_ERROR, EXP_ERROR_DAMAGED, "%s: member '%s' does not lie inside", zip->source->name,
                   member->name);
      return FALSE;
    }
  __atomic_store_n (&member->data, (gint64)*data, __ATOMIC_RELEASE);
  return TRUE;
}
