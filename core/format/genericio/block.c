/* The data of one variable of one rank: checked, and unpacked where it is.
 * Knows CRCs and Blosc's buffers; knows nothing of jobs and nodes.
 * Called by column.c. */
#include "crc.h"
#include "genericio.h"
#include "parallel.h"
#include "source/chunk_cache.h"
#include <blosc.h>
#include <string.h>

#define PIECE (1 << 20)
/* What is unpacked is kept in the cache up to here, above that in a file. */
#define MAX_WHOLE (64 << 20)
/* In front of what Blosc made: the CRC of what it was. */
#define ORIGINAL_CRC 8
#define BLOSC_HEADER 16

#define IS_COPY    2  /* Blosc's flag: not packed */
#define IS_UNSPLIT 16 /* one stream a block */

gboolean
exp_gio_block_is_packed (const ExpGioBlock *block)
{
  return block->filters[0][0] != '\0';
}

void
exp_gio_file_unref (ExpGioFile *file)
{
  if (file == NULL || !g_atomic_ref_count_dec (&file->references))
    return;
  exp_chunk_cache_forget (file);
  g_clear_pointer (&file->unpacked, g_array_unref);
  g_mutex_clear (&file->lock);
  g_cond_clear (&file->unpacked_is_made);
  g_array_unref (file->variables);
  g_array_unref (file->ranks);
  g_array_unref (file->blocks);
  exp_source_unref (file->source);
  g_free (file);
}

/* What is being read. */
typedef struct
{
  ExpGioFile *file;
  ExpGioBlock *block;
  const ExpGioVariable *variable;
  guint64 n_bytes; /* unpacked */

  /* Of what is packed: */
  guint8 header[BLOSC_HEADER]; /* Blosc's */
  guint64 packed;              /* where its buffer begins */
  guint32 block_size, n_packed;
} Reading;

static gboolean
fail (const Reading *reading, ExpError code, const char *reason, GError **error)
{
  g_set_error (error, EXP_ERROR, code, "%s: variable %s: %s", reading->file->source->name, reading->variable->name,
               reason);
  return FALSE;
}

static guint32
get32 (const guint8 *bytes)
{
  guint32 value;

  memcpy (&value, bytes, sizeof value);
  return GUINT32_FROM_LE (value);
}

/* --- checks ------------------------------------------------------------------------------------------------- */

static gboolean
fetch_stored (gpointer data, guint64 at, gsize n, guint8 *to, GError **error)
{
  const Reading *reading = data;

  return exp_source_pread (reading->file->source, reading->block->start + at, n, to, error);
}

static gboolean
check_stored (const Reading *reading, GError **error)
{
  const ExpGioBlock *block = reading->block;
  guint64 length, crc;
  guint8 last;

  if (!g_uint64_checked_add (&length, block->size, EXP_GIO_CRC) || block->start > G_MAXINT64 - length)
    return fail (reading, EXP_ERROR_DAMAGED, "its data lies past any possible end", error);
  /* That all of it is there bounds what its CRC takes. */
  if (!exp_source_pread (reading->file->source, block->start + length - 1, 1, &last, error))
    return FALSE;
  if (!exp_gio_crc_pieces (length, PIECE, fetch_stored, (gpointer)reading, NULL, &crc, error))
    return FALSE;
  return crc == G_MAXUINT64 || fail (reading, EXP_ERROR_CHECKSUM, "the CRC of its data does not fit", error);
}

/* --- Blosc -------------------------------------------------------------------------------------------------- */

static gboolean
read_blosc_header (Reading *reading, GError **error)
{
  const ExpGioBlock *block = reading->block;

  if (strcmp (block->filters[0], "BLOSC") != 0 || block->filters[1][0] != '\0')
    {
      g_set_error (error, EXP_ERROR, EXP_ERROR_NO_FILTER, "%s: variable %s: needs filter %s",
                   reading->file->source->name, reading->variable->name,
                   strcmp (block->filters[0], "BLOSC") != 0 ? block->filters[0] : block->filters[1]);
      return FALSE;
    }
  if (block->size < ORIGINAL_CRC + BLOSC_HEADER)
    return fail (reading, EXP_ERROR_DAMAGED, "its packed data is cut off", error);
  reading->packed = block->start + ORIGINAL_CRC;
  if (!exp_source_pread (reading->file->source, reading->packed, BLOSC_HEADER, reading->header, error))
    return FALSE;
  reading->block_size = get32 (reading->header + 8);
  reading->n_packed = get32 (reading->header + 12);
  if (get32 (reading->header + 4) != reading->n_bytes || reading->n_packed > block->size - ORIGINAL_CRC
      || reading->n_packed < BLOSC_HEADER || reading->header[3] == 0
      || (reading->n_bytes > 0 && (reading->block_size == 0 || reading->block_size > reading->n_bytes)))
    return fail (reading, EXP_ERROR_DAMAGED, "its packed data is another's", error);
  return TRUE;
}

/* One block of the buffer by itself: a buffer that has no other. The last one, where it is shorter, is one stream. */
static gboolean
decode_one (const Reading *reading, guint32 index, guint8 *to, gsize length, GError **error)
{
  ExpSource *source = reading->file->source;
  guint8 start[4];

  if (BLOSC_HEADER + 4 * ((guint64)index + 1) > reading->n_packed)
    return fail (reading, EXP_ERROR_DAMAGED, "its packed data is cut off", error);
  if (!exp_source_pread (source, reading->packed + BLOSC_HEADER + 4 * (guint64)index, 4, start, error))
    return FALSE;
  const guint32 at = get32 (start);
  if (at > reading->n_packed)
    return fail (reading, EXP_ERROR_DAMAGED, "its packed data is damaged", error);
  const gsize n = MIN ((guint64)reading->n_packed - at, (guint64)length + 4 * ((guint64)reading->header[3] + 1));
  g_autofree guint8 *buffer = g_try_malloc (BLOSC_HEADER + 4 + n);
  const guint32 numbers[] = { GUINT32_TO_LE (length), GUINT32_TO_LE (length), GUINT32_TO_LE (BLOSC_HEADER + 4 + n),
                              GUINT32_TO_LE (BLOSC_HEADER + 4) };

  if (buffer == NULL)
    return fail (reading, EXP_ERROR_NO_MEMORY, "no memory for its data", error);
  memcpy (buffer, reading->header, 4);
  if (length < reading->block_size)
    buffer[2] |= IS_UNSPLIT;
  memcpy (buffer + 4, numbers, sizeof numbers);
  if (!exp_source_pread (source, reading->packed + at, n, buffer + BLOSC_HEADER + 4, error))
    return FALSE;
  if (blosc_decompress_ctx (buffer, to, length, 1) == (int)length)
    return TRUE;
  return fail (reading, EXP_ERROR_DAMAGED, "its packed data cannot be unpacked", error);
}

typedef struct
{
  const Reading *reading;
  guint64 first; /* byte */
  gsize length;
  guint8 *to;
  GMutex lock;
  GError *error;
} Unpacking;

static void
unpack_block (guint index, gpointer data)
{
  Unpacking *self = data;
  const guint64 size = self->reading->block_size, from = self->first + index * size;
  GError *error = NULL;

  if (decode_one (self->reading, from / size, self->to + index * size, MIN (size, self->first + self->length - from),
                  &error))
    return;
  g_mutex_lock (&self->lock);
  if (self->error == NULL)
    self->error = g_steal_pointer (&error);
  g_mutex_unlock (&self->lock);
  g_clear_error (&error);
}

/* Bytes first ... first + length - 1, which begin with a block of Blosc's and end with one. */
static gboolean
unpack (const Reading *reading, guint64 first, gsize length, guint8 *to, GError **error)
{
  Unpacking unpacking = { .reading = reading, .first = first, .length = length, .to = to };

  if ((reading->header[2] & IS_COPY) != 0)
    return BLOSC_HEADER + first + length <= reading->n_packed
               ? exp_source_pread (reading->file->source, reading->packed + BLOSC_HEADER + first, length, to, error)
               : fail (reading, EXP_ERROR_DAMAGED, "its packed data is cut off", error);
  g_mutex_init (&unpacking.lock);
  exp_parallel_for ((length + reading->block_size - 1) / reading->block_size, unpack_block, &unpacking);
  g_mutex_clear (&unpacking.lock);
  if (unpacking.error == NULL)
    return TRUE;
  g_propagate_error (error, unpacking.error);
  return FALSE;
}

static gboolean
check_original (const Reading *reading, guint64 crc, GError **error)
{
  guint8 stored[ORIGINAL_CRC];

  if (!exp_source_pread (reading->file->source, reading->block->start, sizeof stored, stored, error))
    return FALSE;
  return exp_gio_get (reading->file, stored) == crc
         || fail (reading, EXP_ERROR_CHECKSUM, "the CRC of its unpacked data does not fit", error);
}

/* --- what is unpacked --------------------------------------------------------------------------------------- */

/* One of them is not to take the whole cache. */
static gboolean
goes_into_cache (const Reading *reading)
{
  return reading->n_bytes <= MIN (MAX_WHOLE, exp_chunk_cache_get_limit () / 2);
}

static gboolean
make_whole (gpointer data, guint8 *to, GError **error)
{
  const Reading *reading = data;

  return unpack (reading, 0, reading->n_bytes, to, error)
         && check_original (reading, exp_gio_crc (to, reading->n_bytes, 0), error);
}

static const ExpCachedChunk *
get_whole (const Reading *reading, GError **error)
{
  return exp_chunk_cache_get (reading->file, reading->block->start, reading->n_bytes, make_whole, (gpointer)reading,
                              error);
}

static gboolean
fetch_unpacked (gpointer data, guint64 at, gsize n, guint8 *to, GError **error)
{
  return unpack (data, at, n, to, error);
}

static gboolean
make_file (gpointer data, ExpSource *to, GError **error)
{
  const Reading *reading = data;
  const gsize together = (gsize)MAX (PIECE / reading->block_size, 1) * reading->block_size;
  guint64 crc;

  return exp_gio_crc_pieces (reading->n_bytes, together, fetch_unpacked, data, to, &crc, error)
         && check_original (reading, crc, error);
}

static ExpSource *
get_file (const Reading *reading, GError **error)
{
  return exp_gio_unpacked_get (reading->file, reading->block, make_file, (gpointer)reading, error);
}

static gboolean
read_packed (const Reading *reading, guint64 offset, gsize length, guint8 *to, GError **error)
{
  if (length == 0)
    return TRUE;
  if (!goes_into_cache (reading))
    {
      g_autoptr (ExpSource) file = get_file (reading, error);
      return file != NULL && exp_source_pread (file, offset, length, to, error);
    }
  const ExpCachedChunk *whole = get_whole (reading, error);
  if (whole == NULL)
    return FALSE;
  memcpy (to, whole->bytes + offset, length);
  exp_chunk_cache_release (whole);
  return TRUE;
}

static void
release_file (gconstpointer file)
{
  exp_source_unref ((ExpSource *)file);
}

static void
release_whole (gconstpointer whole)
{
  exp_chunk_cache_release (whole);
}

static gboolean
locate_packed (const Reading *reading, guint64 offset, ExpRun *run)
{
  if (goes_into_cache (reading))
    {
      const ExpCachedChunk *whole = get_whole (reading, NULL);

      if (whole == NULL)
        return FALSE;
      run->bytes = whole->bytes + offset;
      run->release = release_whole;
      run->owner = whole;
      return TRUE;
    }
  ExpSource *file = get_file (reading, NULL);
  if (file == NULL)
    return FALSE;
  run->fd = exp_source_fd (file);
  run->position = offset;
  run->release = release_file;
  run->owner = file;
  return TRUE;
}

/* --- reading ------------------------------------------------------------------------------------------------ */

static gboolean
begin (ExpGioFile *file, guint rank, guint variable, Reading *reading, GError **error)
{
  *reading = (Reading){ .file = file,
                        .block = exp_gio_file_block (file, rank, variable),
                        .variable = exp_gio_file_variable (file, variable) };
  if (!g_uint64_checked_mul (&reading->n_bytes, exp_gio_file_rank (file, rank)->n_rows, reading->variable->size))
    return fail (reading, EXP_ERROR_DAMAGED, "it has more rows than a file can", error);
  if (exp_gio_block_is_packed (reading->block))
    return read_blosc_header (reading, error);
  return reading->block->size == reading->n_bytes
         || fail (reading, EXP_ERROR_DAMAGED, "its data has not the size that its rows take", error);
}

static gboolean
verify (const Reading *reading, GError **error)
{
  if (g_atomic_int_get (&reading->block->is_verified))
    return TRUE;
  if (!check_stored (reading, error))
    return FALSE;
  g_atomic_int_set (&reading->block->is_verified, TRUE);
  return TRUE;
}

gboolean
exp_gio_block_read (ExpGioFile *file, guint rank, guint variable, guint64 offset, gsize length, guint8 *to,
                    GError **error)
{
  Reading reading;

  if (!begin (file, rank, variable, &reading, error) || !verify (&reading, error))
    return FALSE;
  if (exp_gio_block_is_packed (reading.block))
    return read_packed (&reading, offset, length, to, error);
  return exp_source_pread (file->source, reading.block->start + offset, length, to, error);
}

gboolean
exp_gio_block_locate (ExpGioFile *file, guint rank, guint variable, guint64 offset, gsize length, ExpRun *run)
{
  Reading reading;

  if (!begin (file, rank, variable, &reading, NULL) || !verify (&reading, NULL))
    return FALSE;
  *run = (ExpRun){ .length = length, .fd = -1 };
  if (exp_gio_block_is_packed (reading.block))
    return locate_packed (&reading, offset, run);
  run->fd = exp_source_fd (file->source);
  run->position = reading.block->start + offset;
  return run->fd >= 0;
}
