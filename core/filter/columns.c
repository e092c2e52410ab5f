/* x.cols/: the members of a compound dataset, each as a dataset of its own.
 * Knows no format and no view; slices and views of a column come from stacking.
 * Made by name resolution in fs/. */
#include "expfs/select.h"
#include <string.h>

typedef struct
{
  ExpNode base;
  ExpNode *inner;
  ExpInfo info; /* of the inner dataset */
  guint member;
} ColumnNode;

typedef struct
{
  ExpNode base;
  ExpNode *inner;
  ExpInfo info;
} ColumnsNode;

/* --- one column --------------------------------------------------------------------------------------------- */

static void
column_free (ExpNode *node)
{
  ColumnNode *self = (ColumnNode *)node;

  exp_node_unref (self->inner);
  exp_info_clear (&self->info);
  g_free (self);
}

static gboolean
column_describe (ExpNode *node, ExpInfo *info, GError **error)
{
  ColumnNode *self = (ColumnNode *)node;

  exp_info_copy (&self->info, info);
  exp_dtype_unref (info->dtype);
  info->dtype = exp_dtype_ref (self->info.dtype->members[self->member].dtype);
  info->identity = 0;
  info->n_links = 0;
  return TRUE;
}

static gboolean
column_read (ExpNode *node, const ExpSlab *slab, ExpArray *array, GError **error)
{
  ColumnNode *self = (ColumnNode *)node;
  const ExpMember *member = &self->info.dtype->members[self->member];
  g_autoptr (ExpArray) rows = exp_node_read (self->inner, &self->info, slab, error);

  if (rows == NULL)
    return FALSE;
  for (gsize i = 0; i < rows->n_elements; i++)
    memcpy (array->data + i * member->dtype->size, rows->data + i * rows->dtype->size + member->offset,
            member->dtype->size);
  return exp_array_own_cells (array, error);
}

static const ExpNodeClass column_class = {
  .free = column_free,
  .describe = column_describe,
  .read = column_read,
};

static ExpNode *
column_new (ExpNode *inner, const ExpInfo *info, guint member)
{
  ColumnNode *self = g_new0 (ColumnNode, 1);

  exp_node_init (&self->base, &column_class);
  self->inner = exp_node_ref (inner);
  self->member = member;
  exp_info_copy (info, &self->info);
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
  if (info.dtype == NULL || info.dtype->type != EXP_TYPE_COMPOUND)
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
