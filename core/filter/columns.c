/* x.cols/: the members of a compound dataset, each as a dataset of its own.
 * Knows no format and no view; slices and views of a column come from stacking.
 * Made by name resolution in fs/. */
#include "expfs/select.h"
#include <string.h>

/* Rows are read whole before a member is taken out of them, so a part of a large selection at a time. */
#define MAX_ROWS_SIZE (16 * 1024 * 1024)

/* The axes of a column are those of the table, then those of the member where it is a fixed array. */
typedef struct
{
  ExpNode base;
  ExpNode *inner;
  ExpInfo table; /* of the inner dataset */
  ExpInfo info;  /* as shown */
  guint member;
} ColumnNode;

typedef struct
{
  ExpNode base;
  ExpNode *inner;
  ExpInfo info; /* of the inner dataset */
} ColumnsNode;

/* --- one column --------------------------------------------------------------------------------------------- */

static void
column_free (ExpNode *node)
{
  ColumnNode *self = (ColumnNode *)node;

  exp_node_unref (self->inner);
  exp_info_clear (&self->table);
  exp_info_clear (&self->info);
  g_free (self);
}

static gboolean
column_describe (ExpNode *node, ExpInfo *info, GError **error)
{
  exp_info_copy (&((ColumnNode *)node)->info, info);
  return TRUE;
}

/* One column_read. */
typedef struct
{
  const ColumnNode *self;
  ExpSlab within;      /* of the member's own axes */
  gsize cells_per_row; /* that `within` selects */
  ExpArray *array;
  gsize n_done; /* cells of array */
} Extraction;

/* The cells of one row that are wanted, in C order; returns the end of what was written. */
static guint8 *
gather (const Extraction *extraction, guint axis, const guint8 *from, guint8 *to)
{
  const ExpSlab *within = &extraction->within;
  const ExpInfo *info = &extraction->self->info;
  gsize stride = info->dtype->size;

  if (axis == within->rank)
    {
      memcpy (to, from, stride);
      return to + stride;
    }
  for (guint i = axis + 1; i < within->rank; i++)
    stride *= info->shape[extraction->self->table.rank + i];
  for (guint64 i = 0; i < within->count[axis]; i++)
    to = gather (extraction, axis + 1, from + (within->start[axis] + i * within->step[axis]) * stride, to);
  return to;
}

static gboolean
extract_rows (Extraction *extraction, const ExpSlab *slab, GError **error)
{
  const ColumnNode *self = extraction->self;
  g_autoptr (ExpArray) rows = exp_node_read (self->inner, &self->table, slab, error);

  if (rows == NULL)
    return FALSE;

  ExpArray *array = extraction->array;
  guint8 *data = array->data, *to = data + extraction->n_done * array->dtype->size;
  const guint8 *from = rows->data + self->table.dtype->members[self->member].offset;
  gsize n_elements = array->n_elements;

  array->data = to;
  array->n_elements = rows->n_elements * extraction->cells_per_row;
  extraction->n_done += array->n_elements;
  for (gsize i = 0; i < rows->n_elements; i++, from += rows->dtype->size)
    to = gather (extraction, 0, from, to);
  gboolean is_owned = exp_array_own_cells (array, error);
  array->data = data;
  array->n_elements = n_elements;
  return is_owned;
}

/* The axes before `axis` select one index each, so that parts follow each other in C order. */
static gboolean
extract (Extraction *extraction, const ExpSlab *slab, guint axis, GError **error)
{
  guint64 size = extraction->self->table.dtype->size; /* of the rows at one index of the axis */

  for (guint i = axis + 1; i < slab->rank; i++)
    if (!g_uint64_checked_mul (&size, size, slab->count[i]))
      size = G_MAXUINT64;

  guint64 step = MAX (MAX_ROWS_SIZE / MAX (size, 1), 1);
  if (axis == slab->rank || slab->count[axis] <= step)
    return axis < slab->rank && size > MAX_ROWS_SIZE ? extract (extraction, slab, axis + 1, error)
                                                     : extract_rows (extraction, slab, error);

  ExpSlab part = *slab;
  for (guint64 done = 0; done < slab->count[axis]; done += step)
    {
      part.start[axis] = slab->start[axis] + done * slab->step[axis];
      part.count[axis] = MIN (step, slab->count[axis] - done);
      if (!extract (extraction, &part, axis, error))
        return FALSE;
    }
  return TRUE;
}

static gboolean
column_read (ExpNode *node, const ExpSlab *slab, ExpArray *array, GError **error)
{
  ColumnNode *self = (ColumnNode *)node;
  Extraction extraction = { self, { self->info.rank - self->table.rank }, 1, array, 0 };
  ExpSlab rows = *slab;

  rows.rank = self->table.rank;
  for (guint i = 0; i < extraction.within.rank; i++)
    {
      extraction.within.start[i] = slab->start[rows.rank + i];
      extraction.within.count[i] = slab->count[rows.rank + i];
      extraction.within.step[i] = slab->step[rows.rank + i];
    }
  exp_slab_count (&extraction.within, &extraction.cells_per_row); /* fits, as the member's own size does */
  return extract (&extraction, &rows, 0, error);
}

static const ExpNodeClass column_class = {
  .free = column_free,
  .describe = column_describe,
  .read = column_read,
};

static ExpNode *
column_new (ExpNode *inner, const ExpInfo *table, guint member)
{
  ColumnNode *self = g_new0 (ColumnNode, 1);
  ExpInfo *info = &self->info;
  ExpDtype *dtype = table->dtype->members[member].dtype;

  exp_node_init (&self->base, &column_class);
  self->inner = exp_node_ref (inner);
  self->member = member;
  exp_info_copy (table, &self->table);
  exp_info_copy (table, info);
  info->identity = 0;
  info->n_links = 0;
  for (; dtype->type == EXP_TYPE_ARRAY && info->rank + dtype->n_dims <= EXP_MAX_RANK && !info->is_null;
       dtype = dtype->base)
    {
      memcpy (info->shape + info->rank, dtype->dims, dtype->n_dims * sizeof *dtype->dims);
      info->rank += dtype->n_dims;
    }
  exp_dtype_unref (info->dtype);
  info->dtype = exp_dtype_ref (dtype);
  return &self->base;
}

/* --- the group of columns ----------------------------------------------------------------------------------- */

static void
columns_free (ExpNode *node)
{
  ColumnsNode *self = (ColumnsNode *)node;

  exp_node_unref (self->inner);
  exp_info_clear (&self->info);
  g_free (self);
}

static gboolean
columns_describe (ExpNode *node, ExpInfo *info, GError **error)
{
  info->kind = EXP_KIND_GROUP;
  info->mtime = ((ColumnsNode *)node)->info.mtime;
  return TRUE;
}

static gboolean
columns_list (ExpNode *node, guint64 skip, ExpListFunc func, gpointer data, GError **error)
{
  ColumnsNode *self = (ColumnsNode *)node;

  for (guint64 i = skip; i < self->info.dtype->n_members; i++)
    {
      g_autoptr (ExpNode) column = column_new (self->inner, &self->info, i);

      if (!func (self->info.dtype->members[i].name, column, data))
        break;
    }
  return TRUE;
}

static ExpNode *
columns_lookup (ExpNode *node, const char *name, GError **error)
{
  ColumnsNode *self = (ColumnsNode *)node;

  for (guint i = 0; i < self->info.dtype->n_members; i++)
    if (strcmp (self->info.dtype->members[i].name, name) == 0)
      return column_new (self->inner, &self->info, i);
  g_set_error (error, EXP_ERROR, EXP_ERROR_NOT_FOUND, "no column '%s'", name);
  return NULL;
}

static const ExpNodeClass columns_class = {
  .free = columns_free,
  .describe = columns_describe,
  .list = columns_list,
  .lookup = columns_lookup,
};

ExpNode *
exp_columns_new (ExpNode *dataset, GError **error)
{
  g_auto (ExpInfo) info = { 0 };

  if (!exp_node_describe (dataset, &info, error))
    return NULL;
  if (info.kind != EXP_KIND_DATASET || info.dtype->type != EXP_TYPE_COMPOUND)
    {
      g_set_error (error, EXP_ERROR, EXP_ERROR_UNSUPPORTED, "only tables have columns");
      return NULL;
    }

  ColumnsNode *self = g_new0 (ColumnsNode, 1);
  exp_node_init (&self->base, &columns_class);
  self->inner = exp_node_ref (dataset);
  exp_info_copy (&info, &self->info);
  return &self->base;
}
