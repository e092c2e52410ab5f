/* One address space over several sources.
 * Knows no HDF5.
 * Made by members.c and external_data.c. */
#include "segments.h"
#include "expfs/error.h"
#include <string.h>

typedef struct
{
  ExpSource base;
  gboolean is_padded;
  guint n;
  ExpSegment segments[];
} Segments;

static void
segments_free (ExpSource *source)
{
  Segments *self = (Segments *)source;

  for (guint i = 0; i < self->n; i++)
    exp_source_unref (self->segments[i].source);
  g_free (self);
}

static gboolean
segments_size (ExpSource *source, guint64 *size, GError **error)
{
  Segments *self = (Segments *)source;

  *size = 0;
  for (guint i = 0; i < self->n; i++)
    {
      const ExpSegment *segment = &self->segments[i];
      guint64 held;

      if (!exp_source_size (segment->source, &held, error))
        return FALSE;
      held = self->is_padded ? segment->length : MIN (segment->length, held - MIN (segment->offset, held));
      if (held > 0)
        *size = MAX (*size, segment->start + held);
    }
  return TRUE;
}

/* The segment that holds `offset`, by bisection; NULL for none. */
static const ExpSegment *
segment_at (const Segments *self, guint64 offset)
{
  guint low = 0, high = self->n;

  while (low < high)
    {
      guint middle = low + (high - low) / 2;

      if (self->segments[middle].start <= offset)
        low = middle + 1;
      else
        high = middle;
    }
  if (low == 0 || offset - self->segments[low - 1].start >= self->segments[low - 1].length)
    return NULL;
  return &self->segments[low - 1];
}

static gboolean
read_segment (const Segments *self, const ExpSegment *segment, guint64 offset, gsize length, guint8 *to, GError **error)
{
  guint64 at = segment->offset + (offset - segment->start), size;

  if (self->is_padded)
    {
      if (!exp_source_size (segment->source, &size, error))
        return FALSE;

      gsize there = MIN (length, size - MIN (at, size));
      memset (to + there, 0, length - there);
      length = there;
    }
  return exp_source_pread (segment->source, at, length, to, error);
}

static gboolean
segments_pread (ExpSource *source, guint64 offset, gsize length, void *buffer, GError **error)
{
  Segments *self = (Segments *)source;
  guint8 *to = buffer;

  while (length > 0)
    {
      const ExpSegment *segment = segment_at (self, offset);

      if (segment == NULL)
        {
          g_set_error (error, EXP_ERROR, EXP_ERROR_DAMAGED, "%s: no file holds address %" G_GUINT64_FORMAT,
                       source->name, offset);
          return FALSE;
        }
      gsize n = MIN (length, segment->length - (offset - segment->start));
      if (!read_segment (self, segment, offset, n, to, error))
        return FALSE;
      offset += n;
      to += n;
      length -= n;
    }
  return TRUE;
}

static void
segments_expect_no_change (ExpSource *source)
{
  Segments *self = (Segments *)source;

  for (guint i = 0; i < self->n; i++)
    exp_source_expect_no_change (self->segments[i].source);
}

static const ExpSourceClass segments_class = {
  .free = segments_free,
  .size = segments_size,
  .pread = segments_pread,
  .expect_no_change = segments_expect_no_change,
};

ExpSource *
exp_segments_new (const char *name, const ExpSegment *segments, guint n, gboolean is_padded)
{
  Segments *self = g_malloc0 (sizeof *self + n * sizeof *segments);

  self->base.klass = &segments_class;
  g_atomic_ref_count_init (&self->base.references);
  self->base.name = g_strdup (name);
  self->is_padded = is_padded;
  self->n = n;
  memcpy (self->segments, segments, n * sizeof *segments);
  return &self->base;
}
