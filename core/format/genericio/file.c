/* The headers of a GenericIO file.
 * Knows nothing of the data behind them.
 * Called by split.c and recognition. */
#include "genericio.h"
#include <lzma.h>
#include <string.h>

#define MIN_GLOBAL   104
#define MIN_VARIABLE 272
#define MIN_RANK     40

guint64
exp_gio_get (const ExpGioFile *file, const guint8 *bytes)
{
  guint64 value;

  memcpy (&value, bytes, sizeof value);
  return file->is_big ? GUINT64_FROM_BE (value) : GUINT64_FROM_LE (value);
}

static double
get_double (const ExpGioFile *file, const guint8 *bytes)
{
  guint64 bits = exp_gio_get (file, bytes);
  double value;

  memcpy (&value, &bits, sizeof value);
  return value;
}

static gboolean
fail (const ExpGioFile *file, const char *reason, GError **error)
{
  g_set_error (error, EXP_ERROR, EXP_ERROR_DAMAGED, "%s: %s", file->source->name, reason);
  return FALSE;
}

static void
clear_variable (gpointer data)
{
  ExpGioVariable *variable = data;

  g_free (variable->name);
  exp_dtype_unref (variable->dtype);
}

/* --- records ------------------------------------------------------------------------------------------------ */

/* The header, and where in it the records of one kind are. */
typedef struct
{
  const guint8 *bytes;
  gsize length;        /* without its CRC */
  guint64 global_size; /* of the global header */
} Header;

typedef struct
{
  guint64 n, size, start;
} Records;

static gboolean
check_records (const ExpGioFile *file, const Header *header, const Records *records, gsize least, GError **error)
{
  guint64 length;

  if (records->n == 0)
    return TRUE;
  if (records->size >= least && records->start <= header->length
      && g_uint64_checked_mul (&length, records->n, records->size) && length <= header->length - records->start
      && records->n <= G_MAXINT32)
    return TRUE;
  return fail (file, "the records of its header do not lie inside", error);
}

/* The number at `offset` of the global header; 0 when that ends before. */
static guint64
field (const ExpGioFile *file, const Header *header, gsize offset)
{
  return offset < header->global_size && offset + 8 <= header->length ? exp_gio_get (file, header->bytes + offset) : 0;
}

static ExpDtype *
element_type (const ExpGioFile *file, const ExpGioVariable *variable)
{
  const guint64 size = variable->element_size;

  if ((variable->flags & EXP_GIO_FLOAT) != 0 && (size == 2 || size == 4 || size == 8))
    return exp_dtype_new_number (EXP_TYPE_FLOAT, size, file->is_big);
  if ((variable->flags & EXP_GIO_FLOAT) == 0 && (size == 1 || size == 2 || size == 4 || size == 8))
    return exp_dtype_new_number ((variable->flags & EXP_GIO_SIGNED) != 0 ? EXP_TYPE_INT : EXP_TYPE_UINT, size,
                                 file->is_big);
  return exp_dtype_new_opaque (size, NULL);
}

static gboolean
read_variables (ExpGioFile *file, const Header *header, GError **error)
{
  const Records records = { field (file, header, 48), field (file, header, 56), field (file, header, 64) };

  if (!check_records (file, header, &records, MIN_VARIABLE, error))
    return FALSE;
  for (guint64 i = 0; i < records.n; i++)
    {
      const guint8 *record = header->bytes + records.start + i * records.size;
      ExpGioVariable variable = { .flags = exp_gio_get (file, record + 256), .size = exp_gio_get (file, record + 264) };

      variable.element_size = records.size >= 280 ? exp_gio_get (file, record + 272) : variable.size;
      if (variable.element_size == 0 || variable.size % variable.element_size != 0 || variable.size == 0
          || variable.size > G_MAXINT32)
        return fail (file, "a variable has rows of no possible size", error);
      variable.name = g_strndup ((const char *)record, EXP_GIO_NAME);
      variable.dtype = element_type (file, &variable);
      g_array_append_val (file->variables, variable);
    }
  return TRUE;
}

static gboolean
read_ranks (ExpGioFile *file, const Header *header, GError **error)
{
  const Records records = { field (file, header, 72), field (file, header, 80), field (file, header, 88) };

  if (!check_records (file, header, &records, MIN_RANK, error))
    return FALSE;
  for (guint64 i = 0; i < records.n; i++)
    {
      const guint8 *record = header->bytes + records.start + i * records.size;
      ExpGioRank rank = { .n_rows = exp_gio_get (file, record + 24), .start = exp_gio_get (file, record + 32) };

      for (guint k = 0; k < 3; k++)
        rank.coordinates[k] = exp_gio_get (file, record + 8 * k);
      rank.number = records.size >= 48 ? exp_gio_get (file, record + 40) : i;
      g_array_append_val (file->ranks, rank);
    }
  return TRUE;
}

/* --- blocks ------------------------------------------------------------------------------------------------- */

static gboolean
read_block (ExpGioFile *file, const guint8 *record, ExpGioBlock *block, GError **error)
{
  for (guint i = 0; i < G_N_ELEMENTS (block->filters); i++)
    memcpy (block->filters[i], record + 8 * i, 8);
  block->start = exp_gio_get (file, record + 32);
  block->size = exp_gio_get (file, record + 40);
  return TRUE;
}

/* Without records of their own they stand one behind the other. */
static gboolean
place_blocks (ExpGioFile *file, GError **error)
{
  for (guint r = 0; r < file->ranks->len; r++)
    {
      const ExpGioRank *rank = exp_gio_file_rank (file, r);
      guint64 at = rank->start;

      for (guint v = 0; v < file->variables->len; v++)
        {
          ExpGioBlock block = { .start = at };

          if (!g_uint64_checked_mul (&block.size, rank->n_rows, exp_gio_file_variable (file, v)->size)
              || !g_uint64_checked_add (&at, at, block.size) || !g_uint64_checked_add (&at, at, EXP_GIO_CRC))
            return fail (file, "a rank has more rows than a file can", error);
          g_array_append_val (file->blocks, block);
        }
    }
  return TRUE;
}

static gboolean
read_blocks (ExpGioFile *file, const Header *header, GError **error)
{
  Records records
      = { (guint64)file->variables->len * file->ranks->len, field (file, header, 152), field (file, header, 160) };

  file->has_blocks = records.size > 0;
  if (!file->has_blocks)
    return place_blocks (file, error);
  if (!check_records (file, header, &records, EXP_GIO_BLOCK, error))
    return FALSE;
  for (guint64 i = 0; i < records.n; i++)
    {
      ExpGioBlock block = { 0 };

      if (!read_block (file, header->bytes + records.start + i * records.size, &block, error))
        return FALSE;
      g_array_append_val (file->blocks, block);
    }
  return TRUE;
}

/* --- the file ----------------------------------------------------------------------------------------------- */

/* 1: little-endian, 2: big-endian, 0: none of ours. */
static guint
magic (const guint8 *bytes)
{
  return memcmp (bytes, "HACC01L", 7) == 0 ? 1 : memcmp (bytes, "HACC01B", 7) == 0 ? 2 : 0;
}

gboolean
exp_gio_file_recognise (const char *path)
{
  g_autoptr (ExpSource) source = exp_source_open_file (path, NULL);
  guint8 head[8];

  return source != NULL && exp_source_pread (source, 0, sizeof head, head, NULL) && magic (head) != 0;
}

/* Register over data and check bytes is zero, which is all ones once it is finished. */
static gboolean
check_header (const ExpGioFile *file, const guint8 *bytes, gsize length, GError **error)
{
  if (lzma_crc64 (bytes, length + EXP_GIO_CRC, 0) == G_MAXUINT64)
    return TRUE;
  g_set_error (error, EXP_ERROR, EXP_ERROR_CHECKSUM, "%s: the CRC of its header does not fit", file->source->name);
  return FALSE;
}

static gboolean
read_global (ExpGioFile *file, Header *header, GError **error)
{
  header->global_size = exp_gio_get (file, header->bytes + 96);
  if (header->global_size < MIN_GLOBAL || header->global_size > header->length)
    return fail (file, "its header has no possible size", error);
  for (guint i = 0; i < 3; i++)
    {
      file->dims[i] = field (file, header, 24 + 8 * i);
      if (104 + 8 * i < header->global_size)
        file->origin[i] = get_double (file, header->bytes + 104 + 8 * i);
      if (128 + 8 * i < header->global_size)
        file->scale[i] = get_double (file, header->bytes + 128 + 8 * i);
    }
  file->octree_size = field (file, header, 168);
  file->octree = field (file, header, 176);
  if (file->octree_size > header->length || file->octree > header->length - file->octree_size)
    file->octree_size = 0;
  return TRUE;
}

static gboolean
read_all (ExpGioFile *file, GError **error)
{
  guint8 head[MIN_GLOBAL];
  guint64 size, length;
  Header header = { 0 };

  if (!exp_source_size (file->source, &size, error))
    return FALSE;
  if (size < sizeof head || !exp_source_pread (file->source, 0, sizeof head, head, error))
    return fail (file, "it ends within its header", error);
  if (magic (head) == 0)
    {
      g_set_error (error, EXP_ERROR, EXP_ERROR_NOT_A_STORE, "%s: it does not begin as a GenericIO file does",
                   file->source->name);
      return FALSE;
    }
  file->is_big = magic (head) == 2;
  length = exp_gio_get (file, head + 8);
  if (length < MIN_GLOBAL)
    return fail (file, "its header has no possible size", error);
  if (length > size || EXP_GIO_CRC > size - length)
    return fail (file, "it ends within its header", error);
  g_autofree guint8 *bytes = g_try_malloc (length + EXP_GIO_CRC + 8);
  if (bytes == NULL)
    {
      g_set_error (error, EXP_ERROR, EXP_ERROR_NO_MEMORY, "%s: no memory for its header", file->source->name);
      return FALSE;
    }
  header.bytes = bytes;
  header.length = length;
  return exp_source_pread (file->source, 0, length + EXP_GIO_CRC, bytes, error)
         && check_header (file, bytes, length, error) && read_global (file, &header, error)
         && read_variables (file, &header, error) && read_ranks (file, &header, error)
         && read_blocks (file, &header, error);
}

ExpGioFile *
exp_gio_file_open (const char *path, GError **error)
{
  g_autoptr (ExpSource) source = exp_source_open_file (path, error);

  if (source == NULL)
    return NULL;
  g_autoptr (ExpGioFile) file = g_new0 (ExpGioFile, 1);
  g_atomic_ref_count_init (&file->references);
  file->source = g_steal_pointer (&source);
  file->variables = g_array_new (FALSE, FALSE, sizeof (ExpGioVariable));
  g_array_set_clear_func (file->variables, clear_variable);
  file->ranks = g_array_new (FALSE, FALSE, sizeof (ExpGioRank));
  file->blocks = g_array_new (FALSE, FALSE, sizeof (ExpGioBlock));
  g_mutex_init (&file->lock);
  g_cond_init (&file->unpacked_is_made);
  exp_source_expect_no_change (file->source);
  return read_all (file, error) ? g_steal_pointer (&file) : NULL;
}

ExpGioFile *
exp_gio_file_ref (ExpGioFile *file)
{
  g_atomic_ref_count_inc (&file->references);
  return file;
}

const ExpGioVariable *
exp_gio_file_variable (const ExpGioFile *file, guint i)
{
  return &g_array_index (file->variables, ExpGioVariable, i);
}

const ExpGioRank *
exp_gio_file_rank (const ExpGioFile *file, guint i)
{
  return &g_array_index (file->ranks, ExpGioRank, i);
}

ExpGioBlock *
exp_gio_file_block (const ExpGioFile *file, guint rank, guint variable)
{
  return &g_array_index (file->blocks, ExpGioBlock, (gsize)rank * file->variables->len + variable);
}

guint
exp_gio_file_find (const ExpGioFile *file, const char *name)
{
  for (guint i = 0; i < file->variables->len; i++)
    if (strcmp (exp_gio_file_variable (file, i)->name, name) == 0)
      return i;
  return G_MAXUINT;
}
