/* Finds and reads superblocks.
 * Knows nothing past them.
 * Called by hdf5.c and file.c. */
#include "superblock.h"
#include "expfs/error.h"
#include "file.h"
#include <string.h>

static const guint8 signature[8] = { 0x89, 'H', 'D', 'F', '\r', '\n', 0x1a, '\n' };

/* Says what a file without a signature holds instead, as far as a look at its start tells. */
static void
set_not_hdf5 (ExpSource *source, guint64 size, GError **error)
{
  guint8 start[4096];
  gsize n = MIN (size, sizeof start), zeros = 0;

  if (size == 0)
    {
      g_set_error (error, EXP_ERROR, EXP_ERROR_NOT_A_STORE, "the file is empty");
      return;
    }
  if (!exp_source_pread (source, 0, n, start, error))
    return;
  while (zeros < n && start[zeros] == 0)
    zeros++;
  g_set_error (error, EXP_ERROR, EXP_ERROR_NOT_A_STORE, "not an HDF5 file: %s",
               zeros == n ? "it starts with zeros and has no signature" : "it has no signature");
}

static gboolean
find (ExpSource *source, guint64 *base, GError **error)
{
  guint64 size;
  guint8 found[8];

  if (!exp_source_size (source, &size, error))
    return FALSE;
  for (guint64 at = 0; at < size && size - at >= sizeof found; at = at == 0 ? 512 : at * 2)
    {
      if (!exp_source_pread (source, at, sizeof found, found, error))
        return FALSE;
      if (memcmp (found, signature, sizeof found) == 0)
        {
          *base = at;
          return TRUE;
        }
    }
  set_not_hdf5 (source, size, error);
  return FALSE;
}

static gboolean
is_valid_size (guint size)
{
  return size == 2 || size == 4 || size == 8;
}

static guint64
address_or_none (const guint8 *bytes, guint size)
{
  guint64 address = exp_hdf5_decode_uint (bytes, size);

  return address == exp_hdf5_undefined (size) ? G_MAXUINT64 : address;
}

gboolean
exp_superblock_read (ExpSource *source, ExpSuperblock *superblock, GError **error)
{
  guint8 bytes[96] = { 0 };
  guint64 size;

  memset (superblock, 0, sizeof *superblock);
  superblock->driver = superblock->extension = G_MAXUINT64;
  if (!find (source, &superblock->base, error) || !exp_source_size (source, &size, error)
      || !exp_source_pread (source, superblock->base, MIN (sizeof bytes, size - superblock->base), bytes, error))
    return FALSE;

  superblock->version = bytes[8];
  if (superblock->version > 3)
    {
      g_set_error (error, EXP_ERROR, EXP_ERROR_VERSION, "an HDF5 superblock of version %u; 0 to 3 are known",
                   superblock->version);
      return FALSE;
    }

  gboolean is_old = superblock->version < 2;
  superblock->sizeof_address = bytes[is_old ? 13 : 9];
  superblock->sizeof_size = bytes[is_old ? 14 : 10];
  if (!is_valid_size (superblock->sizeof_address) || !is_valid_size (superblock->sizeof_size))
    {
      g_set_error (error, EXP_ERROR, EXP_ERROR_DAMAGED, "the HDF5 superblock is damaged");
      return FALSE;
    }

  const guint n = superblock->sizeof_address;
  const guint8 *addresses = bytes + (is_old ? (superblock->version == 1 ? 28 : 24) : 12);
  superblock->end = exp_hdf5_decode_uint (addresses + 2 * n, n);
  if (is_old)
    {
      superblock->driver = address_or_none (addresses + 3 * n, n);
      superblock->root = exp_hdf5_decode_uint (addresses + 4 * n + superblock->sizeof_size, n); /* behind its name */
    }
  else
    {
      superblock->extension = address_or_none (addresses + n, n);
      superblock->root = exp_hdf5_decode_uint (addresses + 3 * n, n);
    }
  if (superblock->version == 3)
    {
      superblock->is_open_for_write = (bytes[11] & 1) != 0;
      superblock->is_open_for_swmr = (bytes[11] & 4) != 0;
    }
  return TRUE;
}
