/* The files NAME.pickle and NAME.npz: what stands beside a value and is its bytes.
 * Knows which values have which, and how such files are named while they are being written.
 * Called by group.c and items.c. */
#include "whole.h"
#include "filter/delegate.h"
#include "write.h"
#include "write_range.h"
#include <string.h>

static const struct
{
  const char *suffix; /* of the file */
  const char *stored; /* of the item */
  const char *result, *parameter;
} kinds[] = { [EXP_WHOLE_PICKLE] = { ".pickle", "", "PickleResult", "PickleParameter" },
              [EXP_WHOLE_SPARSE] = { ".npz", "__spsp__", "SparseResult", "SparseParameter" } };

const char *
exp_pypet_whole_suffix (ExpPypetWhole kind)
{
  return kinds[kind].stored;
}

const char *
exp_pypet_whole_class (ExpPypetWhole kind, gboolean is_parameter)
{
  return is_parameter ? kinds[kind].parameter : kinds[kind].result;
}

char *
exp_pypet_whole_stem (const char *shown, ExpPypetWhole *kind)
{
  const gsize length = strlen (shown);

  for (guint i = 0; i < G_N_ELEMENTS (kinds); i++)
    {
      const gsize end = strlen (kinds[i].suffix);

      if (length <= end || !g_str_has_suffix (shown, kinds[i].suffix))
        continue;
      g_autofree char *name = g_strndup (shown, length - end);
      *kind = i;
      return *name != '_' && exp_pypet_check_name (name, NULL) && exp_pypet_shown_name (name) == name
                 ? g_steal_pointer (&name)
                 : NULL;
    }
  return NULL;
}

gboolean
exp_pypet_whole_is_aside (const char *shown)
{
  g_autofree char *stored = exp_pypet_stored_name (shown);

  if (strcmp (stored, shown) == 0)
    return FALSE;
  for (guint i = 0; i < G_N_ELEMENTS (kinds); i++)
    if (strstr (shown, kinds[i].suffix) != NULL)
      return TRUE;
  return FALSE;
}

gboolean
exp_pypet_whole_holds (const ExpPypetLeaf *leaf, ExpNode *item, const char *name, ExpPypetWhole kind)
{
  const gboolean is_sparse = g_str_has_suffix (name, kinds[EXP_WHOLE_SPARSE].stored);
  g_auto (ExpInfo) info = { 0 };

  if (is_sparse != (kind == EXP_WHOLE_SPARSE) || (kind == EXP_WHOLE_PICKLE && !leaf->is_pickled))
    return FALSE;
  return exp_node_describe (item, &info, NULL) && info.kind == EXP_KIND_DATASET && info.rank == 0 && !info.is_null
         && info.dtype != NULL && info.dtype->type == EXP_TYPE_STRING;
}

void
exp_pypet_whole_layout (const ExpPypetLeaf *leaf, ExpNode *item, const char *name, ExpLayout *layout)
{
  if (exp_pypet_whole_holds (leaf, item, name, EXP_WHOLE_PICKLE)
      || exp_pypet_whole_holds (leaf, item, name, EXP_WHOLE_SPARSE))
    return;
  layout->flag = exp_pypet_flag (item);
  layout->python = exp_pypet_python (item);
}

gboolean
exp_pypet_whole_is_leaf (const ExpPypetLeaf *leaf, ExpPypetWhole kind)
{
  g_autofree char *single = exp_pypet_leaf_single (leaf, NULL);
  g_autoptr (ExpNode) item = single != NULL ? exp_pypet_child (leaf->inner, single) : NULL;

  if (item == NULL || (leaf->scope->run >= 0 && leaf->is_parameter && exp_pypet_is_explored (leaf->inner)))
    return FALSE;
  return exp_pypet_whole_holds (leaf, item, single, kind);
}

gboolean
exp_pypet_whole_is_taken (const ExpPypetLeaf *leaf, ExpPypetWhole kind)
{
  if (leaf->scope->run >= 0 && leaf->is_parameter && exp_pypet_is_explored (leaf->inner))
    return exp_pypet_range_takes (leaf, kind);
  return exp_pypet_whole_is_leaf (leaf, kind);
}

typedef struct
{
  ExpDelegate base;
  ExpNode *inner;
  ExpPypetWhole kind;
} Bytes;

static ExpNode *
make_bytes (ExpDelegate *delegate, GError **error)
{
  Bytes *self = (Bytes *)delegate;
  g_autoptr (GBytes) bytes = self->kind == EXP_WHOLE_SPARSE ? exp_pypet_sparse_archive (self->inner, error)
                                                            : exp_pypet_read_bytes (self->inner, error);
  g_autoptr (ExpDtype) dtype = exp_dtype_new_number (EXP_TYPE_UINT, 1, FALSE);
  gsize size = 0;

  if (bytes == NULL)
    return NULL;
  const void *data = g_bytes_get_data (bytes, &size);
  guint64 shape[] = { size };
  g_autoptr (ExpArray) array = exp_array_new (dtype, 1, shape, error);
  if (array == NULL)
    return NULL;
  if (size > 0)
    memcpy (array->data, data, size);
  return exp_memory_dataset_new (array, self->kind == EXP_WHOLE_PICKLE ? "pickle" : NULL);
}

static gboolean
bytes_describe (ExpNode *node, ExpInfo *info, GError **error)
{
  if (!exp_delegate_describe (node, info, error))
    return FALSE;
  info->is_bytes = TRUE;
  return TRUE;
}

static void
bytes_free (ExpNode *node)
{
  exp_delegate_clear ((ExpDelegate *)node);
  exp_node_unref (((Bytes *)node)->inner);
  g_free (node);
}

static const ExpNodeClass bytes_class = { .free = bytes_free, .describe = bytes_describe, .read = exp_delegate_read };

static ExpNode *
bytes_new (ExpNode *inner, ExpPypetWhole kind, const ExpNodeClass *klass)
{
  Bytes *self = g_new0 (Bytes, 1);

  exp_node_init (&self->base.base, klass);
  self->base.make = make_bytes;
  self->inner = exp_node_ref (inner);
  self->kind = kind;
  return &self->base.base;
}

static gboolean
file_write (ExpNode *node, const ExpSlab *slab, const ExpArray *array, GError **error)
{
  g_set_error (error, EXP_ERROR, EXP_ERROR_UNSUPPORTED, "such a file is written whole");
  return FALSE;
}

static const ExpNodeClass file_class
    = { .free = bytes_free, .describe = bytes_describe, .read = exp_delegate_read, .write = file_write };

/* A frame has a part that is one, which is read only. */
static ExpNode *
frame_file (ExpNode *frame, ExpPypetWhole kind)
{
  g_autoptr (ExpNode) block = kind == EXP_WHOLE_PICKLE ? exp_pypet_frame_pickled (frame) : NULL;

  return block != NULL ? bytes_new (block, kind, &bytes_class) : NULL;
}

ExpNode *
exp_pypet_whole_file (const ExpPypetLeaf *leaf, ExpNode *item, const char *name, ExpPypetWhole kind, gboolean is_taken)
{
  g_auto (ExpInfo) info = { 0 };

  if (!exp_node_describe (item, &info, NULL))
    return NULL;
  if (info.kind == EXP_KIND_GROUP)
    return frame_file (item, kind);
  return exp_pypet_whole_holds (leaf, item, name, kind) ? bytes_new (
             item, kind, is_taken && leaf->scope->trajectory->store->is_writable ? &file_class : &bytes_class)
                                                        : NULL;
}

ExpNode *
exp_pypet_whole_of_leaf (const ExpPypetLeaf *leaf, ExpPypetWhole kind)
{
  const gint64 run = leaf->scope->run;
  g_autofree char *name = NULL;
  g_autoptr (ExpNode) item = run >= 0 ? exp_pypet_range_stored (leaf, (guint64)run) : NULL;

  if (item != NULL) /* named by its number */
    name = g_strdup (exp_pypet_whole_suffix (kind));
  else
    {
      name = exp_pypet_leaf_single (leaf, NULL);
      item = name != NULL ? exp_pypet_child (leaf->inner, name) : NULL;
    }
  return item != NULL ? exp_pypet_whole_file (leaf, item, name, kind, exp_pypet_whole_is_taken (leaf, kind)) : NULL;
}
