/* Opcodes, written; and arrays as plain values.
 * Knows how each has its argument; records are write_record.c's.
 * Called by formats that keep pickles. */
#include "writer.h"
#include "writer_private.h"
#include <string.h>

/* Python 3.4 and later. */
#define PROTOCOL 4
#define MAX_SIZE ((guint)G_MAXINT32)

struct _ExpPickleWriter
{
  GByteArray *out;
  gboolean is_too_large; /* nothing more is taken */
  guint32 n_remembered;
  GHashTable *memo;  /* what was read -> its number + 1 */
  GHashTable *texts; /* char *, of the names that come again and again -> the number + 1 */
};

static void
put (ExpPickleWriter *writer, gconstpointer bytes, gsize length)
{
  if (writer->is_too_large || length > MAX_SIZE - writer->out->len)
    writer->is_too_large = TRUE;
  else
    g_byte_array_append (writer->out, bytes, length);
}

static void
put_uint (ExpPickleWriter *writer, guint64 number, guint n)
{
  guint8 bytes[8];

  for (guint i = 0; i < n; i++)
    bytes[i] = (guint8)(number >> (8 * i));
  put (writer, bytes, n);
}

void
exp_pickle_write_opcode (ExpPickleWriter *writer, guint8 opcode)
{
  put (writer, &opcode, 1);
}

ExpPickleWriter *
exp_pickle_writer_new (void)
{
  ExpPickleWriter *writer = g_new0 (ExpPickleWriter, 1);

  writer->out = g_byte_array_new ();
  writer->memo = g_hash_table_new (NULL, NULL);
  writer->texts = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  exp_pickle_write_protocol (writer, PROTOCOL);
  return writer;
}

void
exp_pickle_writer_free (ExpPickleWriter *writer)
{
  if (writer == NULL)
    return;
  g_hash_table_unref (writer->memo);
  g_hash_table_unref (writer->texts);
  if (writer->out != NULL)
    g_byte_array_unref (writer->out);
  g_free (writer);
}

GBytes *
exp_pickle_writer_finish (ExpPickleWriter *writer, GError **error)
{
  exp_pickle_write_opcode (writer, '.');
  if (!writer->is_too_large)
    return g_byte_array_free_to_bytes (g_steal_pointer (&writer->out));
  g_set_error (error, EXP_ERROR, EXP_ERROR_TOO_LARGE, "a pickle of more than 2 GiB");
  return NULL;
}

void
exp_pickle_write_protocol (ExpPickleWriter *writer, guint8 protocol)
{
  const guint8 bytes[] = { 0x80, protocol };

  put (writer, bytes, sizeof bytes);
}

/* --- the memo ----------------------------------------------------------------------------------------------- */

/* The number of what was written last. */
static guint32
memoize (ExpPickleWriter *writer)
{
  exp_pickle_write_opcode (writer, 0x94);
  return writer->n_remembered++;
}

static void
get (ExpPickleWriter *writer, guint32 number)
{
  exp_pickle_write_opcode (writer, number < 256 ? 'h' : 'j');
  put_uint (writer, number, number < 256 ? 1 : 4);
}

void
exp_pickle_writer_remember (ExpPickleWriter *writer, gconstpointer of)
{
  g_hash_table_insert (writer->memo, (gpointer)of, GUINT_TO_POINTER (memoize (writer) + 1));
}

gboolean
exp_pickle_writer_remembers (ExpPickleWriter *writer, gconstpointer of)
{
  return g_hash_table_contains (writer->memo, of);
}

gboolean
exp_pickle_write_again (ExpPickleWriter *writer, gconstpointer of)
{
  guint number = GPOINTER_TO_UINT (g_hash_table_lookup (writer->memo, of));

  if (number > 0)
    get (writer, number - 1);
  return number > 0;
}

/* --- values ------------------------------------------------------------------------------------------------- */

void
exp_pickle_write_none (ExpPickleWriter *writer)
{
  exp_pickle_write_opcode (writer, 'N');
}

void
exp_pickle_write_bool (ExpPickleWriter *writer, gboolean value)
{
  exp_pickle_write_opcode (writer, value ? 0x88 : 0x89);
}

void
exp_pickle_write_long (ExpPickleWriter *writer, const guint8 *bytes, gsize length)
{
  exp_pickle_write_opcode (writer, length < 256 ? 0x8a : 0x8b);
  put_uint (writer, length, length < 256 ? 1 : 4);
  put (writer, bytes, length);
}

void
exp_pickle_write_int (ExpPickleWriter *writer, gint64 value)
{
  guint8 bytes[8];

  if (value >= 0 && value < 65536)
    {
      exp_pickle_write_opcode (writer, value < 256 ? 'K' : 'M');
      put_uint (writer, value, value < 256 ? 1 : 2);
      return;
    }
  if (value >= G_MININT32 && value <= G_MAXINT32)
    {
      exp_pickle_write_opcode (writer, 'J');
      put_uint (writer, (guint64)value, 4);
      return;
    }
  for (guint i = 0; i < 8; i++)
    bytes[i] = (guint8)((guint64)value >> (8 * i));
  exp_pickle_write_long (writer, bytes, sizeof bytes);
}

void
exp_pickle_write_float (ExpPickleWriter *writer, double value)
{
  guint64 bits;
  guint8 bytes[8];

  memcpy (&bits, &value, sizeof bits);
  for (guint i = 0; i < 8; i++)
    bytes[i] = (guint8)(bits >> (56 - 8 * i));
  exp_pickle_write_opcode (writer, 'G');
  put (writer, bytes, sizeof bytes);
}

/* The opcode by how many bytes the length takes. */
static void
put_payload (ExpPickleWriter *writer, const guint8 opcodes[3], gconstpointer bytes, gsize length)
{
  const guint n = length < 256 ? 1 : length <= G_MAXUINT32 ? 4 : 8;

  exp_pickle_write_opcode (writer, opcodes[n / 4]);
  put_uint (writer, length, n);
  put (writer, bytes, length);
}

void
exp_pickle_put_text (ExpPickleWriter *writer, const void *text, gsize length)
{
  put_payload (writer, (const guint8[]){ 0x8c, 'X', 0x8d }, text, length);
}

void
exp_pickle_put_str8 (ExpPickleWriter *writer, const void *text, gsize length)
{
  put_payload (writer, (const guint8[]){ 'U', 'T', 'T' }, text, length);
}

void
exp_pickle_put_bytes (ExpPickleWriter *writer, const void *bytes, gsize length)
{
  put_payload (writer, (const guint8[]){ 'C', 'B', 0x8e }, bytes, length);
}

void
exp_pickle_write_text_n (ExpPickleWriter *writer, const char *text, gsize length)
{
  exp_pickle_put_text (writer, text, length);
  memoize (writer);
}

void
exp_pickle_write_text (ExpPickleWriter *writer, const char *text)
{
  guint number = GPOINTER_TO_UINT (g_hash_table_lookup (writer->texts, text));

  if (number > 0)
    {
      get (writer, number - 1);
      return;
    }
  exp_pickle_put_text (writer, text, strlen (text));
  g_hash_table_insert (writer->texts, g_strdup (text), GUINT_TO_POINTER (memoize (writer) + 1));
}

void
exp_pickle_write_bytes (ExpPickleWriter *writer, const void *bytes, gsize length)
{
  exp_pickle_put_bytes (writer, bytes, length);
  memoize (writer);
}

void
exp_pickle_write_global (ExpPickleWriter *writer, const char *module, const char *name)
{
  exp_pickle_write_text (writer, module);
  exp_pickle_write_text (writer, name);
  exp_pickle_write_opcode (writer, 0x93);
}

void
exp_pickle_begin_dict (ExpPickleWriter *writer)
{
  exp_pickle_write_opcode (writer, '}');
  memoize (writer);
  exp_pickle_write_opcode (writer, '(');
}

void
exp_pickle_end_dict (ExpPickleWriter *writer)
{
  exp_pickle_write_opcode (writer, 'u');
}

void
exp_pickle_begin_list (ExpPickleWriter *writer)
{
  exp_pickle_write_opcode (writer, ']');
  memoize (writer);
  exp_pickle_write_opcode (writer, '(');
}

void
exp_pickle_end_list (ExpPickleWriter *writer)
{
  exp_pickle_write_opcode (writer, 'e');
}

void
exp_pickle_begin_tuple (ExpPickleWriter *writer)
{
  exp_pickle_write_opcode (writer, '(');
}

void
exp_pickle_end_tuple (ExpPickleWriter *writer)
{
  exp_pickle_write_opcode (writer, 't');
}

/* --- arrays ------------------------------------------------------------------------------------------------- */

static void write_cell (ExpPickleWriter *writer, const ExpDtype *dtype, const guint8 *cell);

/* Two's complement of the cell's own size, little-endian; unsigned with a byte more. */
static void
write_integer (ExpPickleWriter *writer, const ExpDtype *dtype, const guint8 *cell)
{
  const gboolean is_signed = dtype->type == EXP_TYPE_INT;
  guint8 bytes[64] = { 0 };
  const gsize size = MIN (dtype->size, sizeof bytes - 1);

  if (size <= 8 && (is_signed || exp_cell_int (dtype, cell) >= 0))
    {
      exp_pickle_write_int (writer, exp_cell_int (dtype, cell));
      return;
    }
  for (gsize i = 0; i < size; i++)
    bytes[i] = cell[dtype->big_endian ? dtype->size - 1 - i : i];
  exp_pickle_write_long (writer, bytes, size + (is_signed ? 0 : 1));
}

static void
write_complex (ExpPickleWriter *writer, const ExpDtype *dtype, const guint8 *cell)
{
  g_autoptr (ExpDtype) half = dtype->is_quad
                                  ? exp_dtype_new_quad (FALSE, dtype->big_endian)
                                  : exp_dtype_new_number (EXP_TYPE_FLOAT, dtype->size / 2, dtype->big_endian);

  exp_pickle_write_global (writer, "builtins", "complex");
  exp_pickle_begin_tuple (writer);
  exp_pickle_write_float (writer, exp_cell_double (half, cell));
  exp_pickle_write_float (writer, exp_cell_double (half, cell + half->size));
  exp_pickle_end_tuple (writer);
  exp_pickle_write_opcode (writer, 'R');
}

static void
write_cell_text (ExpPickleWriter *writer, const ExpDtype *dtype, const guint8 *cell)
{
  gsize length;
  const char *text = exp_cell_text (dtype, cell, &length);

  if (g_utf8_validate_len (text != NULL ? text : "", length, NULL))
    exp_pickle_write_text_n (writer, text, length);
  else
    exp_pickle_write_bytes (writer, text, length);
}

/* Nested lists, of which each `shape` has as many items as it says. */
static void
write_lists (ExpPickleWriter *writer, const ExpDtype *dtype, guint rank, const guint64 *shape, const guint8 **cell)
{
  if (rank == 0)
    {
      write_cell (writer, dtype, *cell);
      *cell += dtype->size;
      return;
    }
  exp_pickle_begin_list (writer);
  for (guint64 i = 0; i < shape[0] && !writer->is_too_large; i++)
    write_lists (writer, dtype, rank - 1, shape + 1, cell);
  exp_pickle_end_list (writer);
}

static void
write_vlen (ExpPickleWriter *writer, const ExpDtype *dtype, const guint8 *cell)
{
  const guint8 *elements;
  ExpVlen vlen;

  memcpy (&vlen, cell, sizeof vlen);
  elements = vlen.data;
  const guint64 length = vlen.length;
  write_lists (writer, dtype->base, 1, &length, &elements);
}

static void
write_cell (ExpPickleWriter *writer, const ExpDtype *dtype, const guint8 *cell)
{
  switch (dtype->type)
    {
    case EXP_TYPE_BOOL:
      exp_pickle_write_bool (writer, *cell != 0);
      break;
    case EXP_TYPE_INT:
    case EXP_TYPE_UINT:
    case EXP_TYPE_BITFIELD:
      write_integer (writer, dtype, cell);
      break;
    case EXP_TYPE_ENUM:
      write_integer (writer, dtype->base, cell);
      break;
    case EXP_TYPE_FLOAT:
      exp_pickle_write_float (writer, exp_cell_double (dtype, cell));
      break;
    case EXP_TYPE_COMPLEX:
      write_complex (writer, dtype, cell);
      break;
    case EXP_TYPE_STRING:
    case EXP_TYPE_VSTRING:
    case EXP_TYPE_REFERENCE:
      write_cell_text (writer, dtype, cell);
      break;
    case EXP_TYPE_OPAQUE:
      exp_pickle_write_bytes (writer, cell, dtype->size);
      break;
    case EXP_TYPE_COMPOUND:
      exp_pickle_begin_tuple (writer);
      for (guint i = 0; i < dtype->n_members; i++)
        write_cell (writer, dtype->members[i].dtype, cell + dtype->members[i].offset);
      exp_pickle_end_tuple (writer);
      break;
    case EXP_TYPE_ARRAY:
      write_lists (writer, dtype->base, dtype->n_dims, dtype->dims, &cell);
      break;
    case EXP_TYPE_VLEN:
      write_vlen (writer, dtype, cell);
      break;
    }
}

gboolean
exp_pickle_write_array (ExpPickleWriter *writer, const ExpArray *array, GError **error)
{
  const guint8 *cell = array->data;

  if (array->rank == 0 && array->n_elements == 0)
    exp_pickle_write_none (writer);
  else
    write_lists (writer, array->dtype, array->rank, array->shape, &cell);
  if (!writer->is_too_large)
    return TRUE;
  g_set_error (error, EXP_ERROR, EXP_ERROR_TOO_LARGE, "a pickle of more than 2 GiB");
  return FALSE;
}
