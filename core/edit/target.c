/* A dataset's place in a store.
 * Knows nothing of bytes and texts.
 * Called by every edit when shapes change. */
#include "target.h"
#include <string.h>

#define MAX_COPY (256 * 1024 * 1024)

static gboolean
describe (ExpTarget *target, GError **error)
{
  exp_info_clear (&target->info);
  memset (&target->info, 0, sizeof target->info);
  if (!exp_node_describe (target->node, &target->info, error))
    return FALSE;
  if (target->info.dtype != NULL)
    return TRUE;
  g_set_error (error, EXP_ERROR, EXP_ERROR_IS_A_GROUP, "not a dataset");
  return FALSE;
}

gboolean
exp_target_init (ExpTarget *target, ExpNode *parent, const char *name, ExpNode *node, GError **error)
{
  memset (target, 0, sizeof *target);
  target->parent = exp_node_ref (parent);
  target->name = g_strdup (name);
  target->node = node != NULL ? exp_node_ref (node) : NULL;
  return node == NULL || describe (target, error);
}

void
exp_target_clear (ExpTarget *target)
{
  g_clear_pointer (&target->parent, exp_node_unref);
  g_clear_pointer (&target->name, g_free);
  g_clear_pointer (&target->node, exp_node_unref);
  exp_info_clear (&target->info);
}

gboolean
exp_target_has_no_type (const ExpTarget *target)
{
  const ExpInfo *info = &target->info;

  return target->node == NULL || (info->is_null && info->dtype->type == EXP_TYPE_FLOAT && info->dtype->size == 8);
}

guint64
exp_target_n_rows (const ExpTarget *target)
{
  if (target->node == NULL || target->info.is_null)
    return 0;
  return target->info.rank > 0 ? target->info.shape[0] : 1;
}

gboolean
exp_target_make (ExpTarget *target, const ExpNewDataset *dataset, GError **error)
{
  ExpNode *node = target->node == NULL ? exp_node_create_dataset (target->parent, target->name, dataset, error)
                                       : exp_node_replace_dataset (target->parent, target->name, dataset, error);

  if (node == NULL)
    return FALSE;
  g_clear_pointer (&target->node, exp_node_unref);
  target->node = node;
  return describe (target, error);
}

/* What it is need not be asked for. */
gboolean
exp_target_put_number (ExpTarget *target, const ExpArray *value, GError **error)
{
  target->node = exp_node_put_number (target->parent, target->name, value, error);
  if (target->node == NULL)
    return FALSE;
  target->info = (ExpInfo){ .kind = EXP_KIND_DATASET, .dtype = exp_dtype_ref (value->dtype) };
  return TRUE;
}

gboolean
exp_target_reshape (ExpTarget *target, guint rank, const guint64 *shape, gboolean keeps_rows, GError **error)
{
  const ExpInfo *info = &target->info;
  g_autoptr (GError) reason = NULL;

  if (!info->is_null && info->rank == rank && memcmp (info->shape, shape, rank * sizeof *shape) == 0)
    return TRUE;
  if (!info->is_null && info->rank == rank)
    {
      if (exp_node_resize (target->node, rank, shape, &reason))
        return describe (target, error);
      if (!g_error_matches (reason, EXP_ERROR, EXP_ERROR_UNSUPPORTED))
        {
          g_propagate_error (error, g_steal_pointer (&reason));
          return FALSE;
        }
    }

  g_autoptr (ExpDtype) dtype = info->is_bytes ? exp_dtype_new_file_byte () : exp_dtype_ref (info->dtype);
  ExpNewDataset dataset
      = { .dtype = dtype, .rank = rank, .is_extensible = rank > 0 && keeps_rows, .keeps_rows = keeps_rows };
  memcpy (dataset.shape, shape, rank * sizeof *shape);
  return exp_target_make (target, &dataset, error);
}

gboolean
exp_target_set_n_rows (ExpTarget *target, guint64 n, GError **error)
{
  guint64 shape[EXP_MAX_RANK];

  memcpy (shape, target->info.shape, sizeof shape);
  shape[0] = n;
  return exp_target_reshape (target, target->info.rank, shape, TRUE, error);
}

ExpArray *
exp_target_copy_choosy (const ExpTarget *target)
{
  const ExpInfo *info = &target->info;

  if (target->node == NULL || !info->is_choosy || exp_info_n_elements (info) > MAX_COPY / MAX (info->dtype->size, 1))
    return NULL;
  return exp_node_read_all (target->node, NULL);
}

void
exp_target_restore (ExpTarget *target, const ExpArray *old)
{
  ExpSlab all;

  if (target->node == NULL || target->info.dtype->type != old->dtype->type
      || target->info.dtype->n_members != old->dtype->n_members)
    return;
  g_autoptr (GError) reason = NULL;
  exp_slab_init_all (&all, old->rank, old->shape);
  if (!exp_target_reshape (target, old->rank, old->shape, FALSE, &reason)
      || !exp_node_write (target->node, &all, old, &reason))
    g_warning ("'%s' could not be restored: %s", target->name, reason->message);
}

gboolean
exp_target_remove (ExpTarget *target, GError **error)
{
  if (!exp_node_remove (target->parent, target->name, error))
    return FALSE;
  g_clear_pointer (&target->node, exp_node_unref);
  exp_info_clear (&target->info);
  memset (&target->info, 0, sizeof target->info);
  return TRUE;
}
