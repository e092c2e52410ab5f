/* The value of one run, where each distinct value of a range is a child of its own: arrays of any shape, pickles,
 * sparse matrices. What was not explored is from then on. Knows how such children are numbered; what they hold is
 * write_range_arrays.c's and write_whole.c's. Called by range_runs.c and write_place.c. */
#include "type.h"
#include "write.h"
#include "write_cast.h"
#include "write_range.h"
#include <string.h>

ExpPypetRangeKind
exp_pypet_range_numbered_kind (const ExpPypetLeaf *leaf)
{
  g_autofree char *own = leaf->is_parameter ? exp_pypet_leaf_single (leaf, NULL) : NULL;
  ExpPypetRangeKind kind = EXP_RANGE_NONE, stored;
  g_autoptr (ExpNode) table = own != NULL ? exp_pypet_range_table (leaf->inner, &stored) : NULL;

  if (g_strcmp0 (own, "data__rr__") == 0)
    kind = EXP_RANGE_ARRAYS;
  else if (g_strcmp0 (own, "data__spsp__") == 0)
    kind = EXP_RANGE_SPARSE;
  else if (g_strcmp0 (own, "data") == 0)
    {
      g_autoptr (ExpNode) data = exp_pypet_child (leaf->inner, own);

      if (data != NULL && exp_pypet_whole_holds (leaf, data, own, EXP_WHOLE_PICKLE))
        kind = EXP_RANGE_PICKLES;
    }
  return table != NULL && stored != kind ? EXP_RANGE_NONE : kind;
}

gboolean
exp_pypet_range_takes (const ExpPypetLeaf *leaf, ExpPypetWhole whole)
{
  return leaf->scope->branch != EXP_BRANCH_CONFIG
         && exp_pypet_range_numbered_kind (leaf) == (whole == EXP_WHOLE_PICKLE ? EXP_RANGE_PICKLES : EXP_RANGE_SPARSE);
}

/* The numbers of the runs' values, and in *next the first that is free. NULL with an error. */
static GArray *
read_numbers (const ExpPypetLeaf *leaf, gint32 *next, GError **error)
{
  ExpPypetRangeKind kind;
  g_autoptr (ExpNode) table = exp_pypet_range_table (leaf->inner, &kind);
  g_autoptr (GArray) numbers = g_array_new (FALSE, FALSE, sizeof (gint32));
  g_autoptr (ExpNode) column
      = table != NULL ? exp_pypet_field_new (table, "idx", EXP_ALL_ROWS, "int", "utf8", error) : NULL;
  g_autoptr (ExpArray) cells = column != NULL ? exp_node_read_all (column, error) : NULL;

  *next = 0;
  if (table == NULL)
    return g_steal_pointer (&numbers);
  if (cells == NULL)
    return NULL;
  for (gsize i = 0; i < cells->n_elements; i++)
    {
      const gint64 cell = exp_cell_int (cells->dtype, cells->data + i * cells->dtype->size);
      const gint32 number = (gint32)CLAMP (cell, 0, G_MAXINT32 - 1);

      if (cell != number)
        {
          g_set_error (error, EXP_ERROR, EXP_ERROR_DAMAGED, "the explored values are not numbered");
          return NULL;
        }
      g_array_append_val (numbers, number);
      *next = MAX (*next, number + 1);
    }
  return g_steal_pointer (&numbers);
}

/* The parameter's own value as number `number`: that of runs without one. */
static gboolean
store_own (ExpPypetChange *change, const ExpPypetLeaf *leaf, ExpPypetRangeKind kind, gint32 number, GError **error)
{
  g_autofree char *own_name = exp_pypet_leaf_single (leaf, error);
  g_autoptr (ExpNode) own = own_name != NULL ? exp_node_lookup (leaf->inner, own_name, error) : NULL;
  g_autofree char *name = NULL;
  g_autoptr (ExpNode) group
      = own != NULL ? exp_pypet_range_place (change, leaf, kind, (guint)number, &name, error) : NULL;

  return group != NULL && exp_pypet_change_copy (change, group, name, own, error);
}

static gboolean
store_value (ExpPypetChange *change, const ExpPypetLeaf *leaf, ExpPypetRangeKind kind, gint32 number, GBytes *bytes,
             ExpArray *array, GError **error)
{
  g_autofree char *name = NULL;

  if (kind == EXP_RANGE_ARRAYS)
    return exp_pypet_range_store_array (change, leaf, (guint)number, array, error);
  g_autoptr (ExpNode) group = exp_pypet_range_place (change, leaf, kind, (guint)number, &name, error);
  return group != NULL
         && exp_pypet_whole_put (change, leaf, group, name,
                                 kind == EXP_RANGE_PICKLES ? EXP_WHOLE_PICKLE : EXP_WHOLE_SPARSE, bytes, error);
}

/* A value that no run has any more. */
static gboolean
drop_unused (ExpPypetChange *change, const ExpPypetLeaf *leaf, ExpPypetRangeKind kind, GArray *numbers, gint32 number,
             GError **error)
{
  g_autofree char *name = NULL;

  for (guint i = 0; i < numbers->len; i++)
    if (g_array_index (numbers, gint32, i) == number)
      return TRUE;
  g_autoptr (ExpNode) group = exp_pypet_range_place (change, leaf, kind, (guint)number, &name, error);
  return group != NULL && exp_pypet_change_remove (change, group, name, error);
}

static gboolean
set_value (ExpPypetChange *change, const ExpPypetLeaf *leaf, guint64 run, GBytes *bytes, ExpArray *array,
           GError **error)
{
  const ExpPypetRangeKind kind = exp_pypet_range_numbered_kind (leaf);
  const guint64 n = MAX (exp_pypet_n_runs (leaf->scope->trajectory), run + 1);
  gint32 next = 0, old = -1;
  g_autoptr (GArray) numbers = read_numbers (leaf, &next, error);

  if (numbers == NULL || !exp_pypet_range_grow_others (change, leaf, n, error))
    return FALSE;
  const gboolean has_old = run < numbers->len;
  if (has_old)
    old = g_array_index (numbers, gint32, run);
  const gboolean needs_own = numbers->len + (has_old ? 0 : 1) < n;
  if (needs_own && !store_own (change, leaf, kind, next, error))
    return FALSE;
  while (numbers->len < n)
    g_array_append_val (numbers, next);
  if (needs_own)
    next++;
  g_array_index (numbers, gint32, run) = next;
  exp_pypet_change_note_moved (change);
  return store_value (change, leaf, kind, next, bytes, array, error)
         && (!has_old || drop_unused (change, leaf, kind, numbers, old, error))
         && exp_pypet_range_store_numbers (change, leaf, kind, (const gint32 *)numbers->data, n, error);
}

gboolean
exp_pypet_range_put_run (ExpPypetChange *change, const ExpPypetLeaf *leaf, guint64 run, GBytes *bytes, ExpArray *array,
                         GError **error)
{
  const gboolean was_explored = exp_pypet_is_explored (leaf->inner);
  ExpPypetLeaf own = *leaf;

  if (leaf->scope->branch == EXP_BRANCH_CONFIG || exp_pypet_range_numbered_kind (leaf) == EXP_RANGE_NONE)
    {
      g_set_error (error, EXP_ERROR, EXP_ERROR_UNSUPPORTED, "'%s' is no parameter whose values are kept one by one",
                   leaf->name);
      return FALSE;
    }
  if (run >= G_MAXINT32)
    {
      g_set_error (error, EXP_ERROR, EXP_ERROR_INVALID, "there is no run %" G_GUINT64_FORMAT, run);
      return FALSE;
    }
  /* As it is outside of runs. */
  g_autoptr (ExpPypetScope) scope = exp_pypet_scope_new (leaf->scope->trajectory, leaf->scope->branch, -1);
  own.scope = scope;
  return set_value (change, &own, run, bytes, array, error)
         && (was_explored ? exp_pypet_overview_update (change, &own, FALSE, error)
                          : exp_pypet_range_note_explored (change, &own, error));
}

/* --- arrays ------------------------------------------------------------------------------------------------- */

gboolean
exp_pypet_range_create_run (ExpPypetChange *change, const ExpPypetLeaf *leaf, guint64 run, const ExpNewDataset *dataset,
                            GError **error)
{
  if (exp_pypet_range_numbered_kind (leaf) != EXP_RANGE_ARRAYS || dataset->is_null || dataset->rank == 0)
    {
      g_set_error (error, EXP_ERROR, EXP_ERROR_UNSUPPORTED,
                   "the value of a run is an array where the parameter's own is one; a pickle is written as "
                   "NAME.pickle, a sparse matrix as NAME.npz");
      return FALSE;
    }
  g_autoptr (ExpArray) zeros = exp_array_new ((ExpDtype *)dataset->dtype, dataset->rank, dataset->shape, error);
  return zeros != NULL && exp_pypet_range_put_run (change, leaf, run, NULL, zeros, error);
}

gboolean
exp_pypet_range_write_run (ExpPypetChange *change, const ExpPypetLeaf *leaf, guint64 run, const ExpSlab *slab,
                           const ExpArray *array, GError **error)
{
  g_autoptr (ExpNode) value = exp_pypet_range_value (leaf, run, error);
  g_auto (ExpInfo) info = { 0 };
  ExpSlab all;

  if (value == NULL || !exp_node_describe (value, &info, error))
    return FALSE;
  g_autoptr (ExpArray) old = exp_node_read_all (value, error);
  g_autoptr (ExpArray) given = old != NULL ? exp_cast_back (array, info.dtype, "utf8", error) : NULL;
  g_autoptr (ExpNode) memory = exp_memory_store_new ();
  ExpNewDataset dataset = { .dtype = info.dtype, .rank = info.rank };

  if (given == NULL)
    return FALSE;
  memcpy (dataset.shape, info.shape, sizeof dataset.shape);
  exp_slab_init_all (&all, info.rank, info.shape);
  g_autoptr (ExpNode) whole = exp_node_create_dataset (memory, "value", &dataset, error);
  if (whole == NULL || !exp_node_write (whole, &all, old, error) || !exp_node_write (whole, slab, given, error))
    return FALSE;
  g_autoptr (ExpArray) merged = exp_node_read_all (whole, error);
  return merged != NULL && exp_pypet_range_put_run (change, leaf, run, NULL, merged, error);
}
