/* GenericIO files, written: as the library writes them, with headers of today's generation.
 * Knows the layout and what it cannot hold.
 * Called by genericio.c. */
#include "crc.h"
#include "genericio.h"
#include "save.h"
#include <blosc.h>
#include <errno.h>
#include <lzma.h>
#include <string.h>
#include <unistd.h>

#define PIECE (4 << 20)
/* A block is packed in memory: larger ones are written as they are. */
#define MAX_PACKED (256 << 20)
#define LEVEL      9

typedef struct
{
  char *name;
  ExpNode *node; /* a reference */
  ExpInfo info;
  guint64 size, flags; /* bytes of a row */
  ExpGioJob *saved;    /* of which it still is a column; borrowed */
  ExpNode *saved_node; /* a reference */
} Column;

typedef struct
{
  const ExpGioSave *save;
  ExpSource *to;
  GArray *columns; /* of Column */
  GArray *ranks;   /* of ExpGioRank */
  GArray *blocks;  /* of ExpGioBlock */
  gboolean is_big, has_blocks;
  guint64 n_rows, at;
  GError *error;
} Saving;

static void
clear_column (gpointer data)
{
  Column *column = data;

  g_free (column->name);
  exp_node_unref (column->node);
  exp_node_unref (column->saved_node);
  exp_info_clear (&column->info);
}

/* --- what there is to be written ---------------------------------------------------------------------------- */

static guint64
type_flags (const ExpDtype *dtype)
{
  return dtype->type == EXP_TYPE_FLOAT ? EXP_GIO_FLOAT | EXP_GIO_SIGNED
         : dtype->type == EXP_TYPE_INT ? EXP_GIO_SIGNED
                                       : 0;
}

static guint64
attribute_flags (ExpNode *node)
{
  g_autoptr (ExpArray) axis = exp_node_read_attribute (node, EXP_GIO_COORDINATE, NULL);
  g_autoptr (ExpArray) ghost = exp_node_read_attribute (node, EXP_GIO_GHOST, NULL);
  g_autofree char *text = axis != NULL ? exp_array_dup_text (axis) : NULL;
  guint64 flags = 0;
  gint64 is_ghost;

  for (guint i = 0; text != NULL && i < 3; i++)
    if (text[0] == "xyz"[i] && text[1] == '\0')
      flags |= EXP_GIO_X << i;
  if (ghost != NULL && exp_array_get_int (ghost, &is_ghost) && is_ghost != 0)
    flags |= EXP_GIO_MAYBE_GHOST;
  return flags;
}

static gboolean
add_column (const char *name, ExpNode *child, gpointer data)
{
  Saving *saving = data;
  Column column = { .name = g_strdup (name), .node = exp_node_ref (child) };
  guint part = G_MAXUINT;

  if (exp_draft_is_bare (child))
    {
      clear_column (&column);
      return TRUE;
    }
  column.saved_node = exp_draft_get_saved_elements (child);
  column.saved = exp_gio_column_job (column.saved_node, &part);
  if (part != G_MAXUINT)
    column.saved = NULL;
  if (!exp_node_describe (child, &column.info, &saving->error))
    {
      clear_column (&column);
      return FALSE;
    }
  column.size = column.info.dtype->size * (column.info.rank > 1 ? column.info.shape[1] : 1);
  column.flags
      = (column.info.dtype->type == EXP_TYPE_OPAQUE ? 0 : type_flags (column.info.dtype)) | attribute_flags (child);
  g_array_append_val (saving->columns, column);
  return TRUE;
}

static int
compare_columns (gconstpointer a, gconstpointer b)
{
  return strcmp (((const Column *)a)->name, ((const Column *)b)->name);
}

/* The ranks stay as long as the rows do; else there is one. */
static void
choose_ranks (Saving *saving)
{
  const ExpGioJob *old = saving->save->old;

  saving->n_rows = saving->columns->len > 0 ? g_array_index (saving->columns, Column, 0).info.shape[0] : 0;
  for (guint i = 0; old != NULL && old->is_whole && old->n_rows == saving->n_rows && i < old->parts->len; i++)
    {
      const ExpGioPart *part = &g_array_index (old->parts, ExpGioPart, i);
      ExpGioRank rank = *exp_gio_file_rank (part->file, part->rank);

      rank.number = part->number;
      g_array_append_val (saving->ranks, rank);
    }
  if (saving->ranks->len > 0)
    return;
  const ExpGioRank one = { .n_rows = saving->n_rows };
  g_array_append_val (saving->ranks, one);
}

/* --- blocks ------------------------------------------------------------------------------------------------- */

static gboolean
write_next (Saving *saving, gsize length, const void *bytes, GError **error)
{
  if (!exp_source_pwrite (saving->to, saving->at, length, bytes, error))
    return FALSE;
  saving->at += length;
  return TRUE;
}

/* `crc`: of the bytes in front. */
static gboolean
write_crc (Saving *saving, guint64 crc, GError **error)
{
  const guint64 check = GUINT64_TO_LE (~crc);

  return write_next (saving, sizeof check, &check, error);
}

static void
swap (guint8 *bytes, gsize length, gsize size)
{
  for (gsize at = 0; at < length; at += size)
    for (gsize i = 0; i < size / 2; i++)
      {
        guint8 byte = bytes[at + i];
        bytes[at + i] = bytes[at + size - 1 - i];
        bytes[at + size - 1 - i] = byte;
      }
}

/* Rows of the column as the file is to have them. */
static gboolean
read_rows (const Saving *saving, const Column *column, guint64 first, guint64 n, guint8 *to, GError **error)
{
  const ExpDtype *dtype = column->info.dtype;
  const guint64 across = column->size / dtype->size;

  if (!exp_node_read_flat_into (column->node, &column->info, first * across, n * across, to, error))
    return FALSE;
  if (dtype->type != EXP_TYPE_OPAQUE && dtype->size > 1 && dtype->big_endian != saving->is_big)
    swap (to, n * column->size, dtype->size);
  return TRUE;
}

static gboolean
write_plain (Saving *saving, const Column *column, guint64 first, guint64 n, GError **error)
{
  const guint64 step = MAX (PIECE / column->size, 1);
  g_autofree guint8 *piece = g_try_malloc (step * column->size);
  guint64 crc = 0;

  if (piece == NULL)
    {
      g_set_error (error, EXP_ERROR, EXP_ERROR_NO_MEMORY, "no memory for the rows of %s", column->name);
      return FALSE;
    }
  for (guint64 done = 0, count; done < n; done += count)
    {
      count = MIN (step, n - done);
      if (!read_rows (saving, column, first + done, count, piece, error)
          || !write_next (saving, count * column->size, piece, error))
        return FALSE;
      crc = exp_gio_crc (piece, count * column->size, crc);
    }
  return write_crc (saving, crc, error);
}

/* FALSE without an error when packing wins nothing. */
static gboolean
write_packed (Saving *saving, const Column *column, guint64 first, guint64 n, ExpGioBlock *block, GError **error)
{
  const guint64 size = n * column->size;
  g_autofree guint8 *rows = size > 0 && size <= MAX_PACKED ? g_try_malloc (size) : NULL;
  g_autofree guint8 *packed = rows != NULL ? g_try_malloc (8 + size) : NULL;

  if (packed == NULL)
    return FALSE;
  if (!read_rows (saving, column, first, n, rows, error))
    return FALSE;
  /* Older readers of Blosc do not know what newer compressors set: this one all know. */
  int length = blosc_compress_ctx (LEVEL, BLOSC_SHUFFLE, column->size > 255 ? 1 : column->size, size, rows, packed + 8,
                                   size, BLOSC_BLOSCLZ_COMPNAME, 0, 1);
  if (length <= 0 || (guint64)length + 8 >= size)
    return FALSE;
  const guint64 original = exp_gio_crc (rows, size, 0);
  const guint64 stored = saving->is_big ? GUINT64_TO_BE (original) : GUINT64_TO_LE (original);
  memcpy (packed, &stored, sizeof stored);
  block->size = 8 + (guint64)length;
  memcpy (block->filters[0], "BLOSC", 5);
  return write_next (saving, block->size, packed, error)
         && write_crc (saving, exp_gio_crc (packed, block->size, 0), error);
}

/* Where the column stands in the file that it was read from, when it is to stand in the new one just so. */
static const ExpGioBlock *
old_block (const Saving *saving, const Column *column, guint rank, const ExpGioPart **part)
{
  const ExpGioJob *old = column->saved;
  guint variable;

  if (old == NULL || saving->ranks->len != old->parts->len || !old->is_whole)
    return NULL;
  *part = &g_array_index (old->parts, ExpGioPart, rank);
  variable = exp_gio_file_find ((*part)->file, exp_gio_column_name (column->saved_node));
  if (variable == G_MAXUINT || (*part)->file->is_big != saving->is_big
      || exp_gio_file_rank ((*part)->file, (*part)->rank)->n_rows
             != g_array_index (saving->ranks, ExpGioRank, rank).n_rows)
    return NULL;
  const ExpGioBlock *block = exp_gio_file_block ((*part)->file, (*part)->rank, variable);
  return exp_gio_block_is_packed (block) && !saving->has_blocks ? NULL : block;
}

static gboolean
copy_block (Saving *saving, ExpSource *from, const ExpGioBlock *old, GError **error)
{
  const guint64 length = old->size + EXP_GIO_CRC;
  g_autofree guint8 *piece = g_malloc (PIECE);

  for (guint64 done = 0, n; done < length; done += n)
    {
      n = MIN (PIECE, length - done);
      if (!exp_source_pread (from, old->start + done, n, piece, error) || !write_next (saving, n, piece, error))
        return FALSE;
    }
  return TRUE;
}

static gboolean
write_block (Saving *saving, const Column *column, guint rank, guint64 first, GError **error)
{
  const guint64 n = g_array_index (saving->ranks, ExpGioRank, rank).n_rows;
  ExpGioBlock block = { .start = saving->at, .size = n * column->size };
  const ExpGioPart *part = NULL;
  const ExpGioBlock *old = old_block (saving, column, rank, &part);
  GError *local = NULL;
  gboolean is_written;

  if (old != NULL)
    {
      memcpy (block.filters, old->filters, sizeof block.filters);
      block.size = old->size;
      is_written = copy_block (saving, part->file->source, old, error);
    }
  else
    {
      is_written = saving->save->packs && write_packed (saving, column, first, n, &block, &local);
      if (!is_written && local == NULL)
        is_written = write_plain (saving, column, first, n, &local);
      if (local != NULL)
        g_propagate_error (error, local);
    }
  g_array_append_val (saving->blocks, block);
  return is_written;
}

static gboolean
write_blocks (Saving *saving, GError **error)
{
  guint64 first = 0;

  for (guint r = 0; r < saving->ranks->len; r++)
    {
      ExpGioRank *rank = &g_array_index (saving->ranks, ExpGioRank, r);

      rank->start = saving->at;
      for (guint c = 0; c < saving->columns->len; c++)
        if (!write_block (saving, &g_array_index (saving->columns, Column, c), r, first, error))
          return FALSE;
      first += rank->n_rows;
    }
  return TRUE;
}

/* --- the header --------------------------------------------------------------------------------------------- */

static void
put (const Saving *saving, GByteArray *header, guint64 value)
{
  guint64 stored = saving->is_big ? GUINT64_TO_BE (value) : GUINT64_TO_LE (value);

  g_byte_array_append (header, (const guint8 *)&stored, sizeof stored);
}

static void
put_text (GByteArray *header, const char *text, gsize width)
{
  g_autofree char *padded = g_malloc0 (width);

  memcpy (padded, text, MIN (strlen (text), width));
  g_byte_array_append (header, (const guint8 *)padded, width);
}

static void
put_doubles (const Saving *saving, GByteArray *header, const double *values)
{
  for (guint i = 0; i < 3; i++)
    {
      guint64 bits;

      memcpy (&bits, &values[i], sizeof bits);
      put (saving, header, bits);
    }
}

static guint64
header_length (const Saving *saving)
{
  const guint64 n_variables = saving->columns->len, n_ranks = saving->ranks->len;

  return EXP_GIO_GLOBAL + n_variables * EXP_GIO_VARIABLE + n_ranks * EXP_GIO_RANK
         + (saving->has_blocks ? n_variables * n_ranks * EXP_GIO_BLOCK : 0);
}

static void
put_global (const Saving *saving, GByteArray *header)
{
  const guint64 variables = EXP_GIO_GLOBAL, ranks = variables + saving->columns->len * EXP_GIO_VARIABLE;
  const ExpGioSave *save = saving->save;

  put_text (header, saving->is_big ? "HACC01B" : "HACC01L", 8);
  put (saving, header, header_length (saving));
  put (saving, header, saving->n_rows);
  for (guint i = 0; i < 3; i++)
    put (saving, header, save->dims[i]);
  put (saving, header, saving->columns->len);
  put (saving, header, EXP_GIO_VARIABLE);
  put (saving, header, variables);
  put (saving, header, saving->ranks->len);
  put (saving, header, EXP_GIO_RANK);
  put (saving, header, ranks);
  put (saving, header, EXP_GIO_GLOBAL);
  put_doubles (saving, header, save->origin);
  put_doubles (saving, header, save->scale);
  put (saving, header, saving->has_blocks ? EXP_GIO_BLOCK : 0);
  put (saving, header, saving->has_blocks ? ranks + saving->ranks->len * EXP_GIO_RANK : 0);
}

static GByteArray *
make_header (const Saving *saving)
{
  GByteArray *header = g_byte_array_new ();

  put_global (saving, header);
  for (guint i = 0; i < saving->columns->len; i++)
    {
      const Column *column = &g_array_index (saving->columns, Column, i);

      put_text (header, column->name, EXP_GIO_NAME);
      put (saving, header, column->flags);
      put (saving, header, column->size);
      put (saving, header, column->info.dtype->size);
    }
  for (guint i = 0; i < saving->ranks->len; i++)
    {
      const ExpGioRank *rank = &g_array_index (saving->ranks, ExpGioRank, i);

      for (guint k = 0; k < 3; k++)
        put (saving, header, rank->coordinates[k]);
      put (saving, header, rank->n_rows);
      put (saving, header, rank->start);
      put (saving, header, rank->number);
    }
  for (guint i = 0; saving->has_blocks && i < saving->blocks->len; i++)
    {
      const ExpGioBlock *block = &g_array_index (saving->blocks, ExpGioBlock, i);

      for (guint k = 0; k < 4; k++)
        put_text (header, block->filters[k], 8);
      put (saving, header, block->start);
      put (saving, header, block->size);
    }
  return header;
}

static gboolean
write_header (Saving *saving, GError **error)
{
  g_autoptr (GByteArray) header = make_header (saving);
  guint64 check = GUINT64_TO_LE (~lzma_crc64 (header->data, header->len, 0));

  g_byte_array_append (header, (const guint8 *)&check, sizeof check);
  return exp_source_pwrite (saving->to, 0, header->len, header->data, error);
}

gboolean
exp_gio_write (ExpNode *root, const ExpGioSave *save, ExpSource *to, GError **error)
{
  Saving saving = { .save = save, .to = to };
  gboolean is_written;

  saving.columns = g_array_new (FALSE, FALSE, sizeof (Column));
  g_array_set_clear_func (saving.columns, clear_column);
  saving.ranks = g_array_new (FALSE, FALSE, sizeof (ExpGioRank));
  saving.blocks = g_array_new (FALSE, TRUE, sizeof (ExpGioBlock));
  saving.is_big = save->old != NULL && save->old->first->is_big;
  saving.has_blocks = save->packs || (save->old != NULL && save->old->first->has_blocks);
  is_written = exp_node_list (root, 0, add_column, &saving, error);
  if (saving.error != NULL)
    g_propagate_error (error, saving.error);
  is_written = is_written && saving.error == NULL;
  if (is_written && (save->old == NULL || save->old->first->variables->len == 0))
    g_array_sort (saving.columns, compare_columns);
  choose_ranks (&saving);
  saving.at = header_length (&saving) + EXP_GIO_CRC;
  is_written = is_written && write_blocks (&saving, error) && write_header (&saving, error);
  g_array_unref (saving.columns);
  g_array_unref (saving.ranks);
  g_array_unref (saving.blocks);
  return is_written;
}
