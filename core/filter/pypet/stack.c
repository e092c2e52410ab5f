/* Datasets of one type and shape as one with an axis more.
 * Knows no pypet.
 * Made by range.c. */
#include "stack.h"
#include <string.h>

typedef struct
{
  ExpNode base;
  GPtrArray *values; /* of ExpNode */
  ExpInfo info;      /* of each */
  gsize n;
  guint *indices;
} Stack;

static gboolean
stack_describe (ExpNode *node, ExpInfo *info, GError **error)
{
  Stack *self = (Stack *)node;

  info->kind = EXP_KIND_DATASET;
  info->dtype = exp_dtype_ref (self->info.dtype);
  info->rank = self->info.rank + 1;
  info->shape[0] = self->n;
  memcpy (info->shape + 1, self->info.shape, self->info.rank * sizeof *info->shape);
  return TRUE;
}

static gboolean
stack_read (ExpNode *node, const ExpSlab *slab, ExpArray *array, GError **error)
{
  Stack *self = (Stack *)node;
  ExpSlab part = { .rank = slab->rank - 1 };
  guint8 *out = array->data;
  g_autoptr (GPtrArray) kept = g_ptr_array_new_with_free_func ((GDestroyNotify)exp_array_unref);

  for (guint i = 0; i < part.rank; i++)
    {
      part.start[i] = slab->start[i + 1];
      part.count[i] = slab->count[i + 1];
      part.step[i] = slab->step[i + 1];
    }
  for (guint64 i = 0; i < slab->count[0]; i++)
    {
      guint index = self->indices[slab->start[0] + i * slab->step[0]];
      ExpArray *stored = exp_node_read (self->values->pdata[index], &self->info, &part, error);

      if (stored == NULL)
        return FALSE;
      g_ptr_array_add (kept, stored);
      if (stored->n_elements > 0)
        memcpy (out, stored->data, stored->n_elements * stored->dtype->size);
      out += stored->n_elements * stored->dtype->size;
      if (!exp_dtype_has_vlen (stored->dtype))
        g_ptr_array_set_size (kept, 0);
    }
  return !exp_dtype_has_vlen (self->info.dtype) || exp_array_own_cells (array, error);
}

static void
stack_free (ExpNode *node)
{
  Stack *self = (Stack *)node;

  g_ptr_array_unref (self->values);
  exp_info_clear (&self->info);
  g_free (self->indices);
  g_free (self);
}

static const ExpNodeClass stack_class = { .free = stack_free, .describe = stack_describe, .read = stack_read };

static gboolean
is_alike (const ExpInfo *a, const ExpInfo *b)
{
  return a->kind == EXP_KIND_DATASET && b->kind == EXP_KIND_DATASET && !a->is_null && !b->is_null && a->rank == b->rank
         && memcmp (a->shape, b->shape, a->rank * sizeof *a->shape) == 0 && exp_dtype_equal (a->dtype, b->dtype);
}

ExpNode *
exp_pypet_stack_new (GPtrArray *values, const guint *indices, gsize n)
{
  g_auto (ExpInfo) first = { 0 };

  if (values->len == 0 || !exp_node_describe (values->pdata[0], &first, NULL) || first.kind != EXP_KIND_DATASET
      || first.rank + 1 > EXP_MAX_RANK)
    return NULL;
  for (guint i = 1; i < values->len; i++)
    {
      g_auto (ExpInfo) info = { 0 };

      if (!exp_node_describe (values->pdata[i], &info, NULL) || !is_alike (&first, &info))
        return NULL;
    }

  Stack *self = g_new0 (Stack, 1);
  exp_node_init (&self->base, &stack_class);
  self->values = g_ptr_array_ref (values);
  exp_info_copy (&first, &self->info);
  self->info.is_at_hand = FALSE;
  self->n = n;
  self->indices = g_memdup2 (indices, n * sizeof *indices);
  return &self->base;
}
