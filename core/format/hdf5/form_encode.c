/* Turns cells into what the library takes: texts with a NUL at their end, lengths and pointers, addresses.
 * Knows forms; calls no library.
 * Called by the write_*.c within a change. */
#include "form.h"
#include "links.h"
#include <string.h>

typedef struct
{
  ExpHdf5File *file;
  GPtrArray *blocks;
} Encoder;

static gboolean
encode (Encoder *encoder, const ExpHdf5Form *form, const guint8 *cells, gsize n, guint8 *to, GError **error);

static gpointer
allocate (Encoder *encoder, gsize size, GError **error)
{
  gpointer block = g_try_malloc0 (MAX (size, 1));

  if (block != NULL)
    g_ptr_array_add (encoder->blocks, block);
  else
    g_set_error (error, EXP_ERROR, EXP_ERROR_NO_MEMORY, "no memory for %" G_GSIZE_FORMAT " bytes", size);
  return block;
}

static gboolean
encode_text (Encoder *encoder, const ExpVlen *cell, guint8 *to, GError **error)
{
  char *text;

  if (cell->length > 0 && memchr (cell->data, '\0', cell->length) != NULL)
    {
      g_set_error (error, EXP_ERROR, EXP_ERROR_INVALID, "a text with a NUL in it: HDF5's strings end there");
      return FALSE;
    }
  text = allocate (encoder, cell->length + 1, error);
  if (text == NULL)
    return FALSE;
  if (cell->length > 0)
    memcpy (text, cell->data, cell->length);
  memcpy (to, &text, sizeof text);
  return TRUE;
}

static gboolean
encode_vlen (Encoder *encoder, const ExpHdf5Form *form, const ExpVlen *cell, guint8 *to, GError **error)
{
  hvl_t vlen = { cell->length, NULL };
  gsize size;

  if (!g_size_checked_mul (&size, cell->length, form->parts[0]->size))
    {
      g_set_error (error, EXP_ERROR, EXP_ERROR_TOO_LARGE, "a cell of variable length is too long");
      return FALSE;
    }
  vlen.p = allocate (encoder, size, error);
  if (vlen.p == NULL || !encode (encoder, form->parts[0], cell->data, cell->length, vlen.p, error))
    return FALSE;
  memcpy (to, &vlen, sizeof vlen);
  return TRUE;
}

/* The address of the object that `path` leads to. */
static gboolean
find_object (ExpHdf5File *file, const char *path, guint64 *address, GError **error)
{
  g_auto (GStrv) parts = g_strsplit (path, "/", -1);

  *address = file->root;
  for (char **part = parts; *part != NULL; part++)
    {
      g_auto (ExpHdf5Link) link = { NULL };

      if (**part == '\0')
        continue;
      if (!exp_hdf5_links_find (file, *address, *part, &link, NULL) || link.type != H5L_TYPE_HARD)
        {
          g_set_error (error, EXP_ERROR, EXP_ERROR_INVALID, "there is no object '%s' to refer to", path);
          return FALSE;
        }
      *address = link.address;
    }
  return TRUE;
}

static gboolean
encode_reference (Encoder *encoder, const ExpVlen *cell, gboolean is_region, guint8 *to, GError **error)
{
  g_autofree char *path = g_strndup (cell->data != NULL ? cell->data : "", cell->length);
  guint64 address;

  if (cell->length == 0)
    return TRUE; /* `to` is zeroed */
  if (is_region)
    {
      g_set_error (error, EXP_ERROR, EXP_ERROR_UNSUPPORTED, "references to regions of datasets can only be read");
      return FALSE;
    }
  if (!find_object (encoder->file, path, &address, error))
    return FALSE;
  for (guint i = 0; i < sizeof address; i++)
    to[i] = address >> 8 * i;
  return TRUE;
}

static gboolean
encode_cell (Encoder *encoder, const ExpHdf5Form *form, const guint8 *from, guint8 *to, GError **error)
{
  ExpVlen cell;

  if (form->dtype->type == EXP_TYPE_COMPOUND)
    {
      for (guint i = 0; i < form->n_parts; i++)
        if (!encode (encoder, form->parts[i], from + form->dtype->members[i].offset, 1, to + form->offsets[i], error))
          return FALSE;
      return TRUE;
    }
  if (form->dtype->type == EXP_TYPE_ARRAY)
    return encode (encoder, form->parts[0], from, form->dtype->size / form->dtype->base->size, to, error);
  memcpy (&cell, from, sizeof cell);
  if (form->dtype->type == EXP_TYPE_VSTRING)
    return encode_text (encoder, &cell, to, error);
  if (form->dtype->type == EXP_TYPE_VLEN)
    return encode_vlen (encoder, form, &cell, to, error);
  return encode_reference (encoder, &cell, form->dtype->is_region, to, error);
}

static gboolean
encode (Encoder *encoder, const ExpHdf5Form *form, const guint8 *cells, gsize n, guint8 *to, GError **error)
{
  if (form->is_plain)
    {
      if (n > 0)
        memcpy (to, cells, n * form->size);
      return TRUE;
    }
  for (gsize i = 0; i < n; i++)
    if (!encode_cell (encoder, form, cells + i * form->dtype->size, to + i * form->size, error))
      return FALSE;
  return TRUE;
}

guint8 *
exp_hdf5_form_encode (const ExpHdf5Form *form, ExpHdf5File *file, const guint8 *cells, gsize n, GPtrArray *blocks,
                      GError **error)
{
  Encoder encoder = { file, blocks };
  guint8 *to;
  gsize size;

  if (!g_size_checked_mul (&size, n, form->size))
    {
      g_set_error (error, EXP_ERROR, EXP_ERROR_TOO_LARGE, "an array that is too large");
      return NULL;
    }
  to = allocate (&encoder, size, error);
  return to != NULL && encode (&encoder, form, cells, n, to, error) ? to : NULL;
}
