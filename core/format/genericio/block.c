/* The data of one variable of one rank: checked, and unpacked where it is.
 * Knows CRCs and Blosc's buffers; knows nothing of jobs and nodes.
 * Called by column.c. */
#include "genericio.h"
#include "parallel.h"
#include "source/chunk_cache.h"
#include <blosc.h>
#include <lzma.h>
#include <string.h>

#define PIECE (1 << 20)
/* What is unpacked is kept as a whole up to here, above that in pieces of about PIECE bytes. */
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
check_stored (const Reading *reading, GError **error)
{
  const ExpGioBlock *block = reading->block;
  g_autofree guint8 *piece = g_malloc (PIECE);
  guint64 crc = 0, length;

  if (!g_uint64_checked_add (&length, block->size, EXP_GIO_CRC) || block->start > G_MAXINT64 - length)
    return fail (reading, EXP_ERROR_DAMAGED, "its data lies past any possible end", error);
  for (guint64 at = 0, n; at < length; at += n)
    {
      n = MIN (PIECE, length - at);
      if (!exp_source_pread (reading->file->source, block->start + at, n, piece, error))
        return FALSE;
      crc = lzma_crc64 (piece, n, crc);
    }
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

/* Bytes that are unpacked together. */
static gsize
group_size (const Reading *reading)
{
  if (reading->n_bytes <= MAX_WHOLE)
    return reading->n_bytes;
  return (gsize)MAX (PIECE / reading->block_size, 1) * reading->block_size;
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

/* All of it past the checksum, kept nowhere. */
static gboolean
check_unpacked (const Reading *reading, GError **error)
{
  const gsize size = group_size (reading);
  g_autofree guint8 *group = g_try_malloc (MAX (size, 1));
  guint64 crc = 0;

  if (group == NULL)
    return fail (reading, EXP_ERROR_NO_MEMORY, "no memory for its data", error);
  for (guint64 at = 0, n; at < reading->n_bytes; at += n)
    {
      n = MIN (size, reading->n_bytes - at);
      if (!unpack (reading, at, n, group, error))
        return FALSE;
      crc = lzma_crc64 (group, n, crc);
    }
  return check_original (reading, crc, error);
}

typedef struct
{
  const Reading *reading;
  guint64 first;
  gsize length;
} Making;

static gboolean
make_group (gpointer data, guint8 *to, GError **error)
{
  const Making *making = data;
  const Reading *reading = making->reading;

  if (!unpack (reading, making->first, making->length, to, error))
    return FALSE;
  return making->length < reading->n_bytes || check_original (reading, lzma_crc64 (to, making->length, 0), error);
}

static gboolean
read_packed (const Reading *reading, guint64 offset, gsize length, guint8 *to, GError **error)
{
  const gsize size = group_size (reading);

  while (length > 0)
    {
      const guint64 first = offset / size * size;
      Making making = { reading, first, MIN (size, reading->n_bytes - first) };
      const gsize n = MIN (length, first + making.length - offset);
      const ExpCachedChunk *group = exp_chunk_cache_get (reading->file, reading->block->start + first, making.length,
                                                         make_group, &making, error);
      if (group == NULL)
        return FALSE;
      memcpy (to, group->bytes + (offset - first), n);
      exp_chunk_cache_release (group);
      to += n;
      offset += n;
      length -= n;
    }
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
  if (exp_gio_block_is_packed (reading->block) && reading->n_bytes > MAX_WHOLE && !check_unpacked (reading, error))
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
exp_gio_block_locate (ExpGioFile *file, guint rank, guint variable, guint64 *position)
{
  Reading reading;

  if (!begin (file, rank, variable, &reading, NULL) || exp_gio_block_is_packed (reading.block)
      || !verify (&reading, NULL))
    return FALSE;
  *position = reading.block->start;
  return TRUE;
}
