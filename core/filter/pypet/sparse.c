/* Sparse matrices: the archive that scipy.sparse.save_npz writes, in hexadecimal, as a table of row, col and value.
 * Knows scipy's storage formats: csr, csc, bsr, dia, coo.
 * Made by item.c; whole.c and write_whole.c have the archive itself. */
#include "filter/delegate.h"
#include "format/npz/archive.h"
#include "pypet.h"
#include "whole.h"
#include <string.h>

typedef struct
{
  GBytes *archive;
  char *format;
  gint64 n_rows, n_columns;
  ExpArray *data;
  ExpArray *first, *second; /* what the format keeps beside: indptr and indices, row and col, offsets */
  ExpArray *table;          /* room for as many rows as there are numbers */
  gsize n;                  /* rows so far */
} Matrix;

static void
matrix_clear (Matrix *matrix)
{
  g_clear_pointer (&matrix->archive, g_bytes_unref);
  g_clear_pointer (&matrix->format, g_free);
  g_clear_pointer (&matrix->data, exp_array_unref);
  g_clear_pointer (&matrix->first, exp_array_unref);
  g_clear_pointer (&matrix->second, exp_array_unref);
  g_clear_pointer (&matrix->table, exp_array_unref);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Matrix, matrix_clear)

static gboolean
damaged (GError **error, const char *what)
{
  g_set_error (error, EXP_ERROR, EXP_ERROR_DAMAGED, "the sparse matrix has %s", what);
  return FALSE;
}

/* Two hexadecimal digits a byte. */
static GBytes *
decode_hex (GBytes *hex, GError **error)
{
  gsize length;
  const char *digits = g_bytes_get_data (hex, &length);
  guint8 *bytes = g_try_malloc (length / 2 + 1);

  if (bytes == NULL)
    {
      g_set_error (error, EXP_ERROR, EXP_ERROR_NO_MEMORY, "no memory for a sparse matrix");
      return NULL;
    }
  for (gsize i = 0; i + 1 < length; i += 2)
    {
      int high = g_ascii_xdigit_value (digits[i]), low = g_ascii_xdigit_value (digits[i + 1]);

      if (high < 0 || low < 0)
        {
          g_free (bytes);
          damaged (error, "other characters than hexadecimal digits");
          return NULL;
        }
      bytes[i / 2] = (guint8)(high << 4 | low);
    }
  return g_bytes_new_take (bytes, length / 2);
}

static gint64
get_index (const ExpArray *array, gsize i)
{
  return exp_cell_int (array->dtype, array->data + i * array->dtype->size);
}

static gboolean
is_indices (const ExpArray *array)
{
  return array->rank == 1 && (array->dtype->type == EXP_TYPE_INT || array->dtype->type == EXP_TYPE_UINT);
}

static void
emit (Matrix *matrix, gint64 row, gint64 column, gsize element)
{
  gsize size = matrix->data->dtype->size;
  guint8 *cell = matrix->table->data + matrix->n * matrix->table->dtype->size;

  memcpy (cell, &row, sizeof row);
  memcpy (cell + 8, &column, sizeof column);
  memcpy (cell + 16, matrix->data->data + element * size, size);
  matrix->n++;
}

/* csr, csc and bsr: `first` says where each row (column) of blocks begins, `second` which column (row) each block is
 * in; blocks of csr and csc are single numbers. */
static gboolean
emit_compressed (Matrix *matrix, GError **error)
{
  gboolean is_csc = strcmp (matrix->format, "csc") == 0;
  gboolean is_bsr = strcmp (matrix->format, "bsr") == 0;
  const ExpArray *data = matrix->data;
  gsize height = is_bsr && data->rank == 3 ? data->shape[1] : 1, width = is_bsr && data->rank == 3 ? data->shape[2] : 1;
  gsize n_blocks = matrix->second->n_elements;

  if (!is_indices (matrix->first) || !is_indices (matrix->second) || data->rank != (is_bsr ? 3 : 1)
      || data->shape[0] < n_blocks || matrix->first->n_elements == 0)
    return damaged (error, "parts that do not fit together");
  for (gsize i = 0; i + 1 < matrix->first->n_elements; i++)
    {
      gint64 from = get_index (matrix->first, i), to = get_index (matrix->first, i + 1);

      if (from < 0 || to < from || (guint64)to > n_blocks)
        return damaged (error, "rows without numbers");
      for (gint64 block = from; block < to; block++)
        for (gsize element = 0; element < height * width; element++)
          {
            gint64 major = i * height + element / width;
            gint64 minor = get_index (matrix->second, block) * (gint64)width + (gint64)(element % width);

            emit (matrix, is_csc ? minor : major, is_csc ? major : minor, block * height * width + element);
          }
    }
  return TRUE;
}

static gboolean
emit_coordinates (Matrix *matrix, GError **error)
{
  gsize n = matrix->data->n_elements;

  if (!is_indices (matrix->first) || !is_indices (matrix->second) || matrix->data->rank != 1
      || matrix->first->n_elements < n || matrix->second->n_elements < n)
    return damaged (error, "parts that do not fit together");
  for (gsize i = 0; i < n; i++)
    emit (matrix, get_index (matrix->first, i), get_index (matrix->second, i), i);
  return TRUE;
}

/* Column j of diagonal k lies in row j - offset; zeros are none of the matrix's own. */
static gboolean
emit_diagonals (Matrix *matrix, GError **error)
{
  const ExpArray *data = matrix->data;
  g_autofree guint8 *zero = g_malloc0 (data->dtype->size);

  if (!is_indices (matrix->first) || data->rank != 2 || data->shape[0] != matrix->first->n_elements)
    return damaged (error, "parts that do not fit together");
  for (gsize k = 0; k < data->shape[0]; k++)
    for (gsize j = 0; j < data->shape[1] && j < (guint64)matrix->n_columns; j++)
      {
        gint64 row = (gint64)j - get_index (matrix->first, k);
        gsize element = k * data->shape[1] + j;

        if (row >= 0 && row < matrix->n_rows
            && memcmp (data->data + element * data->dtype->size, zero, data->dtype->size) != 0)
          emit (matrix, row, j, element);
      }
  return TRUE;
}

static const struct
{
  const char *format, *first, *second;
  gboolean (*emit) (Matrix *matrix, GError **error);
} formats[] = {
  { "csr", "indptr", "indices", emit_compressed }, { "csc", "indptr", "indices", emit_compressed },
  { "bsr", "indptr", "indices", emit_compressed }, { "coo", "row", "col", emit_coordinates },
  { "dia", "offsets", NULL, emit_diagonals },
};

static gboolean
read_header (Matrix *matrix, GError **error)
{
  g_autoptr (ExpArray) format = exp_npz_read_array (matrix->archive, "format", error);
  g_autoptr (ExpArray) shape = format != NULL ? exp_npz_read_array (matrix->archive, "shape", error) : NULL;

  if (shape == NULL)
    return FALSE;
  matrix->format = exp_array_dup_text (format);
  if (matrix->format == NULL || !is_indices (shape) || shape->n_elements != 2)
    return damaged (error, "no format or shape");
  matrix->n_rows = get_index (shape, 0);
  matrix->n_columns = get_index (shape, 1);
  matrix->data = exp_npz_read_array (matrix->archive, "data", error);
  return matrix->data != NULL;
}

static gboolean
read_cells (Matrix *matrix, GError **error)
{
  for (guint i = 0; i < G_N_ELEMENTS (formats); i++)
    {
      if (strcmp (formats[i].format, matrix->format) != 0)
        continue;
      matrix->first = exp_npz_read_array (matrix->archive, formats[i].first, error);
      if (matrix->first == NULL)
        return FALSE;
      if (formats[i].second != NULL)
        {
          matrix->second = exp_npz_read_array (matrix->archive, formats[i].second, error);
          if (matrix->second == NULL)
            return FALSE;
        }
      return formats[i].emit (matrix, error);
    }
  g_set_error (error, EXP_ERROR, EXP_ERROR_UNSUPPORTED, "a sparse matrix in the format '%s'", matrix->format);
  return FALSE;
}

static ExpArray *
new_table (const Matrix *matrix, GError **error)
{
  gsize size = matrix->data->dtype->size;
  guint64 shape[] = { matrix->data->n_elements };
  ExpMember members[] = { { (char *)"row", exp_dtype_new_number (EXP_TYPE_INT, 8, FALSE), 0 },
                          { (char *)"col", exp_dtype_new_number (EXP_TYPE_INT, 8, FALSE), 8 },
                          { (char *)"value", exp_dtype_ref (matrix->data->dtype), 16 } };
  g_autoptr (ExpDtype) dtype = exp_dtype_new_compound (16 + size, G_N_ELEMENTS (members), members, error);

  return dtype != NULL ? exp_array_new (dtype, 1, shape, error) : NULL;
}

static gboolean
read_matrix (Matrix *matrix, GBytes *archive, GError **error)
{
  matrix->archive = g_bytes_ref (archive);
  if (!read_header (matrix, error))
    return FALSE;
  matrix->table = new_table (matrix, error);
  if (matrix->table == NULL || !read_cells (matrix, error))
    return FALSE;
  matrix->table->shape[0] = matrix->table->n_elements = matrix->n;
  return TRUE;
}

static ExpNode *
show_matrix (GBytes *archive, GError **error)
{
  g_auto (Matrix) matrix = { 0 };

  if (!read_matrix (&matrix, archive, error))
    return NULL;

  gint64 dims[] = { matrix.n_rows, matrix.n_columns };
  guint64 two[] = { G_N_ELEMENTS (dims) };
  g_autoptr (ExpDtype) integer = exp_dtype_new_number (EXP_TYPE_INT, 8, FALSE);
  g_autoptr (ExpArray) shape = exp_array_new (integer, 1, two, error);
  g_autoptr (ExpArray) format = exp_array_new_text (matrix.format);
  if (shape == NULL)
    return NULL;
  memcpy (shape->data, dims, sizeof dims);

  ExpNode *node = exp_memory_dataset_new (matrix.table, NULL);
  exp_memory_node_set_attribute (node, "shape", shape);
  exp_memory_node_set_attribute (node, "format", format);
  return node;
}

/* What scipy checks when it loads one: as many parts as there are rows, and no number outside. */
static gboolean
check_fit (const Matrix *matrix, GError **error)
{
  const gint64 n_major = strcmp (matrix->format, "csc") == 0 ? matrix->n_columns : matrix->n_rows;
  const gboolean is_bsr = strcmp (matrix->format, "bsr") == 0;
  const gboolean is_compressed = is_bsr || strcmp (matrix->format, "csr") == 0 || strcmp (matrix->format, "csc") == 0;
  const gsize height = is_bsr ? MAX (matrix->data->shape[1], 1) : 1;

  if (matrix->n_rows < 0 || matrix->n_columns < 0)
    return damaged (error, "no such shape");
  if (matrix->second != NULL && matrix->second->n_elements != matrix->data->shape[0])
    return damaged (error, "not as many places as numbers");
  if (is_compressed
      && ((matrix->first->n_elements - 1) * height != (guint64)n_major || get_index (matrix->first, 0) != 0))
    return damaged (error, "an indptr that does not fit its shape");
  for (gsize i = 0; i < matrix->n; i++)
    {
      gint64 at[2];

      memcpy (at, matrix->table->data + i * matrix->table->dtype->size, sizeof at);
      if (at[0] < 0 || at[0] >= matrix->n_rows || at[1] < 0 || at[1] >= matrix->n_columns)
        return damaged (error, "a number outside of its shape");
    }
  return TRUE;
}

GBytes *
exp_pypet_sparse_archive (ExpNode *inner, GError **error)
{
  g_autoptr (GBytes) hex = exp_pypet_read_bytes (inner, error);

  return hex != NULL ? decode_hex (hex, error) : NULL;
}

gboolean
exp_pypet_sparse_check (GBytes *archive, GError **error)
{
  g_auto (Matrix) matrix = { 0 };
  g_autoptr (GError) reason = NULL;

  if (read_matrix (&matrix, archive, &reason) && check_fit (&matrix, &reason))
    return TRUE;
  g_set_error (error, EXP_ERROR, EXP_ERROR_INVALID, "not a sparse matrix as scipy.sparse.save_npz has it: %s",
               reason->message);
  return FALSE;
}

typedef struct
{
  ExpDelegate base;
  ExpNode *inner;
} Sparse;

static ExpNode *
make_table (ExpDelegate *delegate, GError **error)
{
  g_autoptr (GBytes) archive = exp_pypet_sparse_archive (((Sparse *)delegate)->inner, error);

  return archive != NULL ? show_matrix (archive, error) : NULL;
}

/* The archive may be written. */
static gboolean
sparse_describe (ExpNode *node, ExpInfo *info, GError **error)
{
  if (!exp_delegate_describe (node, info, error))
    return FALSE;
  info->is_unsteady = TRUE;
  return TRUE;
}

static void
sparse_free (ExpNode *node)
{
  exp_delegate_clear ((ExpDelegate *)node);
  exp_node_unref (((Sparse *)node)->inner);
  g_free (node);
}

static const ExpNodeClass sparse_class = {
  .free = sparse_free,
  .describe = sparse_describe,
  .read = exp_delegate_read,
  .list_attributes = exp_delegate_list_attributes,
  .read_attribute = exp_delegate_read_attribute,
};

ExpNode *
exp_pypet_sparse_new (ExpNode *inner)
{
  Sparse *self = g_new0 (Sparse, 1);

  exp_node_init (&self->base.base, &sparse_class);
  self->base.make = make_table;
  self->inner = exp_node_ref (inner);
  return &self->base.base;
}
