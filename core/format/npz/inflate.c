/* Raw deflate in pieces: by ISA-L where there is one, which takes two thirds of zlib's time, else by zlib.
 * Knows nothing of archives.
 * Called by zip_decode.c. */
#include "inflate.h"

#ifdef EXP_HAVE_ISAL

#include <isa-l.h>

struct _ExpInflate
{
  struct inflate_state state;
};

ExpInflate *
exp_inflate_new (void)
{
  ExpInflate *self = g_try_new (ExpInflate, 1);

  if (self == NULL)
    return NULL;
  isal_inflate_init (&self->state);
  self->state.crc_flag = ISAL_DEFLATE;
  return self;
}

void
exp_inflate_free (ExpInflate *self)
{
  g_free (self);
}

static gboolean
decode (ExpInflate *self, gboolean *is_end)
{
  int result = isal_inflate (&self->state);

  *is_end = self->state.block_state == ISAL_BLOCK_FINISH;
  return result >= ISAL_DECOMP_OK;
}

#else

#include <zlib.h>

struct _ExpInflate
{
  z_stream state;
};

ExpInflate *
exp_inflate_new (void)
{
  ExpInflate *self = g_try_new0 (ExpInflate, 1);

  if (self != NULL && inflateInit2 (&self->state, -MAX_WBITS) != Z_OK)
    g_clear_pointer (&self, g_free);
  return self;
}

void
exp_inflate_free (ExpInflate *self)
{
  if (self != NULL)
    inflateEnd (&self->state);
  g_free (self);
}

static gboolean
decode (ExpInflate *self, gboolean *is_end)
{
  int result = inflate (&self->state, Z_NO_FLUSH);

  *is_end = result == Z_STREAM_END;
  return result == Z_OK || result == Z_STREAM_END || result == Z_BUF_ERROR;
}

#endif

gboolean
exp_inflate_is_hungry (const ExpInflate *self)
{
  return self->state.avail_in == 0;
}

void
exp_inflate_feed (ExpInflate *self, gsize length, const guint8 *bytes)
{
  self->state.next_in = (guint8 *)bytes;
  self->state.avail_in = length;
}

gboolean
exp_inflate_step (ExpInflate *self, guint8 *to, gsize room, gsize *n, gboolean *is_end)
{
  const guint before = self->state.avail_in;

  room = MIN (room, G_MAXINT32);
  self->state.next_out = to;
  self->state.avail_out = room;
  gboolean is_decoded = decode (self, is_end);
  *n = room - self->state.avail_out;
  /* It does not stand still either as long as there is something to decode. */
  return is_decoded && (*is_end || *n > 0 || before == 0 || self->state.avail_in < before);
}
