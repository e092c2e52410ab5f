/* A source that is bytes in memory; reading past them fails the test.
 * Knows nothing of what the bytes are.
 * Used by test-group-damage.c and test-object-header.c. */
#pragma once

#include "expfs/source.h"
#include <string.h>

typedef struct
{
  ExpSource base;
  guint8 *bytes; /* the test's */
  gsize size;
} Memory;

static gboolean
memory_size (ExpSource *source, guint64 *size, GError **error)
{
  *size = ((Memory *)source)->size;
  return TRUE;
}

static gboolean
memory_pread (ExpSource *source, guint64 offset, gsize length, void *buffer, GError **error)
{
  const Memory *memory = (Memory *)source;

  g_assert_cmpuint (offset, <=, memory->size);
  g_assert_cmpuint (length, <=, memory->size - offset);
  memcpy (buffer, memory->bytes + offset, length);
  return TRUE;
}

static void
memory_free (ExpSource *source)
{
}

static const ExpSourceClass memory_class = { .free = memory_free, .size = memory_size, .pread = memory_pread };

static void
memory_init (Memory *memory, guint8 *bytes, gsize size)
{
  *memory = (Memory){ { .klass = &memory_class }, bytes, size };
  g_atomic_ref_count_init (&memory->base.references);
}
