/* What undoes the compression of members.
 * Knows the libraries that do; keeps nothing.
 * Called by zip_member.c. */
#include "inflate.h"
#include "zip.h"
#include <bzlib.h>
#include <libdeflate.h>
#include <lzma.h>
#include <string.h>

#define WINDOW (64 << 10)

/* In front of LZMA data: the version of the coder, two bytes, and the length of its properties. */
#define LZMA_HEADER 4

struct _ExpZipDecoder
{
  ExpZip *zip;
  ExpZipMember *member;
  guint64 at, left;  /* stored bytes that were not read yet */
  guint64 size_left; /* decoded ones that were not given out yet */
  guint8 window[WINDOW];
  gboolean is_begun;
  ExpInflate *inflate;
  bz_stream bzip2;
  lzma_stream lzma;
};

static gboolean
fail (ExpZip *zip, const ExpZipMember *member, const char *reason, GError **error)
{
  g_set_error (error, EXP_ERROR, EXP_ERROR_DAMAGED, "%s: member '%s' cannot be unpacked: %s", zip->source->name,
               member->name, reason);
  return FALSE;
}

/* The next stored bytes into the window. */
static gboolean
fetch (ExpZipDecoder *self, gsize *n, GError **error)
{
  *n = MIN (self->left, WINDOW);
  if (!exp_source_pread (self->zip->source, self->at, *n, self->window, error))
    return FALSE;
  self->at += *n;
  self->left -= *n;
  return TRUE;
}

static gboolean
begin_lzma (ExpZipDecoder *self, GError **error)
{
  lzma_filter filters[] = { { .id = LZMA_FILTER_LZMA1 }, { .id = LZMA_VLI_UNKNOWN } };
  guint8 header[LZMA_HEADER + 64];
  gsize n = 0;

  if (self->left >= LZMA_HEADER && exp_source_pread (self->zip->source, self->at, LZMA_HEADER, header, error))
    n = header[2] | (gsize)header[3] << 8;
  if (n == 0 || n > sizeof header - LZMA_HEADER || n > self->left - LZMA_HEADER)
    return fail (self->zip, self->member, "its LZMA properties are none", error);
  if (!exp_source_pread (self->zip->source, self->at + LZMA_HEADER, n, header, error))
    return FALSE;
  self->at += LZMA_HEADER + n;
  self->left -= LZMA_HEADER + n;
  if (lzma_properties_decode (&filters[0], NULL, header, n) != LZMA_OK)
    return fail (self->zip, self->member, "its LZMA properties are none", error);
  /* As much as a dictionary of that size takes has to be there: the number is the archive's. */
  lzma_options_lzma *options = filters[0].options;
  options->dict_size = MIN (options->dict_size, MAX (self->member->size, 4096));
  self->lzma = (lzma_stream)LZMA_STREAM_INIT;
  lzma_ret result = lzma_raw_decoder (&self->lzma, filters);
  free (filters[0].options);
  return result == LZMA_OK || fail (self->zip, self->member, "no memory for its LZMA dictionary", error);
}

ExpZipDecoder *
exp_zip_decoder_new (ExpZip *zip, ExpZipMember *member, GError **error)
{
  g_autoptr (ExpZipDecoder) self = g_new0 (ExpZipDecoder, 1);

  self->zip = exp_zip_ref (zip);
  self->member = member;
  self->left = member->n_stored;
  self->size_left = member->size;
  if (!exp_zip_member_find (zip, member, &self->at, error))
    return NULL;
  switch (member->method)
    {
    case EXP_ZIP_STORED:
      self->is_begun = TRUE;
      break;
    case EXP_ZIP_DEFLATE:
      self->inflate = exp_inflate_new ();
      self->is_begun = self->inflate != NULL;
      break;
    case EXP_ZIP_BZIP2:
      self->is_begun = BZ2_bzDecompressInit (&self->bzip2, 0, 0) == BZ_OK;
      break;
    case EXP_ZIP_LZMA:
      if (!begin_lzma (self, error))
        return NULL;
      self->is_begun = TRUE;
      break;
    default:
      g_set_error (error, EXP_ERROR, EXP_ERROR_NO_FILTER, "%s: member '%s' is packed by method %u, which is not known",
                   zip->source->name, member->name, member->method);
      return NULL;
    }
  if (self->is_begun)
    return g_steal_pointer (&self);
  fail (zip, member, "no memory", error);
  return NULL;
}

void
exp_zip_decoder_free (ExpZipDecoder *self)
{
  if (self == NULL)
    return;
  exp_inflate_free (self->inflate);
  if (self->is_begun && self->member->method == EXP_ZIP_BZIP2)
    BZ2_bzDecompressEnd (&self->bzip2);
  if (self->is_begun && self->member->method == EXP_ZIP_LZMA)
    lzma_end (&self->lzma);
  exp_zip_unref (self->zip);
  g_free (self);
}

/* --- one step ----------------------------------------------------------------------------------------------- */

/* Each decodes what is in its input, as far as there is room: the number of bytes in *n, and whether it goes on. */
static gboolean
step_bzip2 (ExpZipDecoder *self, guint8 *to, gsize room, gsize *n, gboolean *is_end)
{
  self->bzip2.next_out = (char *)to;
  self->bzip2.avail_out = room;
  int result = BZ2_bzDecompress (&self->bzip2);
  *n = room - self->bzip2.avail_out;
  *is_end = result == BZ_STREAM_END;
  return result == BZ_OK || result == BZ_STREAM_END;
}

static gboolean
step_lzma (ExpZipDecoder *self, guint8 *to, gsize room, gsize *n, gboolean *is_end)
{
  self->lzma.next_out = to;
  self->lzma.avail_out = room;
  lzma_ret result = lzma_code (&self->lzma, LZMA_RUN);
  *n = room - self->lzma.avail_out;
  *is_end = result == LZMA_STREAM_END;
  return result == LZMA_OK || result == LZMA_STREAM_END || result == LZMA_BUF_ERROR;
}

/* More input where all was used. FALSE at its end as well, without an error. */
static gboolean
feed (ExpZipDecoder *self, GError **error)
{
  gsize n;

  if ((self->inflate != NULL && !exp_inflate_is_hungry (self->inflate)) || self->bzip2.avail_in > 0
      || self->lzma.avail_in > 0)
    return TRUE;
  if (!fetch (self, &n, error))
    return FALSE;
  switch (self->member->method)
    {
    case EXP_ZIP_DEFLATE:
      exp_inflate_feed (self->inflate, n, self->window);
      break;
    case EXP_ZIP_BZIP2:
      self->bzip2.next_in = (char *)self->window;
      self->bzip2.avail_in = n;
      break;
    default:
      self->lzma.next_in = self->window;
      self->lzma.avail_in = n;
    }
  return n > 0;
}

static gboolean
step (ExpZipDecoder *self, guint8 *to, gsize room, gsize *n, gboolean *is_end)
{
  room = MIN (room, G_MAXINT32);
  switch (self->member->method)
    {
    case EXP_ZIP_DEFLATE:
      return exp_inflate_step (self->inflate, to, room, n, is_end);
    case EXP_ZIP_BZIP2:
      return step_bzip2 (self, to, room, n, is_end);
    default:
      return step_lzma (self, to, room, n, is_end);
    }
}

static gboolean
read_stored (ExpZipDecoder *self, gsize length, guint8 *to, GError **error)
{
  if (!exp_source_pread (self->zip->source, self->at, length, to, error))
    return FALSE;
  self->at += length;
  self->left -= length;
  return TRUE;
}

gboolean
exp_zip_decoder_read (ExpZipDecoder *self, gsize length, guint8 *to, gsize *n_read, GError **error)
{
  length = MIN (length, self->size_left);
  *n_read = 0;
  if (self->member->method == EXP_ZIP_STORED)
    {
      if (!read_stored (self, length, to, error))
        return FALSE;
      *n_read = length;
    }
  while (*n_read < length)
    {
      g_autoptr (GError) local = NULL;
      gboolean is_end = FALSE, has_input = feed (self, &local);
      gsize n = 0;

      if (local != NULL)
        {
          g_propagate_error (error, g_steal_pointer (&local));
          return FALSE;
        }
      if (!step (self, to + *n_read, length - *n_read, &n, &is_end))
        return fail (self->zip, self->member, "its packed bytes are damaged", error);
      *n_read += n;
      if (*n_read < length && (is_end || (!has_input && n == 0)))
        return fail (self->zip, self->member, "it is shorter than the directory says", error);
    }
  self->size_left -= *n_read;
  return TRUE;
}

/* --- all at once -------------------------------------------------------------------------------------------- */

static gboolean
inflate_all (ExpZip *zip, ExpZipMember *member, guint64 data, guint8 *to, GError **error)
{
  static GPrivate decompressors = G_PRIVATE_INIT ((GDestroyNotify)libdeflate_free_decompressor);
  struct libdeflate_decompressor *decompressor = g_private_get (&decompressors);
  g_autofree guint8 *stored = g_try_malloc (MAX (member->n_stored, 1));
  gsize n;

  if (decompressor == NULL)
    g_private_set (&decompressors, decompressor = libdeflate_alloc_decompressor ());
  if (stored == NULL || decompressor == NULL)
    {
      g_set_error (error, EXP_ERROR, EXP_ERROR_NO_MEMORY, "%s: no memory for member '%s'", zip->source->name,
                   member->name);
      return FALSE;
    }
  if (!exp_source_pread (zip->source, data, member->n_stored, stored, error))
    return FALSE;
  return (libdeflate_deflate_decompress (decompressor, stored, member->n_stored, to, member->size, &n)
              == LIBDEFLATE_SUCCESS
          && n == member->size)
         || fail (zip, member, "its packed bytes are damaged", error);
}

gboolean
exp_zip_decode_all (ExpZip *zip, ExpZipMember *member, guint8 *to, GError **error)
{
  guint64 data;
  gsize n;

  if (!exp_zip_member_find (zip, member, &data, error))
    return FALSE;
  if (member->method == EXP_ZIP_DEFLATE)
    return inflate_all (zip, member, data, to, error);
  g_autoptr (ExpZipDecoder) decoder = exp_zip_decoder_new (zip, member, error);
  return decoder != NULL && exp_zip_decoder_read (decoder, member->size, to, &n, error);
}
