/* The bytes of members, wherever they are: stored in the archive, decoded in the cache, or decoded in a file without a
 * name when they are too many for that.
 * Knows nothing of compression.
 * Called by array.c and check. */
#include "parallel.h"
#include "source/chunk_cache.h"
#include "zip.h"
#include <libdeflate.h>
#include <string.h>

#define PIECE (1 << 20)
/* Members in files at one time. */
#define MAX_UNPACKED 4

typedef struct
{
  const ExpZipMember *member;
  ExpSource *file; /* NULL while one thread makes it */
} Unpacked;

static gboolean
check_crc (ExpZip *zip, ExpZipMember *member, guint32 crc, GError **error)
{
  if (crc == member->crc)
    {
      g_atomic_int_set (&member->is_verified, TRUE);
      return TRUE;
    }
  g_set_error (error, EXP_ERROR, EXP_ERROR_CHECKSUM, "%s: bad CRC-32 for member '%s': %08x, stored is %08x",
               zip->source->name, member->name, crc, member->crc);
  return FALSE;
}

/* --- one piece after the other ------------------------------------------------------------------------------ */

/* While one piece is decoded, the one before it goes past the checksum and into the file. */
typedef struct
{
  ExpZipMember *member;
  ExpZipDecoder *decoder;
  ExpSource *file; /* NULL: the bytes are only checked */
  guint8 *pieces[2];
  gsize n[2];
  guint turn;     /* the piece that is decoded now */
  guint64 stored; /* bytes */
  guint32 crc;
  GError *errors[2];
} Stream;

static void
take_step (guint index, gpointer data)
{
  Stream *self = data;
  const guint at = self->turn ^ index;

  if (index == 0)
    {
      exp_zip_decoder_read (self->decoder, PIECE, self->pieces[at], &self->n[at], &self->errors[0]);
      return;
    }
  self->crc = libdeflate_crc32 (self->crc, self->pieces[at], self->n[at]);
  if (self->file == NULL
      || exp_source_pwrite (self->file, self->stored, self->n[at], self->pieces[at], &self->errors[1]))
    self->stored += self->n[at];
}

static gboolean
run_stream (Stream *self, GError **error)
{
  for (; self->stored < self->member->size; self->turn ^= 1)
    {
      exp_parallel_for (2, take_step, self);
      if (self->errors[0] == NULL && self->errors[1] == NULL)
        continue;
      g_propagate_error (error, g_steal_pointer (&self->errors[self->errors[0] != NULL ? 0 : 1]));
      g_clear_error (&self->errors[1]);
      return FALSE;
    }
  return TRUE;
}

/* All decoded bytes past the checksum, and into a file where there is one. */
static gboolean
stream (ExpZip *zip, ExpZipMember *member, ExpSource *file, GError **error)
{
  g_autoptr (ExpZipDecoder) decoder = exp_zip_decoder_new (zip, member, error);
  g_autofree guint8 *pieces = g_malloc (2 * PIECE);
  Stream self = { .member = member, .decoder = decoder, .file = file, .pieces = { pieces, pieces + PIECE } };

  return decoder != NULL && run_stream (&self, error) && check_crc (zip, member, self.crc, error);
}

/* --- in the cache ------------------------------------------------------------------------------------------- */

/* One of them is not to take the whole cache. */
static gboolean
goes_into_cache (const ExpZipMember *member)
{
  return member->size <= exp_chunk_cache_get_limit () / 2 && member->n_stored <= G_MAXSSIZE;
}

typedef struct
{
  ExpZip *zip;
  ExpZipMember *member;
} Making;

static gboolean
make_decoded (gpointer data, guint8 *to, GError **error)
{
  Making *making = data;

  return exp_zip_decode_all (making->zip, making->member, to, error)
         && check_crc (making->zip, making->member, libdeflate_crc32 (0, to, making->member->size), error);
}

/* --- in a file ---------------------------------------------------------------------------------------------- */

static ExpSource *
unpack (ExpZip *zip, ExpZipMember *member, GError **error)
{
  g_autofree char *name
      = g_strdup_printf ("%s: member '%s', unpacked in %s", zip->source->name, member->name, g_get_tmp_dir ());
  g_autoptr (ExpSource) file = exp_source_new_unnamed (NULL, name, error);

  return file != NULL && stream (zip, member, file, error) ? g_steal_pointer (&file) : NULL;
}

static void
clear_unpacked (gpointer data)
{
  exp_source_unref (((Unpacked *)data)->file);
}

/* With the archive's lock. */
static Unpacked *
find_unpacked (ExpZip *zip, const ExpZipMember *member)
{
  if (zip->unpacked == NULL)
    {
      zip->unpacked = g_array_new (FALSE, FALSE, sizeof (Unpacked));
      g_array_set_clear_func (zip->unpacked, clear_unpacked);
    }
  for (guint i = 0; i < zip->unpacked->len; i++)
    if (g_array_index (zip->unpacked, Unpacked, i).member == member)
      return &g_array_index (zip->unpacked, Unpacked, i);
  return NULL;
}

/* Makes room for one more. With the archive's lock. */
static void
drop_oldest (ExpZip *zip)
{
  for (guint i = 0; i < zip->unpacked->len && zip->unpacked->len > MAX_UNPACKED; i++)
    if (g_array_index (zip->unpacked, Unpacked, i).file != NULL)
      {
        g_array_remove_index (zip->unpacked, i);
        return;
      }
}

/* The file is a new reference. Who wants the same member meanwhile waits; when it fails, he tries himself. */
static ExpSource *
get_unpacked (ExpZip *zip, ExpZipMember *member, GError **error)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&zip->lock);
  Unpacked *unpacked;

  while ((unpacked = find_unpacked (zip, member)) != NULL && unpacked->file == NULL)
    g_cond_wait (&zip->unpacked_is_made, &zip->lock);
  if (unpacked != NULL)
    return exp_source_ref (unpacked->file);

  g_array_append_val (zip->unpacked, ((Unpacked){ member, NULL }));
  drop_oldest (zip);
  g_mutex_unlock (&zip->lock);
  ExpSource *file = unpack (zip, member, error);
  g_mutex_lock (&zip->lock);
  unpacked = find_unpacked (zip, member);
  if (file != NULL)
    unpacked->file = exp_source_ref (file);
  else
    g_array_remove_index (zip->unpacked, unpacked - (Unpacked *)zip->unpacked->data);
  g_cond_broadcast (&zip->unpacked_is_made);
  return file;
}

/* --- reading ------------------------------------------------------------------------------------------------ */

static gboolean
verify_stored (ExpZip *zip, ExpZipMember *member, GError **error)
{
  return g_atomic_int_get (&member->is_verified) || member->size > EXP_ZIP_MAX_VERIFIED
         || stream (zip, member, NULL, error);
}

/* What stands in front of the elements, the header, is read by others. */
#define MAX_SKIPPED (1 << 20)

/* Bytes in front of `offset`, as far as they were not seen, when these are few. With the archive's lock. */
static gboolean
see_skipped (ExpZip *zip, ExpZipMember *member, guint64 data, guint64 offset, GError **error)
{
  const guint64 n = offset - member->n_seen;
  g_autofree guint8 *bytes = n > 0 && n <= MAX_SKIPPED ? g_malloc (n) : NULL;

  if (bytes == NULL)
    return TRUE;
  if (!exp_source_pread (zip->source, data + member->n_seen, n, bytes, error))
    return FALSE;
  member->seen_crc = libdeflate_crc32 (member->seen_crc, bytes, n);
  member->n_seen = offset;
  return TRUE;
}

/* Bytes of a long stored member that were just read. */
static gboolean
see (ExpZip *zip, ExpZipMember *member, guint64 data, guint64 offset, gsize length, const guint8 *bytes, GError **error)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&zip->lock);

  if (offset == 0)
    member->n_seen = member->seen_crc = 0;
  if (offset < member->n_seen)
    return TRUE;
  if (!see_skipped (zip, member, data, offset, error))
    return FALSE;
  if (offset != member->n_seen)
    return TRUE;
  member->seen_crc = libdeflate_crc32 (member->seen_crc, bytes, length);
  member->n_seen += length;
  if (member->n_seen < member->size || check_crc (zip, member, member->seen_crc, error))
    return TRUE;
  member->n_seen = member->seen_crc = 0;
  return FALSE;
}

gboolean
exp_zip_member_read_head (ExpZip *zip, ExpZipMember *member, gsize length, guint8 *to, gsize *n_read, GError **error)
{
  g_autoptr (ExpZipDecoder) decoder = exp_zip_decoder_new (zip, member, error);

  return decoder != NULL && exp_zip_decoder_read (decoder, length, to, n_read, error);
}

/* Of one that is decoded into the cache. */
static const ExpCachedChunk *
get_decoded (ExpZip *zip, ExpZipMember *member, GError **error)
{
  Making making = { zip, member };

  return exp_chunk_cache_get (zip, member->header, member->size, make_decoded, &making, error);
}

gboolean
exp_zip_member_read (ExpZip *zip, ExpZipMember *member, guint64 offset, gsize length, guint8 *to, GError **error)
{
  guint64 data;

  if (offset > member->size || length > member->size - offset)
    {
      g_set_error (error, EXP_ERROR, EXP_ERROR_DAMAGED,
                   "%s: member '%s' ends at byte %" G_GUINT64_FORMAT ", before elements that it should hold",
                   zip->source->name, member->name, member->size);
      return FALSE;
    }
  if (member->method == EXP_ZIP_STORED)
    return verify_stored (zip, member, error) && exp_zip_member_find (zip, member, &data, error)
           && exp_source_pread (zip->source, data + offset, length, to, error)
           && (g_atomic_int_get (&member->is_verified) || see (zip, member, data, offset, length, to, error));
  if (length == 0)
    return TRUE;
  if (!goes_into_cache (member))
    {
      g_autoptr (ExpSource) file = get_unpacked (zip, member, error);
      return file != NULL && exp_source_pread (file, offset, length, to, error);
    }
  const ExpCachedChunk *decoded = get_decoded (zip, member, error);
  if (decoded == NULL)
    return FALSE;
  memcpy (to, decoded->bytes + offset, length);
  exp_chunk_cache_release (decoded);
  return TRUE;
}

/* --- where they lie ----------------------------------------------------------------------------------------- */

static void
release_file (gconstpointer file)
{
  exp_source_unref ((ExpSource *)file);
}

static void
release_decoded (gconstpointer decoded)
{
  exp_chunk_cache_release (decoded);
}

gboolean
exp_zip_member_locate (ExpZip *zip, ExpZipMember *member, guint64 offset, gsize length, ExpRun *run)
{
  guint64 data;

  *run = (ExpRun){ .length = length, .fd = -1 };
  if (member->method == EXP_ZIP_STORED)
    {
      run->fd = verify_stored (zip, member, NULL) && exp_zip_member_find (zip, member, &data, NULL)
                    ? exp_source_fd (zip->source)
                    : -1;
      run->position = run->fd >= 0 ? data + offset : 0;
      return run->fd >= 0;
    }
  if (goes_into_cache (member))
    {
      const ExpCachedChunk *decoded = get_decoded (zip, member, NULL);

      if (decoded == NULL)
        return FALSE;
      run->bytes = decoded->bytes + offset;
      run->release = release_decoded;
      run->owner = decoded;
      return TRUE;
    }
  ExpSource *file = get_unpacked (zip, member, NULL);
  if (file == NULL)
    return FALSE;
  run->fd = exp_source_fd (file);
  run->position = offset;
  run->release = release_file;
  run->owner = file;
  return TRUE;
}
