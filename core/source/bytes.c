/* Sources that are bytes in memory.
 * Knows nothing of what the bytes are.
 * Made by formats and filters for files that are kept in a store. */
#include "expfs/error.h"
#include "expfs/source.h"
#include <string.h>

typedef struct
{
  ExpSource base;
  GBytes *bytes;       /* a reference; NULL: they are in `written` */
  GByteArray *written; /* the caller's */
} BytesSource;

static const guint8 *
get (const BytesSource *self, gsize *size)
{
  if (self->bytes != NULL)
    return g_bytes_get_data (self->bytes, size);
  *size = self->written->len;
  return self->written->data;
}

static void
bytes_free (ExpSource *source)
{
  BytesSource *self = (BytesSource *)source;

  g_clear_pointer (&self->bytes, g_bytes_unref);
  g_free (self);
}

static gboolean
bytes_size (ExpSource *source, guint64 *size, GError **error)
{
  gsize n;

  get ((BytesSource *)source, &n);
  *size = n;
  return TRUE;
}

static gboolean
bytes_pread (ExpSource *source, guint64 offset, gsize length, void *buffer, GError **error)
{
  gsize size;
  const guint8 *data = get ((BytesSource *)source, &size);

  if (offset > size || length > size - offset)
    {
      g_set_error (error, EXP_ERROR, EXP_ERROR_DAMAGED, "%s ends too early", source->name);
      return FALSE;
    }
  if (length > 0)
    memcpy (buffer, data + offset, length);
  return TRUE;
}

static gboolean
memory_pwrite (ExpSource *source, guint64 offset, gsize length, const void *buffer, GError **error)
{
  GByteArray *written = ((BytesSource *)source)->written;
  const guint old = written->len;

  if (offset > G_MAXINT32 || length > G_MAXINT32 - offset)
    {
      g_set_error (error, EXP_ERROR, EXP_ERROR_TOO_LARGE, "%s: more bytes than are kept in memory", source->name);
      return FALSE;
    }
  if (length == 0)
    return TRUE;
  if (offset + length > old)
    g_byte_array_set_size (written, offset + length);
  if (offset > old)
    memset (written->data + old, 0, offset - old);
  memcpy (written->data + offset, buffer, length);
  return TRUE;
}

static const ExpSourceClass bytes_class = { .free = bytes_free, .size = bytes_size, .pread = bytes_pread };
static const ExpSourceClass memory_class
    = { .free = bytes_free, .size = bytes_size, .pread = bytes_pread, .pwrite = memory_pwrite };

static BytesSource *
source_new (const ExpSourceClass *klass, const char *name)
{
  BytesSource *self = g_new0 (BytesSource, 1);

  self->base.klass = klass;
  g_atomic_ref_count_init (&self->base.references);
  self->base.name = g_strdup (name);
  return self;
}

ExpSource *
exp_source_new_bytes (GBytes *bytes, const char *name)
{
  BytesSource *self = source_new (&bytes_class, name);

  self->bytes = g_bytes_ref (bytes);
  return &self->base;
}

ExpSource *
exp_source_new_memory (GByteArray *bytes, const char *name)
{
  BytesSource *self = source_new (&memory_class, name);

  self->written = bytes;
  return &self->base;
}
