/* Datasets and tables with the types that pypet hands back. Nothing is read to describe one.
 * Knows SRVC_COLUMN_... attributes; where the dataset stands in a leaf it does not.
 * Made by item.c, node.c, root.c and overview.c. */
#include "pypet.h"
#include "type.h"
#include "write_cast.h"
#include <string.h>

typedef struct
{
  ExpNode base;
  ExpNode *inner;
  ExpDtype *from;
  ExpDtype *to;
  const char *encoding; /* interned or static */
  gboolean is_file;
} Typed;

static gboolean
typed_describe (ExpNode *node, ExpInfo *info, GError **error)
{
  Typed *self = (Typed *)node;

  if (!exp_node_describe (self->inner, info, error))
    return FALSE;
  exp_dtype_unref (info->dtype);
  info->dtype = exp_dtype_ref (self->to);
  info->is_bytes = self->is_file;
  return TRUE;
}

static gboolean
typed_layout (ExpNode *node, ExpLayout *layout, GError **error)
{
  return exp_node_layout (((Typed *)node)->inner, layout, error);
}

static gboolean
typed_read (ExpNode *node, const ExpSlab *slab, ExpArray *array, GError **error)
{
  Typed *self = (Typed *)node;

  return exp_cast_read (self->inner, self->from, slab, array, self->encoding, error);
}

static gboolean
typed_write (ExpNode *node, const ExpSlab *slab, const ExpArray *array, GError **error)
{
  Typed *self = (Typed *)node;

  return exp_cast_write (self->inner, self->from, slab, array, self->encoding, error);
}

/* A table says again how many rows it has. */
static gboolean
typed_resize (ExpNode *node, guint rank, const guint64 *shape, GError **error)
{
  Typed *self = (Typed *)node;
  g_autoptr (ExpArray) old = exp_node_read_attribute (self->inner, "NROWS", NULL);
  g_auto (ExpInfo) info = { 0 };

  if (!exp_node_describe (self->inner, &info, error) || !exp_node_resize (self->inner, rank, shape, error))
    return FALSE;
  if (old == NULL || rank == 0)
    return TRUE;
  g_autoptr (ExpArray) n_rows = exp_array_new_int ((gint64)shape[0]);
  if (exp_node_write_attribute (self->inner, "NROWS", n_rows, error))
    return TRUE;
  exp_node_resize (self->inner, info.rank, info.shape, NULL);
  return FALSE;
}

static char **
typed_list_attributes (ExpNode *node, GError **error)
{
  return exp_pypet_list_attributes (((Typed *)node)->inner, error);
}

static ExpArray *
typed_read_attribute (ExpNode *node, const char *name, GError **error)
{
  return exp_pypet_read_attribute (((Typed *)node)->inner, name, error);
}

static void
typed_free (ExpNode *node)
{
  Typed *self = (Typed *)node;

  exp_node_unref (self->inner);
  exp_dtype_unref (self->from);
  exp_dtype_unref (self->to);
  g_free (self);
}

static const ExpNodeClass typed_class = {
  .free = typed_free,
  .describe = typed_describe,
  .layout = typed_layout,
  .read = typed_read,
  .write = typed_write,
  .resize = typed_resize,
  .list_attributes = typed_list_attributes,
  .read_attribute = typed_read_attribute,
};

char *
exp_pypet_column_type (ExpNode *table, const char *column)
{
  g_autofree char *attribute = g_strdup_printf ("SRVC_COLUMN_%s_SCALAR_TYPE", column);

  return exp_pypet_text (table, attribute);
}

/* Members stay where they are unless one changes its size. */
static ExpDtype *
compound_type (ExpNode *inner, const ExpDtype *from, const char *encoding, GError **error)
{
  g_autofree ExpMember *members = g_new0 (ExpMember, from->n_members);
  gboolean keeps_sizes = TRUE;
  gsize size = 0;

  for (guint i = 0; i < from->n_members; i++)
    {
      g_autofree char *noted = exp_pypet_column_type (inner, from->members[i].name);

      members[i] = from->members[i];
      members[i].dtype = exp_pypet_type_new (from->members[i].dtype, noted, encoding);
      keeps_sizes = keeps_sizes && members[i].dtype->size == from->members[i].dtype->size;
    }
  for (guint i = 0; i < from->n_members && !keeps_sizes; i++)
    {
      members[i].offset = size;
      size += members[i].dtype->size;
    }
  return exp_dtype_new_compound (keeps_sizes ? from->size : size, from->n_members, members, error);
}

/* Bytes of a file, as this program notes it. */
static gboolean
is_file (ExpNode *inner, const ExpInfo *info)
{
  if (info->rank != 1 || info->is_null || info->dtype->type != EXP_TYPE_UINT || info->dtype->size != 1)
    return FALSE;
  g_autofree char *noted = exp_pypet_text (inner, EXP_PYPET_FILE);
  return noted != NULL;
}

ExpNode *
exp_pypet_typed_new (ExpNode *inner, const char *scalar_type, const char *encoding, GError **error)
{
  g_auto (ExpInfo) info = { 0 };

  if (!exp_node_describe (inner, &info, error))
    return NULL;
  if (info.dtype == NULL || info.kind != EXP_KIND_DATASET)
    return exp_node_ref (inner);

  g_autoptr (ExpDtype) to = info.dtype->type == EXP_TYPE_COMPOUND
                                ? compound_type (inner, info.dtype, encoding, error)
                                : exp_pypet_type_new (info.dtype, scalar_type, encoding);
  if (to == NULL)
    return NULL;

  Typed *self = g_new0 (Typed, 1);
  exp_node_init (&self->base, &typed_class);
  self->inner = exp_node_ref (inner);
  self->is_file = is_file (inner, &info);
  self->from = g_steal_pointer (&info.dtype);
  self->to = g_steal_pointer (&to);
  self->encoding = encoding;
  return &self->base;
}
