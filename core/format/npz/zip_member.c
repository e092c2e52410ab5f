/* The bytes of members, wherever they are: stored in the archive, decoded in the cache, or decoded in a file without a
 * name when they are too many for that.
 * Knows nothing of compression.
 * Called by array.c and check. */
#include "source/chunk_cache.h"
#include "source/system_error.h"
#include "zip.h"
#include <errno.h>
#include <fcntl.h>
#include <libdeflate.h>
#include <string.h>
#include <unistd.h>

#define PIECE (1 << 20)
/* Members in files at one time. */
#define MAX_UNPACKED 4

typedef struct
{
  const ExpZipMember *member;
  int fd;
} Unpacked;

static void
clear_unpacked (gpointer data)
{
  close (((Unpacked *)data)->fd);
}

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

/* All decoded bytes past the checksum, and into a file where there is one. */
static gboolean
stream (ExpZip *zip, ExpZipMember *member, int fd, GError **error)
{
  g_autoptr (ExpZipDecoder) decoder = exp_zip_decoder_new (zip, member, error);
  g_autofree guint8 *piece = g_malloc (PIECE);
  guint32 crc = 0;
  gsize n;

  for (guint64 at = 0; decoder != NULL && at < member->size; at += n)
    {
      if (!exp_zip_decoder_read (decoder, PIECE, piece, &n, error))
        return FALSE;
      crc = libdeflate_crc32 (crc, piece, n);
      for (gsize done = 0; fd >= 0 && done < n;)
        {
          gssize written = pwrite (fd, piece + done, n - done, at + done);

          if (written < 0 && errno == EINTR)
            continue;
          if (written <= 0)
            {
              exp_set_system_error (error, g_get_tmp_dir (), written < 0 ? errno : ENOSPC);
              return FALSE;
            }
          done += written;
        }
    }
  return decoder != NULL && check_crc (zip, member, crc, error);
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

static int
unpack (ExpZip *zip, ExpZipMember *member, GError **error)
{
  g_autofree char *name = g_build_filename (g_get_tmp_dir (), "expfs-XXXXXX", NULL);
  int fd = g_mkstemp_full (name, O_RDWR | O_CLOEXEC, 0600);

  if (fd < 0)
    {
      exp_set_system_error (error, g_get_tmp_dir (), errno);
      return -1;
    }
  unlink (name);
  if (stream (zip, member, fd, error))
    return fd;
  close (fd);
  return -1;
}

/* A descriptor of the caller's. Others wait meanwhile: they would want the disk as well. */
static int
get_unpacked (ExpZip *zip, ExpZipMember *member, GError **error)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&zip->lock);

  if (zip->unpacked == NULL)
    {
      zip->unpacked = g_array_new (FALSE, FALSE, sizeof (Unpacked));
      g_array_set_clear_func (zip->unpacked, clear_unpacked);
    }
  for (guint i = 0; i < zip->unpacked->len; i++)
    if (g_array_index (zip->unpacked, Unpacked, i).member == member)
      return fcntl (g_array_index (zip->unpacked, Unpacked, i).fd, F_DUPFD_CLOEXEC, 0);
  Unpacked new = { member, unpack (zip, member, error) };
  if (new.fd < 0)
    return -1;
  if (zip->unpacked->len == MAX_UNPACKED)
    g_array_remove_index (zip->unpacked, 0);
  g_array_append_val (zip->unpacked, new);
  return fcntl (new.fd, F_DUPFD_CLOEXEC, 0);
}

static gboolean
read_unpacked (ExpZip *zip, ExpZipMember *member, guint64 offset, gsize length, guint8 *to, GError **error)
{
  int fd = get_unpacked (zip, member, error);

  if (fd < 0)
    return FALSE;
  while (length > 0)
    {
      gssize n = pread (fd, to, length, offset);

      if (n < 0 && errno == EINTR)
        continue;
      if (n <= 0)
        {
          exp_set_system_error (error, g_get_tmp_dir (), n < 0 ? errno : EIO);
          break;
        }
      to += n;
      length -= n;
      offset += n;
    }
  close (fd);
  return length == 0;
}

/* --- reading ------------------------------------------------------------------------------------------------ */

static gboolean
verify_stored (ExpZip *zip, ExpZipMember *member, GError **error)
{
  return g_atomic_int_get (&member->is_verified) || member->size > EXP_ZIP_MAX_VERIFIED
         || stream (zip, member, -1, error);
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

gboolean
exp_zip_member_read (ExpZip *zip, ExpZipMember *member, guint64 offset, gsize length, guint8 *to, GError **error)
{
  Making making = { zip, member };
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
  if (!goes_into_cache (member))
    return read_unpacked (zip, member, offset, length, to, error);
  if (length == 0)
    return TRUE;
  const ExpCachedChunk *decoded = exp_chunk_cache_get (zip, member->header, member->size, make_decoded, &making, error);
  if (decoded == NULL)
    return FALSE;
  memcpy (to, decoded->bytes + offset, length);
  exp_chunk_cache_release (decoded);
  return TRUE;
}

int
exp_zip_member_fd (ExpZip *zip, ExpZipMember *member, guint64 *position)
{
  if (member->method != EXP_ZIP_STORED || !verify_stored (zip, member, NULL)
      || !exp_zip_member_find (zip, member, position, NULL))
    return -1;
  return exp_source_fd (zip->source);
}
