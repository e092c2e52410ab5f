/* A column of a table as a dataset, or its value in one row.
 * Knows compounds; which column means what it does not.
 * Made by item.c for parameters, dict.c, range.c and stored.c. */
#include "pypet.h"
#include "type.h"
#include "write_cast.h"
#include <string.h>

typedef struct
{
  ExpNode base;
  ExpNode *table;
  ExpDtype *row_type;
  guint64 row;  /* or EXP_ALL_ROWS */
  gsize offset; /* of the member in a row */
  ExpDtype *from, *to;
  guint n_dims; /* of an array member; they are the last axes of the shape */
  guint64 dims[EXP_MAX_RANK];
  const char *encoding;
} Field;

static gboolean
field_describe (ExpNode *node, ExpInfo *info, GError **error)
{
  Field *self = (Field *)node;
  guint rank = 0;

  if (!exp_node_describe (self->table, info, error))
    return FALSE;
  exp_dtype_unref (info->dtype);
  info->dtype = exp_dtype_ref (self->to);
  info->identity = 0;
  info->n_links = 0;
  if (self->row == EXP_ALL_ROWS)
    rank = 1;
  for (guint i = 0; i < self->n_dims; i++)
    info->shape[rank++] = self->dims[i];
  info->rank = rank;
  return TRUE;
}

/* The selected elements of one row, axis by axis. */
static gboolean
copy_axis (Field *self, const ExpSlab *slab, guint first, guint axis, gsize offset, const guint8 *cell, guint8 **out,
           ExpArray *array, GError **error)
{
  if (axis == self->n_dims)
    {
      if (!exp_cast_cell (self->from, cell + offset * self->from->size, self->to, *out, self->encoding, array, error))
        return FALSE;
      *out += self->to->size;
      return TRUE;
    }
  for (guint64 i = 0; i < slab->count[first + axis]; i++)
    {
      guint64 index = slab->start[first + axis] + i * slab->step[first + axis];

      if (!copy_axis (self, slab, first, axis + 1, offset * self->dims[axis] + index, cell, out, array, error))
        return FALSE;
    }
  return TRUE;
}

/* The rows that `slab` touches, whole. */
static ExpArray *
read_rows (Field *self, const ExpSlab *slab, ExpSlab *rows, GError **error)
{
  g_auto (ExpInfo) info = { 0 };

  *rows = (ExpSlab){ .rank = 1, .start = { self->row }, .count = { 1 }, .step = { 1 } };
  if (self->row == EXP_ALL_ROWS)
    {
      rows->start[0] = slab->start[0];
      rows->count[0] = slab->count[0];
      rows->step[0] = slab->step[0];
    }
  if (!exp_node_describe (self->table, &info, error))
    return NULL;
  if (exp_dtype_equal (info.dtype, self->row_type))
    return exp_node_read (self->table, &info, rows, error);
  g_set_error (error, EXP_ERROR, EXP_ERROR_DAMAGED, "the table has changed");
  return NULL;
}

static gboolean
field_read (ExpNode *node, const ExpSlab *slab, ExpArray *array, GError **error)
{
  Field *self = (Field *)node;
  ExpSlab rows;
  g_autoptr (ExpArray) stored = read_rows (self, slab, &rows, error);
  guint8 *out = array->data;

  if (stored == NULL)
    return FALSE;
  for (gsize i = 0; i < stored->n_elements; i++)
    if (!copy_axis (self, slab, self->row == EXP_ALL_ROWS, 0, 0, stored->data + i * stored->dtype->size + self->offset,
                    &out, array, error))
      return FALSE;
  return !exp_dtype_has_vlen (self->from) || exp_array_own_cells (array, error);
}

/* The other way: into the selected elements of one row. */
static gboolean
put_axis (Field *self, const ExpSlab *slab, guint first, guint axis, gsize offset, guint8 *cell, const guint8 **from,
          const ExpDtype *type, GError **error)
{
  if (axis == self->n_dims)
    {
      if (!exp_cast_back_cell (type, *from, self->from, cell + offset * self->from->size, self->encoding, error))
        return FALSE;
      *from += type->size;
      return TRUE;
    }
  for (guint64 i = 0; i < slab->count[first + axis]; i++)
    {
      guint64 index = slab->start[first + axis] + i * slab->step[first + axis];

      if (!put_axis (self, slab, first, axis + 1, offset * self->dims[axis] + index, cell, from, type, error))
        return FALSE;
    }
  return TRUE;
}

static gboolean
field_write (ExpNode *node, const ExpSlab *slab, const ExpArray *array, GError **error)
{
  Field *self = (Field *)node;
  ExpSlab rows;
  g_autoptr (ExpArray) stored = read_rows (self, slab, &rows, error);
  const guint8 *from = array->data;

  if (stored == NULL)
    return FALSE;
  for (gsize i = 0; i < stored->n_elements; i++)
    if (!put_axis (self, slab, self->row == EXP_ALL_ROWS, 0, 0, stored->data + i * stored->dtype->size + self->offset,
                   &from, array->dtype, error))
      return FALSE;
  return exp_node_write (self->table, &rows, stored, error);
}

static void
field_free (ExpNode *node)
{
  Field *self = (Field *)node;

  exp_node_unref (self->table);
  g_clear_pointer (&self->row_type, exp_dtype_unref);
  g_clear_pointer (&self->from, exp_dtype_unref);
  g_clear_pointer (&self->to, exp_dtype_unref);
  g_free (self);
}

static const ExpNodeClass field_class
    = { .free = field_free, .describe = field_describe, .read = field_read, .write = field_write };

static const ExpMember *
find_member (const ExpDtype *dtype, const char *name)
{
  for (guint i = 0; dtype != NULL && dtype->type == EXP_TYPE_COMPOUND && i < dtype->n_members; i++)
    if (strcmp (dtype->members[i].name, name) == 0)
      return &dtype->members[i];
  return NULL;
}

ExpNode *
exp_pypet_field_new (ExpNode *table, const char *column, guint64 row, const char *scalar_type, const char *encoding,
                     GError **error)
{
  g_auto (ExpInfo) info = { 0 };

  if (!exp_node_describe (table, &info, error))
    return NULL;
  const ExpMember *member = info.rank == 1 ? find_member (info.dtype, column) : NULL;
  if (member == NULL)
    {
      g_set_error (error, EXP_ERROR, EXP_ERROR_DAMAGED, "the table has no column '%s'", column);
      return NULL;
    }
  if (row != EXP_ALL_ROWS && row >= info.shape[0])
    {
      g_set_error (error, EXP_ERROR, EXP_ERROR_DAMAGED, "the table has no row %" G_GUINT64_FORMAT, row);
      return NULL;
    }

  ExpDtype *element = member->dtype;
  gboolean is_array = element->type == EXP_TYPE_ARRAY && element->n_dims + 1 <= EXP_MAX_RANK;
  g_autofree char *noted = scalar_type == NULL ? exp_pypet_column_type (table, column) : NULL;
  Field *self = g_new0 (Field, 1);

  exp_node_init (&self->base, &field_class);
  self->table = exp_node_ref (table);
  self->row = row;
  self->offset = member->offset;
  self->from = exp_dtype_ref (is_array ? element->base : element);
  self->to = exp_pypet_type_new (self->from, scalar_type != NULL ? scalar_type : noted, encoding);
  self->n_dims = is_array ? element->n_dims : 0;
  memcpy (self->dims, element->dims, self->n_dims * sizeof *self->dims);
  self->encoding = encoding;
  self->row_type = g_steal_pointer (&info.dtype);
  return &self->base;
}
