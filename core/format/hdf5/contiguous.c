/* Slabs out of and into one stretch of bytes, with as few reads and writes as pay.
 * Knows neither HDF5 nor types.
 * Called by read.c and write_data.c. */
#include "contiguous.h"
#include "expfs/error.h"
#include <string.h>

/* A stretch with holes is read in one go up to this size, or when at least one byte in WASTE of it is wanted. */
#define SMALL (64 * 1024)
#define LARGE (1024 * 1024)
#define WASTE 16

typedef struct
{
  ExpSource *source;
  const ExpSlab *slab;
  const guint64 *shape;
  guint64 stride[EXP_MAX_RANK + 1]; /* bytes from one index of an axis to the next; [rank] is an element */
  guint64 wanted[EXP_MAX_RANK + 1]; /* bytes selected behind one index of the axis before */
  guint64 span[EXP_MAX_RANK + 1];   /* bytes from the first to the last of them */
  guint8 *scratch;
} Reader;

static guint64
span_of (const Reader *reader, guint axis, guint64 count)
{
  return (count - 1) * reader->slab->step[axis] * reader->stride[axis + 1] + reader->span[axis + 1];
}

/* Packs `count` indices of `axis` out of `from`, where the first of them starts; returns the end of what it wrote. */
static guint8 *
gather (const Reader *reader, guint axis, guint64 count, const guint8 *from, guint8 *to)
{
  const guint64 step = axis < reader->slab->rank ? reader->slab->step[axis] * reader->stride[axis + 1] : 0;

  if (axis == reader->slab->rank || span_of (reader, axis, count) == count * reader->wanted[axis + 1])
    {
      gsize n = axis == reader->slab->rank ? reader->stride[axis] : count * reader->wanted[axis + 1];

      memcpy (to, from, n);
      return to + n;
    }
  for (guint64 i = 0; i < count; i++)
    to = gather (reader, axis + 1, axis + 1 < reader->slab->rank ? reader->slab->count[axis + 1] : 1, from + i * step,
                 to);
  return to;
}

/* Reads `count` indices of `axis`, the first of which starts at `address`; splits what would waste too much. */
static gboolean
read_axis (Reader *reader, guint axis, guint64 count, guint64 address, guint8 *to, GError **error)
{
  if (axis == reader->slab->rank)
    return exp_source_pread (reader->source, address, reader->stride[axis], to, error);

  guint64 span = span_of (reader, axis, count), wanted = count * reader->wanted[axis + 1];
  if (span == wanted)
    return exp_source_pread (reader->source, address, span, to, error);
  if (span <= SMALL || (span <= LARGE && wanted >= span / WASTE))
    {
      if (reader->scratch == NULL)
        reader->scratch = g_malloc (LARGE);
      if (!exp_source_pread (reader->source, address, span, reader->scratch, error))
        return FALSE;
      gather (reader, axis, count, reader->scratch, to);
      return TRUE;
    }
  if (count == 1)
    return read_axis (reader, axis + 1, axis + 1 < reader->slab->rank ? reader->slab->count[axis + 1] : 1, address, to,
                      error);

  guint64 half = count / 2;
  guint64 distance = half * reader->slab->step[axis] * reader->stride[axis + 1];
  return read_axis (reader, axis, half, address, to, error)
         && read_axis (reader, axis, count - half, address + distance, to + half * reader->wanted[axis + 1], error);
}

/* The other way round: spreads `count` indices of `axis` over `to`; returns the end of what it took. */
static const guint8 *
scatter (const Reader *reader, guint axis, guint64 count, const guint8 *from, guint8 *to)
{
  const guint64 step = axis < reader->slab->rank ? reader->slab->step[axis] * reader->stride[axis + 1] : 0;

  if (axis == reader->slab->rank || span_of (reader, axis, count) == count * reader->wanted[axis + 1])
    {
      gsize n = axis == reader->slab->rank ? reader->stride[axis] : count * reader->wanted[axis + 1];

      memcpy (to, from, n);
      return from + n;
    }
  for (guint64 i = 0; i < count; i++)
    from = scatter (reader, axis + 1, axis + 1 < reader->slab->rank ? reader->slab->count[axis + 1] : 1, from,
                    to + i * step);
  return from;
}

static gboolean
write_axis (Reader *reader, guint axis, guint64 count, guint64 address, const guint8 *from, GError **error)
{
  if (axis == reader->slab->rank)
    return exp_source_pwrite (reader->source, address, reader->stride[axis], from, error);

  guint64 span = span_of (reader, axis, count), wanted = count * reader->wanted[axis + 1];
  if (span == wanted)
    return exp_source_pwrite (reader->source, address, span, from, error);
  if (span <= SMALL || (span <= LARGE && wanted >= span / WASTE))
    {
      if (reader->scratch == NULL)
        reader->scratch = g_malloc (LARGE);
      if (!exp_source_pread (reader->source, address, span, reader->scratch, error))
        return FALSE;
      scatter (reader, axis, count, from, reader->scratch);
      return exp_source_pwrite (reader->source, address, span, reader->scratch, error);
    }
  if (count == 1)
    return write_axis (reader, axis + 1, axis + 1 < reader->slab->rank ? reader->slab->count[axis + 1] : 1, address,
                       from, error);

  guint64 half = count / 2;
  guint64 distance = half * reader->slab->step[axis] * reader->stride[axis + 1];
  return write_axis (reader, axis, half, address, from, error)
         && write_axis (reader, axis, count - half, address + distance, from + half * reader->wanted[axis + 1], error);
}

/* FALSE for what lies nowhere. */
static gboolean
measure (Reader *reader, guint64 address, gsize size, guint64 *first, GError **error)
{
  const ExpSlab *slab = reader->slab;
  guint rank = slab->rank;
  guint64 total = size;

  /* All products below are at most this one. */
  for (guint i = 0; i < rank; i++)
    if (!g_uint64_checked_mul (&total, total, reader->shape[i]))
      {
        g_set_error (error, EXP_ERROR, EXP_ERROR_DAMAGED, "the dataset is larger than any file");
        return FALSE;
      }
  if (!g_uint64_checked_add (&total, total, address))
    {
      g_set_error (error, EXP_ERROR, EXP_ERROR_DAMAGED, "the dataset lies past any file's end");
      return FALSE;
    }

  *first = address;
  reader->stride[rank] = reader->wanted[rank] = reader->span[rank] = size;
  for (guint i = rank; i-- > 0;)
    {
      reader->stride[i] = reader->stride[i + 1] * reader->shape[i];
      reader->wanted[i] = reader->wanted[i + 1] * slab->count[i];
      reader->span[i] = span_of (reader, i, slab->count[i]);
      *first += slab->start[i] * reader->stride[i + 1];
    }
  return TRUE;
}

gboolean
exp_contiguous_read (ExpSource *source, guint64 address, gsize size, const guint64 *shape, const ExpSlab *slab,
                     guint8 *to, GError **error)
{
  Reader reader = { .source = source, .slab = slab, .shape = shape };
  guint64 first;

  if (!measure (&reader, address, size, &first, error))
    return FALSE;
  gboolean is_read = read_axis (&reader, 0, slab->rank > 0 ? slab->count[0] : 1, first, to, error);
  g_free (reader.scratch);
  return is_read;
}

gboolean
exp_contiguous_write (ExpSource *source, guint64 address, gsize size, const guint64 *shape, const ExpSlab *slab,
                      const guint8 *from, GError **error)
{
  Reader reader = { .source = source, .slab = slab, .shape = shape };
  guint64 first;

  if (!measure (&reader, address, size, &first, error))
    return FALSE;
  gboolean is_written = write_axis (&reader, 0, slab->rank > 0 ? slab->count[0] : 1, first, from, error);
  g_free (reader.scratch);
  return is_written;
}
